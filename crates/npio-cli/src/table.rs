//! Tables and lines that fit the window of a terminal. In a pipe they are plain: cells separated by tabs, whole lines.

use crate::output::is_terminal;
use anstream::{AutoStream, ColorChoice};
use std::io;
use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The width of a terminal that does not tell it.
const DEFAULT_WIDTH: usize = 80;

/// What is between two columns.
const GAP: usize = 2;

/// The least width to which the first column of a table is shortened, and any other column of texts.
const MIN_NAME: usize = 20;
const MIN_TEXT: usize = 12;

/// The beginning of a line that continues another, after its own indentation.
const CONTINUED: usize = 4;

/// How a cell looks on a terminal with colors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Style {
    Plain,
    /// What a column is.
    Heading,
    /// A dtype.
    Type,
    /// What is other than usual, and matters.
    Unusual,
    /// A place without a value.
    Faint,
}

impl Style {
    /// The control sequence before the text; [`RESET`] is after it.
    fn sequence(self) -> &'static str {
        match self {
            Style::Plain => "",
            Style::Heading => "\x1b[1m",
            Style::Type => "\x1b[36m",
            Style::Unusual => "\x1b[33m",
            Style::Faint => "\x1b[2m",
        }
    }
}

const RESET: &str = "\x1b[0m";

/// Rows of cells.
pub(crate) struct Table<'t> {
    rows: &'t [Vec<String>],
    is_number: &'t dyn Fn(usize) -> bool,
    style: &'t dyn Fn(usize, &str) -> Style,
    has_header: bool,
    has_sentences: bool,
}

impl<'t> Table<'t> {
    /// A table of texts.
    pub(crate) fn new(rows: &'t [Vec<String>]) -> Table<'t> {
        Table {
            rows,
            is_number: &|_| false,
            style: &|_, _| Style::Plain,
            has_header: false,
            has_sentences: false,
        }
    }

    /// Aligns these columns to the right.
    pub(crate) fn numbers(self, is_number: &'t dyn Fn(usize) -> bool) -> Table<'t> {
        Table { is_number, ..self }
    }

    /// Gives each cell, with the number of its column, a style.
    pub(crate) fn styles(self, style: &'t dyn Fn(usize, &str) -> Style) -> Table<'t> {
        Table { style, ..self }
    }

    /// The first row says what the columns are.
    pub(crate) fn header(self) -> Table<'t> {
        let has_header = true;
        Table { has_header, ..self }
    }

    /// The texts are sentences, which are not shortened to keep the columns.
    pub(crate) fn sentences(self) -> Table<'t> {
        let has_sentences = true;
        Table {
            has_sentences,
            ..self
        }
    }

    /// The text for standard output.
    pub(crate) fn text(&self) -> String {
        if is_terminal() {
            return self.for_terminal(width(), has_color());
        }
        let mut text = String::new();
        for row in self.rows {
            text.push_str(&row.join("\t"));
            text.push('\n');
        }
        text
    }

    fn for_terminal(&self, width: usize, has_color: bool) -> String {
        match self.widths(width) {
            Some(widths) => self.aligned(&widths, has_color),
            None => self.stacked(width, has_color),
        }
    }

    /// The width of each column, so that lines fit: columns of texts become narrower, the widest first. `None` if they
    /// would become too narrow.
    fn widths(&self, width: usize) -> Option<Vec<usize>> {
        let mut widths = Vec::new();
        for row in self.rows {
            widths.resize(row.len().max(widths.len()), 0);
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = cell.width().max(*width);
            }
        }
        let gaps = GAP * widths.len().saturating_sub(1);
        loop {
            let total = widths.iter().sum::<usize>() + gaps;
            let Some(excess) = total.checked_sub(width).filter(|excess| *excess > 0) else {
                return Some(widths);
            };
            if self.has_sentences {
                return None;
            }
            let min = |column| if column == 0 { MIN_NAME } else { MIN_TEXT };
            let columns = widths.iter_mut().enumerate();
            let texts = columns.filter(|(column, _)| !(self.is_number)(*column));
            let spare = texts.map(|(column, width)| (width.saturating_sub(min(column)), width));
            let (spare, widest) = spare
                .max_by_key(|(spare, _)| *spare)
                .filter(|(spare, _)| *spare > 0)?;
            // Not all at once, if another column is nearly as wide.
            *widest -= excess.min(spare.div_ceil(2));
        }
    }

    fn aligned(&self, widths: &[usize], has_color: bool) -> String {
        let mut text = String::new();
        for (number, row) in self.rows.iter().enumerate() {
            let last = row.len().saturating_sub(1);
            for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
                let cell = shortened(cell, *width);
                let padding = " ".repeat(width.saturating_sub(cell.width()));
                let is_right = (self.is_number)(column);
                if is_right {
                    text.push_str(&padding);
                }
                self.push(&mut text, number, column, &cell, has_color);
                if !is_right && column < last {
                    text.push_str(&padding);
                }
                if column < last {
                    text.push_str(&" ".repeat(GAP));
                }
            }
            text.truncate(text.trim_end_matches(' ').len());
            text.push('\n');
        }
        text
    }

    /// The first cell of each row on a line of its own, and the others below it, each after the name of its column.
    fn stacked(&self, width: usize, has_color: bool) -> String {
        let header = self.rows.first().filter(|_| self.has_header);
        let mut text = String::new();
        for (number, row) in self
            .rows
            .iter()
            .enumerate()
            .skip(usize::from(header.is_some()))
        {
            let mut cells = row.iter().enumerate();
            if let Some((column, name)) = cells.next() {
                self.push(
                    &mut text,
                    number,
                    column,
                    &shortened(name, width),
                    has_color,
                );
            }
            let mut used = usize::MAX;
            for (column, cell) in cells {
                let name = header.and_then(|header| header.get(column));
                let before = name.map_or(0, |name| name.width() + 1);
                let cell = shortened(cell, width.saturating_sub(GAP + before).max(1));
                let length = GAP + before + cell.width();
                if used.saturating_add(length) > width {
                    text.push('\n');
                    used = 0;
                }
                used += length;
                text.push_str(&" ".repeat(GAP));
                if let Some(name) = name {
                    self.push(&mut text, 0, column, name, has_color);
                    text.push(' ');
                }
                self.push(&mut text, number, column, &cell, has_color);
            }
            text.push('\n');
        }
        text
    }

    fn push(&self, text: &mut String, row: usize, column: usize, cell: &str, has_color: bool) {
        let style = if self.has_header && row == 0 {
            Style::Heading
        } else {
            (self.style)(column, cell)
        };
        if !has_color || style == Style::Plain || cell.is_empty() {
            return text.push_str(cell);
        }
        text.push_str(style.sequence());
        text.push_str(cell);
        text.push_str(RESET);
    }
}

/// The number of columns of the terminal that standard output is.
fn width() -> usize {
    window_size().map_or(DEFAULT_WIDTH, |(width, _)| width.into())
}

/// The number of columns and lines of the terminal that standard output is; `None` if it is none, or does not tell.
pub(crate) fn window_size() -> Option<(u16, u16)> {
    let (width, height) = terminal_size::terminal_size_of(io::stdout())?;
    Some((width.0, height.0))
}

/// Whether colors are wanted on standard output.
pub(crate) fn has_color() -> bool {
    AutoStream::choice(&io::stdout()) != ColorChoice::Never
}

/// A text of no more than this width: what is in the middle of a longer one is left out.
fn shortened(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let Some(room) = width.checked_sub(1) else {
        return String::new();
    };
    // The end tells more: the name of a member, the last part of a path.
    let (begin, end) = (room / 2, room.div_ceil(2));
    let last = take_width(text.chars().rev(), end);
    let last: String = last.chars().rev().collect();
    take_width(text.chars(), begin) + "…" + &last
}

/// The first characters, as many as fit.
fn take_width(text: impl Iterator<Item = char>, width: usize) -> String {
    let mut left = width;
    let fits = |c: &char| {
        let width = c.width().unwrap_or(0);
        let rest = left.checked_sub(width);
        left = rest.unwrap_or(0);
        rest.is_some()
    };
    text.take_while(fits).collect()
}

/// Lines for standard output: on a terminal those that are too long are continued, indented, after a space.
pub(crate) fn wrapped(text: String) -> String {
    if is_terminal() {
        wrap(&text, width())
    } else {
        text
    }
}

fn wrap(text: &str, width: usize) -> String {
    let mut wrapped = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        let content = line.trim_end_matches('\n');
        if content.width() <= width {
            wrapped.push_str(line);
            continue;
        }
        let own = content.len() - content.trim_start_matches(' ').len();
        let indent = " ".repeat((own + CONTINUED).min(width / 2));
        let mut used = 0;
        for word in content.split_inclusive(' ') {
            let length = word.trim_end_matches(' ').width();
            if used > own && used + length > width {
                wrapped.truncate(wrapped.trim_end_matches(' ').len());
                wrapped.push('\n');
                wrapped.push_str(&indent);
                used = indent.len();
            }
            // A name, say, that fits on no line.
            let room = width.saturating_sub(used).max(1);
            let shown = shortened(word.trim_end_matches(' '), room);
            wrapped.push_str(&shown);
            let space = word
                .get(word.trim_end_matches(' ').len()..)
                .unwrap_or_default();
            wrapped.push_str(space);
            used += shown.width() + space.len();
        }
        wrapped.push_str(line.get(content.len()..).unwrap_or_default());
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(rows: &[&[&str]]) -> Vec<Vec<String>> {
        let cells = |row: &&[&str]| row.iter().map(|cell| (*cell).to_owned()).collect();
        rows.iter().map(cells).collect()
    }

    #[test]
    fn what_is_too_wide_is_shortened_in_the_middle() {
        assert_eq!(shortened("abcdefgh", 8), "abcdefgh");
        assert_eq!(shortened("abcdefgh", 7), "abc…fgh");
        assert_eq!(shortened("abcdefgh", 6), "ab…fgh");
        assert_eq!(shortened("abcdefgh", 1), "…");
        assert_eq!(shortened("abcdefgh", 0), "");
        // Each of these takes two columns.
        assert_eq!(shortened("数组的名字", 10), "数组的名字");
        assert_eq!(shortened("数组的名字", 9), "数组…名字");
        assert_eq!(shortened("数组的名字", 8), "数…名字");
        assert_eq!(shortened("e\u{301}e\u{301}e\u{301}e\u{301}", 3).width(), 3);
    }

    #[test]
    fn tables_fit() {
        let name = "experiments/2026/checkpoint.npz::encoder.layers.0.weight";
        let rows = rows(&[
            &[name, "<f4", "(1000, 1000)", "C", "4000000", "stored"],
            &["x.npy", ">i2", "()", "F", "2", "plain"],
        ]);
        let numbers = |column| column == 4;
        let table = Table::new(&rows).numbers(&numbers);
        for width in [1, 10, 30, 40, 60, 80, 95, 200] {
            let text = table.for_terminal(width, false);
            for line in text.lines() {
                assert!(line.width() <= width.max(GAP + 1), "{width}: {line:?}");
                assert!(!line.ends_with(' '));
            }
        }
        let padded = format!("{:41}", "x.npy");
        assert_eq!(
            table.for_terminal(80, false),
            format!(
                "experiments/2026/che…oder.layers.0.weight  <f4  (1000, 1000)  C  4000000  stored\n\
                 {padded}  >i2  ()            F        2  plain\n"
            )
        );
        assert_eq!(
            table.for_terminal(40, false),
            "experiments/2026/ch…oder.layers.0.weight\n  <f4  (1000, 1000)  C  4000000  stored\n\
             x.npy\n  >i2  ()  F  2  plain\n"
        );
    }

    #[test]
    fn the_names_of_columns_are_kept() {
        let rows = rows(&[
            &["name", "count", "mean"],
            &["x.npy", "1000000", "-0.0012345678901234"],
        ]);
        let numbers = |column| column > 0;
        let table = Table::new(&rows).numbers(&numbers).header();
        assert_eq!(
            table.for_terminal(30, false),
            "x.npy\n  count 1000000\n  mean -0.0012345678901234\n"
        );
        assert_eq!(
            table.for_terminal(40, true),
            "\x1b[1mname\x1b[0m     \x1b[1mcount\x1b[0m                 \x1b[1mmean\x1b[0m\n\
             x.npy  1000000  -0.0012345678901234\n"
        );
    }

    #[test]
    fn lines_are_continued() {
        let text = "x.npz: .npz, 2 arrays\n  'w': <f4 (3, 4), C order; 12 × 4 = 48 bytes\n\n";
        assert_eq!(wrap(text, 80), text);
        assert_eq!(
            wrap(text, 24),
            "x.npz: .npz, 2 arrays\n  'w': <f4 (3, 4), C\n      order; 12 × 4 = 48\n      bytes\n\n"
        );
        assert_eq!(
            wrap("  averylongwordwithoutspaces: x\n", 12),
            "  aver…aces:\n      x\n"
        );
    }
}
