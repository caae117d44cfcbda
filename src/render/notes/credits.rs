//! Credits that are spoken: “Rework is produced by …”, “Music is by …”. English.

use crate::render::said::Sentence;
use crate::time::Ms;

/// Who did what, as it was said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Credit {
    /// As `Produced by`, `Music by` or `Producer:`.
    pub(crate) role: String,
    /// The names, as they were said.
    pub(crate) names: Vec<String>,
    pub(crate) at: Ms,
}

/// Verbs before “by”.
const DONE: [&str; 18] = [
    "produced",
    "co-produced",
    "hosted",
    "co-hosted",
    "presented",
    "edited",
    "mixed",
    "mastered",
    "engineered",
    "written",
    "reported",
    "recorded",
    "composed",
    "researched",
    "illustrated",
    "created",
    "made",
    "scored",
];

/// Things that are by somebody.
const WORKS: [(&str, &str); 14] = [
    ("music", "Music"),
    ("theme", "Theme"),
    ("song", "Music"),
    ("soundtrack", "Music"),
    ("score", "Music"),
    ("artwork", "Artwork"),
    ("art", "Artwork"),
    ("logo", "Artwork"),
    ("design", "Sound design"),
    ("engineering", "Engineering"),
    ("mixing", "Mixing"),
    ("editing", "Editing"),
    ("production", "Production"),
    ("transcript", "Transcript"),
];

/// Those who do it: “our producer is …”.
const ROLES: [&str; 10] = [
    "producer",
    "producers",
    "editor",
    "editors",
    "engineer",
    "engineers",
    "composer",
    "host",
    "hosts",
    "director",
];

/// The credits of an episode, each once. `show` is the show's name.
pub(crate) fn credits(sentences: &[Sentence<'_>], show: &str) -> Vec<Credit> {
    let end = sentences.last().map_or(Ms::ZERO, |sentence| sentence.span.end());
    let mut credits: Vec<Credit> = Vec::new();
    for sentence in sentences {
        for credit in in_sentence(sentence, is_about_the_show(sentence, show, end)) {
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
    let names_it =
        ["this show", "our show", "this episode", "the show", "this podcast", "our theme"]
            .iter()
            .any(|phrase| text.contains(phrase))
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
    if DONE.contains(&verb.as_str()) {
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

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |c| c.to_uppercase().chain(letters).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Span;

    fn found(text: &str) -> Vec<String> {
        let sentence = Sentence {
            block: 0,
            span: Span::new(Ms::new(0), Ms::new(1_000)).unwrap(),
            speaker: None,
            words: text.split(' ').collect(),
            is_quotation: false,
        };
        credits(&[sentence], "Rework")
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
}
