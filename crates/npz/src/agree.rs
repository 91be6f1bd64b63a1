//! Whether two places in an archive agree about a member.

use crate::codec::CompressionMethod;
use crate::error::Error;
use crate::record::{Common, flag};
use flatfile::dtype::python::quoted;

/// The flags that change how the data is read.
const SAME: u16 = flag::UNREADABLE | flag::DESCRIPTOR | flag::UTF8;

/// The fields of a member in one place.
#[derive(Clone, Copy)]
pub(crate) struct Said<'a> {
    /// The name of the place, with a verb for use as the first of two.
    pub(crate) who: &'a str,
    pub(crate) name: &'a str,
    pub(crate) common: Common,
}

/// An error if `here` and `there` disagree about the member at byte `at`.
pub(crate) fn agree(at: u64, here: Said<'_>, there: Said<'_>) -> Result<(), Error> {
    let differ = |what: &str, one: String, other: String| {
        let (here, there) = (here.who, there.who);
        let what = format!("{here} {what} {one}, {there} {other}");
        Err(Error::ambiguous(at, what))
    };
    if here.name != there.name {
        let name = |said: Said<'_>| quoted(said.name).to_string();
        return differ("the name", name(here), name(there));
    }
    let (here, there) = (here.common, there.common);
    // For the other methods this bit does not change the meaning of the data.
    let is_lzma = CompressionMethod::from_number(here.method) == CompressionMethod::Lzma;
    let same = if is_lzma { SAME | flag::END_MARK } else { SAME };
    if here.flags & same != there.flags & same {
        let flags = |common: Common| format!("{:#06x}", common.flags);
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
        let crc = |common: Common| format!("{:08x}", common.crc);
        return differ("the CRC-32", crc(here), crc(there));
    }
    if here.size != there.size {
        return differ("the size", here.size.to_string(), there.size.to_string());
    }
    if here.compressed != there.compressed {
        let (here, there) = (here.compressed.to_string(), there.compressed.to_string());
        return differ("the compressed size", here, there);
    }
    Ok(())
}

impl Common {
    /// A header that may leave fields at 0 because they follow the data, with those filled in.
    pub(crate) fn completed(self, known: Common) -> Common {
        let is_behind = self.flags & flag::DESCRIPTOR != 0;
        let or = |here: u64, known: u64| if is_behind && here == 0 { known } else { here };
        Common {
            crc: if is_behind && self.crc == 0 {
                known.crc
            } else {
                self.crc
            },
            compressed: or(self.compressed, known.compressed),
            size: or(self.size, known.size),
            ..self
        }
    }
}
