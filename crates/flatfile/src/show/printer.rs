//! Brackets, line breaks and indentation: NumPy's `_formatArray`.

use super::item_formatter::ItemFormatter;
use super::item_writer::ItemWriter;
use super::line_writer::LineWriter;
use super::object_text::{ObjectItemText, ObjectText};
use super::printed_items::{PrintedAxis, PrintedItems};
use std::fmt::{self, Write};

/// The text in place of the items that a summary leaves out.
const ELLIPSIS: &str = "...";

/// What stands between and around the items.
#[derive(Clone, Copy, Debug)]
pub(super) struct PrintStyle {
    /// The characters before the array, by which its other lines are indented.
    pub(super) prefix: usize,
    /// What follows an item on the same line.
    pub(super) separator: &'static str,
    /// Characters on a line.
    pub(super) width: usize,
}

/// Writes the items row by row, with the texts from `formatter`; those of objects come from `object`.
pub(super) fn print<'a>(
    items: &'a PrintedItems<'a>,
    formatter: &'a ItemFormatter,
    object: Option<&'a ObjectText<'a>>,
    style: PrintStyle,
    out: &mut dyn Write,
) -> fmt::Result {
    let mut printer = Printer {
        items,
        formatter,
        object,
        separator: style.separator,
        text: String::new(),
        line: String::new(),
        out,
    };
    printer.print_nested(items.axes(), 0, style.prefix + 1, style.width)
}

struct Printer<'a, 'o> {
    items: &'a PrintedItems<'a>,
    formatter: &'a ItemFormatter,
    object: Option<&'a ObjectText<'a>>,
    separator: &'static str,
    text: String,
    line: String,
    out: &'o mut dyn Write,
}

impl Printer<'_, '_> {
    /// The items from `at` on, in lines that begin with `indent` spaces and end before `width`.
    fn print_nested(
        &mut self,
        axes: &[PrintedAxis],
        at: isize,
        indent: usize,
        width: usize,
    ) -> fmt::Result {
        let (axis, inner) = match axes {
            [] => return self.print_item(at),
            [axis] => {
                return match self.object {
                    None => self.print_row(*axis, at, indent, width),
                    Some(object) => self.print_object_row(*axis, at, indent, width, object),
                };
            }
            [axis, inner @ ..] => (axis, inner),
        };
        self.out.write_char('[')?;
        for (i, offset) in axis.offsets().enumerate() {
            if i > 0 {
                self.out.write_str(self.separator.trim_end())?;
                for _ in inner {
                    self.out.write_char('\n')?;
                }
                write!(self.out, "{:indent$}", "")?;
            }
            match offset {
                Some(offset) => {
                    let at = at.wrapping_add(offset);
                    self.print_nested(inner, at, indent + 1, width.saturating_sub(1))?;
                }
                None => self.out.write_str(ELLIPSIS)?,
            }
        }
        self.out.write_char(']')
    }

    /// The only item of a 0-d array.
    fn print_item(&mut self, at: isize) -> fmt::Result {
        let item = self.items.item_at(at);
        if let Some(object) = self.object {
            return write_item(self.formatter, item, object, &mut self.text, self.out);
        }
        self.format_item(Some(at))?;
        self.out.write_str(&self.text)
    }

    /// The items of the last axis: as many on a line as fit.
    fn print_row(
        &mut self,
        axis: PrintedAxis,
        at: isize,
        indent: usize,
        width: usize,
    ) -> fmt::Result {
        let width = width.saturating_sub(1);
        self.out.write_char('[')?;
        self.line.clear();
        // The first line is already indented.
        let mut length = indent;
        for (i, offset) in axis.offsets().enumerate() {
            if i > 0 {
                self.line.push_str(self.separator);
                length += self.separator.len();
            }
            self.format_item(offset.map(|offset| at.wrapping_add(offset)))?;
            let characters = self.text.chars().count();
            if length > indent && length + characters > width {
                writeln!(self.out, "{}", self.line.trim_end())?;
                self.line.clear();
                self.line.extend(std::iter::repeat_n(' ', indent));
                length = indent;
            }
            self.line.push_str(&self.text);
            length += characters;
        }
        self.out.write_str(&self.line)?;
        self.out.write_char(']')
    }

    fn format_item(&mut self, at: Option<isize>) -> fmt::Result {
        self.text.clear();
        match at {
            Some(at) => self.formatter.write(self.items.item_at(at), &mut self.text),
            None => self.text.write_str(ELLIPSIS),
        }
    }

    /// As [`print_row`](Self::print_row), but without the whole text of an item or a line in memory.
    fn print_object_row(
        &mut self,
        axis: PrintedAxis,
        at: isize,
        indent: usize,
        width: usize,
        object: &ObjectText<'_>,
    ) -> fmt::Result {
        let width = width.saturating_sub(1);
        let Printer {
            items,
            formatter,
            separator,
            text: part,
            line: held,
            ..
        } = self;
        self.out.write_char('[')?;
        // NumPy indents the first line too, removes the white space at its end, and then as many characters as were
        // indented: a text that begins with a blank line loses some.
        let mut line = LineWriter::new(self.out, indent);
        line.push_space(' ', indent);
        let mut column = indent;
        for (i, offset) in axis.offsets().enumerate() {
            if i > 0 {
                line.write_str(separator)?;
                column = column.saturating_add(separator.len());
            }
            let mut out = ItemWriter::new(&mut line, held, column, indent, width);
            match offset {
                Some(offset) => {
                    let item = items.item_at(at.wrapping_add(offset));
                    write_item(formatter, item, object, part, &mut out)?;
                }
                None => out.write_str(ELLIPSIS)?,
            }
            column = out.finish()?;
        }
        line.finish()?;
        self.out.write_char(']')
    }
}

fn write_item(
    formatter: &ItemFormatter,
    item: &[u8],
    object: &ObjectText<'_>,
    part: &mut String,
    out: &mut dyn Write,
) -> fmt::Result {
    formatter.write(item, &mut ObjectItemText { object, out, part })
}
