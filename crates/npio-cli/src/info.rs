//! `npio info`: everything that headers say, and where the bytes go.

use crate::input::{Found, Input, Source};
use crate::output::{self, complain, escaped};
use crate::{Outcome, Status};
use npio::Order;
use npio::dtype::python::{is_printable, quoted};
use npio::flatfile::{Error, ErrorKind};
use npio::header::ErrorKind as HeaderKind;
use serde::Serialize;
use std::fmt;

/// One line of `info --json`; its form is a contract.
#[derive(Default, Serialize)]
struct Report {
    path: String,
    kind: Option<&'static str>,
    bytes: Option<u64>,
    arrays: Vec<Entry>,
    trailing_bytes: Option<u64>,
    others: Vec<Other>,
    errors: Vec<String>,
}

/// One array of a file.
#[derive(Serialize)]
struct Entry {
    name: Option<String>,
    descr: String,
    shape: Vec<usize>,
    fortran_order: bool,
    version: Option<String>,
    data_offset: Option<u64>,
    nbytes: Option<u64>,
    storage: &'static str,
    compressed_nbytes: Option<u64>,
}

/// A member of an archive that is no array.
#[derive(Serialize)]
struct Other {
    name: String,
    bytes: u64,
}

pub(crate) fn run(files: &[Input], json: bool) -> Outcome {
    let mut status = Status::Fine;
    output::with_stdout(|out| {
        for (i, input) in files.iter().enumerate() {
            let (report, found) = report(input);
            if !report.errors.is_empty() {
                status = Status::Failed;
            }
            match (json, &found) {
                (true, _) => writeln!(out, "{}", json_escaped(&serde_json::to_string(&report)?))?,
                (false, Some(found)) => {
                    let gap = if i == 0 { "" } else { "\n" };
                    write!(out, "{gap}{}", Text(&report, found))?;
                }
                (false, None) => {}
            }
            out.flush()?;
            for error in &report.errors {
                complain(&input.complaint(error).to_string());
            }
        }
        Ok(())
    })?;
    Ok(status)
}

/// What can be said of a file, and what was found in it.
fn report(input: &Input) -> (Report, Option<Found>) {
    let mut report = Report {
        path: input.name.path().to_string_lossy().into_owned(),
        ..Report::default()
    };
    let found = fill(&mut report, input);
    let found = found.map_err(|error| {
        report.kind = report.kind.or(kind(&error));
        report.errors.push(error.to_string());
    });
    (report, found.ok())
}

fn fill(report: &mut Report, input: &Input) -> Result<Found, Error> {
    let mut source = Source::open(input)?;
    match source {
        Source::File(_) => report.bytes = Some(source.length(0)?),
        Source::Raw(..) => {
            report.kind = Some("raw");
            report.bytes = Some(source.length(0)?);
        }
        Source::Stream(_) => {}
    }
    let found = source.find()?;
    let (layout, data_offset) = (&found.layout, found.begin);
    let bytes = source.length(data_offset)?;
    let has_object = layout.dtype().has_object();
    let nbytes = (!has_object).then_some(layout.nbytes() as u64);
    report.kind = report.kind.or(Some("npy"));
    report.bytes = Some(bytes);
    report.arrays.push(Entry {
        name: None,
        descr: layout.dtype().descr().to_string(),
        shape: layout.shape().to_vec(),
        fortran_order: layout.order() == Order::Fortran,
        version: found.version.map(|version| version.to_string()),
        data_offset: Some(data_offset),
        nbytes,
        storage: "plain",
        compressed_nbytes: None,
    });
    let there = bytes.saturating_sub(data_offset);
    match nbytes.map(|expected| (expected, there.checked_sub(expected))) {
        // Where a pickle ends, only the pickle says.
        None => {}
        Some((_, Some(trailing))) => report.trailing_bytes = Some(trailing),
        Some((expected, None)) => report.errors.push(format!(
            "the data is too short: expected {expected} bytes, found {there}"
        )),
    }
    Ok(found)
}

/// What a file is whose header is none.
fn kind(error: &Error) -> Option<&'static str> {
    match error.kind() {
        ErrorKind::Header(error) => match error.kind() {
            HeaderKind::Magic(found) if is_zip(found) => Some("npz"),
            HeaderKind::Magic(_) => None,
            HeaderKind::Truncated { found: 0, .. } => None,
            _ => Some("npy"),
        },
        _ => None,
    }
}

/// What NumPy takes for an archive.
fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06")
}

/// JSON that controls no terminal: what is not printable stands in strings only, and is escaped there.
fn json_escaped(json: &str) -> String {
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

/// The report for people.
struct Text<'a>(&'a Report, &'a Found);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Text(report, found) = self;
        let layout = &found.layout;
        let dtype = layout.dtype();
        let (count, itemsize) = (layout.count(), dtype.itemsize());
        let path = escaped(&report.path);
        match found.version {
            Some(version) => writeln!(f, "{path}: .npy version {version}")?,
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
        let (offset, bytes) = (found.begin, report.bytes.unwrap_or(0));
        match found.version {
            Some(_) => writeln!(f, "  header  {offset} bytes")?,
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
        writeln!(f, "  data    {count} × {itemsize} = {nbytes} bytes")?;
        match report.trailing_bytes {
            Some(0) => writeln!(f, "  file    {offset} + {nbytes} = {bytes} bytes"),
            Some(trailing) => writeln!(
                f,
                "  file    {offset} + {nbytes} + {trailing} behind the array = {bytes} bytes"
            ),
            None => writeln!(
                f,
                "  file    {bytes} bytes, {} too few",
                (offset + nbytes as u64).saturating_sub(bytes)
            ),
        }
    }
}
