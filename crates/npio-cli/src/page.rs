//! `npio report`: a page about files.

use crate::address::ErrorContext;
use crate::args::ReportArgs;
use crate::array::open_array;
use crate::array_blocks::{BLOCK_SIZE, item_blocks};
use crate::folders::{Folders, files_in};
use crate::output::{library_error, report_error};
use crate::plot::look_error;
use crate::progress::Progress;
use crate::report::{ArrayReport as Entry, Report as Headers};
use crate::source::Input;
use crate::spool::spooled;
use crate::target::{Target, check_overwrite, write_result};
use crate::{Outcome, Status};
use npio::flatfile::show;
use npio::flatfile::stats::Stats;
use npio::{Array, DType, FieldIndex, OpenArray, Slice};
use npio_look::report::{ArrayReport, FileReport, Part, Pictures, Report, Size, Span};
use npio_look::{Error, Tally, Values, WHOLE, dtype_name, format_value, grouped};
use std::io::{self, Write};

/// How much of the values is written on the page.
const MAX_VALUES: usize = 1500;

/// The most fields of records that are looked at.
const MAX_FIELDS: usize = 64;

pub(crate) fn run(args: &ReportArgs) -> Outcome {
    check_overwrite(&args.output, args.force)?;
    let mut status = Status::Success;
    let mut files = Vec::new();
    for input in args.files.inputs()? {
        match with_files(&input) {
            Ok(found) => files.extend(found),
            Err(error) => {
                report_error(&input.name.escaped_error(error).to_string());
                status = Status::Failure;
            }
        }
    }
    let headers: Vec<Headers> = files.iter().map(Headers::new).collect();
    let arrays: usize = headers.iter().map(|headers| headers.arrays.len()).sum();
    let progress = Progress::growing();
    let entries = headers.iter().flat_map(|headers| &headers.arrays);
    let bytes = entries.filter_map(|entry| entry.nbytes);
    progress.expect(bytes.fold(0, u64::saturating_add));
    let look = Look {
        size: Size::for_arrays(arrays),
        whole: if args.full { u64::MAX } else { WHOLE },
        progress: &progress,
    };
    let mut report = Report {
        title: args.title.clone().unwrap_or_else(|| title(&files)),
        files: Vec::new(),
    };
    for (input, headers) in files.iter().zip(&headers) {
        let file = look.file(input, headers);
        for error in &file.errors {
            report_error(&input.name.error(error).to_string());
            status = Status::Failure;
        }
        // Those of arrays begin with the name.
        let is_new = |error: &&String| !file.errors.iter().any(|known| error.ends_with(known));
        let errors = file.arrays.iter().filter_map(|array| array.error.as_ref());
        for error in errors.filter(is_new) {
            report_error(error);
            status = Status::Failure;
        }
        report.files.push(file);
    }
    drop(progress);
    let mut target = Target::create(&args.output, args.force || args.output.is_stdio())?;
    write_result(&args.output, target.write_all(report.html().as_bytes()))?;
    target.finish(())?;
    Ok(status)
}

/// The name of a single file, or the number of files.
fn title(files: &[Input]) -> String {
    match files {
        [file] => file.name.path().to_string_lossy().into_owned(),
        files => format!("Report on {} files", files.len()),
    }
}

/// The input, or if it is a folder the files in it, in the order of their names.
fn with_files(input: &Input) -> io::Result<Vec<Input>> {
    let path = input.name.path();
    if input.name.is_stdio() {
        let why = "a report reads files more than once: save it first";
        return Err(io::Error::other(why));
    }
    if !path.is_dir() {
        return Ok(vec![input.clone()]);
    }
    let found = files_in(path, Folders::Recursive)?;
    let files = found.into_iter().map(|address| Input {
        name: address.name,
        ..input.clone()
    });
    Ok(files.collect())
}

/// How closely arrays are looked at.
struct Look<'p> {
    size: Size,
    whole: u64,
    progress: &'p Progress,
}

impl Look<'_> {
    fn file(&self, input: &Input, headers: &Headers) -> FileReport {
        let is_archive = matches!(headers.kind, Some("npz"));
        let kind = headers.kind.map(|kind| format!(".{kind}"));
        FileReport {
            path: headers.path.clone(),
            kind: kind.map(|kind| if is_archive { kind + " archive" } else { kind }),
            bytes: headers.bytes,
            spans: spans(headers),
            arrays: headers
                .arrays
                .iter()
                .map(|entry| self.array(input, entry))
                .collect(),
            others: headers
                .others
                .iter()
                .map(|other| (other.name.clone(), other.bytes))
                .collect(),
            errors: headers.errors.clone(),
        }
    }

    fn array(&self, input: &Input, entry: &Entry) -> ArrayReport {
        let member = entry.name.clone().or_else(|| input.member.clone());
        let mut array = ArrayReport {
            name: entry.name.clone().unwrap_or_default(),
            dtype: dtype_text(entry.layout.dtype()),
            shape: entry.layout.shape_tuple().to_string(),
            facts: facts(entry),
            ..ArrayReport::default()
        };
        if entry.layout.dtype().has_object() && !input.allow_pickle {
            array.note = Some("Python objects, which --allow-pickle reads".to_owned());
            return array;
        }
        let input = Input {
            member,
            ..input.clone()
        };
        match self.values(&input, &mut array) {
            // Others are there, of which there is no picture.
            Err(error) if entry.layout.dtype().has_object() => array.note = Some(error.to_string()),
            Err(error) => array.error = Some(error.to_string()),
            Ok(()) => {}
        }
        self.progress.add(entry.nbytes.unwrap_or(0));
        array
    }

    /// Adds what the values are.
    fn values(&self, input: &Input, report: &mut ArrayReport) -> anyhow::Result<()> {
        let mut source = input.open()?;
        let mut array = open_array(&mut source, input)?.reader(input.value_conversion())?;
        let nbytes = array.layout().nbytes() as u64;
        if !array.has_random_access() {
            // It is read several times.
            array = spooled(input, item_blocks(array, BLOCK_SIZE)?, |_| Ok(()))?;
        }
        let text = array.summary_with(&Slice::default(), &show::Options::new().threshold(100));
        report.values = shortened(text.map_err(library_error)?.to_string());
        if array.layout().count() == 0 {
            return Ok(());
        }
        let is_sampled = nbytes > self.whole;
        let added = match array.layout().dtype().as_record() {
            Some(_) => self.fields(&array, report),
            None => self.numbers(&array, is_sampled, report),
        };
        added.map_err(|error| look_error(error, input))
    }

    /// Statistics and pictures of numbers, truth values and times.
    fn numbers(
        &self,
        array: &OpenArray<'_>,
        is_sampled: bool,
        report: &mut ArrayReport,
    ) -> Result<(), Error> {
        let Ok(stats) = Stats::new(array.layout().dtype()) else {
            return Ok(());
        };
        let values = Values::new(array, &Slice::default())?;
        let (pictures, tally) = Pictures::of(&values, self.size, self.whole)?;
        report.pictures = pictures;
        if is_sampled {
            report.note = Some(format!(
                "a sample of {} values; --full reads all {}",
                grouped(tally.count),
                grouped(values.count() as u64)
            ));
            report.stats = sample_stats(&values, &tally);
        } else {
            report.stats = exact_stats(&array.accumulate(stats)?);
        }
        Ok(())
    }

    /// The fields of records, with the least and the greatest value of those that have one.
    fn fields(&self, array: &OpenArray<'_>, report: &mut ArrayReport) -> Result<(), Error> {
        let fields = array
            .layout()
            .dtype()
            .as_record()
            .map_or(&[][..], |record| record.fields());
        for field in fields.iter().take(MAX_FIELDS) {
            let mut row = [
                field.name.clone(),
                dtype_text(&field.dtype),
                String::new(),
                String::new(),
                String::new(),
            ];
            let column = array.clone().fields(&FieldIndex::one(&field.name)).ok();
            let values = column
                .as_ref()
                .and_then(|column| Values::new(column, &Slice::default()).ok());
            if let Some(values) = values {
                let tally = Tally::of(&values, self.whole / fields.len().max(1) as u64)?;
                if let Some((low, high)) = tally.range {
                    let [low, high] = [low, high].map(|end| format_value(values.meaning(), end));
                    let nan = grouped(tally.nan);
                    row = [row[0].clone(), row[1].clone(), low, high, nan];
                }
            }
            report.fields.push(row);
        }
        if fields.len() > MAX_FIELDS {
            report.note = Some(format!("{MAX_FIELDS} of {} fields", fields.len()));
        }
        Ok(())
    }
}

fn exact_stats(stats: &Stats) -> Vec<(String, String)> {
    let text = |value: Option<Array>| value.map(|value| value.to_string());
    let values = [
        ("min", text(stats.min())),
        ("max", text(stats.max())),
        ("mean", text(stats.mean())),
        ("std", text(stats.std())),
        ("count", Some(grouped(stats.count()))),
        ("zeros", Some(grouped(stats.zero()))),
        (
            "NaN",
            Some(stats.nan()).filter(|count| *count > 0).map(grouped),
        ),
        (
            "inf",
            Some(stats.inf()).filter(|count| *count > 0).map(grouped),
        ),
    ];
    let there = values
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)));
    there.collect()
}

fn sample_stats(values: &Values<'_, '_>, tally: &Tally) -> Vec<(String, String)> {
    let mut stats = Vec::new();
    if let Some((low, high)) = tally.range {
        stats.push(("min".to_owned(), format_value(values.meaning(), low)));
        stats.push(("max".to_owned(), format_value(values.meaning(), high)));
    }
    let counts = [("NaN", tally.nan), ("inf", tally.infinite)];
    let counts = counts.into_iter().filter(|(_, count)| *count > 0);
    stats.extend(counts.map(|(name, count)| (name.to_owned(), grouped(count))));
    stats
}

/// The name of a dtype, or what a record has.
fn dtype_text(dtype: &DType) -> String {
    match dtype.as_record() {
        Some(record) => match record.fields().len() {
            1 => "record of 1 field".to_owned(),
            fields => format!("record of {fields} fields"),
        },
        None => dtype_name(dtype),
    }
}

/// What the header says besides dtype and shape, and how the array is stored.
fn facts(entry: &Entry) -> Vec<String> {
    let mut facts = vec![entry.descr.clone()];
    if entry.layout.ndim() > 1 {
        facts.push(
            if entry.fortran_order {
                "Fortran order"
            } else {
                "C order"
            }
            .to_owned(),
        );
    }
    facts.extend(
        entry
            .nbytes
            .map(|bytes| format!("{} bytes", grouped(bytes))),
    );
    facts.extend(
        entry
            .version
            .as_ref()
            .map(|version| format!("version {version}")),
    );
    facts.extend(
        entry
            .data_offset
            .map(|offset| format!("items from byte {}", grouped(offset))),
    );
    match entry.compressed_nbytes {
        Some(bytes) if entry.storage != "stored" => {
            facts.push(format!("{}: {} bytes", entry.storage, grouped(bytes)))
        }
        _ if entry.storage != "plain" => facts.push(entry.storage.clone()),
        _ => {}
    }
    facts
}

/// What the bytes of a file are.
fn spans(headers: &Headers) -> Vec<Span> {
    let span = |part, name: &str, bytes| Span {
        part,
        name: name.to_owned(),
        bytes,
    };
    let Some(total) = headers.bytes.filter(|_| headers.kind != Some("text")) else {
        return Vec::new();
    };
    let mut spans = Vec::new();
    if headers.header_nbytes > 0 {
        spans.push(span(Part::Header, "header", headers.header_nbytes));
    }
    for entry in &headers.arrays {
        let name = entry.name.as_deref().unwrap_or("items");
        let items = entry.nbytes.unwrap_or(0);
        let has_own_header = headers.header_nbytes == 0;
        let (header, data) = match (headers.kind, entry.compressed_nbytes, entry.data_offset) {
            (Some("npz"), Some(bytes), Some(_)) if entry.nbytes.is_some() => {
                (bytes.saturating_sub(items), items.min(bytes))
            }
            (Some("npz"), Some(bytes), _) => (0, bytes),
            (_, _, Some(offset)) if has_own_header => {
                let data = if entry.nbytes.is_some() {
                    items
                } else {
                    total.saturating_sub(offset)
                };
                (offset.saturating_sub(entry.begin), data)
            }
            _ => (0, items),
        };
        let part = if entry.nbytes.is_some() {
            Part::Items
        } else {
            Part::Pickle
        };
        spans.push(span(Part::Header, &format!("header of {name}"), header));
        spans.push(span(part, name, data));
    }
    if headers.kind == Some("npz") {
        let arrays: u64 = spans.iter().map(|span| span.bytes).sum();
        spans.push(span(
            Part::Other,
            "other members",
            headers.members_nbytes.saturating_sub(arrays),
        ));
        spans.push(span(
            Part::Zip,
            "zip records",
            total.saturating_sub(headers.members_nbytes.max(arrays)),
        ));
    } else {
        let others = headers
            .others
            .iter()
            .map(|other| span(Part::Other, &other.name, other.bytes));
        spans.extend(others);
        spans.extend(
            headers
                .trailing_bytes
                .map(|bytes| span(Part::After, "after the last array", bytes)),
        );
    }
    spans
}

fn shortened(mut text: String) -> String {
    if let Some((end, _)) = text.char_indices().nth(MAX_VALUES) {
        text.truncate(end);
        text.push('…');
    }
    text
}
