//! `npio split`: parts of consecutive rows.

use crate::address::{Address, ErrorContext, FileArg};
use crate::archive::MemberSlots;
use crate::args::SplitArgs;
use crate::array::{InputArray, open_array};
use crate::array_blocks::{ArrayBlocks, BlockIter, rows_in, with_rows};
use crate::convert::ArrayOutput;
use crate::rows::{rows_at, rows_of_input};
use crate::source::Input;
use crate::{Outcome, Status};
use anyhow::ensure;
use npio::flatfile::{Conversion, Slice};
use npio::{Array, OpenArray, Order};
use std::ffi::OsString;
use std::iter;
use std::ops::Range;

/// What the number of a part replaces in the name of its file.
const NUMBER: &str = "{}";

/// Writes each part to a file or a member of its own.
pub(crate) fn run(options: &SplitArgs) -> Outcome {
    let values = &options.values;
    let separator = options.write.sep.as_deref();
    let input = values.reading.input_with(&values.input, separator)?;
    let pattern = Pattern::new(&options.output)?;
    // Whatever is wrong with the output is said before anything is read.
    let conversion = pattern.output(0, options)?.conversion(&input);
    let mut source = input.open()?;
    let array = open_array(&mut source, &input)?;
    if let (true, Some(rows), None) = (array.is_text(), options.rows, values.slice()) {
        let blocks = array.rows(None, conversion)?;
        split_text(&input, blocks, rows, &pattern, options)?;
        return Ok(Status::Success);
    }
    let array = array.arranged(values.slice(), None)?;
    split_rows(&input, array, conversion, &pattern, options)?;
    Ok(Status::Success)
}

/// The parts of an array whose number of rows is known.
fn split_rows(
    input: &Input,
    array: InputArray<'_>,
    conversion: Conversion,
    pattern: &Pattern,
    options: &SplitArgs,
) -> anyhow::Result<()> {
    let (reader, total) = rows_of_input(array, conversion)?;
    let ranges = || part_ranges(total, options);
    if pattern.is_one_file() && pattern.output(0, options)?.is_member() {
        return split_to_members(input, &reader, ranges().collect(), pattern, options);
    }
    // Another output that may not be replaced would leave the parts before it.
    for number in 1..ranges().count() {
        pattern.output(number, options)?;
    }
    for (number, range) in ranges().enumerate() {
        let blocks = rows_at(reader.clone(), range.len(), iter::once(range))?;
        let output = pattern.output(number, options)?;
        output.write(input, blocks)?.finish(())?;
    }
    Ok(())
}

/// The parts as members of one archive, which is written once: it has all of them or, after an error, none.
fn split_to_members(
    input: &Input,
    reader: &OpenArray<'_>,
    ranges: Vec<Range<usize>>,
    pattern: &Pattern,
    options: &SplitArgs,
) -> anyhow::Result<()> {
    let addresses = (0..ranges.len()).map(|number| pattern.address(number));
    let members: Vec<String> = addresses.filter_map(|address| address.member).collect();
    let write = &options.write;
    let slots = MemberSlots::find(&pattern.address(0).name, &members, write.force)?;
    let size = |range: &Range<usize>| {
        let mut rows = rows_at(reader.clone(), range.len(), iter::empty())?;
        Ok(rows.layout()?.nbytes() as u64)
    };
    let sizes: Vec<u64> = ranges.iter().map(size).collect::<anyhow::Result<_>>()?;
    let compression = write.compress.compression();
    let written = slots.write(input, &sizes, compression, |number| {
        let range = ranges.get(number).cloned();
        range
            .map(|range| rows_at(reader.clone(), range.len(), iter::once(range)))
            .transpose()
    })?;
    written.finish(())
}

/// The rows of each part.
fn part_ranges(total: usize, options: &SplitArgs) -> Box<dyn Iterator<Item = Range<usize>>> {
    if let Some(rows) = options.rows {
        let starts = (0..total.max(1)).step_by(rows);
        return Box::new(starts.map(move |start| start..total.min(start.saturating_add(rows))));
    }
    let parts = options.parts.unwrap_or(1);
    let (rows, longer) = (total / parts, total % parts);
    Box::new((0..parts).map(move |number| {
        let start = number * rows + number.min(longer);
        start..start + rows + usize::from(number < longer)
    }))
}

/// The parts of a text, each of which is kept in memory until it is complete.
fn split_text(
    input: &Input,
    blocks: ArrayBlocks<'_>,
    rows: usize,
    pattern: &Pattern,
    options: &SplitArgs,
) -> anyhow::Result<()> {
    let empty = blocks.open_layout().cloned();
    let empty = empty.ok_or_else(|| input.error("not a text"))?;
    let mut parts = TextParts {
        blocks: blocks.blocks,
        rest: None,
    };
    for number in 0.. {
        let part = parts.next(rows)?;
        let count: usize = part.iter().map(rows_in).sum();
        // Without any rows there is one part.
        if count == 0 && number > 0 {
            break;
        }
        let layout = with_rows(&empty, count)?;
        let blocks = ArrayBlocks::known(layout, part.into_iter().map(Ok));
        let output = pattern.output(number, options)?;
        output.write(input, blocks)?.finish(())?;
    }
    Ok(())
}

/// The rows of a text that were not taken yet.
struct TextParts<'s> {
    blocks: BlockIter<'s>,
    rest: Option<Array>,
}

impl TextParts<'_> {
    /// The next rows, at most this many.
    fn next(&mut self, mut wanted: usize) -> anyhow::Result<Vec<Array>> {
        let mut part = Vec::new();
        while wanted > 0 {
            let Some(block) = self.rest.take().map(Ok).or_else(|| self.blocks.next()) else {
                break;
            };
            let block = block?;
            let count = rows_in(&block);
            if count <= wanted {
                wanted -= count;
                part.push(block);
                continue;
            }
            part.push(rows(&block, 0..wanted)?);
            self.rest = Some(rows(&block, wanted..count)?);
            wanted = 0;
        }
        Ok(part)
    }
}

/// A copy of some rows.
fn rows(array: &Array, range: Range<usize>) -> anyhow::Result<Array> {
    let rows = array.strided().slice(&Slice::from(range))?;
    let layout = rows.layout(Order::C)?;
    let mut bytes = vec![0; layout.nbytes()];
    rows.copy_to(Order::C, &mut bytes)?;
    Ok(Array::new(layout, bytes.into())?)
}

/// The address of every part.
struct Pattern {
    name: String,
    member: Option<String>,
}

impl Pattern {
    fn new(address: &Address) -> anyhow::Result<Pattern> {
        let (name, member) = (address.name.path().to_str(), &address.member);
        let name =
            name.ok_or_else(|| address.name.error("the names of parts have to be Unicode"))?;
        ensure!(
            name.contains(NUMBER)
                || member
                    .as_ref()
                    .is_some_and(|member| member.contains(NUMBER)),
            address
                .name
                .error("the parts need names: put {} where their number goes, as in part{}.npy")
        );
        Ok(Pattern {
            name: name.to_owned(),
            member: member.clone(),
        })
    }

    /// The output of a part. It is made for each anew: those of an archive can only be open one at a time.
    fn output<'o>(&self, number: usize, options: &'o SplitArgs) -> anyhow::Result<ArrayOutput<'o>> {
        ArrayOutput::new(&self.address(number), &options.write, None)
    }

    /// Whether only the names of members have the number.
    fn is_one_file(&self) -> bool {
        !self.name.contains(NUMBER)
    }

    fn address(&self, number: usize) -> Address {
        let number = number.to_string();
        let member = self.member.as_ref();
        Address {
            name: FileArg::from(OsString::from(self.name.replace(NUMBER, &number))),
            member: member.map(|member| member.replace(NUMBER, &number)),
        }
    }
}
