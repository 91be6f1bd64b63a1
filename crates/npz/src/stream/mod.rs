//! An archive that comes through a pipe: [`Stream`].

mod member;
mod source;

use flatfile::npy_header::known_format;
pub use member::StreamMember;

use crate::IO_BLOCK;
use crate::claim::{Claim, check_agreement};
use crate::directory::{Directory, Entry};
use crate::error::{Error, ErrorKind};
use crate::fetched::Fetched;
use crate::local_header::check_readable;
use crate::name::key;
use crate::record::{self, FieldReader, ZipRecord, length, signature};
use flatfile::ReadAt;
use source::{CountingReader, DirectoryTail};
use std::io::{self, BufReader, Read};

/// Reads an archive from its beginning to its end, each member as it comes. Properties that only the directory has
/// are checked at the end, by [`finish`](Stream::finish).
///
/// ```
/// # use flatfile::Array;
/// # let mut writer = npz::WriteOptions::new().stream(Vec::new());
/// # writer.array("x", &Array::from_slice(&[1u8, 2], [2]).unwrap())?;
/// # let pipe = std::io::Cursor::new(writer.finish()?);
/// let mut stream = npz::Stream::new(pipe);
/// while let Some(member) = stream.next_member()? {
///     let name = member.name().to_owned();
///     let array = member.read()?;
///     assert_eq!((name.as_str(), array.to_string().as_str()), ("x", "[1 2]"));
/// }
/// stream.finish()?;
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug)]
pub struct Stream<R> {
    source: CountingReader<R>,
    /// The members so far.
    read_members: Vec<Entry>,
    /// The last one, if it was not read.
    current: Option<(Entry, bool)>,
    /// Whether one was not read to its end.
    is_broken: bool,
    /// The signature of the record after the members.
    next_signature: Vec<u8>,
}

impl<R: Read> Stream<R> {
    /// The archive at the beginning of `source`, which is read in large blocks.
    pub fn new(source: R) -> Stream<R> {
        Stream {
            source: CountingReader {
                inner: BufReader::with_capacity(IO_BLOCK, source),
                pushed_back: Vec::new(),
                offset: 0,
                has_failed: false,
            },
            read_members: Vec::new(),
            current: None,
            is_broken: false,
            next_signature: Vec::new(),
        }
    }

    /// The next member; `None` after the last one. A member that was not read is skipped; this is
    /// impossible if it does not declare its length and is neither compressed nor an array.
    ///
    /// # Errors
    /// `Broken`, `Ambiguous`, `Unsupported`, `Io`; if the previous member was not read to its end.
    pub fn next_member(&mut self) -> Result<Option<StreamMember<'_, R>>, Error> {
        if self.is_broken {
            let error = io::Error::other("an earlier member was not read to its end");
            return Err(error.into());
        }
        if let Some((entry, has_zip64)) = self.current.take() {
            let stream = &mut *self;
            let current = StreamMember {
                stream,
                entry,
                has_zip64,
            };
            current.skip()?;
        }
        if !self.next_signature.is_empty() {
            return Ok(None);
        }
        let offset = self.source.offset;
        let is_first = offset == 0;
        let mut fixed = match self.take(4) {
            Err(error) if is_first && matches!(error.kind(), ErrorKind::Broken { .. }) => {
                return Err(ErrorKind::NotZip(None).into());
            }
            fixed => fixed?,
        };
        match fixed.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)) {
            Some(signature::LOCAL) => {}
            Some(signature::CENTRAL | signature::END | signature::END64) => {
                self.next_signature = fixed;
                return Ok(None);
            }
            _ if is_first => return Err(ErrorKind::NotZip(known_format(&fixed)).into()),
            _ => return Err(Error::broken(offset, "expected a member or the directory")),
        }
        fixed.extend(self.take(length::LOCAL - 4)?);
        let header = record::parse_local_header(&fixed);
        let (info, name, extra) =
            header.ok_or_else(|| Error::broken(offset, "expected the header of a member"))?;
        let variable = self.take(name + extra)?;
        let mut fields = FieldReader(&variable);
        let name = fields.take(name).unwrap_or_default();
        let extra = fields.take(extra).unwrap_or_default();
        let mut header = ZipRecord::local(info, name, extra);
        let has_zip64 = header.has_zip64();
        let name = header
            .name()
            .map_err(|what| Error::ambiguous(offset, what))?;
        header
            .apply_zip64()
            .map_err(|what| Error::ambiguous(offset, what).with_member(key(&name)))?;
        let entry = Entry {
            name,
            info: header.info,
            offset,
            limit: 0,
            is_symlink: false,
            data_offset: None,
        };
        check_readable(&entry)?;
        self.current = Some((entry.clone(), has_zip64));
        Ok(Some(StreamMember {
            stream: self,
            entry,
            has_zip64,
        }))
    }

    /// Skips the members that are left, reads the directory, and checks that it agrees with the members.
    ///
    /// # Errors
    /// As [`next_member`](Stream::next_member) and [`Archive::open`](crate::Archive::open).
    pub fn finish(mut self) -> Result<(), Error> {
        while self.next_member()?.is_some() {}
        let begin = self.source.offset - self.next_signature.len() as u64;
        let mut bytes = self.next_signature;
        self.source.read_to_end(&mut bytes)?;
        let tail = DirectoryTail { begin, bytes };
        let directory = Fetched::new(tail.len()?).parse_from(&tail, Directory::parse)?;
        let mut entries = directory.into_entries();
        entries.sort_by_key(|entry| entry.offset);
        if entries.len() != self.read_members.len() {
            let (found, declared) = (self.read_members.len(), entries.len());
            let what = format!("the stream has {found} members, but the directory has {declared}");
            return Err(Error::ambiguous(begin, what));
        }
        for (declared, found) in entries.iter().zip(&self.read_members) {
            let located = |error: Error| error.with_member(key(&found.name));
            if declared.offset != found.offset {
                let what = format!(
                    "the member begins here, but the directory gives offset {}",
                    declared.offset
                );
                return Err(located(Error::ambiguous(found.offset, what)));
            }
            let there = Claim {
                subject: "the directory",
                name: &declared.name,
                info: declared.info,
            };
            let here = Claim {
                subject: "the member has",
                name: &found.name,
                info: found.info,
            };
            check_agreement(found.offset, here, there).map_err(located)?;
        }
        Ok(())
    }

    /// This many bytes, which are no more than a header can have.
    fn take(&mut self, count: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; count];
        let at = self.source.offset;
        match self.source.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(Error::broken(at, "the archive ends within a header"))
            }
            result => Ok(result.map(|()| bytes)?),
        }
    }
}
