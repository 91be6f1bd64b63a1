//! An archive that is open: [`Archive`].

use crate::directory::{self, Entry};
use crate::member::Member;
use crate::name::key;
use crate::{Error, ErrorKind};
use flatfile::npy::ReadOptions;
use flatfile::threads::{available, parallel_map};
use flatfile::{Array, RandomAccessFile, ReadAt};
use std::fs::File;
use std::sync::OnceLock;

/// An archive of arrays, of which only the directory was read. Several threads can read from it at once.
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
    pub(crate) source: S,
    entries: Vec<Entry>,
    /// The entries' numbers in the order of their names; made when the first is looked for.
    by_name: OnceLock<Vec<u32>>,
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
        Ok(Archive {
            entries: directory::read(&source)?,
            source,
            by_name: OnceLock::new(),
        })
    }

    /// Reads all arrays, several at once. Members that are no `.npy` are left out.
    ///
    /// # Errors
    /// As [`Member::read`], of one of those that cannot be read.
    pub fn read_all(&self, options: &ReadOptions) -> Result<Vec<(&str, Array)>, Error> {
        let members: Vec<_> = self.members().collect();
        let threads = threads(&members);
        let read = |member: &Member<'_, S>| Ok::<_, Error>(member.open_with(options)?.read()?);
        let read = parallel_map(members, threads, |member| match read(&member) {
            Ok(array) => Ok(Some((member.name(), array))),
            Err(error) if matches!(error.kind(), ErrorKind::NotArray) => Ok(None),
            Err(error) => Err(error),
        })?;
        Ok(read.into_iter().flatten().collect())
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
        let threads = threads(&members);
        parallel_map(members, threads, |member| {
            Ok(member.open_with(options)?.read()?)
        })
    }
}

impl<S> Archive<S> {
    /// Where its bytes are.
    pub fn source(&self) -> &S {
        &self.source
    }

    /// Closes it, and gives that back.
    pub fn into_source(self) -> S {
        self.source
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The names of all members in the directory's order, as NumPy's `files` lists them: without `.npy`.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.entries.iter().map(|entry| key(&entry.name))
    }

    /// All members, in the directory's order.
    pub fn members(&self) -> impl ExactSizeIterator<Item = Member<'_, S>> {
        let entries = self.entries.iter().enumerate();
        entries.map(|(index, entry)| Member::new(self, entry, index))
    }

    /// The member at this place of the directory.
    pub fn member(&self, index: usize) -> Option<Member<'_, S>> {
        let entry = self.entries.get(index)?;
        Some(Member::new(self, entry, index))
    }

    /// The member of this name, with or without `.npy`. A member with exactly this name comes first.
    ///
    /// # Errors
    /// `NotFound`; `Duplicate` where several have the name, of which NumPy would take the last
    /// ([`get_last`](Archive::get_last)).
    pub fn get(&self, name: &str) -> Result<Member<'_, S>, Error> {
        match self.find(name) {
            [] | [_] => self.get_last(name),
            several => {
                let count = several.len();
                Err(Error::from(ErrorKind::Duplicate { count }).of(name))
            }
        }
    }

    /// As [`get`](Archive::get); of several with this name it is the last, as NumPy has it.
    ///
    /// # Errors
    /// `NotFound`.
    pub fn get_last(&self, name: &str) -> Result<Member<'_, S>, Error> {
        let last = self.find(name).last();
        let member = last.and_then(|index| self.member(*index as usize));
        member.ok_or_else(|| Error::not_found(name, self.entries.iter().map(|entry| &*entry.name)))
    }

    /// The numbers of those that are called so, in the directory's order.
    fn find(&self, name: &str) -> &[u32] {
        let by_name = self.by_name.get_or_init(|| {
            let mut by_name: Vec<u32> = (0..self.entries.len() as u32).collect();
            by_name.sort_by_key(|index| self.file_name(*index));
            by_name
        });
        let find = |parts: [&str; 2]| {
            let order = |index: &u32| compare(self.file_name(*index), parts);
            let begin = by_name.partition_point(|index| order(index).is_lt());
            let rest = by_name.get(begin..).unwrap_or_default();
            let count = rest.partition_point(|index| order(index).is_eq());
            rest.get(..count).unwrap_or_default()
        };
        match find([name, ""]) {
            [] => find([name, crate::name::SUFFIX]),
            found => found,
        }
    }

    /// How many members have exactly this name in the archive.
    pub(crate) fn count(&self, file_name: &str) -> usize {
        self.find(file_name).len()
    }

    fn file_name(&self, index: u32) -> &str {
        self.entries
            .get(index as usize)
            .map_or("", |entry| &entry.name)
    }
}

/// How many threads are worth their start, where these members are read: a millisecond is about 1 MiB, or 500 headers.
pub(crate) fn threads<S>(members: &[Member<'_, S>]) -> usize {
    let bytes = members
        .iter()
        .fold(0, |sum: u64, member| sum.saturating_add(member.size()));
    let milliseconds = (bytes >> 20).saturating_add(members.len() as u64 / 500);
    let threads = usize::try_from(milliseconds.saturating_add(1)).unwrap_or(usize::MAX);
    threads.min(available())
}

/// Compares a name with one that consists of two parts.
fn compare(name: &str, parts: [&str; 2]) -> std::cmp::Ordering {
    name.bytes().cmp(parts.into_iter().flat_map(str::bytes))
}
