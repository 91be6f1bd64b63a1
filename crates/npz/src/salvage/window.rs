//! A part of the source that is searched: [`Window`].

use crate::record::signature;
use flatfile::{ReadAt, read_exact_at};
use std::io;

/// The number of bytes that are searched at a time.
const WINDOW: usize = 64 << 10;

/// Consecutive bytes of the source, in memory.
pub(super) struct Window<'a, S> {
    source: &'a S,
    size: u64,
    begin: u64,
    bytes: Vec<u8>,
}

impl<'a, S: ReadAt> Window<'a, S> {
    pub(super) fn new(source: &'a S, size: u64) -> Window<'a, S> {
        Window {
            source,
            size,
            begin: 0,
            bytes: Vec::new(),
        }
    }

    /// At most `count` bytes from byte `at` on; fewer only at the end of the source.
    pub(super) fn bytes(&mut self, at: u64, count: usize) -> io::Result<&[u8]> {
        let there = self.from(at, count)?;
        Ok(there.get(..count).unwrap_or(there))
    }

    /// At least `count` bytes from byte `at` on; fewer only at the end of the source.
    fn from(&mut self, at: u64, count: usize) -> io::Result<&[u8]> {
        let left = self.size.saturating_sub(at);
        let count = left.min(count as u64);
        let start = at.checked_sub(self.begin);
        let is_there = start.is_some_and(|start| start + count <= self.bytes.len() as u64);
        if !is_there {
            let length = left.min(count.max(WINDOW as u64)) as usize;
            self.bytes.clear();
            self.bytes.resize(length, 0);
            self.begin = at;
            read_exact_at(self.source, &mut self.bytes, at)?;
        }
        let start = usize::try_from(at.saturating_sub(self.begin)).unwrap_or(usize::MAX);
        Ok(self.bytes.get(start..).unwrap_or_default())
    }

    /// The first signature of a member, of an entry or of the end at byte `at` or after it, and its place.
    pub(super) fn next_signature(&mut self, at: u64) -> io::Result<Option<(u64, u32)>> {
        const WANTED: [u32; 3] = [signature::LOCAL, signature::CENTRAL, signature::END];
        self.find(at, |signature| WANTED.contains(&signature))
    }

    /// The place of the first record of any kind at byte `at` or after it.
    pub(super) fn next_record(&mut self, at: u64) -> io::Result<Option<u64>> {
        Ok(self.find(at, is_record)?.map(|(at, _)| at))
    }

    /// Whether a record of any kind begins at this byte, or the source ends there.
    pub(super) fn is_record(&mut self, at: u64) -> io::Result<bool> {
        let bytes = self.bytes(at, 4)?;
        let signature = bytes.first_chunk().map(|bytes| u32::from_le_bytes(*bytes));
        Ok(at == self.size || signature.is_some_and(is_record))
    }

    fn find(
        &mut self,
        mut at: u64,
        is_wanted: impl Fn(u32) -> bool,
    ) -> io::Result<Option<(u64, u32)>> {
        loop {
            let bytes = self.from(at, 4)?;
            if bytes.len() < 4 {
                return Ok(None);
            }
            for i in memchr::memmem::find_iter(bytes, b"PK") {
                let found = bytes.get(i..).and_then(<[u8]>::first_chunk);
                if let Some(signature) = found.map(|bytes| u32::from_le_bytes(*bytes))
                    && is_wanted(signature)
                {
                    return Ok(Some((at + i as u64, signature)));
                }
            }
            // The last three bytes may be the beginning of one.
            at += bytes.len() as u64 - 3;
        }
    }
}

fn is_record(signature: u32) -> bool {
    matches!(
        signature,
        signature::LOCAL
            | signature::CENTRAL
            | signature::END
            | signature::END64
            | signature::DESCRIPTOR
    )
}
