//! Reading `.npy`: header, then bytes, in one copy from the source to their final place.

use crate::array::{Array, ArrayView};
use crate::conversion::Conversion;
use crate::error::{Error, refuse_objects};
use crate::field_index::FieldIndex;
use crate::longdouble::LongDouble;
use crate::read_at::{ReadAt, read_full_at, read_once_at};
use crate::reader::{Forward, Reader};
use dtype::{ByteOrder, Casting, DType, Order};
use npy_header::{Header, Parse, ParseOptions};
use std::io::Read;

/// The number of bytes that are read at first: the header, and all of a small array.
const FIRST_READ: usize = 4096;

/// How to open a `.npy`.
///
/// ```
/// use flatfile::{Array, npy, dtype::ByteOrder};
/// let bytes = npy::to_bytes(&Array::from_slice(&[1u16, 2], [2])?)?;
/// let array = npy::ReadOptions::new().byte_order(ByteOrder::Big).open(&bytes)?.read()?;
/// assert_eq!((array.dtype().to_string().as_str(), array.as_bytes()), (">u2", &[0, 1, 0, 2][..]));
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    header: ParseOptions,
    conversion: Conversion,
    fields: Option<FieldIndex>,
}

impl ReadOptions {
    /// The defaults: items as they are in the file.
    pub fn new() -> ReadOptions {
        ReadOptions::default()
    }

    /// The longest header to parse, in bytes; 256 KiB by default (NumPy: 10,000).
    #[must_use]
    pub fn max_header_size(mut self, bytes: usize) -> ReadOptions {
        self.header = self.header.max_header_size(bytes);
        self
    }

    /// The conversion of the items while they are read, as a whole.
    #[must_use]
    pub fn conversion(mut self, conversion: Conversion) -> ReadOptions {
        self.conversion = conversion;
        self
    }

    /// Reads the items in this byte order.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> ReadOptions {
        self.conversion = self.conversion.byte_order(order);
        self
    }

    /// Reads the items in this memory order: see [`Conversion::order`].
    ///
    /// ```
    /// use flatfile::{Array, npy, dtype::Order};
    /// let array = Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [2, 3])?;
    /// let bytes = npy::to_bytes(&array.to_order(Order::Fortran)?)?;
    /// let array = npy::ReadOptions::new().order(Order::C).open(&bytes)?.read()?;
    /// assert_eq!((array.layout().order(), array.as_bytes()), (Order::C, &[1, 2, 3, 4, 5, 6][..]));
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    #[must_use]
    pub fn order(mut self, order: Order) -> ReadOptions {
        self.conversion = self.conversion.order(order);
        self
    }

    /// Reads the items as this dtype: see [`Conversion::astype`].
    #[must_use]
    pub fn astype(mut self, dtype: DType, casting: Casting) -> ReadOptions {
        self.conversion = self.conversion.astype(dtype, casting);
        self
    }

    /// States the format of long doubles in the file: see [`Conversion::longdouble`].
    #[must_use]
    pub fn longdouble(mut self, longdouble: LongDouble) -> ReadOptions {
        self.conversion = self.conversion.longdouble(longdouble);
        self
    }

    /// Reads only these fields of records: see [`Reader::fields`].
    #[must_use]
    pub fn fields(mut self, fields: FieldIndex) -> ReadOptions {
        self.fields = Some(fields);
        self
    }

    /// An array that was opened in another way, with the conversion and the fields of these options.
    ///
    /// # Errors
    /// As [`Reader::fields`].
    pub fn apply<S>(&self, reader: Reader<S>) -> Result<Reader<S>, Error> {
        let reader = reader.conversion(self.conversion.clone());
        match &self.fields {
            Some(fields) => reader.fields(fields),
            None => Ok(reader),
        }
    }

    /// The conversion of the items.
    pub fn as_conversion(&self) -> &Conversion {
        &self.conversion
    }

    /// The array at the beginning of `bytes`, borrowing these bytes as they are, and the number of bytes that it
    /// takes.
    ///
    /// # Errors
    /// `Header`, `Short`, `Object`.
    pub fn parse<'a>(&self, bytes: &'a [u8]) -> Result<(ArrayView<'a>, usize), Error> {
        let (header, data_offset) = match self.header.parse(bytes)? {
            Parse::Done {
                header,
                data_offset,
            } => (header, data_offset),
            Parse::Need(n) => return Err(npy_header::Error::truncated(n, bytes.len()).into()),
        };
        let layout = header.into_layout();
        refuse_objects(layout.dtype())?;
        let data = bytes.get(data_offset..).unwrap_or_default();
        match data.get(..layout.nbytes()) {
            Some(data) => Ok((Array::new(layout, data)?, data_offset + data.len())),
            None => Err(Error::short(layout.nbytes(), data.len())),
        }
    }

    /// Opens the array at the beginning of a source.
    ///
    /// # Errors
    /// `Header`, `Io`; as [`apply`](ReadOptions::apply).
    pub fn open<S: ReadAt>(&self, source: S) -> Result<Reader<S>, Error> {
        self.open_at(source, 0)
    }

    /// Opens the array that begins at byte `offset` of a source.
    ///
    /// # Errors
    /// `Header`, `Io`.
    pub fn open_at<S: ReadAt>(&self, source: S, offset: u64) -> Result<Reader<S>, Error> {
        // On the stack: thousands of small files are read in a row.
        let mut first = [0; FIRST_READ];
        // A short read is fine: missing bytes are requested below.
        let found = read_once_at(&source, &mut first, offset)?;
        let first = first.get(..found).unwrap_or_default();
        let (header, length) = match self.header.parse(first)? {
            Parse::Done {
                header,
                data_offset,
            } => (header, data_offset),
            Parse::Need(needed) => self.long_header(&source, offset, first, needed)?,
        };
        let begin = offset.saturating_add(length as u64);
        let reader = Reader::with_header(source, header, Some(begin));
        let reader = reader.with_head(first.get(length..).unwrap_or_default());
        self.apply(reader)
    }

    /// Opens the next array in a stream, which is then right after its header.
    ///
    /// # Errors
    /// `Header`, `Io`.
    pub fn open_stream<R: Read>(&self, mut source: R) -> Result<Reader<Forward<R>>, Error> {
        let (header, length) = self.read_header(&mut source)?;
        let reader = Reader::with_header(Forward::new(source), header, Some(length));
        self.apply(reader)
    }

    /// Parses the header at the beginning of bytes that arrive in pieces.
    ///
    /// # Errors
    /// `Header`.
    pub fn parse_header(&self, bytes: &[u8]) -> Result<Parse, Error> {
        Ok(self.header.parse(bytes)?)
    }

    /// Reads a header, and returns how many bytes it took; the source is left right after it, where the data
    /// begins.
    ///
    /// # Errors
    /// `Header`, `Io`.
    pub fn read_header(&self, source: impl Read) -> Result<(Header, u64), Error> {
        let (header, bytes) = self.read_head(source)?;
        Ok((header, bytes.len() as u64))
    }

    /// Reads a header, and keeps its bytes.
    pub(super) fn read_head(&self, mut source: impl Read) -> Result<(Header, Vec<u8>), Error> {
        // Most headers fit.
        let mut bytes = Vec::with_capacity(256);
        loop {
            match self.header.parse(&bytes)? {
                Parse::Done { header, .. } => return Ok((header, bytes)),
                Parse::Need(n) => {
                    let missing = (n - bytes.len()) as u64;
                    source.by_ref().take(missing).read_to_end(&mut bytes)?;
                    if bytes.len() < n {
                        // The bytes so far may declare a greater length, or not be the beginning of a header at
                        // all.
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

    /// The header at byte `offset`, and its length, if it needs more bytes than the first ones.
    fn long_header<S: ReadAt>(
        &self,
        source: &S,
        offset: u64,
        first: &[u8],
        mut needed: usize,
    ) -> Result<(Header, usize), Error> {
        let mut block = first.to_vec();
        loop {
            // The length that the header itself declares is not trusted either.
            let found = source.len()?.saturating_sub(offset);
            if found < needed as u64 {
                return Err(npy_header::Error::truncated(needed, found as usize).into());
            }
            let filled = block.len();
            block.resize(needed, 0);
            let space = block.get_mut(filled..).unwrap_or_default();
            let filled = filled + read_full_at(source, space, offset + filled as u64)?;
            if filled < needed {
                return Err(npy_header::Error::truncated(needed, filled).into());
            }
            match self.header.parse(&block)? {
                Parse::Done {
                    header,
                    data_offset,
                } => return Ok((header, data_offset)),
                Parse::Need(more) => needed = more,
            }
        }
    }
}
