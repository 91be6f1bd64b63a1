//! The letters of pictures of points: Roboto Regular (Apache-2.0), as `xtask/font/font.py` draws it.

use crate::error::Error;
use std::sync::OnceLock;

/// The size of the letters in the picture.
const SIZE: f64 = 32.0;
/// How far the baseline is below the top.
const ASCENT: f64 = 30.0;

const GLYPHS: &str = " !\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~\
                      °±²µ·×πΔσ–—…−∞√≤≥□";

/// How wide each is; the picture has one empty column at each side of it.
const WIDTHS: [u8; 113] = [
    8, 8, 10, 20, 18, 23, 20, 6, 11, 11, 14, 18, 6, 9, 8, 13, 18, 18, 18, 18, 18, 18, 18, 18, 18,
    18, 8, 7, 16, 18, 17, 15, 29, 21, 20, 21, 21, 18, 18, 22, 23, 9, 18, 20, 17, 28, 23, 22, 20,
    22, 20, 19, 19, 21, 20, 28, 20, 19, 19, 8, 13, 8, 13, 14, 10, 17, 18, 17, 18, 17, 11, 18, 18,
    8, 8, 16, 8, 28, 18, 18, 18, 18, 11, 17, 10, 18, 16, 24, 16, 15, 16, 11, 8, 11, 22, 12, 17, 12,
    18, 8, 17, 19, 23, 18, 21, 25, 21, 18, 33, 19, 16, 17, 14,
];

/// A letter in the picture.
struct Glyph {
    left: usize,
    width: usize,
}

/// The letter for a character, or the box for one that has none.
fn glyph(c: char) -> Glyph {
    let mut left = 0;
    let mut found = None;
    for (letter, width) in GLYPHS.chars().zip(WIDTHS) {
        let width = usize::from(width);
        // The box is the last one.
        if letter == c || letter == '□' {
            found = found.or(Some(Glyph {
                left: left + 1,
                width,
            }));
        }
        left += width + 2;
    }
    found.unwrap_or(Glyph { left: 1, width: 8 })
}

/// How wide a text is at this size.
pub(crate) fn width(text: &str, size: f64) -> f64 {
    let widths = text.chars().map(|c| glyph(c).width as f64);
    widths.sum::<f64>() * size / SIZE
}

/// Calls `draw` with the coordinates of each point of a text and how much of it is covered. The text begins at 0, and 0
/// is its baseline.
pub(crate) fn draw(
    text: &str,
    size: f64,
    (x, y): (f64, f64),
    mut draw: impl FnMut(i64, i64, f64),
) -> Result<(), Error> {
    let strip = strip()?;
    let scale = SIZE / size;
    let mut left = x;
    for c in text.chars() {
        let glyph = glyph(c);
        let top = y - ASCENT / scale;
        // With an empty column at each side.
        let right = left + (glyph.width as f64 + 1.0) / scale;
        let bottom = top + strip.height as f64 / scale;
        for row in top.floor() as i64..bottom.ceil() as i64 {
            for column in (left - 1.0 / scale).floor() as i64..right.ceil() as i64 {
                let from = ((column as f64 - left) * scale, (row as f64 - top) * scale);
                let covered = strip.mean(&glyph, from, scale);
                if covered > 0.0 {
                    draw(column, row, covered);
                }
            }
        }
        left += glyph.width as f64 / scale;
    }
    Ok(())
}

/// The picture of all letters.
struct Strip {
    width: usize,
    height: usize,
    levels: Vec<u8>,
}

impl Strip {
    /// How much of a square with this corner in a letter is covered.
    fn mean(&self, glyph: &Glyph, (x, y): (f64, f64), side: f64) -> f64 {
        let mut sum = 0.0;
        for row in y.max(0.0) as usize..((y + side).max(0.0).ceil() as usize).min(self.height) {
            let high = overlap(row as f64, y, side);
            for column in
                x.floor().max(-1.0) as i64..((x + side).ceil() as i64).min(glyph.width as i64 + 1)
            {
                let wide = overlap(column as f64, x, side);
                let place = glyph.left.checked_add_signed(column as isize);
                let place = place.map(|column| row * self.width + column);
                let level = place.and_then(|place| self.levels.get(place));
                sum += f64::from(level.copied().unwrap_or(0)) * wide * high;
            }
        }
        sum / (side * side * 255.0)
    }
}

/// How much of the pixel that begins at `pixel` is between `from` and `from + length`.
fn overlap(pixel: f64, from: f64, length: f64) -> f64 {
    ((pixel + 1.0).min(from + length) - pixel.max(from)).max(0.0)
}

fn strip() -> Result<&'static Strip, Error> {
    static STRIP: OnceLock<Option<Strip>> = OnceLock::new();
    let strip = STRIP.get_or_init(|| {
        let file = include_bytes!("font.png");
        let mut reader = png::Decoder::new(std::io::Cursor::new(&file[..]))
            .read_info()
            .ok()?;
        let mut levels = vec![0; reader.output_buffer_size()?];
        let info = reader.next_frame(&mut levels).ok()?;
        let (width, height) = (info.width as usize, info.height as usize);
        Some(Strip {
            width,
            height,
            levels,
        })
    });
    strip
        .as_ref()
        .ok_or_else(|| Error::unsuitable("the picture of the letters is damaged"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_has_all_letters() {
        let widths: usize = WIDTHS.iter().map(|width| usize::from(*width) + 2).sum();
        let strip = strip().unwrap();
        assert_eq!(
            (strip.width, strip.levels.len()),
            (widths, widths * strip.height)
        );
        assert_eq!(GLYPHS.chars().count(), WIDTHS.len());
        // A character without a letter is a box.
        assert_eq!((width("数", 32.0), width("1.", 16.0)), (14.0, 13.0));
    }

    #[test]
    fn letters_cover_their_own_place() {
        let (mut count, mut total) = (0, 0.0);
        draw("I", 32.0, (0.0, 30.0), |x, y, covered| {
            assert!((0..9).contains(&x) && (0..38).contains(&y) && covered <= 1.0);
            count += 1;
            total += covered;
        })
        .unwrap();
        assert!(count > 60 && total > 60.0, "{count} {total}");
    }
}
