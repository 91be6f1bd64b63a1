//! An open archive: [`Archive`].

use crate::directory::{Directory, Entry};
use crate::error::{Error, ErrorKind};
use crate::fetched::Fetched;
use crate::member::{Member, threads_for_all};
use crate::prefetched::{Prefetched, runs};
use flatfile::npy::ReadOptions;
use flatfile::threads::parallel_map;
use flatfile::{Array, RandomAccessFile, ReadAt};
use std::fs::File;

/// An open archive of arrays; only its directory has been read. Several threads can read from it at once.
///
/// ```
/// use flatfile::Array;
/// # let mut bytes = std::io::Cursor::new(Vec::new());
/// # let mut writer = npz::Writer::new(&mut bytes);
/// # writer.array("a", &Array::from_slice(&[1u8, 2], [2]).unwrap())?;
/// # writer.array("b", &Array::from_slice(&[0.5f32], [1, 1]).unwrap())?;
/// # writer.finish()?;
/// # let bytes = bytes.into_inner();
/// let archive = npz::Archive::new(bytes)?;
/// assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "b"]);
/// assert_eq!(archive.get("b.npy")?.open()?.layout().shape(), [1, 1]);
/// assert_eq!(archive.get("a")?.read()?.to_vec::<u8>().unwrap(), [1, 2]);
/// assert_eq!(
///     archive.get("c").unwrap_err().to_string(),
///     "member 'c': no such member: the archive has 'a', 'b'"
/// );
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug)]
pub struct Archive<S = RandomAccessFile> {
    source: S,
    directory: Directory,
}

impl Archive {
    /// Opens the archive in a file.
    ///
    /// # Errors
    /// `NotZip`, `Broken`, `Ambiguous`, `Unsupported`, `Io`.
    pub fn open(file: File) -> Result<Archive, Error> {
        Archive::new(file.into())
    }
}

impl<S: ReadAt> Archive<S> {
    /// The archive in any source: bytes in memory, a mapped file, `Mutex::new` of anything that reads and seeks.
    ///
    /// # Errors
    /// As [`open`](Archive::open).
    pub fn new(source: S) -> Result<Archive<S>, Error> {
        let directory = Fetched::new(source.len()?).parse_from(&source, Directory::parse)?;
        Ok(Archive { source, directory })
    }

    pub(crate) fn with_directory(source: S, directory: Directory) -> Archive<S> {
        Archive { source, directory }
    }

    /// Reads all arrays, several at once. Members that are not `.npy` are left out.
    ///
    /// # Errors
    /// The error of [`Member::read`] for one of the members that cannot be read.
    pub fn read_all(&self, options: &ReadOptions) -> Result<Vec<(&str, Array)>, Error> {
        let members: Vec<_> = self.members().collect();
        let threads = threads_for_all(&members);
        let arrays = parallel_map(runs(members), threads, |(indices, bytes)| {
            if indices.len() == 1 {
                let members = indices.filter_map(|index| self.member(index));
                return members
                    .map(|member| read_if_array(member, options))
                    .collect::<Result<Vec<_>, _>>();
            }
            let prefetched = Prefetched::new(&self.source, bytes);
            let members = indices.map(|index| Member::new(&prefetched, &self.directory, index));
            members
                .map(|member| read_if_array(member, options))
                .collect()
        })?;
        let named = self.names().zip(arrays.into_iter().flatten());
        let named = named.filter_map(|(name, array)| Some((name, array?)));
        Ok(named.collect())
    }

    /// Reads the arrays of these names, several at once.
    ///
    /// # Errors
    /// As [`get`](Archive::get) and [`Member::read`].
    pub fn read_many<N: AsRef<str> + Sync>(
        &self,
        names: &[N],
        options: &ReadOptions,
    ) -> Result<Vec<Array>, Error> {
        let members = names.iter().map(|name| self.get(name.as_ref()));
        let members = members.collect::<Result<Vec<_>, _>>()?;
        let threads = threads_for_all(&members);
        parallel_map(members, threads, |member| {
            Ok(member.open_with(options)?.read()?)
        })
    }
}

/// The member's array, if it is one.
fn read_if_array<S: ReadAt>(
    member: Member<'_, S>,
    options: &ReadOptions,
) -> Result<Option<Array>, Error> {
    let read = member.open_with(options).and_then(|open| Ok(open.read()?));
    match read {
        Err(error) if matches!(error.kind(), ErrorKind::NotArray) => Ok(None),
        read => read.map(Some),
    }
}

impl<S> Archive<S> {
    /// The source of its bytes.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// The same archive with only the last of the members that have the same name, which is the one that NumPy reads.
    /// The others are neither listed nor found.
    ///
    /// ```
    /// # let mut bytes = std::io::Cursor::new(Vec::new());
    /// # let mut writer = npz::Writer::new(&mut bytes);
    /// # writer.array("a", &flatfile::Array::from_slice(&[1u8], [1]).unwrap())?;
    /// # writer.array("b", &flatfile::Array::from_slice(&[2u8], [1]).unwrap())?;
    /// # writer.finish()?;
    /// # let mut bytes = bytes.into_inner();
    /// # for at in 0..bytes.len() - 5 {
    /// #     if bytes[at..].starts_with(b"b.npy") {
    /// #         bytes[at] = b'a';
    /// #     }
    /// # }
    /// let archive = npz::Archive::new(bytes)?;
    /// assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "a"]);
    /// assert!(archive.get("a").is_err());
    /// let archive = archive.last_of_duplicates();
    /// assert_eq!(archive.names().collect::<Vec<_>>(), ["a"]);
    /// assert_eq!(archive.get("a")?.read()?.to_string(), "[2]");
    /// # Ok::<(), npz::Error>(())
    /// ```
    #[must_use]
    pub fn last_of_duplicates(self) -> Archive<S> {
        Archive {
            source: self.source,
            directory: self.directory.last_of_duplicates(),
        }
    }

    /// Closes it, and returns its source.
    pub fn into_source(self) -> S {
        self.source
    }

    /// The number of members.
    pub fn len(&self) -> usize {
        self.directory.entries().len()
    }

    /// Whether it has no members.
    pub fn is_empty(&self) -> bool {
        self.directory.entries().is_empty()
    }

    /// The names of all members in the directory's order, as NumPy's `files` lists them: without `.npy`.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.directory.entries().iter().map(Entry::name)
    }

    /// All members, in the directory's order.
    pub fn members(&self) -> impl ExactSizeIterator<Item = Member<'_, S>> {
        let all = 0..self.len();
        all.map(|index| Member::new(&self.source, &self.directory, index))
    }

    /// The member at this index of the directory.
    pub fn member(&self, index: usize) -> Option<Member<'_, S>> {
        self.directory.member(&self.source, index)
    }

    /// The directory: everything known about the archive without reading its members.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// The largest number of first members, up to `members`, that are also the first in the file, so that others can be
    /// written [after them](Archive::end_of): all of these, or none where the directory has another order, or where
    /// members do not count or there is none.
    pub fn leading(&self, members: usize) -> usize {
        let entries = self.directory.entries();
        if !self.directory.is_whole() {
            return 0;
        }
        if members >= entries.len() {
            return entries.len();
        }
        if entries.is_sorted_by_key(|entry| entry.offset) {
            return members;
        }
        0
    }

    /// The offset at which the first `members` end, so that others can be written there: that of the next one's header,
    /// or of the directory.
    pub fn end_of(&self, members: usize) -> u64 {
        let next = self.directory.entries().get(members);
        // What precedes the first member, such as a program, is not kept without it.
        if members == 0 && (next.is_some() || !self.directory.is_whole()) {
            return 0;
        }
        next.map_or(self.directory.offset(), |next| next.offset)
    }

    /// The member of this name, with or without `.npy`. A member with exactly this name comes first.
    ///
    /// # Errors
    /// `NotFound`; `Duplicate` if several have the name. NumPy would take the last
    /// ([`get_last`](Archive::get_last)).
    pub fn get(&self, name: &str) -> Result<Member<'_, S>, Error> {
        let index = self.directory.index_of(name)?;
        Ok(Member::new(&self.source, &self.directory, index))
    }

    /// As [`get`](Archive::get), but if several have this name the last one is taken, as in NumPy.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn get_last(&self, name: &str) -> Result<Member<'_, S>, Error> {
        let index = self.directory.last_index_of(name)?;
        Ok(Member::new(&self.source, &self.directory, index))
    }
}
