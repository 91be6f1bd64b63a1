//! `npio dump` and `npio head`: the values.

use crate::input::{Input, blocks, load};
use crate::output::{escaped, is_terminal, stdout_error, with_raw_stdout, with_stdout};
use crate::text::Output;
use crate::{Outcome, Status};
use npio::flatfile::raw::ReadOptions;
use npio::flatfile::{Error, ErrorKind, Slice, show};
use npio::{Order, Strided};

/// How the values are written.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Form {
    /// As `str(arr)` prints them: the middle of a large array left out.
    Summary,
    /// As NumPy prints them, all of them.
    Full,
    /// One line of JSON.
    Json,
    /// Bytes in C order.
    Raw,
}

pub(crate) fn run(input: &Input, slice: Option<&Slice>, form: Form, force: bool) -> Outcome {
    let array = load(input, slice, &ReadOptions::new())?;
    let view = array.strided();
    match form {
        Form::Summary => print(&view, show::Options::new())?,
        Form::Full => print(&view, show::Options::new().full())?,
        Form::Json => with_stdout(|out| {
            show::json(&view, &mut *out).map_err(stdout_error)?;
            Ok(writeln!(out)?)
        })?,
        Form::Raw => match view.as_contiguous(Order::C) {
            Some(bytes) => with_raw_stdout(force, |out| Ok(out.write_all(bytes)?))?,
            None => {
                let array = array.to_order(Order::C)?;
                with_raw_stdout(force, |out| Ok(out.write_all(array.as_bytes())?))?;
            }
        },
    }
    Ok(Status::Fine)
}

/// The items as text, with a separator between them.
pub(crate) fn text(input: &Input, slice: Option<&Slice>, output: &Output) -> Outcome {
    let (_, blocks) = blocks(input, slice, &ReadOptions::new())?;
    let failed = |error: Error| match error.kind() {
        ErrorKind::Io(_) => stdout_error(error),
        _ => input.complaint(error),
    };
    with_stdout(|out| output.write(out, blocks, failed))?;
    Ok(Status::Fine)
}

/// The first rows of what `slice` takes, as `arr[slice][:rows]` prints them; all of a 0-d array.
pub(crate) fn head(input: &Input, slice: Option<&Slice>, rows: usize) -> Outcome {
    let slice = slice.cloned().unwrap_or_default().max_rows(rows);
    let array = load(input, Some(&slice), &ReadOptions::new())?;
    print(&array.strided(), show::Options::new())?;
    Ok(Status::Fine)
}

fn print(view: &Strided<'_>, options: show::Options) -> anyhow::Result<()> {
    let text = options.array(view)?;
    if view.ndim() == 0 && is_terminal() {
        // NumPy prints a text alone without quotes and escapes.
        let text = escaped(&text.to_string());
        return with_stdout(|out| Ok(writeln!(out, "{text}")?));
    }
    with_stdout(|out| Ok(writeln!(out, "{text}")?))
}
