//! How an archive is written.

use crate::codec::Compression;
use flatfile::npy;

/// The alignment of an archive's data, so that items of every type can be used in place.
const DEFAULT_ALIGN: u16 = 64;

/// Options for writing an archive.
#[derive(Clone, Debug)]
pub struct WriteOptions {
    pub(crate) compression: Compression,
    pub(crate) align: u16,
    pub(crate) npy: npy::WriteOptions,
}

impl Default for WriteOptions {
    fn default() -> WriteOptions {
        WriteOptions {
            compression: Compression::STORED,
            align: DEFAULT_ALIGN,
            npy: npy::WriteOptions::new(),
        }
    }
}

impl WriteOptions {
    /// The defaults: members stored, their data at multiples of 64.
    pub fn new() -> WriteOptions {
        WriteOptions::default()
    }

    /// How members are compressed by default.
    #[must_use]
    pub fn compression(mut self, compression: Compression) -> WriteOptions {
        self.compression = compression;
        self
    }

    /// Deflates members at this level: 1 is the fastest, 6 zlib's default, 9 the smallest.
    #[must_use]
    pub fn deflate(self, level: u8) -> WriteOptions {
        self.compression(Compression::deflated(level))
    }

    /// The alignment of the data of stored members, up to 32,768; 64 by default. With 1 there is no padding
    /// between members.
    #[must_use]
    pub fn align(mut self, bytes: u16) -> WriteOptions {
        self.align = bytes.clamp(1, 1 << 15);
        self
    }

    /// How arrays are written as `.npy`: their version, order, byte order, dtype.
    #[must_use]
    pub fn npy(mut self, npy: npy::WriteOptions) -> WriteOptions {
        self.npy = npy;
        self
    }
}
