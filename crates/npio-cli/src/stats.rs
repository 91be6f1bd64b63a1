//! `npio stats`: statistics of the values.

use crate::Outcome;
use crate::address::ErrorContext;
use crate::array::{InputArray, open_array};
use crate::expand::for_each_array;
use crate::output::{self, is_terminal, json_escaped, write_stdout};
use crate::progress::Progress;
use crate::source::Input;
use crate::table::{Style, Table};
use anyhow::{anyhow, ensure};
use npio::dtype::{shape_tuple, unravel_index};
use npio::flatfile::show;
use npio::flatfile::stats::{Accumulator, AxisStats, Histogram, Quantiles, Stats};
use npio::flatfile::{Conversion, Reader, Slice};
use npio::{Array, DType, LongDouble};
use std::fs;
use std::str::FromStr;

/// The blocks of a histogram's line, by their heights.
const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];

/// The names of the numbers of items of some kind, and those of values.
const COUNTS: [&str; 4] = ["count", "nan", "inf", "zero"];
const VALUES: [&str; 6] = ["min", "max", "min abs", "max abs", "mean", "std"];

/// The column of dtypes, after that of names.
const DTYPE_COLUMN: usize = 1;

/// The place of a value that there is not.
const ABSENT: &str = "-";

/// The number of results without items that are printed: an empty array may have any number.
const MAX_EMPTY: usize = 1 << 20;

/// What is asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct StatsOptions {
    /// The axis along which there are statistics for each index of the others.
    pub(crate) axis: Option<isize>,
    pub(crate) quantiles: Option<Fractions>,
    /// The number of intervals of a histogram.
    pub(crate) bins: Option<usize>,
    pub(crate) json: bool,
}

/// The fractions of quantiles, and how the user wrote them.
#[derive(Clone, Debug)]
pub(crate) struct Fractions(Vec<(String, f64)>);

impl FromStr for Fractions {
    type Err = anyhow::Error;

    fn from_str(text: &str) -> anyhow::Result<Fractions> {
        let fraction = |text: &str| {
            let text = text.trim();
            let fraction = text.parse().ok();
            match fraction.filter(|fraction| (0.0..=1.0).contains(fraction)) {
                Some(fraction) => Ok((text.to_owned(), fraction)),
                None => Err(anyhow!(
                    "expected fractions from 0 to 1 such as 0.25,0.5, found {text:?}"
                )),
            }
        };
        let fractions = text.split(',').map(fraction);
        Ok(Fractions(fractions.collect::<anyhow::Result<_>>()?))
    }
}

impl Fractions {
    fn values(&self) -> Vec<f64> {
        self.0.iter().map(|(_, fraction)| *fraction).collect()
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

/// The statistics of one array, or along its axis.
struct Report {
    dtype: DType,
    shape: Vec<usize>,
    parts: Vec<PartReport>,
}

/// The statistics of all items, or of those with some index.
struct PartReport {
    /// The index, but for the axis.
    index: Vec<usize>,
    stats: Stats,
    quantiles: Option<Array>,
    histogram: Option<Histogram>,
}

pub(crate) fn run(inputs: &[Input], slice: Option<&Slice>, options: &StatsOptions) -> Outcome {
    let mut reports = Vec::new();
    let status = for_each_array(
        inputs,
        |array, progress| Report::new(array, slice, options, progress),
        |input, report| {
            if options.json {
                return report.write_json(input, options);
            }
            reports.push((input.clone(), report));
            Ok(())
        },
    )?;
    // One array is shown by lines, several are lines.
    let is_single = matches!((inputs, &reports[..]), ([input], [(found, _)])
        if input.member == found.member && options.axis.is_none());
    let text = match &reports[..] {
        [] => return Ok(status),
        [(_, report)] if is_single => report.lines(options),
        reports => lines_of(reports, options),
    };
    write_stdout(text.as_bytes())?;
    Ok(status)
}

impl Report {
    fn new(
        array: InputArray<'_>,
        slice: Option<&Slice>,
        options: &StatsOptions,
        progress: &Progress,
    ) -> anyhow::Result<Report> {
        let (input, dtype) = (array.input, array.dtype().clone());
        let in_input = |error: npio::flatfile::Error| {
            let hint = if dtype.has_object() {
                ": use --allow-pickle"
            } else {
                ""
            };
            input.error(format_args!("{error}{hint}"))
        };
        let stats = Stats::new(&dtype).map_err(in_input)?;
        if let Some(axis) = options.axis {
            return Report::along(array, slice, axis, progress);
        }
        let is_once = options.quantiles.is_none() && options.bins.is_none();
        let (mut passes, array) = Passes::new(array, slice, is_once, progress)?;
        let stats = passes.run(array, stats)?;
        let is_ordered = stats.finite_range().is_some() || stats.max().is_some();
        let mut quantiles = None;
        if let Some(fractions) = &options.quantiles
            && is_ordered
        {
            let count = (stats.count() + stats.nan()).try_into()?;
            let mut found = Quantiles::new(&dtype, count, &fractions.values()).map_err(in_input)?;
            while !found.is_done() {
                found = passes.run(None, found)?;
                found.end_pass();
            }
            quantiles = found.values();
        }
        let mut histogram = None;
        if let Some(bins) = options.bins
            && stats.finite_range().is_some()
        {
            let counted = Histogram::of(&stats, bins).map_err(in_input)?;
            histogram = Some(passes.run(None, counted)?);
        }
        Ok(Report {
            dtype,
            shape: passes.shape,
            parts: vec![PartReport {
                index: Vec::new(),
                stats,
                quantiles,
                histogram,
            }],
        })
    }

    /// The statistics along one axis.
    fn along(
        array: InputArray<'_>,
        slice: Option<&Slice>,
        axis: isize,
        progress: &Progress,
    ) -> anyhow::Result<Report> {
        let input = array.input;
        let mut blocks = array.rows(slice, input.value_conversion())?;
        let layout = blocks.layout()?.clone();
        let stats = AxisStats::new(&layout, axis);
        let mut stats = stats.map_err(|error| input.error(error))?;
        let results = stats
            .shape()
            .iter()
            .try_fold(1usize, |n, axis| n.checked_mul(*axis));
        ensure!(
            layout.count() > 0 || results.is_some_and(|results| results <= MAX_EMPTY),
            input.error("too many results along an axis without items")
        );
        progress.expect(layout.nbytes() as u64);
        for block in blocks.blocks {
            let block = block?;
            let added = stats.add_rows(&block.strided());
            added.map_err(|error| input.error(error))?;
            progress.add(block.as_bytes().len() as u64);
        }
        let others = stats.shape().to_vec();
        let parts = stats.into_stats().enumerate();
        let parts = parts.map(|(number, stats)| PartReport {
            index: unravel_index(number, &others),
            stats,
            quantiles: None,
            histogram: None,
        });
        Ok(Report {
            dtype: layout.dtype().clone(),
            shape: layout.shape().to_vec(),
            parts: parts.collect(),
        })
    }

    /// One value a line, after its name.
    fn lines(&self, options: &StatsOptions) -> String {
        let Some(part) = self.parts.first() else {
            return String::new();
        };
        let cells = options.names().into_iter().zip(part.cells(options));
        // Empty arrays have no values, and complex numbers no order.
        let cells = cells.filter(|(_, cell)| cell != ABSENT);
        let rows: Vec<_> = cells.map(|(name, cell)| vec![name, cell]).collect();
        let is_number = |column| column == 1;
        Table::new(&rows).numbers(&is_number).text()
    }

    fn write_json(&self, input: &Input, options: &StatsOptions) -> anyhow::Result<()> {
        let path = serde_json::to_string(&input.name.path().to_string_lossy())?;
        let name = serde_json::to_string(&input.member)?;
        let dtype = serde_json::to_string(&self.dtype.to_string())?;
        let shape = serde_json::to_string(&self.shape)?;
        let mut text = String::new();
        for part in &self.parts {
            let mut line =
                format!(r#"{{"path":{path},"name":{name},"dtype":{dtype},"shape":{shape}"#);
            if options.axis.is_some() {
                let index = serde_json::to_string(&part.index)?;
                line += &format!(r#","index":{index}"#);
            }
            line += &part.json(options)?;
            text += &json_escaped(&line);
            text += "}\n";
        }
        write_stdout(text.as_bytes())
    }
}

/// One array a line, or with an axis one index.
fn lines_of(reports: &[(Input, Report)], options: &StatsOptions) -> String {
    let mut rows = Vec::new();
    let texts = ["name", "dtype", "shape"];
    let mut header = texts.map(str::to_owned).to_vec();
    if options.axis.is_some() {
        header.push("index".to_owned());
    }
    let text_columns = header.len();
    for (input, report) in reports {
        for part in &report.parts {
            if rows.is_empty() {
                header.extend(options.names());
                rows.push(header.clone());
            }
            let mut row = vec![
                input.to_string(),
                report.dtype.to_string(),
                shape_tuple(&report.shape).to_string(),
            ];
            if options.axis.is_some() {
                row.push(shape_tuple(&part.index).to_string());
            }
            row.extend(part.cells(options));
            rows.push(row);
        }
    }
    // Only complex numbers have these.
    for name in ["min abs", "max abs"] {
        let column = header.iter().position(|cell| cell == name);
        let Some(column) = column.filter(|column| is_empty_column(&rows, *column)) else {
            continue;
        };
        header.remove(column);
        for row in &mut rows {
            row.remove(column);
        }
    }
    let is_number = |column| column >= text_columns;
    let style = |column, cell: &str| match (column, cell) {
        (_, ABSENT) => Style::Faint,
        (DTYPE_COLUMN, _) => Style::Type,
        _ => Style::Plain,
    };
    let table = Table::new(&rows).numbers(&is_number).styles(&style);
    table.header().text()
}

/// Whether no row but the first has a value there.
fn is_empty_column(rows: &[Vec<String>], column: usize) -> bool {
    let mut rows = rows.iter().skip(1);
    rows.all(|row| row.get(column).is_some_and(|cell| cell == ABSENT))
}

impl StatsOptions {
    /// The names of the cells of a part.
    fn names(&self) -> Vec<String> {
        let names = COUNTS.iter().chain(&VALUES).map(|name| (*name).to_owned());
        let quantiles = self.quantiles.iter().flat_map(Fractions::names);
        let quantiles = quantiles.map(|name| format!("q{name}"));
        let histogram = self.bins.map(|_| "hist".to_owned());
        names.chain(quantiles).chain(histogram).collect()
    }
}

impl PartReport {
    /// In the order of [`COUNTS`].
    fn counts(&self) -> [u64; COUNTS.len()] {
        let Self { stats, .. } = self;
        [stats.count(), stats.nan(), stats.inf(), stats.zero()]
    }

    /// In the order of [`VALUES`].
    fn values(&self) -> [Option<Array>; VALUES.len()] {
        let Self { stats, .. } = self;
        [
            stats.min(),
            stats.max(),
            stats.min_abs(),
            stats.max_abs(),
            stats.mean(),
            stats.std(),
        ]
    }

    /// The texts, as NumPy prints the values.
    fn cells(&self, options: &StatsOptions) -> Vec<String> {
        let text = |value: Option<Array>| match value {
            Some(value) => output::escaped(&value.to_string()),
            None => ABSENT.to_owned(),
        };
        let counts = self.counts().map(|count| count.to_string());
        let values = self.values().map(text);
        let quantiles = options.quantiles.iter().flat_map(Fractions::names);
        let quantiles = quantiles
            .enumerate()
            .map(|(index, _)| text(self.quantile(index)));
        let histogram = options.bins.map(|_| match &self.histogram {
            Some(histogram) => histogram_text(histogram.counts()),
            None => ABSENT.to_owned(),
        });
        let cells = counts.into_iter().chain(values);
        cells.chain(quantiles).chain(histogram).collect()
    }

    fn quantile(&self, index: usize) -> Option<Array> {
        let view = self.quantiles.as_ref()?.strided().index_axis(0, index)?;
        view.to_array(npio::Order::C).ok()
    }

    /// The members of a JSON object, each after a comma.
    fn json(&self, options: &StatsOptions) -> anyhow::Result<String> {
        let mut text = String::new();
        for (name, count) in COUNTS.iter().zip(self.counts()) {
            text += &format!(r#","{name}":{count}"#);
        }
        for (name, value) in VALUES.iter().zip(self.values()) {
            let key = name.replace(' ', "_");
            match value {
                None if *name != key => {}
                value => text += &format!(r#","{key}":{}"#, json(value.as_ref())?),
            }
        }
        if let Some(fractions) = &options.quantiles {
            let mut members = Vec::new();
            for (index, name) in fractions.names().enumerate() {
                let value = json(self.quantile(index).as_ref())?;
                members.push(format!("{}:{value}", serde_json::to_string(name)?));
            }
            let members = match &self.quantiles {
                Some(_) => format!("{{{}}}", members.join(",")),
                None => "null".to_owned(),
            };
            text += &format!(r#","quantiles":{members}"#);
        }
        if options.bins.is_some() {
            let members = match &self.histogram {
                Some(histogram) => format!(
                    r#"{{"edges":{},"counts":{}}}"#,
                    serde_json::to_string(histogram.edges())?,
                    serde_json::to_string(histogram.counts())?
                ),
                None => "null".to_owned(),
            };
            text += &format!(r#","hist":{members}"#);
        }
        Ok(text)
    }
}

fn json(value: Option<&Array>) -> anyhow::Result<String> {
    let Some(value) = value else {
        return Ok("null".to_owned());
    };
    let mut bytes = Vec::new();
    show::json(&value.strided(), &mut bytes)?;
    Ok(String::from_utf8(bytes)?)
}

/// A line of blocks on a terminal, else the numbers.
fn histogram_text(counts: &[u64]) -> String {
    if !is_terminal() {
        let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
        return counts.join(" ");
    }
    let greatest = counts.iter().copied().max().unwrap_or(0).max(1);
    let blocks = counts.iter().map(|count| {
        // What is there at all is seen.
        let height = (u128::from(*count) * 8).div_ceil(greatest.into());
        BLOCKS.get(height as usize).unwrap_or(&'█')
    });
    blocks.collect()
}

/// Passes over one array.
struct Passes<'a, 'b> {
    input: &'a Input,
    slice: Option<&'b Slice>,
    progress: &'b Progress,
    /// What was read, if it cannot be read again.
    loaded: Option<Array>,
    shape: Vec<usize>,
}

impl<'a, 'b> Passes<'a, 'b> {
    /// The array is returned if the first pass is to read it.
    fn new(
        array: InputArray<'a>,
        slice: Option<&'b Slice>,
        is_once: bool,
        progress: &'b Progress,
    ) -> anyhow::Result<(Passes<'a, 'b>, Option<InputArray<'a>>)> {
        let input = array.input;
        let mut passes = Passes {
            input,
            slice,
            progress,
            loaded: None,
            shape: Vec::new(),
        };
        let is_file = || {
            let file = fs::metadata(input.name.path());
            input.name.is_remote() || file.is_ok_and(|file| file.is_file())
        };
        if is_once || !input.name.is_stdio() && is_file() {
            return Ok((passes, Some(array)));
        }
        let loaded = array.load(slice, input.value_conversion())?;
        passes.shape = loaded.shape().to_vec();
        passes.loaded = Some(loaded);
        Ok((passes, None))
    }

    /// Goes over the array: this one, or else that which was read, or which is in the file.
    fn run<A: Accumulator>(
        &mut self,
        array: Option<InputArray<'_>>,
        accumulator: A,
    ) -> anyhow::Result<A> {
        if let Some(loaded) = &self.loaded {
            return accumulate(self.input, loaded, accumulator);
        }
        let (accumulator, shape) = match array {
            Some(array) => array.accumulate(self.slice, accumulator, self.progress)?,
            None => {
                let mut source = self.input.open()?;
                let array = open_array(&mut source, self.input)?;
                array.accumulate(self.slice, accumulator, self.progress)?
            }
        };
        ensure!(
            self.shape.is_empty() || self.shape == shape,
            self.input.error("the file was changed while it was read")
        );
        self.shape = shape;
        Ok(accumulator)
    }
}

/// Adds the items of an array that was loaded, in all threads. Its long doubles are x87 numbers by now.
fn accumulate<A: Accumulator>(input: &Input, array: &Array, accumulator: A) -> anyhow::Result<A> {
    let reader = Reader::raw(array.as_bytes(), array.layout().clone(), 0);
    let reader = reader.conversion(Conversion::new().longdouble(LongDouble::X87));
    let added = reader.accumulate(accumulator);
    added.map_err(|error| input.error(error))
}

/// An accumulator that shows how far it is.
pub(crate) struct WithProgress<'a, A> {
    pub(crate) accumulator: A,
    pub(crate) progress: &'a Progress,
}

impl<A: Accumulator> Accumulator for WithProgress<'_, A> {
    fn dtype(&self) -> &DType {
        self.accumulator.dtype()
    }

    fn add_native(&mut self, items: &[u8]) {
        self.accumulator.add_native(items);
        self.progress.add(items.len() as u64);
    }

    fn empty(&self) -> Self {
        WithProgress {
            accumulator: self.accumulator.empty(),
            progress: self.progress,
        }
    }

    fn merge(&mut self, other: Self) {
        self.accumulator.merge(other.accumulator);
    }
}
