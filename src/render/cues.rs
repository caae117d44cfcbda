//! Words become cues: the units of WebVTT and SRT.
//!
//! A cue belongs to one speaker, ends where a sentence or clause ends if it can, stays long enough
//! to be read, and never overlaps the next. Where two people speak at once the cues take turns in
//! the order in which they begin. Nothing here alters, drops or reorders a speaker's words.

mod lines;
mod split;

use crate::edit::{Block, Edition, Paragraph, Sound};
use crate::speech::SpeakerName;
use crate::time::{Ms, Span};

/// What a cue may be.
#[derive(Debug, Clone, PartialEq)]
pub struct CueSettings {
    /// Most characters (Unicode scalars) in a line; at least 8 are always allowed.
    pub max_line_chars: usize,
    /// Most lines in a cue: 1 or 2.
    pub max_lines: usize,
    /// A cue is shown at least so long, where the next one leaves room.
    pub min_duration: Ms,
    /// A cue is never shown longer.
    pub max_duration: Ms,
    /// Reading speed that a cue should not exceed, in characters a second.
    pub max_chars_per_second: f64,
    /// Whether the text of a cue at a change of speaker begins with `Name: `.
    pub name_in_text: bool,
}

impl CueSettings {
    /// For WebVTT: two lines of 42 characters, the broadcasters' measure, well under the 65 that
    /// podcast apps allow; at most 7 s and 17 characters a second, also the broadcasters'.
    pub const fn webvtt() -> CueSettings {
        CueSettings {
            max_line_chars: 42,
            max_lines: 2,
            min_duration: Ms::new(1_000),
            max_duration: Ms::new(7_000),
            max_chars_per_second: 17.0,
            name_in_text: false,
        }
    }

    /// For SRT: two lines of 32 characters with the speaker's name at each change, as podcast
    /// hosts ask for.
    pub const fn srt() -> CueSettings {
        CueSettings { max_line_chars: 32, name_in_text: true, ..CueSettings::webvtt() }
    }
}

/// A unit of text on the screen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cue {
    /// When it is shown.
    pub span: Span,
    /// Who speaks; `None` for sounds and for people who could not be named.
    pub speaker: Option<SpeakerName>,
    /// Whether the speaker differs from the cue before.
    pub changes_speaker: bool,
    /// Whether it is music or another sound; its text stands in brackets.
    pub is_sound: bool,
    /// The block of the edition from which its words come.
    pub block: usize,
    /// The text, line by line; never empty.
    pub lines: Vec<String>,
}

impl Cue {
    /// The lines as one.
    pub fn text(&self) -> String {
        self.lines.join(" ")
    }
}

/// A piece of text that no line break may cut.
#[derive(Debug, Clone, PartialEq)]
struct Token {
    span: Span,
    text: String,
    /// Characters in `text`.
    chars: usize,
    /// No space stands before it.
    glued: bool,
}

/// A cue before its lines are known.
struct Draft {
    span: Span,
    speaker: Option<SpeakerName>,
    is_sound: bool,
    block: usize,
    tokens: Vec<Token>,
}

/// The cues of an edition, sorted by start; starts rise strictly and no two cues overlap.
///
/// Suspect words are left out. Joining the cues of one block gives its words back, except that
/// with [`CueSettings::name_in_text`] a colon that a reader would take for the end of a name
/// becomes a comma.
pub fn cues(edition: &Edition, settings: &CueSettings) -> Vec<Cue> {
    let mut drafts = Vec::new();
    let mut previous: Option<&SpeakerName> = None;
    for (block, content) in edition.blocks.iter().enumerate() {
        let (tokens, speaker) = match content {
            Block::Paragraph(paragraph) => {
                (paragraph_tokens(paragraph, settings), paragraph.speaker.as_ref())
            }
            Block::Sound(sound) => (sound_tokens(sound, settings), None),
        };
        let is_sound = matches!(content, Block::Sound(_));
        let changes = speaker != previous || block == 0;
        let prefix = prefix(speaker.filter(|_| changes), settings);
        for piece in split::split(tokens, &prefix, settings) {
            let Some(span) = span_of(&piece) else { continue };
            let speaker = speaker.cloned();
            drafts.push(Draft { span, speaker, is_sound, block, tokens: piece });
        }
        if !is_sound {
            previous = speaker;
        }
    }
    drafts.sort_by_key(|draft| draft.span.start());
    let mut cues = lay_out(drafts, settings);
    set_times(&mut cues, settings);
    cues
}

fn span_of(tokens: &[Token]) -> Option<Span> {
    let start = tokens.first()?.span.start();
    let end = tokens.iter().map(|token| token.span.end()).max()?;
    Some(Span::at_least_1ms(start, end))
}

/// `Name: ` where a change of speaker is written into the text, else nothing.
fn prefix(speaker: Option<&SpeakerName>, settings: &CueSettings) -> Vec<Token> {
    let Some(name) = speaker.filter(|_| settings.name_in_text) else { return Vec::new() };
    let widest = settings.max_line_chars.max(8);
    let mut words: Vec<String> = clean(&name.0.replace(':', " ")).map(str::to_owned).collect();
    if words.iter().map(|word| word.chars().count() + 1).sum::<usize>() > widest {
        words.truncate(1);
        for word in &mut words {
            *word = word.chars().take(widest - 1).collect();
        }
    }
    if let Some(last) = words.last_mut() {
        last.push(':');
    }
    // One token, so that no line break cuts a name.
    let text = words.join(" ");
    if text.is_empty() {
        return Vec::new();
    }
    let chars = text.chars().count();
    vec![Token { span: Span::at_least_1ms(Ms::ZERO, Ms::ZERO), text, chars, glued: false }]
}

/// The words of a text without control characters and line separators.
fn clean(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty())
}

fn paragraph_tokens(paragraph: &Paragraph, settings: &CueSettings) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut latest = Ms::new(i64::MIN);
    let mut gap = false;
    for edited in &paragraph.words {
        let word = &edited.word;
        if word.suspect.is_some() {
            gap = true;
            continue;
        }
        let start = word.span.start().max(latest);
        latest = start;
        let span = Span::at_least_1ms(start, word.span.end());
        push_tokens(&mut tokens, &word.text, span, word.glued && !gap, settings);
        gap = false;
    }
    tokens
}

/// A sound is told in one cue, also where it lasts longer than a cue may.
fn sound_tokens(sound: &Sound, settings: &CueSettings) -> Vec<Token> {
    let mut tokens = Vec::new();
    let (start, end) = (sound.span.start(), sound.span.end());
    let span = Span::at_least_1ms(start, end.min(start + settings.max_duration));
    push_tokens(&mut tokens, &format!("[{}]", sound.text.trim()), span, false, settings);
    tokens
}

/// Splits a text at white space, and a word that no line could hold into pieces; the span is
/// shared out by length.
fn push_tokens(
    tokens: &mut Vec<Token>,
    text: &str,
    span: Span,
    glued: bool,
    settings: &CueSettings,
) {
    let widest = settings.max_line_chars.max(8);
    let mut pieces: Vec<(String, bool)> = Vec::new();
    for (index, word) in clean(text).enumerate() {
        let letters: Vec<char> = word.chars().collect();
        for (part, chunk) in letters.chunks(widest).enumerate() {
            pieces.push((chunk.iter().collect(), part > 0 || (index == 0 && glued)));
        }
    }
    let total = pieces.iter().map(|(piece, _)| piece.chars().count()).sum::<usize>().max(1);
    let mut done = 0;
    for (text, glued) in pieces {
        let chars = text.chars().count();
        let at = |count: usize| {
            span.start()
                + Ms::new(
                    span.duration().get().saturating_mul(i64::try_from(count).unwrap_or(i64::MAX))
                        / i64::try_from(total).unwrap_or(i64::MAX),
                )
        };
        let span = Span::at_least_1ms(at(done), at(done + chars));
        done += chars;
        tokens.push(Token { span, text, chars, glued });
    }
}

/// Breaks the drafts' text into lines, now that it is known where the speaker changes.
fn lay_out(drafts: Vec<Draft>, settings: &CueSettings) -> Vec<Cue> {
    let mut cues: Vec<Cue> = Vec::with_capacity(drafts.len());
    let mut previous: Option<Option<SpeakerName>> = None;
    for draft in drafts {
        let changes_speaker =
            !draft.is_sound && previous.as_ref().is_none_or(|name| *name != draft.speaker);
        let prefix = prefix(draft.speaker.as_ref().filter(|_| changes_speaker), settings);
        // A sound between two pieces of one speaker makes no change; the next voice is named anew.
        previous = if draft.is_sound { None } else { Some(draft.speaker.clone()) };
        // With a name that was not foreseen the text may need one cue more.
        let pieces = if lines::fits(&prefix, &draft.tokens, settings) {
            vec![draft.tokens]
        } else {
            split::split(draft.tokens, &prefix, settings)
        };
        for (index, piece) in pieces.into_iter().enumerate() {
            let Some(span) = span_of(&piece) else { continue };
            let changes_speaker = changes_speaker && index == 0;
            let prefix = if changes_speaker { prefix.as_slice() } else { &[] };
            let mut lines = lines::break_lines(prefix, &piece, settings);
            if settings.name_in_text && prefix.is_empty() && !draft.is_sound {
                hide_false_name(&mut lines);
            }
            cues.push(Cue {
                span,
                speaker: draft.speaker.clone(),
                changes_speaker,
                is_sound: draft.is_sound,
                block: draft.block,
                lines,
            });
        }
    }
    cues
}

/// Readers of SRT take up to four words and a colon at the start of a cue for a name.
fn hide_false_name(lines: &mut [String]) {
    let mut words = 0;
    for line in lines {
        for word in line.clone().split(' ') {
            words += 1;
            if words > 4 {
                return;
            }
            if word.ends_with(':') {
                *line = line.replacen(word, &format!("{},", word.trim_end_matches(':')), 1);
                return;
            }
        }
    }
}

/// Makes starts rise, ends leave time to read, and nothing overlap.
fn set_times(cues: &mut [Cue], settings: &CueSettings) {
    const STEP_MS: i64 = 250;
    let mut floor = Ms::ZERO;
    let mut latest_end = Ms::ZERO;
    for cue in cues.iter_mut() {
        let end = cue.span.end();
        let start = cue.span.start().max(floor);
        cue.span = Span::at_least_1ms(start, end);
        latest_end = latest_end.max(cue.span.end());
        // The next cue begins later than this one, by a quarter of a second where there is room.
        let room = (latest_end - start).get() / 2;
        floor = start + Ms::new(room.clamp(1, STEP_MS));
    }
    for index in 0..cues.len() {
        let next = cues.get(index + 1).map_or(Ms::new(i64::MAX), |cue| cue.span.start());
        let Some(cue) = cues.get_mut(index) else { continue };
        let chars: usize = cue.lines.iter().map(|line| line.chars().count() + 1).sum();
        #[expect(clippy::cast_precision_loss, reason = "a cue has fewer than 100 characters")]
        let reading = Ms::from_seconds(chars as f64 / settings.max_chars_per_second.max(1.0));
        let wanted = reading.max(settings.min_duration).min(settings.max_duration);
        let start = cue.span.start();
        let end = cue.span.end().max(start + wanted).min(start + settings.max_duration).min(next);
        cue.span = Span::at_least_1ms(start, end);
    }
}
