//! The only way to standard output and standard error.
//!
//! What is said holds names, tags and words of strangers, so every text is made safe for a terminal
//! here, whoever says it. And a reader that has gone away or a full disk ends no work: what cannot be
//! said is not said, and [`lost_output`] tells at the end that a result did not arrive.

use std::borrow::Cow;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

use tracing_subscriber::fmt::MakeWriter;

use crate::characters::{shown, shown_in_json};

/// Why standard output could not be written to, the first time.
static LOST: OnceLock<io::Error> = OnceLock::new();

/// A message on standard error. Further lines are indented, so that no text in it can pass for a
/// message of its own.
pub(super) fn say(message: &str) {
    say_as_it_stands(&indented(message));
}

/// Lines on standard error that have their own form.
pub(super) fn say_as_it_stands(lines: &str) {
    let _ = writeln!(io::stderr().lock(), "{}", painted(&shown(lines), has_colour()));
}

/// A message for a progress bar to print between its bars.
pub(super) fn for_bars(message: &str) -> String {
    painted(&shown(&indented(message)), has_colour()).into_owned()
}

/// The words that a message begins with, and how a terminal shows each: red, yellow and blue, in bold.
const MARKS: [(&str, &str); 3] =
    [("error:", "\u{1b}[1;31m"), ("warning:", "\u{1b}[1;33m"), ("hint:", "\u{1b}[1;34m")];
const PLAIN: &str = "\u{1b}[0m";

/// Whether messages have colours: on a terminal that has them, unless the person wants none.
fn has_colour() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| {
        let is_set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
        let is_dumb = std::env::var_os("TERM").is_some_and(|term| term == "dumb");
        io::stderr().is_terminal() && !is_set("NO_COLOR") && !is_dumb
    })
}

/// The message with the word in colour that says what it is.
fn painted(message: &str, has_colour: bool) -> Cow<'_, str> {
    let mark = MARKS.iter().find(|(mark, _)| has_colour && message.starts_with(mark));
    mark.map_or(Cow::Borrowed(message), |(mark, colour)| {
        let rest = message.strip_prefix(mark).unwrap_or_default();
        Cow::Owned(format!("{colour}{mark}{PLAIN}{rest}"))
    })
}

fn indented(message: &str) -> String {
    message.replace('\n', "\n  ")
}

/// One line on standard output.
pub(super) fn result(line: &str) {
    put(format!("{}\n", shown(&line.replace('\n', "\\n"))).as_bytes());
}

/// A line of JSON on standard output.
pub(super) fn result_in_json(json: &str) {
    put(format!("{}\n", shown_in_json(json)).as_bytes());
}

/// A whole file on standard output, as it is.
pub(super) fn file(bytes: &[u8]) {
    put(bytes);
}

fn put(bytes: &[u8]) {
    // after the first part is lost, a later one would only mislead
    if LOST.get().is_some() {
        return;
    }
    let mut out = io::stdout().lock();
    if let Err(fault) = out.write_all(bytes).and_then(|()| out.flush()) {
        LOST.get_or_init(|| fault);
    }
}

/// Why a part of the result could not be written. A reader that has read enough and gone is none.
pub(super) fn lost_output() -> Option<&'static io::Error> {
    LOST.get().filter(|fault| fault.kind() != io::ErrorKind::BrokenPipe)
}

/// Where log lines go: to standard error, through the same door.
#[derive(Debug, Clone, Copy)]
pub(super) struct Log;

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        say(String::from_utf8_lossy(bytes).trim_end());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MakeWriter<'_> for Log {
    type Writer = Log;

    fn make_writer(&self) -> Log {
        Log
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_word_that_says_what_a_message_is_has_a_colour() {
        assert_eq!(
            painted("error: no\nerror: x", true),
            "\u{1b}[1;31merror:\u{1b}[0m no\nerror: x"
        );
        assert_eq!(painted("warning: so", true), "\u{1b}[1;33mwarning:\u{1b}[0m so");
        assert_eq!(painted("hint: so", false), "hint: so");
        assert_eq!(painted("a warning: so", true), "a warning: so");
    }

    #[test]
    fn no_text_passes_for_a_message_of_its_own() {
        assert_eq!(
            for_bars("cannot read `a\nerror: b\u{1b}[2J`"),
            "cannot read `a\n  error: b\\u{1b}[2J`"
        );
    }
}
