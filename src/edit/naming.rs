//! Which name stands for which voice.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::attribute::names::NameProposal;
use crate::attribute::{Attribution, Conversation, voices_in_order};
use crate::edit::edits::Edits;
use crate::edit::warning::EditWarning;
use crate::library::episode::Person;
use crate::speech::{Speaker, SpeakerLabel, SpeakerName, Turn};
use crate::time::{Ms, Span};

/// The name of each voice: a person's own choice first, then a name that was heard, then
/// `Speaker 1`, `Speaker 2` in the order in which the voices first speak.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Naming {
    voices: BTreeMap<SpeakerLabel, Voice>,
    /// The people who are listed: their full names and their short ones.
    listed: Vec<(String, String)>,
    given: Vec<Given>,
}

/// A name that a person gave to a voice by its number or label, and where that voice speaks: numbers and
/// labels are those of one run, and another run must not hand the name on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Given {
    /// How the person called the voice.
    pub label: String,
    /// The name.
    pub name: String,
    /// Times at which the voice spoke when the name was first given.
    pub at: Vec<Ms>,
}

/// At how many times a voice is known again.
const TIMES: usize = 5;

#[derive(Debug, Clone, PartialEq, Eq)]
struct Voice {
    /// Its place in the order in which the voices first speak, counted from 1.
    number: u32,
    /// The name that a person gave it.
    chosen: Option<SpeakerName>,
    /// The name that was heard.
    heard: Option<SpeakerName>,
}

/// Who speaks when, before anybody is named.
#[derive(Debug, Clone, Copy)]
pub struct Voices<'a> {
    /// The words with their labels.
    pub conversation: &'a Conversation,
    /// The turns, overlap included.
    pub turns: &'a [Turn],
}

/// Which voice speaks at a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum VoiceAt {
    /// This one.
    One(SpeakerLabel),
    /// Several at once.
    Several(Vec<SpeakerLabel>),
    /// None; who speaks nearest, and when.
    Nobody(Option<(SpeakerLabel, Ms)>),
}

/// A pause within which a voice still counts as speaking.
const PAUSE: Ms = Ms::new(1_000);

impl Voices<'_> {
    /// Which voice speaks at a time. A time of whole seconds, as the page shows it, is that of the
    /// paragraph that begins within the second.
    pub fn at(&self, at: Ms) -> VoiceAt {
        let begins: BTreeSet<&SpeakerLabel> =
            self.utterances().filter(|(_, span)| is_shown_as(*span, at)).map(|(l, _)| l).collect();
        if let (Some(label), 1) = (begins.first(), begins.len()) {
            return VoiceAt::One((*label).clone());
        }
        let says = self.conversation.utterances.iter().find(|utterance| {
            utterance.words.iter().any(|word| word.word.span.contains(at))
                && matches!(utterance.speaker, Attribution::Speaker(_))
        });
        if let Some(Attribution::Speaker(label)) = says.map(|utterance| &utterance.speaker) {
            return VoiceAt::One(label.clone());
        }
        let speaking: BTreeSet<&SpeakerLabel> =
            self.turns.iter().filter(|turn| turn.span.contains(at)).map(|t| &t.label).collect();
        match speaking.len() {
            0 => self.nearest(at),
            1 => VoiceAt::One(speaking.into_iter().next().expect("there is one").clone()),
            _ => VoiceAt::Several(speaking.into_iter().cloned().collect()),
        }
    }

    /// Times at which a voice speaks: in the middle of its longest turns, or paragraphs.
    fn times_of(&self, label: &SpeakerLabel) -> Vec<Ms> {
        let turns = self.turns.iter().map(|turn| (&turn.label, turn.span));
        let paragraphs = self.utterances().filter(|_| self.turns.is_empty());
        let mut own: Vec<Span> = turns
            .chain(paragraphs)
            .filter(|(other, _)| *other == label)
            .map(|(_, span)| span)
            .collect();
        own.sort_by_key(|span| (std::cmp::Reverse(span.duration()), span.start()));
        own.into_iter().take(TIMES).map(Span::middle).collect()
    }

    /// The voice that speaks at most of the times.
    fn at_most(&self, times: &[Ms]) -> Option<SpeakerLabel> {
        let mut votes: BTreeMap<SpeakerLabel, usize> = BTreeMap::new();
        for at in times {
            if let VoiceAt::One(label) = self.at(*at) {
                *votes.entry(label).or_default() += 1;
            }
        }
        votes.into_iter().max_by_key(|(_, count)| *count).map(|(label, _)| label)
    }

    fn nearest(&self, at: Ms) -> VoiceAt {
        let moment = Span::at_least_1ms(at, at);
        let turns = self.turns.iter().map(|turn| (&turn.label, turn.span));
        let nearest =
            self.utterances().chain(turns).min_by_key(|(_, span)| (span.gap(moment), *span));
        match nearest {
            Some((label, span)) if span.gap(moment) <= PAUSE => VoiceAt::One(label.clone()),
            nearest => VoiceAt::Nobody(nearest.map(|(label, span)| (label.clone(), span.start()))),
        }
    }

    fn utterances(&self) -> impl Iterator<Item = (&SpeakerLabel, Span)> {
        self.conversation.utterances.iter().filter_map(|utterance| match &utterance.speaker {
            Attribution::Speaker(label) => Some((label, utterance.span())),
            Attribution::Unknown(_) => None,
        })
    }
}

/// Whether the page shows this time for something that begins there.
pub(super) fn is_shown_as(span: Span, at: Ms) -> bool {
    at.get() % 1_000 == 0 && (span.start() - at).get().div_euclid(1_000) == 0
}

impl Naming {
    /// Names the voices: `heard` is what the conversation itself and the show's memory tell, `people`
    /// those who are listed, `given` what an earlier run knows of names for labels. What contradicts
    /// itself, or nobody lists, is told.
    pub fn new(
        voices: Voices<'_>,
        edits: &Edits,
        heard: &[NameProposal],
        people: &[Person],
        given: &[Given],
    ) -> (Naming, Vec<EditWarning>) {
        let mut naming = Naming::unnamed(voices, people);
        let mut warnings = naming.choose(voices, edits, given);
        let taken: BTreeSet<SpeakerName> =
            naming.voices.values().filter_map(|voice| voice.chosen.clone()).collect();
        for proposal in heard {
            warnings.extend(naming.contradiction(proposal));
            let name = SpeakerName(proposal.short.clone());
            if let Some(voice) = naming.voices.get_mut(&proposal.label)
                && !taken.contains(&name)
            {
                voice.heard = Some(name);
            }
        }
        (naming, warnings)
    }

    /// The same where the names are stated and stand in the place of labels.
    pub(super) fn of_stated(
        voices: Voices<'_>,
        edits: &Edits,
        people: &[Person],
    ) -> (Naming, Vec<EditWarning>) {
        let mut naming = Naming::unnamed(voices, people);
        for (label, voice) in &mut naming.voices {
            voice.heard = Some(SpeakerName(label.0.clone()));
        }
        let warnings = naming.choose(voices, edits, &[]);
        (naming, warnings)
    }

    fn unnamed(voices: Voices<'_>, people: &[Person]) -> Naming {
        let named = people.iter().filter(|person| !person.name.trim().is_empty());
        Naming {
            voices: (1..)
                .zip(voices_in_order(voices.conversation, voices.turns))
                .map(|(number, label)| (label, Voice { number, chosen: None, heard: None }))
                .collect(),
            listed: named
                .map(|person| (person.name.clone(), person.short_name().to_owned()))
                .collect(),
            given: Vec::new(),
        }
    }

    /// Gives the voices the names that a person chose.
    fn choose(&mut self, voices: Voices<'_>, edits: &Edits, given: &[Given]) -> Vec<EditWarning> {
        let mut warnings = Vec::new();
        for (label, name) in &edits.names {
            let known = given.iter().find(|given| given.label == *label && given.name == *name);
            let named = self.resolve(label);
            let spoke = known.and_then(|known| voices.at_most(&known.at));
            let Some(voice) = spoke.clone().or_else(|| named.clone()) else {
                let known = self.voices.len();
                warnings.push(EditWarning::NoSuchLabel { label: label.clone(), known });
                continue;
            };
            let at = match known {
                Some(known) => known.at.clone(),
                None => voices.times_of(&voice),
            };
            if spoke.is_some() && spoke != named {
                warnings.push(EditWarning::LabelMoved {
                    label: label.clone(),
                    name: name.clone(),
                    voice: Speaker::Numbered(self.number(&voice)),
                    at: at.first().copied().unwrap_or(Ms::ZERO),
                });
            }
            warnings.extend(self.give(&voice, name, None));
            self.given.push(Given { label: label.clone(), name: name.clone(), at });
        }
        for voice in &edits.voice {
            let Some(at) = voice.at.map(|time| time.0) else { continue };
            match voices.at(at) {
                VoiceAt::One(label) => warnings.extend(self.give(&label, &voice.name, Some(at))),
                VoiceAt::Several(labels) => warnings.push(EditWarning::SeveralVoices {
                    name: voice.name.clone(),
                    at,
                    voices: labels.iter().map(|label| self.speaker(label)).collect(),
                }),
                VoiceAt::Nobody(nearest) => warnings.push(EditWarning::NoVoice {
                    name: voice.name.clone(),
                    at,
                    nearest: nearest.map(|(label, at)| (self.speaker(&label), at)),
                }),
            }
        }
        warnings
    }

    fn give(&mut self, label: &SpeakerLabel, name: &str, at: Option<Ms>) -> Vec<EditWarning> {
        let mut warnings = Vec::from_iter(self.unlisted(name));
        let Some(voice) = self.voices.get_mut(label) else { return warnings };
        let before = voice.chosen.replace(SpeakerName(name.to_owned()));
        if let Some(before) = before.filter(|before| before.0 != name) {
            warnings.push(EditWarning::TwoNames {
                voice: Speaker::Numbered(voice.number),
                before,
                after: SpeakerName(name.to_owned()),
                at,
            });
        }
        warnings
    }

    /// A warning where a chosen name is not the one that was heard.
    fn contradiction(&self, heard: &NameProposal) -> Option<EditWarning> {
        let voice = self.voices.get(&heard.label)?;
        let chosen = voice.chosen.as_ref()?;
        let same = |name: &str| folded(name) == folded(&chosen.0);
        let full = self.listed.iter().find(|(full, short)| same(full) || same(short));
        let agrees = same(&heard.name)
            || same(&heard.short)
            || full.is_some_and(|(full, _)| folded(full) == folded(&heard.name));
        (!agrees).then(|| EditWarning::Contradicted {
            voice: Speaker::Numbered(voice.number),
            chosen: chosen.clone(),
            heard: heard.name.clone(),
            evidence: heard.evidence.clone(),
        })
    }

    /// A warning where people are listed and nobody of them has that name.
    pub(super) fn unlisted(&self, name: &str) -> Option<EditWarning> {
        let mut names = self.listed.iter().flat_map(|(full, short)| [full, short]);
        if self.listed.is_empty() || names.any(|known| folded(known) == folded(name)) {
            return None;
        }
        let alike =
            |known: &str| strsim::normalized_damerau_levenshtein(&folded(known), &folded(name));
        let nearest = self
            .listed
            .iter()
            .flat_map(|(full, short)| [full, short])
            .map(|known| (alike(known), known))
            .filter(|(alike, _)| *alike >= MEANT)
            .max_by(|(a, _), (b, _)| a.total_cmp(b))
            .map(|(_, known)| known.clone());
        Some(EditWarning::Unlisted { name: name.to_owned(), nearest })
    }

    /// The voice that is called so: `Speaker 2`, or the machine's label.
    pub fn resolve(&self, text: &str) -> Option<SpeakerLabel> {
        let text = text.trim();
        let number = Speaker::number_in(text);
        self.voices
            .iter()
            .find(|(label, voice)| {
                number == Some(voice.number) || label.0.eq_ignore_ascii_case(text)
            })
            .map(|(label, _)| label.clone())
    }

    /// Who the voice is; `None` for a label that never speaks.
    fn known(&self, label: &SpeakerLabel) -> Option<Speaker> {
        let voice = self.voices.get(label)?;
        let name = voice.chosen.as_ref().or(voice.heard.as_ref());
        Some(name.map_or(Speaker::Numbered(voice.number), |name| Speaker::Named(name.clone())))
    }

    /// Who the voice is; a label that never speaks keeps its own name.
    pub fn speaker(&self, label: &SpeakerLabel) -> Speaker {
        self.known(label).unwrap_or_else(|| Speaker::Named(SpeakerName(label.0.clone())))
    }

    /// The voice's name as it is printed.
    pub fn name(&self, label: &SpeakerLabel) -> SpeakerName {
        SpeakerName(self.speaker(label).to_string())
    }

    /// The voice's place in the order in which they first speak, counted from 1; 0 for a label that
    /// never speaks.
    pub fn number(&self, label: &SpeakerLabel) -> u32 {
        self.voices.get(label).map_or(0, |voice| voice.number)
    }

    /// The name that a person gave the voice.
    pub fn chosen(&self, label: &SpeakerLabel) -> Option<&SpeakerName> {
        self.voices.get(label)?.chosen.as_ref()
    }

    /// The name that is meant by a text: that of a voice where it is called by its number or label.
    pub(super) fn meant(&self, text: &str) -> SpeakerName {
        self.resolve(text).map_or_else(|| SpeakerName(text.to_owned()), |label| self.name(&label))
    }

    /// The names that were given to labels and numbers, to be known again by the next run.
    pub fn given(&self) -> &[Given] {
        &self.given
    }
}

/// How alike a listed name is at least that may have been meant, 0 to 1: “Tory” is 0.75 of “Troy”.
const MEANT: f64 = 0.6;

/// A name for comparing.
fn folded(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase()
}

#[cfg(test)]
mod tests;
