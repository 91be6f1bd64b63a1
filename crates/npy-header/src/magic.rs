//! The first bytes: magic string, version, length of the text.

use std::fmt;

/// The six bytes at the beginning of every `.npy` file.
pub const MAGIC: &[u8; 6] = b"\x93NUMPY";

/// The version of the format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// 1.0: up to 65,535 bytes of Latin-1.
    V1,
    /// 2.0: up to 4 GiB of Latin-1.
    V2,
    /// 3.0: up to 4 GiB of UTF-8.
    V3,
}

impl Version {
    /// The version with these two bytes.
    pub const fn from_bytes(major: u8, minor: u8) -> Option<Version> {
        match (major, minor) {
            (1, 0) => Some(Version::V1),
            (2, 0) => Some(Version::V2),
            (3, 0) => Some(Version::V3),
            _ => None,
        }
    }

    /// Its two bytes.
    pub const fn to_bytes(self) -> [u8; 2] {
        match self {
            Version::V1 => [1, 0],
            Version::V2 => [2, 0],
            Version::V3 => [3, 0],
        }
    }

    /// Offset of the text from the beginning of the file, in bytes: magic, version and length.
    pub const fn text_offset(self) -> usize {
        match self {
            Version::V1 => MAGIC.len() + 2 + 2,
            Version::V2 | Version::V3 => MAGIC.len() + 2 + 4,
        }
    }
}

/// `1.0`, `2.0` or `3.0`.
impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor] = self.to_bytes();
        write!(f, "{major}.{minor}")
    }
}

/// The likely format of a file that begins with these bytes, if they leave little doubt.
///
/// ```
/// assert_eq!(npy_header::known_format(b"\x89HDF\r\n\x1a\n"), Some("HDF5"));
/// assert_eq!(npy_header::known_format(b"\x80\x04"), None);
/// ```
pub fn known_format(bytes: &[u8]) -> Option<&'static str> {
    let known: [(&[u8], &str); 8] = [
        (MAGIC, ".npy"),
        (b"PK\x03\x04", "a zip archive, as .npz files are"),
        (b"PK\x05\x06", "an empty zip archive, as .npz files are"),
        (b"\x1f\x8b\x08", "gzip"),
        (b"\x89HDF\r\n", "HDF5"),
        (b"BZh", "bzip2"),
        (b"\xfd7zXZ", "xz"),
        (b"\x28\xb5\x2f\xfd", "zstd"),
    ];
    let found = known
        .into_iter()
        .find(|(magic, _)| bytes.starts_with(magic));
    found.map(|(_, name)| name)
}

/// The likely format of a file that is not a `.npy`, from its first bytes.
pub fn other_format(bytes: &[u8]) -> Option<&'static str> {
    // What a download or a clone leaves in place of the file, and what is often next to it.
    let likely: [(&[u8], &str); 11] = [
        (b"versio", "perhaps a Git LFS pointer: run git lfs pull"),
        (b"<!DOCT", "an HTML page"),
        (b"<!doct", "an HTML page"),
        (b"<html", "an HTML page"),
        (b"{", "perhaps JSON"),
        (b"[", "perhaps JSON"),
        (b"\x89PNG", "a PNG image"),
        (b"MATLAB", "a MATLAB file"),
        (b"SIMPLE", "a FITS file"),
        (b"PAR1", "Parquet"),
        (b"\x80", "perhaps a Python pickle"),
    ];
    let likely = || {
        likely
            .into_iter()
            .find(|(first, _)| bytes.starts_with(first))
    };
    known_format(bytes).or_else(|| likely().map(|(_, name)| name))
}
