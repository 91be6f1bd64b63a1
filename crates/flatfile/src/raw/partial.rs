//! Reading some of a source's items: no more than the blocks that hold them.

use super::fill::fill;
use super::turn::Turn;
use crate::longdouble::Watch;
use crate::places::{Places, ranges};
use crate::read_at::read_exact_at;
use crate::{Cast, Error, ReadAt, Strided};
use dtype::{ByteOrder, DType, Layout, Order};

/// What lies between two items is read with them up to here, less than a block of the disk: no block
/// is read that holds no item.
const GAP: usize = 4095;

/// How much is read at a time before the items are picked out of it.
const STAGE: usize = 1 << 20;

/// The items in a source.
pub(super) struct Data<'a, S: ?Sized> {
    pub(super) source: &'a S,
    /// Where they begin in it.
    pub(super) begin: u64,
    /// As they are there.
    pub(super) layout: Layout,
    /// The byte order that they are turned into, or what they become.
    pub(super) byte_order: Option<ByteOrder>,
    pub(super) cast: Option<Cast>,
    /// What is known of their long doubles, where they become something.
    pub(super) watch: Watch,
}

impl<S: ReadAt + ?Sized> Data<'_, S> {
    /// All of them.
    pub(super) fn places(&self) -> Places {
        Places::of(&self.layout)
    }

    /// What they are when they were read, byte order aside.
    pub(super) fn dtype(&self) -> &DType {
        self.cast.as_ref().map_or(self.layout.dtype(), Cast::dtype)
    }

    fn turn(&self) -> Turn<'_> {
        Turn::new(
            self.layout.dtype(),
            self.byte_order,
            self.cast.as_ref(),
            &self.watch,
        )
    }

    /// Reads the items at `places` into `out` in this memory order.
    pub(super) fn read_in(
        &self,
        order: Order,
        places: &Places,
        out: &mut [u8],
    ) -> Result<(), Error> {
        self.read_once(order, places, out)?;
        if !self.watch.is_undecided() {
            return Ok(());
        }
        // Which item it is that looks like a quad is only known on the way to the error.
        self.watch.be_strict();
        self.read_once(order, places, out)
    }

    fn read_once(&self, order: Order, places: &Places, out: &mut [u8]) -> Result<(), Error> {
        let in_file = places.in_order(self.layout.order());
        let axes = places.shape.iter().filter(|length| **length != 1).count();
        match order == self.layout.order() || axes <= 1 {
            true => self.read(&in_file, out),
            false => self.read_turned(&in_file, out),
        }
    }

    /// Reads the items at `places`, whose outermost axis has the largest steps, into `out` in C order.
    pub(super) fn read(&self, places: &Places, out: &mut [u8]) -> Result<(), Error> {
        let Some(reach) = places.reach().filter(|_| !out.is_empty()) else {
            return Ok(());
        };
        let itemsize = self.layout.dtype().itemsize();
        let extent = reach.end - reach.start + itemsize;
        if extent == places.count() * itemsize && is_ascending(places) {
            let begin = self.begin + reach.start as u64;
            let filled = fill(self.source, begin, out, &self.turn());
            return filled.map_err(|error| error.items_later(self.before(reach.start)));
        }
        let is_close = widest_gap(places, itemsize) <= GAP;
        if extent <= STAGE && is_close {
            return self.read_staged(places, reach.start, extent, out);
        }
        let rows = places.shape.first().copied().unwrap_or(1);
        let step = match is_close {
            true => (STAGE / extent.div_ceil(rows)).clamp(1, rows),
            false => 1,
        };
        for (range, out) in ranges(rows, step).zip(out.chunks_mut(out.len() / rows * step)) {
            let part = match range.len() {
                1 => places.index_axis(0, range.start),
                _ => places.narrow(0, range),
            };
            if let Some(part) = part {
                self.read(&part, out)?;
            }
        }
        Ok(())
    }

    /// How many items precede the one that begins at this byte.
    fn before(&self, place: usize) -> usize {
        place
            .checked_div(self.layout.dtype().itemsize())
            .unwrap_or(0)
    }

    /// Reads all bytes from the first item to the last, and picks the items out of them.
    fn read_staged(
        &self,
        places: &Places,
        start: usize,
        extent: usize,
        out: &mut [u8],
    ) -> Result<(), Error> {
        let mut stage = vec![0; extent];
        read_exact_at(self.source, &mut stage, self.begin + start as u64)?;
        let mut places = places.clone();
        places.first -= start;
        let items = Strided::at(self.layout.dtype(), places, &stage);
        let put = self.turn().put(&items, out);
        put.map_err(|error| error.of_item(|item| self.before(start) + items.before(item)))
    }
}

/// Whether no axis runs backwards. Items without gaps between them then lie in C order.
fn is_ascending(places: &Places) -> bool {
    places.strides.iter().all(|stride| *stride >= 0)
}

/// How many bytes lie at most between two neighbours along any axis.
fn widest_gap(places: &Places, itemsize: usize) -> usize {
    let (mut widest, mut extent) = (0, itemsize);
    for (length, stride) in places.shape.iter().zip(&places.strides).rev() {
        if *length > 1 {
            widest = widest.max(stride.unsigned_abs().saturating_sub(extent));
            extent += stride.unsigned_abs() * (length - 1);
        }
    }
    widest
}
