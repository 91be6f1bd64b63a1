//! An array whose bytes arrive in pieces: [`ArrayBuilder`].

use crate::array::Array;
use crate::buffer::Buffer;
use crate::error::{Error, ErrorKind, refuse_objects};
use dtype::Layout;

/// The first allocation: less is not worth growing.
const FIRST_ALLOCATION: usize = 64 << 10;

/// An array whose bytes arrive in pieces, as from an object store.
///
/// Its memory grows with what arrives, to at most twice as many bytes, so a layout that declares more than ever comes
/// allocates nothing.
///
/// ```
/// use flatfile::{ArrayBuilder, dtype::{DType, Layout, Order}};
/// let mut builder = ArrayBuilder::new(Layout::new(DType::U16, [2], Order::C)?)?;
/// builder.push(&[1, 0, 2])?;
/// assert_eq!(builder.missing(), 1);
/// builder.push(&[0])?;
/// assert_eq!(builder.finish()?.as_slice::<u16>()?, [1, 2]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Debug)]
pub struct ArrayBuilder {
    layout: Layout,
    buffer: Buffer,
    filled: usize,
}

impl ArrayBuilder {
    /// An array of this layout, none of whose bytes are there.
    ///
    /// # Errors
    /// `Object`.
    pub fn new(layout: Layout) -> Result<ArrayBuilder, Error> {
        refuse_objects(layout.dtype())?;
        let first = layout.nbytes().min(FIRST_ALLOCATION);
        let buffer = Buffer::zeroed(first, layout.dtype().alignment())?;
        let filled = 0;
        Ok(ArrayBuilder {
            layout,
            buffer,
            filled,
        })
    }

    /// The number of bytes that have not arrived yet.
    pub fn missing(&self) -> usize {
        self.layout.nbytes() - self.filled
    }

    /// Appends the next bytes of the items; they may end within one.
    ///
    /// # Errors
    /// `TooLong` if they are more than are missing; `Memory`.
    pub fn push(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let nbytes = self.layout.nbytes();
        if bytes.len() > self.missing() {
            let (expected, found) = (nbytes as u64, (self.filled + bytes.len()) as u64);
            return Err(ErrorKind::TooLong { expected, found }.into());
        }
        let end = self.filled + bytes.len();
        if end > self.buffer.as_ref().len() {
            // Only the next bytes are set to zero, so that they are still in the processor's cache when they are replaced.
            let capacity = nbytes.min(end.saturating_mul(2));
            self.buffer.grow(end, capacity)?;
        }
        if let Some(space) = self.buffer.as_mut().get_mut(self.filled..end) {
            space.copy_from_slice(bytes);
        }
        self.filled = end;
        Ok(())
    }

    /// The array.
    ///
    /// # Errors
    /// `Short` if bytes are missing.
    pub fn finish(self) -> Result<Array, Error> {
        if self.missing() > 0 {
            return Err(Error::short(self.layout.nbytes(), self.filled));
        }
        Array::new(self.layout, self.buffer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use dtype::{DType, Order};

    #[test]
    fn pieces_of_any_size() {
        let items: Vec<u32> = (0..100_000).collect();
        let bytes: &[u8] = bytemuck::cast_slice(&items);
        for step in [1_000, 7, 65_536, 65_537, 400_000] {
            let layout = Layout::new(DType::U32, [items.len()], Order::C).unwrap();
            let mut builder = ArrayBuilder::new(layout).unwrap();
            for piece in bytes.chunks(step) {
                builder.push(piece).unwrap();
            }
            assert_eq!(builder.finish().unwrap().as_slice::<u32>().unwrap(), items);
        }
    }

    /// Memory that grows by remapping, where the system can.
    #[test]
    fn pieces_of_a_large_array() {
        let items: Vec<u64> = (0..3_000_000).collect();
        let layout = Layout::new(DType::U64, [items.len()], Order::C).unwrap();
        let mut builder = ArrayBuilder::new(layout).unwrap();
        for piece in bytemuck::cast_slice::<u64, u8>(&items).chunks(300_007) {
            builder.push(piece).unwrap();
        }
        let array = builder.finish().unwrap();
        assert_eq!(array.as_slice::<u64>().unwrap(), items);
    }

    #[test]
    fn too_few_and_too_many_bytes_are_errors() {
        let layout = Layout::new(DType::U16, [1 << 40], Order::C).unwrap();
        let mut builder = ArrayBuilder::new(layout).unwrap();
        builder.push(&[1, 2, 3]).unwrap();
        let error = builder.finish().unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Short { found: 3, .. }),
            "{error}"
        );

        let layout = Layout::new(DType::U16, [2], Order::C).unwrap();
        let mut builder = ArrayBuilder::new(layout).unwrap();
        builder.push(&[1, 2, 3]).unwrap();
        let error = builder.push(&[4, 5]).unwrap_err();
        assert!(
            matches!(
                error.kind(),
                ErrorKind::TooLong {
                    expected: 4,
                    found: 5
                }
            ),
            "{error}"
        );
        assert!(ArrayBuilder::new(Layout::new(DType::Object, [1], Order::C).unwrap()).is_err());
    }
}
