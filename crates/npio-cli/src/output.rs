//! Output to a terminal or a pipe.

use crate::address::ErrorContext;
use crate::interrupt::{self, cancellable};
use crate::progress;
use anyhow::{anyhow, ensure};
use npio::dtype::python::is_printable;
pub(crate) use npio::dtype::python::printable as escaped;
use npio::encoding::{Encoder, Encoding};
use npio::flatfile::text::TextError;
use npio::flatfile::{Error, ErrorKind};
use npio::header::{ErrorKind as HeaderErrorKind, other_format};
use npio::meta::json::Style;
use npio::{Casting, Value};
use serde::Serialize;
use std::io::{self, IsTerminal, Write};
use std::sync::OnceLock;

/// Bold red if colours are wanted: the writers to the streams remove them otherwise.
const ERROR_STYLE: &str = "\x1b[1;31m";
const RESET_STYLE: &str = "\x1b[0m";

/// Writes `bytes` to standard output.
pub(crate) fn write_stdout(bytes: &[u8]) -> anyhow::Result<()> {
    with_stdout(|out| Ok(out.write_all(bytes)?))
}

/// Whether people read the output.
pub(crate) fn is_terminal() -> bool {
    io::stdout().is_terminal()
}

/// The encoding of text on standard output, if it is not UTF-8.
static ENCODING: OnceLock<Encoding> = OnceLock::new();

/// Whether text on standard output has another encoding than UTF-8.
pub(crate) fn is_encoded() -> bool {
    ENCODING.get().is_some()
}

/// Encodes all text that is written to standard output from now on.
pub(crate) fn set_encoding(encoding: Encoding) {
    // It is set once.
    let _ = ENCODING.set(encoding);
}

/// Calls `write` with buffered standard output, and flushes it.
pub(crate) fn with_stdout(
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    progress::before_output();
    // Unfiltered: anstream would take bytes of the data for control sequences.
    let out = cancellable(io::stdout().lock());
    let mut out = io::BufWriter::with_capacity(64 << 10, out);
    match ENCODING.get() {
        Some(encoding) => {
            let mut encoder = Encoder::new(&mut out, *encoding);
            write(&mut encoder)?;
            encoder.finish()?;
        }
        None => write(&mut out)?,
    }
    Ok(out.flush()?)
}

/// Calls `write` to write raw bytes to standard output, unless that is a terminal and `--force` is not
/// given.
pub(crate) fn with_raw_stdout(
    force: bool,
    write: impl FnOnce(&mut dyn Write) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    progress::before_output();
    let mut out = cancellable(io::stdout().lock());
    ensure!(
        force || !is_terminal(),
        "standard output: this is a terminal, and the output is binary: use --force"
    );
    write(&mut out)?;
    Ok(out.flush()?)
}

/// The failure of standard output itself, so that a closed pipe is recognized.
pub(crate) fn stdout_error(error: Error) -> anyhow::Error {
    match error.into_kind() {
        ErrorKind::Io(error) => error.into(),
        kind => Error::from(kind).into(),
    }
}

/// Writes a value as JSON for display. An error is about the value, which came from this input, or about `out`.
pub(crate) fn write_json(
    value: &Value,
    out: &mut dyn Write,
    input: &impl ErrorContext,
) -> anyhow::Result<()> {
    let written = Style::Compact.write(value, out);
    written.map_err(|error| match error.into_io_error() {
        Ok(error) => error.into(),
        Err(error) => input.error(error),
    })
}

/// Prints a value as JSON on one line that is safe for a terminal.
pub(crate) fn write_json_line(value: &impl Serialize) -> anyhow::Result<()> {
    let line = json_escaped(&serde_json::to_string(value)?);
    write_stdout(format!("{line}\n").as_bytes())
}

/// JSON that is safe for a terminal: unprintable characters occur in strings only, and are escaped there.
pub(crate) fn json_escaped(json: &str) -> String {
    let mut escaped = String::with_capacity(json.len());
    for c in json.chars() {
        if is_printable(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            escaped.push_str(&format!("\\u{unit:04x}"));
        }
    }
    escaped
}

/// An error of the library, which names the file itself.
pub(crate) fn library_error(error: impl Into<npio::Error>) -> anyhow::Error {
    anyhow!("{}", library_message(&error.into()))
}

/// The message of an error of the library, with the option that helps.
pub(crate) fn library_message(error: &npio::Error) -> String {
    escaped(&error.to_string()) + hint(error)
}

/// The same of a command that changes files and has no options for reading them.
pub(crate) fn update_error(error: impl Into<npio::Error>) -> anyhow::Error {
    let error = error.into();
    let hint = match error.is_duplicate() {
        true => ": npio repack --duplicates last keeps the last one only",
        false => "",
    };
    anyhow!("{}{hint}", escaped(&error.to_string()))
}

/// What to do about an error, as the end of its message.
fn hint(error: &npio::Error) -> &'static str {
    if error.is_pickle() {
        return ": use --allow-pickle";
    }
    if error.is_duplicate() {
        return ": use --duplicates last";
    }
    match error.array_kind() {
        Some(ErrorKind::Cast { casting, .. }) if *casting != Casting::Unsafe => {
            ": use --casting unsafe to cast anyway"
        }
        Some(ErrorKind::Header(error)) if is_unknown_format(error) => {
            ": state --from, or --in-dtype of raw items"
        }
        Some(ErrorKind::Header(error)) if is_perhaps_json(error) => ": state --from json",
        // Words where numbers are expected: the names of columns, more often than not.
        Some(ErrorKind::Text {
            place,
            problem: TextError::Item { .. },
        }) if place.item == 0 && place.field.is_some() => {
            ": use --in-names if the first row has the names of the columns"
        }
        _ => "",
    }
}

fn is_unknown_format(error: &npio::header::Error) -> bool {
    matches!(error.kind(), HeaderErrorKind::Magic(found) if other_format(found).is_none())
}

fn is_perhaps_json(error: &npio::header::Error) -> bool {
    matches!(error.kind(), HeaderErrorKind::Magic(found) if matches!(found.first(), Some(b'[' | b'{')))
}

/// Prints an error on one line of standard error.
pub(crate) fn report_error(what: &str) {
    // Failures from now on are caused by the request to stop.
    if interrupt::is_pending() {
        return;
    }
    // Both go to the same terminal.
    progress::end();
    // If this fails, too, there is nowhere left to report it.
    let _ = writeln!(anstream::stderr(), "{ERROR_STYLE}npio:{RESET_STYLE} {what}");
}
