//! `npio sample`: rows at random.

use crate::address::ErrorContext;
use crate::args::SampleArgs;
use crate::array::open_array;
use crate::array_blocks::BLOCK_SIZE;
use crate::convert::ArrayOutput;
use crate::output::with_stdout;
use crate::random::Random;
use crate::rows::{rows_at, rows_of_input};
use crate::{Outcome, Status};
use anyhow::ensure;
use npio::flatfile::show;
use std::ops::Range;

/// Writes or prints rows of an array, each at most once, in the order of the file.
pub(crate) fn run(options: &SampleArgs) -> Outcome {
    let values = &options.values;
    let separator = options.write.sep.as_deref();
    let input = values.reading.input_with(&values.input, separator)?;
    let output = options.output.as_ref();
    let output = output.map(|output| ArrayOutput::new(output, &options.write, values.input.stem()));
    let output = output.transpose()?;
    let mut source = input.open()?;
    let array = open_array(&mut source, &input)?.arranged(values.slice(), None)?;
    let conversion = match &output {
        Some(output) => output.conversion(&input),
        None => input.value_conversion(),
    };
    let (reader, total) = rows_of_input(array, conversion)?;
    let count = options.rows;
    ensure!(
        count <= total,
        input.error(format_args!(
            "cannot take {count} rows: the array has {total}"
        ))
    );
    let rows = Random::new(options.seed).distinct(count, total);
    let mut blocks = rows_at(reader, count, runs(rows))?;
    let Some(output) = output else {
        let rows = blocks.into_array()?;
        let shown = show::Options::new().all_rows();
        let strided = rows.strided();
        let text = shown
            .array(&strided)
            .map_err(|error| input.escaped_error(error))?;
        with_stdout(|out| Ok(writeln!(out, "{text}")?))?;
        return Ok(Status::Success);
    };
    // Most rows are a few bytes each, which are written many at once; long ones are written block by block.
    if blocks.layout()?.nbytes() / count.max(1) < BLOCK_SIZE {
        blocks = blocks.by_rows()?;
    }
    let written = output.write(&input, blocks)?;
    written.finish(source)?;
    Ok(Status::Success)
}

/// Ascending numbers as ranges.
fn runs(numbers: impl Iterator<Item = usize>) -> impl Iterator<Item = Range<usize>> {
    let mut numbers = numbers.peekable();
    std::iter::from_fn(move || {
        let start = numbers.next()?;
        let mut end = start + 1;
        while numbers.next_if_eq(&end).is_some() {
            end += 1;
        }
        Some(start..end)
    })
}
