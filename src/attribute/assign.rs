//! Words -> speakers: each word by its overlap with the turns, all together by the best sequence.
//!
//! Word times and turn edges are both some tenths of a second off, so a cut at each turn edge gives
//! people's last words to the next speaker. Instead the whole sequence of speakers is chosen at
//! once: a change of speaker costs something, and less where a sentence ends or a pause lies. A
//! word or two on the wrong side of an edge then stays with its sentence.

use std::collections::BTreeMap;

use super::{AttributeSettings, Attribution, UnknownReason};
use crate::diarize::UnsureStretch;
use crate::speech::{SpeakerLabel, Turn, Word};
use crate::time::{Ms, Span};

/// A word's speaker and how sure it is, 0 to 1.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Assignment {
    pub(super) speaker: Attribution,
    pub(super) confidence: f32,
}

/// The least that the turns say for any speaker; what a word that lies wholly in somebody else's
/// turn costs follows from it.
const FLOOR: f64 = 0.03;
/// What the turns say for a speaker whose turn ends where the word begins; it falls with distance.
const ADJACENT: f64 = 0.5;
/// The distance in which it falls to a third.
const NEARNESS_MS: f64 = 250.0;
/// Words shorter than this weigh less: their times are the least sure.
const FULL_WEIGHT_MS: f64 = 240.0;
const LEAST_WEIGHT: f64 = 0.35;
/// What a change of speaker costs in the middle of a sentence, after one, and at a long pause.
const CHANGE_COST: f64 = 3.0;
const CHANGE_COST_AT_SENTENCE: f64 = 0.7;
const CHANGE_COST_AT_PAUSE: f64 = 0.4;
/// Pauses from here on count as long.
const LONG_PAUSE_MS: i64 = 600;

/// Speaks for one person: turns sorted, disjoint.
struct Floor<'a> {
    label: &'a SpeakerLabel,
    spans: Vec<Span>,
}

impl Floor<'_> {
    /// How long the word overlaps with the person's turns, and how far the nearest turn is.
    fn overlap_and_gap(&self, word: Span) -> (Ms, Ms) {
        let next = self.spans.partition_point(|span| span.end() <= word.start());
        let mut overlap = Ms::ZERO;
        for span in self.spans[next..].iter().take_while(|span| span.start() < word.end()) {
            overlap = overlap + span.overlap(word);
        }
        let before = next.checked_sub(1).map(|n| self.spans[n].gap(word));
        let after = self.spans.get(next).map(|span| span.gap(word));
        let gap = before.into_iter().chain(after).min().unwrap_or(Ms::new(i64::MAX));
        (overlap, gap)
    }
}

/// The speaker of each word, in the words' order.
pub(super) fn assign(
    words: &[&Word],
    turns: &[Turn],
    settings: &AttributeSettings,
) -> Vec<Assignment> {
    let nobody =
        Assignment { speaker: Attribution::Unknown(UnknownReason::NoTurnNearby), confidence: 0.0 };
    let floors = floors(turns);
    if floors.is_empty() {
        return vec![nobody; words.len()];
    }
    let max_gap = Ms::new(settings.max_gap_ms);
    let evidence: Vec<Evidence> =
        words.iter().map(|word| Evidence::of(word.span, &floors, max_gap)).collect();
    let path = best_path(words, &evidence, floors.len());
    let mut assigned: Vec<Assignment> = evidence
        .iter()
        .zip(&path)
        .map(|(evidence, &speaker)| {
            if evidence.near {
                Assignment {
                    speaker: Attribution::Speaker(floors[speaker].label.clone()),
                    confidence: evidence.confidence(speaker),
                }
            } else {
                nobody.clone()
            }
        })
        .collect();
    fold_crumbs(words, &mut assigned, Ms::new(settings.max_crumb_ms));
    assigned
}

fn floors(turns: &[Turn]) -> Vec<Floor<'_>> {
    let mut by_label: BTreeMap<&SpeakerLabel, Vec<Span>> = BTreeMap::new();
    for turn in turns {
        by_label.entry(&turn.label).or_default().push(turn.span);
    }
    by_label
        .into_iter()
        .map(|(label, mut spans)| {
            spans.sort_unstable();
            Floor { label, spans }
        })
        .collect()
}

/// What the turns say of one word.
struct Evidence {
    /// For each person, [`FLOOR`] to 1.
    support: Vec<f64>,
    /// How much the word counts, 0 to 1.
    weight: f64,
    /// Whether any turn is near enough.
    near: bool,
}

impl Evidence {
    #[expect(clippy::cast_precision_loss, reason = "milliseconds of an episode are exact")]
    fn of(word: Span, floors: &[Floor<'_>], max_gap: Ms) -> Evidence {
        let length = word.duration().get() as f64;
        let mut near = false;
        let support = floors
            .iter()
            .map(|floor| {
                let (overlap, gap) = floor.overlap_and_gap(word);
                near |= gap <= max_gap;
                let share = overlap.get() as f64 / length;
                let nearness = ADJACENT * (-(gap.get() as f64) / NEARNESS_MS).exp();
                share.max(nearness).clamp(FLOOR, 1.0)
            })
            .collect();
        let weight = (length / FULL_WEIGHT_MS).clamp(LEAST_WEIGHT, 1.0);
        Evidence { support, weight, near }
    }

    fn cost(&self, speaker: usize) -> f64 {
        -self.support[speaker].ln() * self.weight
    }

    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
    fn confidence(&self, speaker: usize) -> f32 {
        let sum: f64 = self.support.iter().map(|support| support - FLOOR).sum();
        if sum <= 0.0 {
            return 0.0;
        }
        // A word beside a turn is less sure than a word in it, also where nobody else is near.
        let share = (self.support[speaker] - FLOOR) / sum;
        let sureness = self.support[speaker].max(ADJACENT);
        (share * sureness) as f32
    }
}

/// The sequence of speakers whose evidence and changes cost least (Viterbi).
fn best_path(words: &[&Word], evidence: &[Evidence], speakers: usize) -> Vec<usize> {
    let Some(first) = evidence.first() else { return Vec::new() };
    let mut costs: Vec<f64> = (0..speakers).map(|speaker| first.cost(speaker)).collect();
    // For each word after the first and each speaker: who spoke before.
    let mut before: Vec<Vec<usize>> = Vec::with_capacity(words.len());
    for (pair, here) in words.windows(2).zip(&evidence[1..]) {
        let change = change_cost(pair[0], pair[1]);
        let cheapest = (0..speakers)
            .min_by(|&a, &b| costs[a].total_cmp(&costs[b]))
            .expect("there is at least one speaker");
        let from: Vec<usize> = (0..speakers)
            .map(
                |speaker| {
                    if costs[speaker] <= costs[cheapest] + change { speaker } else { cheapest }
                },
            )
            .collect();
        costs = from
            .iter()
            .enumerate()
            .map(|(speaker, &previous)| {
                let change = if previous == speaker { 0.0 } else { change };
                costs[previous] + change + here.cost(speaker)
            })
            .collect();
        before.push(from);
    }
    let last = (0..speakers)
        .min_by(|&a, &b| costs[a].total_cmp(&costs[b]))
        .expect("there is at least one speaker");
    let mut path = vec![last];
    for from in before.iter().rev() {
        path.push(from[path[path.len() - 1]]);
    }
    path.reverse();
    path
}

fn change_cost(before: &Word, after: &Word) -> f64 {
    let pause = (after.span.start() - before.span.end()).get();
    if pause >= LONG_PAUSE_MS {
        CHANGE_COST_AT_PAUSE
    } else if before.ends_sentence() {
        CHANGE_COST_AT_SENTENCE
    } else {
        CHANGE_COST
    }
}

/// Gives unknown words between words of one person to that person, where they are short together.
fn fold_crumbs(words: &[&Word], assigned: &mut [Assignment], max_crumb: Ms) {
    let mut at = 0;
    while at < assigned.len() {
        let unknown =
            |assignment: &Assignment| matches!(assignment.speaker, Attribution::Unknown(_));
        let run = assigned[at..].iter().take_while(|assignment| unknown(assignment)).count();
        let end = at + run;
        if run > 0 && at > 0 && end < assigned.len() {
            let length = words[end - 1].span.end() - words[at].span.start();
            if assigned[at - 1].speaker == assigned[end].speaker && length <= max_crumb {
                let speaker = assigned[end].speaker.clone();
                for assignment in &mut assigned[at..end] {
                    *assignment = Assignment { speaker: speaker.clone(), confidence: 0.3 };
                }
            }
        }
        at = end + 1;
    }
}

/// Lowers the confidence of words that lie where the voice itself is unsure.
pub(super) fn doubt(words: &[&Word], assigned: &mut [Assignment], unsure: &[UnsureStretch]) {
    for (word, assignment) in words.iter().zip(assigned) {
        let at = word.span.middle();
        let before = unsure.partition_point(|stretch| stretch.span.start() <= at);
        // Stretches of one person alone do not overlap.
        let Some(stretch) = before.checked_sub(1).and_then(|n| unsure.get(n)) else { continue };
        if stretch.span.contains(at)
            && assignment.speaker == Attribution::Speaker(stretch.label.clone())
        {
            assignment.confidence = assignment.confidence.min(stretch.confidence);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turn(start: i64, end: i64, who: usize) -> Turn {
        Turn {
            span: Span::new(Ms::new(start), Ms::new(end)).unwrap(),
            label: SpeakerLabel::from_index(who),
        }
    }

    /// Words of 300 ms, one after the other from 0; returns the number of each word's speaker.
    fn check(text: &str, turns: &[Turn], expected: &str) {
        let words: Vec<Word> = text
            .split_whitespace()
            .zip(0..)
            .map(|(text, n)| {
                Word::new(Span::new(Ms::new(n * 300), Ms::new(n * 300 + 300)).unwrap(), text, 1.0)
            })
            .collect();
        let views: Vec<&Word> = words.iter().collect();
        let got: String = assign(&views, turns, &AttributeSettings::default())
            .iter()
            .map(|assignment| match &assignment.speaker {
                Attribution::Speaker(label) => label.0.chars().last().unwrap(),
                Attribution::Unknown(_) => '?',
            })
            .collect();
        assert_eq!(got, expected, "{text}");
    }

    #[test]
    fn a_word_belongs_to_the_turn_it_lies_in() {
        check("So it is. No it is not.", &[turn(0, 900, 0), turn(900, 2_100, 1)], "0001111");
    }

    #[test]
    fn the_last_word_stays_with_its_sentence() {
        // The turn edge is a word early, and a word late.
        check("So it really is. No it is.", &[turn(0, 900, 0), turn(900, 2_100, 1)], "0000111");
        check("So it is. No it is not.", &[turn(0, 1_200, 0), turn(1_200, 2_100, 1)], "0001111");
    }

    #[test]
    fn a_real_interruption_is_kept() {
        check(
            "and then we all went no wait a minute please",
            &[turn(0, 1_500, 0), turn(1_500, 3_000, 1)],
            "0000011111",
        );
    }

    #[test]
    fn far_words_are_unknown_and_crumbs_fold() {
        check("a b c d e f g h i j k l", &[turn(0, 600, 0)], "000000??????");
        check("a b c d e f g h i j k l", &[turn(0, 300, 0), turn(3_300, 3_600, 0)], "000000000000");
        check("a b", &[], "??");
    }

    #[test]
    fn confidence_is_lower_in_overlap() {
        let word = Word::new(Span::new(Ms::ZERO, Ms::new(300)).unwrap(), "yes", 1.0);
        let one = assign(&[&word], &[turn(0, 300, 0)], &AttributeSettings::default());
        let two =
            assign(&[&word], &[turn(0, 300, 0), turn(0, 300, 1)], &AttributeSettings::default());
        assert!(one[0].confidence > 0.99);
        assert!((two[0].confidence - 0.5).abs() < 0.01);
    }

    #[test]
    fn a_doubtful_voice_lowers_its_own_words_only() {
        let words: Vec<Word> = (0..4)
            .map(|n| {
                Word::new(Span::new(Ms::new(n * 300), Ms::new(n * 300 + 300)).unwrap(), "a.", 1.0)
            })
            .collect();
        let views: Vec<&Word> = words.iter().collect();
        let turns = [turn(0, 600, 0), turn(600, 1_200, 1)];
        let mut assigned = assign(&views, &turns, &AttributeSettings::default());
        let before = assigned.clone();
        let stretch = |start, end, who, confidence| UnsureStretch {
            span: Span::new(Ms::new(start), Ms::new(end)).unwrap(),
            label: SpeakerLabel::from_index(who),
            confidence,
        };
        doubt(&views, &mut assigned, &[stretch(300, 600, 0, 0.2), stretch(600, 1_200, 0, 0.1)]);
        assert_eq!((&assigned[0], &assigned[2..]), (&before[0], &before[2..]));
        assert!((assigned[1].confidence - 0.2).abs() < 1e-6);
    }
}
