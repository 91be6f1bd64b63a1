//! Owned bytes, aligned for items of a Rust type: [`Buffer`].

#![expect(
    unsafe_code,
    reason = "huge pages; a buffer handed over as a vector of items"
)]

use crate::error::{Error, ErrorKind};
use crate::read_at::{fill_from, read_as_bytes};
use bytemuck::allocation::{try_cast_vec, try_zeroed_vec};
use bytemuck::{AnyBitPattern, CheckedBitPattern, NoUninit, checked};
use std::fmt;
use std::io::Read;
use std::mem::ManuallyDrop;

/// From this size on, memory is requested in huge pages: faulting in 4 KiB pages costs several times as much as the
/// copying (NumPy does the same from 4 MiB on).
const HUGE_PAGES_FROM: usize = 4 << 20;

/// The initial allocation for a read from a source of unknown length.
const FIRST_ALLOCATION: usize = 64 << 10;

/// The bytes of an owned array.
///
/// They are stored in a vector of words with the requested alignment, so that the memory itself can become a `Vec`
/// of numbers.
#[derive(Clone)]
pub struct Buffer {
    words: Words,
    len: usize,
}

impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Buffer({} bytes)", self.as_ref().len())
    }
}

/// A vector of words of each alignment; `Unwritten` has those that may not be initialized.
#[derive(Clone)]
enum Words<A = u8, B = u16, C = u32, D = u64, E = u128> {
    One(Vec<A>),
    Two(Vec<B>),
    Four(Vec<C>),
    Eight(Vec<D>),
    Sixteen(Vec<E>),
}

/// Evaluates an expression with the vector of words, whichever it is.
macro_rules! with_words {
    ($words:expr, $vec:ident => $body:expr) => {
        match $words {
            Words::One($vec) => $body,
            Words::Two($vec) => $body,
            Words::Four($vec) => $body,
            Words::Eight($vec) => $body,
            Words::Sixteen($vec) => $body,
        }
    };
}

impl<A, B, C, D, E> Words<A, B, C, D, E> {
    fn empty(alignment: usize) -> Self {
        match alignment {
            0 | 1 => Words::One(Vec::new()),
            2 => Words::Two(Vec::new()),
            3 | 4 => Words::Four(Vec::new()),
            5..=8 => Words::Eight(Vec::new()),
            _ => Words::Sixteen(Vec::new()),
        }
    }
}

mod unwritten;

pub(crate) use unwritten::Unwritten;

read_as_bytes! { Buffer }

impl Buffer {
    /// `len` zero bytes in words with this alignment: 1, 2, 4, 8 or 16, as Rust aligns the integers of that size.
    /// Fresh memory is not touched.
    ///
    /// # Errors
    /// `Memory` if this many bytes cannot be allocated.
    pub fn zeroed(len: usize, alignment: usize) -> Result<Buffer, Error> {
        let mut words = Words::empty(alignment);
        with_words!(&mut words, vec => {
            *vec = try_zeroed_vec(word_count(vec, len)).map_err(|()| ErrorKind::Memory { bytes: len })?;
        });
        let mut buffer = Buffer { words, len };
        advise_huge_pages(buffer.as_mut());
        Ok(buffer)
    }

    /// The memory of these items if there are words with their size and alignment, else a copy.
    pub(crate) fn from_vec<T: NoUninit>(items: Vec<T>) -> Buffer {
        let len = size_of_val(items.as_slice());
        let words = match align_of::<T>() {
            1 => cast_words(items, Words::One),
            2 => cast_words(items, Words::Two),
            4 => cast_words(items, Words::Four),
            8 => cast_words(items, Words::Eight),
            16 => cast_words(items, Words::Sixteen),
            _ => Err(items),
        };
        let words = words.unwrap_or_else(|items| Words::One(bytemuck::cast_slice(&items).to_vec()));
        Buffer { words, len }
    }

    /// Reads `len` bytes from a source that may hold fewer: memory grows with what arrives.
    ///
    /// # Errors
    /// `Short` if the source ends early; `Memory`, `Io`.
    pub fn read(mut source: impl Read, len: usize, alignment: usize) -> Result<Buffer, Error> {
        let mut buffer = Buffer::zeroed(len.min(FIRST_ALLOCATION), alignment)?;
        let mut filled = 0;
        loop {
            let space = buffer.as_mut().get_mut(filled..).unwrap_or_default();
            filled += fill_from(space, |rest, _| source.read(rest))?;
            if filled < buffer.len {
                return Err(Error::short(len, filled));
            }
            if filled == len {
                return Ok(buffer);
            }
            buffer.grow(len.min(filled.saturating_mul(2)))?;
        }
    }

    /// Appends bytes, which are whole words of the alignment. If there is no room for them, room for `more` further
    /// bytes is requested too, if that is known.
    ///
    /// ```
    /// let mut buffer = flatfile::Buffer::zeroed(0, 4)?;
    /// buffer.extend(&[1, 2, 3, 4], None)?;
    /// assert_eq!(buffer.as_ref(), [1, 2, 3, 4]);
    /// # Ok::<(), flatfile::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Memory` if they cannot be allocated.
    pub fn extend(&mut self, bytes: &[u8], more: Option<usize>) -> Result<(), Error> {
        /// A larger step might allocate memory that is never needed.
        const STEP: usize = 256 << 20;
        let len = self.len + bytes.len();
        let spare_is_known = more.is_some();
        let spare = more
            .unwrap_or(self.len.min(STEP / 8))
            .min(self.len.max(STEP));
        with_words!(&mut self.words, vec => {
            let (size, free) = (word_size(vec), vec.capacity() - vec.len());
            if bytes.len() / size > free {
                let more = (bytes.len() + spare.max(self.len / 16)) / size;
                vec.try_reserve_exact(more).map_err(|_| ErrorKind::Memory { bytes: len })?;
                // Nearly all of it will be used.
                if spare_is_known {
                    advise_huge_pages(vec.spare_capacity_mut());
                }
            }
            let words = read_words(vec, bytes);
            vec.extend(words);
        });
        self.len = len;
        Ok(())
    }

    /// Gives unused memory back.
    pub fn shrink_to_fit(&mut self) {
        with_words!(&mut self.words, vec => vec.shrink_to_fit());
    }

    /// Appends zero bytes up to this length, which is not shorter.
    pub(crate) fn grow(&mut self, len: usize) -> Result<(), Error> {
        with_words!(&mut self.words, vec => {
            let count = word_count(vec, len);
            vec.try_reserve_exact(count - vec.len()).map_err(|_| ErrorKind::Memory { bytes: len })?;
            vec.resize(count, 0);
        });
        self.len = len;
        Ok(())
    }

    /// The items as a vector: the memory itself if `T` has the alignment of the words and its size divides the
    /// capacity, else a copy.
    ///
    /// # Errors
    /// The index of the first item that is not a valid `T`.
    pub(crate) fn into_vec<T: CheckedBitPattern>(self) -> Result<Vec<T>, usize> {
        let bytes = self.as_ref();
        if size_of::<T>() == 0 || self.alignment() != align_of::<T>() {
            return copy_items(bytes);
        }
        match checked::try_cast_slice::<u8, T>(bytes) {
            Ok(_) => {}
            Err(_) => return copy_items(bytes),
        }
        let len = self.len / size_of::<T>();
        with_words!(self.words, vec => {
            let capacity = capacity_bytes(&vec);
            if capacity % size_of::<T>() != 0 {
                return copy_items(bytemuck::cast_slice(&vec).get(..self.len).unwrap_or_default());
            }
            let mut vec = ManuallyDrop::new(vec);
            let items = vec.as_mut_ptr().cast::<T>();
            // SAFETY: the allocation has `capacity` bytes at the alignment of `T`, which is a whole
            // number of `T`, so that it is freed as it was allocated. The first `len` of them were
            // just checked to be valid. `vec` is forgotten, so the allocation has one owner.
            Ok(unsafe { Vec::from_raw_parts(items, len, capacity / size_of::<T>()) })
        })
    }

    fn alignment(&self) -> usize {
        with_words!(&self.words, vec => word_alignment(vec))
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        let bytes = with_words!(&self.words, vec => bytemuck::cast_slice(vec));
        bytes.get(..self.len).unwrap_or_default()
    }
}

impl AsMut<[u8]> for Buffer {
    fn as_mut(&mut self) -> &mut [u8] {
        let bytes = with_words!(&mut self.words, vec => bytemuck::cast_slice_mut(vec));
        bytes.get_mut(..self.len).unwrap_or_default()
    }
}

/// Bytes that need no alignment.
impl From<Vec<u8>> for Buffer {
    fn from(bytes: Vec<u8>) -> Buffer {
        let len = bytes.len();
        let words = Words::One(bytes);
        Buffer { words, len }
    }
}

/// The items' memory as words, or the items if that is not possible.
fn cast_words<T: NoUninit, W: AnyBitPattern + NoUninit>(
    items: Vec<T>,
    words: fn(Vec<W>) -> Words,
) -> Result<Words, Vec<T>> {
    try_cast_vec(items).map(words).map_err(|(_, items)| items)
}

fn word_alignment<W>(_: &[W]) -> usize {
    align_of::<W>()
}

fn word_size<W>(_: &[W]) -> usize {
    size_of::<W>()
}

fn read_words<'a, W: AnyBitPattern>(
    _: &[W],
    bytes: &'a [u8],
) -> impl Iterator<Item = W> + use<'a, W> {
    let words = bytes.chunks_exact(size_of::<W>());
    words.map(bytemuck::pod_read_unaligned)
}

/// The bytes of the allocation.
fn capacity_bytes<W>(words: &Vec<W>) -> usize {
    words.capacity() * size_of::<W>()
}

/// The number of words that hold `len` bytes.
fn word_count<W>(_: &[W], len: usize) -> usize {
    len.div_ceil(size_of::<W>())
}

/// The items one by one, or the index of the first that is not a valid `T`.
fn copy_items<T: CheckedBitPattern>(bytes: &[u8]) -> Result<Vec<T>, usize> {
    let size = size_of::<T>().max(1);
    let mut items = Vec::with_capacity(bytes.len() / size);
    for (i, item) in bytes.chunks_exact(size).enumerate() {
        items.push(checked::try_pod_read_unaligned(item).map_err(|_| i)?);
    }
    Ok(items)
}

/// Asks the kernel to back the pages of the range by huge ones: also those that it shares, so that all of an allocation
/// stays one mapping, and grows without being copied.
#[cfg(target_os = "linux")]
fn advise_huge_pages<T>(memory: &mut [T]) {
    use rustix::mm::{Advice, madvise};
    let len = size_of_val(memory);
    if len < HUGE_PAGES_FROM {
        return;
    }
    let page = rustix::param::page_size();
    let begin = memory.as_mut_ptr().cast::<u8>();
    let before = begin.addr() % page;
    let pages = (before + len).next_multiple_of(page);
    // SAFETY: the range is the pages of one allocation, and the advice changes how they are backed, never what they hold.
    // Failure changes nothing.
    let _ = unsafe {
        madvise(
            begin.wrapping_sub(before).cast(),
            pages,
            Advice::LinuxHugepage,
        )
    };
}

#[cfg(not(target_os = "linux"))]
fn advise_huge_pages<T>(_: &mut [T]) {
    let _ = HUGE_PAGES_FROM;
}
