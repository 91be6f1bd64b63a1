//! Arrays larger than memory: [`RowBlocks`].

use super::ReadOptions;
use crate::longdouble::Proof;
use crate::{Array, Buffer, Error, ErrorKind, ReadAt};
use dtype::Layout;
use std::io::Read;
use std::iter::FusedIterator;
use std::ops::Range;

/// An array block by block: so many rows at a time, the last block what is left.
///
/// Rows are what the first index counts. Blocks come in the byte order and the memory order that the
/// options ask for, each an array of its own. After an error there are no more. An array of no
/// bytes is one block, whatever its shape.
///
/// ```
/// use flatfile::{Array, npy};
/// let items: Vec<i32> = (0..10).collect();
/// let file = npy::to_bytes(&Array::from_slice(&items, [5, 2])?)?;
/// let blocks = npy::ReadOptions::new().row_blocks(&file[..], 2)?;
/// assert_eq!((blocks.layout().nbytes(), blocks.layout().shape()), (40, &[5, 2][..]));
/// let sums: Result<Vec<i32>, _> = blocks
///     .map(|block| Ok::<_, flatfile::Error>(block?.into_vec::<i32>()?.iter().sum()))
///     .collect();
/// assert_eq!(sums?, [6, 22, 17]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Debug)]
pub struct RowBlocks<S> {
    options: ReadOptions,
    source: S,
    /// Where the items begin in a source that is read at positions.
    begin: u64,
    /// As they are in the source.
    stored: Layout,
    /// As they come.
    layout: Layout,
    step: usize,
    left: Range<usize>,
    is_done: bool,
    read: fn(&mut RowBlocks<S>, Range<usize>) -> Result<Array, Error>,
}

impl ReadOptions {
    /// Reads the items of this layout from byte `offset` of a source on, in blocks of at most `rows` rows.
    /// A block takes 8 MiB beside its array at most.
    ///
    /// # Errors
    /// `NotRows` of a 0-d array, `Slice` where `rows` is 0; as [`read_at`](ReadOptions::read_at), also
    /// where the file is too short.
    pub fn row_blocks_at<S: ReadAt>(
        &self,
        source: S,
        offset: u64,
        layout: &Layout,
        rows: usize,
    ) -> Result<RowBlocks<S>, Error> {
        let data = self.data(&source, offset, layout)?;
        let layout = data.layout;
        RowBlocks::new(self, source, offset, layout, rows, RowBlocks::read_at)
    }

    /// Reads the items of this layout in blocks of at most `rows` rows; the source stays right behind the last one
    /// read. To another memory order, a block takes twice its memory.
    ///
    /// # Errors
    /// `NotRows` of a 0-d array or one in Fortran order, `Slice` where `rows` is 0; `Object`, `Mismatch`,
    /// `Io`.
    pub fn row_blocks<R: Read>(
        &self,
        source: R,
        layout: &Layout,
        rows: usize,
    ) -> Result<RowBlocks<R>, Error> {
        self.check(layout)?;
        let layout = layout.clone();
        match layout.is_c_contiguous() {
            true => RowBlocks::new(self, source, 0, layout, rows, RowBlocks::read_next),
            false => Err(ErrorKind::NotRows(layout).into()),
        }
    }
}

impl<S> RowBlocks<S> {
    fn new(
        options: &ReadOptions,
        source: S,
        begin: u64,
        stored: Layout,
        step: usize,
        read: fn(&mut RowBlocks<S>, Range<usize>) -> Result<Array, Error>,
    ) -> Result<RowBlocks<S>, Error> {
        let Some(&rows) = stored.shape().first() else {
            return Err(ErrorKind::NotRows(stored).into());
        };
        if step == 0 {
            let why = "blocks of no rows: expected at least 1";
            return Err(ErrorKind::Slice(why.into()).into());
        }
        let layout = options.as_read(&stored, stored.shape())?;
        let step = if stored.nbytes() == 0 { rows } else { step };
        let mut options = options.clone();
        // What one block shows of the long doubles holds for those after it.
        options.proof = Some(Proof::default());
        Ok(RowBlocks {
            options,
            source,
            begin,
            stored,
            layout,
            step,
            left: 0..rows,
            is_done: false,
            read,
        })
    }

    /// The same in blocks of at most so many bytes, but of one row at least.
    #[must_use]
    pub fn max_bytes(mut self, bytes: usize) -> RowBlocks<S> {
        let rows = self.left.end.max(1);
        if let Some(step) = bytes.checked_div(self.stored.nbytes() / rows) {
            self.step = step.max(1);
        }
        self
    }

    /// The layout that the whole array would have.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }

    /// How many rows were not read yet.
    pub fn rows_left(&self) -> usize {
        self.left.len()
    }
}

impl<S: ReadAt> RowBlocks<S> {
    fn read_at(&mut self, rows: Range<usize>) -> Result<Array, Error> {
        let data = self.options.data(&self.source, self.begin, &self.stored)?;
        let places = data.places().narrow(0, rows);
        self.options
            .read_items(&data, &places.ok_or(ErrorKind::Strides)?)
    }
}

impl<R: Read> RowBlocks<R> {
    fn read_next(&mut self, rows: Range<usize>) -> Result<Array, Error> {
        let dtype = self.stored.dtype();
        let row = self.stored.shape().get(1..).unwrap_or_default();
        let shape = [&[rows.len()], row].concat();
        let layout = Layout::new(dtype.clone(), shape, self.stored.order())?;
        let nbytes = layout.nbytes();
        let before = nbytes / rows.len().max(1) * rows.start;
        let mut source = (&mut self.source).take(nbytes as u64);
        let bytes = Buffer::read(&mut source, nbytes, self.options.alignment(dtype));
        let found = before + nbytes - source.limit() as usize;
        let bytes = bytes.map_err(|error| error.of_whole(self.stored.nbytes(), found))?;
        let items = before.checked_div(dtype.itemsize()).unwrap_or(0);
        let turned = self.options.turned(Array::new(layout, bytes)?);
        turned.map_err(|error| error.items_later(items))
    }
}

impl<S> Iterator for RowBlocks<S> {
    type Item = Result<Array, Error>;

    fn next(&mut self) -> Option<Result<Array, Error>> {
        if self.is_done {
            return None;
        }
        let end = self.left.start.saturating_add(self.step).min(self.left.end);
        let block = (self.read)(self, self.left.start..end);
        self.left.start = end;
        self.is_done = block.is_err() || self.left.is_empty();
        Some(block)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        // An error ends it before.
        let most = match self.is_done {
            true => 0,
            false => self.left.len().div_ceil(self.step.max(1)).max(1),
        };
        (most.min(1), Some(most))
    }
}

impl<S> FusedIterator for RowBlocks<S> {}
