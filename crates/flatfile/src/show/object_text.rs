//! The texts of objects, which are never in memory as a whole: [`ObjectText`], and the size of a text.

use super::line_writer::LineSplitter;
use std::fmt;

/// Writes the text of an object, which it gets as the number that an array has in the object's place.
///
/// It is called twice for each object that is shown, and must write the same both times: the first text is only
/// measured. A text may have several lines, and any length.
pub type ObjectText<'a> = dyn Fn(u64, &mut dyn fmt::Write) -> fmt::Result + 'a;

/// The text of one item.
pub(super) trait ItemText: fmt::Write {
    /// Adds what `push` appends to a string.
    fn append(&mut self, push: impl FnOnce(&mut String)) -> fmt::Result;

    /// Adds the text of an object.
    fn append_object(&mut self, object: u64) -> fmt::Result;
}

impl ItemText for String {
    fn append(&mut self, push: impl FnOnce(&mut String)) -> fmt::Result {
        push(self);
        Ok(())
    }

    /// Adds nothing: arrays of objects are refused where nobody writes the objects' texts.
    fn append_object(&mut self, _: u64) -> fmt::Result {
        Ok(())
    }
}

/// The text of an item with objects, which goes on to `out` as it is produced.
pub(super) struct ObjectItemText<'a> {
    pub(super) object: &'a ObjectText<'a>,
    pub(super) out: &'a mut dyn fmt::Write,
    /// The text of a part without objects.
    pub(super) part: &'a mut String,
}

impl fmt::Write for ObjectItemText<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.out.write_str(text)
    }
}

impl ItemText for ObjectItemText<'_> {
    fn append(&mut self, push: impl FnOnce(&mut String)) -> fmt::Result {
        self.part.clear();
        push(self.part);
        self.out.write_str(self.part)
    }

    fn append_object(&mut self, object: u64) -> fmt::Result {
        (self.object)(object, self.out)
    }
}

/// The size of the text that is written to it, in characters.
#[derive(Clone, Debug, Default)]
pub(super) struct TextSize {
    lines: LineSplitter,
    has_breaks: bool,
    /// The characters of the line being written, which is the last one.
    last: usize,
    /// The most characters of a line before it.
    longest_before: usize,
}

impl TextSize {
    /// Whether the text has several lines.
    pub(super) fn is_multiline(&self) -> bool {
        self.has_breaks
    }

    /// The characters that its longest line takes up. A single line includes its line end, as for NumPy.
    pub(super) fn width(&self) -> usize {
        if self.has_breaks {
            self.longest_before.max(self.last)
        } else {
            self.last.saturating_add(self.lines.line_end_length())
        }
    }

    /// The characters by which the last one of several lines is shorter than the longest.
    pub(super) fn padding(&self) -> usize {
        self.longest_before.saturating_sub(self.last)
    }
}

impl fmt::Write for TextSize {
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
