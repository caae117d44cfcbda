//! How a quotation fits what was said -> what was changed, and what that is called.

use std::ops::Range;

use crate::quoting::align::{Fit, Quoted, SaidToken, Step};
use crate::quoting::check::said_tokens;
use crate::score::normalize;
use crate::spoken::{SpokenEpisode, is_filler};

/// What a writer changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change {
    /// Fillers, repetitions or false starts are left out.
    Cleaned(String),
    /// Words are left out, and an ellipsis says so.
    LeftOut(String),
    /// Words are left out, and nothing says so.
    LeftOutSilently(String),
    /// The writer's own words in brackets stand, for these or beside all that was said.
    Insert {
        /// What stands in brackets.
        written: String,
        /// What was said instead; may be empty.
        said: String,
    },
    /// The same word in another spelling, as `23%` for `23 percent`.
    Spelled {
        /// In the post.
        written: String,
        /// In the transcript.
        said: String,
    },
    /// Somebody else's short word in between is left out.
    Interjection(String),
    /// Other words than those that were said.
    Altered {
        /// In the post; empty where words were left out that turn the meaning.
        written: String,
        /// Said; empty where words were added.
        said: String,
        /// Where it stands in the quotation's text.
        at: Range<usize>,
    },
}

/// A quotation laid beside what was said.
#[derive(Debug, Clone)]
pub(super) struct Compared {
    pub(super) changes: Vec<Change>,
    /// The first and the last word that was said of it.
    pub(super) words: (usize, usize),
    /// The words that stand in the quotation.
    pub(super) matched: Vec<usize>,
    /// How many of its tokens are the same, of how many.
    pub(super) same: usize,
    pub(super) of: usize,
}

/// Words without which a sentence says the opposite.
const TURNING: [&str; 24] = [
    "not", "no", "never", "none", "nobody", "nothing", "neither", "nor", "cannot", "cant", "wont",
    "dont", "doesnt", "didnt", "isnt", "arent", "wasnt", "werent", "hardly", "without", "unless",
    "wouldnt", "couldnt", "shouldnt",
];

/// Fillers of several words, and those that are fillers between commas only.
const PHRASES: [&[&str]; 5] = [
    &["you", "know"],
    &["i", "mean"],
    &["you", "know", "what", "i", "mean"],
    &["you", "see"],
    &["sort", "of", "like"],
];
const BETWEEN_COMMAS: [&str; 8] = ["like", "well", "so", "oh", "right", "yeah", "okay", "ah"];
/// `do you know`, `if you know` are no fillers.
const BEFORE_NO_FILLER: [&str; 14] = [
    "do", "did", "does", "dont", "if", "as", "what", "when", "how", "that", "all", "let", "would",
    "once",
];
/// Words that nobody says twice on purpose.
const STUMBLED: [&str; 22] = [
    "i", "we", "you", "he", "she", "they", "it", "the", "a", "an", "and", "but", "or", "so", "to",
    "of", "in", "on", "is", "its", "im", "my",
];
/// So many words may be a false start that is begun again.
const REPEATED: usize = 5;

/// Names what differs. `None` where nothing of the quotation was said.
pub(super) fn compare(
    text: &str,
    quoted: &[Quoted],
    said: &[SaidToken],
    fit: &Fit,
    episode: &SpokenEpisode,
) -> Option<Compared> {
    let mut matched: Vec<usize> = Vec::new();
    let (mut same, mut changes) = (0, Vec::new());
    let (mut first, mut last) = (usize::MAX, 0);
    for step in &fit.steps {
        if let Step::Same(q, s) = step {
            same += q.clone().filter(|at| !quoted[*at].is_insert).count();
            matched.extend(said[s.clone()].iter().map(|token| token.word));
        }
        if let Step::Same(_, s) | Step::Other(_, s) = step
            && !s.is_empty()
        {
            first = first.min(s.start);
            last = last.max(s.end - 1);
        }
    }
    if matched.is_empty() {
        return None;
    }
    let sides = Sides { text, quoted, said, episode, first, last };
    for (at, step) in fit.steps.iter().enumerate() {
        let Step::Other(q, s) = step else { continue };
        match sides.spelled_otherwise(&fit.steps, at) {
            Some(Spelling::Here(change)) => changes.push(change),
            Some(Spelling::Before) => {}
            None => sides.name(q.clone(), s.clone(), &mut changes),
        }
    }
    matched.dedup();
    let words = (said[first].word, said[last].word);
    let of = quoted.iter().filter(|token| !token.is_insert).count();
    Some(Compared { changes, words, matched, same, of })
}

/// The words from the first to the last that say nothing: fillers, repetitions, false starts.
pub(super) fn light_words(episode: &SpokenEpisode, (first, last): (usize, usize)) -> Vec<usize> {
    let said = said_tokens(episode, first..last + 1);
    let all = 0..said.len();
    let sides = Sides { text: "", quoted: &[], said: &said, episode, first: 0, last: all.end };
    let mut keeps = vec![false; last + 1 - first];
    let mut at = 0;
    while at < all.end {
        match sides.filler(&(at..all.end), false) {
            0 => {
                keeps[said[at].word - first] = true;
                at += 1;
            }
            taken => at += taken,
        }
    }
    let has_words = |word: &usize| said.iter().any(|token| token.word == *word);
    (first..=last).filter(|word| !keeps[word - first] && has_words(word)).collect()
}

struct Sides<'a> {
    text: &'a str,
    quoted: &'a [Quoted],
    said: &'a [SaidToken],
    episode: &'a SpokenEpisode,
    first: usize,
    last: usize,
}

/// Where another spelling is told that goes over several steps.
enum Spelling {
    Here(Change),
    /// With the step before.
    Before,
}

impl Sides<'_> {
    /// Whether what differs is the sign or the unit of a number: `23%` and `23 percent`, `$5` and
    /// `5 dollars`. The number itself is the same, and divides what differs.
    fn spelled_otherwise(&self, steps: &[Step], at: usize) -> Option<Spelling> {
        let number = |at: Option<usize>| match steps.get(at?)? {
            Step::Same(q, s) => Some((q.clone(), s.clone())),
            Step::Other(..) => None,
        };
        let other = |at: Option<usize>| match steps.get(at?)? {
            Step::Other(q, s) => Some((q.clone(), s.clone())),
            Step::Same(..) => None,
        };
        let is_number = |q: usize| self.quoted[q].key.contains(|c: char| c.is_ascii_digit());
        let (q, s) = other(Some(at))?;
        let told = |q: Range<usize>, s: Range<usize>| {
            let (written, said) = (self.written(&q), self.said_text(s));
            is_same_spelled_otherwise(&written, &said).then_some(Change::Spelled { written, said })
        };
        let left = number(at.checked_sub(1)).filter(|(q, _)| is_number(q.end - 1));
        let right = number(Some(at + 1)).filter(|(q, _)| is_number(q.start));
        if let Some((lq, ls)) = &left {
            if let Some(change) = told(lq.end - 1..q.end, ls.end - 1..s.end) {
                return Some(Spelling::Here(change));
            }
            let first = other(at.checked_sub(2)).filter(|_| lq.len() == 1);
            if first.is_some_and(|(fq, fs)| told(fq.start..q.end, fs.start..s.end).is_some()) {
                return Some(Spelling::Before);
            }
        }
        let (rq, rs) = right?;
        if let Some(change) = told(q.start..rq.start + 1, s.start..rs.start + 1) {
            return Some(Spelling::Here(change));
        }
        let last = other(Some(at + 2)).filter(|_| rq.len() == 1);
        last.and_then(|(lq, ls)| told(q.start..lq.end, s.start..ls.end)).map(Spelling::Here)
    }

    /// Names what a run of tokens became.
    fn name(&self, mut q: Range<usize>, mut s: Range<usize>, changes: &mut Vec<Change>) {
        // fillers at the edges of what differs
        while !q.is_empty() && s.len() > q.len() && is_filler(&self.said[s.start].key) {
            changes.push(Change::Cleaned(self.said_text(s.start..s.start + 1)));
            s.start += 1;
        }
        while !q.is_empty() && s.len() > q.len() && is_filler(&self.said[s.end - 1].key) {
            changes.push(Change::Cleaned(self.said_text(s.end - 1..s.end)));
            s.end -= 1;
        }
        let written = self.written(&q);
        let said = self.said_text(s.clone());
        if q.is_empty() {
            changes.push(self.left_out(q.start, s, said));
        } else if q.clone().all(|at| self.quoted[at].is_insert) {
            changes.push(Change::Insert { written, said });
        } else if is_same_spelled_otherwise(&written, &said) {
            changes.push(Change::Spelled { written, said });
        } else if let Some(inner) = self.without_inserts(&q) {
            changes.push(Change::Insert { written: written.clone(), said: said.clone() });
            q = inner;
            let written = self.written(&q);
            if !is_same_spelled_otherwise(&written, &said) {
                changes.push(Change::Altered { written, said, at: self.bytes(&q) });
            }
        } else {
            changes.push(Change::Altered { written, said, at: self.bytes(&q) });
        }
    }

    /// What is left of a run without the brackets at its edges; `None` where there are none.
    fn without_inserts(&self, q: &Range<usize>) -> Option<Range<usize>> {
        let own: Vec<usize> = q.clone().filter(|at| !self.quoted[*at].is_insert).collect();
        let inner = *own.first()?..own.last()? + 1;
        (inner.len() < q.len()).then_some(inner)
    }

    /// What words are that are left out before a token.
    fn left_out(&self, before: usize, s: Range<usize>, said: String) -> Change {
        let after = self.quoted.get(before);
        if after.is_some_and(|token| token.leaps) {
            return Change::LeftOut(said);
        }
        if self.is_light(s.clone()) {
            return if self.is_by_another(&s) {
                Change::Interjection(said)
            } else {
                Change::Cleaned(said)
            };
        }
        let is_insert = |at: Option<usize>| {
            at.and_then(|at| self.quoted.get(at)).is_some_and(|token| token.is_insert)
        };
        if is_insert(before.checked_sub(1)) || is_insert(Some(before)) {
            return Change::Insert { written: String::new(), said };
        }
        let turns = |at: usize| {
            TURNING.contains(&self.said[at].key.as_str())
                || self.said[at].key.ends_with("nt") && self.raw(at).contains(['\'', '’'])
        };
        let is_sentence = |at: usize| self.episode.words[self.said[at].word].ends_sentence;
        let whole = is_sentence(s.end - 1) && s.start.checked_sub(1).is_none_or(is_sentence);
        if !whole && s.clone().any(turns) {
            let at = self.quoted.get(before).map_or(self.text.len(), |token| token.at.start);
            return Change::Altered { written: String::new(), said, at: at..at };
        }
        Change::LeftOutSilently(said)
    }

    /// Whether all words of a run are fillers, false starts or repetitions, or another's.
    fn is_light(&self, mut s: Range<usize>) -> bool {
        if self.is_by_another(&s) && s.len() <= REPEATED {
            return true;
        }
        while !s.is_empty() {
            let taken = self.filler(&s, true);
            if taken == 0 {
                return false;
            }
            s.start += taken;
        }
        true
    }

    /// How many tokens at the start of a run are one filler. Words that stand there twice are one
    /// of the two times, which may be the second where that is what a writer left out.
    fn filler(&self, s: &Range<usize>, may_be_second: bool) -> usize {
        let key = |at: usize| self.said.get(at).map_or("", |token| token.key.as_str());
        let at = s.start;
        let word = &self.episode.words[self.said[at].word];
        if is_filler(key(at)) || word.is_disfluency {
            return 1;
        }
        let before = at.checked_sub(1).map_or("", key);
        for phrase in PHRASES {
            let fits = phrase.len() <= s.len()
                && phrase.iter().enumerate().all(|(n, part)| key(at + n) == *part);
            if fits && !BEFORE_NO_FILLER.contains(&before) {
                return phrase.len();
            }
        }
        if BETWEEN_COMMAS.contains(&key(at)) && self.is_between_commas(at) {
            return 1;
        }
        // the same words once more, before or behind
        for length in (1..=s.len().min(REPEATED)).rev() {
            let same = |a: usize, b: usize| {
                (0..length).all(|n| !key(a + n).is_empty() && key(a + n) == key(b + n))
            };
            // `I, um, I`
            let mut behind = at + length..self.said.len();
            let again = behind.find(|next| !is_filler(key(*next))).unwrap_or(at + length);
            let behind = same(at, again);
            let ahead = may_be_second && at >= length && same(at, at - length);
            // `very, very` is meant, `the the` is not
            let is_meant = !may_be_second && length == 1 && !STUMBLED.contains(&key(at));
            if (behind || ahead) && !is_meant {
                return length;
            }
        }
        let is_broken_off = self.raw(at).ends_with(['-', '–', '—']);
        let next = key(at + 1);
        usize::from(is_broken_off && next.starts_with(key(at)) && next != key(at))
    }

    fn is_between_commas(&self, at: usize) -> bool {
        let stops = |at: usize| {
            let raw = self.raw(at);
            raw.ends_with([',', '.', '?', '!', '—', '…', ';', ':'])
        };
        stops(at) && at.checked_sub(1).is_none_or(stops)
    }

    /// Whether somebody else says a run than those words around it that are quoted.
    fn is_by_another(&self, s: &Range<usize>) -> bool {
        let who = |at: usize| self.episode.paragraph(self.said[at].word).map(|one| one.speaker);
        let (Some(before), after) = (s.start.checked_sub(1).filter(|at| *at >= self.first), s.end)
        else {
            return false;
        };
        after <= self.last
            && who(before) == who(after)
            && s.clone().all(|at| who(at) != who(before))
    }

    /// The word of a token as it is printed.
    fn raw(&self, at: usize) -> &str {
        self.episode.words.get(self.said[at].word).map_or("", |word| word.text.as_str())
    }

    fn bytes(&self, q: &Range<usize>) -> Range<usize> {
        let (first, last) =
            (self.quoted.get(q.start), q.end.checked_sub(1).and_then(|at| self.quoted.get(at)));
        match (first, last) {
            (Some(first), Some(last)) if !q.is_empty() => first.at.start..last.at.end,
            _ => 0..0,
        }
    }

    fn written(&self, q: &Range<usize>) -> String {
        self.text.get(self.bytes(q)).unwrap_or_default().to_owned()
    }

    fn said_text(&self, s: Range<usize>) -> String {
        let (Some(first), Some(last)) =
            (self.said.get(s.start), s.end.checked_sub(1).and_then(|at| self.said.get(at)))
        else {
            return String::new();
        };
        if s.is_empty() { String::new() } else { self.episode.text(first.word, last.word) }
    }
}

/// Whether two spellings are read aloud alike: `23%` and `23 percent`, `colour` and `color`.
fn is_same_spelled_otherwise(written: &str, said: &str) -> bool {
    let plain = |text: &str| {
        text.replace('&', " and ").replace("per cent", "percent").replace(['-', '–', '—'], " ")
    };
    let (written, said) = (plain(written), plain(said));
    let count = |text: &str| text.split_whitespace().count();
    let has_digits =
        [&written, &said].iter().any(|text| text.contains(|c: char| c.is_ascii_digit()));
    let has_sign = written.contains("and") && said.contains("and");
    let one_word = count(&written) == 1 && count(&said) == 1;
    if !(has_digits || has_sign || one_word) || written.is_empty() || said.is_empty() {
        return false;
    }
    let compared = |text: &str| {
        let text =
            text.trim_matches(|c: char| !c.is_alphanumeric() && !"%$€£".contains(c)).to_lowercase();
        let text = match text.as_str() {
            "ok" | "o.k." | "o.k" => "okay".to_owned(),
            _ => text,
        };
        normalize::english(&text)
    };
    let (written, said) = (compared(&written), compared(&said));
    !written.is_empty() && written == said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn other_spellings_are_not_other_words() {
        for (written, said) in [
            ("23%", "23 percent"),
            ("thirty-one", "31"),
            ("1,000", "a thousand"),
            ("colour", "color"),
            ("OK", "okay"),
            ("R&D", "R and D"),
            ("Dr.", "Doctor"),
        ] {
            let same = is_same_spelled_otherwise(written, said);
            assert_eq!(same, written != "1,000", "{written} {said}");
        }
        for (written, said) in
            [("23%", "24 percent"), ("its", "it is"), ("gonna", "going to"), ("was", "is")]
        {
            assert!(!is_same_spelled_otherwise(written, said), "{written} {said}");
        }
    }
}
