//! A request to a source: [`Request`].

use super::ranges::Ranges;
use crate::conversion::{Converter, Plan};
use crate::error::{Error, ErrorKind};
use crate::strided::Strided;
use crate::strided_layout::StridedLayout;
use dtype::Layout;

/// Which items of an array to read, and how to convert them.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The array as it is stored.
    pub(super) layout: &'a Layout,
    /// Where it begins.
    pub(super) begin: u64,
    /// The requested items.
    pub(super) places: StridedLayout,
    pub(super) plan: &'a Plan,
    /// Whether they are rows that are read in sequence.
    pub(super) by_rows: bool,
}

impl Request<'_> {
    /// Whether it requests all items of the array.
    pub fn is_whole(&self) -> bool {
        self.places.count() == self.layout.count()
    }

    /// The bytes of the source that hold the requested items.
    pub(super) fn ranges(&self) -> Ranges {
        Ranges::new(&self.places, self.layout.dtype().itemsize(), 0).after(self.begin)
    }

    /// Whether it requests rows, in sequence.
    pub fn is_by_rows(&self) -> bool {
        self.by_rows
    }

    /// Whether no item of the array comes after the requested ones.
    pub fn is_last(&self) -> bool {
        let end = self.places.offset_bounds().map(|bounds| bounds.end);
        let size = self.layout.dtype().itemsize();
        self.places.count() == 0 || end.is_some_and(|end| end + size >= self.layout.nbytes())
    }

    /// An error if fewer bytes are available than the layout needs.
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

    /// An error if rows are requested that are not contiguous.
    ///
    /// # Errors
    /// `NotRowMajor`.
    pub fn check_rows(&self) -> Result<(), Error> {
        if self.by_rows && !self.layout.is_c_contiguous() {
            return Err(ErrorKind::NotRowMajor(self.layout.clone()).into());
        }
        Ok(())
    }

    /// Whether the items are requested in the order in which they are stored; along a single axis every order is
    /// the same.
    pub(super) fn keeps_order(&self) -> bool {
        let axes = self.places.shape.iter().filter(|length| **length != 1);
        self.plan.order() == self.layout.order() || axes.count() <= 1
    }

    /// Writes the items at `places` into `out`, converted; `bytes` are those of the array from byte `start` on.
    pub(super) fn pick(
        &self,
        converter: &Converter<'_>,
        places: &StridedLayout,
        (start, bytes): (usize, &[u8]),
        out: &mut [u8],
    ) -> Result<(), Error> {
        let mut places = places.clone();
        places.first -= start;
        let items = Strided::at(self.layout.dtype(), places, bytes);
        let put = converter.convert_into(&items, out);
        put.map_err(|error| error.of_item(|item| self.before(start) + items.before(item)))
    }

    /// The number of the array's items that precede the one that begins at this byte.
    pub(super) fn before(&self, place: usize) -> usize {
        let size = self.layout.dtype().itemsize();
        place.checked_div(size).unwrap_or(0)
    }
}
