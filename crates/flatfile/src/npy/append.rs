//! An array in a file that grows, so that the file holds the old array or the new one at any time.

use super::ReadOptions;
use super::rows::{RowLayout, failed_before};
use crate::error::{Error, ErrorKind};
use crate::strided::Strided;
use dtype::Order;
use npy_header::{Header, MAGIC, Version};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;

/// The unit that storage writes atomically.
const SECTOR: u64 = 512;

/// The number of bytes that are copied at a time.
const COPY_BYTES: usize = 1 << 20;

/// The source of the number of rows of an array whose header and data disagree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RecoverFrom {
    /// The header: the bytes after the array are left over from an interrupted append.
    Header,
    /// The data: its rows were written, but not counted. Or it was truncated, and the header counts too many.
    Data,
}

/// Writes rows after the array in a file, and then the header that counts them.
///
/// The rows that are [pushed](Appender::push) become part of the array by [`commit`](Appender::commit): the target
/// is flushed, the bytes of the header that change are overwritten, and the target is flushed again. Wherever the
/// program stops, the file holds the array of one commit or of the next. With a target whose `flush` waits for the
/// storage, this also holds for power failures.
///
/// ```
/// use flatfile::{ArrayView, npy, npy_header::Header, dtype::{DType, Layout, Order}};
/// use std::io::Cursor;
///
/// let empty = Header::new(Layout::new(DType::F64, [0, 2], Order::C)?);
/// let mut file = Cursor::new(Vec::new());
/// let mut rows = npy::Appender::create(&mut file, &empty)?;
/// rows.push(&ArrayView::over(&[1.0, 2.0], [1, 2])?)?;
/// rows.commit()?;
///
/// file.set_position(0);
/// let mut rows = npy::Appender::open(&mut file)?;
/// rows.push(&ArrayView::over(&[3.0, 4.0, 5.0, 6.0], [2, 2])?)?;
/// rows.commit()?;
/// assert_eq!(npy::parse(file.get_ref())?.0.shape(), [3, 2]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Debug)]
pub struct Appender<W> {
    target: W,
    /// Where the header begins.
    header_offset: u64,
    /// The header as it is in the file.
    header: Vec<u8>,
    version: Version,
    rows: RowLayout,
    /// Where the rows end.
    end: u64,
    /// Whether others see the file, so that it has to hold an array at any time.
    is_public: bool,
    /// Whether an operation failed, after which the contents of the file after the array are unknown.
    has_failed: bool,
}

impl<W: Write + Seek> Appender<W> {
    /// Writes the header of an array that is to grow at the target's current position, and no rows yet: the length
    /// of the header's first axis is ignored.
    ///
    /// # Errors
    /// `NotRowMajor` if the layout is 0-d or in Fortran order, `Object`, `Header`, `Io`.
    pub fn create(target: W, header: &Header) -> Result<Appender<W>, Error> {
        let layout = header.layout();
        if layout.order() == Order::Fortran && layout.ndim() > 1 {
            return Err(ErrorKind::NotRowMajor(layout.clone()).into());
        }
        Appender::write_header(target, RowLayout::of(layout)?.empty(), header.version())
    }

    /// Writes the header of these rows, which are not written yet.
    fn write_header(
        mut target: W,
        rows: RowLayout,
        version: Version,
    ) -> Result<Appender<W>, Error> {
        let header_offset = target.stream_position()?;
        let header = Header::new(rows.layout()?).with_version(version).encode()?;
        target.write_all(&header)?;
        Ok(Appender {
            target,
            header_offset,
            end: header_offset + header.len() as u64,
            header,
            version,
            rows,
            is_public: false,
            has_failed: false,
        })
    }

    /// Writes rows after the others: an array of the same dtype, except for byte order, and with the same axes
    /// after the first.
    ///
    /// # Errors
    /// Before anything is written: `Mismatch` or `RowShape` if the rows are different; `HeaderFull` if the header
    /// cannot count them in its place (see [`move_to`](Appender::move_to)). `Io`, after which nothing more is
    /// written.
    pub fn push<'a>(&mut self, rows: impl Into<Strided<'a>>) -> Result<(), Error> {
        let view = rows.into();
        let rows = self.rows.followed_by(&view)?;
        self.header_for(&rows)?;
        self.attempt(|this| {
            this.target.seek(SeekFrom::Start(this.end))?;
            this.rows.write(&mut this.target, &view)
        })?;
        self.set_rows(rows)
    }

    /// Makes the rows that were pushed part of the array.
    ///
    /// # Errors
    /// `HeaderFull` after [`recover`](Appender::recover), before anything is written; `Io`, after which the
    /// file holds the old array or the new one, and nothing more is written.
    pub fn commit(&mut self) -> Result<(), Error> {
        let (header, changed_range) = self.header_for(&self.rows)?;
        self.attempt(|this| {
            this.target.flush()?;
            if let Some(bytes) = header
                .get(changed_range.clone())
                .filter(|bytes| !bytes.is_empty())
            {
                let offset = this.header_offset + changed_range.start as u64;
                this.target.seek(SeekFrom::Start(offset))?;
                this.target.write_all(bytes)?;
                this.target.flush()?;
            }
            Ok(())
        })?;
        self.header = header;
        Ok(())
    }

    /// The position in the target at which the rows end, including those that are not committed.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The position at which the rows begin.
    fn data_offset(&self) -> u64 {
        self.header_offset + self.header.len() as u64
    }

    fn set_rows(&mut self, rows: RowLayout) -> Result<(), Error> {
        self.end = self.data_offset() + rows.layout()?.nbytes() as u64;
        self.rows = rows;
        Ok(())
    }

    /// The header that counts these rows in its place, and which of its bytes differ from before: a change that is
    /// written at once.
    fn header_for(&self, rows: &RowLayout) -> Result<(Vec<u8>, Range<usize>), Error> {
        let header = Header::new(rows.layout()?).with_version(self.version);
        // The same header could be written before, so only its length can be a problem.
        let bytes = header.encode_in(self.header.len());
        let bytes = bytes.map_err(|_| ErrorKind::HeaderFull)?;
        let changed_range = self.changed_range(&bytes);
        let sector = |i: usize| (self.header_offset + i as u64) / SECTOR;
        let is_torn = changed_range
            .clone()
            .any(|i| sector(i) != sector(changed_range.start));
        if is_torn && self.is_public {
            Err(ErrorKind::HeaderFull.into())
        } else {
            Ok((bytes, changed_range))
        }
    }

    /// Runs an operation on the target, unless an earlier one failed.
    fn attempt(
        &mut self,
        operation: impl FnOnce(&mut Self) -> Result<(), Error>,
    ) -> Result<(), Error> {
        if std::mem::replace(&mut self.has_failed, true) {
            return Err(failed_before());
        }
        operation(self)?;
        self.has_failed = false;
        Ok(())
    }

    /// The bytes of the header that differ in `new`.
    fn changed_range(&self, new: &[u8]) -> Range<usize> {
        let differs = |(old, new): (&u8, &u8)| old != new;
        let mut pairs = self.header.iter().zip(new);
        let Some(first) = pairs.clone().position(differs) else {
            return 0..0;
        };
        first..pairs.rposition(differs).map_or(first, |last| last + 1)
    }
}

impl<W: Read + Write + Seek> Appender<W> {
    /// Continues after the array that begins at the target's current position and ends where the target ends.
    ///
    /// # Errors
    /// `Header`, `Object`, `NotRowMajor`; `Short`, `Trailing` if the array does not end where the target does;
    /// `Io`.
    pub fn open(target: W) -> Result<Appender<W>, Error> {
        let (appender, length) = Appender::read(target)?;
        match (length.checked_sub(appender.end), appender.rows.layout()?) {
            (Some(0), layout) if layout.is_c_contiguous() => Ok(appender),
            (Some(0), layout) => Err(ErrorKind::NotRowMajor(layout).into()),
            (Some(bytes), _) => Err(ErrorKind::Trailing { bytes }.into()),
            (None, _) => Err(appender.short(length)),
        }
    }

    /// Opens an array that does not end where the target does; `recover_from` decides how many rows there are. The
    /// bytes after them have to be cut off; the rows are not part of the array before a [`commit`](Appender::commit).
    ///
    /// In Fortran order, the length of the last axis is corrected.
    ///
    /// # Errors
    /// `Header`, `Object`, `NotRowMajor` for a 0-d array; `Short` if the header is trusted; `Trailing` if the bytes
    /// after the array are another array; `Io`.
    pub fn recover(target: W, recover_from: RecoverFrom) -> Result<Appender<W>, Error> {
        let (mut appender, length) = Appender::read(target)?;
        if let Some(bytes) = length.checked_sub(appender.end) {
            appender.target.seek(SeekFrom::Start(appender.end))?;
            let mut first = Vec::new();
            let magic = (&mut appender.target).take(MAGIC.len() as u64);
            { magic }.read_to_end(&mut first)?;
            if first == MAGIC {
                return Err(ErrorKind::Trailing { bytes }.into());
            }
        }
        match recover_from {
            RecoverFrom::Header if length < appender.end => Err(appender.short(length)),
            RecoverFrom::Header => Ok(appender),
            RecoverFrom::Data => {
                let data = appender.data_offset();
                let rows = appender.rows.clone();
                appender.set_rows(rows.fitting(length.saturating_sub(data))?)?;
                Ok(appender)
            }
        }
    }

    /// The array that begins at the target's current position, and the end of the target.
    fn read(mut target: W) -> Result<(Appender<W>, u64), Error> {
        let header_offset = target.stream_position()?;
        let (header, bytes) = ReadOptions::new().read_head(&mut target)?;
        let layout = header.layout();
        let mut appender = Appender {
            header_offset,
            end: header_offset + bytes.len() as u64 + layout.nbytes() as u64,
            header: bytes,
            version: header.version(),
            rows: RowLayout::of_any_order(layout)?,
            is_public: true,
            has_failed: false,
            target,
        };
        let length = appender.target.seek(SeekFrom::End(0))?;
        Ok((appender, length))
    }

    /// The error that the target of this length ends before the rows do.
    fn short(&self, length: u64) -> Error {
        let data = self.data_offset();
        let (expected, found) = (self.end - data, length.saturating_sub(data));
        ErrorKind::Short { expected, found }.into()
    }

    /// The same array in a new target, under a header with room to grow, including the rows that are not committed.
    ///
    /// # Errors
    /// `Io`.
    pub fn move_to<T: Write + Seek>(&mut self, target: T) -> Result<Appender<T>, Error> {
        let mut moved = Appender::write_header(target, self.rows.clone().empty(), self.version)?;
        let nbytes = self.end - self.data_offset();
        self.target.seek(SeekFrom::Start(self.data_offset()))?;
        let source = BufReader::with_capacity(COPY_BYTES, (&mut self.target).take(nbytes));
        let copied = io::copy(&mut { source }, &mut moved.target)?;
        if copied < nbytes {
            let (expected, found) = (nbytes, copied);
            return Err(ErrorKind::Short { expected, found }.into());
        }
        moved.rows = self.rows.clone();
        moved.end += nbytes;
        Ok(moved)
    }
}
