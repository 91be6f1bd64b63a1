//! Writing one member: [`MemberWriter`].

use super::record::{Local, flags, is_wide};
use super::{WriteOptions, Writer};
use crate::BLOCK;
use crate::codec::{Compression, Encoder};
use crate::error::{Error, ErrorKind};
use crate::record::{Common, flag};
use crc32fast::Hasher;
use flatfile::Strided;
use std::io::{self, Write};
use std::thread;

/// Members no larger than this are written at once, after a complete header.
const SMALL: usize = 64 << 10;

/// The number of bytes that are written while another thread takes their CRC; fewer are not worth it.
const BESIDE: usize = 4 << 20;

/// A member that is being written: see [`Writer::member`].
///
/// Dropped before [`finish`](MemberWriter::finish), it leaves an archive that cannot be finished.
#[derive(Debug)]
pub struct MemberWriter<'a, W> {
    body: Body,
    output: Output<'a, W>,
}

/// The facts about the bytes of a member, and their encoder.
#[derive(Debug)]
struct Body {
    crc: Hasher,
    size: u64,
    compressed: u64,
    encoder: Encoder,
}

/// The target of the bytes.
#[derive(Debug)]
struct Output<'a, W> {
    writer: &'a mut Writer<W>,
    name: String,
    method: u16,
    /// The largest possible number of bytes, if it is known.
    most: Option<u64>,
    /// The bytes that wait for the header to be written.
    pending: Vec<u8>,
    /// The header and its position, once it is written.
    header: Option<(Local, u64)>,
}

/// A complete member, compressed, with its header.
pub(super) struct Prepared {
    pub(super) local: Local,
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
        let body = Body::new(writer.options.compression);
        let output = Output {
            method: body.method(),
            name: name.to_owned(),
            // Incompressible data becomes longer by a few bytes per block.
            most: size.map(|size| size.saturating_add(size / 1024 + SMALL as u64)),
            pending: Vec::new(),
            header: None,
            writer,
        };
        MemberWriter { body, output }
    }

    /// Writes the rest, and completes the header.
    ///
    /// # Errors
    /// `Io`.
    pub fn finish(self) -> Result<(), Error> {
        let MemberWriter {
            mut body,
            mut output,
        } = self;
        body.finish(&mut |bytes| output.put(bytes))?;
        let common = body.common(flags(&output.name));
        output.finish(common)
    }
}

impl<W: Write> Write for MemberWriter<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let MemberWriter { body, output } = self;
        body.push(bytes, &mut |bytes| output.put(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Body {
    fn new(compression: Compression) -> Body {
        Body {
            crc: Hasher::new(),
            size: 0,
            compressed: 0,
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
        let compressed = &mut self.compressed;
        let mut put = |bytes: &[u8]| {
            *compressed += bytes.len() as u64;
            put(bytes)
        };
        let crc = &mut self.crc;
        match &mut self.encoder {
            Encoder::Stored if bytes.len() >= BESIDE => {
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
                for block in bytes.chunks(BLOCK) {
                    crc.update(block);
                    encoder.push(block, &mut put)?;
                }
            }
        }
        self.size += bytes.len() as u64;
        Ok(())
    }

    fn finish(&mut self, put: &mut impl FnMut(&[u8]) -> io::Result<()>) -> io::Result<()> {
        let compressed = &mut self.compressed;
        self.encoder.finish(&mut |bytes| {
            *compressed += bytes.len() as u64;
            put(bytes)
        })
    }

    fn common(&self, flags: u16) -> Common {
        Common {
            flags,
            method: self.method(),
            crc: self.crc.clone().finalize(),
            compressed: self.compressed,
            size: self.size,
        }
    }
}

impl<W: Write> Output<'_, W> {
    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        if self.header.is_none() && self.pending.len() + bytes.len() <= SMALL {
            self.pending.extend_from_slice(bytes);
            return Ok(());
        }
        self.begin()?;
        Ok(self.writer.write(bytes)?)
    }

    /// Writes a header without CRC and sizes, and the bytes that waited for it.
    fn begin(&mut self) -> Result<(), Error> {
        if self.header.is_some() {
            return Ok(());
        }
        let is_streamed = self.writer.patch.is_none();
        let streamed = if is_streamed { flag::DESCRIPTOR } else { 0 };
        let local = Local {
            name: self.name.clone(),
            common: Common {
                flags: flags(&self.name) | streamed,
                method: self.method,
                crc: 0,
                compressed: 0,
                size: 0,
            },
            is_wide: self.most.is_none_or(is_wide),
        };
        let at = self.writer.at;
        self.writer.put_header(&local)?;
        self.header = Some((local, at));
        self.writer.write(&std::mem::take(&mut self.pending))
    }

    fn finish(self, common: Common) -> Result<(), Error> {
        let writer = self.writer;
        match self.header {
            None => {
                writer.put_header(&Local::new(&self.name, common))?;
                writer.write(&self.pending)?;
            }
            Some((mut local, at)) => {
                let flags = local.common.flags;
                local.common = Common { flags, ..common };
                if !local.is_wide && (is_wide(common.size) || is_wide(common.compressed)) {
                    let what = format!("longer than was said: {} bytes", common.size);
                    return Err(ErrorKind::Unsupported(what).into());
                }
                match writer.patch {
                    Some(patch) => {
                        let header = local.encode(at, writer.options.align)?;
                        patch(&mut writer.target, at, &header, writer.at)?;
                    }
                    None => writer.write(&local.descriptor())?,
                }
                if let Some(entry) = writer.entries.last_mut() {
                    entry.common = local.common;
                }
            }
        }
        writer.is_broken = false;
        Ok(())
    }
}

impl Prepared {
    /// The member that an array becomes.
    pub(super) fn array(
        file_name: &str,
        view: &Strided<'_>,
        options: &WriteOptions,
    ) -> Result<Prepared, Error> {
        let (mut npy, mut data) = (Vec::new(), Vec::new());
        options.npy.write(&mut npy, view.clone())?;
        let mut put = |bytes: &[u8]| data.write_all(bytes);
        let mut body = Body::new(options.compression);
        body.push(&npy, &mut put)?;
        body.finish(&mut put)?;
        let local = Local::new(file_name, body.common(flags(file_name)));
        Ok(Prepared { local, data })
    }
}
