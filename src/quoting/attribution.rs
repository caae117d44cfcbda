//! Whom the prose around a quotation gives it to: `“…,” Troy says`, `According to Troy, “…”`.
//!
//! A name counts where it is the subject of a verb of saying, or stands where sources stand. A
//! pronoun says nothing here.

use std::collections::BTreeSet;

use crate::spoken::{Known, Speaker, tokens};

/// The prose that is looked at on each side of a quotation, in bytes.
const REACH: usize = 240;
/// So many words may stand between the verb and the quotation: `Troy told us over a bad line that`.
const BEHIND_VERB: usize = 8;

const VERBS: &str = " say says said saying ask asks asked asking answer answers answered answering \
    reply replies replied tell tells told telling explain explains explained explaining add adds added \
    adding write writes wrote writing recall recalls recalled recalling note notes noted noting argue \
    argues argued admit admits admitted joke jokes joked joking laugh laughs laughed laughing insist \
    insists insisted warn warns warned continue continues continued remember remembers remembered put \
    puts call calls called describe describes described suggest suggests suggested point points pointed \
    observe observes observed claim claims claimed concede concedes conceded declare declares declared \
    remark remarks remarked respond responds responded reveal reveals revealed state states stated think \
    thinks thought believe believes believed wonder wonders wondered go goes went begin begins began \
    conclude concludes concluded offer offers offered confess confesses confessed counter counters \
    countered quip quips quipped muse muses mused report reports reported confirm confirms confirmed \
    agree agrees agreed shrug shrugs shrugged sigh sighs sighed interject interjects interjected promise \
    promises promised mention mentions mentioned repeat repeats repeated read reads sum sums summed \
    stress stresses stressed emphasize emphasizes emphasized emphasise emphasises emphasised reflect \
    reflects reflected smile smiles smiled grin grins grinned object objects objected cry cries cried \
    shout shouts shouted whisper whispers whispered advise advises advised urge urges urged open opens \
    opened close closes closed start starts started finish finishes finished ";

const ADVERBS: &str = " later also then once has had now still recently herself himself themselves \
    often always even first simply just jokingly quietly finally famously proudly drily wryly eventually \
    again still never usually is was ";

/// Capitalised words that are nobody's name.
const NO_NAMES: &str = " a an the he she they i we you it who this that these those there here one ones \
    another other others everyone everybody someone somebody nobody anyone anybody people listeners guests \
    and but or so yet for nor as if when while where after before because although though since until \
    in on at by to from with without of about into over under between then now later today yesterday \
    what why how which whose his her their our my your its not no yes all some many most both each \
    every few several such even also just only still perhaps maybe according ";

/// What may stand before a name without being part of it.
const TITLES: &str = " mr mrs ms miss mx dr prof professor doctor sir dame host cohost guest producer \
    editor reporter narrator presenter author captain founder ceo cto ";

fn has(list: &str, word: &str) -> bool {
    !word.is_empty() && list.contains(&format!(" {word} "))
}

/// The names of everybody who speaks in a show.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Names(BTreeSet<String>);

impl Names {
    /// Those of these episodes.
    pub fn of(episodes: &[Known]) -> Names {
        let speakers = episodes.iter().flat_map(|known| &known.speakers);
        let names = speakers.flat_map(|speaker| [&speaker.name, &speaker.full_name]);
        Names(names.flat_map(|name| keys(name)).filter(|key| key.chars().count() > 1).collect())
    }

    fn has(&self, word: &Word<'_>) -> bool {
        word.is_capital && self.0.contains(&word.lower)
    }
}

fn keys(name: &str) -> Vec<String> {
    tokens(name).into_iter().map(|token| token.key).collect()
}

/// Whether a name as it is written may be that person's.
pub(super) fn is_person(written: &str, speaker: &Speaker) -> bool {
    is_name(written, &speaker.full_name) || is_name(written, &speaker.name)
}

/// Whether a name as it is written may be that whole name's: `E. Prowse`, `Prowse`, `Dr. Enid Prowse`.
pub(super) fn is_name(written: &str, whole: &str) -> bool {
    let whole = keys(whole);
    let mut written = keys(written).into_iter().filter(|key| !has(TITLES, key)).peekable();
    let is_part = |key: String| {
        let is_initial = key.chars().count() == 1;
        whole.iter().any(|part| *part == key || is_initial && part.starts_with(&key))
    };
    written.peek().is_some() && written.all(is_part)
}

/// A word of the prose.
#[derive(Debug, Clone)]
struct Word<'t> {
    /// Without punctuation and without `’s`.
    bare: &'t str,
    lower: String,
    is_capital: bool,
    is_possessive: bool,
    /// The last character of the punctuation behind it.
    end: Option<char>,
}

fn words(text: &str) -> Vec<Word<'_>> {
    text.split_whitespace().map(word).filter(|word| !word.bare.is_empty()).collect()
}

fn word(text: &str) -> Word<'_> {
    let inner = text.trim_matches(|c: char| !c.is_alphanumeric());
    let bare = ["’s", "'s"].iter().find_map(|end| inner.strip_suffix(end)).unwrap_or(inner);
    let after = text.rfind(inner).map_or("", |at| &text[at + inner.len()..]);
    let is_title = has(TITLES, &inner.to_lowercase()) || inner.chars().count() == 1;
    Word {
        bare,
        lower: keys(bare).join(" "),
        is_capital: bare.starts_with(char::is_uppercase),
        is_possessive: bare.len() < inner.len(),
        // the full stop of `Dr.` and of `E.` ends nothing
        end: after.chars().next_back().filter(|end| !(is_title && *end == '.')),
    }
}

impl Word<'_> {
    fn ends_sentence(&self) -> bool {
        self.end.is_some_and(|end| matches!(end, '.' | '!' | '?' | ';' | '…'))
    }

    fn is_verb(&self) -> bool {
        !self.is_capital && has(VERBS, &self.lower)
    }
}

/// The name that begins at a word, and the word behind it.
fn name_at(words: &[Word<'_>], at: usize, names: &Names) -> Option<(String, usize)> {
    let mut first = at;
    while words.get(first).is_some_and(|word| has(TITLES, &word.lower)) {
        first += 1;
    }
    let is_part = |word: &Word<'_>| {
        word.is_capital && !has(NO_NAMES, &word.lower) && (names.has(word) || !word.is_verb())
    };
    let mut next = first;
    while next < first + 4 && words.get(next).is_some_and(is_part) {
        next += 1;
        // a comma ends a name
        if words[next - 1].end.is_some() || words[next - 1].is_possessive {
            break;
        }
    }
    let name: Vec<&str> = words.get(first..next)?.iter().map(|word| word.bare).collect();
    (!name.is_empty()).then(|| (name.join(" "), next))
}

/// The name that ends before a word.
fn name_before(words: &[Word<'_>], end: usize, names: &Names) -> Option<String> {
    let first = (0..4).filter_map(|back| end.checked_sub(back + 1));
    let found = first.filter_map(|at| name_at(words, at, names).filter(|name| name.1 == end));
    found.reduce(|_, longer| longer).map(|name| name.0)
}

fn skip_adverbs(words: &[Word<'_>], mut at: usize) -> usize {
    for _ in 0..2 {
        if words.get(at).is_some_and(|word| has(ADVERBS, &word.lower)) {
            at += 1;
        }
    }
    at
}

/// The name in the prose behind a quotation, whose own words are `inside`.
pub(super) fn after_quote(after: &str, inside: &str, names: &Names) -> Option<String> {
    let after = &after[..after.floor_char_boundary(REACH)];
    // the next paragraph is another matter
    let after = after.trim_start();
    let is_source = after.starts_with(['—', '–', '―', '(', '~']) || after.starts_with("- ");
    let dashed = after.trim_start_matches(|c: char| !c.is_alphanumeric());
    let all = words(dashed);
    let end = all.iter().position(Word::ends_sentence).map_or(all.len(), |last| last + 1);
    let clause = &all[..end];
    let inside = inside.trim_end();
    let is_whole = inside.ends_with('.') && !inside.ends_with("..");
    let first = clause.first()?;
    if first.lower == "according" && clause.get(1)?.lower == "to" {
        return name_at(clause, 2, names).map(|name| name.0);
    }
    let at = usize::from(first.lower == "as");
    if let Some((name, next)) = name_at(clause, at, names) {
        let mut verb = next;
        if clause[next - 1].end == Some(',') {
            let rest = clause.iter().enumerate().skip(next).take(12);
            verb = rest
                .into_iter()
                .find(|(_, word)| word.end == Some(','))
                .map_or(next, |(at, _)| at + 1);
        }
        let verb = skip_adverbs(clause, verb);
        let says = clause.get(verb).is_some_and(Word::is_verb);
        if says && (!is_whole || is_source || verb + 1 == clause.len()) {
            return Some(name);
        }
        let stands_alone = next == clause.len() || clause[next - 1].end.is_some();
        return (is_source && stands_alone).then_some(name);
    }
    if first.is_verb() && (!is_whole || is_source) {
        for at in 1..clause.len().min(7) {
            if let Some((name, _)) = name_at(clause, at, names) {
                return Some(name);
            }
            if clause[at].end.is_some() {
                break;
            }
        }
    }
    None
}

/// The name in the prose before a quotation.
pub(super) fn before_quote(before: &str, names: &Names) -> Option<String> {
    let before = &before[before.ceil_char_boundary(before.len().saturating_sub(REACH))..];
    let all = words(before);
    let start = all.iter().rposition(Word::ends_sentence).map_or(0, |last| last + 1);
    let clause = &all[start..];
    let last = clause.last()?;
    if let Some(at) =
        clause.windows(2).rposition(|two| two[0].lower == "according" && two[1].lower == "to")
    {
        return name_at(clause, at + 2, names).map(|name| name.0);
    }
    let from = clause.len().saturating_sub(BEHIND_VERB + 1);
    for at in (from..clause.len()).rev().filter(|at| clause[*at].is_verb()) {
        if let Some((name, next)) = name_at(clause, at + 1, names)
            && next == clause.len()
        {
            return Some(name);
        }
        let mut end = at;
        while end > 0 && has(ADVERBS, &clause[end - 1].lower) {
            end -= 1;
        }
        if let Some(name) =
            name_before(clause, end, names).or_else(|| before_apposition(clause, end, names))
        {
            return Some(name);
        }
        let is_pronoun = end.checked_sub(1).is_some_and(|at| {
            matches!(clause[at].lower.as_str(), "i" | "he" | "she" | "they" | "we" | "you")
        });
        if is_pronoun {
            return None;
        }
    }
    if last.end != Some(':') {
        return None;
    }
    let mut known: Vec<&Word<'_>> = clause.iter().filter(|word| names.has(word)).collect();
    known.dedup_by(|a, b| a.lower == b.lower);
    match known[..] {
        [] => None,
        [one] => Some(one.bare.to_owned()),
        [first, second, ..] => {
            // a first and a last name that stand together are one person's
            let name = format!("{} {}", first.bare, second.bare);
            (known.len() == 2 && before.contains(&name)).then_some(name)
        }
    }
}

/// `Sunniva Threlkeld, a sailmaker, says`
fn before_apposition(clause: &[Word<'_>], end: usize, names: &Names) -> Option<String> {
    clause[end.checked_sub(1)?].end.filter(|end| *end == ',')?;
    let earlier = (0..end - 1).rev().take(12).find(|at| clause[*at].end == Some(','))?;
    name_before(clause, earlier + 1, names)
}

/// `Ann:` at the start of a line, and the byte behind it.
pub(super) fn label(line: &str, names: &Names) -> Option<(usize, String)> {
    let (head, _) = line.split_once(':')?;
    let all = words(head);
    let (name, next) = name_at(&all, 0, names)?;
    let is_known = all.iter().any(|word| names.has(word));
    (next == all.len() && all.len() <= 4 && is_known).then(|| (head.len() + 1, name))
}

/// The name in a line that gives a quotation's source: `— Ann Lee, sailmaker`.
pub(super) fn source_line(line: &str, names: &Names) -> Option<String> {
    let all = words(line);
    let (name, _) = name_at(&all, 0, names)?;
    (all.len() <= 14).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> Names {
        Names(["troy", "toman", "ann", "lee"].map(str::to_owned).into())
    }

    #[test]
    fn the_name_behind_a_quotation_is_found() {
        for (inside, after, wanted) in [
            ("We fixed it,", " Troy says. Ann laughs.", Some("Troy")),
            ("We fixed it,", " says Troy Toman, who was there.", Some("Troy Toman")),
            ("We fixed it,", " said the guest, Ann.", Some("Ann")),
            ("We fixed it,", " explains host Ann Lee.", Some("Ann Lee")),
            ("We fixed it,", " Troy, our guest, told us.", Some("Troy")),
            ("We fixed it.", " Troy says the team was late.", None),
            ("We fixed it.", " — Troy Toman", Some("Troy Toman")),
            ("We fixed it", " (Ann Lee).", Some("Ann Lee")),
            ("Did it work?", " Ann later asked.", Some("Ann")),
            ("We fixed it,", " she says. Troy nods.", None),
            ("We fixed it,", " according to Dr. Enid Prowse, it did.", Some("Enid Prowse")),
            ("We fixed it", ", says Troy.", Some("Troy")),
            ("We fixed it,", " and Ann says ", None),
            ("We fixed it,", " everyone says.", None),
        ] {
            assert_eq!(after_quote(after, inside, &names()).as_deref(), wanted, "{after}");
        }
    }

    #[test]
    fn the_name_before_a_quotation_is_found() {
        for (before, wanted) in [
            ("It broke. Troy says, ", Some("Troy")),
            ("According to Ann Lee, a host, ", Some("Ann Lee")),
            ("As Troy puts it: ", Some("Troy")),
            ("Troy: ", Some("Troy")),
            ("In Troy’s words: ", Some("Troy")),
            ("Troy Toman, an engineer, told us that ", Some("Troy Toman")),
            ("Ann asks Troy whether it is ", Some("Ann")),
            ("“A,” says Troy: ", Some("Troy")),
            ("Troy left. She says, ", None),
            ("Troy left. ", None),
            ("the so-called ", None),
        ] {
            assert_eq!(before_quote(before, &names()).as_deref(), wanted, "{before}");
        }
    }

    #[test]
    fn a_part_of_a_name_is_the_persons() {
        let ann = Speaker { name: "Ann".into(), full_name: "Ann Lee".into(), about: None };
        for written in ["Ann", "Lee", "Ann Lee", "Ms. Lee", "A. Lee", "ANN"] {
            assert!(is_person(written, &ann), "{written}");
        }
        for written in ["Troy", "Ann Toman", "Dr."] {
            assert!(!is_person(written, &ann), "{written}");
        }
    }
}
