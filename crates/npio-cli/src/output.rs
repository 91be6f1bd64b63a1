//! What reaches a terminal or a pipe.

use anstream::stream::IsTerminal;
use npio::dtype::python::is_printable;
use std::fmt::{self, Write as _};
use std::io::{self, Write};

/// Writes `bytes` to standard output.
pub(crate) fn write(bytes: &[u8]) -> io::Result<()> {
    with_stdout(|out| out.write_all(bytes))
}

/// Has `write` write to buffered standard output, and flushes it.
pub(crate) fn with_stdout<E: From<io::Error>>(
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    let mut out = io::BufWriter::with_capacity(64 << 10, anstream::stdout().lock());
    write(&mut out)?;
    Ok(out.flush()?)
}

/// Has `write` write raw bytes to standard output, unless that is a terminal and nobody insists.
pub(crate) fn with_raw_stdout<E: From<io::Error>>(
    force: bool,
    write: impl FnOnce(&mut dyn Write) -> Result<(), E>,
) -> Result<(), E> {
    let mut out = io::stdout().lock();
    if out.is_terminal() && !force {
        let what = "standard output: this is a terminal, and the output is binary: use --force";
        return Err(io::Error::other(what).into());
    }
    write(&mut out)?;
    Ok(out.flush()?)
}

/// Says on one line of standard error what is wrong.
pub(crate) fn complain(what: &str) {
    // Nobody is left to be told when this fails, too.
    let _ = writeln!(anstream::stderr(), "npio: {what}");
}

/// Text that controls no terminal: what is not printable is written as an escape.
pub(crate) fn escaped(text: &str) -> impl fmt::Display + '_ {
    fmt::from_fn(move |f| {
        for c in text.chars() {
            match is_printable(c) {
                true => f.write_char(c)?,
                false => write!(f, "{}", c.escape_default())?,
            }
        }
        Ok(())
    })
}

/// Rows of cells: aligned columns on a terminal, separated by tabs in a pipe. Columns of numbers are
/// aligned to the right.
pub(crate) fn table(rows: &[Vec<String>], is_number: impl Fn(usize) -> bool) -> String {
    let mut text = String::new();
    if !io::stdout().is_terminal() {
        for row in rows {
            text.push_str(&row.join("\t"));
            text.push('\n');
        }
        return text;
    }
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    for row in rows {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let width = width(column);
            let _ = match is_number(column) {
                true => write!(line, "{cell:>width$}  "),
                false => write!(line, "{cell:<width$}  "),
            };
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}
