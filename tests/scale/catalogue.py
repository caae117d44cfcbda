#!/usr/bin/env python3
"""Measures `publish` and `search` over a made show of many imported episodes, without audio:
tests/scale/catalogue.py BIN FOLDER [EPISODES]. FOLDER is made, and used again where it is there.

Each figure is wall time, processor time and the largest memory of the one command that stands before it. The bytes written
are those of the site's files that are new or other ones than before.
"""

import datetime
import os
import random
import re
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

PARAGRAPHS, WORDS_EACH, VOCABULARY = 80, 50, 1 << 15
SYLLABLES = ["ba", "de", "fi", "go", "ku", "la", "me", "ni", "po", "ru", "sa", "te", "vi", "wo", "zu", "ha"]
SHOW = """name = "The Long Count"
tagline = "Two people talk about what they counted."
author = "The Counters"
category = "Science"
image = "https://count.example/cover.jpg"
base_url = "https://count.example"
feed_items = 100
people = [{ name = "Mara Quill" }]
"""


def word(rank: int) -> str:
    left, text = rank + 16, ""
    while left:
        text += SYLLABLES[left % 16]
        left //= 16
    return text


def transcript(number: int) -> str:
    dice = random.Random(number)
    guest = f"{word(number % 180 + 300).capitalize()} {word(number % 180).capitalize()}"
    lines, at = [], 2.0
    for paragraph in range(PARAGRAPHS):
        words = [word(int(VOCABULARY ** dice.random())) for _ in range(WORDS_EACH)]
        name = "Mara Quill" if paragraph % 3 == 0 else guest
        lines.append(f"{name}: [{datetime.timedelta(seconds=int(at))!s:0>8}] {' '.join(words).capitalize()}.")
        at += WORDS_EACH * 0.33
    return "\n\n".join(lines) + "\n"


def add(binary: str, show: Path, number: int) -> None:
    episode = show / f"{number + 1:04}-{word(number)}"
    if (episode / "out/index.html").is_file():
        return
    source = show.parent / f"{number}.txt"
    source.write_text(transcript(number))
    subprocess.run([binary, "-q", "import", source, "-o", episode], check=True, stdout=subprocess.DEVNULL)
    source.unlink()
    day = datetime.date(1930, 1, 7) + datetime.timedelta(weeks=number)
    facts = episode / "episode.toml"
    lines = [line for line in facts.read_text().splitlines() if not line.startswith(("title", "date", "number", "audio"))]
    title = f"On {word(number).capitalize()} and what became of {word(number + 700)}"
    audio = f"https://count.example/audio/{number + 1}.mp3"
    facts.write_text(f'title = "{title}"\nnumber = {number + 1}\ndate = "{day}"\naudio_url = "{audio}"\n' + "\n".join(lines) + "\n")


def run(*command: str) -> tuple[float, float, int]:
    """Seconds, seconds of processor, kB of memory."""
    begun = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    said = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{command}: {said}")
    return time.perf_counter() - begun, usage.ru_utime + usage.ru_stime, usage.ru_maxrss


def files(site: Path) -> dict[str, tuple[int, int, int]]:
    def stamp(path: Path) -> tuple[int, int, int]:
        facts = path.stat()
        return facts.st_mtime_ns, facts.st_size, facts.st_ino

    return {str(path.relative_to(site)): stamp(path) for path in site.rglob("*") if path.is_file()}


def publish(what: str, binary: str, show: Path) -> None:
    site = show / "site"
    before = files(site) if site.is_dir() else {}
    seconds, processor, memory = run(binary, "publish", "-q", str(show))
    changed = {name: facts for name, facts in files(site).items() if before.get(name) != facts}
    size = sum(facts[1] for facts in changed.values())
    print(f"publish, {what}: {seconds:.1f} s, {processor:.1f} s of processor, {memory // 1024} MB, {len(changed)} files of {size / 1e6:.2f} MB written", flush=True)
    kinds: dict[str, int] = {}
    for name, facts in changed.items():
        kind = re.sub(r"^\d{4}-[a-z]+/", "EPISODE/", re.sub(r"(text|people)/[^/]+", r"\1/…", re.sub(r"-\d+", "-N", name) if "search" in name else name))
        kinds[kind] = kinds.get(kind, 0) + facts[1]
    largest = sorted(kinds.items(), key=lambda kind: -kind[1])[:6]
    print("   " + ", ".join(f"{kind} {size / 1e3:.0f} kB" for kind, size in largest if size), flush=True)


def main() -> None:
    binary, folder = os.path.abspath(sys.argv[1]), Path(sys.argv[2]).resolve()
    count = int(sys.argv[3]) if len(sys.argv) > 3 else 5_000
    show = folder / "show"
    show.mkdir(parents=True, exist_ok=True)
    (show / "show.toml").write_text(SHOW)
    begun = time.perf_counter()
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(lambda number: add(binary, show, number), range(count)))
    print(f"{count} episodes of {PARAGRAPHS * WORDS_EACH} words imported in {time.perf_counter() - begun:.0f} s", flush=True)
    publish("the first time", binary, show)
    publish("nothing changed", binary, show)
    middle = next(show.glob(f"{count // 2:04}-*"))
    edits = middle / "edits.toml"
    first = next(middle.glob("*.txt")).read_text().split("] ")[1].split()[0]
    edits.write_text(f'[[replace]]\nfind = "{first}"\nwith = "{first}x{int(time.time())}"\n')
    publish("one word of an old episode changed", binary, show)
    new = next(number for number in range(count, 2 * count) if not list(show.glob(f"{number + 1:04}-*")))
    add(binary, show, new)
    publish("one new episode", binary, show)
    site = show / "site"
    catalog, page = site / "search/catalog.json", site / "search/index.html"
    print(f"search page, first load: {(catalog.stat().st_size + page.stat().st_size) / 1e3:.0f} kB")
    for name in ["index.html", "feed.xml"]:
        print(f"{name}: {(site / name).stat().st_size / 1e3:.0f} kB")
    seconds, processor, memory = run(binary, "search", "--show", str(show), "bade goku")
    print(f"search, the index is made: {seconds:.1f} s, {processor:.1f} s of processor, {memory // 1024} MB")
    for words in ["bade goku", "ba", '"fi go"', "badegokux"]:
        times = [run(binary, "search", "--show", str(show), words) for _ in range(5)]
        print(f"search {words}: {min(t[0] for t in times) * 1e3:.0f} ms, {min(t[1] for t in times) * 1e3:.0f} ms of processor")


if __name__ == "__main__":
    main()
