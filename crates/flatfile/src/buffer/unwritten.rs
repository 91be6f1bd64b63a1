//! Memory whose bytes are written in any order: [`Unwritten`].

#![expect(
    unsafe_code,
    reason = "writing zeros first would take as long as the bytes themselves"
)]

use super::{Buffer, Words, advise_huge_pages, word_count, word_size};
use crate::error::{Error, ErrorKind};
use bytemuck::AnyBitPattern;
use std::collections::BTreeMap;
use std::fmt;
use std::mem::{ManuallyDrop, MaybeUninit};
use std::ptr;

/// Memory that becomes a [`Buffer`] once all of its bytes have been written, in any order. It grows with them.
pub(crate) struct Unwritten {
    words: UnwrittenWords,
    /// The ranges of the bytes that have been written, which do not touch: the end of each by its beginning.
    written: BTreeMap<usize, usize>,
}

type UnwrittenWords =
    Words<MaybeUninit<u8>, MaybeUninit<u16>, MaybeUninit<u32>, MaybeUninit<u64>, MaybeUninit<u128>>;

impl fmt::Debug for Unwritten {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unwritten({} bytes written)", self.written())
    }
}

impl Unwritten {
    /// No bytes yet, in words with this alignment.
    pub(crate) fn new(alignment: usize) -> Unwritten {
        Unwritten {
            words: Words::empty(alignment),
            written: BTreeMap::new(),
        }
    }

    /// The number of bytes that have been written.
    pub(crate) fn written(&self) -> usize {
        self.written.iter().map(|(begin, end)| end - begin).sum()
    }

    /// Writes these bytes from byte `at` on. If that is behind the end, memory becomes twice as long as needed, but at
    /// most `len` bytes, which these are within.
    ///
    /// # Errors
    /// `Memory` if it cannot be allocated.
    pub(crate) fn write(&mut self, at: usize, bytes: &[u8], len: usize) -> Result<(), Error> {
        let end = at + bytes.len();
        with_words!(&mut self.words, words => {
            if end > size_of_val(words.as_slice()) {
                grow(words, end.saturating_mul(2).min(len).max(end))?;
            }
            write(words, at, bytes);
        });
        self.add(at, end);
        Ok(())
    }

    /// Notes that the bytes from `begin` to `end` have been written.
    fn add(&mut self, mut begin: usize, mut end: usize) {
        // Those that it touches become one with it.
        while let Some((&before, &until)) = self.written.range(..=end).next_back()
            && until >= begin
        {
            self.written.remove(&before);
            (begin, end) = (begin.min(before), end.max(until));
        }
        self.written.insert(begin, end);
    }

    /// The first `len` bytes, if all of them have been written.
    pub(crate) fn into_buffer(mut self, len: usize) -> Option<Buffer> {
        let first = self.written.get(&0).copied().unwrap_or(0);
        if first < len {
            return None;
        }
        // The last word may be longer; there is room for all of it.
        let rest = with_words!(&self.words, words => len.next_multiple_of(word_size(words)) - len);
        let zeros = [0; size_of::<u128>()];
        self.write(len, zeros.get(..rest)?, len + rest).ok()?;
        // SAFETY: all bytes of the words that hold the first `len` have been written: `add` is only called after
        // `write`, the range that begins at 0 does not end before `len`, and the rest of the last word is zeros.
        let words = unsafe {
            match self.words {
                Words::One(words) => Words::One(initialized(words, len)),
                Words::Two(words) => Words::Two(initialized(words, len)),
                Words::Four(words) => Words::Four(initialized(words, len)),
                Words::Eight(words) => Words::Eight(initialized(words, len)),
                Words::Sixteen(words) => Words::Sixteen(initialized(words, len)),
            }
        };
        Some(Buffer { words, len })
    }
}

/// Makes room for `len` bytes.
fn grow<W>(words: &mut Vec<MaybeUninit<W>>, len: usize) -> Result<(), Error> {
    let count = word_count(words, len);
    words
        .try_reserve_exact(count.saturating_sub(words.len()))
        .map_err(|_| ErrorKind::Memory { bytes: len })?;
    words.resize_with(count, MaybeUninit::uninit);
    advise_huge_pages(words);
    Ok(())
}

fn write<W>(words: &mut [MaybeUninit<W>], at: usize, bytes: &[u8]) {
    let room = size_of_val(words).checked_sub(at);
    assert!(room.is_some_and(|room| bytes.len() <= room));
    let begin = words.as_mut_ptr().cast::<u8>();
    // SAFETY: the bytes of the words from `at` on are at least as many, which has just been checked. What is written there
    // cannot be what is read, because it is borrowed mutably. Any bytes may be in words that may be uninitialized.
    unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), begin.add(at), bytes.len()) };
}

/// The same memory as the words that hold `len` bytes.
///
/// # Safety
/// These have been written.
unsafe fn initialized<W: AnyBitPattern>(words: Vec<MaybeUninit<W>>, len: usize) -> Vec<W> {
    let mut words = ManuallyDrop::new(words);
    let count = word_count(&words, len).min(words.len());
    let (begin, capacity) = (words.as_mut_ptr().cast::<W>(), words.capacity());
    // SAFETY: it is the memory of a vector of words with the same size and alignment, which is forgotten, so that it has one
    // owner. The first `count` have been written, as the caller says, and any bytes are a `W`.
    unsafe { Vec::from_raw_parts(begin, count, capacity) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn any_order(
            alignment in prop::sample::select(vec![1, 2, 4, 8, 16]),
            len in 0..300usize,
            steps in prop::collection::vec((0..300usize, 0..50usize), 0..40),
        ) {
            let expected: Vec<u8> = (0..len).map(|i| i as u8 ^ 0x5a).collect();
            let mut memory = Unwritten::new(alignment);
            let mut is_written = vec![false; len];
            for (at, count) in steps {
                let (at, end) = (at.min(len), (at + count).min(len));
                memory.write(at, &expected[at..end.max(at)], len).unwrap();
                is_written[at..end.max(at)].fill(true);
                prop_assert_eq!(memory.written(), is_written.iter().filter(|x| **x).count());
            }
            let is_whole = is_written.iter().all(|x| *x);
            let found = memory.into_buffer(len);
            prop_assert_eq!(found.is_some(), is_whole);
            if let Some(found) = found {
                prop_assert_eq!(found.as_ref(), expected.as_slice());
                prop_assert_eq!(found.as_ref().as_ptr() as usize % alignment, 0);
            }
        }

        #[test]
        fn parts_in_turn(alignment in prop::sample::select(vec![1, 2, 4, 8, 16]), len in 1..5000usize, count in 1..8usize) {
            let expected: Vec<u8> = (0..len).map(|i| (i * 7) as u8).collect();
            let mut memory = Unwritten::new(alignment);
            // Each part's next bytes, and then again.
            let parts: Vec<&[u8]> = expected.chunks(len.div_ceil(count)).collect();
            let step = 37;
            for begin in (0..len).step_by(step) {
                for (i, part) in parts.iter().enumerate() {
                    let chunk = part.get(begin..).map_or(&[][..], |rest| &rest[..rest.len().min(step)]);
                    memory.write(i * len.div_ceil(count) + begin.min(part.len()), chunk, len).unwrap();
                }
            }
            let found = memory.into_buffer(len).unwrap();
            prop_assert_eq!(found.as_ref(), expected.as_slice());
        }
    }
}
