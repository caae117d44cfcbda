//! A card -> a PNG, in letters of this machine.

use std::io::Write as _;

use ab_glyph::{Font, FontVec, Glyph, GlyphId, Point, PxScale, ScaleFont, point};
use flate2::{Compression, Crc, write::ZlibEncoder};

use crate::quoting::card::{Card, Colours, Face, Line, MARGIN, STROKE};
use crate::quoting::fonts::Fonts;

/// Why a card cannot be painted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PaintError {
    /// There is no font for a letter.
    #[error("no font of this machine has the letter `{0}`")]
    Letter(char),
    /// The writing joins or orders its letters, which is not done here.
    #[error("letters such as `{0}` have to be joined or ordered, which is not done here")]
    Script(char),
    /// A colour is written in a way that is not read here.
    #[error("the colour `{0}` is not written as `#9c3a0c`")]
    Colour(String),
}

/// The card as PNG.
///
/// # Errors
/// Where its letters or colours cannot be painted.
pub fn png(card: &Card, fonts: &Fonts) -> Result<Vec<u8>, PaintError> {
    let Colours { paper, ink, accent } = &card.colours;
    let (paper, ink, accent) = (colour(paper)?, colour(ink)?, colour(accent)?);
    let mut canvas = Canvas::new(card.width, card.height, paper);
    canvas.fill_rows(STROKE, accent);
    let inner = as_float(card.width - 2 * MARGIN);
    // letters may be wider here than the card was laid out for: all words have one size then
    let mut shrink = 1.0_f32;
    for line in card.lines.iter().filter(|line| line.face == Face::Serif) {
        shrink = shrink.min(inner / width(line, fonts, 1.0)?.max(1.0));
    }
    for line in &card.lines {
        let own = match line.face {
            Face::Serif => shrink,
            _ => (inner / width(line, fonts, 1.0)?.max(1.0)).min(1.0),
        };
        let fill = if line.is_accent { accent } else { ink };
        for (font, glyph) in placed(line, fonts, own)?.0 {
            if let Some(outline) = font.outline_glyph(glyph) {
                canvas.draw(&outline, fill);
            }
        }
    }
    Ok(canvas.encoded())
}

/// The letters of a line at their places, and where the line ends.
type Placed<'f> = (Vec<(&'f FontVec, Glyph)>, f32);

fn width(line: &Line, fonts: &Fonts, factor: f32) -> Result<f32, PaintError> {
    Ok(placed(line, fonts, factor)?.1 - as_float(MARGIN))
}

fn placed<'f>(line: &Line, fonts: &'f Fonts, factor: f32) -> Result<Placed<'f>, PaintError> {
    let (mut glyphs, mut x) = (Vec::new(), as_float(MARGIN));
    let mut before: Option<(*const FontVec, GlyphId)> = None;
    for letter in line.text.chars().filter(|letter| !is_mark(*letter)) {
        if is_joined(letter) {
            return Err(PaintError::Script(letter));
        }
        let has = |font: &&FontVec| font.glyph_id(letter).0 != 0;
        let font = fonts.of(line.face).find(has).ok_or(PaintError::Letter(letter))?;
        let em = font.units_per_em().unwrap_or(1_000.0);
        let scale = PxScale::from(as_float(line.size) * factor * font.height_unscaled() / em);
        let scaled = font.as_scaled(scale);
        let id = font.glyph_id(letter);
        if let Some((last, last_id)) = before
            && std::ptr::eq(last, font)
        {
            x += scaled.kern(last_id, id);
        }
        glyphs.push((font, id.with_scale_and_position(scale, point(x, as_float(line.y)))));
        x += scaled.h_advance(id);
        before = Some((std::ptr::from_ref(font), id));
    }
    Ok((glyphs, x))
}

/// Whether a letter's form or place depends on its neighbours.
fn is_joined(letter: char) -> bool {
    matches!(u32::from(letter), 0x0590..=0x0eff | 0x0f00..=0x109f | 0x1780..=0x18af | 0xfb1d..=0xfdff | 0xfe70..=0xfeff)
}

/// Marks that choose a form and have none of their own.
fn is_mark(letter: char) -> bool {
    matches!(letter, '\u{200b}'..='\u{200f}' | '\u{fe00}'..='\u{fe0f}' | '\u{2060}' | '\u{ad}')
}

#[expect(clippy::cast_precision_loss, reason = "some thousand pixels")]
fn as_float(pixels: u32) -> f32 {
    pixels as f32
}

/// `#123`, `#112233`, `rgb(17, 34, 51)`
fn colour(text: &str) -> Result<[u8; 3], PaintError> {
    let fault = || PaintError::Colour(text.to_owned());
    if let Some(hex) = text.strip_prefix('#') {
        let digits: Option<Vec<u8>> =
            hex.chars().map(|c| c.to_digit(16).and_then(|digit| digit.try_into().ok())).collect();
        let digits = digits.ok_or_else(fault)?;
        // three or six digits; a fourth or two more are transparency, which a card has none of
        let pairs: Vec<u8> = match digits.len() {
            3 | 4 => digits.iter().map(|digit| digit * 17).collect(),
            6 | 8 => digits.chunks_exact(2).map(|pair| pair[0] * 16 + pair[1]).collect(),
            _ => return Err(fault()),
        };
        return pairs.first_chunk().copied().ok_or_else(fault);
    }
    let inner =
        text.strip_prefix("rgb(").and_then(|rest| rest.strip_suffix(')')).ok_or_else(fault)?;
    let numbers: Option<Vec<u8>> = inner
        .split([',', ' '])
        .filter(|part| !part.is_empty())
        .map(|part| part.parse().ok())
        .collect();
    numbers.and_then(|numbers| numbers.try_into().ok()).ok_or_else(fault)
}

/// Pixels, three bytes each, row by row.
struct Canvas {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl Canvas {
    fn new(width: u32, height: u32, paper: [u8; 3]) -> Canvas {
        Canvas { width, height, pixels: paper.repeat((width * height) as usize) }
    }

    fn fill_rows(&mut self, rows: u32, fill: [u8; 3]) {
        for pixel in self.pixels.chunks_exact_mut(3).take((rows * self.width) as usize) {
            pixel.copy_from_slice(&fill);
        }
    }

    fn draw(&mut self, outline: &ab_glyph::OutlinedGlyph, fill: [u8; 3]) {
        let Point { x, y } = outline.px_bounds().min;
        outline.draw(|column, row, cover| {
            let (x, y) = (x + as_float(column), y + as_float(row));
            if x < 0.0 || y < 0.0 || x >= as_float(self.width) || y >= as_float(self.height) {
                return;
            }
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "it lies on the canvas"
            )]
            let at = 3 * (y as usize * self.width as usize + x as usize);
            for (old, new) in self.pixels[at..].iter_mut().zip(fill) {
                let mixed =
                    f32::from(*old) + (f32::from(new) - f32::from(*old)) * cover.clamp(0.0, 1.0);
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "between two bytes"
                )]
                let mixed = mixed.round() as u8;
                *old = mixed;
            }
        });
    }

    /// The PNG: eight bits a colour, no transparency.
    fn encoded(&self) -> Vec<u8> {
        let mut rows = ZlibEncoder::new(Vec::new(), Compression::best());
        for row in self.pixels.chunks_exact(3 * self.width as usize) {
            rows.write_all(&[0])
                .and_then(|()| rows.write_all(row))
                .expect("memory takes every byte");
        }
        let rows = rows.finish().expect("memory takes every byte");
        let mut header = [self.width.to_be_bytes(), self.height.to_be_bytes()].concat();
        header.extend([8, 2, 0, 0, 0]);
        let mut png = b"\x89PNG\r\n\x1a\n".to_vec();
        for (kind, bytes) in [(b"IHDR", header), (b"IDAT", rows), (b"IEND", Vec::new())] {
            png.extend(u32::try_from(bytes.len()).unwrap_or_default().to_be_bytes());
            let chunk = [&kind[..], &bytes].concat();
            let mut sum = Crc::new();
            sum.update(&chunk);
            png.extend(&chunk);
            png.extend(sum.sum().to_be_bytes());
        }
        png
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_read_as_styles_write_them() {
        for text in ["#123", "#112233", "rgb(17, 34, 51)", "rgb(17 34 51)", "#112233ff"] {
            assert_eq!(colour(text), Ok([0x11, 0x22, 0x33]), "{text}");
        }
        for text in ["red", "#12", "#ggg", "rgb(1,2)", "oklch(0.5 0.1 20)"] {
            assert_eq!(colour(text), Err(PaintError::Colour(text.to_owned())));
        }
    }

    #[test]
    fn a_picture_is_a_png_of_its_size() {
        let mut canvas = Canvas::new(3, 2, [1, 2, 3]);
        canvas.fill_rows(1, [9, 9, 9]);
        let png = canvas.encoded();
        assert!(png.starts_with(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR\0\0\0\x03\0\0\0\x02\x08\x02"));
        // the sum of IEND is the same in every PNG
        assert!(png.ends_with(b"IEND\xae\x42\x60\x82"));
        let from = png.windows(4).position(|four| four == b"IDAT").unwrap() + 4;
        let mut rows = Vec::new();
        std::io::Read::read_to_end(&mut flate2::read::ZlibDecoder::new(&png[from..]), &mut rows)
            .unwrap();
        assert_eq!(rows, [0, 9, 9, 9, 9, 9, 9, 9, 9, 9, 0, 1, 2, 3, 1, 2, 3, 1, 2, 3]);
    }

    #[test]
    fn writing_that_cannot_be_set_is_refused_by_its_letter() {
        let line = |text: &str| Line {
            text: text.into(),
            y: 10,
            size: 10,
            face: Face::Sans,
            is_accent: false,
        };
        let fonts = Fonts::default();
        assert_eq!(width(&line("שלום"), &fonts, 1.0), Err(PaintError::Script('ש')));
        assert_eq!(width(&line("a"), &fonts, 1.0), Err(PaintError::Letter('a')));
    }
}
