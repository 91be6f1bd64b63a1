//! `npio info`: everything that headers say, and where the bytes go.

use crate::input::{Name, Source};
use crate::output::{self, complain, escaped};
use crate::{Outcome, Status};
use npio::Order;
use npio::dtype::python::{is_printable, quoted};
use npio::flatfile::{Error, ErrorKind};
use npio::header::{ErrorKind as HeaderKind, Header};
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
    version: String,
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

pub(crate) fn run(files: &[Name], json: bool) -> Outcome {
    let mut status = Status::Fine;
    output::with_stdout(|out| {
        for (i, name) in files.iter().enumerate() {
            let (report, header) = report(name);
            if !report.errors.is_empty() {
                status = Status::Failed;
            }
            match (json, &header) {
                (true, _) => writeln!(out, "{}", json_escaped(&serde_json::to_string(&report)?))?,
                (false, Some(header)) => {
                    let gap = if i == 0 { "" } else { "\n" };
                    write!(out, "{gap}{}", Text(&report, header))?;
                }
                (false, None) => {}
            }
            out.flush()?;
            for error in &report.errors {
                complain(&name.complaint(error).to_string());
            }
        }
        Ok(())
    })?;
    Ok(status)
}

/// What can be said of a file, and its header where it has one.
fn report(name: &Name) -> (Report, Option<Header>) {
    let mut report = Report {
        path: name.path().to_string_lossy().into_owned(),
        ..Report::default()
    };
    let header = fill(&mut report, name);
    let header = header.map_err(|error| {
        report.kind = kind(&error);
        report.errors.push(error.to_string());
    });
    (report, header.ok())
}

fn fill(report: &mut Report, name: &Name) -> Result<Header, Error> {
    let mut source = Source::open(name)?;
    if let Source::File(_) = source {
        report.bytes = Some(source.length(0)?);
    }
    let (header, data_offset) = source.header()?;
    let bytes = source.length(data_offset)?;
    let layout = header.layout();
    let has_object = layout.dtype().has_object();
    let nbytes = (!has_object).then_some(layout.nbytes() as u64);
    report.kind = Some("npy");
    report.bytes = Some(bytes);
    report.arrays.push(Entry {
        name: None,
        descr: layout.dtype().descr().to_string(),
        shape: layout.shape().to_vec(),
        fortran_order: layout.order() == Order::Fortran,
        version: header.version().to_string(),
        data_offset: Some(data_offset),
        nbytes,
        storage: "plain",
        compressed_nbytes: None,
    });
    let found = bytes.saturating_sub(data_offset);
    match nbytes.map(|expected| (expected, found.checked_sub(expected))) {
        // Where a pickle ends, only the pickle says.
        None => {}
        Some((_, Some(trailing))) => report.trailing_bytes = Some(trailing),
        Some((expected, None)) => report.errors.push(format!(
            "the data is too short: expected {expected} bytes, found {found}"
        )),
    }
    Ok(header)
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
struct Text<'a>(&'a Report, &'a Header);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Text(report, header) = self;
        let layout = header.layout();
        let dtype = layout.dtype();
        let (count, itemsize) = (layout.count(), dtype.itemsize());
        writeln!(
            f,
            "{}: .npy version {}",
            escaped(&report.path),
            header.version()
        )?;
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
        let offset = report.arrays.first().and_then(|entry| entry.data_offset);
        let (offset, bytes) = (offset.unwrap_or(0), report.bytes.unwrap_or(0));
        writeln!(f, "  header  {offset} bytes")?;
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
