//! `npio ls`: one line per array.

use crate::archive::{MemberKind, member_kinds, selected_members};
use crate::arrays::{self, NpyArrays};
use crate::expand::name_of;
use crate::ordered::{for_each_in_order, threads_for_files};
use crate::output::{self, escaped, report_error};
use crate::progress::Progress;
use crate::source::{Input, InputError, InputSource, OpenInput};
use crate::table::{Style, Table};
use crate::{Outcome, Status, tensors};
use npio::dtype::shape_tuple;
use npio::{Layout, Order};
use serde::Serialize;
use std::cmp::Reverse;
use std::convert::Infallible;

/// How arrays are listed.
pub(crate) struct LsOptions {
    pub(crate) header: bool,
    pub(crate) human: bool,
    pub(crate) json: bool,
    pub(crate) sort: Option<SortBy>,
}

#[derive(Clone, Copy)]
pub(crate) enum SortBy {
    Size,
    Name,
    DType,
}

const COLUMNS: [&str; 6] = ["name", "dtype", "shape", "order", "bytes", "storage"];

const DTYPE_COLUMN: usize = 1;
const ORDER_COLUMN: usize = 3;
const BYTES_COLUMN: usize = 4;

/// The placeholder if something does not apply.
const ABSENT: &str = "-";

/// One line: an array, or another member of an archive.
#[derive(Serialize)]
struct Line {
    path: String,
    name: Option<String>,
    dtype: Option<String>,
    shape: Option<Vec<usize>>,
    order: Option<&'static str>,
    bytes: Option<u64>,
    storage: String,
    /// The address, as the command takes it.
    #[serde(skip)]
    address: String,
}

pub(crate) fn run(files: &[Input], options: &LsOptions) -> Outcome {
    let mut lines = Vec::new();
    let mut status = Status::Success;
    let progress = Progress::files(files.len());
    let Ok(()) = for_each_in_order(
        files,
        threads_for_files(files),
        |input| {
            let (mut lines, mut errors) = (Vec::new(), Vec::new());
            if let Err(error) = list(input, &mut lines, &mut errors) {
                errors.push(error);
            }
            (input, lines, errors)
        },
        |(input, mut listed, errors)| {
            lines.append(&mut listed);
            progress.add(1);
            for error in errors {
                progress.paused(|| report_error(&error.in_file(&input.name).to_string()));
                status = Status::Failure;
            }
            Ok::<_, Infallible>(())
        },
    );
    drop(progress);
    match options.sort {
        None => {}
        Some(SortBy::Size) => lines.sort_by_key(|line| Reverse(line.bytes)),
        Some(SortBy::Name) => lines.sort_by(|one, other| one.address.cmp(&other.address)),
        Some(SortBy::DType) => lines.sort_by(|one, other| one.dtype.cmp(&other.dtype)),
    }
    if options.json {
        lines.iter().try_for_each(output::write_json_line)?;
        return Ok(status);
    }
    let header = options.header.then(|| COLUMNS.map(str::to_owned).to_vec());
    let rows = lines.iter().map(|line| line.cells(options.human));
    let rows: Vec<Vec<String>> = header.into_iter().chain(rows).collect();
    let is_number = |column| column == BYTES_COLUMN;
    let mut table = Table::new(&rows).numbers(&is_number).styles(&style);
    if options.header {
        table = table.header();
    }
    output::write_stdout(table.text().as_bytes())?;
    Ok(status)
}

fn style(column: usize, cell: &str) -> Style {
    match (column, cell) {
        (_, ABSENT) => Style::Faint,
        (DTYPE_COLUMN, _) => Style::Type,
        (ORDER_COLUMN, "F") => Style::Unusual,
        _ => Style::Plain,
    }
}

impl Line {
    /// An array in this file or, if it has a name there, in this archive.
    fn new(input: &Input, name: Option<&str>, layout: &Layout, storage: String) -> Line {
        let is_known = !layout.dtype().has_object();
        Line {
            dtype: Some(layout.dtype().to_string()),
            shape: Some(layout.shape().to_vec()),
            order: Some(match layout.order() {
                Order::C => "C",
                Order::Fortran => "F",
            }),
            bytes: is_known.then(|| layout.nbytes() as u64),
            ..Line::other(input, name, 0, storage)
        }
    }

    /// Bytes that are not an array.
    fn other(input: &Input, name: Option<&str>, bytes: u64, storage: String) -> Line {
        Line {
            path: input.name.path().to_string_lossy().into_owned(),
            name: name.map(str::to_owned),
            dtype: None,
            shape: None,
            order: None,
            bytes: Some(bytes),
            storage,
            address: match name {
                Some(name) => format!("{}::{}", input.name, escaped(name)),
                None => input.name.to_string(),
            },
        }
    }

    fn cells(&self, human: bool) -> Vec<String> {
        let shape = self
            .shape
            .as_ref()
            .map(|shape| shape_tuple(shape).to_string());
        let bytes = self.bytes.map(|bytes| {
            if human {
                short_size(bytes)
            } else {
                bytes.to_string()
            }
        });
        let cells = [
            self.dtype.clone(),
            shape,
            self.order.map(str::to_owned),
            bytes,
        ];
        let cells = cells.map(|cell| cell.unwrap_or_else(|| ABSENT.to_owned()));
        let name = [self.address.clone()].into_iter();
        name.chain(cells).chain([self.storage.clone()]).collect()
    }
}

/// A size in powers of 1024, rounded up, as `ls -lh` prints it.
fn short_size(bytes: u64) -> String {
    let units = "KMGTPE"
        .chars()
        .zip((1..).map(|power| 1u128 << (10 * power)));
    let bytes = u128::from(bytes);
    // What is rounded up to 1024 of a unit is one of the next.
    let unit = units
        .into_iter()
        .find(|(_, unit)| bytes.div_ceil(*unit) < 1024);
    let Some((letter, unit)) = unit.filter(|_| bytes >= 1024) else {
        return bytes.to_string();
    };
    let tenths = (bytes * 10).div_ceil(unit);
    if tenths < 100 {
        format!("{}.{}{letter}", tenths / 10, tenths % 10)
    } else {
        format!("{}{letter}", bytes.div_ceil(unit))
    }
}

/// Adds the lines of a file. The other members are listed even if some cannot be read.
fn list(
    input: &Input,
    lines: &mut Vec<Line>,
    errors: &mut Vec<InputError>,
) -> Result<(), InputError> {
    let opened = OpenInput::new(input)?;
    let storage = opened.storage();
    let mut source = opened.source()?;
    if let Some(found) = NpyArrays::in_source(&mut source)? {
        for index in found.selected(input.member.as_deref())? {
            let Some(array) = found.arrays.get(index) else {
                continue;
            };
            let name = arrays::name(index);
            let layout = array.header.layout();
            lines.push(Line::new(input, name.as_deref(), layout, storage.clone()));
        }
        errors.extend(found.error.filter(|_| input.member.is_none()));
        return Ok(());
    }
    if let InputSource::SafeTensors(file) = &source {
        for tensor in tensors::selected(file, input.member.as_deref())? {
            let bytes = tensor.nbytes();
            lines.push(Line {
                dtype: Some(tensor.dtype_name().to_owned()),
                shape: Some(tensor.shape().to_vec()),
                order: Some("C"),
                ..Line::other(input, Some(tensor.name()), bytes, storage.clone())
            });
        }
        return Ok(());
    }
    let InputSource::Archive(archive) = &source else {
        let layout = source.array(input)?.into_layout()?;
        lines.push(Line::new(input, None, &layout, storage));
        return Ok(());
    };
    let members = selected_members(archive, input.member.as_deref())?;
    for (member, kind) in members.iter().zip(member_kinds(&members)) {
        let storage = member.compression_method().to_string();
        lines.push(match kind {
            MemberKind::Array(array) => {
                let name = name_of(archive, member);
                Line::new(input, Some(name), array.header.layout(), storage)
            }
            MemberKind::Other => {
                Line::other(input, Some(member.file_name()), member.size(), storage)
            }
            MemberKind::Unreadable(error) => {
                errors.push(error.into());
                continue;
            }
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::short_size;

    #[test]
    fn sizes_as_ls_rounds_them() {
        for (bytes, text) in [
            (0, "0"),
            (1023, "1023"),
            (1024, "1.0K"),
            (1025, "1.1K"),
            (10 << 10, "10K"),
            ((10 << 10) + 1, "11K"),
            ((1 << 20) - 1, "1.0M"),
            (3 << 30, "3.0G"),
            (u64::MAX, "16E"),
        ] {
            assert_eq!(short_size(bytes), text, "{bytes}");
        }
    }
}
