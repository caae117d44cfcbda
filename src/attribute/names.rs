//! Conversation + people -> [`NameProposal`]s: who the voices are, from what is said.
//!
//! Introductions ("I'm Shaun Hildner"), hand-overs ("Here's Troy."), thanks and calls ("Thanks for
//! coming, Jeremy"), and voices that the show remembers, are gathered as evidence for and against
//! each voice. A proposal is made where
//! the evidence is enough and no other voice or name comes near; otherwise the voice stays unnamed.
//! Nothing is applied here: a person, or the edit stage, takes or leaves the proposals.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::{Conversation, voices_in_order};
use crate::diarize::KnownMatch;
use crate::library::episode::Person;
use crate::speech::{SpeakerLabel, Turn};
use crate::time::Ms;

mod likeness;
mod mentions;

use likeness::{folded, likeness};
use mentions::{Clarity, Role, Sentence};

/// A name for a voice, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NameProposal {
    /// Whose voice.
    pub label: SpeakerLabel,
    /// Its place in the order in which the voices first speak, counted from 1.
    pub number: u32,
    /// The name in the transcript's line, as `Shaun`.
    pub short: String,
    /// The full name as far as it is known, as `Shaun Hildner`.
    pub name: String,
    /// How sure the proposal is, 0 to 1.
    pub confidence: f32,
    /// What says most.
    pub evidence: Evidence,
    /// How the voice is the one that the show remembers, where something else says more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub known: Option<KnownMatch>,
}

impl NameProposal {
    /// How the voice is one that the show remembers, whatever says most.
    pub fn known_voice(&self) -> Option<&KnownMatch> {
        match &self.evidence {
            Evidence::KnownVoice(known) => Some(known),
            Evidence::Said { .. } | Evidence::OwnTrack => self.known.as_ref(),
        }
    }
}

/// What a name rests on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Evidence {
    /// Somebody says so.
    Said {
        /// The sentence.
        text: String,
        /// When it begins.
        at: Ms,
    },
    /// The show remembers the voice.
    KnownVoice(KnownMatch),
    /// The person has a microphone of their own.
    OwnTrack,
}

/// The least evidence that makes a proposal.
const ENOUGH: f32 = 0.6;
/// How much more than any other voice or name.
const MARGIN: f32 = 0.3;
/// The least likeness at which a heard name is taken for a listed one.
const ALIKE: f32 = 0.75;

/// What speaks for one voice having one name.
#[derive(Default, Clone)]
struct Case {
    score: f32,
    best: f32,
    evidence: Option<Evidence>,
}

impl Case {
    fn add(&mut self, weight: f32, sentence: &Sentence<'_>) {
        self.score += weight;
        if weight > self.best {
            self.best = weight;
            self.evidence = Some(Evidence::Said { text: sentence.text.clone(), at: sentence.at });
        }
    }
}

/// Names for voices, sorted by label; at most one a voice, and no name twice. `turns` are those of
/// voices without words, too; `people` are those who may be in the episode; names that are introduced
/// in full, and those of `known` voices, need no list.
pub fn propose(
    conversation: &Conversation,
    turns: &[Turn],
    people: &[Person],
    known: &BTreeMap<SpeakerLabel, KnownMatch>,
) -> Vec<NameProposal> {
    let order = voices_in_order(conversation, turns);
    let (sentences, turns) = mentions::sentences(conversation);
    let people = with_unlisted(&with_known(people, known), &sentences);
    let mut cases: BTreeMap<(&SpeakerLabel, usize), Case> = BTreeMap::new();
    for sentence in &sentences {
        for (person, from, to, alike) in mentioned(sentence, &people) {
            weigh(&mut cases, sentence, &turns, person, sentence.role(from, to), alike);
        }
    }
    for (label, found) in known {
        remember(&mut cases, &people, label, found);
    }
    let mut proposals = settle(&cases, &people);
    for proposal in &mut proposals {
        let number = order.iter().zip(1..).find(|(label, _)| **label == proposal.label);
        proposal.number = number.map_or(0, |(_, number)| number);
        if matches!(proposal.evidence, Evidence::Said { .. }) {
            proposal.known = known
                .get(&proposal.label)
                .filter(|found| folded(&found.person.0) == folded(&proposal.name))
                .cloned();
        }
    }
    proposals
}

/// The people, and behind them those whose voices are known and who are nobody of the list.
fn with_known(people: &[Person], known: &BTreeMap<SpeakerLabel, KnownMatch>) -> Vec<Person> {
    let mut all = people.to_vec();
    for found in known.values() {
        if all.iter().all(|person| folded(&person.name) != folded(&found.person.0)) {
            all.push(Person { name: found.person.0.clone(), ..Person::default() });
        }
    }
    all
}

/// What a known voice weighs that is just alike enough, and what each further bit of likeness adds:
/// as much as a clear introduction from a likeness of 0.75 on.
const KNOWN_LEAST: f32 = 0.75;
const KNOWN_FROM: f32 = 0.65;
const KNOWN_SLOPE: f32 = 4.0;
const KNOWN_MOST: f32 = 1.6;

/// Counts a known voice as evidence, for its person and against everybody else.
fn remember<'a>(
    cases: &mut BTreeMap<(&'a SpeakerLabel, usize), Case>,
    people: &[Person],
    label: &'a SpeakerLabel,
    found: &KnownMatch,
) {
    let Some(person) =
        people.iter().position(|person| folded(&person.name) == folded(&found.person.0))
    else {
        return;
    };
    let weight =
        (KNOWN_LEAST + KNOWN_SLOPE * (found.likeness - KNOWN_FROM)).clamp(KNOWN_LEAST, KNOWN_MOST);
    let case = cases.entry((label, person)).or_default();
    case.score += weight;
    if weight > case.best {
        case.best = weight;
        case.evidence = Some(Evidence::KnownVoice(found.clone()));
    }
}

/// The people, and behind them those who introduce themselves in full and are nobody of the list.
fn with_unlisted(people: &[Person], sentences: &[Sentence<'_>]) -> Vec<Person> {
    let mut all: Vec<Person> =
        people.iter().filter(|person| !folded(&person.name).is_empty()).cloned().collect();
    for sentence in sentences {
        for (from, to) in sentence.unlisted_introductions() {
            let known = (from + 1..=to)
                .any(|end| all.iter().any(|person| match_at(sentence, person, from, end) >= ALIKE));
            if !known {
                let words: Vec<&str> =
                    sentence.tokens[from..to].iter().map(|token| token.text.as_str()).collect();
                all.push(Person { name: words.join(" "), ..Person::default() });
            }
        }
    }
    all
}

/// The people whose names stand in the sentence: who, tokens from and to, how alike. The longest
/// and most alike name at a place is taken.
fn mentioned(sentence: &Sentence<'_>, people: &[Person]) -> Vec<(usize, usize, usize, f32)> {
    let mut found = Vec::new();
    let mut from = 0;
    while from < sentence.tokens.len() {
        let mut best: Option<(usize, usize, f32)> = None;
        let ends = (from + 1)..=(from + 3).min(sentence.tokens.len());
        for (end, (number, person)) in
            ends.flat_map(|end| people.iter().enumerate().map(move |person| (end, person)))
        {
            let alike = match_at(sentence, person, from, end);
            if alike >= ALIKE && best.is_none_or(|(_, _, most)| alike > most) {
                best = Some((number, end, alike));
            }
        }
        match best {
            Some((number, end, alike)) => {
                // Two people of one first name: a mention by it says nothing.
                let rivals = people.iter().enumerate().filter(|&(other, person)| {
                    other != number && match_at(sentence, person, from, end) >= alike
                });
                if rivals.count() == 0 {
                    found.push((number, from, end, alike));
                }
                from = end;
            }
            None => from += 1,
        }
    }
    found
}

/// How alike the tokens `from..to` and the person's name are; a full name counts for more than a
/// first name, and one with the right surname may differ in the first.
fn match_at(sentence: &Sentence<'_>, person: &Person, from: usize, to: usize) -> f32 {
    let tokens = &sentence.tokens[from..to];
    if !tokens.iter().all(|token| token.capital && !is_pronoun(&token.lower)) {
        return 0.0;
    }
    let known: Vec<&str> = person.name.split_whitespace().collect();
    let joined: String = tokens.iter().map(|token| token.text.as_str()).collect();
    let whole = likeness(&joined, &person.name);
    let by_parts = match (tokens, known.as_slice()) {
        ([first, .., last], [known_first, .., known_last]) => {
            let last_alike = likeness(&last.text, known_last);
            let first_alike = likeness(&first.text, known_first);
            let initial = folded(&first.text).chars().next() == folded(known_first).chars().next();
            if first_alike > 0.0 && last_alike > 0.0 || last_alike >= 0.9 && initial {
                0.4 * first_alike.max(0.6) + 0.6 * last_alike + 0.01
            } else {
                0.0
            }
        }
        _ => 0.0,
    };
    // A name in one word may be heard as two, as "Way Lin"; punctuation between them says not.
    let split = tokens.len() > 1 && tokens[..tokens.len() - 1].iter().any(|t| t.pause_after);
    let short = if tokens.len() <= 2 && !split {
        let penalty = if tokens.len() == 2 { 0.95 } else { 1.0 };
        likeness(&joined, person.short_name()) * penalty
    } else {
        0.0
    };
    whole.max(by_parts).max(short).min(1.0)
}

/// "I", "I'm" and the like, which have a capital and are no part of a name.
fn is_pronoun(lower: &str) -> bool {
    lower == "i" || lower.starts_with("i'")
}

fn weigh<'a>(
    cases: &mut BTreeMap<(&'a SpeakerLabel, usize), Case>,
    sentence: &Sentence<'a>,
    turns: &[Option<&'a SpeakerLabel>],
    person: usize,
    role: Role,
    alike: f32,
) {
    let Some(speaker) = sentence.speaker else { return };
    let before = sentence.turn.checked_sub(1).and_then(|turn| turns[turn]);
    let after = turns.get(sentence.turn + 1).copied().flatten();
    let sureness = alike * (0.5 + 0.5 * sentence.confidence);
    let mut add = |label: &'a SpeakerLabel, weight: f32| {
        cases.entry((label, person)).or_default().add(weight * sureness, sentence);
    };
    match role {
        Role::Own(Clarity::Plain) => add(speaker, 1.2),
        Role::Own(Clarity::Likely) => add(speaker, 1.0),
        Role::Own(Clarity::Doubtful) => add(speaker, 0.6),
        Role::Next => {
            add(speaker, -0.5);
            if let Some(after) = after.filter(|&after| after != speaker && sentence.closes_turn) {
                add(after, 0.8);
            }
        }
        Role::Neighbour => {
            add(speaker, -0.5);
            // The one who is thanked or called spoke just before, speaks next, or both.
            match (before.filter(|_| sentence.opens_turn), after.filter(|_| sentence.closes_turn)) {
                (Some(a), Some(b)) if a == b => add(a, 0.7),
                (Some(a), Some(b)) => {
                    add(a, 0.3);
                    add(b, 0.3);
                }
                (Some(one), None) | (None, Some(one)) => add(one, 0.4),
                (None, None) => {}
            }
        }
        Role::Other => add(speaker, -0.15),
    }
}

/// Takes the clearest cases first, each voice and each name once, and only where no other voice or
/// name comes near.
fn settle(cases: &BTreeMap<(&SpeakerLabel, usize), Case>, people: &[Person]) -> Vec<NameProposal> {
    let mut order: Vec<_> = cases.iter().filter(|(_, case)| case.score >= ENOUGH).collect();
    order.sort_by(|a, b| b.1.score.total_cmp(&a.1.score).then(a.0.cmp(b.0)));
    let mut labels: BTreeSet<&SpeakerLabel> = BTreeSet::new();
    let mut names: BTreeSet<usize> = BTreeSet::new();
    let mut shorts: BTreeSet<String> = BTreeSet::new();
    let mut proposals = Vec::new();
    for (&(label, person), case) in order {
        if labels.contains(label) || names.contains(&person) {
            continue;
        }
        let rival = cases
            .iter()
            .filter(|&(&(other, name), _)| {
                // A voice or name that is taken is no rival any more.
                (other == label) != (name == person)
                    && !labels.contains(other)
                    && !names.contains(&name)
            })
            .map(|(_, rival)| rival.score)
            .fold(0.0, f32::max);
        let short = people[person].short_name().to_owned();
        let Some(evidence) = case.evidence.clone() else { continue };
        if case.score - rival < MARGIN || !shorts.insert(folded(&short)) {
            continue;
        }
        labels.insert(label);
        names.insert(person);
        proposals.push(NameProposal {
            label: label.clone(),
            number: 0,
            short,
            name: people[person].name.clone(),
            confidence: confidence(case.score - rival),
            evidence,
            known: None,
        });
    }
    proposals.sort_by(|a, b| a.label.cmp(&b.label));
    proposals
}

/// Evidence as a confidence with two decimals: 0.6 gives about 0.7, 1.0 about 0.86, 2.0 about 0.98.
fn confidence(margin: f32) -> f32 {
    ((1.0 - (-2.0 * margin).exp()) * 100.0).round() / 100.0
}

#[cfg(test)]
mod tests {
    use super::super::{AttributedWord, Attribution, Utterance};
    use super::*;
    use crate::speech::{SpeakerName, Word};
    use crate::time::Span;

    fn person(name: &str) -> Person {
        Person { name: name.into(), ..Person::default() }
    }

    /// A conversation of lines, each `number: text`.
    fn conversation(lines: &str) -> Conversation {
        let mut at = 0;
        let utterances = lines
            .lines()
            .map(|line| {
                let (who, text) = line.trim().split_once(": ").unwrap();
                let words = text
                    .split_whitespace()
                    .map(|text| {
                        at += 300;
                        let span = Span::new(Ms::new(at - 300), Ms::new(at)).unwrap();
                        AttributedWord { word: Word::new(span, text, 1.0), speaker_confidence: 1.0 }
                    })
                    .collect();
                let label = SpeakerLabel::from_index(who.parse().unwrap());
                Utterance { speaker: Attribution::Speaker(label), words }
            })
            .collect();
        Conversation { language: "en".into(), duration: Ms::new(at), utterances, sounds: vec![] }
    }

    fn check(lines: &str, people: &[&str], expected: &[(usize, &str)]) {
        let people: Vec<Person> = people.iter().map(|name| person(name)).collect();
        let proposals = propose(&conversation(lines), &[], &people, &[].into());
        let got: Vec<_> = proposals.iter().map(|p| (p.label.0.as_str(), p.name.as_str())).collect();
        let expected: Vec<_> =
            expected.iter().map(|&(n, name)| (SpeakerLabel::from_index(n), name)).collect();
        let expected: Vec<_> = expected.iter().map(|(l, name)| (l.0.as_str(), *name)).collect();
        assert_eq!(got, expected, "{lines}");
    }

    #[test]
    fn hosts_introduce_themselves_and_hand_over() {
        check(
            "0: Welcome to Signal. I'm Sean Hildner.
             1: And I'm Waylon Wong. Today we talk about outages. Here's Troy.
             2: It was a long night. Jeremy wrote about it.
             1: Jeremy, what do you think?
             3: We had no plan.
             0: Thanks for coming, Jeremy.
             3: Thank you.",
            &["Shaun Hildner", "Wailin Wong", "Troy Toman", "Jeremy Daer"],
            &[(0, "Shaun Hildner"), (1, "Wailin Wong"), (2, "Troy Toman"), (3, "Jeremy Daer")],
        );
    }

    #[test]
    fn evidence_is_a_sentence_with_its_time() {
        let people = [person("Shaun Hildner")];
        let proposals =
            propose(&conversation("0: Well hello. I'm Shaun Hildner."), &[], &people, &[].into());
        let said = Evidence::Said { text: "I'm Shaun Hildner.".into(), at: Ms::new(600) };
        assert_eq!((&proposals[0].evidence, proposals[0].number), (&said, 1));
        assert_eq!(proposals[0].short, "Shaun");
        assert!(proposals[0].confidence > 0.8 && proposals[0].confidence < 1.0);
    }

    #[test]
    fn a_full_introduction_needs_no_list() {
        check(
            "0: My name is Ada Brook and I dig wells.\n1: I'm Tom Reed.",
            &[],
            &[(0, "Ada Brook"), (1, "Tom Reed")],
        );
    }

    #[test]
    fn it_abstains_where_nothing_is_clear() {
        check("0: I'm Canadian. I'm sure.\n1: I'm sorry.", &[], &[]);
        check("0: Jeremy's post was good.\n1: Jeremy said so.", &["Jeremy Daer"], &[]);
        check("0: I'm Ann Lee.\n1: I'm Ann Lee.", &["Ann Lee"], &[]);
        check("0: Here's Sam.\n1: Hello.", &["Sam Hill", "Sam Poe"], &[]);
        check("", &["Sam Hill"], &[]);
    }

    fn known(voices: &[(usize, &str, f32)]) -> BTreeMap<SpeakerLabel, KnownMatch> {
        let found = |&(label, name, likeness): &(usize, &str, f32)| {
            let person = SpeakerName(name.into());
            let found = KnownMatch { person, likeness, margin: 0.3, episodes: 2 };
            (SpeakerLabel::from_index(label), found)
        };
        voices.iter().map(found).collect()
    }

    #[test]
    fn a_known_voice_is_named_without_a_word_and_says_so() {
        let talk = conversation("0: So it rained.\n1: It did.");
        let proposals = propose(&talk, &[], &[], &known(&[(1, "Ada Brook", 0.82)]));
        assert_eq!(proposals.len(), 1);
        let ada = &proposals[0];
        assert_eq!((ada.label.0.as_str(), ada.short.as_str()), ("SPEAKER_01", "Ada"));
        assert!(matches!(&ada.evidence, Evidence::KnownVoice(found) if found.episodes == 2));
        assert!(ada.confidence > 0.9 && ada.number == 2);
    }

    #[test]
    fn a_known_voice_and_a_word_against_it_leave_it_open() {
        let talk = conversation("0: I'm Tom Reed.\n1: Hello.");
        let weak = propose(&talk, &[], &[person("Tom Reed")], &known(&[(0, "Ada Brook", 0.66)]));
        assert!(weak.is_empty(), "{weak:?}");
        let agreed = propose(&talk, &[], &[person("Tom Reed")], &known(&[(0, "Tom Reed", 0.7)]));
        assert!(agreed[0].confidence > 0.95, "{agreed:?}");
    }

    #[test]
    fn showing_somebody_is_not_naming_oneself() {
        check(
            "0: We called the mayor. Her day was long. This is Rosa Park.\n1: It was long.",
            &["Rosa Park"],
            &[(1, "Rosa Park")],
        );
    }
}
