//! The records of the zip format, as they are written.

use crate::directory::Entry;
use crate::error::{Error, ErrorKind};
use crate::record::{Common, ELSEWHERE, ZIP64, flag, length, signature};

/// Midnight of 1 January 1980: the earliest time that the format can express, as Python writes it.
const EPOCH: u32 = 0x0021_0000;

/// The version needed to read an archive, and to read one with 64-bit sizes.
const VERSION: u16 = 20;
const VERSION64: u16 = 45;

/// Made on Unix, which gives the attributes their meaning.
const UNIX: u16 = 3 << 8;

/// A regular file that its owner may write and anyone may read.
const ATTRIBUTES: u32 = 0o100_644 << 16;

/// The extra field that aligns the data; its first two bytes are the alignment.
const ALIGNMENT: u16 = 0xd935;

/// A member's header.
#[derive(Clone, Debug)]
pub(crate) struct Local {
    pub(crate) name: String,
    pub(crate) common: Common,
    /// Whether sizes are written in 64 bits, needed or not.
    pub(crate) is_wide: bool,
}

impl Local {
    /// The header of a member whose fields are all known.
    pub(crate) fn new(name: &str, common: Common) -> Local {
        Local {
            name: name.to_owned(),
            is_wide: is_wide(common.size) || is_wide(common.compressed),
            common: Common {
                // Data that is copied is read as before.
                flags: flags(name) | common.flags & flag::OF_METHOD,
                ..common
            },
        }
    }

    /// Its bytes at this position, padded so that the data after them begins at a multiple of `align`,
    /// unless it is compressed.
    pub(crate) fn encode(&self, at: u64, align: u16) -> Result<Vec<u8>, Error> {
        let common = self.common;
        let (mut sizes, mut extra) = ([narrow(common.compressed), narrow(common.size)], Vec::new());
        if self.is_wide {
            sizes = [ELSEWHERE; 2];
            extra.extend(ZIP64.to_le_bytes());
            extra.extend(16u16.to_le_bytes());
            extra.extend(common.size.to_le_bytes());
            extra.extend(common.compressed.to_le_bytes());
        }
        if common.method == 0 && align > 1 {
            let end = at + (length::LOCAL + self.name.len() + extra.len()) as u64;
            pad(&mut extra, end, align);
        }
        let version = if self.is_wide { VERSION64 } else { VERSION };
        let mut bytes = Vec::with_capacity(length::LOCAL + self.name.len() + extra.len());
        bytes.extend(signature::LOCAL.to_le_bytes());
        bytes.extend(version.to_le_bytes());
        put(&mut bytes, &common, sizes);
        bytes.extend(short(self.name.len())?.to_le_bytes());
        bytes.extend(short(extra.len())?.to_le_bytes());
        bytes.extend(self.name.as_bytes());
        bytes.extend(extra);
        Ok(bytes)
    }

    /// The descriptor after the data of a member whose header is incomplete.
    pub(crate) fn descriptor(&self) -> Vec<u8> {
        let common = self.common;
        let mut bytes = signature::DESCRIPTOR.to_le_bytes().to_vec();
        bytes.extend(common.crc.to_le_bytes());
        for size in [common.compressed, common.size] {
            if self.is_wide {
                bytes.extend(size.to_le_bytes())
            } else {
                bytes.extend(narrow(size).to_le_bytes())
            }
        }
        bytes
    }
}

/// Whether this many bytes need 64 bits.
pub(crate) fn is_wide(size: u64) -> bool {
    size >= u64::from(ELSEWHERE)
}

/// The flags of a member of this name.
pub(crate) fn flags(name: &str) -> u16 {
    if name.is_ascii() { 0 } else { flag::UTF8 }
}

fn narrow(size: u64) -> u32 {
    u32::try_from(size).unwrap_or(ELSEWHERE)
}

fn short(length: usize) -> Result<u16, Error> {
    let what = || ErrorKind::Name(format!("name and extra fields take {length} bytes"));
    u16::try_from(length).map_err(|_| what().into())
}

/// Adds an extra field that ends at a multiple of `align`, unless the fields before it already do.
fn pad(extra: &mut Vec<u8>, end: u64, align: u16) {
    let align = u64::from(align);
    if end.is_multiple_of(align) {
        return;
    }
    let head = 6;
    let zeros = (end + head).next_multiple_of(align) - (end + head);
    extra.extend(ALIGNMENT.to_le_bytes());
    extra.extend((2 + zeros as u16).to_le_bytes());
    extra.extend((align as u16).to_le_bytes());
    extra.extend(std::iter::repeat_n(0, zeros as usize));
}

/// The fields that a header and an entry share.
fn put(bytes: &mut Vec<u8>, common: &Common, [compressed, size]: [u32; 2]) {
    bytes.extend(common.flags.to_le_bytes());
    bytes.extend(common.method.to_le_bytes());
    bytes.extend(EPOCH.to_le_bytes());
    bytes.extend(common.crc.to_le_bytes());
    bytes.extend(compressed.to_le_bytes());
    bytes.extend(size.to_le_bytes());
}

/// The directory of these members, which begins at byte `at`, and its end.
pub(crate) fn directory(entries: &[Entry], at: u64) -> Result<Vec<u8>, Error> {
    let mut bytes = Vec::new();
    for entry in entries {
        put_entry(&mut bytes, entry)?;
    }
    let (count, size) = (entries.len() as u64, bytes.len() as u64);
    let few = u16::try_from(count).unwrap_or(u16::MAX);
    if few == u16::MAX || is_wide(size) || is_wide(at) {
        bytes.extend(signature::END64.to_le_bytes());
        bytes.extend((length::END64 as u64 - 12).to_le_bytes());
        bytes.extend((UNIX | VERSION64).to_le_bytes());
        bytes.extend(VERSION64.to_le_bytes());
        bytes.extend([0; 8]);
        for value in [count, count, size, at] {
            bytes.extend(value.to_le_bytes());
        }
        bytes.extend(signature::LOCATOR.to_le_bytes());
        bytes.extend([0; 4]);
        bytes.extend((at + size).to_le_bytes());
        bytes.extend(1u32.to_le_bytes());
    }
    bytes.extend(signature::END.to_le_bytes());
    bytes.extend([0; 4]);
    bytes.extend(few.to_le_bytes());
    bytes.extend(few.to_le_bytes());
    bytes.extend(narrow(size).to_le_bytes());
    bytes.extend(narrow(at).to_le_bytes());
    bytes.extend([0; 2]);
    Ok(bytes)
}

fn put_entry(bytes: &mut Vec<u8>, entry: &Entry) -> Result<(), Error> {
    let common = entry.common;
    let mut wide = Vec::new();
    for value in [common.size, common.compressed, entry.offset] {
        if is_wide(value) {
            wide.extend(value.to_le_bytes());
        }
    }
    let version = if wide.is_empty() { VERSION } else { VERSION64 };
    bytes.extend(signature::CENTRAL.to_le_bytes());
    bytes.extend((UNIX | version).to_le_bytes());
    bytes.extend(version.to_le_bytes());
    put(
        bytes,
        &common,
        [narrow(common.compressed), narrow(common.size)],
    );
    bytes.extend(short(entry.name.len())?.to_le_bytes());
    let extra = if wide.is_empty() { 0 } else { 4 + wide.len() };
    bytes.extend(short(extra)?.to_le_bytes());
    // No comment, the first disk, binary data.
    bytes.extend([0; 6]);
    bytes.extend(ATTRIBUTES.to_le_bytes());
    bytes.extend(narrow(entry.offset).to_le_bytes());
    bytes.extend(entry.name.as_bytes());
    if !wide.is_empty() {
        bytes.extend(ZIP64.to_le_bytes());
        bytes.extend(short(wide.len())?.to_le_bytes());
        bytes.extend(wide);
    }
    Ok(())
}
