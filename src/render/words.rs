//! The pages' own words: a file for each language, `templates/words.LANGUAGE.toml`. A show may have files
//! of its own, which say words otherwise or add a language; what they leave out is taken from the
//! built-in file of the language, else from English.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use toml::{Table, Value};

use crate::render::RenderError;
use crate::render::values::is_language;
use crate::time::Ms;

/// The language that every other falls back to.
const FALLBACK: &str = "en";

const BUILTIN: [(&str, &str); 7] = [
    (FALLBACK, include_str!("../../templates/words.en.toml")),
    ("de", include_str!("../../templates/words.de.toml")),
    ("es", include_str!("../../templates/words.es.toml")),
    ("fr", include_str!("../../templates/words.fr.toml")),
    ("it", include_str!("../../templates/words.it.toml")),
    ("nl", include_str!("../../templates/words.nl.toml")),
    ("pt", include_str!("../../templates/words.pt.toml")),
];

static LANGUAGES: LazyLock<Languages> = LazyLock::new(|| {
    let words = BUILTIN.map(|(language, text)| {
        let table = text.parse::<Table>().expect("the built-in words parse, which a test holds");
        (language.to_owned(), Words { language: language.to_owned(), table })
    });
    Languages { words: words.into(), told: Vec::new() }
});

/// The words of one language. Keys are those of the files, as `page.chapters`.
#[derive(Debug, Clone)]
pub(crate) struct Words {
    language: String,
    table: Table,
}

/// The words of all languages that there are.
#[derive(Debug, Clone)]
pub(crate) struct Languages {
    words: BTreeMap<String, Words>,
    told: Vec<String>,
}

/// The language whose words a file has; `None` for a file of another kind.
pub(crate) fn language_of(file: &str) -> Option<&str> {
    file.strip_prefix("words.")?.strip_suffix(".toml")
}

impl Languages {
    /// The built-in languages.
    pub(crate) fn builtin() -> &'static Languages {
        &LANGUAGES
    }

    /// Takes over a show's own file. `path` is what errors call it.
    pub(crate) fn add(
        &mut self,
        language: &str,
        path: &str,
        text: &str,
    ) -> Result<(), RenderError> {
        let fault =
            |line, reason: String| RenderError::Template { file: path.to_owned(), line, reason };
        if !is_language(language) {
            let reason = format!(
                "`{language}` is no code of a language; name the file after one, as `words.sv.toml`"
            );
            return Err(fault(1, reason));
        }
        let own: Table = text.parse().map_err(|error: toml::de::Error| {
            let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
            fault(before.matches('\n').count() + 1, error.message().to_owned())
        })?;
        let base = self.of([language]);
        let is_new = base.language == FALLBACK && !language.starts_with(FALLBACK);
        let mut merge = Merge { missing: Vec::new(), unknown: Vec::new(), odd: Vec::new() };
        let table = merge.tables("", &base.table, &own).map_err(|(key, wanted)| {
            fault(line_of(text, &key), format!("`{key}` has to be {wanted}"))
        })?;
        self.told.extend(merge.told(path, is_new));
        let words = Words { language: language.to_owned(), table };
        self.words.insert(language.to_ascii_lowercase(), words);
        Ok(())
    }

    /// The words of the first language that has some, by its whole tag or the start of it; else the
    /// English ones.
    pub(crate) fn of<const N: usize>(&self, tags: [&str; N]) -> &Words {
        let of_tag = |tag: &str| {
            let mut tag = tag.trim().to_ascii_lowercase();
            loop {
                if let Some(words) = self.words.get(&tag) {
                    return Some(words);
                }
                tag.truncate(tag.rfind('-')?);
            }
        };
        tags.into_iter().find_map(of_tag).unwrap_or_else(|| &LANGUAGES.words[FALLBACK])
    }

    /// What a person should know of the show's own files.
    pub(crate) fn told(&self) -> &[String] {
        &self.told
    }
}

/// A show's words laid over those that they take the place of, and what is to be told of them.
struct Merge {
    missing: Vec<String>,
    unknown: Vec<String>,
    odd: Vec<String>,
}

impl Merge {
    /// Both tables as one; the key and what it has to be, where it is something else.
    fn tables(
        &mut self,
        above: &str,
        base: &Table,
        own: &Table,
    ) -> Result<Table, (String, &'static str)> {
        let key_of = |name: &str| format!("{above}{name}");
        self.unknown.extend(own.keys().filter(|name| !base.contains_key(*name)).map(|n| key_of(n)));
        let mut merged = base.clone();
        for (name, theirs) in base {
            let key = key_of(name);
            let Some(value) = own.get(name) else {
                self.leave_out(&key, theirs);
                continue;
            };
            let value = match (theirs, value) {
                (Value::Table(theirs), Value::Table(value)) => {
                    Value::Table(self.tables(&format!("{key}."), theirs, value)?)
                }
                (Value::Table(_), _) => return Err((key, "a table")),
                (Value::String(theirs), Value::String(value)) => {
                    if blanks(value).any(|blank| blanks(theirs).all(|known| known != blank)) {
                        self.odd.push(key);
                    }
                    Value::String(value.clone())
                }
                (Value::String(_), _) => return Err((key, "a text")),
                (Value::Array(theirs), Value::Array(value)) => {
                    let are_alike = |own: &Value| theirs.iter().all(|one| one.same_type(own));
                    let is_long = theirs.len() < 2 || theirs.len() <= value.len();
                    if !value.iter().all(are_alike) || value.is_empty() || !is_long {
                        return Err((key, "a list as in English"));
                    }
                    Value::Array(value.clone())
                }
                _ => return Err((key, "a list as in English")),
            };
            merged.insert(name.clone(), value);
        }
        Ok(merged)
    }

    fn leave_out(&mut self, key: &str, theirs: &Value) {
        match theirs {
            Value::Table(below) => {
                below
                    .iter()
                    .for_each(|(name, value)| self.leave_out(&format!("{key}.{name}"), value));
            }
            _ => self.missing.push(key.to_owned()),
        }
    }

    fn told(self, path: &str, is_new: bool) -> Vec<String> {
        let list = |keys: &[String]| {
            let named: Vec<String> = keys.iter().take(8).map(|key| format!("`{key}`")).collect();
            let more = keys.len().saturating_sub(8);
            let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
            named.join(", ") + &rest
        };
        let mut told = Vec::new();
        if is_new && !self.missing.is_empty() {
            told.push(format!(
                "`{path}` leaves words out, and the English ones stand there: {}",
                list(&self.missing)
            ));
        }
        if !self.unknown.is_empty() {
            told.push(format!(
                "`{path}` has words that no page uses: {}; templates/words.en.toml has all that there are",
                list(&self.unknown)
            ));
        }
        if !self.odd.is_empty() {
            told.push(format!(
                "`{path}` has a `{{…}}` that is not filled in there: {}",
                list(&self.odd)
            ));
        }
        told
    }
}

/// What is filled in in a text: `n` of `{n} h`.
fn blanks(text: &str) -> impl Iterator<Item = &str> {
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}').map(|(name, _)| name))
}

/// The line of a key, counted from 1.
fn line_of(text: &str, key: &str) -> usize {
    let name = key.rsplit('.').next().unwrap_or(key);
    let has_it = |line: &str| {
        line.trim_start().strip_prefix(name).is_some_and(|rest| rest.trim_start().starts_with('='))
    };
    text.lines().position(has_it).map_or(1, |index| index + 1)
}

/// A text with its blanks filled in. What is put in is not looked through again.
pub(crate) fn fill(text: &str, values: &[(&str, &str)]) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        out.push_str(before);
        let value = after.split_once('}').and_then(|(name, after)| {
            values.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value, after))
        });
        if let Some((value, after)) = value {
            out.push_str(value);
            rest = after;
        } else {
            out.push('{');
            rest = after;
        }
    }
    out + rest
}

impl Words {
    /// English, for what no page shows.
    pub(crate) fn english() -> &'static Words {
        &LANGUAGES.words[FALLBACK]
    }

    /// The language that they are of.
    pub(crate) fn language(&self) -> &str {
        &self.language
    }

    /// All of them, for templates.
    pub(crate) fn table(&self) -> &Table {
        &self.table
    }

    /// The words that a script says, as JSON for an element of the page, with what it needs for counting.
    pub(crate) fn for_script(&self, group: &str) -> String {
        let group_of = |name: &str| self.table.get(name).and_then(Value::as_table);
        let mut said = serde_json::json!({
            "language": self.language,
            "singular": self.value("numbers.singular"),
        });
        for (name, value) in group_of(group).into_iter().flatten() {
            said[name.as_str()] = serde_json::json!(value);
        }
        // nothing in it can end the element or open a comment
        said.to_string().replace('<', "\\u003c")
    }

    fn value(&self, key: &str) -> Option<&Value> {
        let (group, name) = key.split_once('.')?;
        self.table.get(group)?.get(name)
    }

    /// A text as it stands in the file.
    pub(crate) fn text(&self, key: &str) -> &str {
        self.value(key).and_then(Value::as_str).unwrap_or_default()
    }

    /// A text with its blanks filled in.
    pub(crate) fn fill(&self, key: &str, values: &[(&str, &str)]) -> String {
        fill(self.text(key), values)
    }

    /// A text in the form that a count asks for, with the count as `{n}`.
    pub(crate) fn count(&self, key: &str, n: usize) -> String {
        let singular = self.value("numbers.singular").and_then(Value::as_array);
        let is_one = singular.is_some_and(|all| {
            all.iter()
                .any(|one| one.as_integer().and_then(|one| usize::try_from(one).ok()) == Some(n))
        });
        let form = if is_one { "one" } else { "other" };
        let text = self.value(key).and_then(|forms| forms.get(form)).and_then(Value::as_str);
        fill(text.unwrap_or_default(), &[("n", &self.number(n))])
    }

    /// A whole number, with a mark between thousands where it is long.
    pub(crate) fn number(&self, n: usize) -> String {
        let digits = n.to_string();
        if digits.len() < 5 {
            return digits;
        }
        let mut out = String::new();
        for (index, digit) in digits.chars().enumerate() {
            if index > 0 && (digits.len() - index).is_multiple_of(3) {
                out.push_str(self.text("numbers.group"));
            }
            out.push(digit);
        }
        out
    }

    /// A part of a hundred.
    pub(crate) fn percent(&self, n: i64) -> String {
        self.fill("numbers.percent", &[("n", &n.to_string())])
    }

    /// A length as people say it: `45 s`, `12 min`, `1 h 5 min`.
    pub(crate) fn length(&self, time: Ms) -> String {
        let say =
            |unit: &str, n: i64| self.fill(&format!("numbers.{unit}"), &[("n", &n.to_string())]);
        let seconds = time.get().max(0).saturating_add(500) / 1000;
        if seconds < 60 {
            return say("seconds", seconds);
        }
        let minutes = (seconds + 30) / 60;
        match (minutes / 60, minutes % 60) {
            (0, minutes) => say("minutes", minutes),
            (hours, 0) => say("hours", hours),
            (hours, minutes) => format!("{} {}", say("hours", hours), say("minutes", minutes)),
        }
    }

    /// A day, as `September 15, 2020`.
    pub(crate) fn date(&self, date: Date) -> String {
        let months = self.value("numbers.months").and_then(Value::as_array);
        let month =
            usize::try_from(date.month() - 1).ok().and_then(|index| months?.get(index)?.as_str());
        let day = match date.day() {
            1 => self.text("numbers.first_day").to_owned(),
            day => day.to_string(),
        };
        let year = date.year().to_string();
        let month = month.unwrap_or_default();
        self.fill("numbers.date", &[("day", &day), ("month", month), ("year", &year)])
    }

    /// A role as a person's list has it, in this language where it is one of the usual ones.
    pub(crate) fn role<'a>(&'a self, role: &'a str) -> &'a str {
        let key = role.trim().to_lowercase().replace([' ', '_'], "-");
        let key = if key == "cohost" { "co-host" } else { &key };
        // in English a person's own spelling stays
        if self.language.starts_with(FALLBACK) {
            return role;
        }
        self.value(&format!("roles.{key}")).and_then(Value::as_str).unwrap_or(role)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every key of a table with its text; a list is its length.
    fn flat(above: &str, table: &Table, out: &mut BTreeMap<String, String>) {
        for (name, value) in table {
            let key = format!("{above}{name}");
            match value {
                Value::Table(below) => flat(&format!("{key}."), below, out),
                Value::Array(list) if name == "months" => {
                    drop(out.insert(key, list.len().to_string()))
                }
                Value::Array(_) => drop(out.insert(key, String::new())),
                other => drop(out.insert(key, other.as_str().unwrap().to_owned())),
            }
        }
    }

    fn all(language: &str) -> BTreeMap<String, String> {
        let mut out = BTreeMap::new();
        flat("", &Languages::builtin().words[language].table, &mut out);
        out
    }

    #[test]
    fn every_language_has_every_word_and_no_other() {
        let english = all("en");
        for (language, _) in BUILTIN {
            let words = all(language);
            assert!(words.keys().eq(english.keys()), "{language}");
            for (key, text) in &words {
                let mut own: Vec<&str> = blanks(text).collect();
                let mut theirs: Vec<&str> = blanks(&english[key]).collect();
                own.sort_unstable();
                theirs.sort_unstable();
                assert_eq!(own, theirs, "{language}: {key}");
                let is_list = key == "numbers.singular";
                assert!(is_list || !text.is_empty(), "{language}: {key} is empty");
            }
            assert_eq!(words["numbers.months"], "12", "{language}");
        }
    }

    #[test]
    fn a_language_is_found_by_the_start_of_its_tag() {
        let languages = Languages::builtin();
        for (tags, wanted) in [
            (["pt-BR", ""], "pt"),
            (["DE", "fr"], "de"),
            (["he", "fr-CA"], "fr"),
            (["he", "xx"], "en"),
        ] {
            assert_eq!(languages.of(tags).language(), wanted, "{tags:?}");
        }
    }

    #[test]
    fn numbers_dates_and_lengths_follow_the_language() {
        let of = |language: &str| Languages::builtin().of([language]);
        let day = |day| jiff::civil::date(2020, 9, day);
        for (language, dates, count, number) in [
            ("en", ["September 1, 2020", "September 15, 2020"], "0 episodes", "12,345"),
            ("de", ["1. September 2020", "15. September 2020"], "0 Folgen", "12.345"),
            ("fr", ["1er septembre 2020", "15 septembre 2020"], "0 épisode", "12\u{202f}345"),
            (
                "es",
                ["1 de septiembre de 2020", "15 de septiembre de 2020"],
                "0 episodios",
                "12\u{202f}345",
            ),
        ] {
            let words = of(language);
            assert_eq!([words.date(day(1)), words.date(day(15))], dates);
            assert_eq!(words.count("site.episode_count", 0), count);
            assert_eq!(
                (words.number(12_345).as_str(), words.number(1_234)),
                (number, "1234".to_owned())
            );
        }
        assert_eq!(of("en").count("site.episode_count", 1), "1 episode");
        for (seconds, said) in [
            (0, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (754, "13 min"),
            (3_600, "1 h"),
            (3_900, "1 h 5 min"),
        ] {
            assert_eq!(of("en").length(Ms::new(seconds * 1000)), said);
        }
        assert_eq!(of("de").length(Ms::new(3_900_000)), "1 Std. 5 Min.");
        assert_eq!(
            (of("de").role("Host"), of("de").role("Chefin"), of("en").role("Host")),
            ("Moderation", "Chefin", "Host")
        );
    }

    #[test]
    fn blanks_are_filled_in_once() {
        assert_eq!(fill("{a}{b} {c} {", &[("a", "{b}"), ("b", "2")]), "{b}2 {c} {");
    }

    #[test]
    fn a_shows_words_come_first_and_what_they_leave_out_is_told() {
        let mut languages = Languages::builtin().clone();
        languages
            .add(
                "sv",
                "t/words.sv.toml",
                "[page]\nchapters = \"Kapitel\"\nchaptres = \"x\"\nread_by = \"läst av {nam}\"\n",
            )
            .unwrap();
        let swedish = languages.of(["sv-FI"]);
        assert_eq!(
            (swedish.text("page.chapters"), swedish.text("player.play")),
            ("Kapitel", "Play")
        );
        let told = languages.told();
        assert_eq!(told.len(), 3, "{told:?}");
        assert!(
            told[0].starts_with("`t/words.sv.toml` leaves words out")
                && told[0].contains("`label.checked`")
        );
        assert!(
            told[1].contains("`page.chaptres`") && told[2].contains("`page.read_by`"),
            "{told:?}"
        );
        let mut languages = Languages::builtin().clone();
        languages.add("de", "t/words.de.toml", "[page]\nchapters = \"Abschnitte\"\n").unwrap();
        assert_eq!(languages.told(), [] as [String; 0]);
        assert_eq!(languages.of(["de"]).text("page.chapters"), "Abschnitte");
        assert_eq!(languages.of(["de"]).text("player.play"), "Abspielen");
    }

    #[test]
    fn a_fault_in_a_shows_words_is_named_with_its_line() {
        for (language, text, said) in [
            ("sv", "[page]\nchapters = \n", "line 2"),
            ("sv", "[page]\n\nchapters = 3\n", "line 3: `page.chapters` has to be a text"),
            ("sv", "page = 1\n", "line 1: `page` has to be a table"),
            (
                "sv",
                "[numbers]\nmonths = [\"januari\"]\n",
                "line 2: `numbers.months` has to be a list",
            ),
            ("klingon", "", "no code of a language"),
        ] {
            let fault = Languages::builtin().clone().add(language, "words.toml", text).unwrap_err();
            assert!(fault.to_string().contains(said), "{fault}");
        }
    }
}
