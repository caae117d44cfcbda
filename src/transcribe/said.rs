//! When words are said that a person wrote: looked for in the sound, as the recognizer's own are.

use crate::decode::{Recording, SourceInfo};
use crate::speech::Word;
use crate::time::{Ms, SampleIndex, Span};
use crate::transcribe::envelope::Envelope;
use crate::transcribe::recognizer::{RecognizeError, Recognizer};
use crate::transcribe::times;

/// The most sound that is listened to at once: what a recognizer hears.
pub const LONGEST: Ms = Ms::new(30_000);

/// When each of `words` is said, which are all that is said in `samples` (mono, 16 kHz, at most
/// [`LONGEST`]), counted from the start of the sound; `None` where the recognizer cannot tell.
///
/// # Errors
/// What the recognizer says.
pub fn times(
    recognizer: &mut dyn Recognizer,
    samples: Vec<f32>,
    language: &str,
    words: &[&str],
) -> Result<Option<Vec<Span>>, RecognizeError> {
    let Some(rough) = recognizer.align(&samples, language, words)? else { return Ok(None) };
    let mut said: Vec<Word> = words
        .iter()
        .zip(rough)
        .map(|(word, (start, end))| Word::new(Span::at_least_1ms(start, end), *word, 1.0))
        .collect();
    let whole = Span::at_least_1ms(Ms::ZERO, SampleIndex(samples.len()).to_ms());
    let recording = Recording { samples, source: SourceInfo::default() };
    times::refine(&mut said, whole, &Envelope::of(&recording));
    Ok(Some(said.into_iter().map(|word| word.span).collect()))
}
