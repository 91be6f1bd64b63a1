//! Reading `.npy`: header, then bytes, in one copy from the source to where they stay.

use super::partial::Data;
use super::refuse_objects;
use crate::array::check_element;
use crate::places::Places;
use crate::positioned::{read_full_at, read_once_at};
use crate::{Array, ArrayView, Buffer, Error, Slice, Strided};
use dtype::{ByteOrder, DType, Element, Layout, Order};
use npy_header::{Header, Parse, ParseOptions};
use std::fs::File;
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
    byte_order: Option<ByteOrder>,
    order: Option<Order>,
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

    /// Turns the items into this memory order while they are read. From a file at a position that
    /// takes 8 MiB beside the array; from a stream ([`read`](ReadOptions::read)) the memory of both orders.
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
        self.order = Some(order);
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
        let bytes = Buffer::read(source, layout.nbytes(), self.alignment(layout.dtype()))?;
        self.turned(Array::new(layout, bytes)?)
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
        let begin = offset + head.data_offset as u64;
        let end = begin + layout.nbytes() as u64;
        let there = head.block.get(head.data_offset..).unwrap_or_default();
        let array = match Strided::contiguous(&layout, there) {
            Ok(items) => self.take(&items, layout.order())?,
            Err(_) => {
                let data = self.data(file, begin, layout)?;
                self.read_items(&data, &data.places())?
            }
        };
        Ok((array, end))
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
        let data = self.data(file, begin, layout)?;
        let taken = slice.of(&data.places())?;
        self.read_items(&data, &taken)
    }

    /// The items of this layout at byte `begin` of a file that goes so far.
    pub(super) fn data<'a>(
        &self,
        file: &'a File,
        begin: u64,
        layout: Layout,
    ) -> Result<Data<'a>, Error> {
        let found = file.metadata()?.len().saturating_sub(begin);
        match found < layout.nbytes() as u64 {
            true => Err(Error::short(layout.nbytes(), found as usize)),
            false => Ok(Data {
                file,
                begin,
                layout,
                byte_order: self.byte_order,
            }),
        }
    }

    /// Reads the items at these places.
    pub(super) fn read_items(&self, data: &Data<'_>, places: &Places) -> Result<Array, Error> {
        let layout = self.as_read(&data.layout, &places.shape)?;
        let mut buffer = Buffer::zeroed(layout.nbytes(), self.alignment(layout.dtype()))?;
        data.read_in(layout.order(), places, buffer.as_mut())?;
        Array::new(layout, buffer)
    }

    /// How items of such a layout are after reading, in this shape.
    pub(super) fn as_read(&self, layout: &Layout, shape: &[usize]) -> Result<Layout, Error> {
        let layout = self.in_order(layout, shape)?;
        Ok(match self.byte_order {
            Some(order) => layout.with_byte_order(order),
            None => layout,
        })
    }

    fn in_order(&self, layout: &Layout, shape: &[usize]) -> Result<Layout, Error> {
        let order = self.order.unwrap_or(layout.order());
        Ok(Layout::new(layout.dtype().clone(), shape, order)?)
    }

    /// An array that was read as it is.
    pub(super) fn turned(&self, mut array: Array) -> Result<Array, Error> {
        let order = array.layout().order();
        if self.order.is_some_and(|wanted| wanted != order) {
            return self.take(&array.strided(), order);
        }
        if let Some(order) = self.byte_order {
            array.set_byte_order(order);
        }
        Ok(array)
    }

    /// A copy of items that are there already, and come in this order where no other is asked for.
    pub(super) fn take(&self, items: &Strided<'_>, order: Order) -> Result<Array, Error> {
        let order = self.order.unwrap_or(order);
        let mut array = Array::aligned(items, order, self.alignment(items.dtype()))?;
        if let Some(order) = self.byte_order {
            array.set_byte_order(order);
        }
        Ok(array)
    }

    /// The first bytes from `offset` on, as many as it takes to parse the header.
    pub(super) fn head(&self, file: &File, offset: u64) -> Result<Head, Error> {
        let mut block = vec![0; FIRST_READ];
        // A short read is as good as any other: what is missing is asked for below.
        let mut filled = read_once_at(file, &mut block, offset)?;
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

    pub(super) fn checked(&self, header: Header) -> Result<Layout, Error> {
        let layout = header.into_layout();
        refuse_objects(layout.dtype())?;
        if let Some(wanted) = self.element {
            (wanted.check)(&self.in_order(&layout, layout.shape())?)?;
        }
        Ok(layout)
    }

    pub(super) fn alignment(&self, dtype: &DType) -> usize {
        match self.element {
            Some(wanted) => wanted.alignment,
            None => dtype.alignment(),
        }
    }
}

/// A header with the bytes that it was parsed from, and what was read behind them.
pub(super) struct Head {
    pub(super) header: Header,
    pub(super) data_offset: usize,
    pub(super) block: Vec<u8>,
}
