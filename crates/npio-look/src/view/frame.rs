//! One frame as text.

use super::Options;
use super::catalog::{Opened, Work};
use super::draw::draw;
use super::session::Session;
use crate::cells::Palette;
use ratatui_core::buffer::{Buffer, Cell};
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier};
use std::fmt::Write;
use std::time::Duration;

/// How long the work is waited for before it is asked again.
const POLL: Duration = Duration::from_millis(100);

/// The first frame of the viewer, of this width and height: lines that end with a newline. With colours, these are
/// those of terminals.
///
/// # Errors
/// Why nothing can be opened.
pub fn frame(
    options: Options,
    (width, height): (u16, u16),
    open: impl FnOnce(&Work) -> Result<Opened, String> + Send + 'static,
) -> Result<String, String> {
    let color = options.palette != Palette::None;
    let mut session = Session::new(options, open);
    while session.is_working() && !session.options.stop.is_cancelled() {
        session.poll(POLL);
    }
    if let Some(failure) = session.failure {
        return Err(failure);
    }
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    draw(&mut session, &mut buffer);
    Ok(text(&buffer, color))
}

/// The lines of a buffer, without blanks at their ends.
pub(super) fn text(buffer: &Buffer, color: bool) -> String {
    let width = usize::from(buffer.area.width).max(1);
    let mut text = String::new();
    for row in buffer.content().chunks(width) {
        let mut style = String::new();
        let mut line = String::new();
        let mut is_covered = 0;
        let end = row.iter().rposition(|cell| !is_blank(cell, color));
        for cell in row.iter().take(end.map_or(0, |end| end + 1)) {
            // The cell after a wide character is part of it.
            if is_covered > 0 {
                is_covered -= 1;
                continue;
            }
            is_covered = ratatui_core::text::Span::raw(cell.symbol())
                .width()
                .saturating_sub(1);
            let wanted = if color { sequence(cell) } else { String::new() };
            if wanted != style {
                line.push_str(if wanted.is_empty() { RESET } else { &wanted });
                style = wanted;
            }
            line.push_str(cell.symbol());
        }
        if !style.is_empty() {
            line.push_str(RESET);
        }
        text.push_str(if color { &line } else { line.trim_end() });
        text.push('\n');
    }
    text
}

const RESET: &str = "\x1b[0m";

/// Whether nothing is visible of a cell.
fn is_blank(cell: &Cell, color: bool) -> bool {
    cell.symbol() == " " && (!color || sequence(cell).is_empty())
}

/// The control sequence of a cell's style, if it has one.
fn sequence(cell: &Cell) -> String {
    let mut codes = Vec::new();
    let modifiers = [
        (Modifier::BOLD, 1),
        (Modifier::DIM, 2),
        (Modifier::UNDERLINED, 4),
        (Modifier::REVERSED, 7),
    ];
    for (modifier, code) in modifiers {
        if cell.modifier.contains(modifier) {
            codes.push(code.to_string());
        }
    }
    for (color, base) in [(cell.fg, 30), (cell.bg, 40)] {
        codes.extend(color_code(color, base));
    }
    if codes.is_empty() {
        return String::new();
    }
    let mut sequence = RESET.to_owned();
    let _ = write!(sequence, "\x1b[{}m", codes.join(";"));
    sequence
}

/// The code of a colour; `base` is 30 for the text and 40 for what is behind it.
fn color_code(color: Color, base: u8) -> Option<String> {
    Some(match color {
        Color::Reset => return None,
        Color::Black => base.to_string(),
        Color::Red => (base + 1).to_string(),
        Color::Green => (base + 2).to_string(),
        Color::Yellow => (base + 3).to_string(),
        Color::Blue => (base + 4).to_string(),
        Color::Magenta => (base + 5).to_string(),
        Color::Cyan => (base + 6).to_string(),
        Color::Gray | Color::White => (base + 7).to_string(),
        Color::DarkGray => (base + 60).to_string(),
        Color::LightRed => (base + 61).to_string(),
        Color::LightGreen => (base + 62).to_string(),
        Color::LightYellow => (base + 63).to_string(),
        Color::LightBlue => (base + 64).to_string(),
        Color::LightMagenta => (base + 65).to_string(),
        Color::LightCyan => (base + 66).to_string(),
        Color::Indexed(index) => format!("{};5;{index}", base + 8),
        Color::Rgb(red, green, blue) => format!("{};2;{red};{green};{blue}", base + 8),
    })
}
