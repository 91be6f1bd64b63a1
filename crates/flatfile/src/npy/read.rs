//! Reading `.npy`: header, then bytes, in one copy from the source to where they stay.

use super::partial::Data;
use super::refuse_objects;
use crate::array::check_element;
use crate::places::Places;
use crate::positioned::{read_exact_at, read_full_at};
use crate::{Array, ArrayView, Buffer, Error, Slice};
use dtype::{ByteOrder, DType, Element, Layout, Order, set_byte_order};
use npy_header::{Header, Parse, ParseOptions};
use std::fs::File;
use std::io::Read;
use std::sync::{Mutex, PoisonError};
use std::thread;

/// How much of a file is read at first: the header, and all of a small array.
const FIRST_READ: usize = 4096;

/// What a thread reads at a time; for less than that, starting one costs more than it gains.
const SHARE: usize = 16 << 20;

/// Items are swapped while they are in the cache, so many bytes at a time.
const SWAP_BLOCK: usize = 256 << 10;

/// How to read a `.npy`.
///
/// ```
/// use flatfile::{Array, npy, dtype::ByteOrder};
/// let bytes = npy::to_bytes(&Array::from_slice(&[1u16, 2], [2])?)?;
/// let array = npy::ReadOptions::new().byte_order(ByteOrder::Big).read(&bytes[..])?;
/// assert_eq!((array.dtype().to_string().as_str(), array.as_bytes()), (">u2", &[0, 1, 0, 2][..]));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    header: ParseOptions,
    byte_order: Option<ByteOrder>,
    element: Option<Wanted>,
}

/// What a Rust type wants of the array.
#[derive(Clone, Copy, Debug)]
struct Wanted {
    alignment: usize,
    check: fn(&Layout) -> Result<(), Error>,
}

impl ReadOptions {
    /// The defaults: items as they are in the file.
    pub fn new() -> ReadOptions {
        ReadOptions::default()
    }

    /// The longest header to parse, in bytes; 256 KiB unless said otherwise (NumPy: 10,000).
    #[must_use]
    pub fn max_header_size(mut self, bytes: usize) -> ReadOptions {
        self.header = self.header.max_header_size(bytes);
        self
    }

    /// Turns the items into this byte order while they are read.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> ReadOptions {
        self.byte_order = Some(order);
        self
    }

    /// Expects items of `T`: another dtype is an error before any data is read, items come in native
    /// byte order, and memory is such that [`Array::into_vec`] hands it over.
    #[must_use]
    pub fn element<T: Element>(mut self) -> ReadOptions {
        self.byte_order = Some(ByteOrder::NATIVE);
        self.element = Some(Wanted {
            alignment: align_of::<T>(),
            check: check_element::<T>,
        });
        self
    }

    /// The array that `bytes` begin with, over these bytes as they are, and how many it takes.
    ///
    /// # Errors
    /// `Header`, `Short`, `Object`, `Mismatch`.
    pub fn parse<'a>(&self, bytes: &'a [u8]) -> Result<(ArrayView<'a>, usize), Error> {
        let (header, data_offset) = match self.header.parse(bytes)? {
            Parse::Done {
                header,
                data_offset,
            } => (header, data_offset),
            Parse::Need(n) => return Err(npy_header::Error::truncated(n, bytes.len()).into()),
        };
        let layout = self.checked(header)?;
        let data = bytes.get(data_offset..).unwrap_or_default();
        match data.get(..layout.nbytes()) {
            Some(data) => Ok((Array::new(layout, data)?, data_offset + data.len())),
            None => Err(Error::short(layout.nbytes(), data.len())),
        }
    }

    /// Reads one array; the source stays right behind it. Memory grows with what arrives.
    ///
    /// # Errors
    /// `Header`, `Short`, `Object`, `Mismatch`, `Memory`, `Io`.
    pub fn read(&self, mut source: impl Read) -> Result<Array, Error> {
        let (header, _) = self.read_header(&mut source)?;
        let layout = self.checked(header)?;
        let bytes = Buffer::read(source, layout.nbytes(), self.alignment(&layout))?;
        let mut array = Array::new(layout, bytes)?;
        if let Some(order) = self.byte_order {
            array.set_byte_order(order);
        }
        Ok(array)
    }

    /// Reads a header, and says how many bytes it took; the source stays right behind it, where the
    /// data begins.
    ///
    /// # Errors
    /// `Header`, `Io`.
    pub fn read_header(&self, source: impl Read) -> Result<(Header, u64), Error> {
        let (header, bytes) = self.read_head(source)?;
        Ok((header, bytes.len() as u64))
    }

    /// Reads a header, and keeps its bytes.
    pub(super) fn read_head(&self, mut source: impl Read) -> Result<(Header, Vec<u8>), Error> {
        let mut bytes = Vec::new();
        loop {
            match self.header.parse(&bytes)? {
                Parse::Done { header, .. } => return Ok((header, bytes)),
                Parse::Need(n) => {
                    let missing = (n - bytes.len()) as u64;
                    source.by_ref().take(missing).read_to_end(&mut bytes)?;
                    if bytes.len() < n {
                        // What is there may not be the beginning of a header at all.
                        self.header.parse(&bytes)?;
                        return Err(npy_header::Error::truncated(n, bytes.len()).into());
                    }
                }
            }
        }
    }

    /// Reads the array that begins at byte `offset` of a regular file, and says where it ends.
    ///
    /// The file's own position is not used (on Windows it changes). Large arrays are read by several threads.
    ///
    /// # Errors
    /// `Header`, `Short`, `Object`, `Mismatch`, `Memory`, `Io`.
    pub fn read_at(&self, file: &File, offset: u64) -> Result<(Array, u64), Error> {
        let head = self.head(file, offset)?;
        let layout = self.checked(head.header)?;
        let first = head.block.get(head.data_offset..).unwrap_or_default();
        let begin = offset + head.data_offset as u64;
        let end = begin + layout.nbytes() as u64;
        Ok((self.read_items(file, begin, layout, first)?, end))
    }

    /// Reads a header at byte `offset` of a regular file, and says where the data begins.
    ///
    /// # Errors
    /// `Header`, `Io`.
    pub fn read_header_at(&self, file: &File, offset: u64) -> Result<(Header, u64), Error> {
        let head = self.head(file, offset)?;
        Ok((head.header, offset + head.data_offset as u64))
    }

    /// Reads the items that `slice` takes of the array at byte `offset` of a regular file, and little
    /// else. They come in the file's memory order.
    ///
    /// # Errors
    /// `Slice`, and as [`read_at`](ReadOptions::read_at).
    pub fn read_slice_at(&self, file: &File, offset: u64, slice: &Slice) -> Result<Array, Error> {
        let head = self.head(file, offset)?;
        let layout = self.checked(head.header)?;
        let begin = offset + head.data_offset as u64;
        check_length(file, begin, &layout)?;
        let taken = slice.of(&Places::of(&layout))?;
        let part = Layout::new(layout.dtype().clone(), taken.shape.clone(), layout.order())?;
        let mut buffer = Buffer::zeroed(part.nbytes(), self.alignment(&part))?;
        let data = Data {
            file,
            begin,
            dtype: layout.dtype(),
            swap: self.byte_order.map(|order| (layout.dtype(), order)),
        };
        match layout.order() {
            Order::C => data.read(&taken, buffer.as_mut())?,
            Order::Fortran => data.read(&taken.transposed(), buffer.as_mut())?,
        }
        Array::new(self.as_read(part), buffer)
    }

    /// Reads the items, of which the bytes `first` are there already.
    fn read_items(
        &self,
        file: &File,
        offset: u64,
        layout: Layout,
        first: &[u8],
    ) -> Result<Array, Error> {
        let nbytes = layout.nbytes();
        if first.len() < nbytes {
            check_length(file, offset, &layout)?;
        }
        let mut buffer = Buffer::zeroed(nbytes, self.alignment(&layout))?;
        // Whole items only, so that each is swapped once.
        let itemsize = layout.dtype().itemsize().max(1);
        let there = first.len().min(nbytes) / itemsize * itemsize;
        let (head, tail) = buffer.as_mut().split_at_mut(there);
        head.copy_from_slice(first.get(..there).unwrap_or_default());
        let swap = self.byte_order.map(|order| (layout.dtype(), order));
        swap_all(swap, head);
        fill(file, offset + there as u64, tail, swap)?;
        Array::new(self.as_read(layout), buffer)
    }

    /// The layout after the byte order was changed while reading.
    fn as_read(&self, layout: Layout) -> Layout {
        match self.byte_order {
            Some(order) => layout.with_byte_order(order),
            None => layout,
        }
    }

    /// The first bytes from `offset` on, as many as it takes to parse the header.
    fn head(&self, file: &File, offset: u64) -> Result<Head, Error> {
        let mut block = vec![0; FIRST_READ];
        let mut filled = read_full_at(file, &mut block, offset)?;
        block.truncate(filled);
        loop {
            match self.header.parse(&block)? {
                Parse::Done {
                    header,
                    data_offset,
                } => {
                    return Ok(Head {
                        header,
                        data_offset,
                        block,
                    });
                }
                Parse::Need(n) => {
                    // The header's own word for its length is not believed either.
                    let found = file.metadata()?.len().saturating_sub(offset);
                    if found < n as u64 {
                        return Err(npy_header::Error::truncated(n, found as usize).into());
                    }
                    block.resize(n, 0);
                    let space = block.get_mut(filled..).unwrap_or_default();
                    filled += read_full_at(file, space, offset + filled as u64)?;
                    if filled < n {
                        return Err(npy_header::Error::truncated(n, filled).into());
                    }
                }
            }
        }
    }

    fn checked(&self, header: Header) -> Result<Layout, Error> {
        let layout = header.into_layout();
        refuse_objects(layout.dtype())?;
        if let Some(wanted) = self.element {
            (wanted.check)(&layout)?;
        }
        Ok(layout)
    }

    fn alignment(&self, layout: &Layout) -> usize {
        match self.element {
            Some(wanted) => wanted.alignment,
            None => layout.dtype().alignment(),
        }
    }
}

/// A header with the bytes that it was parsed from, and what was read behind them.
struct Head {
    header: Header,
    data_offset: usize,
    block: Vec<u8>,
}

/// Whether the file goes as far as the items of `layout`, which begin at byte `begin`.
fn check_length(file: &File, begin: u64, layout: &Layout) -> Result<(), Error> {
    let found = file.metadata()?.len().saturating_sub(begin);
    match found < layout.nbytes() as u64 {
        true => Err(Error::short(layout.nbytes(), found as usize)),
        false => Ok(()),
    }
}

/// Of which dtype the items are, and into which byte order they are turned.
pub(super) type Swap<'a> = Option<(&'a DType, ByteOrder)>;

pub(super) fn swap_all(swap: Swap<'_>, items: &mut [u8]) {
    if let Some((dtype, order)) = swap {
        set_byte_order(dtype, order, items);
    }
}

/// Fills `bytes` with the items from byte `offset` of the file on; large ones by several threads.
pub(super) fn fill(
    file: &File,
    offset: u64,
    bytes: &mut [u8],
    swap: Swap<'_>,
) -> Result<(), Error> {
    // Asking how many threads there may be takes as long as reading a small file.
    if bytes.len() <= SHARE {
        return fill_part(file, offset, bytes, swap);
    }
    let itemsize = swap.map_or(1, |(dtype, _)| dtype.itemsize().max(1));
    let share = SHARE.next_multiple_of(itemsize);
    let helpers = thread::available_parallelism().map_or(0, |n| n.get() - 1);
    let helpers = helpers.min(bytes.len() / share);
    let parts = Mutex::new(bytes.chunks_mut(share).zip((offset..).step_by(share)));
    let next = || parts.lock().unwrap_or_else(PoisonError::into_inner).next();
    let work = || {
        while let Some((part, offset)) = next() {
            fill_part(file, offset, part, swap)?;
        }
        Ok(())
    };
    thread::scope(|scope| {
        // Where no thread can be had, this one does it all.
        let start = |_| thread::Builder::new().spawn_scoped(scope, work).ok();
        let helpers: Vec<_> = (0..helpers).filter_map(start).collect();
        let mine = work();
        let theirs = helpers.into_iter().map(|helper| match helper.join() {
            Ok(result) => result,
            Err(panic) => std::panic::resume_unwind(panic),
        });
        theirs.fold(mine, Result::and)
    })
}

fn fill_part(file: &File, offset: u64, bytes: &mut [u8], swap: Swap<'_>) -> Result<(), Error> {
    let block = match swap {
        Some((dtype, _)) => SWAP_BLOCK.next_multiple_of(dtype.itemsize().max(1)),
        None => bytes.len().max(1),
    };
    let mut at = offset;
    for block in bytes.chunks_mut(block) {
        read_exact_at(file, block, at)?;
        swap_all(swap, block);
        at += block.len() as u64;
    }
    Ok(())
}
