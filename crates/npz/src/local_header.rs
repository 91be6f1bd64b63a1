//! A member's own header, compared with the directory.

use crate::claim::{Claim, check_agreement};
use crate::directory::{Entry, HIDDEN_MEMBER};
use crate::error::{Error, ErrorKind};
use crate::fetched::{Fetched, Parse, ParseStop, into_parse};
use crate::name::key;
use crate::record::{self, ZipRecord, flag, length, signature};
use std::ops::Range;

/// A member no larger than this is requested at once, with its header.
const SMALL_MEMBER: u64 = 64 << 10;

/// The number of bytes requested first of other members: usually the whole header.
const FIRST_READ: u64 = 512;

/// The number of bytes inspected after a member, if there are any: CRC and sizes, and a signature.
const INSPECTED_AFTER: u64 = 28;

impl Entry {
    /// The range of the member's bytes in the archive, compressed or not: after its own header, which has to agree
    /// with the directory. The first request includes all of a small member.
    ///
    /// # Errors
    /// `Ambiguous` if it disagrees, `Unsupported` if the member is encrypted.
    pub fn data(&self, fetched: &Fetched) -> Result<Parse<Range<u64>>, Error> {
        into_parse(data_range(self, fetched))
    }

    /// The range from the member's own header to whatever comes after its data, which is all that reading it needs.
    pub fn extent(&self) -> Range<u64> {
        self.offset..self.limit
    }

    /// The number of bytes requested first: all of a small member.
    pub(crate) fn first_read(&self) -> u64 {
        let extent = self.limit - self.offset;
        if extent <= SMALL_MEMBER {
            extent
        } else {
            FIRST_READ
        }
    }
}

fn data_range(entry: &Entry, fetched: &Fetched) -> Result<Range<u64>, ParseStop> {
    if let Some(start) = entry.data_offset {
        return Ok(start.get()..entry.limit);
    }
    let at = entry.offset;
    // That a header fits before the limit was checked with the directory.
    let fixed = fetched
        .get(&(at..at + length::LOCAL as u64))
        .ok_or(ParseStop::Need(at..at + entry.first_read()))?;
    let ambiguous = |what: &str| Error::ambiguous(at, what);
    let header = record::parse_local_header(fixed);
    let (info, name, extra) = header.ok_or_else(|| {
        ambiguous("no member begins here, at the offset that the directory gives")
    })?;
    let start = at + (length::LOCAL + name + extra) as u64;
    // That the data ends before the limit was proven with a shorter header.
    let end = start + entry.info.compressed_size;
    if end > entry.limit {
        return Err(ambiguous("the member overlaps what follows it").into());
    }
    let bytes = fetched.bytes(at..start)?;
    let mut fields = record::FieldReader(bytes.get(length::LOCAL..).unwrap_or_default());
    let name = fields.take(name).unwrap_or_default();
    let extra = fields.take(extra).unwrap_or_default();
    check_header(ZipRecord::local(info, name, extra), entry)?;
    if end < entry.limit {
        let following = fetched.bytes(end..end + (entry.limit - end).min(INSPECTED_AFTER))?;
        if hides_a_member(following, info.flags) {
            return Err(Error::ambiguous(end, HIDDEN_MEMBER).into());
        }
    }
    Ok(start..end)
}

/// Checks that a member's header agrees with the directory, and that the member can be read here.
fn check_header(mut header: ZipRecord<'_>, entry: &Entry) -> Result<(), Error> {
    let (at, declared) = (entry.offset, entry.info);
    header
        .apply_zip64()
        .map_err(|what| Error::ambiguous(at, what))?;
    let name = header.name().map_err(|what| Error::ambiguous(at, what))?;
    let here = Claim {
        subject: "the member's header says",
        name: &name,
        info: header.info.completed(declared),
    };
    let declared = Claim {
        subject: "the directory",
        name: &entry.name,
        info: declared,
    };
    check_agreement(at, here, declared)?;
    check_readable(entry)
}

/// Checks that no flag changes the meaning of the data.
pub(crate) fn check_readable(entry: &Entry) -> Result<(), Error> {
    match entry.info.flags & flag::UNREADABLE {
        0 => Ok(()),
        flags => {
            let what = format!("a member that is encrypted, or a patch (flags {flags:#06x})");
            Err(Error::from(ErrorKind::Unsupported(what)).with_member(key(&entry.name)))
        }
    }
}

/// Whether the bytes after a member's data belong to a member that the directory does not list. They may
/// start with a CRC and sizes, with or without a signature, in 32 or 64 bits.
fn hides_a_member(bytes: &[u8], flags: u16) -> bool {
    let offsets: &[usize] = match flags & flag::DESCRIPTOR {
        0 => &[0],
        _ => &[12, 16, 20, 24],
    };
    let signature_bytes = signature::LOCAL.to_le_bytes();
    let mut candidates = offsets.iter().filter_map(|at| bytes.get(*at..));
    candidates.any(|rest| rest.starts_with(&signature_bytes))
}
