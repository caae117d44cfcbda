//! A stretch of what was said -> a citation, in the forms in which people put it into a post.

use std::fmt::Write as _;

use crate::quoting::said::Said;
use crate::quoting::verdict::light_words;
use crate::render::markup;
use crate::spoken::SpokenEpisode;
use crate::time::{Ms, Span};

/// What of a stretch is given, and how.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Wish {
    /// Leave out fillers, repetitions and false starts.
    pub clean: bool,
    /// At most so many words, in whole sentences.
    pub words: Option<usize>,
    /// How much is told of what was said before and after.
    pub around: Option<Ms>,
}

/// A quotation with its source.
#[derive(Debug, Clone, PartialEq)]
pub struct Citation {
    /// Where and by whom it was said.
    pub said: Said,
    /// The words; a paragraph of each speaker's.
    pub paragraphs: Vec<(Option<String>, String)>,
    /// What was left out on request.
    pub dropped: Vec<String>,
    /// Whether whole sentences were left out at the end.
    pub is_trimmed: bool,
    /// What was said right before and right after.
    pub around: Option<(String, String)>,
    /// What a person cut out in the middle of it.
    pub cuts: Vec<Span>,
}

impl Citation {
    /// The citation of the words from the first to the last.
    pub fn of(episode: &SpokenEpisode, words: (usize, usize), wish: Wish) -> Option<Citation> {
        let whole = words;
        let words = wish.words.map_or(words, |most| trimmed(episode, words, most));
        let all: Vec<usize> = (words.0..=words.1).collect();
        let said = Said::of(episode, words, &all)?;
        let light = if wish.clean { light_words(episode, words) } else { Vec::new() };
        let dropped =
            light.iter().map(|word| bare(&episode.words[*word].text).to_owned()).collect();
        Some(Citation {
            paragraphs: paragraphs(episode, words, &light),
            dropped,
            is_trimmed: words != whole,
            around: wish.around.map(|reach| around(episode, words, reach)),
            cuts: episode.cuts_between(words.0, words.1).collect(),
            said,
        })
    }

    /// What to hear before it is quoted, where anything is in doubt.
    pub fn doubt(&self) -> Option<String> {
        self.said.doubt()
    }

    /// The words in one line.
    pub fn words(&self) -> String {
        let words: Vec<&str> = self.paragraphs.iter().map(|(_, text)| text.as_str()).collect();
        words.join(" ")
    }

    /// The speakers with their roles, where one person speaks.
    fn who(&self) -> String {
        match &self.said.speakers[..] {
            [one] => match &one.about {
                Some(about) => format!("{}, {about}", one.full_name),
                None => one.full_name.clone(),
            },
            several => {
                let names: Vec<&str> = several.iter().map(|one| one.full_name.as_str()).collect();
                names.join(" and ")
            }
        }
    }

    /// Speaker, show, episode and day, each as it is to be set.
    fn source(&self, set: impl Fn(&str) -> String, show: impl Fn(&str) -> String) -> String {
        let facts = &self.said.facts;
        let parts = [
            set(&self.who()),
            if facts.show.is_empty() { String::new() } else { show(&facts.show) },
            set(&format!("“{}”", facts.title)),
            set(&facts.date),
        ];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(", ")
    }

    fn clock(&self) -> String {
        format!("[{}]", self.said.span.start().clock())
    }

    /// As a block quote in Markdown.
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        for (speaker, text) in &self.paragraphs {
            let name =
                speaker.as_ref().map(|name| format!("**{}:** ", markup::markdown_escape(name)));
            let _ =
                write!(out, "> {}{}\n>\n", name.unwrap_or_default(), markup::markdown_escape(text));
        }
        let source = self
            .source(markup::markdown_escape, |show| format!("*{}*", markup::markdown_escape(show)));
        let clock = self.clock();
        let clock = match &self.said.link {
            Some(link) => format!("[\\{}\\]](<{link}>)", clock.trim_end_matches(']')),
            None => format!("\\{}\\]", clock.trim_end_matches(']')),
        };
        let _ = writeln!(out, "> — {source}, {clock}");
        out
    }

    /// As an HTML block quote with its source.
    pub fn html(&self) -> String {
        let cite = self.said.link.as_ref().map(|link| format!(" cite=\"{}\"", markup::text(link)));
        let mut out = format!("<blockquote{}>\n", cite.unwrap_or_default());
        for (speaker, text) in &self.paragraphs {
            let name = speaker.as_ref().map(|name| format!("<b>{}:</b> ", markup::text(name)));
            let _ = writeln!(out, "<p>{}{}</p>", name.unwrap_or_default(), markup::text(text));
        }
        let source =
            self.source(markup::text, |show| format!("<cite>{}</cite>", markup::text(show)));
        let clock = match &self.said.link {
            Some(link) => format!("<a href=\"{}\">{}</a>", markup::text(link), self.clock()),
            None => self.clock(),
        };
        let _ = writeln!(out, "<footer>— {source}, {clock}</footer>\n</blockquote>");
        out
    }

    /// As plain text, in the form in which the page copies it.
    pub fn plain(&self) -> String {
        let mut out = String::new();
        for (speaker, text) in &self.paragraphs {
            let name = speaker.as_ref().map(|name| format!("{name}: "));
            let _ = writeln!(out, "{}“{text}”", name.unwrap_or_default());
        }
        let source = self.source(str::to_owned, str::to_owned);
        let _ = writeln!(out, "— {source}, {}", self.clock());
        if let Some(link) = &self.said.link {
            let _ = writeln!(out, "{link}");
        }
        out
    }
}

/// Whole sentences from the start, as many as hold no more than `most` words; one at least.
fn trimmed(episode: &SpokenEpisode, (first, last): (usize, usize), most: usize) -> (usize, usize) {
    let ends: Vec<usize> =
        (first..=last).filter(|at| episode.words[*at].ends_sentence || *at == last).collect();
    let fitting = ends.iter().rev().find(|end| *end + 1 - first <= most);
    (first, fitting.or(ends.first()).copied().unwrap_or(last))
}

/// The words, a paragraph for each speaker; the name only where several speak.
fn paragraphs(
    episode: &SpokenEpisode,
    (first, last): (usize, usize),
    light: &[usize],
) -> Vec<(Option<String>, String)> {
    let mut turns: Vec<(Option<usize>, String)> = Vec::new();
    for at in first..=last {
        let speaker = episode.paragraph(at).and_then(|paragraph| paragraph.speaker);
        let word = &episode.words[at];
        if light.binary_search(&at).is_ok() {
            // a comma before a filler goes with it
            if let Some((_, text)) = turns.last_mut()
                && word.text.ends_with(',')
                && text.ends_with(',')
            {
                text.pop();
            }
            continue;
        }
        match turns.last_mut() {
            Some((same, text)) if *same == speaker => {
                if !word.glued && !text.is_empty() {
                    text.push(' ');
                }
                text.push_str(&word.text);
            }
            _ => turns.push((speaker, word.text.clone())),
        }
    }
    let several = turns.iter().any(|turn| turn.0 != turns[0].0);
    let name = |speaker: Option<usize>| {
        let speaker = speaker.and_then(|place| episode.speakers.get(place));
        speaker.filter(|_| several).map(|speaker| speaker.name.clone())
    };
    turns.into_iter().map(|(speaker, text)| (name(speaker), capitalised(&text))).collect()
}

/// A sentence whose first word was a filler begins with a capital all the same.
fn capitalised(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn around(episode: &SpokenEpisode, (first, last): (usize, usize), reach: Ms) -> (String, String) {
    let start = episode.words[first].span.start() - reach;
    let end = episode.words[last].span.end() + reach;
    let from = episode.words.partition_point(|word| word.span.start() < start);
    let to = episode.words.partition_point(|word| word.span.end() <= end);
    let before = first.checked_sub(1).map_or_else(String::new, |before| episode.text(from, before));
    let after = to.checked_sub(1).map_or_else(String::new, |to| episode.text(last + 1, to));
    (before, after)
}

fn bare(word: &str) -> &str {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '\'' && c != '’')
}
