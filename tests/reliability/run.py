#!/usr/bin/env python3
"""Runs the tests of damage, kills, concurrency and strange input, and writes what they counted.

usage: run.py PAGE [SECONDS]

A test says a figure on a line of its own, `reliability: KEY = VALUE`; numbers of one key are added.
`page.md`, beside this file, is the page with {KEY} in the place of each figure; a row with {*} stands
for all keys of that form, and {sum KEY} for their sum. A figure without a place is an error, and so is a
place without a figure. Each fuzz target gets SECONDS, 60 unless told. What the tests print is kept in
target/reliability.log.
"""
import datetime, os, pathlib, platform, re, subprocess, sys

root = pathlib.Path(__file__).resolve().parents[2]
target = pathlib.Path(os.environ.get("CARGO_TARGET_DIR") or root / "target")
FIGURE = re.compile(r"\breliability: ([a-z0-9_.]+) = (.+)$")
PLACE = re.compile(r"\{(sum )?([a-z0-9_.*]+)\}")


def output(*command):
    return subprocess.run(command, cwd=root, check=True, capture_output=True, text=True).stdout.strip()


def measure(seconds):
    """Runs everything, and returns the lines that were printed."""
    make = os.environ.get("MAKE", "make")
    lines = []
    target.mkdir(parents=True, exist_ok=True)
    with open(target / "reliability.log", "w") as log:
        for step in (["reliability-tests"], ["fuzz", f"FOR={seconds}"], ["deny"]):
            command = [make, "--no-print-directory", *step]
            with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                                  text=True, errors="replace") as running:
                for line in running.stdout:
                    print(line, end="")
                    log.write(line)
                    lines.append(line.rstrip("\n"))
            if running.returncode != 0:
                sys.exit(f"reliability: make {' '.join(step)} failed, and no page is written")
    if skipped := [line for line in lines if "NOT RUN" in line]:
        sys.exit(f"reliability: no page is written, as something was not run\n{skipped[0]}")
    return lines


def machine():
    """What the page says of where and when, by key."""
    commit, changed = output("git", "rev-parse", "HEAD"), output("git", "status", "--porcelain")
    if [line for line in changed.splitlines() if not line.endswith("docs/reliability.md")]:
        sys.exit("reliability: there are changes that are not committed; the page is about a commit")
    cpu = platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        names = re.findall(r"^model name\s*: (.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.M)
        cpu = names[0] if names else cpu
    return {
        "commit": commit,
        "date": datetime.date.today().isoformat(),
        "system": f"{platform.system()}, {cpu}, {os.cpu_count()} cores",
        "rust": output("rustc", "--version"),
    }


def advisories():
    """What `make deny` has checked, by key."""
    home = pathlib.Path(os.environ.get("CARGO_HOME") or pathlib.Path.home() / ".cargo")
    days = [output("git", "-C", str(db), "log", "-1", "--format=%cs") for db in home.glob("advisory-dbs/*/")]
    if not days:
        sys.exit("reliability: the advisories were not checked; cargo install --locked cargo-deny")
    return {
        "advisories.date": max(days),
        "advisories.crates": str((root / "Cargo.lock").read_text().count("[[package]]") - 1),
        "advisories.ignored": str((root / "deny.toml").read_text().count('id = "RUSTSEC-')),
    }


def figures(lines):
    found = {}
    for line in lines:
        if match := FIGURE.search(line):
            key, value = match[1], match[2].strip()
            if key in found:
                value = str(int(found[key]) + int(value))
            found[key] = value
    return found


def written(value):
    return f"{int(value):,}" if value.isdigit() else value


def fill(template, known):
    """The page, with every key of `known` in its place."""
    used, missing = set(), set()

    def keys(pattern):
        form = re.compile(re.escape(pattern).replace(r"\*", "([a-z0-9_]+)"))
        return [(key, match) for key in sorted(known) if (match := form.fullmatch(key))]

    def put(match):
        found = keys(match[2])
        used.update(key for key, _ in found)
        if not found:
            missing.add(match[2])
        elif match[1]:
            return written(str(sum(int(known[key]) for key, _ in found)))
        return written(known[found[0][0]]) if found else ""

    page = []
    for line in template.splitlines():
        row = PLACE.search(line.replace("{*}", ""))
        if "{*}" not in line:
            page.append(PLACE.sub(put, line))
            continue
        found = keys(row[2])
        if not found:
            missing.add(row[2])
        for key, match in found:
            page.append(PLACE.sub(put, line.replace("{*}", match[1].replace("_", " ")).replace(row[2], key)))
    problems = [f"no test says {key}" for key in sorted(missing)]
    problems += [f"page.md has no place for {key}" for key in sorted(set(known) - used)]
    if problems:
        sys.exit("reliability: " + "; ".join(problems))
    return "\n".join(page) + "\n"


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    known = machine()
    known |= figures(measure(sys.argv[2] if len(sys.argv) == 3 else "60"))
    known |= advisories()
    template = pathlib.Path(__file__).with_name("page.md").read_text()
    pathlib.Path(sys.argv[1]).write_text(fill(template, known))
    print(f"reliability: {sys.argv[1]} is written")
