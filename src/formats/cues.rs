//! What is said in captions of any kind: each line once, with its speaker.

use crate::formats::rolling::{self, Shown};
use crate::formats::{Diagnostic, Passage, furniture, names};
use crate::time::{Ms, Span};

/// A caption as its file has it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Cue {
    pub(crate) start: Ms,
    pub(crate) end: Ms,
    /// Who speaks, where the format has a place for it.
    pub(crate) speaker: Option<String>,
    /// The text without mark-up, line by line.
    pub(crate) lines: Vec<String>,
}

impl Cue {
    /// A caption of which blank lines are left out.
    pub(crate) fn new<'l>(
        span: Span,
        speaker: Option<&str>,
        lines: impl IntoIterator<Item = &'l str>,
    ) -> Cue {
        let lines = lines.into_iter().map(crate::formats::one_line);
        Cue {
            start: span.start(),
            end: span.end(),
            speaker: speaker.map(str::to_owned),
            lines: lines.filter(|line| !line.is_empty()).collect(),
        }
    }
}

/// The words of captions, and what there is to say of how they were found. Captions that roll are
/// read once; a name that stands on the first line of every caption is its speaker.
pub(crate) fn speech(mut cues: Vec<Cue>) -> (Vec<Passage>, Vec<Diagnostic>) {
    let mut found = Vec::new();
    let shown: Vec<Shown<'_>> = cues
        .iter()
        .map(|cue| Shown {
            start: cue.start,
            end: cue.end,
            lines: &cue.lines,
            speaker: cue.speaker.as_deref(),
        })
        .collect();
    if let Some(new) = rolling::unrolled(&shown) {
        let message = "the captions roll: most begin with the end of the one before; each line is \
                       read once";
        found.push(
            Diagnostic::note("L-ROLLING", 1, 0, message).fix("compare the text with the sound"),
        );
        for (cue, lines) in cues.iter_mut().zip(new) {
            cue.lines = lines;
        }
    }
    cues.retain(|cue| !cue.lines.is_empty());
    take_first_lines(&mut cues);
    let mut passages: Vec<Passage> = cues
        .into_iter()
        .map(|cue| Passage {
            start: Some(cue.start),
            end: Some(cue.end),
            speaker: cue.speaker,
            text: cue.lines.join(" "),
            ..Passage::default()
        })
        .collect();
    found.extend(furniture::take_last_cue(&mut passages));
    names::settle(&mut passages);
    passages.retain(|passage| !passage.text.is_empty());
    (passages, found)
}

/// Where every caption begins with a line that is a name and nothing else, and a name comes again,
/// these are the speakers.
fn take_first_lines(cues: &mut [Cue]) {
    let first = |cue: &Cue| cue.lines.first().filter(|line| names::stands_alone(line)).cloned();
    let mut firsts: Vec<String> =
        cues.iter().filter(|cue| cue.lines.len() > 1).filter_map(first).collect();
    let count = firsts.len();
    firsts.sort_unstable();
    firsts.dedup();
    let all = count == cues.len() && cues.iter().all(|cue| cue.speaker.is_none());
    if !all || firsts.len() == count {
        return;
    }
    for cue in cues {
        cue.speaker = Some(cue.lines.remove(0).trim_end_matches(':').to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(cues: &[(i64, &[&str])]) -> Vec<(Option<String>, String)> {
        let cue = |(start, lines): &(i64, &[&str])| {
            let span = Span::at_least_1ms(Ms::new(*start), Ms::new(*start + 1_000));
            Cue::new(span, None, lines.iter().copied())
        };
        let passages = speech(cues.iter().map(cue).collect()).0;
        passages.into_iter().map(|passage| (passage.speaker, passage.text)).collect()
    }

    #[test]
    fn what_another_person_says_again_is_said_again() {
        let cue = |start, speaker, text| {
            let span = Span::at_least_1ms(Ms::new(start), Ms::new(start + 1_000));
            Cue::new(span, Some(speaker), [text])
        };
        let cues = vec![
            cue(0, "Tom", "the nets are dry"),
            cue(1_000, "Odile", "the nets are dry and mended"),
            cue(2_000, "Tom", "and mended they are"),
        ];
        let said: Vec<String> = speech(cues).0.into_iter().map(|passage| passage.text).collect();
        assert_eq!(
            said,
            ["the nets are dry", "the nets are dry and mended", "and mended they are"]
        );
    }

    #[test]
    fn a_name_on_the_first_line_of_every_cue_is_its_speaker() {
        let cues: [(i64, &[&str]); 3] = [
            (0, &["Tilda Marsh", "Are we", "on?"]),
            (1_000, &["Odo Ferris", "I think so."]),
            (2_000, &["Tilda Marsh", "Good."]),
        ];
        let said = |name: &str, text: &str| (Some(name.to_owned()), text.to_owned());
        let wanted = [
            said("Tilda Marsh", "Are we on?"),
            said("Odo Ferris", "I think so."),
            said("Tilda Marsh", "Good."),
        ];
        assert_eq!(read(&cues), wanted);
        let prose: [(i64, &[&str]); 2] = [(0, &["Tilda", "and Odo"]), (1_000, &["went", "home"])];
        assert_eq!(read(&prose)[0], (None, "Tilda and Odo".to_owned()));
    }

    #[test]
    fn two_cues_of_the_same_words_are_said_twice() {
        let cues: [(i64, &[&str]); 3] = [(0, &["Yes."]), (1_000, &["Yes."]), (2_000, &["No."])];
        assert_eq!(read(&cues).len(), 3);
    }
}
