#!/usr/bin/env python3
"""Times whole runs of linernotes against faster-whisper, turn by turn, and writes the table.

usage: bench.py BINARY OUT.json [--runs=5] NAME=FILE[,FILE…] …

Each NAME is a set of recordings. One turn is `linernotes run` of each file into a new folder and
faster-whisper (int8, batches of 8, beam 5, word times) on each, every file a process of its own, both on
two threads. Wall time, processor time and peak memory are those that the system gives for the process;
the time of a stage is what the run reports. All turns' figures stand in OUT.json.
"""
import json, os, pathlib, shutil, subprocess, sys, time

import peers

binary, out = pathlib.Path(sys.argv[1]).resolve(), pathlib.Path(sys.argv[2]).resolve()
runs = next((int(a.removeprefix("--runs=")) for a in sys.argv if a.startswith("--runs=")), 5)
sets = {name: [pathlib.Path(f).resolve() for f in files.split(",")] for name, _, files in (a.partition("=") for a in sys.argv[3:] if not a.startswith("--"))}
work = out.parent / "bench"


def timed(command):
    """What a command prints, and its seconds, seconds of processor, and peak MiB."""
    begun = time.monotonic()
    child = subprocess.Popen(list(map(str, command)), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    printed = child.stdout.read()
    _, status, used = os.wait4(child.pid, 0)
    if os.waitstatus_to_exitcode(status) not in (0, 3):
        sys.exit(f"{' '.join(map(str, command))} failed")
    return printed, {"wall": time.monotonic() - begun, "cpu": used.ru_utime + used.ru_stime, "peak": used.ru_maxrss / 1024}


def ours(files):
    figures = []
    for file in files:
        episode = work / "episode"
        shutil.rmtree(episode, ignore_errors=True)
        printed, figure = timed([binary, "--json", "run", file, "-o", episode])
        figure |= {f"stage.{stage}": seconds for stage, seconds in json.loads(printed.splitlines()[-1])["report"]["ran"]}
        figures.append(figure)
    return together(figures)


def theirs(files):
    python, weights = peers.faster_whisper(out.parent)
    program = pathlib.Path(__file__).with_name("peer.py")
    return together([timed([python, program, weights, work / "peer", "--batch=8", file])[1] for file in files])


def together(figures):
    """The sums over all files of a set, and the highest peak."""
    return {key: (max if key == "peak" else sum)(f[key] for f in figures) for key in figures[0]}


results = {name: {"ours": [], "theirs": []} for name in sets}
for turn in range(runs):
    for name, files in sets.items():
        for who, way in (("ours", ours), ("theirs", theirs)) if turn % 2 == 0 else (("theirs", theirs), ("ours", ours)):
            results[name][who].append(way(files))
            print(name, who, {key: round(value, 1) for key, value in results[name][who][-1].items()}, flush=True)
out.write_text(json.dumps(results, indent=1))
