//! JSON whose every value knows its line and column, so that findings can name the place.

use std::borrow::Cow;

use crate::formats::FormatError;

/// Nesting deeper than this is no transcript.
const MAX_DEPTH: usize = 64;
/// More values than this are no transcript: a day of words with their times has 300,000.
const MAX_VALUES: usize = 10_000_000;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json<'t> {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) value: Value<'t>,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'t> {
    Null,
    Bool(bool),
    Number(f64),
    /// A part of the file, but for what is escaped in it.
    Text(Cow<'t, str>),
    Array(Vec<Json<'t>>),
    /// Members in the order of the file.
    Object(Vec<(Cow<'t, str>, Json<'t>)>),
}

impl<'t> Json<'t> {
    /// Reads a whole text.
    pub(crate) fn parse(text: &'t str) -> Result<Json<'t>, FormatError> {
        let (mut reader, json) = Reader::begin(text)?;
        reader.space();
        if reader.rest.is_empty() { Ok(json) } else { Err(reader.fault("text after the end")) }
    }

    /// Reads a whole text, which may hold several values one after the other, as one a line: they
    /// become an array.
    pub(crate) fn parse_all(text: &'t str) -> Result<Json<'t>, FormatError> {
        let (mut reader, first) = Reader::begin(text)?;
        reader.space();
        if reader.rest.is_empty() {
            return Ok(first);
        }
        if !matches!(reader.peek(), Some('{' | '[')) {
            return Err(reader.fault("text after the end"));
        }
        let (line, column) = (first.line, first.column);
        let mut values = vec![first];
        while !reader.rest.is_empty() {
            values.push(reader.value(0)?);
            reader.space();
        }
        Ok(Json { line, column, value: Value::Array(values) })
    }

    /// Whether a text has the look of JSON, also where it is cut off or broken.
    pub(crate) fn is_like(text: &str) -> bool {
        let mut marks = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{feff}');
        match (marks.next(), marks.next()) {
            (Some('{'), Some('"' | '}')) => true,
            (Some('['), Some('{')) => matches!(marks.next(), Some('"' | '}')),
            _ => false,
        }
    }

    /// A member of an object; the last one where a name is used twice.
    pub(crate) fn get(&self, name: &str) -> Option<&Json<'t>> {
        match &self.value {
            Value::Object(members) => {
                members.iter().rev().find(|(key, _)| key == name).map(|(_, json)| json)
            }
            _ => None,
        }
    }

    /// The first of several names that is there and not `null`.
    pub(crate) fn any(&self, names: &[&str]) -> Option<&Json<'t>> {
        names.iter().filter_map(|name| self.get(name)).find(|json| json.value != Value::Null)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn array(&self) -> Option<&[Json<'t>]> {
        match &self.value {
            Value::Array(items) => Some(items),
            _ => None,
        }
    }

    pub(crate) fn number(&self) -> Option<f64> {
        match self.value {
            Value::Number(number) => Some(number),
            _ => None,
        }
    }

    /// A number, also one that is written as text.
    pub(crate) fn lenient_number(&self) -> Option<f64> {
        self.number().or_else(|| self.text()?.trim().parse().ok()).filter(|n| n.is_finite())
    }
}

/// Writes an object on one line, its members in the order given.
pub(crate) fn print_object(members: &[(&str, serde_json::Value)]) -> String {
    let members: Vec<String> =
        members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
    format!("{{{}}}", members.join(","))
}

struct Reader<'a> {
    rest: &'a str,
    line: usize,
    column: usize,
    values: usize,
}

impl<'t> Reader<'t> {
    /// Reads the first value of a text.
    fn begin(text: &'t str) -> Result<(Reader<'t>, Json<'t>), FormatError> {
        let rest = text.trim_start_matches('\u{feff}');
        if rest.trim().is_empty() {
            return Err(FormatError::Empty);
        }
        let mut reader = Reader { rest, line: 1, column: 1, values: 0 };
        let json = reader.value(0)?;
        Ok((reader, json))
    }

    fn fault(&self, problem: &str) -> FormatError {
        FormatError::Malformed { line: self.line, column: self.column, problem: problem.to_owned() }
    }

    fn peek(&self) -> Option<char> {
        self.rest.chars().next()
    }

    fn next(&mut self) -> Option<char> {
        let letter = self.peek()?;
        self.rest = self.rest.get(letter.len_utf8()..).unwrap_or_default();
        if letter == '\n' {
            self.line += 1;
            self.column = 1;
        } else {
            self.column += 1;
        }
        Some(letter)
    }

    fn space(&mut self) {
        while self.peek().is_some_and(|c| matches!(c, ' ' | '\t' | '\n' | '\r')) {
            self.next();
        }
    }

    fn value(&mut self, depth: usize) -> Result<Json<'t>, FormatError> {
        self.space();
        let (line, column) = (self.line, self.column);
        if depth > MAX_DEPTH {
            return Err(self.fault("nested too deep"));
        }
        self.values += 1;
        if self.values > MAX_VALUES {
            return Err(self.fault("more values than a transcript has"));
        }
        let value = match self.peek() {
            None => return Err(self.fault("the text ends too early")),
            Some('{') => self.object(depth)?,
            Some('[') => self.array(depth)?,
            Some('"') => Value::Text(self.string()?),
            Some('-' | '0'..='9') => self.number()?,
            Some(_) => self.word()?,
        };
        Ok(Json { line, column, value })
    }

    fn object(&mut self, depth: usize) -> Result<Value<'t>, FormatError> {
        self.next();
        let mut members = Vec::new();
        self.space();
        if self.peek() == Some('}') {
            self.next();
            return Ok(Value::Object(members));
        }
        loop {
            self.space();
            if self.peek() != Some('"') {
                return Err(self.fault("expected a name in quotes"));
            }
            let name = self.string()?;
            self.space();
            if self.next() != Some(':') {
                return Err(self.fault("expected `:` after a name"));
            }
            members.push((name, self.value(depth + 1)?));
            self.space();
            match self.peek() {
                Some(',') => self.next(),
                Some('}') => {
                    self.next();
                    return Ok(Value::Object(members));
                }
                _ => return Err(self.fault("expected `,` or `}`")),
            };
        }
    }

    fn array(&mut self, depth: usize) -> Result<Value<'t>, FormatError> {
        self.next();
        let mut items = Vec::new();
        self.space();
        if self.peek() == Some(']') {
            self.next();
            return Ok(Value::Array(items));
        }
        loop {
            items.push(self.value(depth + 1)?);
            self.space();
            match self.peek() {
                Some(',') => self.next(),
                Some(']') => {
                    self.next();
                    return Ok(Value::Array(items));
                }
                _ => return Err(self.fault("expected `,` or `]`")),
            };
        }
    }

    fn string(&mut self) -> Result<Cow<'t, str>, FormatError> {
        let (line, column) = (self.line, self.column);
        self.next();
        let whole = self.rest;
        let mut out: Option<String> = None;
        loop {
            let before = whole.get(..whole.len() - self.rest.len()).unwrap_or_default();
            match self.next() {
                None => {
                    let problem = "a text in quotes does not end".to_owned();
                    return Err(FormatError::Malformed { line, column, problem });
                }
                Some('"') => return Ok(out.map_or(Cow::Borrowed(before), Cow::Owned)),
                Some('\\') => {
                    let letter = self.escape()?;
                    out.get_or_insert_with(|| before.to_owned()).push(letter);
                }
                // A raw line end is forbidden, but its meaning is plain.
                Some(letter) => out.iter_mut().for_each(|out| out.push(letter)),
            }
        }
    }

    fn escape(&mut self) -> Result<char, FormatError> {
        Ok(match self.next() {
            Some('n') => '\n',
            Some('t') => '\t',
            Some('r') => '\r',
            Some('b') => '\u{8}',
            Some('f') => '\u{c}',
            Some(letter @ ('"' | '\\' | '/')) => letter,
            Some('u') => {
                let unit = self.hex()?;
                if !(0xd800..0xdc00).contains(&unit) {
                    return Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
                if !self.rest.starts_with("\\u") {
                    return Ok(char::REPLACEMENT_CHARACTER);
                }
                self.next();
                self.next();
                let low = self.hex()?;
                let pair = 0x1_0000 + ((unit - 0xd800) << 10) + low.wrapping_sub(0xdc00) % 0x400;
                char::from_u32(pair).unwrap_or(char::REPLACEMENT_CHARACTER)
            }
            _ => return Err(self.fault("unknown escape")),
        })
    }

    fn hex(&mut self) -> Result<u32, FormatError> {
        let mut unit = 0;
        for _ in 0..4 {
            let digit = self.next().and_then(|c| c.to_digit(16));
            unit = unit * 16 + digit.ok_or_else(|| self.fault("expected four hex digits"))?;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Value<'t>, FormatError> {
        let fault = self.fault("not a number");
        let end = self.rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.column += digits.len();
        self.rest = rest;
        digits.parse::<f64>().ok().filter(|n| n.is_finite()).map(Value::Number).ok_or(fault)
    }

    fn word(&mut self) -> Result<Value<'t>, FormatError> {
        // Python writes NaN for what it does not know.
        for (word, value) in [
            ("null", Value::Null),
            ("true", Value::Bool(true)),
            ("false", Value::Bool(false)),
            ("NaN", Value::Null),
        ] {
            if let Some(rest) = self.rest.strip_prefix(word) {
                self.rest = rest;
                self.column += word.len();
                return Ok(value);
            }
        }
        Err(self.fault("expected a value"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_know_their_place() {
        let json = Json::parse("{\n  \"a\": [1, -2.5e1, \"x\\u00e9\\ud83d\\ude00\"]}").unwrap();
        let items = json.get("a").unwrap().array().unwrap();
        assert_eq!((items[1].line, items[1].column), (2, 12));
        assert_eq!(items[1].number(), Some(-25.0));
        assert_eq!(items[2].text(), Some("xé😀"));
    }

    #[test]
    fn several_values_become_one_array() {
        let text = "{\"a\":1}\n{\"a\":2}\n";
        assert_eq!(Json::parse_all(text).unwrap().array().unwrap()[1].line, 2);
        assert!(Json::parse(text).is_err());
        assert!(Json::parse_all("{} and more").is_err());
        for (text, like) in [
            ("{\"cut", true),
            (" [ {}", true),
            ("[00:01] Hi", false),
            ("{\\an8}", false),
            ("[{x", false),
        ] {
            assert_eq!(Json::is_like(text), like, "{text}");
        }
    }

    #[test]
    fn faults_name_their_place() {
        let deep = "[".repeat(100_000);
        for (text, expected) in [
            ("{\"a\":\n}", "line 2, column 1: expected a value"),
            ("[1 2]", "line 1, column 4: expected `,` or `]`"),
            ("\"open", "line 1, column 1: a text in quotes does not end"),
            (&deep, "line 1, column 66: nested too deep"),
        ] {
            assert_eq!(Json::parse(text).unwrap_err().to_string(), expected);
        }
    }
}
