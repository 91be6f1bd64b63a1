//! What arrays are read from: [`Source`].

use super::positions::Positions;
use crate::conversion::Plan;
use crate::places::Places;
use crate::read_at::read_exact_at;
use crate::{Array, Buffer, Error, ErrorKind, ReadAt};
use dtype::Layout;
use std::fmt;
use std::path::PathBuf;

/// What an array is read from: everything that is [`ReadAt`], a stream as a [`Forward`](super::Forward), a member of an
/// archive, and any of these as an [`AnySource`].
///
/// To read from something else, implement [`ReadAt`]: the methods here speak of how reading is done inside.
pub trait Source {
    /// Reads the items that are asked for, into memory of their own.
    #[doc(hidden)]
    fn load(&self, request: &Request<'_>) -> Result<Array, Error>;

    /// Reads them into `out`, which is as long as they are after the conversion.
    #[doc(hidden)]
    fn fill(&self, request: &Request<'_>, out: &mut [u8]) -> Result<(), Error>;

    /// Reads bytes as they are stored, from byte `at` of the items on.
    #[doc(hidden)]
    fn stored(&self, request: &Request<'_>, at: u64, out: &mut [u8]) -> Result<(), Error>;

    /// Whether there is as much as the layout says, and whether what is asked for can be read.
    #[doc(hidden)]
    fn check(&self, request: &Request<'_>) -> Result<(), Error>;

    /// All bytes of the source, where they are in memory.
    #[doc(hidden)]
    fn in_memory(&self) -> Option<&[u8]>;

    /// An error of the array, with what only the source knows: where it is.
    #[doc(hidden)]
    fn locate(&self, error: Error) -> Error {
        error
    }
}

/// A source of any kind, in a file.
pub struct AnySource<'a> {
    source: Box<dyn Source + Send + Sync + 'a>,
    path: PathBuf,
}

impl<'a> AnySource<'a> {
    pub(super) fn new(source: impl Source + Send + Sync + 'a, path: PathBuf) -> AnySource<'a> {
        let source = Box::new(source);
        AnySource { source, path }
    }
}

impl fmt::Debug for AnySource<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("AnySource");
        shown.field("path", &self.path).finish_non_exhaustive()
    }
}

impl Source for AnySource<'_> {
    fn load(&self, request: &Request<'_>) -> Result<Array, Error> {
        self.source.load(request)
    }

    fn fill(&self, request: &Request<'_>, out: &mut [u8]) -> Result<(), Error> {
        self.source.fill(request, out)
    }

    fn stored(&self, request: &Request<'_>, at: u64, out: &mut [u8]) -> Result<(), Error> {
        self.source.stored(request, at, out)
    }

    fn check(&self, request: &Request<'_>) -> Result<(), Error> {
        self.source.check(request)
    }

    fn in_memory(&self) -> Option<&[u8]> {
        self.source.in_memory()
    }

    fn locate(&self, error: Error) -> Error {
        self.source.locate(error).in_file(&self.path)
    }
}

/// Which items of an array are to be read, and what they become.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The array as it is stored.
    pub(super) layout: &'a Layout,
    /// Where it begins.
    pub(super) begin: u64,
    /// The items that are wanted of it.
    pub(super) places: Places,
    pub(super) plan: &'a Plan,
    /// Whether they are rows that come one after another.
    pub(super) by_rows: bool,
}

impl Request<'_> {
    /// Whether it is for all items of the array.
    pub fn is_whole(&self) -> bool {
        self.places.count() == self.layout.count()
    }

    /// Whether it is for rows, after all those before them.
    pub fn is_by_rows(&self) -> bool {
        self.by_rows
    }

    /// Whether no item of the array comes after those that are asked for.
    pub fn is_last(&self) -> bool {
        let end = self.places.reach().map(|reach| reach.end);
        let size = self.layout.dtype().itemsize();
        self.places.count() == 0 || end.is_some_and(|end| end + size >= self.layout.nbytes())
    }

    /// An error where fewer bytes than that are there.
    ///
    /// # Errors
    /// `Short`.
    pub fn check_length(&self, found: u64) -> Result<(), Error> {
        let expected = self.layout.nbytes() as u64;
        if found < expected {
            return Err(ErrorKind::Short { expected, found }.into());
        }
        Ok(())
    }

    /// An error where rows are asked for that do not lie one after another.
    ///
    /// # Errors
    /// `NotRows`.
    pub fn check_rows(&self) -> Result<(), Error> {
        if self.by_rows && !self.layout.is_c_contiguous() {
            return Err(ErrorKind::NotRows(self.layout.clone()).into());
        }
        Ok(())
    }

    /// How many of the array's items precede the one that begins at this byte.
    pub(super) fn before(&self, place: usize) -> usize {
        let size = self.layout.dtype().itemsize();
        place.checked_div(size).unwrap_or(0)
    }
}

impl<S: ReadAt> Source for S {
    fn load(&self, request: &Request<'_>) -> Result<Array, Error> {
        // Before memory is asked for.
        self.check(request)?;
        let layout = request.plan.layout(&request.places.shape)?;
        let mut buffer = Buffer::zeroed(layout.nbytes(), request.plan.alignment())?;
        Positions::new(self, request).read(buffer.as_mut())?;
        Array::new(layout, buffer)
    }

    fn fill(&self, request: &Request<'_>, out: &mut [u8]) -> Result<(), Error> {
        self.check(request)?;
        Positions::new(self, request).read(out)
    }

    fn stored(&self, request: &Request<'_>, at: u64, out: &mut [u8]) -> Result<(), Error> {
        Ok(read_exact_at(self, out, request.begin.saturating_add(at))?)
    }

    fn check(&self, request: &Request<'_>) -> Result<(), Error> {
        request.check_length(self.len()?.saturating_sub(request.begin))
    }

    fn in_memory(&self) -> Option<&[u8]> {
        self.as_bytes()
    }
}
