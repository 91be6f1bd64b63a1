//! Reading from a place in a file, which several threads can do at once.

use std::fs::File;
use std::io;

/// Fills `bytes` from byte `offset` of the file on.
pub(crate) fn read_exact_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<()> {
    match read_full_at(file, bytes, offset)? {
        n if n == bytes.len() => Ok(()),
        _ => Err(io::ErrorKind::UnexpectedEof.into()),
    }
}

/// Fills `bytes` as far as the file goes, and says how far that was.
pub(crate) fn read_full_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    fill_from(bytes, |rest, filled| {
        read_at(file, rest, offset + filled as u64)
    })
}

/// Fills `bytes` from byte `offset` of the file on as far as one call goes, and says how far that was.
pub(crate) fn read_once_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    loop {
        match read_at(file, bytes, offset) {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            result => return result,
        }
    }
}

/// Fills `space` as far as the source goes, and says how far that was. `read` is told how much is there
/// already.
pub(crate) fn fill_from(
    space: &mut [u8],
    mut read: impl FnMut(&mut [u8], usize) -> io::Result<usize>,
) -> io::Result<usize> {
    let mut filled = 0;
    while let Some(rest) = space.get_mut(filled..).filter(|rest| !rest.is_empty()) {
        match read(rest, filled) {
            Ok(0) => break,
            Ok(n) => filled += n,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

#[cfg(unix)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::unix::fs::FileExt::read_at(file, bytes, offset)
}

#[cfg(windows)]
fn read_at(file: &File, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
    std::os::windows::fs::FileExt::seek_read(file, bytes, offset)
}

#[cfg(not(any(unix, windows)))]
compile_error!("flatfile reads files at positions, which it can do on Unix and Windows only");
