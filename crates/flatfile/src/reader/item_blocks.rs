//! Arrays larger than memory whose rows may be, too: [`ItemBlocks`].

use super::{Reader, Source};
use crate::array::Array;
use crate::conversion::Plan;
use crate::error::Error;
use crate::strided_layout::StridedLayout;
use dtype::{Layout, Order};
use std::iter::FusedIterator;

/// The least size of blocks that are stored in another order than they are read.
const TURNED_BLOCK: usize = 32 << 20;

/// An array block by block, in its own memory order or the one that was asked for: each block is an array of the next
/// items. After an error there are no more. An array of no bytes is one block.
///
/// ```
/// use flatfile::{Array, npy};
/// let file = npy::to_bytes(&Array::from_slice(&[1u8, 2, 3, 4, 5, 6], [2, 3])?)?;
/// let blocks = npy::open(&file)?.item_blocks(2)?;
/// let blocks: Result<Vec<_>, flatfile::Error> =
///     blocks.map(|block| Ok(block?.as_bytes().to_vec())).collect();
/// assert_eq!(blocks?, [vec![1, 2], vec![3], vec![4, 5], vec![6]]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Debug)]
pub struct ItemBlocks<S> {
    reader: Reader<S>,
    plan: Plan,
    /// The converted layout of the whole array.
    layout: Layout,
    /// The items with the axes in such an order that C order is the one in which they are read.
    places: StridedLayout,
    /// The axis along which blocks are cut; those before it have one index in each.
    axis: usize,
    /// The number of indices along it in a block.
    step: usize,
    /// The number of the next block.
    next: usize,
    count: usize,
}

impl<S: Source> ItemBlocks<S> {
    pub(super) fn new(mut reader: Reader<S>, bytes: usize) -> Result<ItemBlocks<S>, Error> {
        // Each block is read when it is due.
        reader.head.clear();
        let (plan, layout, places) = reader.located(|| {
            let layout = reader.plan(None)?.layout(reader.layout().shape())?;
            let places = reader.places().in_order(layout.order());
            let conversion = reader.conversion.clone().order(Order::C);
            let plan = reader.plan_of(&conversion, None)?;
            let all = reader.rows_request(&plan, places.clone());
            reader.source.check(&all)?;
            Ok((plan, layout, places))
        })?;
        let bytes = if places.is_stored_in_c_order() {
            bytes
        } else {
            bytes.max(TURNED_BLOCK)
        };
        let itemsize = plan
            .dtype()
            .itemsize()
            .max(reader.items().dtype().itemsize());
        let (mut axis, mut step) = (0, 1);
        let mut inner = places.count().max(1).saturating_mul(itemsize).max(1);
        let outer = if layout.nbytes() == 0 {
            0
        } else {
            places.shape.len()
        };
        for (i, length) in places.shape.iter().enumerate().take(outer) {
            inner /= (*length).max(1);
            (axis, step) = (i, (bytes / inner.max(1)).clamp(1, (*length).max(1)));
            if inner <= bytes {
                break;
            }
        }
        let along = places.shape.get(axis).copied().unwrap_or(1);
        let before: usize = places.shape.iter().take(axis).product();
        let count = if outer == 0 {
            1
        } else {
            before * along.div_ceil(step)
        };
        Ok(ItemBlocks {
            reader,
            plan,
            layout,
            places,
            axis,
            step,
            next: 0,
            count,
        })
    }

    fn read(&self, number: usize) -> Result<Array, Error> {
        let mut places = self.places.clone();
        if self.count > 1 {
            let along = places.shape.get(self.axis).copied().unwrap_or(1);
            let parts = along.div_ceil(self.step);
            let (mut outer, part) = (number / parts, number % parts);
            let start = part * self.step;
            let end = along.min(start + self.step);
            let narrowed = places.narrow(self.axis, start..end);
            places = narrowed.ok_or(crate::error::ErrorKind::Strides)?;
            for axis in (0..self.axis).rev() {
                let length = places.shape.get(axis).copied().unwrap_or(1).max(1);
                let one = places.index_axis(axis, outer % length);
                places = one.ok_or(crate::error::ErrorKind::Strides)?;
                outer /= length;
            }
        }
        self.reader.located(|| {
            let request = self.reader.rows_request(&self.plan, places);
            self.reader.load_request(request)
        })
    }
}

impl<S> ItemBlocks<S> {
    /// The converted layout of the whole array.
    pub fn layout(&self) -> &Layout {
        &self.layout
    }
}

impl<S: Source> Iterator for ItemBlocks<S> {
    type Item = Result<Array, Error>;

    fn next(&mut self) -> Option<Result<Array, Error>> {
        if self.next >= self.count {
            return None;
        }
        let block = self.read(self.next);
        self.next = if block.is_err() {
            self.count
        } else {
            self.next + 1
        };
        Some(block)
    }
}

impl<S: Source> FusedIterator for ItemBlocks<S> {}
