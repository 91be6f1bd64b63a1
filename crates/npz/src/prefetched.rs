//! Small members that are neighbours in the archive, read at once: [`Prefetched`].

use crate::member::Member;
use flatfile::{ReadAt, read_exact_at};
use std::io;
use std::ops::Range;

/// The most bytes that are read at once for several members. One member of them takes a few microseconds, so a thread
/// that is done early does not wait long for the others.
const MAX_RUN: u64 = 64 << 10;

/// A source of which some bytes are already in memory.
pub(crate) struct Prefetched<'a, S> {
    source: &'a S,
    begin: u64,
    bytes: Vec<u8>,
}

impl<'a, S: ReadAt> Prefetched<'a, S> {
    /// Reads this range. If that fails, the parts of it are read when they are needed, and fail with their own errors.
    pub(crate) fn new(source: &'a S, range: Range<u64>) -> Prefetched<'a, S> {
        let length = usize::try_from(range.end - range.start).unwrap_or_default();
        let mut bytes = vec![0; length];
        if read_exact_at(source, &mut bytes, range.start).is_err() {
            bytes.clear();
        }
        Prefetched {
            source,
            begin: range.start,
            bytes,
        }
    }
}

impl<S: ReadAt> ReadAt for Prefetched<'_, S> {
    fn len(&self) -> io::Result<u64> {
        self.source.len()
    }

    fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
        let start = offset.checked_sub(self.begin);
        let start = start.and_then(|start| usize::try_from(start).ok());
        match start.and_then(|start| self.bytes.get(start..)) {
            Some(prefetched) if !prefetched.is_empty() => prefetched.read_at(bytes, 0),
            _ => self.source.read_at(bytes, offset),
        }
    }
}

/// The indices of members that are worth reading at once, in runs: neighbours of at most [`MAX_RUN`] bytes together. A
/// member with no small neighbour is alone.
pub(crate) fn runs<'a, S: 'a>(
    members: impl IntoIterator<Item = Member<'a, S>>,
) -> Vec<(Range<usize>, Range<u64>)> {
    let mut runs: Vec<(Range<usize>, Range<u64>)> = Vec::new();
    for member in members {
        let (index, extent) = (member.index(), member.entry().extent());
        match runs.last_mut() {
            Some((indices, bytes))
                if bytes.end == extent.start && extent.end - bytes.start <= MAX_RUN =>
            {
                (indices.end, bytes.end) = (index + 1, extent.end);
            }
            _ => runs.push((index..index + 1, extent)),
        }
    }
    runs
}
