//! Blocks of an array as a stream of bytes.

use crate::array_blocks::BlockIter;
use anyhow::bail;
use npio::Array;

/// The bytes of blocks, from which any number can be taken.
pub(crate) struct ByteCursor<'s> {
    blocks: BlockIter<'s>,
    block: Option<Array>,
    start: usize,
}

impl<'s> ByteCursor<'s> {
    pub(crate) fn new(blocks: BlockIter<'s>) -> ByteCursor<'s> {
        let (block, start) = (None, 0);
        ByteCursor {
            blocks,
            block,
            start,
        }
    }

    /// The next bytes.
    pub(crate) fn remaining(&mut self) -> anyhow::Result<Option<&[u8]>> {
        let is_over = |block: &Array| block.as_bytes().len() <= self.start;
        if self.block.as_ref().is_none_or(is_over) {
            self.block = self.blocks.next().transpose()?;
            self.start = 0;
        }
        Ok(self
            .block
            .as_ref()
            .map(|block| block.as_bytes().get(self.start..).unwrap_or_default()))
    }

    /// Takes this many of them.
    pub(crate) fn take(&mut self, count: usize) -> &[u8] {
        let range = self.start..self.start + count;
        self.start += count;
        let block = self.block.as_ref().map(Array::as_bytes);
        block.and_then(|bytes| bytes.get(range)).unwrap_or_default()
    }

    /// Copies the next bytes to `out`, as many as it has.
    pub(crate) fn fill(&mut self, mut out: &mut [u8]) -> anyhow::Result<()> {
        while !out.is_empty() {
            let Some(bytes) = self.remaining()? else {
                bail!("the items ended {} bytes early", out.len());
            };
            let count = bytes.len().min(out.len());
            let (part, rest) = out.split_at_mut(count);
            part.copy_from_slice(self.take(count));
            out = rest;
        }
        Ok(())
    }
}
