//! What is asked of a source: [`Request`].

use crate::conversion::{Plan, Turn};
use crate::error::{Error, ErrorKind};
use crate::places::Places;
use crate::strided::Strided;
use dtype::Layout;

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
    /// `NotRowMajor`.
    pub fn check_rows(&self) -> Result<(), Error> {
        if self.by_rows && !self.layout.is_c_contiguous() {
            return Err(ErrorKind::NotRowMajor(self.layout.clone()).into());
        }
        Ok(())
    }

    /// Whether the items come in the order that they are stored in, which is every order along a single axis.
    pub(super) fn keeps_order(&self) -> bool {
        let axes = self.places.shape.iter().filter(|length| **length != 1);
        self.plan.order() == self.layout.order() || axes.count() <= 1
    }

    /// Puts the items at `places` into `out`, as they are to be: `bytes` are those of the array from byte `start` on.
    pub(super) fn pick(
        &self,
        turn: &Turn<'_>,
        places: &Places,
        (start, bytes): (usize, &[u8]),
        out: &mut [u8],
    ) -> Result<(), Error> {
        let mut places = places.clone();
        places.first -= start;
        let items = Strided::at(self.layout.dtype(), places, bytes);
        let put = turn.put(&items, out);
        put.map_err(|error| error.of_item(|item| self.before(start) + items.before(item)))
    }

    /// How many of the array's items precede the one that begins at this byte.
    pub(super) fn before(&self, place: usize) -> usize {
        let size = self.layout.dtype().itemsize();
        place.checked_div(size).unwrap_or(0)
    }
}
