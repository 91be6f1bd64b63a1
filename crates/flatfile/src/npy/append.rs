//! An array in a file that grows, so that the file holds the old array or the new one at any time.

use super::ReadOptions;
use super::rows::{Rows, failed_before};
use crate::{Error, ErrorKind, Strided};
use npy_header::{Header, Version};
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};
use std::ops::Range;

/// What storage writes at once or not at all.
const SECTOR: u64 = 512;

/// How much is copied at a time.
const COPY: usize = 1 << 20;

/// Writes rows behind the array in a file, and then the header that counts them.
///
/// What is [pushed](Appender::push) becomes part of the array by [`commit`](Appender::commit): the
/// target is flushed, those bytes of the header that change are written over, and the target is flushed
/// again. Wherever the program ends, the file holds the array of one commit or of the next. A target
/// whose `flush` waits for the storage makes that true of power cuts, too.
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
    begin: u64,
    /// The header as it stands there.
    header: Vec<u8>,
    version: Version,
    rows: Rows,
    /// Whether others see the file, so that it has to hold an array at any time.
    is_public: bool,
    /// Whether an operation failed, after which nobody knows what the file holds behind the array.
    has_failed: bool,
}

impl<W: Write + Seek> Appender<W> {
    /// Writes the header of an array that is to grow, where the target stands, and no rows yet: the
    /// length of the header's first axis is ignored.
    ///
    /// # Errors
    /// `NotRows` where the layout is 0-d or in Fortran order, `Object`, `Header`, `Io`.
    pub fn create(mut target: W, header: &Header) -> Result<Appender<W>, Error> {
        let rows = Rows::of(header.layout())?.none();
        let version = header.version();
        let begin = target.stream_position()?;
        let header = Header::new(rows.layout()?).with_version(version).encode()?;
        target.write_all(&header)?;
        Ok(Appender {
            target,
            begin,
            header,
            version,
            rows,
            is_public: false,
            has_failed: false,
        })
    }

    /// Writes rows behind the others: an array of the same dtype, byte order aside, and the same axes
    /// behind the first.
    ///
    /// # Errors
    /// Before anything is written: `Mismatch` or `RowShape` where they are others; `NoRoom` where the
    /// header cannot count them in its place (see [`move_to`](Appender::move_to)). `Io`, after which
    /// nothing more is written.
    pub fn push<'a>(&mut self, rows: impl Into<Strided<'a>>) -> Result<(), Error> {
        let view = rows.into();
        let rows = self.rows.and(&view)?;
        let header = self.header(&rows)?;
        let change = self.change(&header);
        let sector = |i: usize| (self.begin + i as u64) / SECTOR;
        if self.is_public && change.clone().any(|i| sector(i) != sector(change.start)) {
            return Err(ErrorKind::NoRoom.into());
        }
        let end = self.end()?;
        self.attempt(|this| {
            this.target.seek(SeekFrom::Start(end))?;
            this.rows.write(&mut this.target, &view)
        })?;
        self.rows = rows;
        Ok(())
    }

    /// Makes the rows that were pushed part of the array.
    ///
    /// # Errors
    /// `Io`, after which the file holds the old array or the new one, and nothing more is written.
    pub fn commit(&mut self) -> Result<(), Error> {
        let header = self.header(&self.rows)?;
        let change = self.change(&header);
        self.attempt(|this| {
            this.target.flush()?;
            if let Some(bytes) = header.get(change.clone()).filter(|bytes| !bytes.is_empty()) {
                let place = this.begin + change.start as u64;
                this.target.seek(SeekFrom::Start(place))?;
                this.target.write_all(bytes)?;
                this.target.flush()?;
            }
            Ok(())
        })?;
        self.header = header;
        Ok(())
    }

    /// Where the rows end, those that are not committed included.
    ///
    /// # Errors
    /// None in fact: so many rows are refused before.
    pub fn end(&self) -> Result<u64, Error> {
        let nbytes = self.rows.layout()?.nbytes();
        Ok(self.begin + (self.header.len() + nbytes) as u64)
    }

    /// Does what may fail, unless something did before.
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

    /// The header for these rows, as long as the one that is there.
    fn header(&self, rows: &Rows) -> Result<Vec<u8>, Error> {
        let header = Header::new(rows.layout()?).with_version(self.version);
        // The same header could be written, so that only its length can be in the way.
        let bytes = header.encode_in(self.header.len());
        bytes.map_err(|_| ErrorKind::NoRoom.into())
    }

    /// Which bytes of the header are others in `new`.
    fn change(&self, new: &[u8]) -> Range<usize> {
        let differs = |(old, new): (&u8, &u8)| old != new;
        let mut pairs = self.header.iter().zip(new);
        let Some(first) = pairs.clone().position(differs) else {
            return 0..0;
        };
        first..pairs.rposition(differs).map_or(first, |last| last + 1)
    }
}

impl<W: Read + Write + Seek> Appender<W> {
    /// Goes on behind the array that begins where the target stands, and that nothing stands behind.
    ///
    /// # Errors
    /// `Header`, `Object`, `NotRows`; `Short`, `Trailing` where the array does not end where the target
    /// does; `Io`.
    pub fn open(mut target: W) -> Result<Appender<W>, Error> {
        let begin = target.stream_position()?;
        let (header, bytes) = ReadOptions::new().read_head(&mut target)?;
        let rows = Rows::of(header.layout())?;
        let mut appender = Appender {
            begin,
            header: bytes,
            version: header.version(),
            rows,
            is_public: true,
            has_failed: false,
            target,
        };
        let expected = appender.end()?;
        let found = appender.target.seek(SeekFrom::End(0))?;
        match found.checked_sub(expected) {
            Some(0) => Ok(appender),
            Some(bytes) => Err(ErrorKind::Trailing { bytes }.into()),
            None => {
                let data = begin + appender.header.len() as u64;
                let (expected, found) = (expected - data, found - data);
                Err(ErrorKind::Short { expected, found }.into())
            }
        }
    }

    /// The same array in a new target, under a header with room to grow, the rows that are not committed
    /// included.
    ///
    /// # Errors
    /// `Io`.
    pub fn move_to<T: Write + Seek>(&mut self, target: T) -> Result<Appender<T>, Error> {
        let header = Header::new(self.rows.layout()?).with_version(self.version);
        let mut moved = Appender::create(target, &header)?;
        let data = self.begin + self.header.len() as u64;
        let nbytes = self.end()? - data;
        self.target.seek(SeekFrom::Start(data))?;
        let source = (&mut self.target).take(nbytes);
        let copied = io::copy(
            &mut BufReader::with_capacity(COPY, source),
            &mut moved.target,
        )?;
        if copied < nbytes {
            let (expected, found) = (nbytes, copied);
            return Err(ErrorKind::Short { expected, found }.into());
        }
        moved.rows = self.rows.clone();
        Ok(moved)
    }
}
