#!/usr/bin/env python3
"""Runs linernotes on every recording of a folder that has a truth beside it, and writes the page of figures.

usage: run.py BINARY DATA_DIR WORK_DIR PAGE.md README.md [--peer] [FOLDER ...]

DATA_DIR holds folders of audio files. Beside NAME.flac (or .mp3, .opus, .wav) may stand NAME.truth.json
(sentences: start, end, text) and NAME.rttm; a folder may hold one RTTM for all. `refs.tsv` (file,
speaker, seconds, text) is the truth of short readings; a folder `nonspeech` must give no word.
Episodes are kept in WORK_DIR so that a second run only does what changed; the times are those that
`bench.py` left there. With --peer, faster-whisper transcribes the same files with the same weights.
PAGE.md is `evaluation.md` of this folder with the figures in it; in README.md the lines between
`<!-- figures -->` and `<!-- /figures -->` are replaced.
"""
import json, os, pathlib, platform, statistics, subprocess, sys, time

import peers

binary, data, work, page, readme = sys.argv[1], *map(pathlib.Path, sys.argv[2:6])
wanted = [name for name in sys.argv[6:] if not name.startswith("--")]
with_peer = "--peer" in sys.argv
SOUNDS = {".flac", ".mp3", ".wav", ".m4a", ".ogg", ".opus"}


def tool(*args):
    done = subprocess.run([binary, "--json", *map(str, args)], capture_output=True, text=True)
    if done.returncode not in (0, 3):
        sys.exit(f"linernotes {' '.join(map(str, args))} failed:\n{done.stderr}")
    return [json.loads(line) for line in done.stdout.splitlines()]


def run(folder, audio):
    """The episode of a recording, and its length in minutes."""
    episode = work / "episodes" / folder / audio.stem
    tool("run", audio.resolve(), "-o", episode)
    recording = json.loads((episode / "work/1-recording.json").read_text())["record"]
    return episode, recording["duration"] / 60_000


def words_of_peer(folder, files):
    out = work / "peer" / folder
    missing = [f for f in files if not (out / f"{f.stem}.json").exists()]
    if missing:
        python, weights = peers.faster_whisper(work)
        subprocess.run([python, pathlib.Path(__file__).with_name("peer.py"), weights, out, *missing], check=True)
    return out


def has_all_text(truth):
    return truth.exists() and all(p.get("text") or not p.get("speaker") for p in json.loads(truth.read_text()))


def measured(folder, audio):
    """All figures of one recording."""
    episode, minutes = run(folder, audio)
    words, truth, own = episode / "out/words.json", audio.with_suffix(".truth.json"), audio.with_suffix(".rttm")
    shared = next((p for p in audio.parent.glob("*.rttm") if p.stem == folder), None)
    row = {"file": audio.stem, "minutes": minutes}
    if has_all_text(truth):
        row["wer"] = tool("score", "wer", truth, words)[0]["errors"]
        row["times"] = tool("score", "times", truth, words)[0]
        row["format"] = tool("score", "format", truth, words)[0]
        row["coverage"] = json.loads((episode / "out/coverage.json").read_text())["record"]
        if with_peer:
            row["peer"] = tool("score", "wer", truth, words_of_peer(folder, [audio]) / f"{audio.stem}.json")[0]["errors"]
    if (reference := own if own.exists() else shared) is not None:
        for name, collar in (("der", 0.25), ("der0", 0)):
            row[name] = tool("score", "der", reference, episode / "out/turns.rttm", "--collar", collar, "--file", audio.stem)[0]
    print(folder, audio.stem, flush=True)
    return row


def readings(folder, files):
    """The word errors of short readings, as one row."""
    refs = {line.split("\t")[0]: line.split("\t")[3] for line in (data / folder / "refs.tsv").read_text().splitlines() if line.count("\t") >= 3}
    row = {"file": f"{folder}, short readings", "minutes": 0, "wer": {}, "peer": {}}
    files = [audio for audio in files if audio.name in refs or audio.stem in refs]
    heard = words_of_peer(folder, files) if with_peer else None
    for audio in files:
        episode, minutes = run(folder, audio)
        truth = episode.with_suffix(".json")
        truth.write_text(json.dumps([{"start": 0, "end": 1, "text": refs.get(audio.name) or refs[audio.stem]}]))
        row["minutes"] += minutes
        add(row["wer"], tool("score", "wer", truth, episode / "out/words.json")[0]["errors"])
        if heard:
            add(row["peer"], tool("score", "wer", truth, heard / f"{audio.stem}.json")[0]["errors"])
    return row


def nonspeech(folder, files):
    lines = ["| recording | words |", "|---|---|"]
    for audio in files:
        episode, minutes = run(folder, audio)
        words = len(json.loads((episode / "out/words.json").read_text())["words"])
        lines.append(f"| {audio.stem}, {minutes:.1f} min | {words} |")
    return lines


def add(sums, more):
    for key, value in more.items():
        sums[key] = sums.get(key, 0) + value


def wrong(errors):
    return sum(errors.get(key, 0) for key in ("substitutions", "deletions", "insertions"))


def rate(errors):
    """Per cent and count of wrong words."""
    return f"{100 * wrong(errors) / max(errors['reference'], 1):.2f} ({wrong(errors)})" if errors else "–"


def f1(signs):
    return 100 * 2 * signs["both"] / max(2 * signs["both"] + signs["only_written"] + signs["only_reference"], 1)


def summed(rows, *names):
    """The sums of all rows' figures called so."""
    sums = {}
    for row in rows:
        if names[0] in row:
            value = row[names[0]]
            for name in names[1:]:
                value = value[name]
            add(sums, {key: number for key, number in value.items() if isinstance(number, int)})
    return sums


def word_table(folders):
    lines = ["| recording | minutes | words | wrong, % (words) | faster-whisper | starts, ends: median (90th) ms |", "|---|---|---|---|---|---|"]
    everything = []
    for folder, rows in folders.items():
        rows = [row for row in rows if "wer" in row]
        everything += rows
        for row in rows:
            edges = ", ".join(f"{row['times'][e]['median_ms']} ({row['times'][e]['p90_ms']})" for e in ("starts", "ends")) if "times" in row else "–"
            name = row["file"] if "times" not in row else f"{folder}/{row['file']}"
            lines.append(f"| {name} | {row['minutes']:.1f} | {row['wer']['reference']} | {rate(row['wer'])} | {rate(row.get('peer'))} | {edges} |")
        if len(rows) > 1:
            lines.append(together(f"{folder} together", rows))
    return lines + [together("all together", everything)]


def together(name, rows):
    ours, theirs = summed(rows, "wer"), summed(rows, "peer")
    return f"| **{name}** | {sum(row['minutes'] for row in rows):.1f} | {ours['reference']} | {rate(ours)} | {rate(theirs)} | |"


def format_table(folders):
    lines = ["| folder | sentence ends, F1 % | commas, F1 % | first letters of another case, % | stops before a lower-case word |", "|---|---|---|---|---|"]
    for folder, rows in folders.items():
        if any("format" in row for row in rows) and any(row["format"]["counts"]["sentence_ends"]["both"] for row in rows if "format" in row):
            ends, commas, rest = (summed(rows, "format", "counts", "sentence_ends"), summed(rows, "format", "counts", "commas"), summed(rows, "format", "counts"))
            lines.append(f"| {folder} | {f1(ends):.1f} | {f1(commas):.1f} | {100 * rest['case_errors'] / max(rest['cased'], 1):.2f} | {rest['stops_before_lower_case']} |")
    return lines


def coverage_table(folders):
    lines = ["| folder | speech, min | without words, % | stretches |", "|---|---|---|---|"]
    for folder, rows in folders.items():
        stretches = [span for row in rows if "coverage" in row for span in row["coverage"]["without_words"]]
        speech = sum(row["coverage"]["speech"] for row in rows if "coverage" in row)
        if speech:
            silent = sum(length(span) for span in stretches)
            lines.append(f"| {folder} | {speech / 60_000:.1f} | {100 * silent / speech:.2f} | {len(stretches)} |")
    return lines


def length(span):
    return span["end"] - span["start"] if isinstance(span, dict) else span[1] - span[0]


def speaker_table(folders):
    lines = ["| recording | collar 0.25 s: all (missed, false alarm, confusion) | no collar | people found of those there |", "|---|---|---|---|"]
    for folder, rows in folders.items():
        rows = [row for row in rows if "der" in row]
        for row in rows:
            lines.append(f"| {folder}/{row['file']} | {der([row], 'der')} | {der([row], 'der0', False)} | {row['der']['hypothesis_speakers']} of {row['der']['reference_speakers']} |")
        if rows:
            right = sum(row["der"]["hypothesis_speakers"] == row["der"]["reference_speakers"] for row in rows)
            lines.append(f"| **{folder} together** | {der(rows, 'der')} | {der(rows, 'der0', False)} | right in {right} of {len(rows)} |")
    return lines


def der(rows, name, parts=True):
    sums = summed(rows, name)
    shares = [100 * sums[key] / max(sums["total_ms"], 1) for key in ("missed_ms", "false_alarm_ms", "confusion_ms")]
    return f"{sum(shares):.2f}" + (f" ({', '.join(f'{share:.2f}' for share in shares)})" if parts else "")


def time_table(bench):
    lines = ["| what | linernotes, s | faster-whisper, s | ratio: median (least–most) |", "|---|---|---|---|"]
    for name, turns in bench.items():
        theirs = [turn["wall"] for turn in turns["theirs"]]
        for what, key in (("whole run", "wall"), ("transcription alone", "stage.transcribe"), ("speakers alone", "stage.diarize"), ("processor time of the whole run", "cpu")):
            ours = [turn[key] for turn in turns["ours"]]
            others = [turn["cpu"] for turn in turns["theirs"]] if key == "cpu" else theirs
            ratios = [a / b for a, b in zip(ours, others)]
            lines.append(f"| {name}: {what} | {statistics.median(ours):.1f} | {statistics.median(others):.1f} | {statistics.median(ratios):.2f} ({min(ratios):.2f}–{max(ratios):.2f}) |")
        peak = [max(turn["peak"] for turn in turns[who]) for who in ("ours", "theirs")]
        lines.append(f"| {name}: peak memory, MB | {peak[0] * 1.048576:.0f} | {peak[1] * 1.048576:.0f} | {peak[0] / peak[1]:.2f} |")
    return lines


def short_table(folders, bench):
    """What README shows."""
    lines = ["| data | words wrong | faster-whisper | who speaks: error (confusion) | people right |", "|---|---|---|---|---|"]
    for folder, rows in folders.items():
        ours, theirs, voices = summed(rows, "wer"), summed(rows, "peer"), [row for row in rows if "der" in row]
        sums = summed(voices, "der")
        right = sum(row["der"]["hypothesis_speakers"] == row["der"]["reference_speakers"] for row in voices)
        who = f"{der(voices, 'der', False)} % ({100 * sums['confusion_ms'] / max(sums['total_ms'], 1):.2f})" if voices else "–"
        cell = lambda errors: f"{100 * wrong(errors) / errors['reference']:.2f} %" if errors else "–"
        lines.append(f"| {folder}, {sum(row['minutes'] for row in rows):.0f} min | {cell(ours)} | {cell(theirs)} | {who} | {f'{right} of {len(voices)}' if voices else '–'} |")
    return lines + [""] + time_table(bench)


folders, silent = {}, []
for folder in sorted(p for p in data.iterdir() if p.is_dir()):
    files = sorted(p for p in folder.iterdir() if p.suffix in SOUNDS)
    if (wanted and folder.name not in wanted) or not files:
        continue
    if (folder / "refs.tsv").exists():
        folders[folder.name] = [readings(folder.name, files)]
    elif folder.name == "nonspeech":
        silent = nonspeech(folder.name, files)
    else:
        rows = [measured(folder.name, audio) for audio in files]
        if any(len(row) > 2 for row in rows):
            folders[folder.name] = rows
bench = json.loads((work / "bench.json").read_text()) if (work / "bench.json").exists() else {}
machine = next((l.split(":", 1)[1].strip() for l in open("/proc/cpuinfo") if l.startswith("model name")), platform.processor())
figures = {
    "MADE": f"{time.strftime('%Y-%m-%d')}, {subprocess.run([binary, '--version'], capture_output=True, text=True).stdout.strip()}, {machine}, {len(os.sched_getaffinity(0))} threads",
    "TIME": time_table(bench), "WORDS": word_table(folders), "FORMAT": format_table(folders), "COVERAGE": coverage_table(folders),
    "SPEAKERS": speaker_table(folders), "NONSPEECH": silent,
}
text = pathlib.Path(__file__).with_name("evaluation.md").read_text()
for name, value in figures.items():
    text = text.replace(f"{{{{{name}}}}}", value if isinstance(value, str) else "\n".join(value))
page.write_text(text)
before, rest = readme.read_text().split("<!-- figures -->\n")
readme.write_text(before + "<!-- figures -->\n" + "\n".join(short_table(folders, bench)) + "\n<!-- /figures -->" + rest.split("<!-- /figures -->")[1])
