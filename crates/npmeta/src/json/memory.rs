//! The memory of an array that grows item by item: [`ItemMemory`].

use crate::Error;
use flatfile::{Buffer, ErrorKind};

/// Bytes that are collected in the cache before they are appended.
const BLOCK_BYTES: usize = 64 << 10;

/// Items that are appended in blocks to a buffer with their alignment.
pub(super) struct ItemMemory {
    buffer: Buffer,
    block: Vec<u8>,
}

impl ItemMemory {
    /// Memory for items with this alignment, whose size is a multiple of it.
    pub(super) fn new(alignment: usize) -> Result<ItemMemory, Error> {
        let buffer = Buffer::zeroed(0, alignment)?;
        let block = Vec::new();
        Ok(ItemMemory { buffer, block })
    }

    /// The block to which the next items are appended.
    pub(super) fn block(&mut self) -> Result<&mut Vec<u8>, Error> {
        if self.block.len() >= BLOCK_BYTES {
            self.flush()?;
        }
        Ok(&mut self.block)
    }

    /// Appends an item of this many bytes, and returns it.
    pub(super) fn push_zeros(&mut self, bytes: usize) -> Result<&mut [u8], Error> {
        let block = self.block()?;
        let begin = block.len();
        let no_memory = |_| flatfile::Error::from(ErrorKind::Memory { bytes });
        block.try_reserve(bytes).map_err(no_memory)?;
        block.resize(begin + bytes, 0);
        Ok(block.get_mut(begin..).unwrap_or_default())
    }

    /// Appends items, and returns them.
    pub(super) fn extend(&mut self, items: &[u8]) -> Result<&mut [u8], Error> {
        self.flush()?;
        let begin = self.buffer.as_ref().len();
        self.buffer.extend(items, None)?;
        Ok(self.buffer.as_mut().get_mut(begin..).unwrap_or_default())
    }

    /// Applies a function to all items.
    pub(super) fn for_all(&mut self, change: impl Fn(&mut [u8])) {
        change(self.buffer.as_mut());
        change(&mut self.block);
    }

    fn flush(&mut self) -> Result<(), Error> {
        self.buffer.extend(&self.block, None)?;
        self.block.clear();
        Ok(())
    }

    /// The items.
    pub(super) fn finish(mut self) -> Result<Buffer, Error> {
        self.flush()?;
        self.buffer.shrink_to_fit();
        Ok(self.buffer)
    }
}
