#!/bin/sh
# One episode: `linernotes run EPISODE`, and what became of it in the file MARK. What the program says of an
# episode is written down and keeps no other from being made; what ends the program from outside (memory, a
# machine that goes down) fails the job, which is then tried again.
# usage: run_episode.sh PROGRAM EPISODE MARK LOG
set -u
program=$1 episode=$2 mark=$3 log=$4
"$program" run "$episode" --offline >"$log" 2>&1
case $? in
  0) state=made ;;
  1 | 2) state=failed ;;
  4) state=busy ;;
  *) cat "$log" >&2; exit 1 ;;
esac
{ echo "$state"; cat "$log"; } >"$mark.$$" && mv "$mark.$$" "$mark"
