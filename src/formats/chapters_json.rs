//! Chapters as JSON, version 1.2.0 of the podcast namespace.

use std::fmt::Write as _;

use serde_json::Value;

use crate::formats::json::{self, Json};
use crate::formats::{Diagnostic, FormatError, bounded, clock};
use crate::speech::Chapter;
use crate::time::Ms;

/// A list of chapters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ChaptersJson {
    /// The episode's title.
    pub title: Option<String>,
    /// The show's name.
    pub podcast_name: Option<String>,
    /// What else is to be said of the list.
    pub description: Option<String>,
    /// The chapters, sorted by start.
    pub chapters: Vec<JsonChapter>,
}

/// A chapter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct JsonChapter {
    /// Where it begins.
    pub start: Ms,
    /// Where it ends, if not with the next.
    pub end: Option<Ms>,
    /// Its title.
    pub title: Option<String>,
    /// A page that belongs to it.
    pub url: Option<String>,
    /// A picture that belongs to it.
    pub image: Option<String>,
    /// Whether it is a marker that no list shows.
    pub hidden: bool,
}

impl ChaptersJson {
    /// A conforming list: times rise strictly (a chapter at the time of another moves on by a
    /// millisecond), the first is at 0 (a hidden one, if need be), and addresses are `https`.
    pub fn from_chapters(chapters: &[Chapter]) -> ChaptersJson {
        let mut list: Vec<JsonChapter> = chapters
            .iter()
            .map(|chapter| JsonChapter {
                start: chapter.start.max(Ms::ZERO),
                title: Some(chapter.title.trim().to_owned()).filter(|title| !title.is_empty()),
                hidden: chapter.title.trim().is_empty(),
                url: chapter.url.clone().filter(|url| is_https(url)),
                ..JsonChapter::default()
            })
            .collect();
        list.sort_by_key(|chapter| chapter.start);
        if list.first().is_some_and(|first| first.start > Ms::ZERO) {
            list.insert(0, JsonChapter { hidden: true, ..JsonChapter::default() });
        }
        let mut earliest = Ms::ZERO;
        for chapter in &mut list {
            chapter.start = chapter.start.max(earliest);
            earliest = chapter.start + Ms::new(1);
        }
        ChaptersJson { chapters: list, ..ChaptersJson::default() }
    }

    /// The chapters that a list shows.
    pub fn to_chapters(&self) -> Vec<Chapter> {
        self.chapters
            .iter()
            .filter(|chapter| !chapter.hidden)
            .map(|chapter| Chapter {
                start: chapter.start,
                title: chapter.title.clone().unwrap_or_default(),
                url: chapter.url.clone(),
            })
            .collect()
    }
}

fn is_https(url: &str) -> bool {
    url.strip_prefix("https://").is_some_and(|rest| !rest.is_empty() && !rest.contains(' '))
}

/// Writes a file, one chapter a line.
pub fn print(file: &ChaptersJson) -> String {
    let mut out = String::from("{\"version\":\"1.2.0\"");
    let members = [
        ("podcastName", &file.podcast_name),
        ("title", &file.title),
        ("description", &file.description),
    ];
    for (name, text) in members {
        if let Some(text) = text {
            let _ = write!(out, ",\"{name}\":{}", Value::from(text.as_str()));
        }
    }
    out.push_str(",\"chapters\":[");
    for (index, chapter) in file.chapters.iter().enumerate() {
        out.push_str(if index == 0 { "\n" } else { ",\n" });
        let mut members = vec![("startTime", clock::json_seconds(chapter.start))];
        if let Some(end) = chapter.end {
            members.push(("endTime", clock::json_seconds(end)));
        }
        for (name, text) in
            [("title", &chapter.title), ("url", &chapter.url), ("img", &chapter.image)]
        {
            if let Some(text) = text {
                members.push((name, Value::from(text.as_str())));
            }
        }
        if chapter.hidden {
            members.push(("toc", Value::from(false)));
        }
        out.push_str(&json::print_object(&members));
    }
    out.push_str("\n]}\n");
    out
}

/// Reads a file.
///
/// # Errors
/// If it is not JSON or has no `chapters`.
pub fn parse(text: &str) -> Result<(ChaptersJson, Vec<Diagnostic>), FormatError> {
    let json = Json::parse(text)?;
    let mut found = Vec::new();
    let Some(chapters) = json.get("chapters").and_then(Json::array) else {
        let problem = "expected an object with an array `chapters`".to_owned();
        return Err(FormatError::Malformed { line: json.line, column: json.column, problem });
    };
    let version = json.get("version");
    if version.and_then(Json::text).is_none_or(|version| !version.starts_with("1.")) {
        let place = version.unwrap_or(&json);
        let message = "`version` is missing or not of the form \"1.2.0\"";
        found.push(
            Diagnostic::error("C1", place.line, place.column, message)
                .fix("write \"version\": \"1.2.0\""),
        );
    }
    let text_of = |name| json.get(name).and_then(Json::text).map(str::to_owned);
    let mut file = ChaptersJson {
        title: text_of("title"),
        podcast_name: text_of("podcastName"),
        description: text_of("description"),
        chapters: Vec::new(),
    };
    let mut latest: Option<Ms> = None;
    let per_second = numbers_a_second(chapters, &mut found);
    for chapter in chapters {
        bounded(&mut found);
        let Some(read) = read_chapter(chapter, per_second, &mut found) else { continue };
        if latest.is_some_and(|latest| read.start <= latest) {
            let message = "the chapter does not start after the one above";
            found.push(
                Diagnostic::error("C1", chapter.line, chapter.column, message)
                    .fix("sort the chapters and give each its own time"),
            );
        }
        if latest.is_none() && read.start != Ms::ZERO {
            let message = "the first chapter does not start at 0";
            found.push(
                Diagnostic::warning("C2", chapter.line, chapter.column, message)
                    .fix("add a chapter at 0, with \"toc\": false if it has no title"),
            );
        }
        latest = latest.max(Some(read.start));
        file.chapters.push(read);
    }
    found.sort();
    Ok((file, found))
}

/// No episode has a chapter after this, in seconds: a day. Whole numbers beyond are milliseconds.
const DAY_S: f64 = 86_400.0;

/// How many of the file's numbers make a second: 1, or 1,000 where it counts milliseconds.
fn numbers_a_second(chapters: &[Json<'_>], found: &mut Vec<Diagnostic>) -> f64 {
    let start = |chapter: &Json<'_>| chapter.get("startTime").and_then(Json::lenient_number);
    let is_whole = chapters.iter().filter_map(start).all(|start| start.fract() == 0.0);
    let late = chapters.iter().find(|chapter| start(chapter).is_some_and(|s| s > DAY_S));
    let Some(late) = late.filter(|_| is_whole) else { return 1.0 };
    let message = "`startTime` is in milliseconds, and is read as such";
    found.push(
        Diagnostic::error("C1", late.line, late.column, message).fix("write all times in seconds"),
    );
    1_000.0
}

fn read_chapter(
    json: &Json<'_>,
    per_second: f64,
    found: &mut Vec<Diagnostic>,
) -> Option<JsonChapter> {
    let Some(start) = json.get("startTime").and_then(Json::lenient_number) else {
        let message = "`startTime` is missing or no number; the chapter is left out";
        found.push(
            Diagnostic::error("C1", json.line, json.column, message)
                .fix("write the start in seconds"),
        );
        return None;
    };
    if json.get("startTime").is_some_and(|time| time.number().is_none()) {
        let message = "`startTime` is no number";
        found.push(
            Diagnostic::error("C1", json.line, json.column, message)
                .fix("write seconds as a number"),
        );
    }
    let stated = match start / per_second {
        late if per_second > 1.0 && late > DAY_S => {
            Err(format!("`startTime` {start} is more than a day"))
        }
        seconds => Ms::stated_seconds(seconds).map_err(|fault| fault.to_string()),
    };
    let start = match stated {
        Ok(start) => start,
        Err(fault) => {
            let message = format!("{fault}; the chapter is left out");
            found.push(
                Diagnostic::error("C1", json.line, json.column, message)
                    .fix("write the start in seconds"),
            );
            return None;
        }
    };
    let end = json.get("endTime").and_then(Json::lenient_number);
    let end = end.and_then(|end| Ms::stated_seconds(end / per_second).ok());
    if let Some(time) = json.get("endTime")
        && end.is_none_or(|end| end <= start)
    {
        let message = "`endTime` is not after `startTime`";
        found.push(
            Diagnostic::error("C4", time.line, time.column, message)
                .fix("end it later, or leave `endTime` out"),
        );
    }
    let hidden = json.get("toc").is_some_and(|toc| toc.value == json::Value::Bool(false));
    let title = json.get("title").and_then(Json::text).map(str::to_owned);
    if !hidden && title.as_deref().is_none_or(|title| title.trim().is_empty()) {
        let message = "a chapter that lists show has no title";
        found.push(
            Diagnostic::warning("C3", json.line, json.column, message)
                .fix("give it a title or \"toc\": false"),
        );
    }
    let mut address = |name: &str| {
        let json = json.get(name)?;
        let text = json.text().unwrap_or_default();
        if !is_https(text) {
            let message = format!("`{name}` is no absolute https address");
            found.push(
                Diagnostic::error("C5", json.line, json.column, message)
                    .fix("begin the address with `https://`"),
            );
        }
        Some(text.to_owned()).filter(|text| !text.is_empty())
    };
    let url = address("url");
    let image = address("img");
    if let Some(location) = json.get("location") {
        let geo = location.get("geo").and_then(Json::text).unwrap_or_default();
        if !geo.starts_with("geo:") || location.get("name").and_then(Json::text).is_none() {
            let message = "a `location` needs `name` and `geo` of the form `geo:lat,lon`";
            found.push(
                Diagnostic::error("C5", location.line, location.column, message)
                    .fix("write both, or leave `location` out"),
            );
        }
    }
    Some(JsonChapter { start, end, title, url, image, hidden })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_chapters_at_one_time_and_a_late_first_one_become_conforming() {
        let chapter = |start, title: &str| Chapter {
            start: Ms::new(start),
            title: title.into(),
            url: Some("http://example.org".into()),
        };
        let list = ChaptersJson::from_chapters(&[chapter(5_000, "A"), chapter(5_000, "B")]);
        let (back, found) = parse(&print(&list)).unwrap();
        assert_eq!(found, []);
        assert_eq!(back, list);
        let starts: Vec<_> = back.chapters.iter().map(|c| c.start.get()).collect();
        assert_eq!(starts, [0, 5_000, 5_001]);
    }

    #[test]
    fn milliseconds_are_seen_and_what_is_no_time_is_left_out() {
        let list = |starts: [&str; 2]| {
            let [a, b] = starts.map(|s| format!("{{\"startTime\":{s},\"title\":\"t\"}}"));
            let text = format!("{{\"version\":\"1.2.0\",\"chapters\":[{a},\n{b}]}}");
            let (file, found) = parse(&text).unwrap();
            let starts: Vec<_> = file.chapters.iter().map(|c| c.start.get()).collect();
            (starts, found.iter().map(|d| (d.line, d.rule)).collect::<Vec<_>>())
        };
        assert_eq!(list(["0", "754000"]), (vec![0, 754_000], vec![(2, "C1")]));
        assert_eq!(list(["0", "1e300"]), (vec![0], vec![(2, "C1"), (2, "C1")]));
        assert_eq!(list(["0", "-1e15"]), (vec![0], vec![(2, "C1")]));
        assert_eq!(list(["0", "80000"]), (vec![0, 80_000_000], vec![]));
    }

    #[test]
    fn each_fault_is_named_with_its_place() {
        let text = "{\"chapters\":[\n{\"startTime\":5,\"title\":\"a\"},\n\
                    {\"startTime\":4,\"endTime\":3,\"img\":\"x.png\"}]}";
        let rules: Vec<_> = parse(text).unwrap().1.iter().map(|d| (d.line, d.rule)).collect();
        assert_eq!(rules, [(1, "C1"), (2, "C2"), (3, "C1"), (3, "C3"), (3, "C4"), (3, "C5")]);
    }
}
