//! Credits that are spoken: “Rework is produced by …”, “Music is by …”. English.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::draft::phrases::{capital, listed};
use crate::draft::sentences::Sentence;
use crate::draft::words::{DONE, OUR_SHOW, ROLES, WORKS};
use crate::library::stated::Stated;
use crate::time::Ms;

/// Who did what, as it was said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credit {
    /// As `Produced by`, `Music by` or `Producer:`.
    pub role: String,
    /// The names, as the show spells them where they are those of its people and its music.
    pub names: Vec<String>,
    /// When it was said.
    pub at: Ms,
}

impl Credit {
    /// What the people are, as `producer`; `None` where it is music.
    pub fn person_role(&self) -> Option<String> {
        let role = self.role.trim_end_matches([':', ' ']).to_lowercase();
        let role = role.strip_suffix(" by").unwrap_or(&role);
        let office = DONE.iter().find(|(done, _)| role.ends_with(done)).map(|(done, office)| {
            format!("{}{office}", role.strip_suffix(done).unwrap_or_default())
        });
        match office {
            Some(office) => Some(office),
            None if matches!(role, "music" | "theme" | "song") => None,
            None => Some(role.to_owned()),
        }
    }
}

impl fmt::Display for Credit {
    /// `Produced by A, B and C`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.role, listed(&self.names))
    }
}

/// The credits of an episode, each once.
pub(super) fn credits(sentences: &[Sentence<'_>], stated: Stated<'_>) -> Vec<Credit> {
    let end = sentences.last().map_or(Ms::ZERO, |sentence| sentence.span.end());
    let mut credits: Vec<Credit> = Vec::new();
    for sentence in sentences {
        for mut credit in in_sentence(sentence, is_about_the_show(sentence, &stated.show.name, end))
        {
            for name in &mut credit.names {
                *name = known_spelling(name, stated);
            }
            let known = credits.iter().any(|c| c.role == credit.role && c.names == credit.names);
            if !known {
                credits.push(credit);
            }
        }
    }
    credits
}

/// Whether a sentence speaks of this show rather than of other people's work: it says so, or it
/// stands where credits stand, at the start or the end.
fn is_about_the_show(sentence: &Sentence<'_>, show: &str, end: Ms) -> bool {
    let text = sentence.folded();
    let names_it = OUR_SHOW.iter().any(|phrase| text.contains(phrase))
        || show
            .split_whitespace()
            .map(|word| word.trim_matches(|c: char| !c.is_alphanumeric()).to_lowercase())
            .filter(|word| word.chars().count() > 3 && word != "podcast" && word != "show")
            .any(|word| text.contains(&word));
    let at = sentence.at().get().saturating_mul(100);
    names_it || at < end.get().saturating_mul(8) || at > end.get().saturating_mul(85)
}

fn in_sentence(sentence: &Sentence<'_>, about_the_show: bool) -> Vec<Credit> {
    let words: Vec<String> = sentence.words.iter().map(|word| lower(word)).collect();
    let mut credits = Vec::new();
    for (at, word) in words.iter().enumerate() {
        let role = match word.as_str() {
            "by" => role_before(&words, at),
            "is" | "are" | "was" if at > 0 => role_of_office(&words, at),
            _ => None,
        };
        let Some((mut role, from_the_start)) = role.filter(|_| about_the_show) else { continue };
        let mut names = names(sentence.words.get(at + 1..).unwrap_or_default());
        if let Some(title) = title_before(sentence, at, from_the_start)
            && let Some(first) = names.first_mut()
        {
            *first = format!("{title}, by {first}");
            role = role.replace(" by", ":");
        }
        if !names.is_empty() {
            credits.push(Credit { role, names, at: sentence.at() });
        }
    }
    credits
}

fn lower(word: &str) -> String {
    word.trim_matches(|c: char| !c.is_alphanumeric() && c != '-').to_lowercase()
}

/// What is by somebody, and where the work was named, looking back from “by”.
fn role_before(words: &[String], by: usize) -> Option<(String, Option<usize>)> {
    let before = words.get(..by)?;
    let verb = before.last()?;
    if DONE.iter().any(|(done, _)| done == verb) {
        let executive = before.len() > 1 && before.get(before.len() - 2)? == "executive";
        let verb = if executive { format!("executive {verb}") } else { verb.clone() };
        return Some((format!("{} by", capital(&verb)), None));
    }
    let near = before.len().saturating_sub(9);
    let (at, role) = before.iter().enumerate().skip(near).rev().find_map(|(at, word)| {
        WORKS.iter().find(|(work, _)| work == word).map(|(_, role)| (at, *role))
    })?;
    let other = before.get(at + 1..)?.iter().any(|word| word == "by" || word == "and");
    (!other).then(|| (format!("{role} by"), Some(at)))
}

/// The office whose holder is named next: “our producer is”.
fn role_of_office(words: &[String], is: usize) -> Option<(String, Option<usize>)> {
    let office = words.get(is - 1)?;
    let ours = words
        .get(is.saturating_sub(4)..is - 1)?
        .iter()
        .any(|word| matches!(word.as_str(), "our" | "show's" | "show’s" | "executive"));
    (ROLES.contains(&office.as_str()) && ours).then(|| (format!("{}:", capital(office)), None))
}

/// The title in “our theme is Lantern Weather, by Hollow Kite”.
fn title_before(sentence: &Sentence<'_>, by: usize, work: Option<usize>) -> Option<String> {
    let between = sentence.words.get(work? + 1..by)?;
    let is =
        between.iter().position(|word| matches!(lower(word).as_str(), "is" | "was" | "called"))?;
    let title = between.get(is + 1..)?;
    let named = title.iter().any(|word| word.starts_with(char::is_uppercase));
    let text = title.join(" ");
    let text = text.trim_matches(|c: char| !c.is_alphanumeric() && c != '’');
    (named && !text.is_empty()).then(|| text.to_owned())
}

/// The names that follow, until the words are no names any more.
fn names(words: &[&str]) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    let mut open: Vec<&str> = Vec::new();
    let close = |open: &mut Vec<&str>, names: &mut Vec<String>| {
        while open.last().is_some_and(|word| word.starts_with(char::is_lowercase)) {
            open.pop();
        }
        let name = open.join(" ");
        if !name.is_empty() && !names.contains(&name) {
            names.push(name);
        }
        open.clear();
    };
    for word in words {
        let plain = word.trim_matches(|c: char| !c.is_alphanumeric());
        match plain.to_lowercase().as_str() {
            "and" => close(&mut open, &mut names),
            "me" | "myself" | "us" | "i" => {}
            "of" | "the" | "de" | "van" | "von" | "la" if !open.is_empty() => open.push(plain),
            "the" => {}
            _ if plain.starts_with(|c: char| c.is_uppercase() || c.is_ascii_digit()) => {
                open.push(plain);
            }
            _ => break,
        }
        if word.ends_with([',', ';']) {
            close(&mut open, &mut names);
        }
        if word.ends_with(['.', '!', '?']) && plain.chars().count() > 1 {
            break;
        }
    }
    close(&mut open, &mut names);
    names
}

/// How alike a heard name and a known one are at least, 0 to 1: “Kaspar Dunwell” is Caspar Dunmoyle.
const ALIKE: f32 = 0.65;

/// A heard name as the show spells it, where it is that of one of its people or pieces of music.
fn known_spelling(heard: &str, stated: Stated<'_>) -> String {
    let people = stated.people();
    let music = stated.music();
    let titles = music.iter().flat_map(|piece| [piece.title.as_str(), piece.artist.as_str()]);
    let people = people.iter().map(|listed| listed.person.name.as_str());
    let known: Vec<&str> = people.chain(titles).filter(|name| !name.trim().is_empty()).collect();
    let spelled = |part: &str| {
        let words = part.split_whitespace().count();
        let alike = |name: &str| {
            similar::TextDiff::from_chars(part.to_lowercase(), name.to_lowercase()).ratio()
        };
        let near =
            known.iter().filter(|name| name.split_whitespace().count() == words && words > 1);
        let best = near.map(|name| (alike(name), *name)).max_by(|a, b| a.0.total_cmp(&b.0));
        best.filter(|(alike, _)| *alike >= ALIKE)
            .map_or(part.to_owned(), |(_, name)| name.to_owned())
    };
    heard.split(", by ").map(spelled).collect::<Vec<_>>().join(", by ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::library::episode::{Episode, Person};
    use crate::library::show::{Music, Show};

    fn found(text: &str) -> Vec<String> {
        let show = Show { name: "Rework".into(), ..Show::default() };
        credits(&[Sentence::of_text(text, 0)], Stated::new(&show, &Episode::default()))
            .into_iter()
            .map(|credit| format!("{} {}", credit.role, credit.names.join(" & ")))
            .collect()
    }

    #[test]
    fn who_did_what_is_heard() {
        for (text, wanted) in [
            (
                "Rework is produced by Wailin Wong and me, Shaun Hildner.",
                &["Produced by Wailin Wong & Shaun Hildner"][..],
            ),
            ("Music for the show is by Clip Art.", &["Music by Clip Art"]),
            (
                "Our theme is Lantern Weather, by Hollow Kite.",
                &["Theme: Lantern Weather, by Hollow Kite"],
            ),
            ("The show was edited by Ann Lee, mixed by Bo.", &["Edited by Ann Lee", "Mixed by Bo"]),
            ("Our executive producer is Kim de Vries.", &["Producer: Kim de Vries"]),
            ("He went home by train and stood by the door.", &[]),
            ("The song was played by everybody.", &[]),
        ] {
            assert_eq!(found(text), wanted, "{text}");
        }
    }

    #[test]
    fn credits_are_spelled_as_the_show_spells_them() {
        let person = |name: &str| Person { name: name.into(), ..Person::default() };
        let show = Show {
            people: vec![person("Caspar Dunmoyle"), person("Mirren Ostby")],
            theme: Some(Music { title: "Lantern Weather".into(), artist: "Hollow Kite".into() }),
            ..Show::default()
        };
        for (heard, spelled) in [
            ("Kaspar Dunwell", "Caspar Dunmoyle"),
            ("Lanton Weather, by Hollow Kite", "Lantern Weather, by Hollow Kite"),
            ("Clara Dunn", "Clara Dunn"),
            ("Mirren", "Mirren"),
        ] {
            assert_eq!(known_spelling(heard, Stated::new(&show, &Episode::default())), spelled);
        }
    }
}
