//! NumPy's `.npz`: zip archives of `.npy` files, and of anything else.
//!
//! ```
//! use flatfile::Array;
//!
//! let x = Array::from_slice(&[1.0, 2.0, 3.0, 4.0], [2, 2])?;
//! let y = Array::from_slice(&[7u8, 8], [2])?;
//! let mut file = std::io::Cursor::new(Vec::new());
//! let mut writer = npz::Writer::new(&mut file);
//! writer.array("x", &x)?;
//! writer.array("y", &y)?;
//! writer.finish()?;
//!
//! let bytes = file.into_inner();
//! let archive = npz::Archive::new(&bytes)?;
//! assert_eq!(archive.names().collect::<Vec<_>>(), ["x", "y"]);
//! assert_eq!(archive.get("x")?.read()?.into_vec::<f64>()?, [1.0, 2.0, 3.0, 4.0]);
//! // A stored member can be viewed without a copy.
//! assert_eq!(archive.get("y")?.view()?.as_slice::<u8>()?, [7, 8]);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An [`Archive`] is opened over a file, or any other [`ReadAt`](flatfile::ReadAt): bytes in memory or mapped,
//! anything that seeks. Opening reads only its directory. An archive that two readers could read differently is
//! refused: see [`ErrorKind::Ambiguous`]. A [`Member`] is read whole, in blocks, in slices, or viewed in place; a
//! member that is read to its end is checked by its CRC-32. For a remote archive, a [`Directory`] tells which bytes
//! to fetch. [`Stream`] reads an archive from a pipe, in one pass.
//!
//! A [`Writer`] writes members one after another, large ones compressed on all cores; an [`Update`]
//! rewrites an archive with some members changed, and copies the others as they are.

#![forbid(unsafe_code)]

mod archive;
mod claim;
mod codec;
mod deflate;
mod directory;
mod error;
mod fetched;
mod local_header;
#[cfg(feature = "methods")]
mod lzma;
mod member;
mod member_bytes;
mod name;
mod open;
mod prefetched;
mod reader;
mod record;
mod salvage;
mod stream;
mod threads;
mod update;
mod verify;
mod write;

/// The number of bytes that are read or compressed, and their CRC taken, while they are in the cache.
const IO_BLOCK: usize = 256 << 10;

pub use archive::Archive;
pub use codec::{Compression, CompressionMethod};
pub use directory::{Directory, Entry};
pub use error::{Error, ErrorKind};
pub use fetched::{Fetched, Parse};
pub use flatfile;
pub use member::Member;
pub use open::MemberItems;
pub use reader::Reader;
pub use salvage::{Lost, Salvaged};
pub use stream::{Stream, StreamMember};
pub use threads::threads_for;
pub use update::Update;
pub use verify::{Issue, IssueKind};
pub use write::{MemberWriter, WriteOptions, Writer, arr_names};
