//! The CRC-32 of a stored member that arrives by several requests at once: [`Checksum`].

use crc32fast::Hasher;
use std::collections::BTreeMap;

/// The CRC-32 of bytes that arrive in pieces, in any order: each is added while it is in the processor's cache.
#[derive(Default)]
pub(crate) struct Checksum {
    /// That of each run of bytes, by where it ends.
    runs: BTreeMap<u64, Hasher>,
}

impl Checksum {
    /// Adds the bytes from byte `at` on, once each.
    pub(crate) fn add(&mut self, at: u64, bytes: &[u8]) {
        let mut run = self.runs.remove(&at).unwrap_or_default();
        run.update(bytes);
        self.runs.insert(at + bytes.len() as u64, run);
    }

    /// That of all bytes, between which there are no gaps.
    pub(crate) fn finish(&self) -> u32 {
        let mut all = Hasher::new();
        self.runs.values().for_each(|run| all.combine(run));
        all.finalize()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn requests_in_turn() {
        let bytes: Vec<u8> = (0..10_000u32).map(|i| (i * i / 7) as u8).collect();
        for (parts, step) in [(1, 10_000), (1, 7), (3, 100), (7, 333), (10_000, 1)] {
            let parts: Vec<&[u8]> = bytes.chunks(bytes.len().div_ceil(parts)).collect();
            let length = parts[0].len();
            let mut checksum = Checksum::default();
            for begin in (0..length).step_by(step) {
                for (i, part) in parts.iter().enumerate().rev() {
                    let rest = part.get(begin..).unwrap_or_default();
                    let piece = &rest[..rest.len().min(step)];
                    checksum.add((i * length + begin.min(part.len())) as u64, piece);
                }
            }
            assert_eq!(checksum.finish(), crc32fast::hash(&bytes));
        }
    }
}
