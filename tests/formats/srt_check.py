"""Reads an SRT file with PyPI's srt and fails where it differs from the JSON beside it."""

import json
import sys

import srt


def main() -> None:
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    cues = list(srt.parse(text, ignore_errors=False))
    with open(sys.argv[2], encoding="utf-8") as file:
        segments = json.load(file)["segments"]
    problems = []
    for number, cue in enumerate(cues, 1):
        lines = cue.content.split("\n")
        if cue.index != number:
            problems.append(f"cue {number} has the counter {cue.index}")
        if cue.end <= cue.start or len(lines) > 2 or max(map(len, lines)) > 32:
            problems.append(f"cue {number} breaks a limit")
    for before, after in zip(cues, cues[1:]):
        if after.start < before.end:
            problems.append(f"cue {after.index} overlaps the one before")
    if srt.compose(cues) != text + "\n":
        problems.append("composing the cues gives another file")
    names = {segment["speaker"] for segment in segments if "speaker" in segment}
    letters = lambda said: "".join(c for c in said if c.isalnum())
    spoken = ""
    for cue in cues:
        said = " ".join(cue.content.split())
        name = next((name for name in names if said.startswith(f"{name}: ")), None)
        spoken += letters(said[len(name) + 1:] if name else said)
    if spoken != letters(" ".join(segment["body"] for segment in segments)):
        problems.append("the words differ from those of the JSON")
    for problem in problems:
        print(f"{sys.argv[1]}: {problem}", file=sys.stderr)
    if problems:
        sys.exit(1)
    print(f"srt: {len(cues)} cues, the words of {len(segments)} segments")


main()
