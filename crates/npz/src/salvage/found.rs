//! What the header of a member says, and the descriptor after its data.

use crate::directory::Entry;
use crate::record::{EntryInfo, FieldReader, flag, signature};
use std::num::NonZeroU64;

/// Sizes without zip64 fields are stored in 32 bits, whatever they are.
pub(super) const NARROW: u64 = 1 << 32;

/// A header of a member.
pub(super) struct Found {
    pub(super) name: Box<str>,
    /// The offsets of the header and of the data.
    pub(super) offset: u64,
    pub(super) begin: u64,
    pub(super) info: EntryInfo,
    /// Whether the CRC-32 is known; else it follows the data.
    pub(super) has_crc: bool,
    /// Whether the sizes are known, except for multiples of 4 GiB.
    pub(super) has_sizes: bool,
    /// Whether a descriptor after the data has 64-bit sizes.
    pub(super) is_wide: bool,
}

/// A descriptor after the data of a member.
#[derive(Clone, Copy)]
pub(super) struct Descriptor {
    pub(super) crc: u32,
    pub(super) compressed_size: u64,
    pub(super) size: u64,
    pub(super) length: u64,
}

impl Found {
    /// The entry of a member that has these facts.
    pub(super) fn entry(&self, info: EntryInfo) -> Entry {
        Entry {
            name: self.name.clone(),
            info: EntryInfo {
                flags: info.flags & !flag::DESCRIPTOR,
                ..info
            },
            offset: self.offset,
            limit: self.begin.saturating_add(info.compressed_size),
            // Only the directory could say so.
            is_symlink: false,
            data_offset: NonZeroU64::new(self.begin),
        }
    }
}

impl Descriptor {
    /// Its sizes are modulo this number.
    pub(super) fn modulus(&self) -> u64 {
        if self.length < 20 { NARROW } else { u64::MAX }
    }
}

/// The forms that a descriptor in these bytes can have: with a signature or without, wide or not.
pub(super) fn descriptors(bytes: &[u8], is_wide: bool) -> [Option<Descriptor>; 4] {
    let parse = |has_signature: bool, is_wide: bool| {
        let mut fields = FieldReader(bytes);
        if has_signature && fields.u32()? != signature::DESCRIPTOR {
            return None;
        }
        let crc = fields.u32()?;
        let mut size = || {
            if is_wide {
                fields.u64()
            } else {
                fields.u32().map(u64::from)
            }
        };
        let (compressed_size, size) = (size()?, size()?);
        let length = bytes.len() - fields.0.len();
        Some(Descriptor {
            crc,
            compressed_size,
            size,
            length: length as u64,
        })
    };
    [
        (true, is_wide),
        (true, !is_wide),
        (false, is_wide),
        (false, !is_wide),
    ]
    .map(|(has_signature, is_wide)| parse(has_signature, is_wide))
}
