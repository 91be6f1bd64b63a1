//! Writing one member: [`MemberWriter`].

use super::record::{LocalHeader, flags, needs_zip64};
use super::{WriteOptions, Writer};
use crate::IO_BLOCK;
use crate::codec::{Compression, Encoder};
use crate::error::{Error, ErrorKind};
use crate::record::{EntryInfo, flag};
use crc32fast::Hasher;
use flatfile::Strided;
use std::io::{self, Write};
use std::thread;

/// Members no larger than this are written at once, after a complete header.
const BUFFERED_MEMBER: usize = 64 << 10;

/// The number of bytes that are written while another thread takes their CRC; fewer are not worth it.
const PARALLEL_CRC: usize = 4 << 20;

/// A member that is being written: see [`Writer::member`].
///
/// Dropped before [`finish`](MemberWriter::finish), it leaves an archive that cannot be finished.
#[derive(Debug)]
pub struct MemberWriter<'a, W> {
    state: MemberState,
    output: MemberOutput<'a, W>,
}

/// The facts about the bytes of a member, and their encoder.
#[derive(Debug)]
struct MemberState {
    crc: Hasher,
    size: u64,
    compressed_size: u64,
    encoder: Encoder,
}

/// The target of the bytes.
#[derive(Debug)]
struct MemberOutput<'a, W> {
    writer: &'a mut Writer<W>,
    name: String,
    method: u16,
    /// The largest possible number of bytes, if it is known.
    max_size: Option<u64>,
    /// The bytes that wait for the header to be written.
    pending: Vec<u8>,
    /// The header and its position, once it is written.
    written_header: Option<(LocalHeader, u64)>,
}

/// A complete member, compressed, with its header.
pub(super) struct PreparedMember {
    pub(super) header: LocalHeader,
    pub(super) data: Vec<u8>,
}

impl<W: Write> MemberWriter<'_, W> {
    /// A member of exactly this name, of `size` bytes if that is known.
    pub(super) fn new<'a>(
        writer: &'a mut Writer<W>,
        name: &str,
        size: Option<u64>,
    ) -> MemberWriter<'a, W> {
        // Until it is finished.
        writer.is_broken = true;
        let state = MemberState::new(writer.options.compression);
        let output = MemberOutput {
            method: state.method(),
            name: name.to_owned(),
            // Incompressible data becomes longer by a few bytes per block.
            max_size: size.map(|size| size.saturating_add(size / 1024 + BUFFERED_MEMBER as u64)),
            pending: Vec::new(),
            written_header: None,
            writer,
        };
        MemberWriter { state, output }
    }

    /// Writes the rest, and completes the header.
    ///
    /// # Errors
    /// `Io`.
    pub fn finish(self) -> Result<(), Error> {
        let MemberWriter {
            mut state,
            mut output,
        } = self;
        state.finish(&mut |bytes| output.put(bytes))?;
        let info = state.entry_info(flags(&output.name));
        output.finish(info)
    }
}

impl<W: Write> Write for MemberWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let MemberWriter { state, output } = self;
        state.push(bytes, &mut |bytes| output.put(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl MemberState {
    fn new(compression: Compression) -> MemberState {
        MemberState {
            crc: Hasher::new(),
            size: 0,
            compressed_size: 0,
            encoder: Encoder::new(compression),
        }
    }

    fn method(&self) -> u16 {
        self.encoder.method().number()
    }

    /// Takes the next bytes, and passes to `put` those that are ready to be written.
    fn push(
        &mut self,
        bytes: &[u8],
        put: &mut impl FnMut(&[u8]) -> io::Result<()>,
    ) -> io::Result<()> {
        let compressed = &mut self.compressed_size;
        let mut put = |bytes: &[u8]| {
            *compressed += bytes.len() as u64;
            put(bytes)
        };
        let crc = &mut self.crc;
        match &mut self.encoder {
            Encoder::Stored if bytes.len() >= PARALLEL_CRC => {
                // One waits for the disk, the other for memory.
                let is_hashed = thread::scope(|scope| {
                    let hash = thread::Builder::new().spawn_scoped(scope, || crc.update(bytes));
                    put(bytes).map(|()| hash.is_ok())
                })?;
                if !is_hashed {
                    crc.update(bytes);
                }
            }
            Encoder::Stored => {
                crc.update(bytes);
                put(bytes)?;
            }
            encoder => {
                for block in bytes.chunks(IO_BLOCK) {
                    crc.update(block);
                    encoder.push(block, &mut put)?;
                }
            }
        }
        self.size += bytes.len() as u64;
        Ok(())
    }

    fn finish(&mut self, put: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let compressed = &mut self.compressed_size;
        self.encoder.finish(&mut |bytes| {
            *compressed += bytes.len() as u64;
            put(bytes)
        })
    }

    fn entry_info(&self, flags: u16) -> EntryInfo {
        EntryInfo {
            flags,
            method: self.method(),
            crc: self.crc.clone().finalize(),
            compressed_size: self.compressed_size,
            size: self.size,
        }
    }
}

impl<W: Write> MemberOutput<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.written_header.is_none() && self.pending.len() + bytes.len() <= BUFFERED_MEMBER {
            self.pending.extend_from_slice(bytes);
            return Ok(());
        }
        self.write_header()?;
        Ok(self.writer.write(bytes)?)
    }

    /// Writes a header without CRC and sizes, and the bytes that waited for it.
    fn write_header(&mut self) -> Result<(), Error> {
        if self.written_header.is_some() {
            return Ok(());
        }
        let is_streamed = self.writer.patch.is_none();
        let streamed = if is_streamed { flag::DESCRIPTOR } else { 0 };
        let header = LocalHeader {
            name: self.name.clone(),
            info: EntryInfo {
                flags: flags(&self.name) | streamed,
                method: self.method,
                crc: 0,
                compressed_size: 0,
                size: 0,
            },
            needs_zip64: self.max_size.is_none_or(needs_zip64),
        };
        let at = self.writer.offset;
        self.writer.put_header(&header)?;
        self.written_header = Some((header, at));
        self.writer.write(&std::mem::take(&mut self.pending))
    }

    fn finish(self, info: EntryInfo) -> Result<(), Error> {
        let writer = self.writer;
        match self.written_header {
            None => {
                writer.put_header(&LocalHeader::new(&self.name, info))?;
                writer.write(&self.pending)?;
            }
            Some((mut header, at)) => {
                let flags = header.info.flags;
                header.info = EntryInfo { flags, ..info };
                if !header.needs_zip64
                    && (needs_zip64(info.size) || needs_zip64(info.compressed_size))
                {
                    let what =
                        format!("a member that is longer than declared: {} bytes", info.size);
                    return Err(ErrorKind::Unsupported(what).into());
                }
                match writer.patch {
                    Some(patch) => {
                        let header = header.encode(at, writer.options.align)?;
                        patch(&mut writer.target, at, &header, writer.offset)?;
                    }
                    None => writer.write(&header.descriptor())?,
                }
                if let Some(entry) = writer.entries.last_mut() {
                    entry.info = header.info;
                }
            }
        }
        writer.is_broken = false;
        Ok(())
    }
}

impl PreparedMember {
    /// The member that an array becomes.
    pub(super) fn array(
        file_name: &str,
        view: &Strided<'_>,
        options: &WriteOptions,
    ) -> Result<PreparedMember, Error> {
        let (mut npy, mut data) = (Vec::new(), Vec::new());
        options.npy.write(&mut npy, view.clone())?;
        let mut put = |bytes: &[u8]| data.write_all(bytes);
        let mut state = MemberState::new(options.compression);
        state.push(&npy, &mut put)?;
        state.finish(&mut put)?;
        let header = LocalHeader::new(file_name, state.entry_info(flags(file_name)));
        Ok(PreparedMember { header, data })
    }
}
