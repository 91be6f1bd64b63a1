//! The sources of arrays: [`Source`].

use super::positions::Positions;
use super::request::Request;
use crate::array::Array;
use crate::buffer::Buffer;
use crate::error::Error;
use crate::read_at::{ReadAt, read_exact_at};
use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A source that an array is read from: everything that is [`ReadAt`], a stream as a [`Forward`](super::Forward), a
/// member of an archive, and any of these as an [`AnySource`].
///
/// To read from something else, implement [`ReadAt`]: the methods here depend on how reading is done internally.
pub trait Source {
    /// Reads the requested items into new memory.
    #[doc(hidden)]
    fn load(&self, request: &Request<'_>) -> Result<Array, Error>;

    /// Reads them into `out`, which has their length after the conversion.
    #[doc(hidden)]
    fn fill(&self, request: &Request<'_>, out: &mut [u8]) -> Result<(), Error>;

    /// Reads bytes as they are stored, from byte `at` of the items on.
    #[doc(hidden)]
    fn stored(&self, request: &Request<'_>, at: u64, out: &mut [u8]) -> Result<(), Error>;

    /// Checks that the source is as long as the layout needs, and that the request can be read.
    #[doc(hidden)]
    fn check(&self, request: &Request<'_>) -> Result<(), Error>;

    /// All bytes of the source, if they are in memory.
    #[doc(hidden)]
    fn in_memory(&self) -> Option<&[u8]>;

    /// Whether several threads may read different items at once.
    #[doc(hidden)]
    fn is_read_at_positions(&self) -> bool {
        false
    }

    /// Whether a slice is read without what is before it.
    #[doc(hidden)]
    fn has_random_access(&self) -> bool {
        self.is_read_at_positions()
    }

    /// An error of the array, with the location that only the source knows.
    #[doc(hidden)]
    fn locate(&self, error: Error) -> Error {
        error
    }
}

/// A source of any kind, in a file. A clone is the same source.
#[derive(Clone)]
pub struct AnySource<'a> {
    source: Arc<dyn Source + Send + Sync + 'a>,
    path: Arc<Path>,
}

impl<'a> AnySource<'a> {
    pub(super) fn new(source: impl Source + Send + Sync + 'a, path: PathBuf) -> AnySource<'a> {
        AnySource {
            source: Arc::new(source),
            path: path.into(),
        }
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

    fn is_read_at_positions(&self) -> bool {
        self.source.is_read_at_positions()
    }

    fn has_random_access(&self) -> bool {
        self.source.has_random_access()
    }

    fn locate(&self, error: Error) -> Error {
        self.source.locate(error).in_file(&self.path)
    }
}

impl<S: ReadAt> Source for S {
    fn load(&self, request: &Request<'_>) -> Result<Array, Error> {
        // Before memory is allocated.
        self.check(request)?;
        let layout = request.plan.layout(&request.places.shape)?;
        self.will_read(request.ranges());
        let mut buffer = Buffer::zeroed(layout.nbytes(), request.plan.alignment())?;
        Positions::new(self, request).read(buffer.as_mut())?;
        Array::new(layout, buffer)
    }

    fn fill(&self, request: &Request<'_>, out: &mut [u8]) -> Result<(), Error> {
        self.check(request)?;
        self.will_read(request.ranges());
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

    fn is_read_at_positions(&self) -> bool {
        true
    }
}
