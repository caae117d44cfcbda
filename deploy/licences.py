#!/usr/bin/env python3
"""Writes the licences of all crates that are in the program: deploy/licences.py [TARGET] > FILE

What cargo itself resolves for the program as `make dist` builds it counts: no crates that only build or
test. A crate's texts are those in its own source; one that brings none is listed with what its
manifest says.
"""

import json
import subprocess
import sys
from pathlib import Path

FEATURES = "extras"
NAMES = ("licen", "copying", "notice", "copyright", "unlicense")
# A text of a bundled library may lie deeper, in a crate's own folders.
DEEP = "*-sys"
TOO_LARGE = 200_000


def metadata(target: str | None) -> dict:
    command = ["cargo", "metadata", "--locked", "--format-version", "1", "--features", FEATURES]
    if target:
        command += ["--filter-platform", target]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def in_program(data: dict) -> list[dict]:
    """The crates that are linked into the program, sorted by name; ours is not among them."""
    nodes = {node["id"]: node for node in data["resolve"]["nodes"]}
    root = data["resolve"]["root"]
    found, left = {root}, [root]
    while left:
        for dep in nodes[left.pop()]["deps"]:
            is_linked = any(kind["kind"] is None for kind in dep["dep_kinds"])
            if is_linked and dep["pkg"] not in found:
                found.add(dep["pkg"])
                left.append(dep["pkg"])
    found.remove(root)
    packages = [package for package in data["packages"] if package["id"] in found]
    return sorted(packages, key=lambda package: (package["name"], package["version"]))


def texts(package: dict) -> list[tuple[str, str]]:
    folder = Path(package["manifest_path"]).parent
    is_deep = Path(package["name"]).match(DEEP)
    files = folder.rglob("*") if is_deep else folder.iterdir()
    found = []
    for file in sorted(files):
        is_licence = file.name.lower().startswith(NAMES) and file.suffix not in (".rs", ".h", ".c", ".py")
        if file.is_file() and is_licence and file.stat().st_size < TOO_LARGE:
            found.append((str(file.relative_to(folder)), file.read_text(errors="replace").strip()))
    return found


def main() -> None:
    packages = in_program(metadata(sys.argv[1] if len(sys.argv) > 1 else None))
    print(f"linernotes holds these {len(packages)} crates, and whatever libraries they bring.\n")
    known: dict[str, str] = {}
    for package in packages:
        name = f"{package['name']} {package['version']}"
        print("=" * 80)
        print(f"{name}: {package['license'] or package['license_file'] or 'no licence stated'}")
        print(f"{package['repository'] or ''}\n")
        for file, text in texts(package):
            if text in known:
                print(f"{file}: as {known[text]}\n")
            else:
                known[text] = f"{file} of {name}"
                print(f"--- {file}\n\n{text}\n")


if __name__ == "__main__":
    main()
