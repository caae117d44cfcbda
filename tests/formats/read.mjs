// Reads an episode's captions and its show's feed with parsers from npm; see README.md.
//
//   node read.mjs SITE FOLDER PLAIN_VTT SPLICED_FEED
import { createRequire } from "node:module";
import { existsSync, readFileSync } from "node:fs";
import assert from "node:assert/strict";
import { test } from "node:test";
import { join } from "node:path";

const require = createRequire(join(process.env.TOOLS, "package.json"));
const partytime = require("podcast-partytime");
const RssParser = require("rss-parser");
const { convertFile, determineFormat } = require("transcriptator");
const { WebVTTParser } = require("webvtt-parser");

const [site, folder, plainVtt, splicedFeed] = process.argv.slice(2);
const file = (name) => readFileSync(join(site, folder, name), "utf8");
const segments = JSON.parse(file("transcript.json")).segments;
const chapters = JSON.parse(file("chapters.json")).chapters;
const letters = (text) => text.replace(/[^\p{L}\p{N}]/gu, "");
const said = letters(segments.map((segment) => segment.body).join(" "));
const speakers = (list) => list.filter((name, at) => name && name !== list[at - 1]);

/** The text of a cue's nodes, and the names of the voices in it. */
function read(nodes, voices) {
  return nodes.map((node) => {
    if (node.type === "text") return node.value;
    if (node.name === "v") voices.push(node.value);
    return read(node.children ?? [], voices);
  }).join("");
}

for (const [name, text] of [["transcript.vtt", file("transcript.vtt")], ["the plain VTT", readFileSync(plainVtt, "utf8")]]) {
  test(`webvtt-parser finds nothing to say about ${name}`, () => {
    const { cues, errors } = new WebVTTParser().parse(text, "subtitles");
    assert.deepEqual(errors, []);
    assert.equal(cues.length, segments.length);
    const voices = [];
    const words = cues.map((cue) => read(cue.tree.children, voices)).join(" ");
    assert.equal(letters(words), said);
    assert.deepEqual(voices, segments.map((segment) => segment.speaker).filter(Boolean));
    for (const [at, cue] of cues.entries()) {
      assert.ok(cue.endTime > cue.startTime);
      assert.ok(at === 0 || cue.startTime >= cues[at - 1].endTime, `cue ${at} overlaps`);
      assert.ok(cue.text.split("\n").every((line) => line.replace(/<[^>]*>/g, "").length <= 65));
    }
  });
}

for (const ending of ["srt", "json", "html"]) {
  test(`transcriptator reads transcript.${ending} with its words, speakers and times`, () => {
    const text = file(`transcript.${ending}`);
    assert.equal(determineFormat(text), ending);
    const read = convertFile(text);
    const plain = read.map((segment) => segment.body.replace(/&(lt|gt|amp|#39);/g, " "));
    assert.equal(letters(plain.join(" ")), said);
    assert.deepEqual(
      speakers(read.map((segment) => segment.speaker)),
      speakers(segments.map((segment) => segment.speaker)),
    );
    assert.ok(read.every((segment, at) => at === 0 || segment.startTime >= read[at - 1].startTime));
  });
}

for (const [name, path] of [["feed.xml", join(site, "feed.xml")], ["the feed with tags put in", splicedFeed]]) {
  const xml = readFileSync(path, "utf8");

  test(`podcast-partytime finds every tag of the podcast namespace in ${name}`, () => {
    const feed = partytime.parseFeed(xml);
    assert.match(feed.guid, /^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
    const [item] = feed.items;
    const address = `${feed.link.replace(/\/$/, "")}/${folder}/`;
    const types = item.podcastTranscripts.map((transcript) => {
      assert.ok(transcript.url.startsWith(address), transcript.url);
      assert.ok(existsSync(join(site, folder, transcript.url.slice(address.length))), transcript.url);
      assert.equal(transcript.language, "en");
      return transcript.type;
    });
    const { TranscriptType: type } = partytime;
    assert.deepEqual(types, [type.VTT, type.SRT, type.JSON, type.HTML, type.Plain]);
    assert.deepEqual(item.podcastChapters, {
      url: `${address}chapters.json`,
      type: "application/json+chapters",
    });
    assert.deepEqual(item.podcastPeople.map(({ name, role, group }) => [name, role, group]), [
      ["Mirren Ostby", "Host", "Cast"],
      ["Caspar Dunmoyle", "Host", "Cast"],
      ["Sunniva Threlkeld", "Guest", "Cast"],
    ]);
    assert.deepEqual(item.podcastSoundbites, [
      { startTime: 20, duration: 15.5, title: "What the number was & is" },
    ]);
  });

  test(`rss-parser reads the episode in ${name}`, async () => {
    const feed = await new RssParser().parseString(xml);
    assert.equal(feed.title, "Slow Instruments");
    assert.equal(feed.items.length, 1);
    const [item] = feed.items;
    assert.equal(item.title, "The Bucket and the Book");
    assert.equal(item.isoDate.slice(0, 10), "2026-11-02");
    assert.equal(item.enclosure.url, "https://slowinstruments.example/audio/0001.mp3");
    assert.equal(item.enclosure.type, "audio/mpeg");
    assert.ok(Number(item.enclosure.length) > 3_000_000);
    assert.equal(item.itunes.episode, "1");
    assert.match(item["content:encoded"], /<p>/);
  });
}

test("chapters rise and have titles", () => {
  assert.ok(chapters.length > 1);
  assert.ok(chapters.every((chapter) => chapter.title));
});
