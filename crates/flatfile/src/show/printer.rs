//! Brackets, line breaks and indentation: NumPy's `_formatArray`.

use super::item_formatter::ItemFormatter;
use super::printed_items::{PrintedAxis, PrintedItems};
use std::fmt::{self, Write};

/// Characters on a line: `np.get_printoptions()['linewidth']`.
const LINE_WIDTH: usize = 75;

/// The text in place of the items that a summary leaves out.
const ELLIPSIS: &str = "...";

/// Writes the items row by row, with the texts from `formatter`.
pub(super) fn print(
    items: &PrintedItems<'_>,
    formatter: &ItemFormatter,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let mut printer = Printer {
        items,
        formatter,
        text: String::new(),
        line: String::new(),
        f,
    };
    printer.print_nested(items.axes(), 0, 1, LINE_WIDTH)
}

struct Printer<'a, 'f> {
    items: &'a PrintedItems<'a>,
    formatter: &'a ItemFormatter,
    text: String,
    line: String,
    f: &'a mut fmt::Formatter<'f>,
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
            [] => {
                self.format_item(Some(at));
                return self.f.write_str(&self.text);
            }
            [axis] => return self.print_row(*axis, at, indent, width),
            [axis, inner @ ..] => (axis, inner),
        };
        self.f.write_char('[')?;
        for (i, offset) in axis.offsets().enumerate() {
            if i > 0 {
                for _ in inner {
                    self.f.write_char('\n')?;
                }
                write!(self.f, "{:indent$}", "")?;
            }
            match offset {
                Some(offset) => {
                    let at = at.wrapping_add(offset);
                    self.print_nested(inner, at, indent + 1, width.saturating_sub(1))?;
                }
                None => self.f.write_str(ELLIPSIS)?,
            }
        }
        self.f.write_char(']')
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
        self.f.write_char('[')?;
        self.line.clear();
        // The first line is already indented.
        let mut length = indent;
        for (i, offset) in axis.offsets().enumerate() {
            if i > 0 {
                self.line.push(' ');
                length += 1;
            }
            self.format_item(offset.map(|offset| at.wrapping_add(offset)));
            let characters = self.text.chars().count();
            if length > indent && length + characters > width {
                writeln!(self.f, "{}", self.line.trim_end())?;
                self.line.clear();
                self.line.extend(std::iter::repeat_n(' ', indent));
                length = indent;
            }
            self.line.push_str(&self.text);
            length += characters;
        }
        self.f.write_str(&self.line)?;
        self.f.write_char(']')
    }

    fn format_item(&mut self, at: Option<isize>) {
        self.text.clear();
        match at {
            Some(at) => self.formatter.push(self.items.item_at(at), &mut self.text),
            None => self.text.push_str(ELLIPSIS),
        }
    }
}
