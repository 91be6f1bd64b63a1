//! Brackets, line breaks and indentation: NumPy's `_formatArray`.

use super::column::{Axis, Column};
use super::words::Words;
use std::fmt::{self, Write};

/// Characters on a line: `np.get_printoptions()['linewidth']`.
const LINE_WIDTH: usize = 75;

/// The text in place of the items that a summary leaves out.
const LEFT_OUT: &str = "...";

/// Writes the items row by row, with the texts from `words`.
pub(super) fn write(column: &Column<'_>, words: &Words, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let mut page = Page {
        column,
        words,
        word: String::new(),
        line: String::new(),
        f,
    };
    page.nested(column.axes(), 0, 1, LINE_WIDTH)
}

struct Page<'a, 'f> {
    column: &'a Column<'a>,
    words: &'a Words,
    word: String,
    line: String,
    f: &'a mut fmt::Formatter<'f>,
}

impl Page<'_, '_> {
    /// The items from `at` on, in lines that begin with `indent` spaces and end before `width`.
    fn nested(&mut self, axes: &[Axis], at: isize, indent: usize, width: usize) -> fmt::Result {
        let (axis, inner) = match axes {
            [] => {
                self.spell(Some(at));
                return self.f.write_str(&self.word);
            }
            [axis] => return self.row(*axis, at, indent, width),
            [axis, inner @ ..] => (axis, inner),
        };
        self.f.write_char('[')?;
        for (i, step) in axis.steps().enumerate() {
            if i > 0 {
                for _ in inner {
                    self.f.write_char('\n')?;
                }
                write!(self.f, "{:indent$}", "")?;
            }
            match step {
                Some(step) => {
                    let at = at.wrapping_add(step);
                    self.nested(inner, at, indent + 1, width.saturating_sub(1))?;
                }
                None => self.f.write_str(LEFT_OUT)?,
            }
        }
        self.f.write_char(']')
    }

    /// The items of the last axis: as many on a line as fit.
    fn row(&mut self, axis: Axis, at: isize, indent: usize, width: usize) -> fmt::Result {
        let width = width.saturating_sub(1);
        self.f.write_char('[')?;
        self.line.clear();
        // The first line is already indented.
        let mut length = indent;
        for (i, step) in axis.steps().enumerate() {
            if i > 0 {
                self.line.push(' ');
                length += 1;
            }
            self.spell(step.map(|step| at.wrapping_add(step)));
            let characters = self.word.chars().count();
            if length > indent && length + characters > width {
                writeln!(self.f, "{}", self.line.trim_end())?;
                self.line.clear();
                self.line.extend(std::iter::repeat_n(' ', indent));
                length = indent;
            }
            self.line.push_str(&self.word);
            length += characters;
        }
        self.f.write_str(&self.line)?;
        self.f.write_char(']')
    }

    fn spell(&mut self, at: Option<isize>) {
        self.word.clear();
        match at {
            Some(at) => self.words.push(self.column.at(at), &mut self.word),
            None => self.word.push_str(LEFT_OUT),
        }
    }
}
