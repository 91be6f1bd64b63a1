//! Writing archives: [`Writer`].

mod member;
mod names;
mod options;
mod record;

pub use member::MemberWriter;
pub use options::WriteOptions;

use crate::archive::Archive;
use crate::codec::{Compression, CompressionMethod};
use crate::deflate;
use crate::directory::Entry;
use crate::error::{Error, ErrorKind};
use crate::member::Member;
use crate::record as stored;
use flatfile::threads::{available, parallel_map};
use flatfile::{ReadAt, Strided, read_exact_at};
use member::PreparedMember;
use names::TakenNames;
use record::{KeptEntries, LocalHeader};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Arrays that take no more than this together are compressed in parallel before they are written.
const BATCH_SIZE: u64 = 8 << 20;

/// The number of bytes that are copied at a time.
const COPY_BLOCK: u64 = 1 << 20;

/// Writes an archive: one member after another, and the directory at the end.
///
/// The same members always produce the same bytes, at any time and on any machine. After an error nothing
/// more is written, and [`finish`](Writer::finish) is an error, too.
///
/// ```
/// use flatfile::Array;
/// use std::io::Write;
///
/// let mut file = std::io::Cursor::new(Vec::new());
/// let mut writer = npz::WriteOptions::new().deflate(6).create(&mut file)?;
/// writer.array("x", &Array::from_slice(&[1.0, 2.0, 3.0], [3]).unwrap())?;
/// let mut notes = writer.member("notes.txt")?;
/// notes.write_all(b"any bytes")?;
/// notes.finish()?;
/// writer.finish()?;
///
/// let archive = npz::Archive::new(file.into_inner())?;
/// assert_eq!(archive.get("x")?.read()?.to_string(), "[1. 2. 3.]");
/// assert_eq!(archive.get("notes.txt")?.bytes()?, b"any bytes");
/// # Ok::<(), npz::Error>(())
/// ```
#[derive(Debug)]
pub struct Writer<W> {
    target: W,
    /// The number of bytes written.
    offset: u64,
    /// Overwrites bytes that were written; `None` if the target is sequential.
    patch: Option<Patch<W>>,
    /// The members that were in the target before.
    kept: KeptEntries,
    entries: Vec<Entry>,
    names: TakenNames,
    options: WriteOptions,
    /// Whether something was partly written.
    is_broken: bool,
}

/// Overwrites the bytes at a position, and returns to the end.
type Patch<W> = fn(&mut W, offset: u64, bytes: &[u8], end: u64) -> io::Result<()>;

impl<W: Write + Seek> Writer<W> {
    /// A writer with the defaults: members stored, their data at multiples of 64.
    pub fn new(target: W) -> Writer<W> {
        WriteOptions::new().writer(target, Some(patch))
    }
}

impl WriteOptions {
    /// A writer to an empty target.
    ///
    /// # Errors
    /// `Io` if its position cannot be found; `Unsupported` if that is not its beginning.
    pub fn create<W: Write + Seek>(&self, mut target: W) -> Result<Writer<W>, Error> {
        match target.stream_position()? {
            0 => Ok(self.writer(target, Some(patch))),
            offset => {
                let what = format!("an archive that begins at byte {offset} of its target");
                Err(ErrorKind::Unsupported(what).into())
            }
        }
    }

    /// A writer that goes on after the first `members` of an archive, which stay where they are. `target` has the
    /// bytes of the archive up to [`Archive::end_of`] these members; what follows is overwritten. `members` is all of
    /// them, or a number that [`Archive::leading`] returns.
    ///
    /// After [`finish`](Writer::finish), cut the target off at its position if it may have been longer.
    ///
    /// ```
    /// use std::io::Cursor;
    /// # let mut writer = npz::Writer::new(Cursor::new(Vec::new()));
    /// # writer.array("a", &flatfile::Array::from_slice(&[1u8], [1]).unwrap())?;
    /// # let old = writer.finish()?.into_inner();
    /// let archive = npz::Archive::new(&old)?;
    /// let target = Cursor::new(old.clone());
    /// let mut writer = npz::WriteOptions::new().resume(target, &archive, archive.len())?;
    /// writer.array("b", &flatfile::Array::from_slice(&[2u8], [1]).unwrap())?;
    /// let new = npz::Archive::new(writer.finish()?.into_inner())?;
    /// assert_eq!(new.names().collect::<Vec<_>>(), ["a", "b"]);
    /// # Ok::<(), npz::Error>(())
    /// ```
    ///
    /// # Errors
    /// `Name` if the members have names that could not be read back; `Unsupported` if they are not the first in the file;
    /// `Io`.
    pub fn resume<S: ReadAt, W: Write + Seek>(
        &self,
        mut target: W,
        archive: &Archive<S>,
        members: usize,
    ) -> Result<Writer<W>, Error> {
        let members = members.min(archive.len());
        if archive.leading(members) != members {
            let what = "to keep members whose order in the directory is not that in the file";
            return Err(ErrorKind::Unsupported(what.to_owned()).into());
        }
        let offset = archive.end_of(members);
        let kept = kept_entries(archive, members)?;
        // Only now: the archive may be read from a file that has the same cursor.
        target.seek(SeekFrom::Start(offset))?;
        let mut writer = self.writer(target, Some(patch));
        for entry in archive.directory().entries().iter().take(members) {
            writer.names.reserve(&entry.name)?;
        }
        writer.offset = offset;
        writer.kept = kept;
        Ok(writer)
    }

    /// A writer to a sequential target: a pipe, a socket. CRC and sizes of large members follow their data,
    /// as when NumPy writes there.
    pub fn stream<W: Write>(&self, target: W) -> Writer<W> {
        self.writer(target, None)
    }

    /// Checks that these arrays can be written under these names.
    ///
    /// # Errors
    /// `Name`, `Array`: the errors that [`Writer::arrays`] would return for a new archive before it writes
    /// anything.
    pub fn check<N: AsRef<str>>(&self, arrays: &[(N, Strided<'_>)]) -> Result<(), Error> {
        let writer = self.stream(io::sink());
        writer.plan(arrays).map(drop)
    }

    /// The least number of bytes of an archive of these arrays, for [`reserve`](flatfile::raw::reserve).
    ///
    /// # Errors
    /// `Array`.
    pub fn min_size<N: AsRef<str>>(&self, arrays: &[(N, Strided<'_>)]) -> Result<u64, Error> {
        if self.is_compressed() {
            return Ok(0);
        }
        arrays.iter().try_fold(0u64, |sum, (name, view)| {
            Ok(sum.saturating_add(self.size(name.as_ref(), view)?))
        })
    }

    fn is_compressed(&self) -> bool {
        self.compression.method() != CompressionMethod::Stored
    }

    /// The number of bytes that an array takes as a `.npy`.
    fn size(&self, name: &str, view: &Strided<'_>) -> Result<u64, Error> {
        let size = || {
            let header = self.npy.header_for(view.clone())?;
            Ok(header.encode()?.len() as u64 + header.layout().nbytes() as u64)
        };
        size().map_err(|error: flatfile::Error| Error::from(error).with_member(name))
    }

    fn writer<W>(&self, target: W, patch: Option<Patch<W>>) -> Writer<W> {
        Writer {
            target,
            offset: 0,
            patch,
            kept: KeptEntries::default(),
            entries: Vec::new(),
            names: TakenNames::default(),
            options: self.clone(),
            is_broken: false,
        }
    }
}

/// The first entries of the directory, as they are.
fn kept_entries<S: ReadAt>(archive: &Archive<S>, count: usize) -> Result<KeptEntries, Error> {
    let range = archive.directory().range();
    let mut bytes = Vec::new();
    if count > 0 {
        bytes.resize((range.end - range.start) as usize, 0);
        read_exact_at(archive.source(), &mut bytes, range.start)?;
        let mut fields = stored::FieldReader(&bytes);
        for _ in 0..count {
            let changed = || Error::broken(range.start, "the directory has changed");
            stored::parse_entry(&mut fields).ok_or_else(changed)?;
        }
        let rest = fields.0.len();
        bytes.truncate(bytes.len() - rest);
    }
    Ok(KeptEntries { count, bytes })
}

fn patch<W: Write + Seek>(target: &mut W, offset: u64, bytes: &[u8], end: u64) -> io::Result<()> {
    target.seek(SeekFrom::Start(offset))?;
    target.write_all(bytes)?;
    target.seek(SeekFrom::Start(end))?;
    Ok(())
}

impl<W: Write> Writer<W> {
    /// How the members that follow are compressed.
    pub fn set_compression(&mut self, compression: Compression) {
        self.options.compression = compression;
    }

    /// Writes an array as the member `name.npy`.
    ///
    /// # Errors
    /// `Name` if the name could not be read back, or exists; `Array` for objects: both before anything is
    /// written; `Io`.
    pub fn array<'a>(&mut self, name: &str, array: impl Into<Strided<'a>>) -> Result<(), Error> {
        let view = array.into();
        self.check_unbroken()?;
        let size = self.options.size(name, &view)?;
        let file_name = self.names.reserve_array(name)?;
        let npy = self.options.npy.clone();
        let mut member = MemberWriter::new(self, &file_name, Some(size));
        let written = npy.write(&mut member, view).map_err(Error::from);
        let written = written.and_then(|()| member.finish());
        written.map_err(|error| error.with_member(name))
    }

    /// Writes arrays; small ones are compressed in parallel; [`array`](Writer::array) does that only for
    /// the parts of a large one.
    ///
    /// # Errors
    /// As [`array`](Writer::array). All names are checked before anything is written.
    pub fn arrays<'a, N: AsRef<str>>(
        &mut self,
        arrays: impl IntoIterator<Item = (N, Strided<'a>)>,
    ) -> Result<(), Error> {
        let arrays: Vec<(N, Strided<'a>)> = arrays.into_iter().collect();
        self.check_unbroken()?;
        let items = self.plan(&arrays)?;
        let mut rest = items.as_slice();
        while let Some(first) = rest.first() {
            let count = if self.options.is_compressed() {
                batch_len(rest.iter().map(|item| item.size))
            } else {
                0
            };
            if count < 2 {
                self.array(first.name, first.view.clone())?;
                rest = rest.get(1..).unwrap_or_default();
                continue;
            }
            let (now, later) = rest.split_at_checked(count).unwrap_or((rest, &[]));
            let options = &self.options;
            let prepare = |item: &PlannedArray<'_>| {
                let prepared = PreparedMember::array(&item.file_name, item.view, options);
                prepared.map_err(|error| error.with_member(item.name))
            };
            let prepared: Vec<PreparedMember> = parallel_map(now, available(), prepare)?;
            for (item, prepared) in now.iter().zip(prepared) {
                self.names.reserve(&item.file_name)?;
                self.put(prepared)
                    .map_err(|error| error.with_member(item.name))?;
            }
            rest = later;
        }
        Ok(())
    }

    /// Arrays with their names in the archive and their lengths.
    fn plan<'p, N: AsRef<str>>(
        &self,
        arrays: &'p [(N, Strided<'_>)],
    ) -> Result<Vec<PlannedArray<'p>>, Error> {
        let mut names = self.names.clone();
        let plan = arrays.iter().map(|(name, view)| {
            let name = name.as_ref();
            Ok(PlannedArray {
                name,
                file_name: names.reserve_array(name)?,
                view,
                size: self.options.size(name, view)?,
            })
        });
        plan.collect()
    }

    /// The number of members that were in the target before.
    pub(crate) fn kept(&self) -> usize {
        self.kept.count
    }

    /// Checks that members can be written under exactly these names.
    pub(crate) fn check_names<'n>(
        &self,
        file_names: impl Iterator<Item = &'n str>,
    ) -> Result<(), Error> {
        let mut names = self.names.clone();
        for name in file_names {
            names.reserve(name)?;
        }
        Ok(())
    }

    /// Checks that a member can be written under exactly this name after the others.
    ///
    /// # Errors
    /// `Name`.
    pub fn check_name(&self, file_name: &str) -> Result<(), Error> {
        self.names.check(file_name)
    }

    /// Begins a member of any bytes, under exactly this name: `"notes.json"`, or `"x.npy"` if the bytes are
    /// those of an array.
    ///
    /// # Errors
    /// As [`array`](Writer::array).
    pub fn member(&mut self, file_name: &str) -> Result<MemberWriter<'_, W>, Error> {
        self.check_unbroken()?;
        self.names.reserve(file_name)?;
        Ok(MemberWriter::new(self, file_name, None))
    }

    /// As [`member`](Writer::member), of no more than `size` bytes, so that its header needs no room for the sizes
    /// of a larger one.
    ///
    /// ```
    /// use std::io::Write;
    /// let bytes = [7; 100_000];
    /// let mut writer = npz::Writer::new(std::io::Cursor::new(Vec::new()));
    /// let mut member = writer.sized_member("x.bin", bytes.len() as u64)?;
    /// member.write_all(&bytes)?;
    /// member.finish()?;
    /// let file = writer.finish()?.into_inner();
    /// # assert!(!file.windows(4).any(|bytes| bytes == b"\x01\x00\x10\x00"));
    /// assert_eq!(npz::Archive::new(&file)?.get("x.bin")?.bytes()?, bytes);
    /// # Ok::<(), npz::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`member`](Writer::member); `Unsupported` at its end, if it became so large that its sizes do not fit.
    pub fn sized_member(
        &mut self,
        file_name: &str,
        size: u64,
    ) -> Result<MemberWriter<'_, W>, Error> {
        self.check_unbroken()?;
        self.names.reserve(file_name)?;
        Ok(MemberWriter::new(self, file_name, Some(size)))
    }

    /// Copies a member of another archive under its name, without compressing it again.
    ///
    /// # Errors
    /// As [`array`](Writer::array), and as [`Member::reader`].
    pub fn copy<S: ReadAt>(&mut self, member: &Member<'_, S>) -> Result<(), Error> {
        self.copy_as(member, member.file_name())
    }

    /// As [`copy`](Writer::copy), under exactly this name.
    ///
    /// # Errors
    /// As [`copy`](Writer::copy).
    pub fn copy_as<S: ReadAt>(
        &mut self,
        member: &Member<'_, S>,
        file_name: &str,
    ) -> Result<(), Error> {
        self.check_unbroken()?;
        let mut stored = member.stored_bytes()?;
        self.names.reserve(file_name)?;
        let header = LocalHeader::new(file_name, member.entry().info);
        let copied = self.put_header(&header).and_then(|()| {
            let mut block = vec![0; stored.left().min(COPY_BLOCK) as usize];
            while stored.left() > 0 {
                let count = stored.read(&mut block)?;
                self.write(block.get(..count).unwrap_or_default())?;
            }
            Ok(())
        });
        self.is_broken |= copied.is_err();
        copied.map_err(|error| error.with_member(member.name()))
    }

    /// Writes the directory. The target is flushed and returned.
    ///
    /// # Errors
    /// `Io`, also if a member was not finished.
    pub fn finish(mut self) -> Result<W, Error> {
        self.check_unbroken()?;
        let directory = record::directory(self.kept, &self.entries, self.offset)?;
        self.target.write_all(&directory)?;
        self.target.flush()?;
        Ok(self.target)
    }

    /// Writes a complete member.
    fn put(&mut self, prepared: PreparedMember) -> Result<(), Error> {
        self.put_header(&prepared.header)?;
        self.write(&prepared.data)
    }

    /// Writes the header of a member whose data follows, and records it for the directory.
    fn put_header(&mut self, header: &LocalHeader) -> Result<(), Error> {
        let encoded = header.encode(self.offset, self.options.align)?;
        self.entries.push(Entry {
            name: header.name.as_str().into(),
            info: header.info,
            offset: self.offset,
            limit: 0,
            is_symlink: false,
            data_offset: None,
        });
        self.write(&encoded)
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Error> {
        let written = self.target.write_all(bytes);
        self.is_broken |= written.is_err();
        written?;
        self.offset += bytes.len() as u64;
        Ok(())
    }

    fn check_unbroken(&self) -> Result<(), Error> {
        if self.is_broken {
            Err(io::Error::other("an earlier member was not completely written").into())
        } else {
            Ok(())
        }
    }
}

/// An array to be written.
struct PlannedArray<'p> {
    name: &'p str,
    file_name: String,
    view: &'p Strided<'p>,
    size: u64,
}

/// The number of members of these sizes that are compressed together.
fn batch_len(sizes: impl Iterator<Item = u64>) -> usize {
    let mut total = 0u64;
    let small = sizes.take_while(|size| {
        total = total.saturating_add(*size);
        *size <= deflate::DEFLATE_BLOCK as u64 && total <= BATCH_SIZE
    });
    small.count()
}

/// The names that NumPy's `savez` gives unnamed arrays: `arr_0`, `arr_1`…
///
/// ```
/// let names: Vec<String> = npz::arr_names([10, 20]).map(|(name, _)| name).collect();
/// assert_eq!(names, ["arr_0", "arr_1"]);
/// ```
pub fn arr_names<T>(arrays: impl IntoIterator<Item = T>) -> impl Iterator<Item = (String, T)> {
    let arrays = arrays.into_iter().enumerate();
    arrays.map(|(i, array)| (format!("arr_{i}"), array))
}
