//! Whether two places in an archive agree about a member.

use crate::codec::CompressionMethod;
use crate::error::Error;
use crate::record::{EntryInfo, flag};
use flatfile::dtype::python::excerpt;

/// The flags that change how the data is read.
const SIGNIFICANT_FLAGS: u16 = flag::UNREADABLE | flag::DESCRIPTOR | flag::UTF8;

/// What one place in the archive states about a member.
#[derive(Clone, Copy)]
pub(crate) struct Claim<'a> {
    /// The place, with a verb for use as the first of two: "the header says".
    pub(crate) subject: &'a str,
    pub(crate) name: &'a str,
    pub(crate) info: EntryInfo,
}

/// An error if `here` and `there` disagree about the member at byte `at`.
pub(crate) fn check_agreement(at: u64, here: Claim<'_>, there: Claim<'_>) -> Result<(), Error> {
    let differ = |what: &str, one: String, other: String| {
        let (here, there) = (here.subject, there.subject);
        let what = format!("{here} {what} {one}, {there} {other}");
        Err(Error::ambiguous(at, what))
    };
    if here.name != there.name {
        let name = |claim: Claim<'_>| excerpt(claim.name).to_string();
        return differ("the name", name(here), name(there));
    }
    let (here, there) = (here.info, there.info);
    // For the other methods this bit does not change the meaning of the data.
    let is_lzma = CompressionMethod::from_number(here.method) == CompressionMethod::Lzma;
    let significant = if is_lzma {
        SIGNIFICANT_FLAGS | flag::END_MARK
    } else {
        SIGNIFICANT_FLAGS
    };
    if here.flags & significant != there.flags & significant {
        let flags = |info: EntryInfo| format!("{:#06x}", info.flags);
        return differ("the flags", flags(here), flags(there));
    }
    if here.method != there.method {
        return differ(
            "the method",
            here.method.to_string(),
            there.method.to_string(),
        );
    }
    if here.crc != there.crc {
        let crc = |info: EntryInfo| format!("{:08x}", info.crc);
        return differ("the CRC-32", crc(here), crc(there));
    }
    if here.size != there.size {
        return differ("the size", here.size.to_string(), there.size.to_string());
    }
    if here.compressed_size != there.compressed_size {
        let (here, there) = (
            here.compressed_size.to_string(),
            there.compressed_size.to_string(),
        );
        return differ("the compressed size", here, there);
    }
    Ok(())
}

impl EntryInfo {
    /// A header that may leave fields at 0 because they follow the data, with those filled in.
    pub(crate) fn completed(self, known: EntryInfo) -> EntryInfo {
        let has_descriptor = self.flags & flag::DESCRIPTOR != 0;
        let or_known = |here: u64, known: u64| {
            if has_descriptor && here == 0 {
                known
            } else {
                here
            }
        };
        EntryInfo {
            crc: if has_descriptor && self.crc == 0 {
                known.crc
            } else {
                self.crc
            },
            compressed_size: or_known(self.compressed_size, known.compressed_size),
            size: or_known(self.size, known.size),
            ..self
        }
    }
}
