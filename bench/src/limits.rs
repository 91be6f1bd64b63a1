//! The limit of this machine: for each row, the plainest program that must do the same work.
//!
//! It moves the same bytes, or inflates, or finds the same separators, and does nothing else: no header, no check, no
//! item that becomes another. So a row at its limit has nothing left to gain here, and what it is below says how much
//! all of the rest costs.

use anyhow::{Context, Result, ensure};
use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use memchr::{memchr2_iter, memmem};
use npio::flatfile::threads::{available, parallel_for_each};
use npio::flatfile::{Buffer, read_exact_at};
use npio::{RandomAccessFile, ReadAt};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// Does the work, and says how long it took.
pub(crate) type Limit = Box<dyn FnMut() -> Result<Duration>>;

/// What fits the cache of a core.
const CHUNK: usize = 256 << 10;

/// What is deflated by itself.
const BLOCK: usize = 1 << 20;

/// Times `work`, but not the end of what it made.
pub(crate) fn timed<T>(work: impl FnOnce() -> Result<T>) -> Result<Duration> {
    let started = Instant::now();
    let made = work()?;
    let took = started.elapsed();
    drop(made);
    Ok(took)
}

/// Has every core do `work` on a stretch of `bytes` of its own, which is told where that begins.
fn share(bytes: &mut [u8], work: impl Fn(usize, &mut [u8]) -> Result<()> + Sync) -> Result<()> {
    let cores = available();
    let each = bytes.len().div_ceil(cores).next_multiple_of(4096);
    let parts = bytes.chunks_mut(each).enumerate();
    parallel_for_each(parts, cores, |(i, part)| work(i * each, part))
}

/// Positioned reads of all cores into fresh memory in huge pages.
pub(crate) fn read(path: PathBuf) -> Limit {
    Box::new(move || {
        timed(|| {
            let file = RandomAccessFile::open(&path)?;
            let mut bytes = Buffer::zeroed(file.len()?.try_into()?, 8)?;
            share(bytes.as_mut(), |begin, part| {
                Ok(read_exact_at(&file, part, begin as u64)?)
            })?;
            Ok(bytes)
        })
    })
}

/// The same through a core's cache, in which doubles become floats.
pub(crate) fn read_as_floats(path: PathBuf) -> Limit {
    Box::new(move || {
        timed(|| {
            let file = RandomAccessFile::open(&path)?;
            let items = usize::try_from(file.len()?)? / 8;
            let mut floats = Buffer::zeroed(items * 4, 8)?;
            share(floats.as_mut(), |begin, part| {
                let mut doubles = vec![0; CHUNK];
                for (i, floats) in part.chunks_mut(CHUNK / 2).enumerate() {
                    let doubles = doubles.get_mut(..2 * floats.len()).context("a chunk")?;
                    read_exact_at(&file, doubles, (2 * begin + i * CHUNK) as u64)?;
                    let (doubles, _) = doubles.as_chunks::<8>();
                    let (floats, _) = floats.as_chunks_mut::<4>();
                    for (float, double) in floats.iter_mut().zip(doubles) {
                        *float = (f64::from_ne_bytes(*double) as f32).to_ne_bytes();
                    }
                }
                Ok(())
            })?;
            Ok(floats)
        })
    })
}

/// A pass over items that are in memory.
pub(crate) fn pass(path: PathBuf, pass: fn(&[f64]) -> f64) -> Limit {
    let mut items = Vec::new();
    Box::new(move || {
        if items.is_empty() {
            items = npio::load_vec::<f64>(&path)?.0;
        }
        let mut sum = 0.0;
        let took = timed(|| {
            sum = pass(&items);
            Ok(())
        })?;
        ensure!(!sum.is_nan(), "the items are numbers");
        Ok(took)
    })
}

/// The bytes that NumPy wrote to `from`, written to a file whose blocks are reserved.
pub(crate) fn write(from: PathBuf) -> Limit {
    let mut bytes = Vec::new();
    let to = from.with_extension("limit");
    Box::new(move || {
        if bytes.is_empty() {
            bytes = fs::read(&from)?;
        }
        timed(|| {
            let mut file = File::create(&to)?;
            reserve(&file, bytes.len())?;
            Ok(file.write_all(&bytes)?)
        })
    })
}

#[cfg(target_os = "linux")]
fn reserve(file: &File, bytes: usize) -> Result<()> {
    use rustix::fs::{FallocateFlags, fallocate};
    // Not every file system can.
    let _ = fallocate(file, FallocateFlags::KEEP_SIZE, 0, bytes as u64);
    Ok(())
}

#[cfg(not(target_os = "linux"))]
fn reserve(_: &File, _: usize) -> Result<()> {
    Ok(())
}

/// A pass of all cores over a text that only finds these separators, and copies eight bytes of each item.
pub(crate) fn separators(path: PathBuf, separators: [u8; 2], items: usize) -> Limit {
    Box::new(move || {
        timed(|| {
            let file = RandomAccessFile::open(&path)?;
            let length = usize::try_from(file.len()?)?;
            let mut array = Buffer::zeroed(items * 8, 8)?;
            let whole = array.as_ref().len();
            share(array.as_mut(), |begin, part| {
                // A stretch of the text in the same proportion.
                let place = |byte: usize| (byte as u128 * length as u128 / whole as u128) as usize;
                let (mut at, end) = (place(begin), place(begin + part.len()));
                let (slots, _) = part.as_chunks_mut::<8>();
                let mut slots = slots.iter_mut();
                let mut text = vec![0; CHUNK];
                while at < end {
                    let text = text.get_mut(..CHUNK.min(end - at)).context("a chunk")?;
                    read_exact_at(&file, text, at as u64)?;
                    at += text.len();
                    let [one, other] = separators;
                    let mut item = 0;
                    for found in memchr2_iter(one, other, text) {
                        let bytes = text.get(item..found.min(item + 8)).context("an item")?;
                        if let Some(slot) = slots.next() {
                            slot.get_mut(..bytes.len())
                                .context("eight bytes")?
                                .copy_from_slice(bytes);
                        }
                        item = found + 1;
                    }
                }
                Ok(())
            })?;
            Ok(array)
        })
    })
}

/// Every file opened, read and closed.
pub(crate) fn open_all(folder: PathBuf, files: usize) -> Limit {
    let paths = numbered(&folder, files);
    Box::new(move || {
        timed(|| {
            let mut bytes = [0; 4096];
            for path in &paths {
                ensure!(File::open(path)?.read(&mut bytes)? > 0, "an empty file");
            }
            Ok(())
        })
    })
}

/// Every file created and written, or made beside its name and renamed to it.
pub(crate) fn create_all(folder: PathBuf, files: usize, rename: bool) -> Limit {
    let paths = numbered(&folder, files);
    let bytes = [1; 928];
    let made = folder.join("made");
    Box::new(move || {
        fs::create_dir_all(&folder)?;
        timed(|| {
            for path in &paths {
                let made = if rename { &made } else { path };
                File::create(made)?.write_all(&bytes)?;
                if rename {
                    fs::rename(made, path)?;
                }
            }
            Ok(())
        })
    })
}

fn numbered(folder: &Path, files: usize) -> Vec<PathBuf> {
    (0..files)
        .map(|i| folder.join(format!("{i}.npy")))
        .collect()
}

/// Streams inflated, each by a core, into fresh memory in huge pages.
pub(crate) fn inflate(paths: Vec<PathBuf>, length: usize) -> Limit {
    let mut streams: Vec<Vec<u8>> = Vec::new();
    Box::new(move || {
        if streams.is_empty() {
            streams = paths.iter().map(fs::read).collect::<Result<_, _>>()?;
        }
        timed(|| {
            parallel_for_each(streams.iter(), available(), |stream| {
                let mut bytes = Buffer::zeroed(length, 8)?;
                let mut inflater = Decompress::new(false);
                let ended = inflater.decompress(stream, bytes.as_mut(), FlushDecompress::Finish)?;
                ensure!(ended == Status::StreamEnd && inflater.total_out() == length as u64);
                Ok(())
            })
        })
    })
}

/// The bytes of a file deflated in blocks, by all cores, and written nowhere.
pub(crate) fn deflate(path: PathBuf, level: u32) -> Limit {
    let mut bytes = Vec::new();
    Box::new(move || {
        if bytes.is_empty() {
            bytes = fs::read(&path)?;
        }
        let blocks: Vec<&[u8]> = bytes.chunks(BLOCK).collect();
        timed(|| {
            parallel_for_each(blocks.iter(), available(), |block| {
                let mut space = Vec::with_capacity(BLOCK + BLOCK / 64);
                let mut deflater = Compress::new(Compression::new(level), false);
                let ended = deflater.compress_vec(block, &mut space, FlushCompress::Finish)?;
                ensure!(ended == Status::StreamEnd, "a block has no room");
                Ok(())
            })
        })
    })
}

/// A file read, and copied to as many pieces of memory as it has members.
pub(crate) fn read_members(path: PathBuf, members: usize) -> Limit {
    Box::new(move || {
        timed(|| {
            let bytes = fs::read(&path)?;
            let pieces = bytes.chunks(bytes.len().div_ceil(members));
            Ok(pieces.map(<[u8]>::to_vec).collect::<Vec<_>>())
        })
    })
}

/// An archive's end read, in which a name is searched, and a member.
pub(crate) fn find_member(path: PathBuf, members: usize) -> Limit {
    let name = format!("k{}.npy", members - 1);
    Box::new(move || {
        timed(|| {
            let file = RandomAccessFile::open(&path)?;
            // What the directory says of each takes 46 bytes and its name.
            let mut end = vec![0; members * (46 + name.len()) + 22];
            let begin = file.len()?.saturating_sub(end.len() as u64);
            let space = end.get_mut(..(file.len()? - begin) as usize);
            read_exact_at(&file, space.context("the end")?, begin)?;
            let found = memmem::find(&end, name.as_bytes()).context("no such member")?;
            let mut member = vec![0; 928];
            read_exact_at(&file, &mut member, 0)?;
            Ok((found, member))
        })
    })
}

/// A file opened, and read at its end and its beginning: of a member that is the archive's only one.
pub(crate) fn few_reads(path: PathBuf) -> Limit {
    Box::new(move || {
        timed(|| {
            let file = RandomAccessFile::open(&path)?;
            let end = file.len()?.saturating_sub(256);
            let mut bytes = [0; 256];
            for place in [end, 0, end / 2] {
                read_exact_at(&file, &mut bytes, place)?;
            }
            Ok(())
        })
    })
}
