//! `npio info`: everything in the headers, and how the bytes are used.

use crate::address::ErrorContext;
use crate::ordered::{for_each_in_order, threads_for_files};
use crate::output::{escaped, report_error, write_json_line, write_stdout};
use crate::progress::Progress;
use crate::report::{ArrayReport, Report};
use crate::source::Input;
use crate::table::wrapped;
use crate::{Outcome, Status};
use npio::Order;
use npio::dtype::python::quoted;
use std::fmt;

pub(crate) fn run(files: &[Input], json: bool) -> Outcome {
    let mut status = Status::Success;
    let mut gap = "";
    let progress = Progress::files(files.len());
    for_each_in_order(
        files,
        threads_for_files(files),
        |input| (input, Report::new(input)),
        |(input, report)| {
            if !report.errors.is_empty() {
                status = Status::Failure;
            }
            progress.add(1);
            progress.paused(|| print(input, &report, json, &mut gap))
        },
    )?;
    Ok(status)
}

fn print(input: &Input, report: &Report, json: bool, gap: &mut &str) -> anyhow::Result<()> {
    // There is something to report about an archive even without arrays.
    let is_read = matches!(report.kind, Some("npz" | "safetensors")) && report.errors.is_empty();
    if json {
        write_json_line(report)?;
    } else if is_read || !report.arrays.is_empty() {
        let text = wrapped(format!("{gap}{}", ReportText(report)));
        write_stdout(text.as_bytes())?;
        *gap = "\n";
    }
    for error in &report.errors {
        report_error(&input.name.error(error).to_string());
    }
    Ok(())
}

/// The report for people.
struct ReportText<'a>(&'a Report);

impl fmt::Display for ReportText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ReportText(report) = self;
        match (report.kind, report.arrays.first()) {
            (Some("npz"), _) => archive(report, f),
            (Some("safetensors"), _) => tensors(report, f),
            (_, Some(entry)) if report.arrays.len() == 1 => array(report, entry, f),
            (_, Some(_)) => arrays(report, f),
            (_, None) => Ok(()),
        }
    }
}

/// A file with several arrays, one after another.
fn arrays(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for entry in &report.arrays {
        header_and_data(report, entry, f)?;
    }
    let (count, bytes) = (report.arrays.len(), report.bytes.unwrap_or(0));
    match report.trailing_bytes {
        Some(0) => writeln!(f, "  file    {count} arrays = {bytes} bytes"),
        Some(trailing) => writeln!(
            f,
            "  file    {count} arrays + {trailing} after the last = {bytes} bytes"
        ),
        None => writeln!(f, "  file    {bytes} bytes"),
    }
}

/// A file that is one array, or one of several.
fn array(report: &Report, entry: &ArrayReport, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    header_and_data(report, entry, f)?;
    let (offset, nbytes) = (entry.data_offset.unwrap_or(0), entry.layout.nbytes());
    let bytes = report.bytes.unwrap_or(0);
    if entry.layout.dtype().has_object() || report.kind == Some("text") || entry.name.is_some() {
        return Ok(());
    }
    match report.trailing_bytes {
        Some(0) => writeln!(f, "  file    {offset} + {nbytes} = {bytes} bytes"),
        Some(trailing) => writeln!(
            f,
            "  file    {offset} + {nbytes} + {trailing} after the array = {bytes} bytes"
        ),
        None => writeln!(
            f,
            "  file    {bytes} bytes, {} too few",
            (offset + nbytes as u64).saturating_sub(bytes)
        ),
    }
}

/// What the header of an array says, and where its data is.
fn header_and_data(
    report: &Report,
    entry: &ArrayReport,
    f: &mut fmt::Formatter<'_>,
) -> fmt::Result {
    let layout = &entry.layout;
    let dtype = layout.dtype();
    let (count, itemsize) = (layout.count(), dtype.itemsize());
    let path = match &entry.name {
        Some(name) => format!("{}::{name}", escaped(&report.path)),
        None => escaped(&report.path),
    };
    match &entry.version {
        Some(version) => writeln!(f, "{path}: .npy version {version}")?,
        None if report.kind == Some("text") => writeln!(f, "{path}: text")?,
        None => writeln!(f, "{path}: raw items")?,
    }
    match dtype.name() {
        Some(name) => writeln!(f, "  dtype   {dtype} ({name})")?,
        None => writeln!(f, "  dtype   {dtype}")?,
    }
    for field in dtype.as_record().map_or(&[][..], |record| record.fields()) {
        let (offset, name) = (field.offset, quoted(&field.name));
        writeln!(f, "    byte {offset:>4}  {name}: {}", field.dtype)?;
    }
    writeln!(f, "  shape   {}, {count} items", layout.shape_tuple())?;
    match layout.order() {
        Order::C => writeln!(f, "  order   C: the last index runs fastest")?,
        Order::Fortran => writeln!(f, "  order   Fortran: the first index runs fastest")?,
    }
    let (offset, bytes) = (entry.data_offset.unwrap_or(0), report.bytes.unwrap_or(0));
    if let Some(bytes) = entry.compressed_nbytes {
        writeln!(
            f,
            "  {:<7} {bytes} bytes, which become the following",
            entry.storage
        )?;
    }
    match entry.version {
        Some(_) if entry.begin == 0 => writeln!(f, "  header  {offset} bytes")?,
        Some(_) => {
            let (begin, length) = (entry.begin, offset - entry.begin);
            writeln!(f, "  header  {length} bytes, from byte {begin} on")?;
        }
        None if offset > 0 => writeln!(f, "  before  {offset} bytes")?,
        None => {}
    }
    if dtype.has_object() {
        return writeln!(
            f,
            "  data    {} bytes of pickled objects",
            bytes.saturating_sub(offset)
        );
    }
    let nbytes = layout.nbytes();
    if report.kind == Some("text") {
        writeln!(f, "  memory  {count} × {itemsize} = {nbytes} bytes")?;
        // A pipe has no known length.
        return match report.bytes {
            Some(bytes) => writeln!(f, "  file    {bytes} bytes of text"),
            None => Ok(()),
        };
    }
    writeln!(f, "  data    {count} × {itemsize} = {nbytes} bytes")
}

/// An archive: a line per member, and the sum.
fn archive(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let path = escaped(&report.path);
    let arrays = plural(report.arrays.len(), "array");
    writeln!(f, "{path}: .npz, {arrays}, {} other", report.others.len())?;
    for entry in &report.arrays {
        let layout = &entry.layout;
        let name = quoted(entry.name.as_deref().unwrap_or_default());
        let order = match layout.order() {
            Order::C => "C",
            Order::Fortran => "Fortran",
        };
        let (dtype, shape) = (layout.dtype(), layout.shape_tuple());
        write!(f, "  {name}: {dtype} {shape}, {order} order; ")?;
        match entry.nbytes {
            Some(nbytes) => {
                let (count, itemsize) = (layout.count(), dtype.itemsize());
                write!(f, "{count} × {itemsize} = {nbytes} bytes")?;
            }
            None => f.write_str("pickled objects")?,
        }
        write!(f, ", {}", entry.storage)?;
        if let Some(offset) = entry.data_offset {
            write!(f, " at byte {offset}")?;
        }
        let member_size = entry.compressed_nbytes.unwrap_or(0);
        writeln!(f, ", with its header {member_size} bytes of the file")?;
    }
    for other in &report.others {
        writeln!(f, "  {}: {} other bytes", quoted(&other.name), other.bytes)?;
    }
    let (bytes, members) = (report.bytes.unwrap_or(0), report.members_nbytes);
    let rest = bytes.saturating_sub(members);
    writeln!(
        f,
        "  file: {members} of all members + {rest} of the zip = {bytes} bytes"
    )
}

/// A file of safetensors: its texts, a line per array, and the sum.
fn tensors(report: &Report, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    let path = escaped(&report.path);
    let arrays = plural(report.arrays.len(), "array");
    writeln!(
        f,
        "{path}: safetensors, {arrays}, {} other",
        report.others.len()
    )?;
    for (name, text) in &report.metadata {
        writeln!(f, "  metadata {}: {}", quoted(name), quoted(text))?;
    }
    for entry in &report.arrays {
        let layout = &entry.layout;
        let name = quoted(entry.name.as_deref().unwrap_or_default());
        let (dtype, shape) = (layout.dtype(), layout.shape_tuple());
        let (count, itemsize) = (layout.count(), dtype.itemsize());
        write!(f, "  {name}: {} ", entry.dtype.unwrap_or_default())?;
        if let Some(numpys) = dtype.name() {
            write!(f, "({numpys}) ")?;
        }
        write!(
            f,
            "{shape}; {count} × {itemsize} = {} bytes",
            layout.nbytes()
        )?;
        match entry.data_offset {
            Some(offset) => writeln!(f, " at byte {offset}")?,
            None => writeln!(f)?,
        }
    }
    for other in &report.others {
        writeln!(
            f,
            "  {}: {} bytes, with several items in one",
            quoted(&other.name),
            other.bytes
        )?;
    }
    let (header, bytes) = (report.header_nbytes, report.bytes.unwrap_or(0));
    let items = bytes.saturating_sub(header);
    writeln!(
        f,
        "  file: {header} of the header + {items} of all items = {bytes} bytes"
    )
}

fn plural(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}
