//! Lines of text that are found and written as the text is produced, without white space at their ends.

use std::fmt::{self, Write};

/// Splits a text, which comes in parts of any length, where Python's `str.splitlines` does.
#[derive(Clone, Debug, Default)]
pub(super) struct LineSplitter {
    line_end: LineEnd,
}

/// The line end after which the text stands. Only if the text goes on, another line begins.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum LineEnd {
    #[default]
    None,
    CarriageReturn,
    CarriageReturnLineFeed,
    Other(char),
}

impl LineSplitter {
    /// Calls `visit` with the parts of lines in `text`, and with `None` between two lines.
    pub(super) fn split<'t>(
        &mut self,
        mut text: &'t str,
        mut visit: impl FnMut(Option<&'t str>) -> fmt::Result,
    ) -> fmt::Result {
        while !text.is_empty() {
            if self.line_end == LineEnd::CarriageReturn
                && let Some(rest) = text.strip_prefix('\n')
            {
                self.line_end = LineEnd::CarriageReturnLineFeed;
                text = rest;
                continue;
            }
            if self.line_end != LineEnd::None {
                visit(None)?;
            }
            let (part, rest) = text.split_at(find_line_end(text));
            if !part.is_empty() {
                visit(Some(part))?;
            }
            let mut rest = rest.chars();
            self.line_end = match rest.next() {
                None => LineEnd::None,
                Some('\r') => LineEnd::CarriageReturn,
                Some(c) => LineEnd::Other(c),
            };
            text = rest.as_str();
        }
        Ok(())
    }

    /// The number of characters of the line end at the end of the text.
    pub(super) fn line_end_length(&self) -> usize {
        match self.line_end {
            LineEnd::None => 0,
            LineEnd::CarriageReturn | LineEnd::Other(_) => 1,
            LineEnd::CarriageReturnLineFeed => 2,
        }
    }

    /// Writes the line end at the end of the text.
    pub(super) fn write_line_end(&self, out: &mut impl Write) -> fmt::Result {
        match self.line_end {
            LineEnd::None => Ok(()),
            LineEnd::CarriageReturn => out.write_char('\r'),
            LineEnd::CarriageReturnLineFeed => out.write_str("\r\n"),
            LineEnd::Other(c) => out.write_char(c),
        }
    }
}

/// The number of bytes before the first line end, or all.
fn find_line_end(text: &str) -> usize {
    let mut rest = text;
    loop {
        let (_, other) = rest.split_at(plain_length(rest.as_bytes()));
        let mut characters = other.chars();
        match characters.next() {
            Some(c) if !is_line_end(c) => rest = characters.as_str(),
            _ => return text.len() - other.len(),
        }
    }
}

fn is_line_end(c: char) -> bool {
    matches!(
        c,
        '\n'..='\r' | '\x1c'..='\x1e' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// The number of bytes before the first one that is not from the space to `0x7f`: most parts of most texts have none.
/// They are looked at eight at a time.
fn plain_length(bytes: &[u8]) -> usize {
    let (words, _) = bytes.as_chunks::<8>();
    let plain_words = words.iter().take_while(|word| {
        let word = u64::from_ne_bytes(**word);
        // No byte borrows from the next one unless it is below a space itself.
        let marks = word.wrapping_sub(0x2020_2020_2020_2020) | word;
        marks & 0x8080_8080_8080_8080 == 0
    });
    let length = 8 * plain_words.count();
    let rest = bytes.get(length..).unwrap_or_default();
    let plain = rest.iter().take_while(|byte| (0x20..0x80).contains(*byte));
    length + plain.count()
}

/// What Python's `str.isspace` accepts.
fn is_python_space(c: char) -> bool {
    c.is_whitespace() || ('\x1c'..='\x1f').contains(&c)
}

fn write_spaces(out: &mut dyn Write, mut count: usize) -> fmt::Result {
    const SPACES: &str = "                                                                ";
    while count > 0 {
        let spaces = SPACES.get(..count).unwrap_or(SPACES);
        out.write_str(spaces)?;
        count -= spaces.len();
    }
    Ok(())
}

/// Writes text without the white space at the ends of lines: what `line.rstrip()` does to a line.
pub(super) struct LineWriter<'a> {
    out: &'a mut dyn Write,
    /// The number of characters that are still to be left out at the beginning.
    skipped: usize,
    /// White space after the text so far, which is written if more text follows: characters, and how many of each.
    space: Vec<(char, usize)>,
}

impl<'a> LineWriter<'a> {
    /// Leaves out the first `skipped` characters.
    pub(super) fn new(out: &'a mut dyn Write, skipped: usize) -> LineWriter<'a> {
        LineWriter {
            out,
            skipped,
            space: Vec::new(),
        }
    }

    /// Ends the line, and indents the next one.
    pub(super) fn end_line(&mut self, indent: usize) -> fmt::Result {
        self.space.clear();
        self.write_out("\n")?;
        self.push_space(' ', indent);
        Ok(())
    }

    /// Adds white space.
    pub(super) fn push_space(&mut self, space: char, count: usize) {
        match self.space.last_mut() {
            Some((last, before)) if *last == space => *before = before.saturating_add(count),
            _ => self.space.push((space, count)),
        }
    }

    /// Writes the white space at the end of the last line.
    pub(super) fn finish(&mut self) -> fmt::Result {
        for (space, mut count) in std::mem::take(&mut self.space) {
            let skipped = count.min(self.skipped);
            self.skipped -= skipped;
            count -= skipped;
            if space == ' ' {
                write_spaces(self.out, count)?;
            } else {
                (0..count).try_for_each(|_| self.out.write_char(space))?;
            }
        }
        Ok(())
    }

    fn write_out(&mut self, text: &str) -> fmt::Result {
        let mut rest = text.chars();
        while self.skipped > 0 && rest.next().is_some() {
            self.skipped -= 1;
        }
        self.out.write_str(rest.as_str())
    }
}

impl Write for LineWriter<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let trimmed = text.trim_end_matches(is_python_space);
        if !trimmed.is_empty() {
            self.finish()?;
            self.write_out(trimmed)?;
        }
        let space = text.get(trimmed.len()..).unwrap_or_default();
        space.chars().for_each(|c| self.push_space(c, 1));
        Ok(())
    }
}
