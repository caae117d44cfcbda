// Reads a WebVTT file with the W3C's parser and fails on any complaint.
const fs = require("fs");
const { WebVTTParser } = require("webvtt-parser");

const text = fs.readFileSync(process.argv[2], "utf8");
const tree = new WebVTTParser().parse(text, "metadata");
const cues = tree.cues.length;
const wanted = text.split("\n").filter((line) => line.includes(" --> ")).length;
for (const error of tree.errors) {
  console.error(`${process.argv[2]}:${error.line}:${error.col ?? 0}: ${error.message}`);
}
const falling = tree.cues.filter((cue, at) => at > 0 && cue.startTime < tree.cues[at - 1].endTime);
if (tree.errors.length > 0 || cues !== wanted || falling.length > 0) {
  console.error(`${cues} cues read of ${wanted}, ${tree.errors.length} errors, ${falling.length} overlaps`);
  process.exit(1);
}
console.log(`webvtt-parser: ${cues} cues, no errors`);
