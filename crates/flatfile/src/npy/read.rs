//! Reading `.npy`: header, then bytes, in one copy from the source to where they stay.

use crate::raw::{self, RowBlocks};
use crate::read_at::{read_full_at, read_once_at};
use crate::{Array, ArrayView, Error, LongDouble, ReadAt, Slice, Strided};
use bytemuck::Pod;
use dtype::{ByteOrder, Casting, DType, Element, Layout, Order};
use npy_header::{Header, Parse, ParseOptions};
use std::io::Read;

/// How much of a file is read at first: the header, and all of a small array.
const FIRST_READ: usize = 4096;

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
    items: raw::ReadOptions,
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
        self.items = self.items.byte_order(order);
        self
    }

    /// Turns the items into this memory order while they are read. From a source that is read at
    /// positions that takes 8 MiB beside the array; from a stream ([`read`](ReadOptions::read)) the memory of both orders.
    ///
    /// ```
    /// use flatfile::{Array, npy, dtype::Order};
    /// let array = Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [2, 3])?;
    /// let bytes = npy::to_bytes(&array.to_order(Order::Fortran)?)?;
    /// let array = npy::ReadOptions::new().order(Order::C).read(&bytes[..])?;
    /// assert_eq!((array.layout().order(), array.as_bytes()), (Order::C, &[1, 2, 3, 4, 5, 6][..]));
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn order(mut self, order: Order) -> ReadOptions {
        self.items = self.items.order(order);
        self
    }

    /// Makes items of this dtype of them while they are read, as [`Array::astype`] does, without a
    /// second array. (From a stream it takes the memory of both.)
    #[must_use]
    pub fn astype(mut self, dtype: DType, casting: Casting) -> ReadOptions {
        self.items = self.items.astype(dtype, casting);
        self
    }

    /// States what long doubles in the file are; they come as numbers of the x87 without padding. Items of other
    /// types are read as without it.
    #[must_use]
    pub fn longdouble(mut self, longdouble: LongDouble) -> ReadOptions {
        self.items = self.items.longdouble(longdouble);
        self
    }

    /// Expects items of `T`: another dtype is an error before any data is read, items come in native
    /// byte order, or that of `T`'s fields, and memory is such that [`Array::into_vec`] hands it over. The
    /// fields of a record are found by name, as in [`Array::to_vec`].
    #[must_use]
    pub fn element<T: Element>(mut self) -> ReadOptions {
        self.items = self.items.element::<T>();
        self
    }

    /// The same without a header.
    pub fn items(&self) -> &raw::ReadOptions {
        &self.items
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
        let layout = header.into_layout();
        self.items.check(&layout)?;
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
        self.items.read(source, header.layout())
    }

    /// Reads one array into `items`, which take all of it in C order and native byte order, whatever
    /// other options say; the answer is its layout there. The source stays right behind the array.
    ///
    /// ```
    /// use flatfile::{Array, npy};
    /// let file = npy::to_bytes(&Array::from_slice(&[1.5f32, 2.5, 3.5, 4.5], [2, 2])?)?;
    /// let mut items = [0f32; 4];
    /// let layout = npy::ReadOptions::new().read_into(&file[..], &mut items)?;
    /// assert_eq!((layout.shape(), items), (&[2, 2][..], [1.5, 2.5, 3.5, 4.5]));
    ///
    /// let error = npy::ReadOptions::new().read_into(&file[..], &mut items[1..]).unwrap_err();
    /// assert_eq!(error.to_string(), "the array has another number of items: expected 3, found 4");
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Mismatch` or `Count`, before `items` are touched; `Header`, `Short`, `Object`, `Io`. After an error
    /// while reading, `items` hold some of the new values.
    pub fn read_into<T: Element + Pod>(
        &self,
        mut source: impl Read,
        items: &mut [T],
    ) -> Result<Layout, Error> {
        let (header, _) = self.read_header(&mut source)?;
        self.items.read_into(source, header.layout(), items)
    }

    /// Reads one array in blocks of at most `rows` rows; the source stays right behind the last one
    /// read. To another memory order, a block takes twice its memory.
    ///
    /// # Errors
    /// `NotRows` of a 0-d array or one in Fortran order, `Slice` where `rows` is 0; `Header`, `Object`,
    /// `Mismatch`, `Io`.
    pub fn row_blocks<R: Read>(&self, mut source: R, rows: usize) -> Result<RowBlocks<R>, Error> {
        let (header, _) = self.read_header(&mut source)?;
        self.items.row_blocks(source, header.layout(), rows)
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
                        // What is there may say more, or not be the beginning of a header at all.
                        let needed = match self.header.parse(&bytes)? {
                            Parse::Need(needed) => needed,
                            Parse::Done { data_offset, .. } => data_offset,
                        };
                        return Err(npy_header::Error::truncated(needed, bytes.len()).into());
                    }
                }
            }
        }
    }

    /// Reads the array that begins at byte `offset` of a source, and returns where it ends, too. Large arrays
    /// are read by several threads.
    ///
    /// # Errors
    /// `Header`, `Short`, `Object`, `Mismatch`, `Memory`, `Io`.
    pub fn read_at<S: ReadAt + ?Sized>(
        &self,
        source: &S,
        offset: u64,
    ) -> Result<(Array, u64), Error> {
        let head = self.head(source, offset)?;
        let (layout, begin) = (head.layout(), offset + head.data_offset as u64);
        let end = begin + layout.nbytes() as u64;
        let array = match head.items() {
            Some(items) => {
                self.items.check(layout)?;
                self.items.take(&items, layout.order())?
            }
            None => self.items.read_at(source, begin, layout)?,
        };
        Ok((array, end))
    }

    /// As [`read_into`](ReadOptions::read_into), from byte `offset` of a source on; large arrays are
    /// read by several threads. This takes 8 MiB beside `items` at most.
    ///
    /// # Errors
    /// As [`read_into`](ReadOptions::read_into).
    pub fn read_into_at<T: Element + Pod, S: ReadAt + ?Sized>(
        &self,
        source: &S,
        offset: u64,
        items: &mut [T],
    ) -> Result<Layout, Error> {
        let head = self.head(source, offset)?;
        let begin = offset + head.data_offset as u64;
        self.items.read_into_at(source, begin, head.layout(), items)
    }

    /// As [`row_blocks`](ReadOptions::row_blocks), of the array that begins at byte `offset` of a source,
    /// in any order. A block takes 8 MiB beside its array at most.
    ///
    /// # Errors
    /// `NotRows` of a 0-d array, `Slice` where `rows` is 0; as [`read_at`](ReadOptions::read_at), also
    /// where the file is too short.
    pub fn row_blocks_at<S: ReadAt>(
        &self,
        source: S,
        offset: u64,
        rows: usize,
    ) -> Result<RowBlocks<S>, Error> {
        let head = self.head(&source, offset)?;
        let begin = offset + head.data_offset as u64;
        self.items.row_blocks_at(source, begin, head.layout(), rows)
    }

    /// Reads a header at byte `offset` of a source, and returns where the data begins, too.
    ///
    /// # Errors
    /// `Header`, `Io`.
    pub fn read_header_at<S: ReadAt + ?Sized>(
        &self,
        source: &S,
        offset: u64,
    ) -> Result<(Header, u64), Error> {
        let head = self.head(source, offset)?;
        Ok((head.header, offset + head.data_offset as u64))
    }

    /// Reads the items that `slice` takes of the array at byte `offset` of a source, and little else.
    /// They come in the memory order that they have there.
    ///
    /// # Errors
    /// `Slice`, and as [`read_at`](ReadOptions::read_at).
    pub fn read_slice_at<S: ReadAt + ?Sized>(
        &self,
        source: &S,
        offset: u64,
        slice: &Slice,
    ) -> Result<Array, Error> {
        let head = self.head(source, offset)?;
        let begin = offset + head.data_offset as u64;
        self.items
            .read_slice_at(source, begin, head.layout(), slice)
    }

    /// The first bytes from `offset` on, as many as it takes to parse the header.
    fn head<S: ReadAt + ?Sized>(&self, source: &S, offset: u64) -> Result<Head, Error> {
        let mut block = vec![0; FIRST_READ];
        // A short read is as good as any other: what is missing is asked for below.
        let mut filled = read_once_at(source, &mut block, offset)?;
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
                    let found = source.len()?.saturating_sub(offset);
                    if found < n as u64 {
                        return Err(npy_header::Error::truncated(n, found as usize).into());
                    }
                    block.resize(n, 0);
                    let space = block.get_mut(filled..).unwrap_or_default();
                    filled += read_full_at(source, space, offset + filled as u64)?;
                    if filled < n {
                        return Err(npy_header::Error::truncated(n, filled).into());
                    }
                }
            }
        }
    }
}

/// A header with the bytes that it was parsed from, and what was read behind them.
struct Head {
    header: Header,
    data_offset: usize,
    block: Vec<u8>,
}

impl Head {
    fn layout(&self) -> &Layout {
        self.header.layout()
    }

    /// The items, where all of them were read.
    fn items(&self) -> Option<Strided<'_>> {
        let there = self.block.get(self.data_offset..).unwrap_or_default();
        Strided::contiguous(self.layout(), there).ok()
    }
}
