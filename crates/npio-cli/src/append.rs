//! `npio append`: adds rows to a file.

use crate::address::{ErrorContext, FileArg};
use crate::array::open_array;
use crate::output::update_error;
use crate::progress::Progress;
use crate::source::Input;
use crate::target::check_changeable;
use crate::{Outcome, Status};
use anyhow::ensure;
use npio::AppendOptions;
use npio::flatfile::Slice;

/// Appends a slice of each source: all of them, or none after an error.
pub(crate) fn run(
    destination: &FileArg,
    sources: &[Input],
    slice: Option<&Slice>,
    options: &AppendOptions,
) -> Outcome {
    ensure!(
        !destination.is_stdio(),
        "-: nothing can be appended to standard output"
    );
    check_changeable(destination)?;
    let mut appender = options.open(destination.path()).map_err(update_error)?;
    let progress = Progress::growing();
    for source in sources {
        let mut opened = source.open()?;
        let array = open_array(&mut opened, source)?;
        let rows = array.rows(slice, source.copy_conversion())?;
        ensure!(
            rows.ndim() > 0,
            source.error("the array has no axis, so no rows")
        );
        progress.expect(rows.nbytes().unwrap_or(0));
        for rows in rows.blocks {
            let rows = rows?;
            // The destination's error does not name the source.
            let pushed = appender.push(&rows);
            pushed.map_err(|error| source.escaped_error(error))?;
            progress.add(rows.as_bytes().len() as u64);
        }
    }
    appender.commit().map_err(update_error)?;
    Ok(Status::Success)
}
