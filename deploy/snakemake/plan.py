"""What is due, as the program says: its own freshness decides, and nothing here does.

The main process asks once and writes the answer down; the processes of the jobs read it.
"""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

PLAN = Path("results/plan.json")


def identity(path):
    """A plain name for a folder: letters of ASCII, and a hash, as paths have spaces and other letters."""
    plain = re.sub(r"[^a-z0-9]+", "-", Path(path).name.lower()).strip("-")[:40]
    return f"{plain}-{hashlib.sha256(str(path).encode()).hexdigest()[:10]}".lstrip("-")


def environment(config):
    """What the program is told by its variables, in every job."""
    variables = {
        "LINERNOTES_MODEL": config["model"],
        "LINERNOTES_ENGINE": config["engine"],
        "LINERNOTES_THREADS": str(config["threads"]),
    }
    if config["weights"]:
        variables["LINERNOTES_MODELS"] = str(Path(config["weights"]).resolve())
    return variables


def assignments(config):
    """The same as words for `env`."""
    return [f"{name}={value}" for name, value in environment(config).items()]


def asked(config, show):
    """What the program says of each episode of a show."""
    command = [config["program"], "run", show, "--explain", "--json"]
    try:
        said = subprocess.run(
            command, env=os.environ | environment(config), stdout=subprocess.PIPE, text=True
        )
    except FileNotFoundError:
        sys.exit(f"error: there is no program `{config['program']}`\nhint: set `program` in the configuration")
    lines = [json.loads(line) for line in said.stdout.splitlines()]
    end = next((line for line in lines if line["event"] == "done"), None)
    if end is None:
        sys.exit(f"error: `{' '.join(command)}` ended with {said.returncode}; what it said stands above")
    episodes = {
        line["episode"]: {"due": line["state"] == "due", "audio_ms": line["audio_ms"], "memory": line["memory_bytes"]}
        for line in lines
        if line["event"] == "episode"
    }
    # what cannot even be planned is run all the same: its job says why, and is counted
    for failure in end["failures"]:
        episodes[failure["episode"]] = {"due": True, "audio_ms": 0, "memory": 0}
    return episodes


def made(config):
    """Asks for all shows. A file `made/ID` stands for each episode that the program calls fresh."""
    if not config["shows"]:
        sys.exit("error: there is no show\nhint: put folders with a `show.toml` under `shows` in the configuration")
    shows, episodes = {}, {}
    for given in config["shows"]:
        show = str(Path(given).resolve())
        if not Path(show, "show.toml").is_file():
            sys.exit(f"error: `{show}` is not a show\nhint: give a folder with a `show.toml`")
        ids = []
        for path, plan in asked(config, show).items():
            known = identity(path)
            ids.append(known)
            episodes[known] = {"path": path, **plan}
            mark = Path(f"results/made/{known}")
            if plan["due"]:
                mark.unlink(missing_ok=True)
            elif not mark.exists():
                mark.parent.mkdir(parents=True, exist_ok=True)
                mark.write_text("fresh\n")
        shows[identity(show)] = {"path": show, "episodes": sorted(ids)}
        # one `publish` of each show at every end: what has changed is for the program to say
        Path(f"results/published/{identity(show)}").unlink(missing_ok=True)
    Path("results/report.txt").unlink(missing_ok=True)
    return {"shows": shows, "episodes": episodes}


def plan(config, is_main_process):
    """The plan: made by the main process, read by the others."""
    if is_main_process or not PLAN.is_file():
        new = made(config)
        PLAN.parent.mkdir(parents=True, exist_ok=True)
        under_way = PLAN.with_suffix(f".{os.getpid()}")
        under_way.write_text(json.dumps(new, ensure_ascii=False, indent=1))
        under_way.replace(PLAN)
    return json.loads(PLAN.read_text())


def minutes(config, episode):
    """The longest time that a job may take."""
    hours = episode["audio_ms"] / 3_600_000
    return int(config["minutes_at_least"] + hours * config["minutes_an_hour"] / config["threads"])


def report(plan, marks):
    """What became of the episodes, as lines, and whether any was not made."""
    states = {mark.name: mark.read_text().split("\n", 1) for mark in map(Path, marks)}
    failed = [one for one, (state, _) in states.items() if state == "failed"]
    busy = [one for one, (state, _) in states.items() if state == "busy"]
    made = len(states) - len(failed) - len(busy)
    lines = [f"{len(states)} episodes: {made} made, {len(busy)} with another worker, {len(failed)} failed"]
    for one in failed:
        said = states[one][1].splitlines()
        begins = next((at for at, line in enumerate(said) if line.startswith("error:")), 0)
        lines += [f"failed: {plan['episodes'][one]['path']}"] + [f"  {line}" for line in said[begins:]]
    return lines, bool(failed)


def tell(plan, marks, file):
    """Tells what became of the episodes; the workflow fails where one was not made."""
    lines, has_failed = report(plan, marks)
    print("\n".join(lines), file=sys.stderr)
    if has_failed:
        # an exit would end the job's thread alone, and the workflow would wait for it
        raise RuntimeError("some episodes were not made: mend them, and run the same command again")
    Path(file).write_text("\n".join(lines) + "\n")


def site(config, show):
    """Where a show's site goes, as flags of `publish`."""
    return ["-o", str(Path(config["sites"], Path(show).name).resolve())] if config["sites"] else []
