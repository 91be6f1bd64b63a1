//! What is done to items between the source and where they stay: [`Turn`].

use crate::longdouble::Watch;
use crate::{Cast, Error, Strided};
use dtype::{ByteOrder, Casting, DType, Order, set_byte_order};

/// Items are turned while they are in the cache, so many bytes at a time.
const BLOCK: usize = 256 << 10;

/// How items are turned.
#[derive(Clone, Copy, Debug)]
pub(super) enum Turn<'a> {
    /// Not at all.
    Keep,
    /// Items of this dtype are turned into this byte order.
    Swap(&'a DType, ByteOrder),
    /// Items become those of another dtype; their long doubles are watched.
    Cast(&'a Cast, &'a Watch),
}

/// The dtype that is asked for, in the byte order that is.
pub(super) fn target(
    astype: &Option<(DType, Casting)>,
    byte_order: Option<ByteOrder>,
) -> Option<(DType, Casting)> {
    let (to, casting) = astype.as_ref()?;
    let to = match byte_order {
        Some(order) => to.with_byte_order(order),
        None => to.clone(),
    };
    Some((to, *casting))
}

impl<'a> Turn<'a> {
    /// What makes items of `dtype` those of the cast, where there is one, or of this byte order.
    pub(super) fn new(
        dtype: &'a DType,
        byte_order: Option<ByteOrder>,
        cast: Option<&'a Cast>,
        watch: &'a Watch,
    ) -> Turn<'a> {
        match (cast, byte_order) {
            (Some(cast), _) => Turn::Cast(cast, watch),
            (None, Some(order)) => Turn::Swap(dtype, order),
            (None, None) => Turn::Keep,
        }
    }

    /// How many bytes an item has before and, one at least, behind; what may be cut anywhere is bytes.
    pub(super) fn sizes(&self) -> (usize, usize) {
        let (from, to) = match self {
            Turn::Keep => (1, 1),
            Turn::Swap(dtype, _) => (dtype.itemsize(), dtype.itemsize()),
            Turn::Cast(cast, _) => (cast.from().itemsize(), cast.dtype().itemsize()),
        };
        (from, to.max(1))
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
            Turn::Cast(cast, watch) => match items.as_contiguous(Order::C) {
                Some(bytes) => cast.apply_part(bytes, out, watch),
                None => {
                    let mut copy = vec![0; items.layout(Order::C)?.nbytes()];
                    items.copy_to(Order::C, &mut copy)?;
                    cast.apply_part(&copy, out, watch)
                }
            },
        }
    }

    /// Fills `out` with items that `read` gives, one after another.
    pub(super) fn fill(
        &self,
        out: &mut [u8],
        mut read: impl FnMut(&mut [u8]) -> Result<(), Error>,
    ) -> Result<(), Error> {
        let (from, to) = self.sizes();
        let items = (BLOCK / from.max(to)).max(1);
        match self {
            Turn::Keep => read(out),
            Turn::Swap(dtype, order) => {
                for block in out.chunks_mut(items * to) {
                    read(block)?;
                    set_byte_order(dtype, *order, block);
                }
                Ok(())
            }
            Turn::Cast(cast, watch) => {
                let mut stage = Vec::new();
                for (i, block) in out.chunks_mut(items * to).enumerate() {
                    stage.resize(block.len() / to * from, 0);
                    read(&mut stage)?;
                    let cast = cast.apply_part(&stage, block, watch);
                    cast.map_err(|error| error.items_later(i * items))?;
                }
                Ok(())
            }
        }
    }
}
