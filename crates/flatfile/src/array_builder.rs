//! An array whose bytes arrive in pieces: [`ArrayBuilder`].

use crate::array::Array;
use crate::buffer::Unwritten;
use crate::error::{Error, ErrorKind, refuse_objects};
use dtype::Layout;

/// An array whose bytes arrive in pieces, in any order, as from an object store.
///
/// Its memory grows with what arrives, to at most twice as many bytes as lie before the end of the last piece, so a layout
/// that declares more than ever comes allocates nothing.
///
/// ```
/// use flatfile::{ArrayBuilder, dtype::{DType, Layout, Order}};
/// let mut builder = ArrayBuilder::new(Layout::new(DType::U16, [2], Order::C)?)?;
/// builder.write(1, &[0, 2, 0])?;
/// assert_eq!(builder.missing(), 1);
/// builder.write(0, &[1])?;
/// assert_eq!(builder.finish()?.as_slice::<u16>()?, [1, 2]);
/// # Ok::<(), flatfile::Error>(())
/// ```
#[derive(Debug)]
pub struct ArrayBuilder {
    layout: Layout,
    memory: Unwritten,
}

impl ArrayBuilder {
    /// An array of this layout, none of whose bytes are there.
    ///
    /// # Errors
    /// `Object`.
    pub fn new(layout: Layout) -> Result<ArrayBuilder, Error> {
        refuse_objects(layout.dtype())?;
        let memory = Unwritten::new(layout.dtype().alignment());
        Ok(ArrayBuilder { layout, memory })
    }

    /// The number of bytes that have not arrived yet.
    pub fn missing(&self) -> usize {
        self.layout.nbytes() - self.memory.written()
    }

    /// Takes bytes of the items from byte `at` on; they may begin and end within an item.
    ///
    /// # Errors
    /// `TooLong` if they end behind the last item; `Memory`.
    pub fn write(&mut self, at: u64, bytes: &[u8]) -> Result<(), Error> {
        let nbytes = self.layout.nbytes();
        let end = at.saturating_add(bytes.len() as u64);
        match usize::try_from(at) {
            Ok(at) if end <= nbytes as u64 => self.memory.write(at, bytes, nbytes),
            _ => {
                let expected = nbytes as u64;
                Err(ErrorKind::TooLong {
                    expected,
                    found: end,
                }
                .into())
            }
        }
    }

    /// The array.
    ///
    /// # Errors
    /// `Short` if bytes are missing.
    pub fn finish(self) -> Result<Array, Error> {
        let (nbytes, written) = (self.layout.nbytes(), self.memory.written());
        let buffer = self.memory.into_buffer(nbytes);
        Array::new(
            self.layout,
            buffer.ok_or_else(|| Error::short(nbytes, written))?,
        )
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
            for (i, piece) in bytes.chunks(step).enumerate() {
                builder.write((i * step) as u64, piece).unwrap();
            }
            assert_eq!(builder.finish().unwrap().as_slice::<u32>().unwrap(), items);
        }
    }

    #[test]
    fn too_few_and_too_many_bytes_are_errors() {
        let layout = Layout::new(DType::U16, [1 << 29], Order::C).unwrap();
        let mut builder = ArrayBuilder::new(layout).unwrap();
        builder.write(0, &[1, 2, 3]).unwrap();
        let error = builder.finish().unwrap_err();
        assert!(
            matches!(error.kind(), ErrorKind::Short { found: 3, .. }),
            "{error}"
        );

        let layout = Layout::new(DType::U16, [2], Order::C).unwrap();
        let mut builder = ArrayBuilder::new(layout).unwrap();
        builder.write(0, &[1, 2, 3]).unwrap();
        let error = builder.write(3, &[4, 5]).unwrap_err();
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
