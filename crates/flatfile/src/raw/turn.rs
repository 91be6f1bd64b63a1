//! What is done to items between the source and where they stay: [`Turn`].

use crate::{Error, Strided};
use dtype::{ByteOrder, DType, Order, set_byte_order};

/// Items are turned while they are in the cache, so many bytes at a time.
const BLOCK: usize = 256 << 10;

/// How items are turned.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn<'a> {
    /// Not at all.
    Keep,
    /// Items of this dtype are turned into this byte order.
    Swap(&'a DType, ByteOrder),
}

impl Turn<'_> {
    /// How many bytes an item has before and behind; what may be cut anywhere is bytes.
    pub(super) fn sizes(&self) -> (usize, usize) {
        match self {
            Turn::Keep => (1, 1),
            Turn::Swap(dtype, _) => (dtype.itemsize().max(1), dtype.itemsize().max(1)),
        }
    }

    /// Puts these items into `out` in C order.
    pub(super) fn put(&self, items: &Strided<'_>, out: &mut [u8]) -> Result<(), Error> {
        match self {
            Turn::Keep => items.copy_to(Order::C, out),
            Turn::Swap(dtype, order) => {
                items.copy_to(Order::C, out)?;
                set_byte_order(dtype, *order, out);
                Ok(())
            }
        }
    }

    /// Fills `out` with items that `read` gives, one after another.
    pub(super) fn fill(
        &self,
        out: &mut [u8],
        mut read: impl FnMut(&mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        match self {
            Turn::Keep => read(out),
            Turn::Swap(dtype, order) => {
                let (_, size) = self.sizes();
                for block in out.chunks_mut((BLOCK / size).max(1) * size) {
                    read(block)?;
                    set_byte_order(dtype, *order, block);
                }
                Ok(())
            }
        }
    }
}
