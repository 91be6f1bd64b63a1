//! `npio cat`: joins arrays along an axis.

use crate::address::ErrorContext;
use crate::args::CatArgs;
use crate::array::{InputArray, open_array};
use crate::array_blocks::{ArrayBlocks, BLOCK_SIZE, BlockIter, item_blocks, read_error};
use crate::byte_cursor::ByteCursor;
use crate::convert::ArrayOutput;
use crate::source::{Input, InputSource, check_one_stdin};
use crate::{Outcome, Status};
use anyhow::bail;
use npio::dtype::{promote_types, shape_tuple};
use npio::flatfile::{Buffer, Conversion, Error, ErrorKind};
use npio::{Array, Casting, DType, Layout, Order, Slice};
use std::iter;
use std::ops::Range;

/// The number of files that are open at once. Further ones are opened again for each block.
const MAX_OPEN: usize = 128;

/// The least number of bytes of each array that are read at a time, if there are many.
const MIN_BLOCK: usize = 64 << 10;

/// Writes all arrays as one.
pub(crate) fn run(options: &CatArgs) -> Outcome {
    let separator = options.write.sep.as_deref();
    let inputs = options.sources.iter();
    let inputs = inputs.map(|source| options.reading.input_with(source, separator));
    let inputs: Vec<Input> = inputs.collect::<anyhow::Result<_>>()?;
    check_one_stdin(inputs.iter())?;
    let stem = options.sources.first().and_then(|first| first.stem());
    let output = ArrayOutput::new(&options.output, &options.write, stem)?;
    let (axis, slice) = (options.axis, options.reading.slice.as_ref());
    let mut sources = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        sources.push((
            input,
            input
                .open()
                .and_then(|source| Source::new(source, index, input, slice))?,
        ));
    }
    let mut parts = Vec::new();
    for (input, source) in &mut sources {
        parts.push(Part::new(input, source, slice, axis)?);
    }
    let Some(first) = inputs.first() else {
        bail!("nothing to join");
    };
    let joined = Joined::new(&parts, axis)?;
    let blocks = joined.blocks(parts, slice, &|input| output.conversion(input));
    output.write(first, blocks)?.finish(sources)?;
    Ok(Status::Success)
}

/// One of the inputs.
enum Source {
    Open(InputSource),
    /// A file that is opened again when its turn comes, and the layout of its array.
    Closed(Layout),
}

impl Source {
    fn new(
        mut source: InputSource,
        index: usize,
        input: &Input,
        slice: Option<&Slice>,
    ) -> anyhow::Result<Source> {
        let is_file = matches!(source, InputSource::File(_) | InputSource::Raw(..));
        if index < MAX_OPEN || !is_file {
            return Ok(Source::Open(source));
        }
        let array = open_array(&mut source, input)?.arranged(slice, None)?;
        let layout = array.layout();
        Ok(Source::Closed(
            layout.map_err(|error| error.in_file(&input.name))?,
        ))
    }
}

/// An array that becomes a part of the result.
struct Part<'s> {
    input: &'s Input,
    /// None if it is opened again.
    array: Option<InputArray<'s>>,
    /// The layout of its slice; that of a text without rows.
    layout: Layout,
}

impl<'s> Part<'s> {
    fn new(
        input: &'s Input,
        source: &'s mut Source,
        slice: Option<&Slice>,
        axis: isize,
    ) -> anyhow::Result<Part<'s>> {
        let source = match source {
            Source::Open(source) => source,
            Source::Closed(layout) => {
                return Ok(Part {
                    input,
                    array: None,
                    layout: layout.clone(),
                });
            }
        };
        let mut array = open_array(source, input)?;
        // A text can be joined as it comes, if its rows are.
        if !array.is_text() || slice.is_some() || axis != 0 {
            array = array.arranged(slice, None)?;
        }
        let layout = array.layout().map_err(|error| error.in_file(&input.name))?;
        Ok(Part {
            input,
            array: Some(array),
            layout,
        })
    }

    fn is_text(&self) -> bool {
        self.array.as_ref().is_some_and(InputArray::is_text)
    }

    /// Its items in C order, this many bytes at a time.
    fn blocks(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
        by_rows: bool,
        bytes: usize,
    ) -> anyhow::Result<BlockIter<'s>> {
        let conversion = conversion.order(Order::C);
        match self.array {
            Some(array) if by_rows => Ok(array.rows(None, conversion)?.blocks),
            Some(array) => Ok(item_blocks(array.reader(conversion)?, bytes)?.blocks),
            None => {
                let rows = self.layout.shape().first().copied().unwrap_or(0);
                let step = bytes.checked_div(self.layout.nbytes() / rows.max(1));
                let step = step.unwrap_or(rows).max(1);
                let (input, slice) = (self.input, slice.cloned());
                Ok(Box::new((0..rows).step_by(step).map(move |start| {
                    let end = rows.min(start.saturating_add(step));
                    read_rows(input, slice.as_ref(), &conversion, start..end)
                })))
            }
        }
    }
}

/// Some rows of a file that is not open.
fn read_rows(
    input: &Input,
    slice: Option<&Slice>,
    conversion: &Conversion,
    rows: Range<usize>,
) -> anyhow::Result<Array> {
    let mut source = input.open()?;
    let array = open_array(&mut source, input)?.arranged(slice, None)?;
    array.load(Some(&rows.into()), conversion.clone())
}

/// The result.
struct Joined {
    layout: Layout,
    axis: usize,
    /// Whether texts among the parts have an unknown number of rows.
    is_open: bool,
}

impl Joined {
    fn new(parts: &[Part<'_>], axis: isize) -> anyhow::Result<Joined> {
        let Some((first, others)) = parts.split_first() else {
            bail!("nothing to join");
        };
        let mut dtype = first.layout.dtype().clone();
        let mut shape = first.layout.shape().to_vec();
        let ndim = shape.len();
        if ndim == 0 {
            bail!(
                first
                    .input
                    .error("the array has no axis along which it could be joined")
            );
        }
        let from_start = if axis < 0 {
            axis.saturating_add_unsigned(ndim)
        } else {
            axis
        };
        let Some(axis) = usize::try_from(from_start).ok().filter(|axis| *axis < ndim) else {
            let error = Error::from(ErrorKind::NoAxis { axis, found: ndim });
            bail!(first.input.error(error));
        };
        for part in others {
            let (input, found) = (part.input, part.layout.shape());
            let mut axes = found.iter().zip(&shape).enumerate();
            if found.len() != ndim || axes.any(|(i, (a, b))| i != axis && a != b) {
                bail!(input.error(format_args!(
                    "an array of shape {} cannot be joined along axis {axis} with one of shape {}, which {} has",
                    shape_tuple(found),
                    shape_tuple(first.layout.shape()),
                    first.input
                )));
            }
            dtype = common_dtype(&dtype, part, first)?;
            if let (Some(length), Some(more)) = (shape.get_mut(axis), found.get(axis)) {
                *length = length.saturating_add(*more);
            }
        }
        let layout = Layout::new(dtype, shape, Order::C);
        Ok(Joined {
            layout: layout.map_err(|error| first.input.error(error))?,
            axis,
            is_open: parts.iter().any(Part::is_text),
        })
    }

    fn blocks<'s>(
        &self,
        parts: Vec<Part<'s>>,
        slice: Option<&Slice>,
        conversion: &dyn Fn(&Input) -> Conversion,
    ) -> ArrayBlocks<'s> {
        let dtype = self.layout.dtype().clone();
        let (count, by_rows, slice) = (parts.len(), self.is_open, slice.cloned());
        // Those that are joined row by row are read at the same time.
        let bytes = match self.axis {
            0 => BLOCK_SIZE,
            _ => (BLOCK_SIZE / count.max(1)).max(MIN_BLOCK),
        };
        let sizes: Vec<usize> = parts.iter().map(|part| self.unit(part)).collect();
        let parts: Vec<_> = parts
            .into_iter()
            .map(|part| {
                let conversion = conversion(part.input);
                let conversion = match *part.layout.dtype() == dtype {
                    true => conversion,
                    false => conversion.astype(dtype.clone(), Casting::Safe),
                };
                (part, conversion)
            })
            .collect();
        let parts = parts.into_iter().map(move |(part, conversion)| {
            let blocks = part.blocks(slice.as_ref(), conversion, by_rows, bytes);
            blocks.unwrap_or_else(|error| Box::new(iter::once(Err(error))))
        });
        if self.axis == 0 {
            let blocks = parts.flatten();
            return match self.is_open {
                true => ArrayBlocks::open(self.layout.clone(), blocks),
                false => ArrayBlocks::known(self.layout.clone(), blocks),
            };
        }
        let interleaved = Interleaved {
            parts: parts.map(ByteCursor::new).zip(sizes).collect(),
            dtype: self.layout.dtype().clone(),
            left: self.layout.nbytes(),
            next: 0,
            taken: 0,
        };
        ArrayBlocks::known(self.layout.clone(), interleaved)
    }

    /// The number of bytes of a part that are consecutive in the result.
    fn unit(&self, part: &Part<'_>) -> usize {
        let inner = part.layout.shape().iter().skip(self.axis);
        let itemsize = self.layout.dtype().itemsize();
        // Beside a length of 0, the others may be as large as they like.
        inner.fold(itemsize, |bytes, length| bytes.saturating_mul(*length))
    }
}

/// The dtype of the parts so far and of another one.
fn common_dtype(dtype: &DType, part: &Part<'_>, first: &Part<'_>) -> anyhow::Result<DType> {
    let found = part.layout.dtype();
    promote_types(dtype, found).ok_or_else(|| {
        part.input.error(format_args!(
            "no dtype holds both '{found}' and '{dtype}', which {} has: use npio convert --dtype first",
            first.input
        ))
    })
}

/// The bytes of the result: of each part in turn as many as are consecutive.
struct Interleaved<'s> {
    parts: Vec<(ByteCursor<'s>, usize)>,
    dtype: DType,
    /// The number of bytes that are still to come.
    left: usize,
    /// The part whose turn it is, and the number of bytes that were taken from it in this turn.
    next: usize,
    taken: usize,
}

impl Interleaved<'_> {
    fn block(&mut self) -> anyhow::Result<Array> {
        let itemsize = self.dtype.itemsize().max(1);
        let length = (BLOCK_SIZE / itemsize).max(1) * itemsize;
        let mut bytes = vec![0; length.min(self.left)];
        let mut out = bytes.as_mut_slice();
        while !out.is_empty() {
            let count = self.parts.len().max(1);
            let Some((part, unit)) = self.parts.get_mut(self.next % count) else {
                bail!("nothing to join");
            };
            let taken = out.len().min(*unit - self.taken);
            let (now, rest) = out.split_at_mut(taken);
            part.fill(now)?;
            out = rest;
            self.taken += taken;
            if self.taken == *unit {
                (self.next, self.taken) = ((self.next + 1) % count, 0);
            }
        }
        self.left -= bytes.len();
        let layout = Layout::new(self.dtype.clone(), [bytes.len() / itemsize], Order::C)?;
        Array::new(layout, Buffer::from(bytes)).map_err(read_error)
    }
}

impl Iterator for Interleaved<'_> {
    type Item = anyhow::Result<Array>;

    fn next(&mut self) -> Option<anyhow::Result<Array>> {
        if self.left == 0 {
            return None;
        }
        let block = self.block();
        if block.is_err() {
            self.left = 0;
        }
        Some(block)
    }
}
