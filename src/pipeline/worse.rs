//! Whether a stage's new result is plainly worse than the one that it would replace.
//!
//! A smaller model, another language or a wrong setting can take away what a person has corrected for an
//! hour. Such a result is refused, and the one before stays.

use std::collections::BTreeMap;

use serde::de::DeserializeOwned;

use crate::diarize::Diarization;
use crate::pipeline::records::Record;
use crate::pipeline::{Pipeline, PipelineError};
use crate::speech::{SpeakerLabel, Suspicion, Word};
use crate::stage::Stage;
use crate::time::Ms;
use crate::transcribe::Transcript;

/// From how many words on their number says something.
const ENOUGH_WORDS: usize = 6;
/// How many more words may be parts of phrases that repeat without end.
const MORE_LOOPS: usize = 20;
/// From how much speech on a voice is one that can be lost.
const VOICE: Ms = Ms::new(20_000);

impl Pipeline<'_> {
    /// Refuses a stage's new result that `worse` finds worse than the one that it replaces, if that was
    /// made of the same sound and is still as it was left.
    pub(super) fn must_not_be_worse<T: DeserializeOwned>(
        &self,
        stage: Stage,
        record: Record,
        new: &T,
        worse: fn(&T, &T) -> Option<String>,
    ) -> Result<(), PipelineError> {
        let sound = self.manifest.stages.get(&Stage::Decode).map(|entry| entry.result.to_string());
        let path = self.folder.work_file(record.file);
        let replaced = self.replaced.as_ref().filter(|entry| {
            let same_sound = |value: &str| Some(value) == sound.as_deref();
            let mark = entry.files.get(record.file);
            entry.depends_on.iter().any(|on| on.name.contains("`decode`") && same_sound(&on.value))
                && mark.is_some_and(|mark| mark.clone().holds(&path))
        });
        if self.settings.force || replaced.is_none() {
            return Ok(());
        }
        let how = self.load::<T>(record).ok().and_then(|old| worse(&old, new));
        how.map_or(Ok(()), |how| Err(PipelineError::Worse { stage, how }))
    }

    /// A stage's result that was to be replaced is what it was.
    pub(super) fn put_back(&mut self, stage: Stage) -> Result<(), PipelineError> {
        if let Some(entry) = self.replaced.take() {
            self.manifest.stages.insert(stage, entry);
            self.write_manifest()?;
        }
        Ok(())
    }
}

/// A third fewer words, or phrases that repeat without end.
pub(super) fn transcript(old: &Transcript, new: &Transcript) -> Option<String> {
    let count = |transcript: &Transcript, counts: fn(&Word) -> bool| {
        let words = transcript.segments.iter().flat_map(|segment| &segment.words);
        words.filter(|word| counts(word)).count()
    };
    let said = |word: &Word| word.suspect.is_none();
    let (before, after) = (count(old, said), count(new, said));
    if before >= ENOUGH_WORDS && after * 3 <= before * 2 {
        return Some(format!("{after} words instead of {before}"));
    }
    let loops = |word: &Word| word.suspect == Some(Suspicion::Loop);
    let (before, after) = (count(old, loops), count(new, loops));
    (after > before + MORE_LOOPS)
        .then(|| format!("{after} words repeat without end, {before} did before"))
}

/// Voices that are lost.
pub(super) fn diarization(old: &Diarization, new: &Diarization) -> Option<String> {
    let voices = |diarization: &Diarization| {
        let mut speech: BTreeMap<SpeakerLabel, Ms> = BTreeMap::new();
        for turn in &diarization.turns {
            let own = speech.entry(turn.label.clone()).or_insert(Ms::ZERO);
            *own = *own + turn.span.duration();
        }
        speech.values().filter(|speech| **speech >= VOICE).count()
    };
    let (before, after) = (voices(old), voices(new));
    (after < before).then(|| format!("{after} voices instead of {before}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::speech::{ModelId, Segment, Turn};
    use crate::time::Span;

    fn model() -> ModelId {
        ModelId { name: "scripted".into(), sha256: "scripted".into() }
    }

    fn heard(words: i64, loops: i64) -> Transcript {
        let word = |n: i64| {
            let span = Span::at_least_1ms(Ms::new(n * 300), Ms::new(n * 300 + 250));
            let suspect = (n >= words).then_some(Suspicion::Loop);
            Word { suspect, ..Word::new(span, "word", 1.0) }
        };
        let words: Vec<Word> = (0..words + loops).map(word).collect();
        let span = Span::at_least_1ms(Ms::ZERO, Ms::new(9_000_000));
        Transcript {
            language: "en".into(),
            segments: vec![Segment { span, words, avg_logprob: 0.0, no_speech_prob: 0.0 }],
            inaudible: Vec::new(),
            recognizer: model(),
            engine: String::new(),
        }
    }

    #[test]
    fn a_third_fewer_words_and_new_loops_are_worse() {
        let worse = |words, loops| transcript(&heard(90, 2), &heard(words, loops));
        assert_eq!(worse(60, 0).as_deref(), Some("60 words instead of 90"));
        assert_eq!(worse(61, 22), None);
        assert_eq!(worse(200, 23).as_deref(), Some("23 words repeat without end, 2 did before"));
        assert_eq!(transcript(&heard(5, 0), &heard(0, 0)), None);
    }

    #[test]
    fn a_lost_voice_is_worse_and_a_stray_sound_is_none() {
        let voices = |seconds: &[i64]| Diarization {
            turns: seconds
                .iter()
                .enumerate()
                .map(|(index, seconds)| Turn {
                    span: Span::at_least_1ms(Ms::ZERO, Ms::new(seconds * 1_000)),
                    label: SpeakerLabel::from_index(index),
                })
                .collect(),
            voices: [].into(),
            known: [].into(),
            unsure: Vec::new(),
            embedder: model(),
        };
        let worse = |new: &[i64]| diarization(&voices(&[60, 30, 4]), &voices(new));
        assert_eq!(worse(&[90, 4]).as_deref(), Some("1 voices instead of 2"));
        assert_eq!(worse(&[60, 30]), None);
    }
}
