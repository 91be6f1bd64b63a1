//! The records of the zip format (PKWARE's APPNOTE 6.3.10, section 4.3), as they are stored.

use crate::name;

/// The signatures of the records.
pub(crate) mod signature {
    pub(crate) const LOCAL: u32 = 0x0403_4b50;
    pub(crate) const CENTRAL: u32 = 0x0201_4b50;
    pub(crate) const END: u32 = 0x0605_4b50;
    pub(crate) const END64: u32 = 0x0606_4b50;
    pub(crate) const LOCATOR: u32 = 0x0706_4b50;
    pub(crate) const DESCRIPTOR: u32 = 0x0807_4b50;
}

/// Their lengths without the variable parts.
pub(crate) mod length {
    pub(crate) const LOCAL: usize = 30;
    pub(crate) const CENTRAL: usize = 46;
    pub(crate) const END: usize = 22;
    pub(crate) const END64: usize = 56;
    pub(crate) const LOCATOR: usize = 20;
}

/// Bits of the flags.
pub(crate) mod flag {
    const ENCRYPTED: u16 = 1;
    /// For LZMA: the data marks its own end.
    pub(crate) const END_MARK: u16 = 1 << 1;
    /// What the data's method means by them: its own end for LZMA, its level for deflate.
    pub(crate) const METHOD_FLAGS: u16 = END_MARK | 1 << 2;
    /// The data is a patch of other data.
    const PATCHED: u16 = 1 << 5;
    const STRONGLY_ENCRYPTED: u16 = 1 << 6;
    /// CRC and sizes follow the data.
    pub(crate) const DESCRIPTOR: u16 = 1 << 3;
    pub(crate) const UTF8: u16 = 1 << 11;
    /// Names and sizes in local headers are masked.
    const MASKED: u16 = 1 << 13;
    /// Any of these: the data cannot be decoded here.
    pub(crate) const UNREADABLE: u16 = ENCRYPTED | PATCHED | STRONGLY_ENCRYPTED | MASKED;
}

/// The extra field with values that do not fit 32 bits.
pub(crate) const ZIP64_EXTRA: u16 = 1;

/// The extra field with the name in UTF-8.
const UNICODE_PATH: u16 = 0x7075;

/// The bits of a mode on Unix that are the type of a file, and those of a symbolic link.
const FILE_TYPE: u32 = 0o170_000;
const SYMLINK: u32 = 0o120_000;

/// In a field of 32 bits: the value is in the extra field.
pub(crate) const ZIP64_SENTINEL: u32 = u32::MAX;

/// Consecutive little-endian numbers; `None` if the bytes end.
pub(crate) struct FieldReader<'a>(pub(crate) &'a [u8]);

impl<'a> FieldReader<'a> {
    pub(crate) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (taken, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*taken)
    }

    pub(crate) fn u16(&mut self) -> Option<u16> {
        self.array().map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self) -> Option<u32> {
        self.array().map(u32::from_le_bytes)
    }

    pub(crate) fn u64(&mut self) -> Option<u64> {
        self.array().map(u64::from_le_bytes)
    }
}

/// The fields that the header before a member and its entry in the directory share.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EntryInfo {
    pub(crate) flags: u16,
    pub(crate) method: u16,
    pub(crate) crc: u32,
    pub(crate) compressed_size: u64,
    pub(crate) size: u64,
}

/// A header or an entry: the fixed part, and the positions of the variable parts.
pub(crate) struct ZipRecord<'a> {
    pub(crate) info: EntryInfo,
    pub(crate) name: &'a [u8],
    pub(crate) extra: &'a [u8],
    /// The offset of the member, and its disk; only an entry has them.
    pub(crate) offset: u64,
    pub(crate) disk: u16,
    /// Whether its attributes are those of a symbolic link on Unix; only an entry has them.
    pub(crate) is_symlink: bool,
}

impl EntryInfo {
    /// Six fields, starting with the flags.
    fn parse(fields: &mut FieldReader<'_>) -> Option<EntryInfo> {
        let (flags, method) = (fields.u16()?, fields.u16()?);
        // Time and date.
        fields.u32()?;
        Some(EntryInfo {
            flags,
            method,
            crc: fields.u32()?,
            compressed_size: fields.u32()?.into(),
            size: fields.u32()?.into(),
        })
    }

    /// Whether the name is declared to be UTF-8.
    pub(crate) fn is_utf8(&self) -> bool {
        self.flags & flag::UTF8 != 0
    }
}

/// The fixed part of a header, and the lengths of the name and the extra field after it.
pub(crate) fn parse_local_header(bytes: &[u8]) -> Option<(EntryInfo, usize, usize)> {
    let mut fields = FieldReader(bytes);
    if fields.u32()? != signature::LOCAL {
        return None;
    }
    fields.u16()?;
    let info = EntryInfo::parse(&mut fields)?;
    Some((info, fields.u16()?.into(), fields.u16()?.into()))
}

/// The CRC and the sizes that follow the data of a member whose header may not have them, in 64 bits if it is wide; with
/// the same flags and method. `fields` is left after it.
pub(crate) fn parse_descriptor(
    fields: &mut FieldReader<'_>,
    is_wide: bool,
    info: EntryInfo,
) -> Option<EntryInfo> {
    let crc = fields.u32()?;
    let mut size = || {
        if is_wide {
            fields.u64()
        } else {
            fields.u32().map(u64::from)
        }
    };
    Some(EntryInfo {
        crc,
        compressed_size: size()?,
        size: size()?,
        ..info
    })
}

/// An entry of the directory; `fields` is left after it.
pub(crate) fn parse_entry<'a>(fields: &mut FieldReader<'a>) -> Option<ZipRecord<'a>> {
    if fields.u32()? != signature::CENTRAL {
        return None;
    }
    // The versions that made it and that can read it.
    fields.u32()?;
    let info = EntryInfo::parse(fields)?;
    let (name, extra, comment) = (fields.u16()?, fields.u16()?, fields.u16()?);
    let disk = fields.u16()?;
    fields.u16()?;
    // The upper half is the mode of a file on Unix. Elsewhere, too, nothing else is the type of a link there.
    let mode = fields.u32()? >> 16;
    let offset = fields.u32()?.into();
    let name = fields.take(name.into())?;
    let extra = fields.take(extra.into())?;
    fields.take(comment.into())?;
    Some(ZipRecord {
        info,
        name,
        extra,
        offset,
        disk,
        is_symlink: mode & FILE_TYPE == SYMLINK,
    })
}

impl<'a> ZipRecord<'a> {
    /// A member's own header: its fixed part, and what follows it.
    pub(crate) fn local(info: EntryInfo, name: &'a [u8], extra: &'a [u8]) -> ZipRecord<'a> {
        ZipRecord {
            info,
            name,
            extra,
            offset: 0,
            disk: 0,
            is_symlink: false,
        }
    }

    /// Whether there is room for 64-bit sizes; then they are in the descriptor after the data, too.
    pub(crate) fn has_zip64(&self) -> bool {
        ExtraFields(self.extra).any(|(id, _)| id == ZIP64_EXTRA)
    }

    /// Fills in the values that are in the extra field because they do not fit 32 bits; the error is a
    /// text.
    pub(crate) fn apply_zip64(&mut self) -> Result<(), &'static str> {
        let EntryInfo {
            compressed_size,
            size,
            ..
        } = &mut self.info;
        let sentinel = u64::from(ZIP64_SENTINEL);
        let mut found = None;
        for (id, data) in ExtraFields(self.extra) {
            let data = data.ok_or("an extra field is longer than the space for extra fields")?;
            if id == ZIP64_EXTRA && found.replace(data).is_some() {
                return Err("two extra fields give 64-bit sizes");
            }
        }
        let found = found.unwrap_or_default();
        let mut fields = FieldReader(found);
        for value in [size, compressed_size, &mut self.offset] {
            if *value == sentinel {
                *value = fields.u64().ok_or("a 64-bit size or offset is missing")?;
            }
        }
        // Some writers store both sizes if only one is needed, or none; and some readers accept that.
        if fields.u64().is_some() {
            let mut fields = FieldReader(found);
            let differs = |declared: Option<u64>, size| {
                declared.is_some_and(|declared| declared != 0 && declared != size)
            };
            let EntryInfo {
                compressed_size,
                size,
                ..
            } = self.info;
            if differs(fields.u64(), size) || differs(fields.u64(), compressed_size) {
                return Err("a 64-bit size differs from the 32-bit one");
            }
        }
        Ok(())
    }

    /// The name; the error is a text.
    pub(crate) fn name(&self) -> Result<Box<str>, &'static str> {
        let bytes = self.name;
        if bytes.contains(&0) {
            return Err("a name contains a NUL, at which some readers end it");
        }
        let is_utf8 = self.info.is_utf8();
        let name = if is_utf8 || bytes.is_ascii() {
            str::from_utf8(bytes)
                .map(Box::from)
                .map_err(|_| "a name is declared to be UTF-8, but is not valid UTF-8")?
        } else {
            name::from_cp437(bytes)
        };
        match self.unicode_path()? {
            // Without it, the meaning of a byte beyond ASCII is a guess; newer readers use it.
            Some(path) if !is_utf8 && !bytes.is_ascii() => Ok(path.into()),
            Some(path) if *path != *name => {
                Err("an extra field gives another name, which some readers use")
            }
            _ => Ok(name),
        }
    }

    /// The name in an extra field, unless the field belongs to a different name.
    fn unicode_path(&self) -> Result<Option<&str>, &'static str> {
        let mut found = None;
        for data in
            ExtraFields(self.extra).filter_map(|(id, data)| data.filter(|_| id == UNICODE_PATH))
        {
            let mut fields = FieldReader(data);
            let is_ours =
                fields.take(1) == Some(&[1]) && fields.u32() == Some(crc32fast::hash(self.name));
            if !is_ours {
                continue;
            }
            let path = str::from_utf8(fields.0)
                .map_err(|_| "a name is declared to be UTF-8, but is not valid UTF-8")?;
            if path.contains('\0') {
                return Err("a name contains a NUL, at which some readers end it");
            }
            if found.replace(path).is_some_and(|other| other != path) {
                return Err("two extra fields give different names");
            }
        }
        Ok(found.filter(|path| !path.is_empty()))
    }
}

/// Extra fields: the id and the bytes of each; `None` if there are too few bytes.
struct ExtraFields<'a>(&'a [u8]);

impl<'a> Iterator for ExtraFields<'a> {
    type Item = (u16, Option<&'a [u8]>);

    fn next(&mut self) -> Option<Self::Item> {
        // Python also ignores fewer than 4 bytes.
        let mut fields = FieldReader(self.0);
        let (id, length) = (fields.u16()?, fields.u16()?);
        let data = fields.take(length.into());
        self.0 = if data.is_some() { fields.0 } else { &[] };
        Some((id, data))
    }
}

/// The end of the directory, in 32 or 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct EndRecord {
    pub(crate) disks: (u32, u32),
    pub(crate) entries_here: u64,
    pub(crate) entries: u64,
    pub(crate) size: u64,
    pub(crate) offset: u64,
}

/// The end of the directory, and the length of the comment after it.
pub(crate) fn parse_end(bytes: &[u8]) -> Option<(EndRecord, usize)> {
    let mut fields = FieldReader(bytes);
    if fields.u32()? != signature::END {
        return None;
    }
    let end = EndRecord {
        disks: (fields.u16()?.into(), fields.u16()?.into()),
        entries_here: fields.u16()?.into(),
        entries: fields.u16()?.into(),
        size: fields.u32()?.into(),
        offset: fields.u32()?.into(),
    };
    Some((end, fields.u16()?.into()))
}

impl EndRecord {
    /// The first field that is not marked as stored elsewhere and differs from that of `zip64`: its name,
    /// and both values.
    pub(crate) fn difference(&self, zip64: &EndRecord) -> Option<(&'static str, u64, u64)> {
        let (few, short) = (u64::from(u16::MAX), u64::from(ZIP64_SENTINEL));
        let fields = [
            (
                "entries on this disk",
                self.entries_here,
                zip64.entries_here,
                few,
            ),
            ("entries", self.entries, zip64.entries, few),
            ("bytes as the size", self.size, zip64.size, short),
            ("as the offset", self.offset, zip64.offset, short),
        ];
        let mut fields = fields.into_iter();
        let difference = fields.find(|(_, narrow, zip64, max)| narrow != max && narrow != zip64);
        difference.map(|(what, narrow, zip64, _)| (what, narrow, zip64))
    }

    /// Whether any field is marked as stored elsewhere.
    pub(crate) fn needs_zip64(&self) -> bool {
        // 65,535 may also be the actual number of entries.
        self.size == ZIP64_SENTINEL.into() || self.offset == ZIP64_SENTINEL.into()
    }
}

/// The offset of the 64-bit end record, from the locator before the other end; its disk, and the number of
/// disks.
pub(crate) fn parse_locator(bytes: &[u8]) -> Option<(u64, u32, u32)> {
    let mut fields = FieldReader(bytes);
    if fields.u32()? != signature::LOCATOR {
        return None;
    }
    let disk = fields.u32()?;
    Some((fields.u64()?, disk, fields.u32()?))
}

/// The 64-bit end record, and its total length.
pub(crate) fn parse_end64(bytes: &[u8]) -> Option<(EndRecord, u64)> {
    let mut fields = FieldReader(bytes);
    if fields.u32()? != signature::END64 {
        return None;
    }
    let length = fields.u64()?.checked_add(12)?;
    fields.u32()?;
    let disks = (fields.u32()?, fields.u32()?);
    let end = EndRecord {
        disks,
        entries_here: fields.u64()?,
        entries: fields.u64()?,
        size: fields.u64()?,
        offset: fields.u64()?,
    };
    Some((end, length))
}
