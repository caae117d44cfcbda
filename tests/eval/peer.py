"""Transcribes recordings with faster-whisper and the very same weights, for comparison.

usage: peer.py MODEL_DIR OUT_DIR [--batch=N] RECORDING...

Writes OUT_DIR/NAME.json for each recording: its words as a list of start, end (seconds) and text, in
the form that `linernotes score` reads. Settings as its users have them: beam 5, voice detection, word
times, int8, two threads; with --batch=N several windows at once, its fastest way.
"""
import json, pathlib, sys

from faster_whisper import BatchedInferencePipeline, WhisperModel

model_dir, out = sys.argv[1], pathlib.Path(sys.argv[2])
batch = next((int(a.removeprefix("--batch=")) for a in sys.argv if a.startswith("--batch=")), None)
settings = {"language": "en", "beam_size": 5, "vad_filter": True, "word_timestamps": True}
out.mkdir(parents=True, exist_ok=True)
model = WhisperModel(model_dir, device="cpu", compute_type="int8", cpu_threads=2)
if batch:
    model, settings = BatchedInferencePipeline(model), {**settings, "batch_size": batch}
for name in map(pathlib.Path, (a for a in sys.argv[3:] if not a.startswith("--"))):
    segments, _ = model.transcribe(str(name), **settings)
    words = [{"start": w.start, "end": w.end, "text": w.word.strip()} for s in segments for w in s.words]
    (out / f"{name.stem}.json").write_text(json.dumps(words))
