//! Pictures in terminals: [`Graphics`], [`Terminal`].

use crate::cells::Palette;
use crate::chart::{Body, Chart};
use crate::colormap::Rgb;
use crate::error::Error;
use crate::pixels::Pixels;
use crate::png;
use crate::text::{self, Style};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::HashMap;
use std::fmt::Write;

/// How a terminal shows pictures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Graphics {
    /// The protocol of kitty, which Ghostty and WezTerm have, too.
    Kitty,
    /// The protocol of iTerm2.
    Iterm,
    /// Six pixels in a byte, as in terminals of DEC: xterm, foot, mlterm, Windows Terminal.
    Sixel,
    /// Two pixels in a character.
    Half,
    /// Eight points in a character, for lines; two pixels for pictures in colours.
    Braille,
    /// Characters of ASCII, without colours.
    Ascii,
}

/// What is known of a terminal, or of the file or pipe in its place.
#[derive(Clone, Copy, Debug)]
pub struct Terminal {
    /// How it shows pictures.
    pub graphics: Graphics,
    /// Its colours.
    pub palette: Palette,
    /// The number of characters in a row.
    pub columns: usize,
    /// The number of rows.
    pub rows: usize,
}

/// The pixels of a character, where a terminal does not say: most are about this large.
const CELL: (usize, usize) = (10, 20);

impl Graphics {
    /// What a terminal can show that has these variables in its environment.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Graphics {
        let value = |name: &str| variable(name).unwrap_or_default();
        let (term, program) = (value("TERM"), value("TERM_PROGRAM"));
        let is_set = |name: &str| !value(name).is_empty();
        // A multiplexer passes on neither pictures nor the answer whether it would.
        if is_set("TMUX") || term.starts_with("screen") || term.starts_with("tmux") {
            return Graphics::Braille;
        }
        if is_set("KITTY_WINDOW_ID")
            || term == "xterm-kitty"
            || term == "xterm-ghostty"
            || program == "ghostty"
        {
            return Graphics::Kitty;
        }
        if program == "iTerm.app" || program == "WezTerm" || is_set("WEZTERM_PANE") {
            return Graphics::Iterm;
        }
        if is_set("WT_SESSION")
            || ["foot", "mlterm", "contour", "xterm-sixel"]
                .iter()
                .any(|name| term.starts_with(name))
        {
            return Graphics::Sixel;
        }
        if term == "dumb" || term == "linux" {
            return Graphics::Ascii;
        }
        Graphics::Braille
    }
}

impl Palette {
    /// The colours of a terminal that has these variables in its environment.
    pub fn detect(variable: impl Fn(&str) -> Option<String>) -> Palette {
        let value = |name: &str| variable(name).unwrap_or_default();
        match value("COLORTERM").as_str() {
            "truecolor" | "24bit" => Palette::True,
            _ if value("TERM").contains("direct") || value("TERM") == "xterm-kitty" => {
                Palette::True
            }
            _ if value("TERM") == "dumb" => Palette::None,
            _ => Palette::Xterm,
        }
    }
}

impl Terminal {
    fn style(&self) -> Style {
        Style {
            graphics: self.graphics,
            palette: self.palette,
        }
    }

    fn is_text(&self) -> bool {
        matches!(
            self.graphics,
            Graphics::Half | Graphics::Braille | Graphics::Ascii
        )
    }

    /// The size of a picture in it, in pixels.
    pub fn pixels(&self) -> (usize, usize) {
        (
            self.columns * CELL.0,
            self.rows.saturating_sub(1).max(1) * CELL.1,
        )
    }

    /// The number of columns and rows of points that there is room for: of a picture in colours, or of lines.
    pub fn room(&self, is_colored: bool) -> (usize, usize) {
        if self.is_text() {
            return self.style().room(self.columns, self.rows, is_colored);
        }
        self.pixels()
    }

    /// The picture as it is written to the terminal.
    ///
    /// # Errors
    /// A picture that cannot be drawn.
    pub fn text(&self, chart: &Chart) -> Result<String, Error> {
        if self.is_text() {
            let cells = text::cells(chart, (self.columns, self.rows), self.style());
            return Ok(cells.text(self.palette));
        }
        let pixels = match &chart.body {
            // Pixels that are few are themselves.
            Body::Image { pixels, .. } => pixels.clone(),
            _ => {
                let (width, height) = self.pixels();
                chart.pixels(width, height)?
            }
        };
        let text = match self.graphics {
            Graphics::Kitty => kitty(&png::rgb(&pixels)?, self.area(&pixels)),
            Graphics::Iterm => iterm(&png::rgb(&pixels)?, self.area(&pixels)),
            _ => sixel(&pixels),
        };
        Ok(text + "\n")
    }

    /// The columns and rows that a picture takes.
    fn area(&self, pixels: &Pixels) -> (usize, usize) {
        let (width, height) = self.pixels();
        let side = (width as f64 / pixels.width().max(1) as f64)
            .min(height as f64 / pixels.height().max(1) as f64);
        let cells = |length: usize, cell: usize| {
            ((length as f64 * side / cell as f64).round() as usize).max(1)
        };
        (
            cells(pixels.width(), CELL.0),
            cells(pixels.height(), CELL.1),
        )
    }
}

/// The most bytes in one piece of a picture, as the protocol says.
const PIECE: usize = 4096;

fn kitty(png: &[u8], (columns, rows): (usize, usize)) -> String {
    let data = STANDARD.encode(png);
    let mut text = String::with_capacity(data.len() + data.len() / 100 + 64);
    let mut pieces = data.as_bytes().chunks(PIECE).peekable();
    let mut keys = format!("a=T,f=100,c={columns},r={rows},");
    while let Some(piece) = pieces.next() {
        let more = u8::from(pieces.peek().is_some());
        let piece = std::str::from_utf8(piece).unwrap_or_default();
        // Writing to a String does not fail.
        let _ = write!(text, "\x1b_G{keys}m={more};{piece}\x1b\\");
        keys.clear();
    }
    text
}

fn iterm(png: &[u8], (columns, rows): (usize, usize)) -> String {
    let (size, data) = (png.len(), STANDARD.encode(png));
    format!(
        "\x1b]1337;File=inline=1;size={size};width={columns};height={rows};preserveAspectRatio=1:{data}\x07"
    )
}

/// At most 256 colours, and bands of six rows.
fn sixel(pixels: &Pixels) -> String {
    let (colors, indices) = palette(pixels);
    let (width, height) = (pixels.width(), pixels.height());
    let mut text = format!("\x1bPq\"1;1;{width};{height}");
    let percent = |level: u8| (u32::from(level) * 100 + 127) / 255;
    for (i, Rgb(red, green, blue)) in colors.iter().enumerate() {
        let _ = write!(
            text,
            "#{i};2;{};{};{}",
            percent(*red),
            percent(*green),
            percent(*blue)
        );
    }
    for band in indices.chunks((6 * width).max(1)) {
        let mut columns: HashMap<u8, Vec<u8>> = HashMap::new();
        for (row, indices) in band.chunks(width.max(1)).enumerate() {
            for (column, color) in indices.iter().enumerate() {
                let bits = columns.entry(*color).or_insert_with(|| vec![0; width]);
                if let Some(bits) = bits.get_mut(column) {
                    *bits |= 1 << row;
                }
            }
        }
        let mut columns: Vec<_> = columns.into_iter().collect();
        columns.sort_unstable();
        for (color, bits) in columns {
            let _ = write!(text, "#{color}");
            for run in bits.chunk_by(|a, b| a == b) {
                let letter = char::from(63 + run.first().copied().unwrap_or(0));
                if run.len() > 3 {
                    let _ = write!(text, "!{}{letter}", run.len());
                } else {
                    text.extend(std::iter::repeat_n(letter, run.len()));
                }
            }
            text.push('$');
        }
        text.push('-');
    }
    text += "\x1b\\";
    text
}

/// At most 256 colours of a picture, and which of them each pixel has: so many bits are left out that they are enough.
fn palette(pixels: &Pixels) -> (Vec<Rgb>, Vec<u8>) {
    for bits in 0..6 {
        let coarse = |level: u8| {
            if bits == 0 {
                level
            } else {
                (level >> bits << bits) | (1 << (bits - 1))
            }
        };
        let mut places: HashMap<Rgb, usize> = HashMap::new();
        let mut colors = Vec::new();
        let mut indices = Vec::with_capacity(pixels.colors().len());
        for color in pixels.colors() {
            let color = Rgb(coarse(color.0), coarse(color.1), coarse(color.2));
            let place = *places.entry(color).or_insert_with(|| {
                colors.push(color);
                colors.len() - 1
            });
            let Ok(place) = u8::try_from(place) else {
                break;
            };
            indices.push(place);
        }
        if indices.len() == pixels.colors().len() {
            return (colors, indices);
        }
    }
    (vec![Rgb::BLACK], vec![0; pixels.colors().len()])
}
