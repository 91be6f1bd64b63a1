//! The records of the zip format, as they are written.

use crate::directory::Entry;
use crate::error::{Error, ErrorKind};
use crate::record::{EntryInfo, ZIP64_EXTRA, ZIP64_SENTINEL, flag, length, signature};

/// Midnight of 1 January 1980: the earliest time that the format can express, as Python writes it.
const ZIP_EPOCH: u32 = 0x0021_0000;

/// The version needed to read an archive, and to read one with 64-bit sizes.
const VERSION_NEEDED: u16 = 20;
const ZIP64_VERSION_NEEDED: u16 = 45;

/// Made on Unix, which gives the attributes their meaning.
const MADE_BY_UNIX: u16 = 3 << 8;

/// A regular file that its owner may write and anyone may read.
const FILE_ATTRIBUTES: u32 = 0o100_644 << 16;

/// The extra field that aligns the data; its first two bytes are the alignment.
const ALIGNMENT_EXTRA: u16 = 0xd935;

/// A member's header.
#[derive(Clone, Debug)]
pub(crate) struct LocalHeader {
    pub(crate) name: String,
    pub(crate) info: EntryInfo,
    /// Whether sizes are written in 64 bits, needed or not.
    pub(crate) needs_zip64: bool,
}

impl LocalHeader {
    /// The header of a member whose fields are all known.
    pub(crate) fn new(name: &str, info: EntryInfo) -> LocalHeader {
        LocalHeader {
            name: name.to_owned(),
            needs_zip64: needs_zip64(info.size) || needs_zip64(info.compressed_size),
            info: EntryInfo {
                // Data that is copied is read as before.
                flags: flags(name) | info.flags & flag::METHOD_FLAGS,
                ..info
            },
        }
    }

    /// Its bytes at this position, padded so that the data after them begins at a multiple of `align`,
    /// unless it is compressed.
    pub(crate) fn encode(&self, offset: u64, align: u16) -> Result<Vec<u8>, Error> {
        let info = self.info;
        let (mut sizes, mut extra) = (
            [
                u32_or_sentinel(info.compressed_size),
                u32_or_sentinel(info.size),
            ],
            Vec::new(),
        );
        if self.needs_zip64 {
            sizes = [ZIP64_SENTINEL; 2];
            extra.extend(ZIP64_EXTRA.to_le_bytes());
            extra.extend(16u16.to_le_bytes());
            extra.extend(info.size.to_le_bytes());
            extra.extend(info.compressed_size.to_le_bytes());
        }
        if info.method == 0 && align > 1 {
            let end = offset + (length::LOCAL + self.name.len() + extra.len()) as u64;
            pad_extra(&mut extra, end, align);
        }
        let version = if self.needs_zip64 {
            ZIP64_VERSION_NEEDED
        } else {
            VERSION_NEEDED
        };
        let mut bytes = Vec::with_capacity(length::LOCAL + self.name.len() + extra.len());
        bytes.extend(signature::LOCAL.to_le_bytes());
        bytes.extend(version.to_le_bytes());
        put_info(&mut bytes, &info, sizes);
        bytes.extend(u16_length(self.name.len())?.to_le_bytes());
        bytes.extend(u16_length(extra.len())?.to_le_bytes());
        bytes.extend(self.name.as_bytes());
        bytes.extend(extra);
        Ok(bytes)
    }

    /// The descriptor after the data of a member whose header is incomplete.
    pub(crate) fn descriptor(&self) -> Vec<u8> {
        let info = self.info;
        let mut bytes = signature::DESCRIPTOR.to_le_bytes().to_vec();
        bytes.extend(info.crc.to_le_bytes());
        for size in [info.compressed_size, info.size] {
            if self.needs_zip64 {
                bytes.extend(size.to_le_bytes())
            } else {
                bytes.extend(u32_or_sentinel(size).to_le_bytes())
            }
        }
        bytes
    }
}

/// Whether this many bytes need 64 bits.
pub(crate) fn needs_zip64(size: u64) -> bool {
    size >= u64::from(ZIP64_SENTINEL)
}

/// The flags of a member of this name.
pub(crate) fn flags(name: &str) -> u16 {
    if name.is_ascii() { 0 } else { flag::UTF8 }
}

fn u32_or_sentinel(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(ZIP64_SENTINEL)
}

fn u16_length(length: usize) -> Result<u16, Error> {
    let what = || ErrorKind::Name(format!("name and extra fields take {length} bytes"));
    u16::try_from(length).map_err(|_| what().into())
}

/// Adds an extra field that ends at a multiple of `align`, unless the fields before it already do.
fn pad_extra(extra: &mut Vec<u8>, end: u64, align: u16) {
    let align = u64::from(align);
    if end.is_multiple_of(align) {
        return;
    }
    let head = 6;
    let zeros = (end + head).next_multiple_of(align) - (end + head);
    extra.extend(ALIGNMENT_EXTRA.to_le_bytes());
    extra.extend((2 + zeros as u16).to_le_bytes());
    extra.extend((align as u16).to_le_bytes());
    extra.extend(std::iter::repeat_n(0, zeros as usize));
}

/// The fields that a header and an entry share.
fn put_info(bytes: &mut Vec<u8>, info: &EntryInfo, [compressed, size]: [u32; 2]) {
    bytes.extend(info.flags.to_le_bytes());
    bytes.extend(info.method.to_le_bytes());
    bytes.extend(ZIP_EPOCH.to_le_bytes());
    bytes.extend(info.crc.to_le_bytes());
    bytes.extend(compressed.to_le_bytes());
    bytes.extend(size.to_le_bytes());
}

/// The entries of members that stay where they are, as their archive has them.
#[derive(Clone, Debug, Default)]
pub(crate) struct KeptEntries {
    pub(crate) count: usize,
    pub(crate) bytes: Vec<u8>,
}

/// The directory of members that were kept and of these, which begins at byte `offset`, and its end.
pub(crate) fn directory(
    kept: KeptEntries,
    entries: &[Entry],
    offset: u64,
) -> Result<Vec<u8>, Error> {
    let KeptEntries { count, mut bytes } = kept;
    for entry in entries {
        put_entry(&mut bytes, entry)?;
    }
    let (count, size) = ((count + entries.len()) as u64, bytes.len() as u64);
    let short_count = u16::try_from(count).unwrap_or(u16::MAX);
    if short_count == u16::MAX || needs_zip64(size) || needs_zip64(offset) {
        bytes.extend(signature::END64.to_le_bytes());
        bytes.extend((length::END64 as u64 - 12).to_le_bytes());
        bytes.extend((MADE_BY_UNIX | ZIP64_VERSION_NEEDED).to_le_bytes());
        bytes.extend(ZIP64_VERSION_NEEDED.to_le_bytes());
        bytes.extend([0; 8]);
        for value in [count, count, size, offset] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(signature::LOCATOR.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend((offset + size).to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
    }
    bytes.extend(signature::END.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(short_count.to_le_bytes());
    bytes.extend(short_count.to_le_bytes());
    bytes.extend(u32_or_sentinel(size).to_le_bytes());
    bytes.extend(u32_or_sentinel(offset).to_le_bytes());
    bytes.extend([0; 2]);
    Ok(bytes)
}

fn put_entry(bytes: &mut Vec<u8>, entry: &Entry) -> Result<(), Error> {
    let info = entry.info;
    let mut zip64 = Vec::new();
    for value in [info.size, info.compressed_size, entry.offset] {
        if needs_zip64(value) {
            zip64.extend(value.to_le_bytes());
        }
    }
    let version = if zip64.is_empty() {
        VERSION_NEEDED
    } else {
        ZIP64_VERSION_NEEDED
    };
    bytes.extend(signature::CENTRAL.to_le_bytes());
    bytes.extend((MADE_BY_UNIX | version).to_le_bytes());
    bytes.extend(version.to_le_bytes());
    put_info(
        bytes,
        &info,
        [
            u32_or_sentinel(info.compressed_size),
            u32_or_sentinel(info.size),
        ],
    );
    bytes.extend(u16_length(entry.name.len())?.to_le_bytes());
    let extra = if zip64.is_empty() { 0 } else { 4 + zip64.len() };
    bytes.extend(u16_length(extra)?.to_le_bytes());
    // No comment, the first disk, binary data.
    bytes.extend([0; 6]);
    bytes.extend(FILE_ATTRIBUTES.to_le_bytes());
    bytes.extend(u32_or_sentinel(entry.offset).to_le_bytes());
    bytes.extend(entry.name.as_bytes());
    if !zip64.is_empty() {
        bytes.extend(ZIP64_EXTRA.to_le_bytes());
        bytes.extend(u16_length(zip64.len())?.to_le_bytes());
        bytes.extend(zip64);
    }
    Ok(())
}
