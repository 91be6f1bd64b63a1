//! NumPy's files in object stores and on web servers.
//!
//! ```no_run
//! # async fn f() -> Result<(), npio::Error> {
//! use npio_remote::Remote;
//! let x = Remote::from_url("https://example.org/x.npy")?.load().await?;
//! let rows = Remote::from_url("s3://bucket/x.npy")?.load_slice(&"1000:2000".parse()?).await?;
//! let archive = Remote::from_url("gs://bucket/x.npz")?.archive().await?;
//! let weights = archive.load("weights").await?;
//! # Ok(())
//! # }
//! ```
//!
//! Without an async runtime, the module [`blocking`] has the same functions:
//!
//! ```no_run
//! let x = npio_remote::blocking::load("https://example.org/x.npy")?;
//! # Ok::<(), npio::Error>(())
//! ```
//!
//! What is requested: the first 64 KiB, which is all of a small array, and a header in any case; then only the ranges that
//! hold the wanted items, in parts of up to 8 MiB, 16 at once, where ranges with less than 1 MiB between them are one. Of an
//! archive it is the end at first, which has the directory. Rows of a `.npy` are two requests, a member three.
//! [`RemoteOptions`] changes these numbers.
//!
//! What is trusted: nothing. The size of an object, which the first answer declares, is compared with the header before
//! anything is allocated, and memory grows with the bytes that arrive. Later requests are for the same version (`If-Match`),
//! and answers of another version or length are errors, so that an array never consists of two. The CRC-32 of members that
//! are read whole is checked. Beyond the array, up to 16 parts are in memory; of a [`RemoteFile`](blocking::RemoteFile) up to
//! 40, those that are kept and those that nobody has come for among them; and what is not stored as it is, or by another
//! method than deflate, is in memory as it is compressed.
//!
//! The stores are those of the crate [`object_store`], any of which can be used; addresses are read with the features `http`,
//! `aws`, `gcp` and `azure`. The feature `text` adds texts.

#![forbid(unsafe_code)]

mod address;
mod archive;
pub mod blocking;
mod checksum;
#[cfg_attr(not(feature = "client"), path = "no_client.rs")]
mod client;
mod decoded;
mod object;
mod options;
mod problem;
mod remote;
mod sink;

pub use address::{is_url, without_credentials};
pub use archive::Archive;
pub use npio;
pub use object_store;
pub use options::RemoteOptions;
pub use problem::Problem;
pub use remote::Remote;
