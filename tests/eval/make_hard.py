#!/usr/bin/env python3
"""Mixes conversations that are hard for telling speakers apart, from short readings of many people.

usage: make_hard.py DATA_DIR OUT_DIR

DATA_DIR/read holds readings as `SPEAKER-….flac`, DATA_DIR/nonspeech music as `music_*.flac`. OUT_DIR gets
NAME.wav (16 kHz) with NAME.rttm; `run.py` measures the folder that holds OUT_DIR. The same input gives the
same files. Needs numpy, scipy and soundfile.
"""
import pathlib, sys
import numpy as np, soundfile as sf
from scipy.signal import butter, fftconvolve, resample_poly, sosfilt

data, out = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
rng = np.random.default_rng(11)
RATE = 16_000


def load(path):
    x, rate = sf.read(path, dtype="float32", always_2d=True)
    return resample_poly(x.mean(axis=1), RATE, rate).astype("float32")


def trimmed(x):
    """Without the silence around it."""
    loudness = np.convolve(np.abs(x), np.ones(400) / 400, "same")
    loud = np.flatnonzero(loudness > 0.08 * np.percentile(loudness, 95))
    return x[loud[0] : loud[-1] + 1]


def reading(path):
    """One voice at a level of its own."""
    x = trimmed(load(path))
    return x * (0.05 / np.sqrt(np.mean(x**2)))


def pieces(x, shortest=2.0, longest=6.0):
    """Cut where it is most quiet."""
    loudness = np.convolve(np.abs(x), np.ones(800) / 800, "same")
    at, cut = 0, []
    while len(x) - at > longest * RATE:
        a, b = at + int(shortest * RATE), at + int(longest * RATE)
        end = a + int(np.argmin(loudness[a:b]))
        cut.append(trimmed(x[at:end]))
        at = end
    return cut + [trimmed(x[at:])]


def telephone(x):
    return sosfilt(butter(4, [300, 3400], "bandpass", fs=RATE, output="sos"), x).astype("float32")


def far(x):
    """A room: the direct sound and an echo that is louder than it."""
    n = np.arange(int(0.4 * RATE))
    room = rng.standard_normal(len(n)) * np.exp(-n / (0.09 * RATE)) * 0.05
    room[0] = 1.0
    return (0.6 * fftconvolve(x, room)[: len(x)]).astype("float32")


def laughter():
    """Bursts of shaped noise, five a second: no voice that anybody should be given."""
    n = np.arange(int(1.5 * RATE)) / RATE
    bursts = np.maximum(0, np.sin(2 * np.pi * 5 * n)) ** 2 * np.exp(-n)
    return sosfilt(butter(2, [400, 2500], "bandpass", fs=RATE, output="sos"), rng.standard_normal(len(n)) * bursts) * 0.15


def mix(name, people, overlap=0.0, noise_db=-65, bed=None, gains={}, treat={}, laughs=0):
    """`people`: who says which pieces. They take turns at random, one or two pieces at a time."""
    left = {who: list(said) for who, said in people.items()}
    events, t, last = [], 1.0, None
    while any(left.values()):
        who = rng.choice([w for w in left if left[w]])
        for _ in range(int(rng.integers(1, 3))):
            if not left[who]:
                break
            x = left[who].pop(0)
            x = treat.get(who, lambda x: x)(x) * 10 ** (gains.get(who, 0) / 20)
            gap = rng.uniform(0.1, 0.7)
            if last not in (None, who) and rng.random() < overlap:
                gap = -rng.uniform(0.2, 1.2)
            t = max(0.5, t + gap)
            events.append((t, x, who))
            t, last = t + len(x) / RATE, who
    y = np.zeros(int((t + 2) * RATE), "float32")
    for start, x, _ in events:
        y[int(start * RATE) :][: len(x)] += x
    for at in rng.uniform(2, t - 2, laughs):
        burst = laughter()
        y[int(at * RATE) :][: len(burst)] += burst
    if bed is not None:
        music = np.tile(bed, 1 + len(y) // len(bed))[: len(y)]
        y += music / np.sqrt(np.mean(music**2)) * 10 ** (-40 / 20)
    y += rng.standard_normal(len(y)).astype("float32") * 10 ** (noise_db / 20)
    sf.write(out / f"{name}.wav", np.clip(y, -1, 1), RATE, subtype="PCM_16")
    lines = [f"SPEAKER {name} 1 {a:.3f} {len(x) / RATE:.3f} <NA> <NA> {w} <NA> <NA>" for a, x, w in events]
    (out / f"{name}.rttm").write_text("\n".join(lines) + "\n")
    print(f"{name}: {t:.0f} s, {len(people)} people", flush=True)


voices = {}
for path in sorted((data / "read").glob("*.flac")):
    voices.setdefault(path.stem.split("-")[0], []).extend(pieces(reading(path)))
names = [who for who in voices if sum(map(len, voices[who])) > 8 * RATE]
rng.shuffle(names)
music = [load(path) for path in sorted((data / "nonspeech").glob("music_*.flac"))]


def take(count, seconds=None):
    """The next people, each with all that they read, or with about so many seconds of it."""
    taken = {}
    for _ in range(count):
        who = names.pop()
        said = voices[who]
        if seconds:
            said = said[: max(1, round(seconds / 4))]
        taken[who] = said
    return taken


mix("one_person", take(1))
mix("two_short", take(2))
mix("seven_people", take(7), overlap=0.3)
mix("twelve_people", take(12), noise_db=-55)
guests = take(3, seconds=9)
mix("guests_of_ten_seconds", {**take(2), **guests}, gains={who: -10 for who in list(guests)[:1]}, overlap=0.2)
one_word = {who: [said[0][: int(3.5 * RATE)]] for who, said in take(2).items()}
mix("guests_of_four_seconds", {**take(2), **one_word})
callers = take(2)
mix("telephone", {**take(2), **callers}, treat={who: telephone for who in callers}, gains={list(callers)[0]: -10}, noise_db=-55)
distant = take(2)
mix("far_microphones", {**take(2), **distant}, treat={who: far for who in distant}, noise_db=-50)
if music:
    mix("music_and_laughter", take(4), bed=music[0], laughs=6)
mix("much_overlap", take(4), overlap=0.6)
