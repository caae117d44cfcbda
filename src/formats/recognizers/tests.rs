use super::*;

type Said = (Option<i64>, Option<String>, String);

fn read(json: &str) -> (Vec<Passage>, Vec<Diagnostic>) {
    parse(json).unwrap_or_else(|fault| panic!("{fault}: {json}"))
}

fn texts(json: &str) -> Vec<Said> {
    let passages = read(json).0;
    passages.into_iter().map(|p| (p.start.map(Ms::get), p.speaker, p.text)).collect()
}

fn said(at: i64, who: &str, text: &str) -> Said {
    (Some(at), Some(who.to_owned()).filter(|who| !who.is_empty()), text.to_owned())
}

/// A small file of each form: Ann asks at 1.5 s, Bo answers at 3 s.
const FORMS: [(&str, &str, [&str; 2]); 29] = [
    (
        "Whisper",
        r#"{"text":"","segments":[{"id":0,"start":1.5,"end":2,"text":" Hello there."},{"start":3,"end":4,"text":" Yes."}],"language":"en"}"#,
        ["", ""],
    ),
    (
        "whisper.cpp",
        r#"{"systeminfo":"","transcription":[{"timestamps":{"from":"00:00:01,500","to":"00:00:02,000"},"offsets":{"from":1500,"to":2000},"text":" Hello there."},{"offsets":{"from":3000,"to":4000},"text":" Yes."}]}"#,
        ["", ""],
    ),
    (
        "WhisperX",
        r#"{"segments":[{"start":1.5,"end":4,"text":"x","speaker":"A","words":[{"word":"Hello","start":1.5,"end":1.8,"score":0.9,"speaker":"A"},{"word":"there."},{"word":"Yes.","start":3,"end":4,"speaker":"B"}]}],"word_segments":[]}"#,
        ["A", "B"],
    ),
    (
        "Hugging Face",
        r#"{"text":"","chunks":[{"timestamp":[1.5,2.0],"text":" Hello there."},{"timestamp":[3,null],"text":" Yes."}]}"#,
        ["", ""],
    ),
    (
        "Hugging Face, words",
        r#"{"chunks":[{"timestamp":[1.5,1.8],"text":" Hello"},{"timestamp":[1.8,2.0],"text":" there."},{"timestamp":[3.0,3.1],"text":" Ye"},{"timestamp":[3.1,3.2],"text":" s."}]}"#,
        ["", ""],
    ),
    (
        "words.json",
        r#"{"schema":1,"words":[{"start":1.5,"end":1.8,"text":"Hello","speaker":"Ann"},{"start":1.8,"end":2,"text":"there.","speaker":"Ann"},{"start":3,"end":4,"text":"Yes.","speaker":"Bo"}]}"#,
        ["Ann", "Bo"],
    ),
    (
        "Amazon",
        r#"{"jobName":"j","results":{"transcripts":[{"transcript":""}],"items":[{"start_time":"1.5","end_time":"1.8","alternatives":[{"confidence":"0.9","content":"Hello"}],"type":"pronunciation","speaker_label":"spk_0"},{"start_time":"1.8","end_time":"2.0","alternatives":[{"content":"there"}],"type":"pronunciation","speaker_label":"spk_0"},{"alternatives":[{"content":"."}],"type":"punctuation","speaker_label":"spk_0"},{"start_time":"3.0","end_time":"4.0","alternatives":[{"content":"Yes"}],"type":"pronunciation","speaker_label":"spk_1"},{"alternatives":[{"content":"."}],"type":"punctuation"}]},"status":"COMPLETED"}"#,
        ["spk_0", "spk_1"],
    ),
    (
        "Amazon, labels apart",
        r#"{"results":{"speaker_labels":{"segments":[{"items":[{"start_time":"1.5","speaker_label":"spk_0"}]},{"items":[{"start_time":"3.0","speaker_label":"spk_1"}]}]},"items":[{"start_time":"1.5","end_time":"2.0","alternatives":[{"content":"Hello there"}],"type":"pronunciation"},{"alternatives":[{"content":"."}],"type":"punctuation"},{"start_time":"3.0","end_time":"4.0","alternatives":[{"content":"Yes"}],"type":"pronunciation"},{"alternatives":[{"content":"."}],"type":"punctuation"}]}}"#,
        ["spk_0", "spk_1"],
    ),
    (
        "Google",
        r#"{"results":[{"alternatives":[{"transcript":"Hello there.","words":[{"startTime":"1.500s","endTime":"1.8s","word":"Hello"},{"startTime":"1.8s","endTime":"2s","word":"there."}]}]},{"alternatives":[{"transcript":" Yes.","words":[{"startTime":"3s","endTime":"4s","word":"Yes."}]}]},{"alternatives":[{"words":[{"startTime":"1.500s","endTime":"1.8s","word":"Hello","speakerTag":1},{"startTime":"1.8s","endTime":"2s","word":"there.","speakerTag":1},{"startTime":"3s","endTime":"4s","word":"Yes.","speakerTag":2}]}]}]}"#,
        ["Speaker 1", "Speaker 2"],
    ),
    (
        "Google, batch",
        r#"{"results":{"gs://b/a.wav":{"transcript":{"results":[{"alternatives":[{"transcript":"x","words":[{"startOffset":"1.5s","endOffset":"2s","word":"Hello there.","speakerLabel":"1"},{"startOffset":"3s","endOffset":"4s","word":"Yes.","speakerLabel":"2"}]}]}]}}}}"#,
        ["Speaker 1", "Speaker 2"],
    ),
    (
        "Azure",
        r#"{"source":"x","durationInTicks":40000000,"combinedRecognizedPhrases":[],"recognizedPhrases":[{"recognitionStatus":"Success","speaker":1,"offset":"PT1.5S","duration":"PT0.5S","offsetInTicks":15000000.0,"durationInTicks":5000000.0,"nBest":[{"lexical":"hello there","display":"Hello there."}]},{"speaker":2,"offset":"PT3S","duration":"PT1S","offsetInTicks":30000000.0,"durationInTicks":10000000.0,"nBest":[{"display":"Yes."}]}]}"#,
        ["Speaker 1", "Speaker 2"],
    ),
    (
        "Azure, fast",
        r#"{"durationMilliseconds":4000,"phrases":[{"speaker":1,"offsetMilliseconds":1500,"durationMilliseconds":500,"text":"Hello there.","words":[{"text":"hello","offsetMilliseconds":1500}]},{"speaker":2,"offsetMilliseconds":3000,"durationMilliseconds":1000,"text":"Yes."}]}"#,
        ["Speaker 1", "Speaker 2"],
    ),
    (
        "Azure, videos",
        r#"{"videos":[{"insights":{"transcript":[{"id":1,"text":"Hello there.","speakerId":1,"instances":[{"start":"0:00:01.5","end":"0:00:02"}]},{"text":"Yes.","speakerId":2,"instances":[{"start":"0:00:03","end":"0:00:04"}]}]}}]}"#,
        ["Speaker 1", "Speaker 2"],
    ),
    (
        "AssemblyAI",
        r#"{"id":"x","status":"completed","audio_duration":4,"words":[{"text":"Hello","start":1500,"end":1800,"speaker":"A"},{"text":"there.","start":1800,"end":2000,"speaker":"A"},{"text":"Yes.","start":3000,"end":4000,"speaker":"B"}],"utterances":[]}"#,
        ["A", "B"],
    ),
    (
        "Deepgram",
        r#"{"metadata":{},"results":{"channels":[{"alternatives":[{"transcript":"x","words":[{"word":"hello","start":1.5,"end":1.8,"speaker":0,"punctuated_word":"Hello"},{"word":"there","start":1.8,"end":2,"speaker":0,"punctuated_word":"there."},{"word":"yes","start":3,"end":4,"speaker":1,"punctuated_word":"Yes."}]}]}]}}"#,
        ["Speaker 0", "Speaker 1"],
    ),
    (
        "Deepgram, channels",
        r#"{"results":{"channels":[{"alternatives":[{"words":[{"word":"hello","start":1.5,"end":2,"punctuated_word":"Hello there."}]}]},{"alternatives":[{"words":[{"word":"yes","start":3,"end":4,"punctuated_word":"Yes."}]}]}]}}"#,
        ["Channel 1", "Channel 2"],
    ),
    (
        "Rev",
        r#"{"monologues":[{"speaker":0,"elements":[{"type":"text","value":"Hello","ts":1.5,"end_ts":1.8},{"type":"punct","value":" "},{"type":"text","value":"there","ts":1.8,"end_ts":2},{"type":"punct","value":"."}]},{"speaker":1,"elements":[{"type":"text","value":"Yes","ts":3,"end_ts":4},{"type":"punct","value":"."}]}],"speakers":[{"id":0,"name":"Ann"},{"id":1,"name":"Bo"}]}"#,
        ["Ann", "Bo"],
    ),
    (
        "Speechmatics",
        r#"{"format":"2.9","results":[{"type":"word","start_time":1.5,"end_time":1.8,"alternatives":[{"content":"Hello","speaker":"S1"}]},{"type":"word","start_time":1.8,"end_time":2,"alternatives":[{"content":"there","speaker":"S1"}]},{"type":"punctuation","attaches_to":"previous","start_time":2,"end_time":2,"alternatives":[{"content":".","speaker":"S1"}]},{"type":"word","start_time":3,"end_time":4,"alternatives":[{"content":"Yes.","speaker":"S2"}]}]}"#,
        ["S1", "S2"],
    ),
    (
        "Gladia",
        r#"{"result":{"metadata":{},"transcription":{"full_transcript":"x","utterances":[{"text":"Hello there.","start":1.5,"end":2,"speaker":0,"channel":0,"words":[{"word":"Hello","start":1.5,"end":1.8}]},{"text":"Yes.","start":3,"end":4,"speaker":1,"channel":0}]}}}"#,
        ["Speaker 0", "Speaker 1"],
    ),
    (
        "ElevenLabs",
        r#"{"language_code":"en","text":"x","words":[{"text":"Hello","start":1.5,"end":1.8,"type":"word","speaker_id":"speaker_0"},{"text":" ","start":1.8,"end":1.8,"type":"spacing","speaker_id":"speaker_0"},{"text":"there.","start":1.8,"end":2,"type":"word","speaker_id":"speaker_0"},{"text":"Yes.","start":3,"end":4,"type":"word","speaker_id":"speaker_1"}]}"#,
        ["speaker_0", "speaker_1"],
    ),
    (
        "YouTube's libraries",
        r#"[{"text":"Hello there.","start":1.5,"duration":0.5},{"text":"Yes.","start":3.0,"duration":1.0}]"#,
        ["", ""],
    ),
    (
        "YouTube, json3",
        r#"{"wireMagic":"pb3","events":[{"tStartMs":0,"id":1},{"tStartMs":1500,"dDurationMs":500,"segs":[{"utf8":"Hello"},{"utf8":" there.","tOffsetMs":300}]},{"tStartMs":1600,"aAppend":1,"segs":[{"utf8":"\n"}]},{"tStartMs":3000,"dDurationMs":1000,"segs":[{"utf8":"Yes."}]}]}"#,
        ["", ""],
    ),
    (
        "Teams",
        r#"{"version":"1.0","type":"Transcript","entries":[{"text":"Hello there.","speakerId":"x","speakerDisplayName":"Ann","startOffset":"00:00:01.5000000","endOffset":"00:00:02"},{"text":"Yes.","speakerDisplayName":"Bo","startOffset":"00:00:03","endOffset":"00:00:04"}]}"#,
        ["Ann", "Bo"],
    ),
    (
        "Sonix",
        r#"{"name":"x","transcript":[{"speaker":"Ann","start_time":1.5,"end_time":2,"text":"Hello there."},{"speaker":"Bo","start_time":3,"end_time":4,"text":"Yes."}]}"#,
        ["Ann", "Bo"],
    ),
    (
        "Premiere Pro",
        r#"{"language":"en-us","segments":[{"start":1.5,"duration":0.5,"speaker":"u1","words":[{"start":1.5,"duration":0.3,"text":"Hello","type":"word","eos":false},{"start":1.8,"duration":0.2,"text":"there.","type":"word"}]},{"start":3,"duration":1,"speaker":"u2","words":[{"start":3,"duration":1,"text":"Yes.","type":"word"}]}],"speakers":[{"id":"u1","name":"Ann"},{"id":"u2","name":"Bo"}]}"#,
        ["Ann", "Bo"],
    ),
    (
        "Fireflies",
        r#"{"data":{"transcript":{"title":"x","sentences":[{"index":0,"speaker_name":"Ann","text":"Hello there.","start_time":1.5,"end_time":2},{"speaker_name":"Bo","text":"Yes.","start_time":3,"end_time":4}]}}}"#,
        ["Ann", "Bo"],
    ),
    (
        "Recall.ai",
        r#"[{"participant":{"id":7,"name":"Ann"},"words":[{"text":"Hello","start_timestamp":{"relative":1.5,"absolute":"x"},"end_timestamp":{"relative":1.8}},{"text":"there.","start":1.8,"end":2}]},{"participant":{"name":"Bo"},"words":[{"text":"Yes.","start":3,"end":4}]}]"#,
        ["Ann", "Bo"],
    ),
    (
        "Vosk, in lines",
        "{\"result\":[{\"conf\":1,\"start\":1.5,\"end\":2,\"word\":\"Hello there.\"}],\"text\":\"\"}\n{\"result\":[{\"start\":3,\"end\":4,\"word\":\"Yes.\"}],\"text\":\"\"}\n",
        ["", ""],
    ),
    (
        "Symbl, by the day",
        r#"{"messages":[{"text":"Hello there.","from":{"name":"Ann"},"startTime":"2026-01-02T10:00:00.000Z"},{"text":"Yes.","from":{"name":"Bo"},"startTime":"2026-01-02T10:00:01.500Z"}]}"#,
        ["Ann", "Bo"],
    ),
];

#[test]
fn every_form_is_read_with_its_times_and_its_speakers() {
    for (form, json, [asks, answers]) in FORMS {
        let first = if form.contains("day") { 0 } else { 1_500 };
        let reply = if form.contains(", words") { "Ye s." } else { "Yes." };
        let wanted = [said(first, asks, "Hello there."), said(first + 1_500, answers, reply)];
        assert_eq!(texts(json), wanted, "{form}");
    }
}

#[test]
fn milliseconds_are_read_as_such_and_said() {
    let told = r#"{"words":[{"text":"Right,","start":250,"end":650},{"text":"are","start":730,"end":1022},{"text":"we?","start":1076,"end":1466}]}"#;
    let (passages, found) = read(told);
    assert_eq!(passages[0].start, Some(Ms::new(250)));
    assert_eq!(passages[0].end, Some(Ms::new(1_466)));
    assert!(found[0].rule == "J7" && found[0].message.contains("milliseconds"), "{found:?}");
    let seconds = r#"[{"text":"So there we were, all of us, in the rain.","start":1,"end":4},{"text":"Yes.","start":4,"end":5}]"#;
    assert_eq!(read(seconds).1, []);
    assert_eq!(read(seconds).0[1].start, Some(Ms::new(4_000)));
    let said = r#"{"text":"Hello there, Bo.","start":16000,"end":40000}"#;
    let samples = format!("[{}]", [said; 5].join(","));
    let told = &read(&samples).1[0];
    assert!(told.rule == "J7" && told.severity == crate::formats::Severity::Error, "{told}");
}

#[test]
fn what_is_no_time_is_told_with_its_value_and_its_place() {
    let json = "{\"segments\":[\n{\"start\":1e300,\"end\":2,\"text\":\"Hello there.\"},\n{\"start\":\"soon\",\"text\":\"Yes.\"}]}";
    let (passages, found) = read(json);
    assert_eq!(passages[0].start, None);
    let told: Vec<_> = found.iter().map(|d| (d.line, d.rule)).collect();
    assert_eq!(told, [(2, "J2"), (3, "J2")]);
    assert!(found[0].message.contains("`1e300`"), "{found:?}");
}

#[test]
fn sounds_and_languages_without_spaces_are_kept_as_they_are() {
    let json = r#"{"words":[{"text":"今日","start":0,"end":0.4,"type":"word"},{"text":"は。","start":0.4,"end":0.8,"type":"word"},{"text":"(laughter)","start":1,"end":2,"type":"audio_event"}]}"#;
    let (passages, _) = read(json);
    assert_eq!(passages[0].text, "今日は。");
    assert!(passages[1].is_sound && passages[1].text == "laughter");
}

#[test]
fn an_unknown_form_is_refused_by_the_names_at_its_top() {
    for (json, part) in [
        (r#"{"recipe":1,"steps":[{"do":"stir"}]}"#, "`recipe`, `steps`"),
        (r#"[{"id":1,"url":"x"}]"#, "`[].id`, `[].url`"),
        ("[1,2]", "no names"),
        (r#"{"status":"error","text":"x"}"#, "`status`, `text`"),
    ] {
        let refused = parse(json).unwrap_err();
        assert!(refused.to_string().contains(part), "{refused}");
        assert!(refused.hint().contains("Deepgram"), "{}", refused.hint());
    }
}
