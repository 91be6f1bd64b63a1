//! A request to a source: [`Request`].

use super::ranges::Ranges;
use crate::array::Array;
use crate::buffer::Buffer;
use crate::conversion::{Converter, Plan};
use crate::error::{Error, ErrorKind};
use crate::strided::Strided;
use crate::strided_layout::StridedLayout;
use dtype::{DType, Layout};

/// Which items of an array to read, and how to convert them.
#[derive(Clone, Debug)]
pub struct Request<'a> {
    /// The array as it is stored.
    pub(super) stored: &'a Layout,
    /// The stored type of a requested item, which may be a part of one of the array's.
    pub(super) dtype: &'a DType,
    /// Where it begins.
    pub(super) begin: u64,
    /// The requested items.
    pub(super) places: StridedLayout,
    /// The number of items if all rows are requested; `None` if only some are wanted at all.
    pub(super) total: Option<usize>,
    pub(super) plan: &'a Plan,
    /// Whether they are rows that are read in sequence.
    pub(super) by_rows: bool,
}

impl Request<'_> {
    /// Whether it requests all items of the array, or the same part of each.
    pub fn is_whole(&self) -> bool {
        self.total == Some(self.places.count())
    }

    /// Whether only some of the array's items are wanted at all.
    pub fn is_partial(&self) -> bool {
        self.total.is_none()
    }

    /// The bytes of the source that hold the requested items.
    pub(super) fn ranges(&self) -> Ranges {
        Ranges::new(&self.places, self.dtype.itemsize(), 0).after(self.begin)
    }

    /// Whether it requests rows, in sequence.
    pub fn is_by_rows(&self) -> bool {
        self.by_rows
    }

    /// Whether no item of the array comes after the requested ones.
    pub fn is_last(&self) -> bool {
        let end = self.places.offset_bounds().map(|bounds| bounds.end);
        let size = self.stored.dtype().itemsize();
        self.places.count() == 0 || end.is_some_and(|end| end + size >= self.stored.nbytes())
    }

    /// An error if fewer bytes are available than the layout needs.
    ///
    /// # Errors
    /// `Short`.
    pub fn check_length(&self, found: u64) -> Result<(), Error> {
        let expected = self.stored.nbytes() as u64;
        if found < expected {
            return Err(ErrorKind::Short { expected, found }.into());
        }
        Ok(())
    }

    /// An error if rows are requested that are not stored one after another.
    ///
    /// # Errors
    /// `NotRowMajor`.
    pub fn check_rows(&self) -> Result<(), Error> {
        let is_ascending = self.places.strides.iter().all(|stride| *stride >= 0);
        if self.by_rows && !(is_ascending && self.places.is_stored_in_c_order()) {
            return Err(ErrorKind::NotRowMajor(self.stored.clone()).into());
        }
        Ok(())
    }

    /// The requested items with the axes in such an order that C order is the requested memory order.
    pub(super) fn ordered_places(&self) -> StridedLayout {
        self.places.in_order(self.plan.order())
    }

    /// Writes the items at `places` into `out`, converted; `bytes` are those of the array from byte `start` on.
    pub(super) fn pick(
        &self,
        converter: &Converter<'_>,
        places: &StridedLayout,
        (start, bytes): (usize, &[u8]),
        out: &mut [u8],
    ) -> Result<(), Error> {
        let mut in_bytes = places.clone();
        in_bytes.first -= start;
        let items = Strided::at(self.dtype, in_bytes, bytes);
        let put = converter.convert_into(&items, out);
        put.map_err(|error| error.of_item(|item| self.before(places.nth_offset(item))))
    }

    /// All requested items, converted, as an array; `bytes` are those of the stored array from byte `start` on.
    pub(super) fn pick_all(&self, bytes: (usize, &[u8])) -> Result<Array, Error> {
        let layout = self.plan.layout(&self.places.shape)?;
        let mut items = Buffer::zeroed(layout.nbytes(), self.plan.alignment())?;
        self.pick_into(bytes, items.as_mut())?;
        Array::new(layout, items)
    }

    /// The same into `out`, which has their length.
    pub(super) fn pick_into(&self, bytes: (usize, &[u8]), out: &mut [u8]) -> Result<(), Error> {
        let evidence = self.plan.evidence_in_sequence();
        let converter = self.plan.converter(&evidence);
        self.pick(&converter, &self.ordered_places(), bytes, out)
    }

    /// The number of the array's items that precede the one that begins at this byte.
    pub(super) fn before(&self, place: usize) -> usize {
        let size = self.stored.dtype().itemsize();
        place.checked_div(size).unwrap_or(0)
    }
}
