//! The place of an item in the lines of a row, found while its text is written: NumPy's `_extendLine_pretty`.

use super::line_writer::{LineSplitter, LineWriter};
use std::fmt::{self, Write};

/// Bytes of a text that are held back until its place is known.
const HELD_BYTES: usize = 256 << 10;

/// Writes the text of one item after those before it, or, if one of its lines is too long for that, at the beginning
/// of another line. The lines of its text are below one another, as a block.
///
/// The text is held back until the longest line so far is too long, or the text ends. NumPy has it as a whole. Here
/// one that is still open after [`HELD_BYTES`] begins another line. To produce the text twice, first to measure it,
/// would take time that doubles with each array of objects in another.
pub(super) struct ItemWriter<'a, 'w> {
    line: &'a mut LineWriter<'w>,
    /// The column at which the item begins.
    column: usize,
    /// The column at which other lines of the row begin.
    indent: usize,
    /// The column that no line may pass.
    width: usize,
    /// The text so far, until its place is known.
    held: &'a mut String,
    is_placed: bool,
    size: TextSize,
    written: LineSplitter,
}

impl<'a, 'w> ItemWriter<'a, 'w> {
    /// The writer of an item at this column of the line.
    pub(super) fn new(
        line: &'a mut LineWriter<'w>,
        held: &'a mut String,
        column: usize,
        indent: usize,
        width: usize,
    ) -> ItemWriter<'a, 'w> {
        held.clear();
        ItemWriter {
            line,
            column,
            indent,
            width,
            held,
            // It is not worth while to end a line without items.
            is_placed: column <= indent,
            size: TextSize::default(),
            written: LineSplitter::default(),
        }
    }

    /// Ends the text; returns the column after it.
    pub(super) fn finish(mut self) -> Result<usize, fmt::Error> {
        if !self.is_placed {
            let is_beside = self.fits(self.size.width());
            self.place(is_beside)?;
        }
        if self.size.has_breaks {
            self.line.push_space(' ', self.size.padding());
        } else {
            self.written.write_line_end(self.line)?;
        }
        Ok(self.column.saturating_add(self.size.width()))
    }

    fn fits(&self, width: usize) -> bool {
        self.column.saturating_add(width) <= self.width
    }

    /// Writes the text so far beside the items before it, or at the beginning of a line.
    fn place(&mut self, is_beside: bool) -> fmt::Result {
        if !is_beside {
            self.line.end_line(self.indent)?;
            self.column = self.indent;
        }
        self.is_placed = true;
        let held = std::mem::take(self.held);
        self.write_placed(&held)?;
        // The next item uses its memory again.
        *self.held = held;
        Ok(())
    }

    fn write_placed(&mut self, text: &str) -> fmt::Result {
        let column = self.column;
        self.written.split(text, |part| match part {
            Some(part) => self.line.write_str(part),
            None => self.line.end_line(column),
        })
    }
}

impl Write for ItemWriter<'_, '_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.size.write_str(text)?;
        if !self.is_placed {
            let is_short = self.held.len().saturating_add(text.len()) <= HELD_BYTES;
            if is_short && self.fits(self.size.longest()) {
                self.held.push_str(text);
                return Ok(());
            }
            self.place(false)?;
        }
        self.write_placed(text)
    }
}

/// The size of the text that is written to it, in characters.
#[derive(Clone, Debug, Default)]
struct TextSize {
    lines: LineSplitter,
    has_breaks: bool,
    /// The characters of the line being written, which is the last one.
    last: usize,
    /// The most characters of a line before it.
    longest_before: usize,
}

impl TextSize {
    /// The most characters of a line.
    fn longest(&self) -> usize {
        self.longest_before.max(self.last)
    }

    /// The width of the whole text. For NumPy a single line includes its line end.
    fn width(&self) -> usize {
        if self.has_breaks {
            self.longest()
        } else {
            self.last.saturating_add(self.lines.line_end_length())
        }
    }

    /// The characters by which the last one of several lines is shorter than the longest.
    fn padding(&self) -> usize {
        self.longest_before.saturating_sub(self.last)
    }
}

impl Write for TextSize {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let TextSize {
            lines,
            has_breaks,
            last,
            longest_before,
        } = self;
        lines.split(text, |part| {
            match part {
                Some(part) => *last = last.saturating_add(part.chars().count()),
                None => {
                    *has_breaks = true;
                    *longest_before = (*longest_before).max(*last);
                    *last = 0;
                }
            }
            Ok(())
        })
    }
}
