"""Reads an episode's files and its show's feed with parsers from PyPI; see README.md.

    python read.py SITE FOLDER EXPORTS AUDIO
"""

import io
import json
import sys
import unittest
from pathlib import Path
from xml.etree import ElementTree

import docx
import feedparser
import mutagen.id3
import mutagen.mp3
import podcast_chapter_tools as chapter_tools
import podcastparser
import srt
import webvtt

SITE, FOLDER, EXPORTS, AUDIO = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4])
EPISODE = SITE / FOLDER
SEGMENTS = json.loads((EPISODE / "transcript.json").read_text("utf-8"))["segments"]
CHAPTERS = json.loads((EPISODE / "chapters.json").read_text("utf-8"))
NAMES = {segment["speaker"] for segment in SEGMENTS if "speaker" in segment}


def letters(text: str) -> str:
    return "".join(c for c in text if c.isalnum())


def clock(seconds: float) -> str:
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


SAID = letters(" ".join(segment["body"] for segment in SEGMENTS))
CHAPTER_STARTS = [(chapter["startTime"], chapter["title"]) for chapter in CHAPTERS["chapters"]]


class Captions(unittest.TestCase):
    def test_srt(self) -> None:
        text = (EPISODE / "transcript.srt").read_text("utf-8")
        cues = list(srt.parse(text, ignore_errors=False))
        self.assertEqual([cue.index for cue in cues], list(range(1, len(cues) + 1)))
        self.assertEqual(srt.compose(cues), text + "\n")
        said = ""
        for before, cue in zip([None, *cues], cues):
            self.assertLess(cue.start, cue.end)
            self.assertTrue(before is None or before.end <= cue.start, cue)
            lines = cue.content.split("\n")
            self.assertLessEqual(len(lines), 2)
            self.assertLessEqual(max(map(len, lines)), 32)
            content = " ".join(lines)
            name = next((name for name in NAMES if content.startswith(f"{name}: ")), "")
            said += letters(content[len(name) :])
        self.assertEqual(said, SAID)

    def test_webvtt(self) -> None:
        cues = webvtt.read(str(EPISODE / "transcript.vtt")).captions
        self.assertEqual(len(cues), len(SEGMENTS))
        self.assertEqual([cue.voice for cue in cues], [s.get("speaker") for s in SEGMENTS])
        self.assertEqual(letters("".join(cue.text for cue in cues)), SAID)


class Document(unittest.TestCase):
    def test_docx(self) -> None:
        document = docx.Document(str(EXPORTS / "transcript.docx"))
        title, *paragraphs = document.paragraphs
        self.assertEqual((title.style.name, title.text), ("Heading 1", CHAPTERS["title"]))
        head, body = (EPISODE / "transcript.txt").read_text("utf-8").split("Transcript:\n\n")
        wanted = [letters(line) for line in body.split("\n\n")]
        self.assertIn(CHAPTERS["title"], head)
        found = [paragraph.text for paragraph in paragraphs]
        # A quotation of which the text states no time has one in the document.
        self.assertEqual([letters(text).endswith(line) for text, line in zip(found, wanted)], [True] * len(wanted))
        self.assertEqual(len(found), len(wanted))
        bold = {run.text.rstrip(": ") for p in paragraphs for run in p.runs if run.bold}
        self.assertEqual(bold, NAMES)


class Chapters(unittest.TestCase):
    def check(self, chapters: list) -> None:
        self.assertEqual(
            [(chapter.start, chapter.title) for chapter in chapters],
            [(int(start), title) for start, title in CHAPTER_STARTS],
        )

    def test_json(self) -> None:
        self.assertEqual(CHAPTERS["version"], "1.2.0")
        self.check(chapter_tools.extract_pci_chapters(CHAPTERS))

    def test_podlove(self) -> None:
        root = ElementTree.parse(EXPORTS / "chapters.xml").getroot()
        self.check(chapter_tools.extract_psc_chapters(root))

    def test_notes_as_an_app_reads_them(self) -> None:
        notes = (EPISODE / "notes.html").read_text("utf-8")
        self.check(chapter_tools.extract_description_chapters(notes, strip_html=True))

    def test_mp3(self) -> None:
        copy = EXPORTS / "copy.mp3"
        self.check(chapter_tools.extract_id3_chapters(copy))
        tags, before = mutagen.id3.ID3(copy), mutagen.id3.ID3(AUDIO)
        (contents,) = tags.getall("CTOC")
        chapters = [tags[f"CHAP:{child}"] for child in contents.child_element_ids]
        self.assertEqual(contents.flags, 3)
        starts = [(chapter.start_time / 1000, str(chapter.sub_frames["TIT2"])) for chapter in chapters]
        self.assertEqual(starts, CHAPTER_STARTS)
        for chapter, after in zip(chapters, chapters[1:]):
            self.assertEqual(chapter.end_time, after.start_time)
        self.assertEqual(str(tags["TIT2"]), CHAPTERS["title"])
        self.assertEqual(tags.getall("APIC"), before.getall("APIC"))
        sound = [path.read_bytes()[tag.size :] for path, tag in ((copy, tags), (AUDIO, before))]
        self.assertTrue(sound[0] == sound[1], "the sound is not that of the file")
        self.assertAlmostEqual(mutagen.mp3.MP3(copy).info.length, mutagen.mp3.MP3(AUDIO).info.length)


class Feed(unittest.TestCase):
    def setUp(self) -> None:
        self.feed = (SITE / "feed.xml").read_bytes()

    def test_feedparser(self) -> None:
        feed = feedparser.parse(self.feed)
        self.assertFalse(feed.bozo, feed.get("bozo_exception"))
        self.assertEqual((feed.version, feed.feed.title), ("rss20", "Slow Instruments"))
        (entry,) = feed.entries
        self.assertEqual(entry.title, "The Bucket and the Book")
        self.assertEqual(entry.published_parsed[:3], (2026, 11, 2))
        (enclosure,) = entry.enclosures
        self.assertEqual(enclosure.type, "audio/mpeg")
        self.assertEqual((entry.itunes_episode, entry.itunes_episodetype), ("1", "full"))
        self.assertIn("<p>", entry.content[0].value)

    def test_podcastparser(self) -> None:
        address = "https://slowinstruments.example/feed.xml"
        # It knows the namespace by its former name alone.
        former = b"https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md"
        feed = self.feed.replace(b"https://podcastindex.org/namespace/1.0", former)
        podcast = podcastparser.parse(address, io.BytesIO(feed))
        self.assertEqual(podcast["title"], "Slow Instruments")
        (episode,) = podcast["episodes"]
        self.assertTrue(episode["guid"])
        self.assertGreater(episode["enclosures"][0]["file_size"], 3_000_000)
        self.assertAlmostEqual(episode["total_time"], mutagen.mp3.MP3(AUDIO).info.length, delta=1)
        self.assertTrue(episode["chapters_json_url"].endswith(f"/{FOLDER}/chapters.json"))
        people = [(person["name"], person.get("role")) for person in episode["persons"]]
        self.assertEqual(
            people,
            [("Mirren Ostby", "host"), ("Caspar Dunmoyle", "host"), ("Sunniva Threlkeld", "guest")],
        )

    def test_persons_and_soundbites_stand_in_an_item(self) -> None:
        tags = [(EXPORTS / f"{name}.xml").read_text("utf-8") for name in ("persons", "soundbites")]
        item = f"<item xmlns:podcast='https://podcastindex.org/namespace/1.0'>{''.join(tags)}</item>"
        found = [child.tag.split("}")[1] for child in ElementTree.fromstring(item)]
        self.assertEqual(found, ["person"] * 3 + ["soundbite"])


unittest.main(argv=[sys.argv[0]], verbosity=2)
