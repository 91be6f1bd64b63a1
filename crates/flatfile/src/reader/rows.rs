//! Arrays larger than memory: [`RowBlocks`].

use super::{Reader, Source};
use crate::array::Array;
use crate::conversion::Plan;
use crate::error::{Error, ErrorKind};
use dtype::Layout;
use std::iter::FusedIterator;
use std::ops::Range;

/// An array block by block: a fixed number of rows at a time, with the rest in the last block.
///
/// Rows are counted by the first index. Blocks are in the byte order that the options ask for, and in C order
/// unless the options ask for another; each is an array of its own. After an error there are no more. An array of
/// no bytes is one block, whatever its shape.
///
/// ```
/// use flatfile::{Array, npy};
/// let items: Vec<i32> = (0..10).collect();
/// let file = npy::to_bytes(&Array::from_slice(&items, [5, 2])?)?;
/// let blocks = npy::open(&file)?.row_blocks(2)?;
/// assert_eq!((blocks.layout().nbytes(), blocks.layout().shape()), (40, &[5, 2][..]));
/// let sums: Result<Vec<i32>, _> = blocks
///     .map(|block| Ok::<_, flatfile::Error>(block?.into_vec::<i32>()?.iter().sum()))
///     .collect();
/// assert_eq!(sums?, [6, 22, 17]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Debug)]
pub struct RowBlocks<S> {
    reader: Reader<S>,
    plan: Plan,
    /// The converted layout of the whole array.
    layout: Layout,
    step: usize,
    left: Range<usize>,
    is_done: bool,
}

impl<S: Source> RowBlocks<S> {
    pub(super) fn new(mut reader: Reader<S>, step: usize) -> Result<RowBlocks<S>, Error> {
        // Each block is read when it is due.
        reader.head.clear();
        let (plan, rows, layout) = reader.located(|| {
            let plan = reader.plan(None)?;
            let stored = reader.layout();
            let Some(&rows) = stored.shape().first() else {
                return Err(ErrorKind::NotRowMajor(stored.clone()).into());
            };
            if step == 0 {
                let why = "blocks of no rows: expected at least 1";
                return Err(ErrorKind::Slice(why.into()).into());
            }
            let all = reader.rows_request(&plan, reader.places());
            reader.source.check(&all)?;
            let layout = plan.layout(stored.shape())?;
            Ok((plan, rows, layout))
        })?;
        let step = if reader.layout().nbytes() == 0 {
            rows
        } else {
            step
        };
        Ok(RowBlocks {
            reader,
            plan,
            layout,
            step,
            left: 0..rows,
            is_done: false,
        })
    }

    fn read(&self, rows: Range<usize>) -> Result<Array, Error> {
        self.reader.located(|| {
            let places = self.reader.places().narrow(0, rows);
            let places = places.ok_or(ErrorKind::Strides)?;
            let request = self.reader.rows_request(&self.plan, places);
            self.reader.load_request(request)
        })
    }
}

impl<S> RowBlocks<S> {
    /// The same in blocks of at most this many bytes, but of at least one row.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> RowBlocks<S> {
        let rows = self.left.end.max(1);
        if let Some(step) = bytes.checked_div(self.reader.layout().nbytes() / rows) {
            self.step = step.max(1);
        }
        self
    }

    /// The converted layout of the whole array.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// The source.
    pub fn into_source(self) -> S {
        self.reader.into_source()
    }

    /// The number of rows that were not read yet.
    pub fn rows_left(&self) -> usize {
        self.left.len()
    }
}

impl<S: Source> Iterator for RowBlocks<S> {
    type Item = Result<Array, Error>;

    fn next(&mut self) -> Option<Result<Array, Error>> {
        if self.is_done {
            return None;
        }
        let end = self.left.start.saturating_add(self.step).min(self.left.end);
        let block = self.read(self.left.start..end);
        self.left.start = end;
        self.is_done = block.is_err() || self.left.is_empty();
        Some(block)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // An error ends it early.
        let most = if self.is_done {
            0
        } else {
            self.left.len().div_ceil(self.step.max(1)).max(1)
        };
        (most.min(1), Some(most))
    }
}

impl<S: Source> FusedIterator for RowBlocks<S> {}
