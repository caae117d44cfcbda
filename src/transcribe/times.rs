//! Rough word times -> true ones: words are fitted to the sound between pauses.
//!
//! Cross-attention knows roughly when a word is said, to a tenth of a second or two; the sound
//! knows exactly when a voice begins and ends, but not which word that is. So the pauses of a
//! chunk are found in its loudness, and dynamic programming decides between which words each
//! pause falls: near the rough time, with lengths that the words in between can have, rather
//! after a full stop than inside a word. Words beside a pause then begin and end with the sound;
//! words inside keep their rough time. Sound that no word fits (a breath, a click, a bar of
//! music) belongs to none.

use crate::speech::Word;
use crate::time::{Ms, Span};
use crate::transcribe::envelope::{Envelope, quantile, time_of};

/// The quietest and the loudest twentieth must differ by this, else there is nothing to see.
const MIN_CONTRAST_DB: f32 = 12.0;
/// Sound this far below the loudest counts as silence in any case.
const MAX_CONTRAST_DB: f32 = 50.0;
/// Shorter silences are closures within a sound.
const MIN_PAUSE_FRAMES: usize = 5;
/// Shorter sounds are clicks within a silence.
const MIN_SOUND_FRAMES: usize = 3;
/// How far a pause may be from the rough time of the boundary that it is given to.
const REACH_MS: f64 = 1_500.0;
/// Pauses that may lie unassigned between two assigned ones.
const MAX_SKIPPED: usize = 12;
/// Spread of the rough times.
const SIGMA_MS: f64 = 120.0;

/// The most that a stretch of sound without words costs.
const WORDLESS_COST: f64 = 6.0;

/// Moves the edges of a chunk's words to those of the sound in it.
pub(crate) fn refine(words: &mut [Word], chunk: Span, envelope: &Envelope) {
    let Some(sound) = Sound::of(chunk, envelope) else { return };
    if words.is_empty() || sound.pauses.len() < 2 {
        return;
    }
    let fit = Fit::new(words, &sound);
    let Some(assigned) = fit.best() else { return };
    for pair in assigned.windows(2) {
        if let [from, to] = pair
            && let (Some(left), Some(right)) =
                (sound.pauses.get(from.pause), sound.pauses.get(to.pause))
            && let Some(inside) = words.get_mut(from.boundary..to.boundary)
        {
            settle(inside, left.end, right.start);
            trim(inside);
        }
    }
}

/// Puts words into `[from, to)`: the outer edges exactly, inner ones as near to the rough times
/// as the order allows.
fn settle(words: &mut [Word], from: i64, to: i64) {
    let count = i64::try_from(words.len()).unwrap_or(i64::MAX);
    let shortest = ((to - from) / count.max(1)).clamp(1, 30);
    let mut at = from;
    let starts: Vec<i64> = words.iter().map(|word| word.span.start().get()).collect();
    for (index, word) in (0i64..).zip(words.iter_mut()) {
        let left = count - index - 1;
        let end = match usize::try_from(index + 1).ok().and_then(|next| starts.get(next)) {
            Some(next) => (*next).clamp(at + shortest, (to - left * shortest).max(at + shortest)),
            None => to.max(at + 1),
        };
        word.span = Span::at_least_1ms(Ms::new(at), Ms::new(end));
        at = end;
    }
}

/// Takes back an outer word that was stretched over sound which is no speech: a word never spans
/// music. No word takes longer than its letters allow.
fn trim(words: &mut [Word]) {
    if let Some(last) = words.last_mut().filter(|word| word.span.duration() > longest(word)) {
        last.span = Span::at_least_1ms(last.span.start(), last.span.start() + usual(last));
    }
    if let Some(first) = words.first_mut().filter(|word| word.span.duration() > longest(word)) {
        first.span = Span::at_least_1ms(first.span.end() - usual(first), first.span.end());
    }
}

fn longest(word: &Word) -> Ms {
    usual(word) + usual(word) + Ms::new(300)
}

/// A slow speaker's time for the word.
fn usual(word: &Word) -> Ms {
    Ms::from_seconds(expected_ms(&word.text) * 1.4 / 1000.0)
}

/// A silence, in milliseconds.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Pause {
    start: i64,
    end: i64,
}

/// A chunk as sound and silence.
#[derive(Debug)]
struct Sound {
    /// Silences in order; the first ends where the first sound begins, the last begins where the
    /// last sound ends, and either may be empty.
    pauses: Vec<Pause>,
    /// Loudness of the sound behind each pause, 0 (threshold) to 1 (the loudest).
    loudness: Vec<f64>,
}

impl Sound {
    fn of(chunk: Span, envelope: &Envelope) -> Option<Sound> {
        let (origin, levels) = envelope.frames(chunk);
        let (threshold, loud) = threshold(levels)?;
        let voiced = sounding(levels, threshold);
        let at = |frame: usize| (origin + time_of(frame)).get();
        let mut pauses = vec![Pause { start: at(0), end: at(0) }];
        let mut loudness = Vec::new();
        let mut frame = 0;
        while frame < voiced.len() {
            let run = voiced[frame..].iter().take_while(|v| **v == voiced[frame]).count();
            if voiced[frame] {
                let sound = &levels[frame..frame + run];
                let mean = quantile(sound, 0.7).unwrap_or(threshold);
                loudness.push(f64::from(((mean - threshold) / (loud - threshold)).clamp(0.0, 1.0)));
                pauses.push(Pause { start: at(frame + run), end: at(frame + run) });
            } else if let Some(last) = pauses.last_mut() {
                last.end = at(frame + run);
            }
            frame += run;
        }
        Some(Sound { pauses, loudness })
    }
}

/// Above which level a chunk's frames sound, and how loud its loudest are; `None` without contrast.
fn threshold(levels: &[f32]) -> Option<(f32, f32)> {
    let loud = quantile(levels, 0.95)?;
    let floor = quantile(levels, 0.05)?.max(loud - MAX_CONTRAST_DB);
    let contrast = loud - floor;
    (contrast >= MIN_CONTRAST_DB).then(|| (floor + (0.2 * contrast).max(6.0), loud))
}

/// Which frames sound; clicks and the closures of consonants are smoothed away.
fn sounding(levels: &[f32], threshold: f32) -> Vec<bool> {
    let mut voiced: Vec<bool> = levels.iter().map(|level| *level >= threshold).collect();
    drop_short(&mut voiced, true, MIN_SOUND_FRAMES);
    drop_short(&mut voiced, false, MIN_PAUSE_FRAMES);
    voiced
}

/// The time of a chunk's first frame, and which of its frames sound; without contrast, all.
pub(crate) fn voiced(chunk: Span, envelope: &Envelope) -> (Ms, Vec<bool>) {
    let (origin, levels) = envelope.frames(chunk);
    match threshold(levels) {
        Some((threshold, _)) => (origin, sounding(levels, threshold)),
        None => (origin, vec![true; levels.len()]),
    }
}

/// Turns runs of `kind` that are shorter than `shortest` frames into the other kind; runs at the
/// edges stay.
fn drop_short(voiced: &mut [bool], kind: bool, shortest: usize) {
    let mut frame = 0;
    while frame < voiced.len() {
        let value = voiced[frame];
        let run = voiced[frame..].iter().take_while(|v| **v == value).count();
        if value == kind && run < shortest && frame > 0 && frame + run < voiced.len() {
            voiced[frame..frame + run].fill(!kind);
        }
        frame += run;
    }
}

/// A pause given to a boundary; boundary `b` lies before word `b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Assigned {
    pause: usize,
    boundary: usize,
}

/// The search for the best assignment.
struct Fit<'a> {
    sound: &'a Sound,
    /// Between which times each boundary roughly lies, ms; one more than there are words.
    rough: Vec<(f64, f64)>,
    /// What stands before each boundary.
    mark: Vec<Mark>,
    /// Sum of the expected lengths of the words before each boundary, ms.
    expected: Vec<f64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Mark {
    None,
    Comma,
    SentenceEnd,
}

/// A boundary that a pause may be given to, with the cheapest way there.
#[derive(Debug, Clone, Copy)]
struct Node {
    boundary: usize,
    cost: f64,
    from: Option<(usize, usize)>,
}

impl<'a> Fit<'a> {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a recording")]
    fn new(words: &[Word], sound: &'a Sound) -> Fit<'a> {
        // A start is the end of the word before; where a pause or music lies between, the word
        // looks longer than it can be, and its start is anywhere up to a plausible one.
        let mut rough: Vec<(f64, f64)> = words
            .iter()
            .enumerate()
            .map(|(index, word)| {
                let (start, end) = (word.span.start().get() as f64, word.span.end().get() as f64);
                if index == 0 || word.span.duration() > longest(word) {
                    (start, start.max(end - 1.5 * expected_ms(&word.text)))
                } else {
                    (start, start)
                }
            })
            .collect();
        rough.extend(words.last().map(|word| {
            let end = word.span.end().get() as f64;
            (end, end)
        }));
        let mut mark = vec![Mark::SentenceEnd];
        mark.extend(words.iter().map(|word| {
            if word.ends_sentence() {
                Mark::SentenceEnd
            } else if word.text.ends_with([',', ';', ':', '—', '–', '-']) {
                Mark::Comma
            } else {
                Mark::None
            }
        }));
        let mut expected = vec![0.0];
        let mut sum = 0.0;
        for word in words {
            sum += expected_ms(&word.text);
            expected.push(sum);
        }
        // The chunk's own pace.
        let sounding: i64 = sound.pauses.windows(2).map(|p| p[1].start - p[0].end).sum();
        let pace = if sum > 0.0 { (sounding as f64 / sum).clamp(0.5, 2.0) } else { 1.0 };
        for length in &mut expected {
            *length *= pace;
        }
        Fit { sound, rough, mark, expected }
    }

    fn best(&self) -> Option<Vec<Assigned>> {
        let words = self.rough.len() - 1;
        let last = self.sound.pauses.len() - 1;
        let mut table: Vec<Vec<Node>> = vec![vec![Node { boundary: 0, cost: 0.0, from: None }]];
        for pause in 1..=last {
            let mut nodes = Vec::new();
            for boundary in self.candidates(pause, last, words) {
                let own = self.fit_cost(pause, boundary, last, words);
                let mut node = Node { boundary, cost: f64::INFINITY, from: None };
                let nearest = pause.saturating_sub(MAX_SKIPPED + 1);
                for (earlier, ways) in table.iter().enumerate().skip(nearest) {
                    let skipped = self.skipped_cost(earlier, pause);
                    for (index, previous) in ways.iter().enumerate() {
                        if previous.boundary > boundary || previous.cost + skipped >= node.cost {
                            continue;
                        }
                        let cost = previous.cost
                            + skipped
                            + own
                            + self.stretch_cost(earlier, pause, previous.boundary, boundary);
                        if cost < node.cost {
                            node = Node { boundary, cost, from: Some((earlier, index)) };
                        }
                    }
                }
                if node.cost.is_finite() {
                    nodes.push(node);
                }
            }
            table.push(nodes);
        }
        let index = table[last].iter().position(|node| node.boundary == words)?;
        let mut assigned = Vec::new();
        let mut place = Some((last, index));
        while let Some((pause, index)) = place {
            let node = table[pause][index];
            assigned.push(Assigned { pause, boundary: node.boundary });
            place = node.from;
        }
        assigned.reverse();
        Some(assigned)
    }

    /// Boundaries near enough to a pause.
    fn candidates(&self, pause: usize, last: usize, words: usize) -> Vec<usize> {
        if pause == last {
            return vec![words];
        }
        (0..=words).filter(|b| self.distance(pause, *b) <= REACH_MS).collect()
    }

    /// How far a boundary's rough time is from a pause, ms.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a recording")]
    fn distance(&self, pause: usize, boundary: usize) -> f64 {
        let pause = self.sound.pauses[pause];
        let (earliest, latest) = self.rough[boundary];
        (pause.start as f64 - latest).max(earliest - pause.end as f64).max(0.0)
    }

    fn fit_cost(&self, pause: usize, boundary: usize, last: usize, words: usize) -> f64 {
        let near = if pause == last || boundary == 0 || boundary == words {
            self.distance(pause, boundary).min(SIGMA_MS * 2.0)
        } else {
            self.distance(pause, boundary)
        };
        let prior = match self.mark[boundary] {
            Mark::SentenceEnd => 0.0,
            Mark::Comma => 0.3,
            Mark::None => 1.0,
        };
        (near / SIGMA_MS).powi(2) / 2.0 + prior
    }

    /// What it costs that the pauses between two assigned ones lie inside words.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a recording")]
    fn skipped_cost(&self, earlier: usize, pause: usize) -> f64 {
        self.sound.pauses[earlier + 1..pause]
            .iter()
            .map(|p| ((p.end - p.start) as f64 / 110.0).powi(2).min(30.0))
            .sum()
    }

    /// What it costs that the sound between two pauses holds the words between two boundaries.
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of a recording")]
    fn stretch_cost(&self, from: usize, to: usize, first: usize, end: usize) -> f64 {
        if first == end {
            let sound: f64 = (from..to)
                .map(|index| {
                    let sound = self.sound.pauses[index + 1].start - self.sound.pauses[index].end;
                    sound as f64 / 80.0 * self.sound.loudness[index].max(0.1)
                })
                .sum();
            // Music may be as long as it likes.
            return sound.min(WORDLESS_COST);
        }
        let actual: i64 = (from..to)
            .map(|index| self.sound.pauses[index + 1].start - self.sound.pauses[index].end)
            .sum();
        let expected = self.expected[end] - self.expected[first];
        let spread = 0.2 + 0.4 / ((end - first) as f64).sqrt();
        let pace = ((actual.max(1) as f64 / expected.max(1.0)).ln() / spread).powi(2) / 2.0;
        let silent_stops = self.mark[first + 1..end]
            .iter()
            .map(|mark| match mark {
                Mark::SentenceEnd => 2.0,
                Mark::Comma => 0.3,
                Mark::None => 0.0,
            })
            .sum::<f64>();
        pace.min(20.0) + silent_stops
    }
}

/// How long words take at an ordinary pace, ms.
pub(crate) fn expected_of(words: &[Word]) -> f64 {
    words.iter().map(|word| expected_ms(&word.text)).sum()
}

/// How long a word takes at an ordinary pace, ms: its letters, and much more for a figure.
pub(crate) fn expected_ms(text: &str) -> f64 {
    let letters = text
        .chars()
        .map(|c| match c {
            c if c.is_ascii_digit() => 250.0,
            c if c.is_alphabetic() && c.is_ascii() => 58.0,
            c if c.is_alphabetic() => 110.0,
            _ => 0.0,
        })
        .sum::<f64>();
    90.0 + letters
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn word(text: &str, start: i64, end: i64) -> Word {
        Word::new(Span::at_least_1ms(Ms::new(start), Ms::new(end)), text, 0.9)
    }

    fn span(start: i64, end: i64) -> Span {
        Span::new(Ms::new(start), Ms::new(end)).unwrap()
    }

    /// Sound at `-20` dB in the given frames of `length`, silence elsewhere.
    fn sounding(length: usize, sounds: &[(usize, usize)]) -> Envelope {
        let mut levels = vec![-70.0; length];
        for (from, to) in sounds {
            levels[*from..*to].fill(-20.0);
        }
        Envelope::from_levels(levels)
    }

    #[test]
    fn words_move_to_the_edges_of_the_sound() {
        // "So it begins." at 0.5-1.2 s, "Yes." at 1.9-2.3 s; rough times are off by 0.15 s.
        let envelope = sounding(300, &[(50, 120), (190, 230)]);
        let mut words = vec![
            word("So", 350, 700),
            word("it", 700, 800),
            word("begins.", 800, 1_350),
            word("Yes.", 1_350, 2_450),
        ];
        refine(&mut words, span(0, 3_000), &envelope);
        let edges = |w: &Word| (w.span.start().get(), w.span.end().get());
        assert_eq!(edges(&words[0]).0, 500);
        assert_eq!(edges(&words[2]).1, 1_200);
        assert_eq!(edges(&words[3]), (1_900, 2_300));
    }

    #[test]
    fn a_breath_belongs_to_no_word() {
        let mut levels = vec![-70.0; 300];
        levels[20..80].fill(-20.0);
        levels[100..125].fill(-55.0);
        levels[150..230].fill(-20.0);
        let mut words = vec![
            word("Hello", 250, 500),
            word("there.", 500, 1_000),
            word("Welcome", 1_000, 2_000),
            word("back.", 2_000, 2_300),
        ];
        refine(&mut words, span(0, 3_000), &Envelope::from_levels(levels));
        assert_eq!(words[1].span.end().get(), 800);
        assert_eq!(words[2].span.start().get(), 1_500);
    }

    #[test]
    fn a_word_never_spans_music() {
        // Four seconds of music run into the first word.
        let mut words = vec![word("Welcome", 0, 4_500), word("back.", 4_500, 5_000)];
        refine(&mut words, span(0, 6_000), &sounding(600, &[(20, 500)]));
        assert!(words[0].span.start().get() > 3_000, "{words:?}");
        assert_eq!(words[1].span.end().get(), 5_000);
    }

    #[test]
    fn without_contrast_nothing_moves() {
        let mut words = vec![word("Hum", 100, 400)];
        let before = words.clone();
        refine(&mut words, span(0, 1_000), &sounding(100, &[(0, 100)]));
        assert_eq!(words, before);
    }

    proptest! {
        #[test]
        fn words_stay_in_order_and_in_the_chunk(
            levels in proptest::collection::vec(-90f32..0.0, 1..400),
            starts in proptest::collection::vec(0i64..4_000, 1..40),
        ) {
            let mut starts = starts;
            starts.sort_unstable();
            let end = i64::try_from(levels.len()).unwrap() * 10;
            let mut words: Vec<Word> = starts
                .iter()
                .map(|start| word("word", (*start).min(end - 1), (start + 50).min(end)))
                .collect();
            refine(&mut words, span(0, end), &Envelope::from_levels(levels));
            for pair in words.windows(2) {
                prop_assert!(pair[0].span.start() <= pair[1].span.start());
            }
            for word in &words {
                prop_assert!(word.span.start() >= Ms::ZERO);
                prop_assert!(word.span.end() <= Ms::new(end + 40));
            }
        }
    }
}
