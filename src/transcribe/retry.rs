//! Chunks whose text went wrong are decoded again in other ways; the best text is kept.

use crate::transcribe::TranscribeError;
use crate::transcribe::chunk::{self, Chunk};
use crate::transcribe::chunk_result::{ChunkDecoder, ChunkResult, Decode};
use crate::transcribe::envelope::Envelope;
use crate::transcribe::recognizer::Job;

impl ChunkDecoder<'_> {
    /// Decodes the failed ones among `chunks` again: in two parts, and whole with the likeliest
    /// token at every step. None of it draws at random: two runs agree.
    pub(crate) fn retry(
        &self,
        chunks: &[Chunk],
        results: &mut [ChunkResult],
        decode: &mut Decode<'_>,
    ) -> Result<(), TranscribeError> {
        let failed: Vec<(&Chunk, &mut ChunkResult, Vec<Chunk>)> = chunks
            .iter()
            .zip(results)
            .filter(|(_, result)| result.failed())
            .map(|(chunk, result)| (chunk, result, halves(chunk, self.envelope)))
            .collect();
        let jobs: Vec<Job<'_>> = failed
            .iter()
            .flat_map(|(chunk, _, parts)| {
                let greedy = Job { beam: 1, ..self.job(chunk) };
                std::iter::once(greedy).chain(parts.iter().map(|part| self.job(part)))
            })
            .collect();
        let mut heard = decode(&jobs)?.into_iter();
        for (chunk, best, parts) in failed {
            let mut next = |part: &Chunk| self.read(part, &heard.next().unwrap_or_default());
            let greedy = next(chunk);
            let halves = parts.iter().map(next).collect();
            for other in [greedy, ChunkResult::joined(halves, chunk)] {
                best.take_better(other);
            }
        }
        Ok(())
    }
}

/// A chunk in two parts, without those in which nobody speaks; none where it is too short.
fn halves(chunk: &Chunk, envelope: &Envelope) -> Vec<Chunk> {
    let parts = chunk::halves(chunk.heard, envelope).into_iter().map(|span| chunk.part(span));
    parts.filter(|part| !part.speech.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::decode::{Recording, SourceInfo};
    use crate::time::{Ms, Span};
    use crate::transcribe::TranscribeSettings;
    use crate::transcribe::recognizer::{Hypothesis, Token};

    /// So many different words, evenly over `duration`.
    fn heard(count: i64, duration: Ms) -> Hypothesis {
        let step = duration.get() / count;
        let token = |n: i64| Token {
            bytes: format!(" word{n}").into_bytes(),
            probability: 0.9,
            start: Ms::new(n * step),
            end: Ms::new((n + 1) * step),
        };
        Hypothesis { tokens: (0..count).map(token).collect(), ..Hypothesis::default() }
    }

    /// Decodes twelve seconds again in which one word was found; the whole chunk and its halves
    /// have so many words. Returns the words at the end.
    fn retried(greedy: i64, half: i64) -> usize {
        let recording = Recording { samples: vec![0.0; 192_000], source: SourceInfo::default() };
        let envelope = Envelope::of(&recording);
        let settings = TranscribeSettings::default();
        let decoder = ChunkDecoder {
            recording: &recording,
            envelope: &envelope,
            language: "en",
            settings: &settings,
        };
        let span = Span::at_least_1ms(Ms::ZERO, Ms::new(12_000));
        let chunks = [Chunk::alone(span, vec![span])];
        let mut results = [decoder.read(&chunks[0], &heard(1, span.duration()))];
        let mut decode = |jobs: &[Job<'_>]| {
            let answer = |job: &Job<'_>| match job.beam {
                1 => heard(greedy, Ms::new(12_000)),
                _ => heard(half, Ms::new(6_000)),
            };
            Ok(jobs.iter().map(answer).collect())
        };
        decoder.retry(&chunks, &mut results, &mut decode).unwrap();
        results[0].words.len()
    }

    #[test]
    fn a_failed_chunk_gets_the_text_with_the_fewest_faults() {
        assert_eq!(retried(11, 2), 11, "two halves of two words each are too sparse");
        assert_eq!(retried(2, 6), 12, "the whole has too few words");
        assert_eq!(retried(1, 1), 1, "nothing is better");
    }
}
