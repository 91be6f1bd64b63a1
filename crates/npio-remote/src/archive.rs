//! An archive in a store: [`Archive`].

use crate::checksum::Checksum;
use crate::decoded::{Arrived, Decoded};
use crate::object::{Object, Opened};
use crate::remote::items;
use crate::sink::Sink;
use futures_util::{TryStreamExt, pin_mut};
use npio::flatfile::{ArrayBuilder, Error as ArrayError, ErrorKind};
use npio::header::Header;
use npio::npz::{self, CompressionMethod, Directory, Entry, Fetched};
use npio::{Array, Error, Layout, Slice};
use std::future::Future;
use std::io;
use std::ops::Range;
use std::sync::Arc;

/// The number of bytes at the end of an archive in which its directory's end is searched for: the longest comment, and
/// the record before it.
const END_SIZE: u64 = 65_535 + 22;

/// The most bytes of a member that are read at first if not all of it is wanted.
const HEAD_SIZE: u64 = 64 << 10;

/// An archive of arrays whose directory has been read. All members are of the version of the object that it had then.
///
/// ```
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// use npio_remote::{Remote, object_store::{ObjectStoreExt, memory::InMemory}};
/// let mut file = std::io::Cursor::new(Vec::new());
/// let mut writer = npio::npz::Writer::new(&mut file);
/// writer.array("x", &npio::Array::from_slice(&[1u8, 2, 3, 4], [2, 2])?)?;
/// writer.finish()?;
/// let store = InMemory::new();
/// store.put(&"x.npz".into(), file.into_inner().into()).await.unwrap();
///
/// let archive = Remote::new(store, "x.npz")?.archive().await?;
/// assert_eq!(archive.names().collect::<Vec<_>>(), ["x"]);
/// assert_eq!(archive.load("x").await?.as_bytes(), [1, 2, 3, 4]);
/// assert_eq!(archive.load_slice("x", &"1".parse()?).await?.as_bytes(), [3, 4]);
/// # Ok::<(), npio::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Archive {
    opened: Opened,
    directory: Arc<Directory>,
}

/// A member whose own header agrees with the directory.
struct OpenMember<'a> {
    entry: &'a Entry,
    index: usize,
    /// The object, with the first bytes of the member.
    opened: Opened,
    /// The bytes that are stored.
    data: Range<u64>,
}

impl Archive {
    pub(crate) async fn open(object: &Arc<Object>) -> Result<Archive, Error> {
        let opened = object.open_end(END_SIZE).await?;
        // A long directory is not kept twice.
        let directory = parse(&mut opened.clone(), Directory::parse).await?;
        let directory = Arc::new(if opened.options().last_of_duplicates {
            directory.last_of_duplicates()
        } else {
            directory
        });
        Ok(Archive { opened, directory })
    }

    /// The same archive, read by another object's connections.
    pub(crate) fn through(&self, object: Arc<Object>) -> Archive {
        Archive {
            opened: self.opened.through(object),
            directory: Arc::clone(&self.directory),
        }
    }

    /// The names of all members in the directory's order, as NumPy's `files` lists them: without `.npy`.
    pub fn names(&self) -> impl ExactSizeIterator<Item = &str> {
        self.directory.entries().iter().map(Entry::name)
    }

    /// The directory: everything known about the archive without reading its members.
    pub fn directory(&self) -> &Directory {
        &self.directory
    }

    /// Loads the array of this name, and checks its CRC-32.
    ///
    /// # Errors
    /// No such member, or several; one that is not a `.npy`, or is broken; as [`Remote::load`](crate::Remote::load).
    pub async fn load(&self, name: &str) -> Result<Array, Error> {
        self.located(name, async {
            let member = self.member(name, self.opened.options().part_size).await?;
            let arrived = member.arrived();
            let mut decoded = self.decode(&member, &arrived).await?;
            let (header, data_offset) = decoded.header().await?;
            let layout = header.into_layout();
            check_length(&layout, member.entry.size() - data_offset)?;
            if member.entry.compression_method() == CompressionMethod::Stored {
                return member.load_stored(layout, data_offset).await;
            }
            let mut sink = Sink::new(&layout, None)?;
            decoded.items(layout.nbytes() as u64, &mut sink).await?;
            // Bytes that follow the array count for the CRC.
            while decoded.next_block().await? {}
            Ok(sink.finish(self.opened.options().read.as_conversion())?)
        })
        .await
    }

    /// Loads a slice of the array of this name. If the member is stored, little else is requested, and its CRC is not
    /// checked; otherwise it is decompressed up to the last item.
    ///
    /// # Errors
    /// As [`load`](Archive::load); a slice that does not fit this array.
    pub async fn load_slice(&self, name: &str, slice: &Slice) -> Result<Array, Error> {
        self.located(name, async {
            let member = self.member(name, HEAD_SIZE).await?;
            let arrived = member.arrived();
            let mut decoded = self.decode(&member, &arrived).await?;
            let (header, data_offset) = decoded.header().await?;
            let layout = header.into_layout();
            check_length(&layout, member.entry.size() - data_offset)?;
            if member.entry.compression_method() == CompressionMethod::Stored {
                let begin = member.data.start + data_offset;
                return Ok(items(&member.opened, &layout, begin, Some(slice)).await?);
            }
            let mut sink = Sink::new(&layout, Some(slice))?;
            decoded.items(layout.nbytes() as u64, &mut sink).await?;
            Ok(sink.finish(self.opened.options().read.as_conversion())?)
        })
        .await
    }

    /// The header of the array of this name, without its data.
    ///
    /// # Errors
    /// As [`load`](Archive::load).
    pub async fn load_header(&self, name: &str) -> Result<Header, Error> {
        self.located(name, async {
            let member = self.member(name, HEAD_SIZE).await?;
            let arrived = member.arrived();
            let (header, _) = self.decode(&member, &arrived).await?.header().await?;
            Ok(header)
        })
        .await
    }

    /// The bytes of a member of any kind, whose CRC-32 is checked.
    ///
    /// # Errors
    /// As [`load`](Archive::load).
    pub async fn load_bytes(&self, name: &str) -> Result<Vec<u8>, Error> {
        self.located(name, async {
            let member = self.member(name, self.opened.options().part_size).await?;
            let arrived = member.arrived();
            let mut decoded = self.decode(&member, &arrived).await?;
            let mut bytes = Vec::new();
            while decoded.next_block().await? {
                bytes.extend_from_slice(decoded.block());
            }
            Ok(bytes)
        })
        .await
    }

    /// Reads up to this many first bytes of a member, and its own header.
    async fn member(&self, name: &str, first: u64) -> Result<OpenMember<'_>, npz::Error> {
        let index = self.directory.index_of(name)?;
        let no_entry = || io::Error::from(io::ErrorKind::NotFound);
        let entry = self.directory.entries().get(index).ok_or_else(no_entry)?;
        let mut opened = self.opened.clone();
        let extent = entry.extent();
        let first = first.min(opened.options().part_size);
        let first = extent.start..extent.end.min(extent.start + first);
        let known = opened.known(extent.start).len() as u64;
        if known < first.end - first.start {
            let part = opened.fetch(first).await?;
            opened.keep(part);
        }
        let data = parse(&mut opened, |fetched| entry.data(fetched)).await?;
        Ok(OpenMember {
            entry,
            index,
            opened,
            data,
        })
    }

    /// The bytes of the member, decompressed.
    async fn decode<'a>(
        &'a self,
        member: &'a OpenMember<'_>,
        arrived: &'a Arrived,
    ) -> Result<Decoded<'a>, npz::Error> {
        let no_member = || io::Error::from(io::ErrorKind::NotFound);
        let bytes = self.directory.member(arrived, member.index);
        let bytes = bytes.ok_or_else(no_member)?;
        Decoded::open(&member.opened, member.data.clone(), bytes, arrived).await
    }

    /// The result of `work`; an error gets the address and the member.
    async fn located<T>(
        &self,
        name: &str,
        work: impl Future<Output = Result<T, npz::Error>>,
    ) -> Result<T, Error> {
        work.await.map_err(|error| {
            let error = Error::from(error.with_member(name.strip_suffix(".npy").unwrap_or(name)));
            error.in_file(&self.opened.object().shown)
        })
    }
}

impl OpenMember<'_> {
    /// What is there of it: its own header, and whatever that needed.
    fn arrived(&self) -> Arrived {
        Arrived::new(self.opened.size(), self.opened.pieces())
    }

    /// The array in a stored member, whose items begin at this byte of it; all of its bytes count for the CRC.
    async fn load_stored(&self, layout: Layout, data_offset: u64) -> Result<Array, npz::Error> {
        let opened = &self.opened;
        let begin = self.data.start + data_offset;
        let end = begin + layout.nbytes() as u64;
        let (mut builder, mut checksum) = (ArrayBuilder::new(layout)?, Checksum::default());
        let arrivals = opened.arrivals(std::iter::once(self.data.clone()));
        pin_mut!(arrivals);
        let object = opened.object();
        while let Some((at, chunk)) = object.until_cancelled(arrivals.try_next()).await? {
            checksum.add(at, &chunk);
            let (from, to) = (begin.max(at), end.min(at + chunk.len() as u64));
            if from < to {
                // Both are within the chunk, whose length fits.
                let items = chunk.slice((from - at) as usize..(to - at) as usize);
                builder.write(from - begin, &items)?;
            }
        }
        let (expected, found) = (self.entry.crc32(), checksum.finish());
        if found != expected {
            return Err(npz::ErrorKind::Checksum { expected, found }.into());
        }
        let conversion = opened.options().read.as_conversion();
        Ok(conversion.convert(builder.finish()?)?)
    }
}

/// Parses what is there, and requests what the parser needs, which is kept.
async fn parse<T>(
    opened: &mut Opened,
    parse: impl Fn(&Fetched) -> Result<npz::Parse<T>, npz::Error>,
) -> Result<T, npz::Error> {
    let mut fetched = Fetched::new(opened.size());
    for (offset, bytes) in opened.pieces() {
        fetched.add(*offset, bytes.to_vec());
    }
    loop {
        match parse(&fetched)? {
            npz::Parse::Done(done) => return Ok(done),
            npz::Parse::Need(range) => {
                let part = opened.read(range).await?;
                fetched.add(part.offset, part.chunks.concat());
                opened.keep(part);
            }
        }
    }
}

/// An error if the member holds fewer bytes than its header declares.
fn check_length(layout: &Layout, found: u64) -> Result<(), npz::Error> {
    let expected = layout.nbytes() as u64;
    if found < expected {
        return Err(ArrayError::from(ErrorKind::Short { expected, found }).into());
    }
    Ok(())
}
