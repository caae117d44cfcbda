#!/bin/sh
# Reads an episode's captions with other people's parsers; see README.md beside this file.
set -eu
out=${1:?usage: check.sh OUT_DIR}
here=$(cd "$(dirname "$0")" && pwd)
tools=${OTHER_PARSERS:-$here/../../target/other-parsers}
mkdir -p "$tools"
if command -v node >/dev/null && command -v npm >/dev/null; then
    [ -d "$tools/node_modules/webvtt-parser" ] ||
        npm install --silent --no-audit --no-fund --prefix "$tools" webvtt-parser@2.2.0
    NODE_PATH="$tools/node_modules" node "$here/webvtt.cjs" "$out/transcript.vtt"
else
    echo "node or npm is missing: transcript.vtt was not checked" >&2
    exit 1
fi
python3 -c 'import venv' || { echo "python3 with venv is missing" >&2; exit 1; }
[ -x "$tools/venv/bin/python" ] || python3 -m venv "$tools/venv"
"$tools/venv/bin/python" -c 'import srt' 2>/dev/null || "$tools/venv/bin/pip" install --quiet srt==3.5.3
"$tools/venv/bin/python" "$here/srt_check.py" "$out/transcript.srt" "$out/transcript.json"
