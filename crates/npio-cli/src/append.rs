//! `npio append`: adds rows to a file.

use crate::address::Name;
use crate::array::find;
use crate::interrupt;
use crate::output::escaped;
use crate::source::Input;
use crate::{Outcome, Status};
use anyhow::{anyhow, ensure};
use npio::flatfile::Slice;
use npio::{AppendOptions, Error};

/// Appends a slice of each source: all of them, or none after an error.
pub(crate) fn run(
    destination: &Name,
    sources: &[Input],
    slice: Option<&Slice>,
    durable: bool,
) -> Outcome {
    ensure!(
        !destination.is_stdio(),
        "-: nothing can be appended to standard output"
    );
    let failed = |error: Error| anyhow!("{}", escaped(&error.to_string()));
    let mut options = AppendOptions::new().cancel(interrupt::token());
    if durable {
        options = options.durable();
    }
    let mut appender = options.open(destination.path()).map_err(failed)?;
    for source in sources {
        let mut opened = source.open()?;
        let found = find(&mut opened, source)?;
        let rows = found.rows(slice, source.reading())?;
        ensure!(
            rows.layout.ndim() > 0,
            source.complaint("the array has no axis, so no rows")
        );
        for rows in rows.blocks {
            // The destination's error does not name the source.
            let pushed = appender.push(&rows?);
            pushed.map_err(|error| source.complaint(escaped(&error.to_string())))?;
        }
    }
    appender.commit().map_err(failed)?;
    Ok(Status::Fine)
}
