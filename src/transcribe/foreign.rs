//! Stretches in another language than the recording's: found, decoded in it, and told of.
//!
//! A recognizer that is told the wrong language translates a little, invents a little and leaves
//! out the rest, with high probabilities. What gives it away is that the chunk sounds like another
//! language, that it has speech without words, or that it went wrong in any other way. Only there
//! the language is listened for piece by piece.

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::chunk::Chunk;
use crate::transcribe::chunk_result::{ChunkDecoder, ChunkResult};
use crate::transcribe::faults::unheard;
use crate::transcribe::language::LanguageDetector;
use crate::transcribe::recognizer::Job;
use crate::transcribe::{TranscribeError, TranscribeWarning};

/// Speech of this length without a word may be in another language.
const UNHEARD: Ms = Ms::new(2_000);
/// A mean log-probability below this makes a chunk doubtful, as speech without words does.
const DOUBTFUL_LOGPROB: f32 = -0.6;
/// A whole chunk that sounds like another language with more than this is listened to in pieces.
const SOUNDS_LIKE: f32 = 0.5;
/// The language is listened for in pieces of at least this much speech.
const MIN_PIECE: Ms = Ms::new(3_000);
/// How probable another language must be.
const SURE: f32 = 0.8;

/// A part of a chunk in one language.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Stretch {
    /// Which chunk.
    chunk: usize,
    /// Its sound.
    pub(crate) part: Chunk,
    /// ISO 639-1.
    language: String,
}

impl ChunkDecoder<'_> {
    /// The chunks that hold another language, as stretches of one language each.
    pub(crate) fn foreign(
        &self,
        chunks: &[Chunk],
        results: &[ChunkResult],
        detector: &mut LanguageDetector<'_>,
    ) -> Result<Vec<Stretch>, TranscribeError> {
        let mut found = Vec::new();
        if self.settings.translate {
            return Ok(found);
        }
        for (index, (chunk, result)) in chunks.iter().zip(results).enumerate() {
            if !self.may_be_foreign(chunk, result) {
                continue;
            }
            let mut stretches: Vec<Stretch> = Vec::new();
            for part in pieces(chunk) {
                let (heard, probability) = detector.language(self.recording.slice(part.span))?;
                let language = if probability >= SURE { heard } else { self.language.to_owned() };
                match stretches.last_mut() {
                    Some(last) if last.language == language => {
                        let start = last.part.span.start();
                        last.part.reach(Span::at_least_1ms(start, part.span.end()));
                        last.part.speech.extend(part.speech);
                    }
                    _ => stretches.push(Stretch { chunk: index, part, language }),
                }
            }
            if stretches.iter().any(|stretch| stretch.language != self.language) {
                found.extend(stretches);
            }
        }
        Ok(found)
    }

    fn may_be_foreign(&self, chunk: &Chunk, result: &ChunkResult) -> bool {
        let sounds_foreign = result.language.as_ref().is_some_and(|(language, probability)| {
            language != self.language && *probability > SOUNDS_LIKE
        });
        sounds_foreign
            || result.avg_logprob <= DOUBTFUL_LOGPROB
            || !unheard(&chunk.speech, &result.words, UNHEARD).is_empty()
    }

    /// The job for a stretch.
    pub(crate) fn foreign_job<'a>(&'a self, stretch: &'a Stretch) -> Job<'a> {
        Job { language: &stretch.language, ..self.job(&stretch.part) }
    }

    /// Puts what was heard in each stretch in place of the words of its chunk.
    pub(crate) fn take_foreign(
        &self,
        stretches: &[Stretch],
        heard: Vec<ChunkResult>,
        results: &mut [ChunkResult],
        warnings: &mut Vec<TranscribeWarning>,
    ) {
        let mut words: Vec<(usize, Vec<Word>)> = Vec::new();
        for (stretch, result) in stretches.iter().zip(heard) {
            if stretch.language != self.language && !result.words.is_empty() {
                warnings.push(TranscribeWarning::OtherLanguage {
                    language: stretch.language.clone(),
                    start: stretch.part.span.start(),
                    end: stretch.part.span.end(),
                });
            }
            match words.last_mut() {
                Some((chunk, all)) if *chunk == stretch.chunk => all.extend(result.words),
                _ => words.push((stretch.chunk, result.words)),
            }
        }
        for (chunk, words) in words {
            if let Some(result) = results.get_mut(chunk).filter(|_| !words.is_empty()) {
                result.words = words;
                result.inaudible.clear();
            }
        }
    }
}

/// A chunk's speech in pieces that are long enough to tell the language by.
fn pieces(chunk: &Chunk) -> Vec<Chunk> {
    let mut pieces: Vec<Chunk> = Vec::new();
    for speech in &chunk.speech {
        match pieces.last_mut() {
            Some(last) if last.span.duration() < MIN_PIECE => {
                last.reach(Span::at_least_1ms(last.span.start(), speech.end()));
                last.speech.push(*speech);
            }
            _ => pieces.push(Chunk::alone(*speech, vec![*speech])),
        }
    }
    // The edges between pieces lie in the middle of the pauses.
    for index in 0..pieces.len() {
        let start = match index.checked_sub(1).and_then(|before| pieces.get(before)) {
            Some(before) => before.span.end(),
            None => chunk.span.start(),
        };
        let end = match pieces.get(index + 1) {
            Some(after) => Ms::new((pieces[index].span.end() + after.span.start()).get() / 2),
            None => chunk.span.end(),
        };
        pieces[index].reach(Span::at_least_1ms(start, end));
    }
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Recording, SourceInfo};
    use crate::transcribe::TranscribeSettings;
    use crate::transcribe::envelope::Envelope;
    use crate::transcribe::scripted::ScriptedRecognizer;
    use crate::transcribe::store::MemoryStore;

    fn span(start: i64, end: i64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    #[test]
    fn another_language_is_found_where_speech_has_no_words() {
        let mut samples = vec![-0.1; 16_000 * 20];
        samples[16_000 * 10..].fill(0.1);
        let recording = Recording { samples, source: SourceInfo::default() };
        let envelope = Envelope::of(&recording);
        let settings = TranscribeSettings::default();
        let decoder = ChunkDecoder {
            recording: &recording,
            envelope: &envelope,
            language: "en",
            settings: &settings,
        };
        let speech = vec![span(0, 4_900), span(5_000, 9_950), span(10_050, 20_000)];
        let chunk = Chunk::alone(span(0, 20_000), speech);
        let word = |n: i64| Word::new(span(n * 500, n * 500 + 450), "word", 0.9);
        let result = |words: Vec<Word>| {
            let mut result = ChunkResult::default();
            result.words = words;
            result
        };
        let half = result((0..20).map(word).collect());
        let whole = result((0..40).map(word).collect());
        let chunks = std::slice::from_ref(&chunk);
        let mut recognizer = ScriptedRecognizer::new([""; 0]);
        recognizer.listen = |samples| {
            let spanish = samples.iter().filter(|s| **s > 0.0).count() * 2 > samples.len();
            (if spanish { "es" } else { "en" }, 0.95)
        };
        let mut store = MemoryStore::default();
        let mut detector = LanguageDetector { recognizer: &mut recognizer, store: &mut store };
        let found = decoder.foreign(chunks, std::slice::from_ref(&half), &mut detector).unwrap();
        let languages: Vec<&str> = found.iter().map(|s| s.language.as_str()).collect();
        assert_eq!(languages, ["en", "es"]);
        assert_eq!(found[1].part.span, span(10_000, 20_000));
        assert_eq!(
            decoder.foreign(chunks, std::slice::from_ref(&whole), &mut detector).unwrap(),
            []
        );
        let mut translated = whole;
        translated.language = Some(("es".to_owned(), 0.6));
        assert_eq!(decoder.foreign(chunks, &[translated], &mut detector).unwrap(), found);
        let said = |text: &str| result(vec![Word::new(span(10_000, 10_400), text, 0.9)]);
        let (mut results, mut warnings) = (vec![half], Vec::new());
        decoder.take_foreign(&found, vec![said("hi"), said("hola")], &mut results, &mut warnings);
        let texts: Vec<&str> = results[0].words.iter().map(|w| w.text.as_str()).collect();
        assert_eq!(texts, ["hi", "hola"]);
        assert_eq!(
            warnings.iter().map(ToString::to_string).collect::<Vec<_>>(),
            ["00:00:10 to 00:00:20: spoken in `es`; it is written in that language"]
        );
    }

    #[test]
    fn pieces_are_long_enough_and_leave_nothing_out() {
        let speech = vec![span(100, 1_000), span(1_200, 4_000), span(4_400, 9_000)];
        let chunk = Chunk::alone(span(0, 9_200), speech);
        let parts: Vec<Span> = pieces(&chunk).iter().map(|part| part.span).collect();
        assert_eq!(parts, [span(0, 4_200), span(4_200, 9_200)]);
        let speech: usize = pieces(&chunk).iter().map(|part| part.speech.len()).sum();
        assert_eq!(speech, 3);
    }
}
