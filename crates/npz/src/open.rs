//! A member that is open as an array: [`MemberItems`], which a [`flatfile::Reader`] reads.

use crate::member::{Member, Storage};
use crate::{Error, Reader};
use flatfile::{Array, Forward, ReadAt, Request, Source};
use std::fmt;
use std::sync::{Mutex, PoisonError};

/// The items of a member, which [`Member::open`] opens.
///
/// What is read to its end is checked by its CRC-32; of slices, summaries and views of stored members, little else than
/// their items is read, and nothing is checked. Compressed members are inflated as far as is needed.
pub struct MemberItems<'a, S> {
    member: Member<'a, S>,
    /// How many bytes there are after the header.
    data_size: u64,
    state: Mutex<State<'a, S>>,
}

/// How far the member was read.
enum State<'a, S> {
    /// Up to the items.
    Header(Reader<'a, S>),
    /// Some of the items, one after another.
    Items(Forward<Reader<'a, S>>),
    /// All of them.
    Over,
}

impl<'a, S> MemberItems<'a, S> {
    /// The member itself.
    pub fn member(&self) -> &Member<'a, S> {
        &self.member
    }

    /// How many bytes it has after its header.
    pub fn data_size(&self) -> u64 {
        self.data_size
    }

    pub(crate) fn new(member: Member<'a, S>, reader: Reader<'a, S>) -> MemberItems<'a, S>
    where
        S: ReadAt,
    {
        MemberItems {
            member,
            data_size: reader.left(),
            state: Mutex::new(State::Header(reader)),
        }
    }
}

impl<S> fmt::Debug for MemberItems<'_, S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("MemberItems");
        shown
            .field("name", &self.member.name())
            .finish_non_exhaustive()
    }
}

impl<'a, S: ReadAt> MemberItems<'a, S> {
    /// The bytes that were not read yet: after the header, all of the member's data.
    ///
    /// # Errors
    /// As [`Member::reader`].
    pub fn into_reader(self) -> Result<Reader<'a, S>, Error> {
        let state = self.state.into_inner();
        match state.unwrap_or_else(PoisonError::into_inner) {
            State::Header(reader) => Ok(reader),
            State::Items(items) => Ok(items.into_inner()),
            State::Over => self.member.reader_at(self.member.size()),
        }
    }

    /// Whether items can be read where they lie.
    fn is_stored(&self) -> bool {
        self.member.storage() == Storage::Stored
    }

    /// Whether what is asked for is read where it lies, which leaves the CRC unchecked.
    fn is_anywhere(&self, request: &Request<'_>) -> bool {
        self.is_stored() && !request.is_whole() && !request.is_by_rows()
    }

    /// Has `read` read the items as they come. When it has read all of them, what follows is read, too, so that the CRC is
    /// checked.
    fn forward<T>(
        &self,
        request: &Request<'_>,
        read: impl FnOnce(&Forward<Reader<'a, S>>) -> Result<T, flatfile::Error>,
    ) -> Result<T, flatfile::Error> {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let items = match std::mem::replace(&mut *state, State::Over) {
            State::Header(reader) => forward(reader),
            State::Items(items) if !request.is_whole() => items,
            // Once more from the beginning.
            State::Items(_) | State::Over => {
                forward(self.member.reader_at(self.member.size() - self.data_size)?)
            }
        };
        let result = read(&items)?;
        if request.is_whole() || request.is_by_rows() && request.is_last() {
            items.into_inner().finish()?;
        } else {
            *state = State::Items(items);
        }
        Ok(result)
    }
}

fn forward<'a, S: ReadAt>(reader: Reader<'a, S>) -> Forward<Reader<'a, S>> {
    if reader.is_sure() {
        let left = reader.left();
        Forward::with_length(reader, left)
    } else {
        Forward::new(reader)
    }
}

impl<'a, S: ReadAt> Source for MemberItems<'a, S> {
    fn load(&self, request: &Request<'_>) -> Result<Array, flatfile::Error> {
        self.check(request)?;
        if self.is_anywhere(request) {
            return self.member.source().load(request);
        }
        self.forward(request, |items| items.load(request))
    }

    fn fill(&self, request: &Request<'_>, out: &mut [u8]) -> Result<(), flatfile::Error> {
        self.check(request)?;
        if self.is_anywhere(request) {
            return self.member.source().fill(request, out);
        }
        self.forward(request, |items| items.fill(request, out))
    }

    fn stored(
        &self,
        request: &Request<'_>,
        at: u64,
        out: &mut [u8],
    ) -> Result<(), flatfile::Error> {
        if self.is_stored() {
            return self.member.source().stored(request, at, out);
        }
        self.forward(request, |items| items.stored(request, at, out))
    }

    fn check(&self, request: &Request<'_>) -> Result<(), flatfile::Error> {
        request.check_rows()?;
        request.check_length(self.data_size)
    }

    fn in_memory(&self) -> Option<&[u8]> {
        self.member.source().as_bytes().filter(|_| self.is_stored())
    }

    fn locate(&self, error: flatfile::Error) -> flatfile::Error {
        Error::from(error).of(self.member.name()).into()
    }
}
