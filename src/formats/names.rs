//! Speakers' names where a format has no place of its own for them: at the start of the text.
//!
//! A line alone cannot tell `Tilda: yes` from `Note: yes`. [`Speakers`] therefore judges by all texts
//! of a file: how often a label comes again, and whether the file labels everything it says.

use std::collections::{BTreeMap, BTreeSet};

use crate::formats::{Passage, clock, one_line};

/// The name that stands where nobody could be named but others are, so that a reader does not
/// carry the last name on.
pub const UNKNOWN_SPEAKER: &str = "Unknown speaker";

/// The longest label: `Prof. Dr. med. Tilda van der Marsh-Ferris (University of Skerrow)`.
const MOST_WORDS: usize = 10;
const MOST_CHARS: usize = 80;
/// Words in lower case that stand within names are no longer: `van`, `dos`.
const PARTICLE_CHARS: usize = 4;

/// Splits a name from the start of a text: `Name: text`, `[Name] text`, `[Name]: text`.
///
/// A name has at most four words, does not begin with a lower-case letter, and is neither an
/// address (`https:`) nor a time (`12:48`).
pub fn leading(text: &str) -> Option<(&str, &str)> {
    label(text).filter(|(name, _)| is_name(name))
}

/// Whether a text can be somebody's name, or a role or sound source such as `Child’s Voice`.
pub fn is_name(text: &str) -> bool {
    let text = text.trim();
    let words = text.split_whitespace().count();
    let first = text.chars().next();
    (1..=4).contains(&words)
        && text.chars().count() <= 60
        && first.is_some_and(|c| c.is_alphanumeric() && !c.is_lowercase())
        && !text.contains(['?', '!', ',', ';', '"', '“', '”', '/', '<', '>', '['])
        && text.split_whitespace().all(|word| !word.ends_with('.') || word.chars().count() <= 3)
        && clock::parse(text).is_none()
        && text.chars().any(char::is_alphabetic)
}

/// Splits off what stands where a name would: `anything: text`, `[anything] text`.
pub(crate) fn label(text: &str) -> Option<(&str, &str)> {
    let text = text.trim_start();
    if let Some((name, rest)) = text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        let rest = rest.strip_prefix(':').unwrap_or(rest);
        let fits = can_be_label(name) && !rest.trim().is_empty();
        return fits.then(|| (name.trim(), rest.trim_start()));
    }
    let at = text.find([':', '：'])?;
    let (name, tail) = text.split_at(at);
    let rest = tail.strip_prefix([':', '：'])?;
    let parted = tail.starts_with('：')
        || rest.is_empty()
        || rest.starts_with(char::is_whitespace)
        || rest.starts_with('[');
    let name = name.trim_start_matches(['-', '–', '—', '•', ' ']).trim_end();
    (parted && can_be_label(name)).then(|| (name, rest.trim_start()))
}

/// The same, where the label looks like a name with all that people add to names.
pub(crate) fn before_dressed(text: &str) -> Option<(&str, &str)> {
    label(text).filter(|(name, _)| is_plain(name) || is_dressed_name(name))
}

/// Whether a text is short and has nothing that only sentences have.
pub(crate) fn can_be_label(text: &str) -> bool {
    let text = text.trim();
    (1..=MOST_WORDS).contains(&text.split_whitespace().count())
        && text.chars().count() <= MOST_CHARS
        && text.chars().any(char::is_alphabetic)
        && !text.contains(['?', '!', ';', '"', '“', '”', '<', '>', '[', ']', '…'])
        && !text.ends_with(',')
        && clock::parse(text).is_none()
}

/// Whether a label looks like a name by itself: words with capitals, particles between them.
pub(crate) fn is_plain(label: &str) -> bool {
    is_name(label) && has_capitals(label)
}

/// Whether a label looks like a name once titles, a comma, a sign and what stands in brackets are
/// allowed: `Marsh, Tilda`, `Dr. med. Tilda Marsh`, `🎣 Tilda (she/her)`.
pub(crate) fn is_dressed_name(label: &str) -> bool {
    let bare = match label.split_once('(') {
        Some((before, _)) if label.ends_with(')') => before,
        _ => label,
    };
    let words: Vec<&str> = bare
        .split([' ', ','])
        .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric() && c != '.'))
        .filter(|word| word.chars().any(char::is_alphanumeric) && !word.ends_with('.'))
        .collect();
    bare.matches(',').count() <= 1 && words.len() <= 6 && has_capitals(&words.join(" "))
}

/// Whether a line can be a name and nothing else: `Tilda Marsh`, `Tilda Marsh:`, `Prof. Tilda Marsh`.
pub(crate) fn stands_alone(line: &str) -> bool {
    let line = line.trim().trim_end_matches(':').trim_end();
    let ends_sentence = line.ends_with(['.', '…', ',', '!', '?']);
    can_be_label(line) && !line.contains(':') && !ends_sentence && is_dressed_name(line)
}

/// Whether a text begins and ends with words that are no lower-case ones, with particles between.
fn has_capitals(text: &str) -> bool {
    let words: Vec<&str> = text.split_whitespace().collect();
    let is_lower = |word: &str| word.starts_with(char::is_lowercase);
    let particles = words.iter().filter(|word| is_lower(word)).count();
    words.first().is_some_and(|word| !is_lower(word))
        && words.last().is_some_and(|word| !is_lower(word))
        && particles * 2 <= words.len()
        && words.iter().all(|word| !is_lower(word) || word.chars().count() <= PARTICLE_CHARS)
}

/// The labels of a file that are speakers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Speakers(BTreeSet<String>);

/// What is known of a file's labels.
struct Census<'t> {
    /// How often each label stands at the start of a text.
    uses: BTreeMap<&'t str, usize>,
    /// Texts that begin with a label.
    labelled: usize,
    /// All texts.
    texts: usize,
    /// The label of the first text.
    first: Option<&'t str>,
    /// Labels in brackets, as sounds have them too.
    bracketed: BTreeSet<&'t str>,
    /// All words, to see whether a label is spoken of.
    words: BTreeSet<&'t str>,
}

impl<'t> Census<'t> {
    fn of(texts: &[&'t str]) -> Census<'t> {
        let mut uses = BTreeMap::new();
        let (mut words, mut bracketed) = (BTreeSet::new(), BTreeSet::new());
        for text in texts {
            let rest = match label(text) {
                Some((name, rest)) => {
                    *uses.entry(name).or_insert(0) += 1;
                    if text.trim_start().starts_with('[') {
                        bracketed.insert(name);
                    }
                    rest
                }
                None => text,
            };
            // The first word of a sentence has a capital in any case.
            for pair in rest.split_whitespace().collect::<Vec<_>>().windows(2) {
                let [before, word] = pair else { continue };
                if !before.ends_with(['.', '?', '!', '…', ':']) {
                    words.insert(word.trim_matches(|c: char| !c.is_alphanumeric()));
                }
            }
        }
        let labelled = uses.values().sum();
        let first = texts.first().and_then(|text| label(text)).map(|(name, _)| name);
        Census { uses, labelled, texts: texts.len(), first, bracketed, words }
    }

    /// Whether the file says of everything who says it, and somebody speaks twice.
    fn labels_all(&self) -> bool {
        self.labelled == self.texts && self.uses.len() < self.labelled
    }

    /// Whether most texts begin with what looks like a name: before a colon, or in brackets.
    fn labels_most(&self, in_brackets: bool) -> bool {
        let named = self.uses.iter().filter(|(name, _)| {
            let is_like_name = is_plain(name) || is_dressed_name(name);
            is_like_name && self.bracketed.contains(**name) == in_brackets
        });
        named.map(|(_, uses)| uses).sum::<usize>() * 2 >= self.texts
    }

    /// Whether there are names before colons at all, rather than sentences with colons.
    fn has_names(&self) -> bool {
        let brackets_most = self.labels_most(true);
        let is_like_name = |(name, uses): &(&&str, &usize)| {
            let is_sound = self.bracketed.contains(**name) && !brackets_most;
            !is_sound && (is_plain(name) || **uses > 1)
        };
        let (names, others): (Vec<_>, Vec<_>) = self.uses.iter().partition(is_like_name);
        let count = |list: Vec<(&&str, &usize)>| list.iter().map(|(_, uses)| **uses).sum::<usize>();
        let others = others.into_iter().filter(|(name, _)| name.split_whitespace().count() <= 4);
        let repeats = self.uses.iter().any(|(name, uses)| *uses > 1 && is_dressed_name(name));
        count(names) > count(others.collect())
            && (self.first.is_some() || repeats || self.labels_all())
    }

    /// Whether a label that stands so often is a speaker. `most` is whether most texts begin with
    /// what looks like a name and is written as this label is.
    fn is_speaker(&self, name: &str, uses: usize, most: bool) -> bool {
        if !most && self.bracketed.contains(name) {
            return false;
        }
        if is_plain(name) {
            let is_one_word = !name.contains(' ');
            let is_spoken_of = self.words.contains(name);
            return !is_one_word || uses > 1 || most || self.first == Some(name) || is_spoken_of;
        }
        if is_dressed_name(name) {
            // `Well, Tilda: no` is a sentence.
            return uses > 1 || (most && !name.contains(','));
        }
        if self.labels_all() {
            // A sentence does not begin with a small letter: `odo’s phone` is a name.
            return uses > 1 || name.starts_with(char::is_lowercase);
        }
        most && uses > 2
    }
}

impl Speakers {
    /// Judges by all texts of a file, in their order.
    pub(crate) fn of(texts: &[&str]) -> Speakers {
        let census = Census::of(texts);
        if !census.has_names() {
            return Speakers::default();
        }
        // Each answer takes all labels into account: found for each label, it would take a file
        // with many speakers the square of their number.
        let (in_brackets, bare) = (census.labels_most(true), census.labels_most(false));
        let is_speaker = |(name, uses): &(&&str, &usize)| {
            let most = if census.bracketed.contains(**name) { in_brackets } else { bare };
            census.is_speaker(name, **uses, most)
        };
        let speakers = census.uses.iter().filter(is_speaker);
        Speakers(speakers.map(|(name, _)| one_line(name)).collect())
    }

    /// Whether nobody is named.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Splits a speaker's name from the start of a text.
    pub(crate) fn split<'t>(&self, text: &'t str) -> Option<(&'t str, &'t str)> {
        label(text).filter(|(name, _)| self.0.contains(&one_line(name)))
    }
}

/// The label at the start of a text that a person may take for a name, though it was read as words.
pub(crate) fn doubted<'t>(texts: &[&'t str]) -> Vec<(usize, &'t str)> {
    let mut uses: BTreeMap<&str, usize> = BTreeMap::new();
    // What stands in brackets is told of as an editor's.
    let labels: Vec<Option<&str>> = texts
        .iter()
        .map(|text| label(text).filter(|_| !text.trim_start().starts_with('[')))
        .map(|label| label.map(|(name, _)| name))
        .collect();
    for name in labels.iter().flatten() {
        *uses.entry(name).or_default() += 1;
    }
    let mut told = BTreeSet::new();
    let doubtful = |name: &str| is_dressed_name(name) || uses.get(name).is_some_and(|n| *n > 1);
    labels
        .into_iter()
        .enumerate()
        .filter_map(|(at, name)| Some((at, name?)))
        .filter(|(_, name)| doubtful(name) && told.insert(*name))
        .collect()
}

/// Takes names out of the texts, carries names on, and tells sounds (`[music]`) from speech.
///
/// Names in the text are believed only if no passage has a speaker of its own. A passage in which
/// `>>` says that somebody else speaks is parted there.
pub(crate) fn settle(passages: &mut Vec<Passage>) {
    for passage in passages.iter_mut() {
        let inner = passage.text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
        if passage.speaker.is_none()
            && let Some(inner) = inner.filter(|inner| !inner.contains(['[', ']']))
        {
            passage.is_sound = true;
            passage.text = inner.trim().to_owned();
        }
    }
    if passages.iter().all(|passage| passage.speaker.is_none()) {
        part_at_changes(passages);
        take_out_names(passages);
    }
    let mut latest: Option<String> = None;
    for passage in passages.iter_mut().filter(|passage| !passage.is_sound) {
        match &passage.speaker {
            Some(name) => latest = Some(name.clone()),
            None => passage.speaker.clone_from(&latest),
        }
    }
    for passage in passages {
        passage.speaker.take_if(|name| name == UNKNOWN_SPEAKER);
    }
}

/// Broadcast captions write `>>` where another speaker begins, with a name or without.
fn part_at_changes(passages: &mut Vec<Passage>) {
    if !passages.iter().any(|passage| passage.text.starts_with(">>")) {
        return;
    }
    let mut parted = Vec::with_capacity(passages.len());
    for passage in passages.drain(..) {
        let parts = passage.text.split(">>").map(|text| text.trim_matches(['>', ' ']));
        let parts: Vec<(usize, &str)> =
            parts.enumerate().filter(|(_, text)| !text.is_empty()).collect();
        for (nth, (at, text)) in parts.iter().enumerate() {
            let starts_anew = *at > 0;
            let named = before_dressed(text).filter(|_| starts_anew);
            let unknown = starts_anew.then_some(UNKNOWN_SPEAKER);
            parted.push(Passage {
                // The parts share the time of the whole.
                start: passage.start.filter(|_| nth == 0),
                end: passage.end.filter(|_| nth + 1 == parts.len()),
                speaker: named.map(|(name, _)| name).or(unknown).map(one_line),
                text: named.map_or(*text, |(_, rest)| rest).to_owned(),
                ..passage.clone()
            });
        }
    }
    *passages = parted;
}

fn take_out_names(passages: &mut [Passage]) {
    let speech = passages.iter().filter(|passage| !passage.is_sound);
    let texts: Vec<&str> = speech.map(|passage| passage.text.as_str()).collect();
    let speakers = Speakers::of(&texts);
    for passage in passages.iter_mut().filter(|passage| !passage.is_sound) {
        if let Some((name, rest)) = speakers.split(&passage.text) {
            let (name, rest) = (one_line(name), rest.to_owned());
            passage.speaker = Some(name);
            passage.text = rest;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_told_from_other_words_before_a_colon() {
        assert_eq!(leading("Shaun: [00:00] On"), Some(("Shaun", "[00:00] On")));
        assert_eq!(leading("Child’s Voice: Hi"), Some(("Child’s Voice", "Hi")));
        assert_eq!(leading("[SPEAKER_00]: Hi"), Some(("SPEAKER_00", "Hi")));
        assert_eq!(leading("[Speaker 1] Hi"), Some(("Speaker 1", "Hi")));
        for text in [
            "https://example.org",
            "12:48 is late",
            "he wrote: no",
            "And this is what he then said: no",
            "[music]",
            "Well, look: no",
        ] {
            assert_eq!(leading(text), None, "{text}");
        }
    }

    /// The speakers of a file of such texts, in alphabetical order.
    fn speakers(texts: &[&str]) -> Vec<String> {
        Speakers::of(texts).0.into_iter().collect()
    }

    #[test]
    fn any_label_is_a_speaker_where_everything_is_labelled_and_somebody_speaks_twice() {
        for name in [
            "tilda",
            "tilda marsh",
            "Tilda Marsh (she/her)",
            "Marsh, Tilda",
            "Prof. Tilda Marsh",
            "Dr. med. Tilda van der Marsh",
            "🎣 Tilda",
            "Tilda’s old phone",
            "Tilda | Harbour Hour",
            "T. M.",
        ] {
            let said = |text: &str| format!("{name}: {text}");
            let (one, two) = (said("Are we on?"), said("Good."));
            let texts = [one.as_str(), "Odo Ferris: I think so.", &two, "Odo Ferris: One."];
            assert_eq!(Speakers::of(&texts).split(&one), Some((name, "Are we on?")), "{name}");
        }
    }

    #[test]
    fn dressed_names_that_come_again_are_speakers_though_most_cues_have_no_label() {
        for name in ["Marsh, Tilda", "Prof. Tilda Marsh", "Tilda Marsh (she/her)", "🎣 Tilda"] {
            let said = |text: &str| format!("{name}: {text}");
            let (one, two) = (said("Are we on?"), said("Good."));
            let texts = [&one, "And so.", "Then.", "Odo Ferris: Yes.", "We do.", "It is.", &two];
            assert_eq!(Speakers::of(&texts).split(&two), Some((name, "Good.")), "{name}");
        }
    }

    #[test]
    fn sentences_with_a_colon_are_no_speakers() {
        let prose =
            ["We talk.", "There are two things: the net.", "Go on.", "Note: it is.", "Well."];
        assert_eq!(speakers(&prose), [""; 0]);
        let named = [
            "Tilda: Hello.",
            "It goes on.",
            "There are two things: the net.",
            "Odo Ferris: Yes.",
            "Remember: no knots.",
            "So he said: no.",
            "So he said: yes.",
            "Tilda: Good.",
            "[Music] and we go",
            "[Music] again",
        ];
        assert_eq!(speakers(&named), ["Odo Ferris", "Tilda"]);
        let texts: Vec<&str> = doubted(&named).into_iter().map(|(_, name)| name).collect();
        assert_eq!(texts, ["Tilda", "Odo Ferris", "Remember", "So he said"]);
        let all =
            ["Tilda: Hi.", "Odo: Yes.", "There are two things: tea.", "Tilda: Go.", "He said: no."];
        assert_eq!(speakers(&all), ["Odo", "Tilda"]);
    }

    #[test]
    fn somebody_who_is_spoken_to_may_speak_once() {
        let texts =
            ["Tilda: Hi.", "So, Odo, is it?", "Odo: Yes.", "Go on.", "And on.", "Tilda: Good."];
        assert_eq!(speakers(&texts), ["Odo", "Tilda"]);
    }

    #[test]
    fn a_sign_that_somebody_else_speaks_is_no_word_and_carries_no_name() {
        let passage = |ms: i64, text: &str| Passage {
            start: Some(crate::time::Ms::new(ms)),
            text: text.to_owned(),
            ..Passage::default()
        };
        let mut passages = vec![
            passage(0, ">> TILDA: Are we on? >> I think so."),
            passage(9, "Yes."),
            passage(12, ">> ODO: No."),
            passage(15, ">> TILDA: Good."),
        ];
        settle(&mut passages);
        let read: Vec<_> =
            passages.iter().map(|p| (p.speaker.as_deref(), p.text.as_str())).collect();
        assert_eq!(
            read,
            [
                (Some("TILDA"), "Are we on?"),
                (None, "I think so."),
                (None, "Yes."),
                (Some("ODO"), "No."),
                (Some("TILDA"), "Good."),
            ]
        );
    }
}
