//! A citation -> a card of it in the show's colours, with its name, episode and speaker; printed as SVG here,
//! as PNG in `paint.rs`.

use std::fmt::Write as _;

use crate::quoting::citation::Citation;
use crate::render::markup;

/// The form of a card.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shape {
    /// 1200 by 630, as links are shown.
    #[default]
    Wide,
    /// 1:1.
    Square,
    /// 9:16.
    Tall,
}

/// The colours of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Colours {
    /// The ground.
    pub paper: String,
    /// The words.
    pub ink: String,
    /// What stands out.
    pub accent: String,
}

impl Colours {
    /// Those of a page's style: `--paper`, `--ink`, `--accent`, the light one where there are two.
    /// The last that is set counts, as in a browser.
    pub fn of_style(style: &str) -> Colours {
        let find = |name: &str, otherwise: &str| {
            let start = style.rfind(&format!("--{name}:"))?;
            let value = style[start..].split_once(':')?.1;
            let value = value[..value.find([';', '}'])?].trim();
            let value = value.strip_prefix("light-dark(").map_or(value, |two| {
                two.split_once(',').map_or(otherwise, |(light, _)| light.trim())
            });
            let is_plain = value.chars().all(|c| c.is_alphanumeric() || "#(),.% -".contains(c));
            (is_plain && !value.is_empty() && !value.contains("var(")).then(|| value.to_owned())
        };
        let colour = |name: &str, otherwise: &str| {
            find(name, otherwise).unwrap_or_else(|| otherwise.to_owned())
        };
        Colours {
            paper: colour("paper", "#fdfbf6"),
            ink: colour("ink", "#24201b"),
            accent: colour("accent", "#9c3a0c"),
        }
    }
}

const SERIF: &str = "Charter, 'Bitstream Charter', 'Iowan Old Style', Georgia, serif";
const SANS: &str = "system-ui, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif";
/// The largest and the smallest size of the words, in pixels.
const SIZES: (u32, u32) = (76, 18);

/// A card as it is laid out, before it is printed as a picture of one kind or another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Card {
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) colours: Colours,
    /// The words, for those who do not see the picture.
    title: String,
    pub(super) lines: Vec<Line>,
}

/// A line of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) text: String,
    /// Where its letters stand, from the top.
    pub(super) y: u32,
    /// The letters' size, in pixels.
    pub(super) size: u32,
    pub(super) face: Face,
    /// Whether it has the colour that stands out.
    pub(super) is_accent: bool,
}

/// The letters of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Face {
    /// Those of the words.
    Serif,
    /// Those of what stands around them.
    Sans,
    /// The same for names.
    Bold,
}

/// The space around all that stands on a card, in pixels.
pub(super) const MARGIN: u32 = 84;
/// The height of the stroke at the top, in pixels.
pub(super) const STROKE: u32 = 14;

/// The card, or `None` where the words are too many for any readable size.
pub fn card(citation: &Citation, colours: &Colours, shape: Shape) -> Option<Card> {
    let (width, height) = match shape {
        Shape::Wide => (1200, 630),
        Shape::Square => (1080, 1080),
        Shape::Tall => (1080, 1920),
    };
    let inner = width - 2 * MARGIN;
    let room = height - 2 * MARGIN - 190;
    let words = format!("“{}”", citation.words());
    let fits = |size: &u32| {
        let lines = wrapped(&words, inner * 1000 / size);
        u32::try_from(lines.len()).is_ok_and(|count| count * size * 13 / 10 <= room)
    };
    let size = (SIZES.1..=SIZES.0).rev().find(fits)?;
    let said = &citation.said;
    let names: Vec<&str> = said.speakers.iter().map(|one| one.full_name.as_str()).collect();
    let episode = format!("{} · {}", said.facts.title, said.span.start().clock());
    let line = |text: &str, y, size, face, is_accent| Line {
        text: one_line(text, inner * 1000 / size),
        y,
        size,
        face,
        is_accent,
    };
    let mut lines = vec![line(&said.facts.show, MARGIN + 28, 28, Face::Bold, true)];
    let top = MARGIN + 76 + size;
    for (number, text) in wrapped(&words, inner * 1000 / size).into_iter().enumerate() {
        let y = top + u32::try_from(number).unwrap_or(0) * size * 13 / 10;
        lines.push(Line { text, y, size, face: Face::Serif, is_accent: false });
    }
    lines.push(line(&names.join(" and "), height - MARGIN - 40, 34, Face::Bold, false));
    lines.push(line(&episode, height - MARGIN, 26, Face::Sans, false));
    Some(Card { width, height, colours: colours.clone(), title: words, lines })
}

impl Card {
    /// The card as SVG, in the letters of whatever machine shows it.
    pub fn svg(&self) -> String {
        let Card { width, height, colours, .. } = self;
        let mut svg = format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\">\n\
             <title>{}</title>\n\
             <rect width=\"{width}\" height=\"{height}\" fill=\"{}\"/>\n\
             <rect width=\"{width}\" height=\"{STROKE}\" fill=\"{}\"/>\n",
            markup::text(&self.title),
            colours.paper,
            colours.accent
        );
        for Line { text, y, size, face, is_accent } in &self.lines {
            let (font, weight) = match face {
                Face::Serif => (SERIF, 400),
                Face::Sans => (SANS, 400),
                Face::Bold => (SANS, 700),
            };
            let fill = if *is_accent { &colours.accent } else { &colours.ink };
            let _ = writeln!(
                svg,
                "<text x=\"{MARGIN}\" y=\"{y}\" font-family=\"{font}\" font-size=\"{size}\" font-weight=\"{weight}\" fill=\"{fill}\">{}</text>",
                markup::text(text)
            );
        }
        svg.push_str("</svg>\n");
        svg
    }
}

/// The width of a character, in thousandths of the size: as wide as common fonts have it, or wider.
fn width(letter: char) -> u32 {
    match letter {
        'i' | 'j' | 'l' | 't' | 'f' | 'I' | '.' | ',' | ':' | ';' | '\'' | '’' | '‘' | '!'
        | '|' | ' ' => 330,
        'm' | 'w' | 'M' | 'W' | '—' | '…' | '%' | '@' => 960,
        letter if letter.is_uppercase() => 740,
        letter if letter.is_ascii() => 560,
        letter if u32::from(letter) >= 0x1100 => 1000,
        _ => 600,
    }
}

/// The words in lines no wider than `most`; a word that is wider is divided.
fn wrapped(text: &str, most: u32) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut used = 0;
    for word in text.split_whitespace() {
        let needs: u32 = word.chars().map(width).sum();
        let is_first = lines.last().is_some_and(String::is_empty);
        if !is_first && used + 330 + needs <= most {
            used += 330;
            put(&mut lines, ' ');
        } else if !is_first {
            lines.push(String::new());
            used = 0;
        }
        for letter in word.chars() {
            if used + width(letter) > most {
                lines.push(String::new());
                used = 0;
            }
            used += width(letter);
            put(&mut lines, letter);
        }
    }
    lines
}

/// Adds a character to the last line.
fn put(lines: &mut [String], letter: char) {
    if let Some(line) = lines.last_mut() {
        line.push(letter);
    }
}

/// As much of a text as a line holds.
fn one_line(text: &str, most: u32) -> String {
    let mut lines = wrapped(text, most.saturating_sub(960)).into_iter();
    let first = lines.next().unwrap_or_default();
    if lines.next().is_some() { format!("{first}…") } else { first }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shows_own_colours_count() {
        let style = ":root{--paper: light-dark(#fff, #000);--ink:#111;--accent: light-dark(red, blue)} :root{--accent:#0a0}";
        let colours = Colours::of_style(style);
        assert_eq!(
            (colours.paper.as_str(), colours.ink.as_str(), colours.accent.as_str()),
            ("#fff", "#111", "#0a0")
        );
        assert_eq!(Colours::of_style("--ink: \"><script>;").ink, "#24201b");
    }

    #[test]
    fn no_line_is_wider_than_its_room() {
        let text =
            "Some words, anextremelylongwordthatfitsnowhereatall and 海は青い海は青い海は青い"
                .repeat(9);
        for line in wrapped(&text, 9_000) {
            assert!(line.chars().map(width).sum::<u32>() <= 9_000, "{line}");
        }
    }
}
