//! The same conversation in the form of each tool.

/// A form of the table, and a file of it with the words below.
pub(super) struct Form {
    pub(super) tool: &'static str,
    pub(super) form: &'static str,
    pub(super) file: &'static str,
    pub(super) text: &'static str,
    pub(super) speakers: [&'static str; 3],
    /// The stated times, in ms.
    pub(super) times: &'static [i64],
}

/// What is said in each file.
pub(super) const WORDS: [&str; 3] =
    ["Are we recording, do you think?", "I think so. It takes two hours.", "Good."];
const NAMED: [&str; 3] = ["Tilda Marsh", "Odo Ferris", "Tilda Marsh"];
const SHORT: [&str; 3] = ["Tilda", "Odo", "Tilda"];
const NOBODY: [&str; 3] = ["", "", ""];
const TIMES: &[i64] = &[2_000, 9_000, 65_000];

/// A file of each form.
pub(super) const FORMS: &[Form] = &[
    Form {
        tool: "Zoom",
        form: "`.vtt`",
        file: "a.vtt",
        text: "WEBVTT\r\n\r\n1\r\n00:00:02.000 --> 00:00:05.000\r\nTilda Marsh (she/her): Are we recording, do you think?\r\n\r\n\
               2\r\n00:00:09.000 --> 00:00:12.000\r\nodo’s ipad: I think so. It takes two hours.\r\n\r\n\
               3\r\n00:01:05.000 --> 00:01:06.000\r\nTilda Marsh (she/her): Good.\r\n",
        speakers: ["Tilda Marsh (she/her)", "odo’s ipad", "Tilda Marsh (she/her)"],
        times: TIMES,
    },
    Form {
        tool: "Zoom",
        form: "`.txt`",
        file: "a.txt",
        text: "[Tilda Marsh] 00:00:02\nAre we recording, do you think?\n\n[Odo Ferris] 00:00:09\nI think so. It takes two hours.\n\n\
               [Tilda Marsh] 00:01:05\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Zoom",
        form: "text, time first",
        file: "a.txt",
        text: "00:00:02 Tilda Marsh: Are we recording, do you think?\n00:00:09 Odo Ferris: I think so. It takes two hours.\n\
               00:01:05 Tilda Marsh: Good.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Microsoft Teams",
        form: "`.vtt`",
        file: "a.vtt",
        text: "WEBVTT\n\n7d3f1c52-9b04/14-0\n00:00:02.000 --> 00:00:05.000\n<v Tilda Marsh>Are we recording,\ndo you think?</v>\n\n\
               7d3f1c52-9b04/14-1\n00:00:09.000 --> 00:00:12.000\n<v Odo Ferris>I think so. It takes two hours.</v>\n\n\
               7d3f1c52-9b04/15-0\n00:01:05.000 --> 00:01:06.000\n<v Tilda Marsh>Good.</v>\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Microsoft Teams",
        form: "text of the document",
        file: "a.txt",
        text: "Net mending-20260301_101500-Meeting Recording\nMarch 1, 2026, 10:15AM\n1m 12s\n\nTilda Marsh started transcription\n\n\
               Tilda Marsh   0:02\nAre we recording, do you think?\n\nOdo Ferris   0:09\nI think so. It takes two hours.\n\n\
               Tilda Marsh   1:05\nGood.\n\nTilda Marsh stopped transcription\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Microsoft Teams",
        form: "text, times above names",
        file: "a.txt",
        text: "0:0:2.0 --> 0:0:5.0\nTilda Marsh\nAre we recording, do you think?\n\n0:0:9.0 --> 0:0:12.0\nOdo Ferris\n\
               I think so. It takes two hours.\n\n0:1:5.0 --> 0:1:6.0\nTilda Marsh\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Microsoft Teams",
        form: "text, names above times",
        file: "a.txt",
        text: "Tilda Marsh\n0:02\nAre we recording, do you think?\nOdo Ferris\n0:09\nI think so. It takes two hours.\nTilda Marsh\n1:05\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Google Meet",
        form: "text of the document",
        file: "a.txt",
        text: "Net mending (2026-03-01 at 10:15 GMT) - Transcript\nAttendees\nTilda Marsh, Odo Ferris\n\nTranscript\n00:00:00\n\
               Tilda Marsh: Are we recording, do you think?\nOdo Ferris: I think so. It takes two hours.\n\n00:01:05\nTilda Marsh: Good.\n\n\
               Meeting ended after 00:06:12 👋\n\nThis editable transcript was computer generated and might contain errors. \
               People can also change the text after it was created.\n",
        speakers: NAMED,
        times: &[0, 65_000],
    },
    Form {
        tool: "Google Meet",
        form: "Markdown of the document",
        file: "a.md",
        text: "# Net mending - Transcript\n\n### 00:00:00 {#00:00:00}\n\n**Tilda Marsh:** Are we recording, do you think?\n\n\
               **Odo Ferris:** I think so. It takes two hours.\n\n### 00:01:05 {#00:01:05}\n\n**Tilda Marsh:** Good.\n\n\
               ### Transcription ended after 00:06:12\n",
        speakers: NAMED,
        times: &[0, 65_000],
    },
    Form {
        tool: "Otter",
        form: "`.txt`",
        file: "a.txt",
        text: "Tilda Marsh  0:02  \nAre we recording, do you think?\n\nOdo Ferris  0:09  \nI think so. It takes two hours.\n\n\
               Tilda Marsh  1:05  \nGood.\n\nTranscribed by https://otter.ai\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Otter",
        form: "`.srt`",
        file: "a.srt",
        text: "1\n00:00:02,000 --> 00:00:05,000\nTilda Marsh: Are we recording,\ndo you think?\n\n\
               2\n00:00:09,000 --> 00:00:12,000\nOdo Ferris: I think so. It takes two hours.\n\n\
               3\n00:01:05,000 --> 00:01:06,000\nTilda Marsh: Good.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Rev",
        form: "`.txt`",
        file: "a.txt",
        text: "Tilda Marsh (00:02):\nAre we recording, do you think?\n\nOdo Ferris (00:09):\nI think so. It takes two hours.\n\n\
               Tilda Marsh (01:05):\nGood.\n\nThis transcript was exported on Mar 01, 2026 - view latest version here.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Rev",
        form: "text, all on one line",
        file: "a.txt",
        text: "Tilda Marsh:    00:02    Are we recording, do you think?\n\nOdo Ferris:    00:09    I think so. It takes two hours.\n\n\
               Tilda Marsh:    01:05    Good.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Trint",
        form: "`.txt`",
        file: "a.txt",
        text: "Tilda Marsh: [00:00:02.00] Are we recording, do you think? [00:00:05.20][3.2]\n\n\
               Odo Ferris: [00:00:09.00] I think so. It takes two hours. [00:00:12.00][3.0]\n\nTilda Marsh: [00:01:05.00] Good. [00:01:06.00][1.0]\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Sonix",
        form: "`.txt`",
        file: "a.txt",
        text: "Net mending.mp3\n\nTilda Marsh: [00:00:02] Are we recording, do you think?\n\nOdo Ferris: [00:00:09] I think so. It takes two hours.\n\n\
               Tilda Marsh: [00:01:05] Good.\n\nAutomatically transcribed with Sonix.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Happy Scribe",
        form: "`.txt`",
        file: "a.txt",
        text: "[00:00:02.000] - Tilda Marsh\nAre we recording, do you think?\n\n[00:00:09.000] - Odo Ferris\nI think so. It takes two hours.\n\n\
               [00:01:05.000] - Tilda Marsh\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Descript",
        form: "Markdown",
        file: "a.md",
        text: "**Tilda Marsh:** [00:00:02] Are we recording, do you think?\n\n**Odo Ferris:** [00:00:09] I think so. It takes two hours.\n\n\
               **Tilda Marsh:** [00:01:05] Good.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Descript",
        form: "`.txt`",
        file: "a.txt",
        text: "[00:00:02] Tilda: Are we recording, do you think?\n\n[00:00:09] Odo: I think so. It takes two hours.\n\n[00:01:05] Tilda: Good.\n",
        speakers: SHORT,
        times: TIMES,
    },
    Form {
        tool: "Riverside",
        form: "`.txt`",
        file: "a.txt",
        text: "Tilda Marsh (00:02.00)\nAre we recording, do you think?\n\nOdo Ferris (00:09.000)\nI think so. It takes two hours.\n\n\
               Tilda Marsh (01:05.00)\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "SquadCast",
        form: "`.txt`",
        file: "a.txt",
        text: "Tilda Marsh  [00:00:02]:\nAre we recording, do you think?\n\nOdo Ferris  [00:00:09]:\nI think so. It takes two hours.\n\n\
               Tilda Marsh  [00:01:05]:\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Temi",
        form: "`.txt`",
        file: "a.txt",
        text: "Speaker 1:\t00:02\tAre we recording, do you think?\n\nSpeaker 2:\t00:09\tI think so. It takes two hours.\n\nSpeaker 1:\t01:05\tGood.\n",
        speakers: ["Speaker 1", "Speaker 2", "Speaker 1"],
        times: TIMES,
    },
    Form {
        tool: "Fireflies",
        form: "`.txt`",
        file: "a.txt",
        text: "Tilda Marsh - 00:02\nAre we recording, do you think?\n\nOdo Ferris - 00:09\nI think so. It takes two hours.\n\nTilda Marsh - 01:05\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Fireflies",
        form: "`.csv`",
        file: "a.csv",
        text: "Sentence,Speaker Name,Start Time,End Time\n\"Are we recording, do you think?\",Tilda Marsh,00:02,00:05\n\
               I think so. It takes two hours.,Odo Ferris,00:09,00:12\nGood.,Tilda Marsh,01:05,01:06\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "tl;dv",
        form: "text",
        file: "a.txt",
        text: "00:02 - Tilda Marsh\nAre we recording, do you think?\n\n00:09 - Odo Ferris\nI think so. It takes two hours.\n\n01:05 - Tilda Marsh\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Grain",
        form: "text",
        file: "a.txt",
        text: "[00:00:02] Tilda Marsh\nAre we recording, do you think?\n\n[00:00:09] Odo Ferris\nI think so. It takes two hours.\n\n[00:01:05] Tilda Marsh\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Fathom",
        form: "text",
        file: "a.txt",
        text: "Net mending - March 01\nVIEW RECORDING - 1 mins (No highlights):\n\n---\n\n0:02 - Tilda Marsh (Harbour Hour)\n  Are we recording, do you think?\n\n\
               0:09 - Odo Ferris\n  I think so. It takes two hours.\n\n1:05 - Tilda Marsh (Harbour Hour)\n  Good.\n",
        speakers: ["Tilda Marsh (Harbour Hour)", "Odo Ferris", "Tilda Marsh (Harbour Hour)"],
        times: TIMES,
    },
    Form {
        tool: "Krisp",
        form: "text",
        file: "a.txt",
        text: "Tilda Marsh | 00:02\nAre we recording, do you think?\n\nOdo Ferris | 00:09\nI think so. It takes two hours.\n\nTilda Marsh | 01:05\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Apple Podcasts",
        form: "`.ttml`",
        file: "a.ttml",
        text: "<?xml version=\"1.0\" encoding=\"UTF-8\"?><tt xmlns=\"http://www.w3.org/ns/ttml\" xmlns:podcasts=\"http://podcasts.apple.com/transcript-ttml-internal\" \
               xmlns:ttm=\"http://www.w3.org/ns/ttml#metadata\"><body dur=\"70.0\"><div>\
               <p begin=\"2.0\" end=\"5.0\" ttm:agent=\"SPEAKER_1\"><span begin=\"2.0\" end=\"5.0\" podcasts:unit=\"sentence\"><span begin=\"2.0\" end=\"2.3\" podcasts:unit=\"word\">Are</span>\
               <span begin=\"2.3\" end=\"2.6\" podcasts:unit=\"word\">we</span><span begin=\"2.6\" end=\"3\" podcasts:unit=\"word\">recording,</span>\
               <span podcasts:unit=\"word\">do</span><span podcasts:unit=\"word\">you</span><span podcasts:unit=\"word\">think?</span></span></p>\
               <p begin=\"9.0\" end=\"12.0\" ttm:agent=\"SPEAKER_2\"><span podcasts:unit=\"sentence\">I think so.</span><span podcasts:unit=\"sentence\">It takes two hours.</span></p>\
               <p begin=\"1:05.0\" end=\"1:06.0\" ttm:agent=\"SPEAKER_1\">Good.</p></div></body></tt>",
        speakers: ["SPEAKER_1", "SPEAKER_2", "SPEAKER_1"],
        times: TIMES,
    },
    Form {
        tool: "TTML, DFXP, IMSC",
        form: "`.ttml`, `.dfxp`, `.xml`",
        file: "a.xml",
        text: "<tt xmlns=\"http://www.w3.org/2006/10/ttaf1\" xmlns:ttp=\"x\" xmlns:ttm=\"y\" ttp:frameRate=\"25\">\n<head><metadata>\
               <ttm:agent xml:id=\"a\"><ttm:name>Tilda Marsh</ttm:name></ttm:agent><ttm:agent xml:id=\"b\"><ttm:name>Odo Ferris</ttm:name></ttm:agent></metadata></head>\n<body><div>\n\
               <p begin=\"00:00:02:00\" end=\"00:00:05:00\" ttm:agent=\"a\">Are we recording,<br/>do you think?</p>\n\
               <p begin=\"9s\" dur=\"3s\" ttm:agent=\"b\">I think so.\n It takes two hours.</p>\n<p begin=\"1625f\" end=\"66s\" ttm:agent=\"a\">Good.</p></div></body></tt>",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "YouTube",
        form: "`.sbv`",
        file: "a.sbv",
        text: "0:00:02.000,0:00:05.000\n>> TILDA: Are we recording,\ndo you think?\n\n0:00:09.000,0:00:12.000\n>> ODO: I think so. It takes two hours.\n\n\
               0:01:05.000,0:01:06.000\n>> TILDA: Good.\n",
        speakers: SHORT,
        times: TIMES,
    },
    Form {
        tool: "YouTube",
        form: "`.vtt`, rolling",
        file: "a.vtt",
        text: "WEBVTT\nKind: captions\nLanguage: en\n\n00:00:02.000 --> 00:00:05.000 align:start position:0%\n \nAre<00:00:02.400><c> we</c><c> recording,</c><c> do</c><c> you</c><c> think?</c>\n\n\
               00:00:05.000 --> 00:00:05.010 align:start position:0%\nAre we recording, do you think?\n \n\n\
               00:00:05.010 --> 00:00:09.000 align:start position:0%\nAre we recording, do you think?\nI<00:00:06.400><c> think</c><c> so.</c><c> It</c><c> takes</c><c> two</c><c> hours.</c>\n\n\
               00:00:09.000 --> 00:00:09.010 align:start position:0%\nI think so. It takes two hours.\n \n\n\
               00:00:09.010 --> 00:00:12.000 align:start position:0%\nI think so. It takes two hours.\nGood.\n\n",
        speakers: NOBODY,
        times: &[2_000, 5_010, 9_010],
    },
    Form {
        tool: "YouTube",
        form: "`.srt`, rolling",
        file: "a.srt",
        text: "1\n00:00:02,000 --> 00:00:05,000\nAre we recording, do you think?\n\n2\n00:00:05,000 --> 00:00:05,010\nAre we recording, do you think?\n\n\
               3\n00:00:05,010 --> 00:00:09,000\nAre we recording, do you think?\nI think so. It takes two hours.\n\n\
               4\n00:00:09,000 --> 00:00:09,010\nI think so. It takes two hours.\n\n5\n00:00:09,010 --> 00:00:12,000\nI think so. It takes two hours.\nGood.\n",
        speakers: NOBODY,
        times: &[2_000, 5_010, 9_010],
    },
    Form {
        tool: "YouTube",
        form: "pasted panel",
        file: "a.txt",
        text: "0:02\nAre we recording, do you think?\n0:09\nI think so. It takes two hours.\n1:05\nGood.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "YouTube",
        form: "pasted panel, times in words",
        file: "a.txt",
        text: "Transcript\n\n0:02\n2 seconds\nAre we recording, do you think?\n0:09\n9 seconds\nI think so. It takes two hours.\n1:05\n1 minute, 5 seconds\nGood.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "YouTube",
        form: "`.xml`",
        file: "a.xml",
        text: "<?xml version=\"1.0\" encoding=\"utf-8\" ?><transcript><text start=\"2\" dur=\"3\">Are we recording, do you think?</text>\
               <text start=\"9\" dur=\"3\">I think so. It takes two hours.</text><text start=\"65\" dur=\"1\">Good.</text></transcript>",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "noScribe",
        form: "`.vtt`",
        file: "a.vtt",
        text: "WEBVTT Transcript\n\nNOTE\nTranscribed with noScribe vers. 0.6\n\nNOTE media: tape.mp3\n\n00:00:02.000 --> 00:00:05.000\n<v S00>Are we recording, do you think?\n\n\
               00:00:09.000 --> 00:00:12.000\n<v S01>I think so. It takes two hours.\n\n00:01:05.000 --> 00:01:06.000\n<v S00>Good.\n",
        speakers: ["S00", "S01", "S00"],
        times: TIMES,
    },
    Form {
        tool: "aTrain",
        form: "`.txt`",
        file: "a.txt",
        text: "SPEAKER_00\nAre we recording, do you think?\n\nSPEAKER_01\nI think so. It takes two hours.\n\nSPEAKER_00\nGood.\n",
        speakers: ["SPEAKER_00", "SPEAKER_01", "SPEAKER_00"],
        times: &[],
    },
    Form {
        tool: "f4, MAXQDA",
        form: "`.txt`",
        file: "a.txt",
        text: "Tilda: Are we recording, do you think? #00:00:09-0#\n\nOdo: I think so. It takes two hours. #00:01:05-0#\n\nTilda: Good. #00:01:06-5#\n",
        speakers: SHORT,
        times: &[0, 9_000, 65_000],
    },
    Form {
        tool: "MacWhisper",
        form: "`.csv`",
        file: "a.csv",
        text: "\"Start\";\"End\";\"Speaker\";\"Text\"\r\n\"00:00:02.000\";\"00:00:05.000\";\"Tilda\";\"Are we recording, do you think?\"\r\n\
               \"00:00:09.000\";\"00:00:12.000\";\"Odo\";\"I think so. It takes two hours.\"\r\n\"00:01:05.000\";\"00:01:06.000\";\"Tilda\";\"Good.\"\r\n",
        speakers: SHORT,
        times: TIMES,
    },
    Form {
        tool: "Whisper",
        form: "`.tsv`",
        file: "a.tsv",
        text: "start\tend\ttext\n2000\t5000\tAre we recording, do you think?\n9000\t12000\tI think so. It takes two hours.\n65000\t66000\tGood.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "Whisper, whisper.cpp",
        form: "lines of the terminal",
        file: "a.txt",
        text: "[00:00:02.000 --> 00:00:05.000]   Are we recording, do you think?\n[00:00:09.000 --> 00:00:12.000]   I think so. It takes two hours.\n\
               [00:01:05.000 --> 00:01:06.000]   Good.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "whisper.cpp",
        form: "`.csv`",
        file: "a.csv",
        text: "start,end,text\n2000,5000,\" Are we recording, do you think?\"\n9000,12000,\" I think so. It takes two hours.\"\n65000,66000,\" Good.\"\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "whisper.cpp",
        form: "`.lrc`",
        file: "a.lrc",
        text: "[by:whisper.cpp]\n[00:02.00] Are we recording, do you think?\n[00:09.00] I think so. It takes two hours.\n[01:05.00] Good.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "Audacity",
        form: "labels, `.txt`",
        file: "a.txt",
        text: "2.000000\t5.000000\tAre we recording, do you think?\n9.000000\t12.000000\tI think so. It takes two hours.\n65.000000\t66.000000\tGood.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "SubStation Alpha",
        form: "`.ass`, `.ssa`",
        file: "a.ass",
        text: "[Script Info]\nTitle: Nets\nScriptType: v4.00+\n\n[V4+ Styles]\nFormat: Name, Fontname\nStyle: Default,Arial\n\n[Events]\n\
               Format: Layer, Start, End, Style, Name, MarginL, MarginR, MarginV, Effect, Text\n\
               Dialogue: 0,0:00:02.00,0:00:05.00,Default,Tilda Marsh,0,0,0,,{\\i1}Are we recording,{\\i0}\\Ndo you think?\n\
               Dialogue: 0,0:00:09.00,0:00:12.00,Default,Odo Ferris,0,0,0,,I think so. It takes two hours.\n\
               Dialogue: 0,0:01:05.00,0:01:06.00,Default,Tilda Marsh,0,0,0,,Good.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "SubViewer",
        form: "`.sub`",
        file: "a.sub",
        text: "[INFORMATION]\n[TITLE]Nets\n[END INFORMATION]\n[SUBTITLE]\n\n00:00:02.00,00:00:05.00\nAre we recording,[br]do you think?\n\n\
               00:00:09.00,00:00:12.00\nI think so. It takes two hours.\n\n00:01:05.00,00:01:06.00\nGood.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "MicroDVD",
        form: "`.sub`, with its rate",
        file: "a.sub",
        text: "{1}{1}25\n{50}{125}Are we recording,|do you think?\n{225}{300}{y:i}I think so. It takes two hours.\n{1625}{1650}Good.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "MPL2",
        form: "`.txt`",
        file: "a.txt",
        text: "[20][50]/Are we recording,|do you think?\n[90][120]I think so. It takes two hours.\n[650][660]Good.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "Premiere Pro",
        form: "`.txt`",
        file: "a.txt",
        text: "00:00:02:00 - 00:00:05:00\nTilda Marsh\nAre we recording, do you think?\n\n00:00:09:00 - 00:00:12:00\nOdo Ferris\nI think so. It takes two hours.\n\n\
               00:01:05:00 - 00:01:06:00\nTilda Marsh\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Premiere Pro",
        form: "`.csv`",
        file: "a.csv",
        text: "Speaker Name,Start Time,End Time,Text\nTilda Marsh,00:00:02:00,00:00:05:00,\"Are we recording, do you think?\"\n\
               Odo Ferris,00:00:09;00,00:00:12;00,I think so. It takes two hours.\nTilda Marsh,00:01:05:00,00:01:06:00,Good.\n",
        speakers: NAMED,
        times: TIMES,
    },
    Form {
        tool: "Avid",
        form: "captions, `.txt`",
        file: "a.txt",
        text: "@ This file written with the Avid Caption plugin, version 1\n\n<begin subtitles>\n\n00:00:02:00 00:00:05:00\nAre we recording,\ndo you think?\n\n\
               00:00:09:00 00:00:12:00\nI think so. It takes two hours.\n\n00:01:05:00 00:01:06:00\nGood.\n\n<end subtitles>\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "Spruce",
        form: "STL, as text",
        file: "a.stl",
        text: "//Nets\n$FontName = Arial\n\n00:00:02:00 , 00:00:05:00 , Are we recording, do you think?\n00:00:09:00 , 00:00:12:00 , I think so. It takes two hours.\n\
               00:01:05:00 , 00:01:06:00 , Good.\n",
        speakers: NOBODY,
        times: TIMES,
    },
    Form {
        tool: "Buzzsprout and other hosts",
        form: "`.srt`",
        file: "a.srt",
        text: "1\n00:00:02,000 --> 00:00:05,000\nTilda: Are we recording,\ndo you think?\n\n2\n00:00:09,000 --> 00:00:12,000\nOdo: I think so.\n\n\
               3\n00:00:12,000 --> 00:00:13,000\nIt takes two hours.\n\n4\n00:01:05,000 --> 00:01:06,000\nTilda: Good.\n",
        speakers: SHORT,
        times: &[2_000, 9_000, 12_000, 65_000],
    },
    Form {
        tool: "Markdown",
        form: "names as headings",
        file: "a.md",
        text: "---\ntitle: Nets\n---\n\n# Nets\n\n## Tilda Marsh\n\nAre we recording, do you think?\n\n## Odo Ferris\n\nI think so. It takes *two* hours.\n\n## Tilda Marsh\n\nGood.\n",
        speakers: NAMED,
        times: &[],
    },
    Form {
        tool: "Markdown",
        form: "names in bold on their own lines",
        file: "a.md",
        text: "**Tilda Marsh** (00:00:02)\n\nAre we recording, do you think?\n\n**Odo Ferris** (00:00:09)\n\nI think so. It takes two hours.\n\n**Tilda Marsh** (00:01:05)\n\nGood.\n",
        speakers: NAMED,
        times: TIMES,
    },
];
