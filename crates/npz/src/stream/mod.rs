//! An archive that comes through a pipe: [`Stream`].

mod member;
mod source;

pub use member::StreamMember;

use crate::BLOCK;
use crate::agree::{Said, agree};
use crate::directory::{Directory, Entry};
use crate::error::{Error, ErrorKind};
use crate::fetched::Fetched;
use crate::local::readable;
use crate::name::key;
use crate::record::{self, Fields, Record, ZIP64, length, signature};
use flatfile::ReadAt;
use source::{Counted, Tail};
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
    source: Counted<R>,
    /// The members so far.
    seen: Vec<Entry>,
    /// The last one, if it was not read.
    unread: Option<(Entry, bool)>,
    /// Whether one was not read to its end.
    is_broken: bool,
    /// The signature of the record after the members.
    rest: Vec<u8>,
}

impl<R: Read> Stream<R> {
    /// The archive at the beginning of `source`, which is read in large blocks.
    pub fn new(source: R) -> Stream<R> {
        Stream {
            source: Counted {
                inner: BufReader::with_capacity(BLOCK, source),
                back: Vec::new(),
                at: 0,
                has_failed: false,
            },
            seen: Vec::new(),
            unread: None,
            is_broken: false,
            rest: Vec::new(),
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
        if let Some((entry, is_wide)) = self.unread.take() {
            let stream = &mut *self;
            let unread = StreamMember {
                stream,
                entry,
                is_wide,
            };
            unread.skip()?;
        }
        if !self.rest.is_empty() {
            return Ok(None);
        }
        let offset = self.source.at;
        let is_first = offset == 0;
        let mut fixed = match self.take(4) {
            Err(error) if is_first && matches!(error.kind(), ErrorKind::Broken { .. }) => {
                return Err(ErrorKind::NotZip.into());
            }
            fixed => fixed?,
        };
        match fixed.first_chunk().map(|bytes| u32::from_le_bytes(*bytes)) {
            Some(signature::LOCAL) => {}
            Some(signature::CENTRAL | signature::END | signature::END64) => {
                self.rest = fixed;
                return Ok(None);
            }
            _ if is_first => return Err(ErrorKind::NotZip.into()),
            _ => return Err(Error::broken(offset, "neither a member nor the directory")),
        }
        fixed.extend(self.take(length::LOCAL - 4)?);
        let header = record::local_header(&fixed);
        let (common, name, extra) =
            header.ok_or_else(|| Error::broken(offset, "no member's header"))?;
        let variable = self.take(name + extra)?;
        let mut fields = Fields(&variable);
        let mut header = Record {
            common,
            name: fields.take(name).unwrap_or_default(),
            extra: fields.take(extra).unwrap_or_default(),
            offset: 0,
            disk: 0,
        };
        let is_wide = record::ExtraFields(header.extra).any(|(id, _)| id == ZIP64);
        let name = header
            .name()
            .map_err(|what| Error::ambiguous(offset, what))?;
        header
            .widen()
            .map_err(|what| Error::ambiguous(offset, what).with_member(key(&name)))?;
        let entry = Entry {
            name,
            common: header.common,
            offset,
            limit: 0,
        };
        readable(&entry)?;
        self.unread = Some((entry.clone(), is_wide));
        Ok(Some(StreamMember {
            stream: self,
            entry,
            is_wide,
        }))
    }

    /// Skips the members that are left, reads the directory, and checks that it agrees with the members.
    ///
    /// # Errors
    /// As [`next_member`](Stream::next_member) and [`Archive::open`](crate::Archive::open).
    pub fn finish(mut self) -> Result<(), Error> {
        while self.next_member()?.is_some() {}
        let begin = self.source.at - self.rest.len() as u64;
        let mut bytes = self.rest;
        self.source.read_to_end(&mut bytes)?;
        let tail = Tail { begin, bytes };
        let directory = Fetched::new(tail.len()?).parse_from(&tail, Directory::parse)?;
        let mut entries = directory.into_entries();
        entries.sort_by_key(|entry| entry.offset);
        if entries.len() != self.seen.len() {
            let (came, said) = (self.seen.len(), entries.len());
            let what = format!("{came} members came, and the directory has {said}");
            return Err(Error::ambiguous(begin, what));
        }
        for (said, came) in entries.iter().zip(&self.seen) {
            let of = |error: Error| error.with_member(key(&came.name));
            if said.offset != came.offset {
                let what = format!(
                    "the member came here, and the directory says {}",
                    said.offset
                );
                return Err(of(Error::ambiguous(came.offset, what)));
            }
            let there = Said {
                who: "the directory",
                name: &said.name,
                common: said.common,
            };
            let here = Said {
                who: "what came has",
                name: &came.name,
                common: came.common,
            };
            agree(came.offset, here, there).map_err(of)?;
        }
        Ok(())
    }

    /// This many bytes, which are no more than a header can have.
    fn take(&mut self, count: usize) -> Result<Vec<u8>, Error> {
        let mut bytes = vec![0; count];
        let at = self.source.at;
        match self.source.read_exact(&mut bytes) {
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Err(Error::broken(at, "the archive ends within a header"))
            }
            result => Ok(result.map(|()| bytes)?),
        }
    }
}
