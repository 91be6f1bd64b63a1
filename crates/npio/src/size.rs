//! The number of bytes that an array takes, before anything is written.
//!
//! In memory and in a raw file, an array is its items and nothing else; nothing there gives their meaning.
//! A `.npy` adds a header that does, padded so that the items begin at a multiple of 64. A `.npz` wraps
//! that into a zip archive: once before the member, once in the directory at the end.
//!
//! ```
//! use npio::{DType, Layout, Order, size::Sizes};
//! let sizes = Sizes::of(&Layout::new(DType::I32, [3, 4], Order::C)?)?;
//! assert_eq!((sizes.memory, sizes.raw, sizes.npy), (48, 48, 48 + 128));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

use flatfile::Error;
use flatfile::dtype::Layout;
use flatfile::npy_header::Header;

/// The sizes of one array in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sizes {
    /// The items in memory (NumPy's `nbytes`), without the object that holds them.
    pub memory: u64,
    /// As `tofile` writes it.
    pub raw: u64,
    /// As `np.save` writes it.
    pub npy: u64,
    /// As `np.savez(f, x)` writes it: stored, as member `arr_0.npy`.
    pub npz: u64,
}

/// The member's name in an archive of one array.
const MEMBER: &str = "arr_0.npy";

/// Zip's fixed parts: before a member, its directory entry, the end of the directory.
const LOCAL_HEADER: u64 = 30;
const DIRECTORY_ENTRY: u64 = 46;
const DIRECTORY_END: u64 = 22;

/// NumPy always adds this before a member: an extra field with 64-bit sizes.
const LOCAL_ZIP64: u64 = 20;

/// Python uses 64-bit numbers from here on.
const ZIP64_LIMIT: u64 = (1 << 31) - 1;

/// A directory entry's extra field with two 64-bit sizes; a 64-bit end of the directory and the record
/// that points to it.
const DIRECTORY_ZIP64: u64 = 20;
const DIRECTORY_END_ZIP64: u64 = 56 + 20;

impl Sizes {
    /// The sizes of an array of this layout.
    ///
    /// # Errors
    /// A layout that no header can express.
    pub fn of(layout: &Layout) -> Result<Sizes, Error> {
        let memory = layout.nbytes() as u64;
        let npy = Header::new(layout.clone()).encode()?.len() as u64 + memory;
        let name = MEMBER.len() as u64;
        let member = LOCAL_HEADER + name + LOCAL_ZIP64 + npy;
        let mut directory = DIRECTORY_ENTRY + name;
        if npy > ZIP64_LIMIT {
            directory += DIRECTORY_ZIP64;
        }
        // The end record holds the offset of the directory.
        let end = if member > ZIP64_LIMIT {
            DIRECTORY_END + DIRECTORY_END_ZIP64
        } else {
            DIRECTORY_END
        };
        Ok(Sizes {
            memory,
            raw: memory,
            npy,
            npz: member + directory + end,
        })
    }
}
