//! CTM, the time-marked words of NIST's scorers: a line per word.
//!
//! `FILE CHANNEL START DURATION WORD [CONFIDENCE]`; lines beginning with `;;` are comments.

use crate::formats::FormatError;
use crate::formats::rttm::{lines, seconds};
use crate::speech::Word;
use crate::time::Span;

/// Reads the words of all lines, in the order of the file.
pub fn parse(text: &str) -> Result<Vec<Word>, FormatError> {
    let mut words = Vec::new();
    for (number, line) in lines(text) {
        words.push(word(line).ok_or_else(|| FormatError::Malformed {
            line: number,
            column: 1,
            problem: "expected `file channel start duration word`".to_owned(),
        })?);
    }
    Ok(words)
}

fn word(line: &str) -> Option<Word> {
    let mut fields = line.split_whitespace().skip(2);
    let mut time = || seconds(fields.next()?).ok();
    let (start, duration) = (time()?, time()?);
    let text = fields.next()?;
    let probability = fields.next().and_then(|p| p.parse::<f32>().ok()).unwrap_or(1.0);
    let span = Span::at_least_1ms(start, start + duration);
    Some(Word::new(span, text, probability.clamp(0.0, 1.0)))
}

/// Prints words of a recording called `file`, channel 1; spaces in a name become `_`.
pub fn print(file: &str, words: &[Word]) -> String {
    let file = file.split_whitespace().collect::<Vec<_>>().join("_");
    words
        .iter()
        .map(|word| {
            format!(
                "{file} 1 {:.3} {:.3} {} {:.3}\n",
                word.span.start().as_seconds(),
                word.span.duration().as_seconds(),
                word.text,
                word.probability
            )
        })
        .collect::<Vec<_>>()
        .concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::Ms;

    #[test]
    fn reads_what_it_prints() {
        let text = ";; words\nep1 1 0.500 0.250 Hello, 0.900\nep1 A 0.8 0.4 there\n";
        let words = parse(text).unwrap();
        assert_eq!(words[0].span, Span::new(Ms::new(500), Ms::new(750)).unwrap());
        assert!((words[1].probability - 1.0).abs() < 0.001);
        assert_eq!(parse(&print("ep 1", &words)).unwrap(), words);
    }

    #[test]
    fn a_broken_line_is_named() {
        assert!(parse("ep1 1 x 0.4 there").is_err());
    }
}
