//! Pictures of characters: [`Cells`].
//!
//! ```
//! use npio_look::cells::{Cells, Palette};
//! use npio_look::Dots;
//! let mut dots = Dots::new(4, 4);
//! dots.line((0.0, 0.0), (3.0, 3.0));
//! assert_eq!(Cells::braille(&dots, None).text(Palette::None), "⠑⢄\n");
//! ```

use crate::colormap::Rgb;
use crate::pixels::{Dots, Pixels};
use std::fmt::Write;

/// A character on a terminal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cell {
    /// The character.
    pub text: char,
    /// Its colour; `None` is that of the terminal.
    pub foreground: Option<Rgb>,
    /// The colour behind it; `None` is that of the terminal.
    pub background: Option<Rgb>,
}

impl Cell {
    /// A character in the terminal's own colours.
    pub fn plain(text: char) -> Cell {
        Cell {
            text,
            foreground: None,
            background: None,
        }
    }
}

/// Which colours a terminal has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Palette {
    /// None, as in a pipe.
    #[default]
    None,
    /// The 256 colours of xterm.
    Xterm,
    /// All.
    True,
}

/// A picture of characters.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cells {
    /// From the top to the bottom.
    pub rows: Vec<Vec<Cell>>,
}

/// From nothing to all of a cell.
const SHADES: [char; 5] = [' ', '░', '▒', '▓', '█'];
const ASCII_SHADES: [char; 10] = [' ', '.', ':', '-', '=', '+', '*', '#', '%', '@'];

/// What is not a number, where there are no colours.
const NAN: char = '?';

impl Cells {
    /// Two pixels in each cell, one above the other.
    pub fn half_blocks(pixels: &Pixels) -> Cells {
        Cells::of(pixels.width(), pixels.height().div_ceil(2), |x, y| Cell {
            text: '▀',
            foreground: pixels.get(x, 2 * y),
            background: pixels.get(x, 2 * y + 1),
        })
    }

    /// Values from 0 to 1, each a cell of its own, as shades without colours; NaN is a question mark.
    pub fn shades(places: &[f64], width: usize, is_ascii: bool) -> Cells {
        let shades: &[char] = if is_ascii { &ASCII_SHADES } else { &SHADES };
        let shade = |place: f64| {
            let shade = place.clamp(0.0, 1.0) * shades.len() as f64;
            shades
                .get(shade as usize)
                .or(shades.last())
                .copied()
                .unwrap_or(' ')
        };
        let cell = |place: &f64| Cell::plain(if place.is_nan() { NAN } else { shade(*place) });
        let rows = places
            .chunks(width.max(1))
            .map(|row| row.iter().map(cell).collect());
        Cells {
            rows: rows.collect(),
        }
    }

    /// Two columns and four rows of dots in each cell.
    pub fn braille(dots: &Dots, color: Option<Rgb>) -> Cells {
        // The bits of Unicode's patterns: the lowest row was added later.
        const BITS: [(usize, usize, u32); 8] = [
            (0, 0, 0x01),
            (0, 1, 0x02),
            (0, 2, 0x04),
            (1, 0, 0x08),
            (1, 1, 0x10),
            (1, 2, 0x20),
            (0, 3, 0x40),
            (1, 3, 0x80),
        ];
        Cells::of(
            dots.width().div_ceil(2),
            dots.height().div_ceil(4),
            |x, y| {
                let set = BITS
                    .iter()
                    .filter(|(dx, dy, _)| dots.get(2 * x + dx, 4 * y + dy));
                let bits: u32 = set.map(|(.., bit)| bit).sum();
                let pattern = char::from_u32(0x2800 + bits).filter(|_| bits != 0);
                Cell {
                    text: pattern.unwrap_or(' '),
                    foreground: color,
                    background: None,
                }
            },
        )
    }

    /// Two dots in each cell, one above the other.
    pub fn half_dots(dots: &Dots, color: Option<Rgb>) -> Cells {
        Cells::of(dots.width(), dots.height().div_ceil(2), |x, y| {
            let text = match (dots.get(x, 2 * y), dots.get(x, 2 * y + 1)) {
                (false, false) => ' ',
                (true, false) => '▀',
                (false, true) => '▄',
                (true, true) => '█',
            };
            Cell {
                text,
                foreground: color,
                background: None,
            }
        })
    }

    /// One dot in each cell.
    pub fn ascii(dots: &Dots) -> Cells {
        Cells::of(dots.width(), dots.height(), |x, y| {
            Cell::plain(if dots.get(x, y) { '*' } else { ' ' })
        })
    }

    fn of(width: usize, height: usize, cell: impl Fn(usize, usize) -> Cell) -> Cells {
        let row = |y| (0..width).map(|x| cell(x, y)).collect();
        Cells {
            rows: (0..height).map(row).collect(),
        }
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.rows.len()
    }

    /// The rows as lines, with the escape sequences of their colours; without colours, there is no white space at their
    /// ends.
    pub fn text(&self, palette: Palette) -> String {
        let mut text = String::new();
        for row in &self.rows {
            text += &row_text(row, palette);
            text.push('\n');
        }
        text
    }
}

/// The characters of a row, with the escape sequences of their colours.
pub fn row_text(row: &[Cell], palette: Palette) -> String {
    let mut text = String::new();
    if palette == Palette::None {
        text.extend(row.iter().map(|cell| cell.text));
        text.truncate(text.trim_end().len());
        return text;
    }
    let mut colors = (None, None);
    for cell in row {
        let wanted = (cell.foreground, cell.background);
        if wanted != colors {
            if (colors.0.is_some() && wanted.0.is_none())
                || (colors.1.is_some() && wanted.1.is_none())
            {
                text += RESET;
                colors = (None, None);
            }
            for (ground, old, new) in [(38, colors.0, wanted.0), (48, colors.1, wanted.1)] {
                if let Some(color) = new.filter(|_| new != old) {
                    push_color(&mut text, ground, color, palette);
                }
            }
            colors = wanted;
        }
        text.push(cell.text);
    }
    if colors != (None, None) {
        text += RESET;
    }
    text
}

const RESET: &str = "\x1b[0m";

fn push_color(text: &mut String, ground: u8, color: Rgb, palette: Palette) {
    let Rgb(red, green, blue) = color;
    // Writing to a String does not fail.
    let _ = match palette {
        Palette::None => Ok(()),
        Palette::Xterm => write!(text, "\x1b[{ground};5;{}m", xterm(color)),
        Palette::True => write!(text, "\x1b[{ground};2;{red};{green};{blue}m"),
    };
}

/// The nearest of xterm's 256 colours: a cube of 6 × 6 × 6, and 24 grays.
pub(crate) fn xterm(color: Rgb) -> u8 {
    const LEVELS: [u8; 6] = [0, 95, 135, 175, 215, 255];
    let nearest = |value: u8| {
        let levels = LEVELS.iter().enumerate();
        levels
            .min_by_key(|(_, level)| level.abs_diff(value))
            .map_or((0, 0), |(i, level)| (i as u8, *level))
    };
    let [red, green, blue] = [color.0, color.1, color.2].map(nearest);
    let cube = Rgb(red.1, green.1, blue.1);
    let mean = (u32::from(color.0) + u32::from(color.1) + u32::from(color.2)) / 3;
    let step = (mean.saturating_sub(3) / 10).min(23) as u8;
    let level = 8 + 10 * step;
    if distance(color, Rgb(level, level, level)) < distance(color, cube) {
        232 + step
    } else {
        16 + 36 * red.0 + 6 * green.0 + blue.0
    }
}

fn distance(a: Rgb, b: Rgb) -> u32 {
    let square = |a: u8, b: u8| u32::from(a.abs_diff(b)).pow(2);
    square(a.0, b.0) + square(a.1, b.1) + square(a.2, b.2)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_blocks_have_two_colours() {
        let colors = vec![
            Rgb::BLACK,
            Rgb::WHITE,
            Rgb::WHITE,
            Rgb::WHITE,
            Rgb::BLACK,
            Rgb::BLACK,
        ];
        let cells = Cells::half_blocks(&Pixels::from_colors(2, 3, colors));
        let text = cells.text(Palette::True);
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(
            lines[0],
            "\x1b[38;2;0;0;0m\x1b[48;2;255;255;255m▀\x1b[38;2;255;255;255m▀\x1b[0m"
        );
        // The lower half of the last row is no pixel.
        assert_eq!(lines[1], "\x1b[38;2;0;0;0m▀▀\x1b[0m");
        assert_eq!(
            cells.text(Palette::Xterm).lines().next(),
            Some("\x1b[38;5;16m\x1b[48;5;231m▀\x1b[38;5;231m▀\x1b[0m")
        );
    }

    #[test]
    fn dots_and_shades() {
        let mut dots = Dots::new(2, 4);
        dots.line((0.0, 3.0), (1.0, 0.0));
        dots.set(99, 99);
        assert_eq!(Cells::braille(&dots, None).text(Palette::None), "⡎\n");
        assert_eq!(Cells::half_dots(&dots, None).text(Palette::None), "▄▀\n█\n");
        assert_eq!(Cells::ascii(&dots).text(Palette::None), " *\n*\n*\n*\n");
        let places = [0.0, 0.5, 1.0, f64::NAN];
        assert_eq!(
            Cells::shades(&places, 2, false).text(Palette::None),
            " ▒\n█?\n"
        );
        assert_eq!(
            Cells::shades(&places, 4, true).text(Palette::None),
            " +@?\n"
        );
    }

    #[test]
    fn nearest_colours() {
        assert_eq!(xterm(Rgb(255, 0, 0)), 196);
        assert_eq!(xterm(Rgb(128, 128, 128)), 244);
        assert_eq!(xterm(Rgb(0, 0, 0)), 16);
    }
}
