//! `npio size`: the number of bytes that an array will take.

use crate::args::axes;
use crate::output;
use crate::table::Table;
use crate::{Outcome, Status};
use anyhow::{Context, ensure};
use npio::dtype::python::excerpt;
use npio::size::Sizes;
use npio::{DType, Layout, Order};
use serde::Serialize;

/// The columns: format, bytes, explanation.
const BYTES_COLUMN: usize = 1;

/// The line of `size --json`.
#[derive(Serialize)]
struct SizeLine<'a> {
    dtype: String,
    shape: &'a [usize],
    memory: u64,
    raw: u64,
    npy: u64,
    npz: u64,
}

pub(crate) fn run(dtype: &str, shape: &str, json: bool) -> Outcome {
    let parsed: Result<DType, _> = dtype.parse();
    let parsed = parsed.with_context(|| format!("dtype {}", excerpt(dtype)))?;
    ensure!(
        !parsed.has_object(),
        "dtype {}: objects have no size until they are pickled",
        excerpt(dtype)
    );
    let context = || format!("shape {}", excerpt(shape));
    let axes = axes(shape).with_context(context)?;
    let layout = Layout::new(parsed, axes, Order::C).with_context(context)?;
    let sizes = Sizes::of(&layout)?;
    if json {
        output::write_json_line(&SizeLine {
            dtype: layout.dtype().to_string(),
            shape: layout.shape(),
            memory: sizes.memory,
            raw: sizes.raw,
            npy: sizes.npy,
            npz: sizes.npz,
        })?;
        return Ok(Status::Success);
    }
    let items = format!(
        "{} items of {} bytes",
        layout.count(),
        layout.dtype().itemsize()
    );
    let header = format!("a header of {} bytes, and the items", sizes.npy - sizes.raw);
    let zip = format!(
        "the .npy as member of a zip: {} bytes more",
        sizes.npz - sizes.npy
    );
    let rows = [
        ("memory", sizes.memory, items),
        ("raw", sizes.raw, "the items alone".to_owned()),
        ("npy", sizes.npy, header),
        ("npz", sizes.npz, zip),
    ];
    let rows = rows.map(|(place, bytes, why)| vec![place.to_owned(), bytes.to_string(), why]);
    let is_number = |column| column == BYTES_COLUMN;
    let table = Table::new(&rows).numbers(&is_number).sentences();
    output::write_stdout(table.text().as_bytes())?;
    Ok(Status::Success)
}
