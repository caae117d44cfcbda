//! JSON whose every value knows its line and column, so that findings can name the place.

use crate::formats::FormatError;

/// Nesting deeper than this is no transcript.
const MAX_DEPTH: usize = 64;

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Json {
    pub(crate) line: usize,
    pub(crate) column: usize,
    pub(crate) value: Value,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(f64),
    Text(String),
    Array(Vec<Json>),
    /// Members in the order of the file.
    Object(Vec<(String, Json)>),
}

impl Json {
    /// Reads a whole text.
    pub(crate) fn parse(text: &str) -> Result<Json, FormatError> {
        let text = text.trim_start_matches('\u{feff}');
        if text.trim().is_empty() {
            return Err(FormatError::Empty);
        }
        let mut reader = Reader { rest: text, line: 1, column: 1 };
        let json = reader.value(0)?;
        reader.space();
        if reader.rest.is_empty() { Ok(json) } else { Err(reader.fault("text after the end")) }
    }

    /// A member of an object; the last one where a name is used twice.
    pub(crate) fn get(&self, name: &str) -> Option<&Json> {
        match &self.value {
            Value::Object(members) => {
                members.iter().rev().find(|(key, _)| key == name).map(|(_, json)| json)
            }
            _ => None,
        }
    }

    /// The first of several names that is there and not `null`.
    pub(crate) fn any(&self, names: &[&str]) -> Option<&Json> {
        names.iter().filter_map(|name| self.get(name)).find(|json| json.value != Value::Null)
    }

    pub(crate) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    pub(crate) fn array(&self) -> Option<&[Json]> {
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
}

impl Reader<'_> {
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

    fn value(&mut self, depth: usize) -> Result<Json, FormatError> {
        self.space();
        let (line, column) = (self.line, self.column);
        if depth > MAX_DEPTH {
            return Err(self.fault("nested too deep"));
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

    fn object(&mut self, depth: usize) -> Result<Value, FormatError> {
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

    fn array(&mut self, depth: usize) -> Result<Value, FormatError> {
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

    fn string(&mut self) -> Result<String, FormatError> {
        let open = self.fault("a text in quotes does not end");
        self.next();
        let mut out = String::new();
        loop {
            match self.next() {
                None => return Err(open),
                Some('"') => return Ok(out),
                Some('\\') => out.push(self.escape()?),
                // A raw line end is forbidden, but its meaning is plain.
                Some(letter) => out.push(letter),
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

    fn number(&mut self) -> Result<Value, FormatError> {
        let fault = self.fault("not a number");
        let end = self.rest.find(|c: char| !matches!(c, '0'..='9' | '+' | '-' | '.' | 'e' | 'E'));
        let (digits, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.column += digits.len();
        self.rest = rest;
        digits.parse::<f64>().ok().filter(|n| n.is_finite()).map(Value::Number).ok_or(fault)
    }

    fn word(&mut self) -> Result<Value, FormatError> {
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
