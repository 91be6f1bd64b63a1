//! The search for the headers of members: [`Search`].

use super::Lost;
use super::found::{Descriptor, Found, NARROW};
use super::window::Window;
use crate::IO_BLOCK;
use crate::codec::{CompressionMethod, Decoder, decoder_error};
use crate::directory::Entry;
use crate::error::{Error, ErrorKind};
use crate::local_header::check_readable;
use crate::member_bytes::MemberBytes;
use crate::name::key;
use crate::reader::Reader;
use crate::record::{self, EntryInfo, FieldReader, ZipRecord, flag, length, signature};
use crc32fast::Hasher;
use flatfile::ReadAt;
use flatfile::npy::ReadOptions;
use std::collections::HashMap;
use std::io::{self, Read};

/// In total, members that turn out not to be whole may make the search read this many times the length of the source.
const MAX_REREADS: u64 = 32;

/// The length of the longest descriptor: with a signature, and wide.
const MAX_DESCRIPTOR: usize = 24;

/// Decompressed bytes count for this part of a compressed one.
const DECOMPRESSED_SHARE: u64 = 1024;

/// The search, and what it has found.
pub(super) struct Search<'a, S> {
    source: &'a S,
    pub(super) size: u64,
    window: Window<'a, S>,
    pub(super) whole: Vec<Entry>,
    pub(super) lost: Vec<Lost>,
    /// The entries of directories: names and offsets.
    listed: Vec<(Box<str>, u64)>,
    /// The number of entries since the last member.
    listed_in_sequence: u64,
    pub(super) has_end: bool,
    /// The number of bytes that members which are not whole may still make the search read.
    rereads_left: u64,
    /// The bytes of members, which are read only for their CRC-32.
    block: Vec<u8>,
    progress: &'a mut dyn FnMut(u64),
}

impl<'a, S: ReadAt> Search<'a, S> {
    pub(super) fn new(
        source: &'a S,
        progress: &'a mut dyn FnMut(u64),
    ) -> Result<Search<'a, S>, Error> {
        let size = source.len()?;
        Ok(Search {
            source,
            size,
            window: Window::new(source, size),
            whole: Vec::new(),
            lost: Vec::new(),
            listed: Vec::new(),
            listed_in_sequence: 0,
            has_end: false,
            rereads_left: size.saturating_mul(MAX_REREADS).saturating_add(1 << 20),
            block: vec![0; IO_BLOCK],
            progress,
        })
    }

    pub(super) fn run(&mut self) -> Result<(), Error> {
        let mut next = 0;
        while let Some((at, signature)) = self.window.next_signature(next)? {
            (self.progress)(at);
            next = match signature {
                signature::LOCAL => self.member(at)?,
                signature::CENTRAL => self.entry(at)?,
                _ => self.end(at)?,
            };
            if self.rereads_left == 0 {
                let what =
                    "too much looks like a member and is not one: what follows was not searched";
                self.lost.push(Lost {
                    file_name: None,
                    offset: next,
                    error: Error::broken(next, what),
                });
                self.has_end = false;
                break;
            }
        }
        self.compare_with_directory();
        Ok(())
    }

    /// Members that only the directory lists are lost.
    fn compare_with_directory(&mut self) {
        let mut found: HashMap<&str, usize> = HashMap::new();
        let whole = self.whole.iter().map(|entry| &*entry.name);
        let broken = self
            .lost
            .iter()
            .filter_map(|lost| lost.file_name.as_deref());
        for name in whole.chain(broken) {
            *found.entry(name).or_default() += 1;
        }
        let mut missing = Vec::new();
        for (name, offset) in &self.listed {
            match found.get_mut(&**name) {
                Some(count) if *count > 0 => *count -= 1,
                _ => {
                    let what = "the directory lists a member that does not begin there";
                    missing.push(lost(Some(name), *offset, Error::broken(*offset, what)));
                }
            }
        }
        self.lost.append(&mut missing);
    }

    /// An entry of a directory; returns where the search continues.
    fn entry(&mut self, at: u64) -> Result<u64, Error> {
        let fixed = self.window.bytes(at, length::CENTRAL)?;
        let variable = fixed.get(28..34).map(|lengths| {
            let mut lengths = FieldReader(lengths);
            let mut length = || usize::from(lengths.u16().unwrap_or_default());
            length() + length() + length()
        });
        let length = length::CENTRAL + variable.unwrap_or_default();
        let mut fields = FieldReader(self.window.bytes(at, length)?);
        let Some(mut entry) = record::parse_entry(&mut fields) else {
            return Ok(at + 4);
        };
        let is_known = entry.apply_zip64().is_ok();
        if let (true, Ok(name)) = (is_known, entry.name()) {
            self.listed.push((name, entry.offset));
        }
        self.listed_in_sequence += 1;
        Ok(at + length as u64)
    }

    /// The end of a directory, which has to be after as many entries as it declares.
    fn end(&mut self, at: u64) -> Result<u64, Error> {
        if let Some((end, _)) = record::parse_end(self.window.bytes(at, length::END)?) {
            // In this record it is the number modulo 65,536, or the largest one if another record has it.
            let (declared, found) = (end.entries, self.listed_in_sequence);
            self.has_end = declared == found % (1 << 16)
                || declared == u64::from(u16::MAX) && found > declared;
            self.listed_in_sequence = 0;
        }
        Ok(at + 4)
    }

    /// What may be a member; returns where the search continues.
    fn member(&mut self, at: u64) -> Result<u64, Error> {
        let found = match self.header(at)? {
            Ok(found) => found,
            // Other bytes that look like a signature.
            Err(None) => return Ok(at + 4),
            Err(Some(lost)) => {
                self.forget_end();
                self.lost.push(lost);
                return Ok(at + 4);
            }
        };
        self.forget_end();
        let error = match self.data(&found) {
            Ok((entry, next)) => {
                self.whole.push(entry);
                return Ok(next);
            }
            Err(error) if matches!(error.kind(), ErrorKind::Io(_)) => return Err(error),
            Err(error) => error,
        };
        self.lost.push(lost(Some(&found.name), at, error));
        // Whatever is in its bytes belongs to it, if it ends where it says.
        let end = found.begin.checked_add(found.info.compressed_size);
        match end.filter(|_| found.has_sizes) {
            Some(end) if self.window.is_record(end)? => Ok(end),
            _ => Ok(at + 4),
        }
    }

    /// The end of an archive is after its members.
    fn forget_end(&mut self) {
        self.listed_in_sequence = 0;
        self.has_end = false;
    }

    /// The header at this byte; else that of a member that cannot be read, or none at all.
    fn header(&mut self, at: u64) -> Result<Result<Found, Option<Lost>>, Error> {
        let cut = |name: Option<&str>| {
            let error = Error::broken(at, "the archive ends within the header of a member");
            Some(lost(name, at, error))
        };
        let fixed = self.window.bytes(at, length::LOCAL)?;
        let Some((info, name, extra)) = record::parse_local_header(fixed) else {
            return Ok(Err(cut(None)));
        };
        let is_method = matches!(info.method, 0..=20 | 93..=99);
        if !is_method || name == 0 {
            return Ok(Err(None));
        }
        let length = length::LOCAL + name + extra;
        let mut fields = FieldReader(self.window.bytes(at, length)?);
        let _ = fields.take(length::LOCAL);
        let (Some(name), Some(extra)) = (fields.take(name), fields.take(extra)) else {
            return Ok(Err(cut(None)));
        };
        let mut header = ZipRecord::local(info, name, extra);
        let name = match header.name() {
            Ok(name) => name,
            Err(what) => return Ok(Err(Some(lost(None, at, Error::broken(at, what))))),
        };
        let is_wide = header.has_zip64();
        let has_zip64 = header.apply_zip64().is_ok();
        let info = header.info;
        let has_crc = info.flags & flag::DESCRIPTOR == 0 || info.crc != 0;
        let found = Found {
            offset: at,
            begin: at + length as u64,
            info,
            has_crc,
            has_sizes: has_crc && has_zip64,
            is_wide,
            name,
        };
        match check_readable(&found.entry(info)) {
            Ok(()) => Ok(Ok(found)),
            Err(error) => Ok(Err(Some(lost(Some(&found.name), at, error)))),
        }
    }

    /// Finds the data of a member, and reads it to its end; returns its entry, and where the search continues.
    fn data(&mut self, found: &Found) -> Result<(Entry, u64), Error> {
        let mut first = None;
        let info = found.info;
        if found.has_sizes && self.fits(found, info.compressed_size) {
            match self.check(found, info) {
                Err(error) if !matches!(error.kind(), ErrorKind::Io(_)) => first = Some(error),
                checked => return checked,
            }
        }
        let method = CompressionMethod::from_number(info.method);
        let second = match method {
            CompressionMethod::Stored => self.stored(found),
            _ => self.compressed(found),
        };
        match (second, first) {
            (Err(error), Some(first)) if !matches!(error.kind(), ErrorKind::Io(_)) => Err(first),
            (second, _) => second,
        }
    }

    /// Whether this many bytes follow the header.
    fn fits(&self, found: &Found, bytes: u64) -> bool {
        let end = found.begin.checked_add(bytes);
        end.is_some_and(|end| end <= self.size)
    }

    /// Reads a member with these facts to its end.
    fn check(&mut self, found: &Found, info: EntryInfo) -> Result<(Entry, u64), Error> {
        let entry = found.entry(info);
        let mut reader = Reader::open(self.source, &entry)?;
        loop {
            match reader.read(&mut self.block) {
                Ok(0) => break,
                Ok(_) => {
                    let read = info.size - reader.left();
                    (self.progress)(found.begin + read.min(info.compressed_size));
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.charge(info.compressed_size, info.size - reader.left());
                    return Err(error.into());
                }
            }
        }
        let end = entry.limit;
        let behind = self.descriptor(found, end, info)?;
        let behind = behind.map_or(0, |descriptor| descriptor.length);
        Ok((entry, end + behind))
    }

    /// A stored member whose size is not the declared one, or not declared.
    fn stored(&mut self, found: &Found) -> Result<(Entry, u64), Error> {
        let declared = found.info;
        let mut sizes = Vec::new();
        // The array's own header says how long it is.
        sizes.extend(self.array_size(found)?);
        if found.has_sizes {
            sizes.extend([declared.compressed_size, declared.size]);
        }
        for size in sizes {
            if self.fits(found, size)
                && let Some(whole) = self.try_size(found, size)?
            {
                return Ok(whole);
            }
        }
        let left = self.size.saturating_sub(found.begin);
        if found.has_sizes {
            let mut size = declared.compressed_size % NARROW;
            while size < left && self.rereads_left > 0 {
                size += NARROW;
                if self.fits(found, size)
                    && self.window.is_record(found.begin + size)?
                    && let Some(whole) = self.try_size(found, size)?
                {
                    return Ok(whole);
                }
            }
            let (expected, found) = (declared.compressed_size, left);
            return Err(ErrorKind::Size { expected, found }.into());
        }
        self.searched(found)
    }

    /// The stored member of this size, if its CRC-32 is right.
    fn try_size(&mut self, found: &Found, size: u64) -> Result<Option<(Entry, u64)>, Error> {
        let mut info = EntryInfo {
            compressed_size: size,
            size,
            ..found.info
        };
        if !found.has_crc {
            let Some(descriptor) = self.descriptor_of_size(found, found.begin + size, size)? else {
                return Ok(None);
            };
            info.crc = descriptor.info.crc;
        }
        match self.check(found, info) {
            Err(error) if !matches!(error.kind(), ErrorKind::Io(_)) => Ok(None),
            checked => checked.map(Some),
        }
    }

    /// A stored member whose end only its descriptor tells.
    fn searched(&mut self, found: &Found) -> Result<(Entry, u64), Error> {
        let mut at = found.begin;
        while let Some(next) = self.window.next_record(at)? {
            // With a signature the descriptor begins here, else it ends here.
            let before = [0, 12, 20].map(|length| next.checked_sub(length));
            for end in before
                .into_iter()
                .flatten()
                .filter(|end| *end >= found.begin)
            {
                if let Some(whole) = self.try_size(found, end - found.begin)? {
                    return Ok(whole);
                }
            }
            self.charge(next - at, 0);
            if self.rereads_left == 0 {
                break;
            }
            at = next + 4;
        }
        let what = "no data descriptor with the member's length follows it";
        Err(Error::broken(found.offset, what))
    }

    /// A compressed member, whose data tells where it ends.
    fn compressed(&mut self, found: &Found) -> Result<(Entry, u64), Error> {
        let declared = found.info;
        let input = MemberBytes::at(self.source, found.begin..self.size);
        let mut decoder = Decoder::new(&declared, input, false)?;
        let (mut crc, mut size) = (Hasher::new(), 0);
        let ended = loop {
            match decoder.read(&mut self.block) {
                Ok(0) => break Ok(()),
                Ok(count) => {
                    crc.update(self.block.get(..count).unwrap_or_default());
                    size += count as u64;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    let has_failed = decoder.get_ref().has_failed();
                    break Err(decoder_error(error, has_failed, size));
                }
            }
            (self.progress)(decoder.get_ref().offset());
            let read = decoder.get_ref().offset() - found.begin;
            if read.max(size / DECOMPRESSED_SHARE) > self.rereads_left {
                break Err(ErrorKind::Compressed { after: size }.into());
            }
        };
        let read = decoder.get_ref().offset() - found.begin;
        let compressed_size = read - decoder.unused().len() as u64;
        let info = EntryInfo {
            crc: crc.finalize(),
            compressed_size,
            size,
            ..declared
        };
        let end = found.begin + compressed_size;
        let checked = ended.and_then(|()| self.checked(found, end, info));
        match checked {
            Ok(behind) => Ok((found.entry(info), end + behind)),
            Err(error) => {
                self.charge(read, size);
                Err(error)
            }
        }
    }

    /// Compares what a compressed member is with its header and the descriptor at this byte, whose length is returned.
    fn checked(&mut self, found: &Found, end: u64, info: EntryInfo) -> Result<u64, Error> {
        let declared = found.info;
        let descriptor = self.descriptor(found, end, info)?;
        if found.has_crc && info.crc != declared.crc {
            let (expected, found) = (declared.crc, info.crc);
            return Err(ErrorKind::Checksum { expected, found }.into());
        }
        if !found.has_crc && descriptor.is_none() {
            let what = "no data descriptor that agrees with the member follows it";
            return Err(Error::broken(end, what));
        }
        let is_size = info.size % NARROW == declared.size % NARROW
            && info.compressed_size % NARROW == declared.compressed_size % NARROW;
        if found.has_sizes && !is_size {
            let (expected, found) = (declared.size, info.size);
            return Err(ErrorKind::Size { expected, found }.into());
        }
        Ok(descriptor.map_or(0, |descriptor| descriptor.length))
    }

    /// The length of the `.npy` in a stored member, by its header.
    fn array_size(&mut self, found: &Found) -> Result<Option<u64>, Error> {
        let input = MemberBytes::at(self.source, found.begin..self.size);
        let Ok((header, length)) = ReadOptions::new().read_header(input) else {
            return Ok(None);
        };
        let layout = header.layout();
        if layout.dtype().has_object() {
            return Ok(None);
        }
        Ok(length.checked_add(layout.nbytes() as u64))
    }

    /// The descriptor at this byte that agrees with these facts, if the member has one.
    fn descriptor(
        &mut self,
        found: &Found,
        at: u64,
        info: EntryInfo,
    ) -> Result<Option<Descriptor>, Error> {
        if found.info.flags & flag::DESCRIPTOR == 0 {
            return Ok(None);
        }
        let agrees = |descriptor: &Descriptor| {
            descriptor.info.crc == info.crc && descriptor.has_sizes(info.compressed_size, info.size)
        };
        let mut descriptors = found.descriptors(self.window.bytes(at, MAX_DESCRIPTOR)?);
        Ok(descriptors.find(agrees))
    }

    /// The descriptor at this byte of a stored member of this size.
    fn descriptor_of_size(
        &mut self,
        found: &Found,
        at: u64,
        size: u64,
    ) -> Result<Option<Descriptor>, Error> {
        let mut descriptors = found.descriptors(self.window.bytes(at, MAX_DESCRIPTOR)?);
        Ok(descriptors.find(|descriptor| descriptor.has_sizes(size, size)))
    }

    /// Counts bytes that were read for a member that is not whole.
    fn charge(&mut self, compressed: u64, decompressed: u64) {
        let cost = compressed.max(decompressed / DECOMPRESSED_SHARE).max(1);
        self.rereads_left = self.rereads_left.saturating_sub(cost);
    }
}

fn lost(name: Option<&str>, offset: u64, error: Error) -> Lost {
    Lost {
        file_name: name.map(str::to_owned),
        offset,
        error: match name {
            Some(name) => error.with_member(key(name)),
            None => error,
        },
    }
}
