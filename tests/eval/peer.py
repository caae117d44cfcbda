"""Transcribes recordings with faster-whisper and the very same weights, for comparison.

usage: peer.py MODEL_DIR OUT_DIR RECORDING...

Writes OUT_DIR/NAME.json for each recording: its words as a list of start, end (seconds) and text, in
the form that `linernotes score` reads, and prints NAME and the seconds taken. Settings as its users
have them: beam 5, voice detection, word times.
"""
import json, pathlib, sys, time

from faster_whisper import WhisperModel

model_dir, out = sys.argv[1], pathlib.Path(sys.argv[2])
out.mkdir(parents=True, exist_ok=True)
model = WhisperModel(model_dir, device="cpu", compute_type="int8")
for name in map(pathlib.Path, sys.argv[3:]):
    begun = time.monotonic()
    segments, _ = model.transcribe(str(name), language="en", beam_size=5, vad_filter=True, word_timestamps=True)
    words = [{"start": w.start, "end": w.end, "text": w.word.strip()} for s in segments for w in s.words]
    (out / f"{name.stem}.json").write_text(json.dumps(words))
    print(name.stem, round(time.monotonic() - begun, 1), flush=True)
