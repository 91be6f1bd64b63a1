//! What the header of a member says, and the descriptor after its data.

use crate::directory::Entry;
use crate::record::{EntryInfo, FieldReader, flag, parse_descriptor, signature};
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
    pub(super) info: EntryInfo,
    pub(super) length: u64,
    is_wide: bool,
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

    /// The forms that a descriptor in these bytes can have: with a signature or without, wide or not.
    pub(super) fn descriptors(&self, bytes: &[u8]) -> impl Iterator<Item = Descriptor> {
        let forms = [true, false].map(|has_signature| {
            [self.is_wide, !self.is_wide].map(|is_wide| {
                let mut fields = FieldReader(bytes);
                if has_signature && fields.u32()? != signature::DESCRIPTOR {
                    return None;
                }
                let info = parse_descriptor(&mut fields, is_wide, self.info)?;
                Some(Descriptor {
                    info,
                    length: (bytes.len() - fields.0.len()) as u64,
                    is_wide,
                })
            })
        });
        forms.into_iter().flatten().flatten()
    }
}

impl Descriptor {
    /// Whether a member of these sizes can have it: if it is not wide, it has them modulo 4 GiB.
    pub(super) fn has_sizes(&self, compressed_size: u64, size: u64) -> bool {
        let stored = |size| if self.is_wide { size } else { size % NARROW };
        let declared = (self.info.compressed_size, self.info.size);
        declared == (stored(compressed_size), stored(size))
    }
}
