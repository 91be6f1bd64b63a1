//! One pass over the items of an array: [`Accumulator`].

use crate::blocks::{BLOCK, in_blocks};
use crate::conversion::Conversion;
use crate::error::{Error, ErrorKind};
use crate::strided::Strided;
use dtype::{ByteOrder, DType, Order};

/// What is found out in one pass over items, in any number of blocks.
///
/// Pass one to [`Reader::accumulate`](crate::Reader::accumulate) to go over an array in a file, in several threads.
pub trait Accumulator: Sized + Send {
    /// The dtype of the items, in native byte order.
    fn dtype(&self) -> &DType;

    /// Adds contiguous items of [`dtype`](Accumulator::dtype).
    fn add_native(&mut self, items: &[u8]);

    /// One of the same kind that has seen no items.
    fn empty(&self) -> Self;

    /// Adds what the other has seen.
    fn merge(&mut self, other: Self);

    /// Adds items in any byte order, and with any strides.
    ///
    /// # Errors
    /// `Mismatch` for items of another dtype; `LongDouble`.
    fn add(&mut self, items: &Strided<'_>) -> Result<(), Error> {
        check_dtype(
            self.dtype(),
            &items.dtype().with_byte_order(ByteOrder::NATIVE),
        )?;
        let conversion = Conversion::new().byte_order(ByteOrder::NATIVE);
        let conversion = conversion.checked(items.dtype());
        let is_ready =
            items.dtype() == self.dtype() && !conversion.checks_long_doubles(items.dtype());
        for block in in_blocks(items, BLOCK) {
            match block.as_contiguous(Order::C).filter(|_| is_ready) {
                Some(bytes) => self.add_native(bytes),
                None => self.add_native(conversion.apply(&block)?.as_bytes()),
            }
        }
        Ok(())
    }
}

pub(crate) fn check_dtype(expected: &DType, found: &DType) -> Result<(), Error> {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = (expected.clone(), found.clone());
    Err(ErrorKind::Mismatch { expected, found }.into())
}
