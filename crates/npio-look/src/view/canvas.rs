//! Texts in a buffer.

use crate::Rgb;
use crate::cells::{Cells, Palette, xterm};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use ratatui_core::style::{Color, Modifier, Style};
use ratatui_core::text::Span;

/// The space between columns.
pub(crate) const GAP: usize = 2;

/// What a piece of text is.
#[derive(Clone, Copy)]
pub(crate) enum Role {
    Title,
    Label,
    Plain,
    Cursor,
    Missing,
    Chosen,
    Message,
}

impl Role {
    fn style(self, color: bool) -> Style {
        let style = Style::new();
        let colored = |foreground| if color { style.fg(foreground) } else { style };
        match self {
            Role::Title => style.add_modifier(Modifier::BOLD),
            Role::Label => colored(Color::Cyan),
            Role::Plain => style,
            Role::Cursor => style.add_modifier(Modifier::REVERSED),
            Role::Missing => colored(Color::Red),
            Role::Chosen => colored(Color::Yellow).add_modifier(Modifier::BOLD),
            Role::Message => colored(Color::Green),
        }
    }
}

/// A buffer, and whether there are colours.
pub(crate) struct Canvas<'b> {
    pub(crate) buffer: &'b mut Buffer,
    pub(crate) palette: Palette,
}

impl Canvas<'_> {
    /// Whether there are colours.
    pub(crate) fn has_color(&self) -> bool {
        self.palette != Palette::None
    }

    /// Draws a picture of characters from the corner on, as far as there is room.
    pub(crate) fn cells(&mut self, area: Rect, cells: &Cells) {
        for (y, row) in (area.y..area.bottom()).zip(&cells.rows) {
            for (x, cell) in (area.x..area.right()).zip(row) {
                let mut style = Style::new();
                if let Some(color) = cell.foreground {
                    style = style.fg(self.color(color));
                }
                if let Some(color) = cell.background {
                    style = style.bg(self.color(color));
                }
                if let Some(place) = self.buffer.cell_mut((x, y)) {
                    place.set_char(cell.text).set_style(style);
                }
            }
        }
    }

    /// The colour, as the terminal has it.
    fn color(&self, color: Rgb) -> Color {
        match self.palette {
            Palette::True => Color::Rgb(color.0, color.1, color.2),
            Palette::Xterm | Palette::None => Color::Indexed(xterm(color)),
        }
    }

    /// Writes a text from this column of a line on, as far as there is room, and returns the column after it.
    pub(crate) fn text(&mut self, area: Rect, x: usize, y: u16, text: &str, role: Role) -> usize {
        let width = usize::from(area.width);
        if y >= area.height || x >= width {
            return x;
        }
        let left = area.x + x as u16;
        let style = role.style(self.has_color());
        let (end, _) = self
            .buffer
            .set_stringn(left, area.y + y, text, width - x, style);
        usize::from(end - area.x)
    }

    /// The same, aligned in a column of this width; what does not fit ends with `…`.
    pub(crate) fn cell(
        &mut self,
        area: Rect,
        (x, y): (usize, u16),
        cell: AlignedText<'_>,
        role: Role,
    ) {
        let width = width_of(cell.text);
        if width > cell.width {
            let end = self.text_within(area, (x, y), cell, role);
            self.text(area, end, y, "…", role);
            return;
        }
        let pad = " ".repeat(cell.width - width);
        let x = if cell.is_right {
            self.text(area, x, y, &pad, role)
        } else {
            x
        };
        let end = self.text(area, x, y, cell.text, role);
        if !cell.is_right {
            self.text(area, end, y, &pad, role);
        }
    }

    /// The beginning of a text that is too long.
    fn text_within(
        &mut self,
        area: Rect,
        (x, y): (usize, u16),
        cell: AlignedText<'_>,
        role: Role,
    ) -> usize {
        let room = usize::from(area.width).min(x + cell.width.saturating_sub(1));
        let within = Rect {
            width: room as u16,
            ..area
        };
        self.text(within, x, y, cell.text, role)
    }
}

/// A text in a column.
#[derive(Clone, Copy)]
pub(crate) struct AlignedText<'a> {
    pub(crate) text: &'a str,
    pub(crate) width: usize,
    pub(crate) is_right: bool,
}

pub(crate) fn width_of(text: &str) -> usize {
    Span::raw(text).width()
}
