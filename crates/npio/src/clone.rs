//! The beginning of one file as that of another.

use flatfile::CancelToken;
use std::fs::File;
use std::io::{self, BufReader, Read, Seek};

/// The number of bytes copied between two looks at the token.
const PIECE: u64 = 64 << 20;

/// The number of bytes copied at a time, where the system does not copy.
const BLOCK: usize = 1 << 20;

/// Gives `new`, which is empty, the first `length` bytes of `old`; more of them may follow. The file systems that can
/// (Btrfs, XFS, bcachefs) share them, so that nothing is copied; elsewhere Linux copies them without this process.
pub(crate) fn clone_beginning(
    mut old: &File,
    mut new: &File,
    length: u64,
    cancel: Option<&CancelToken>,
) -> io::Result<()> {
    if length == 0 || share(old, new) {
        return Ok(());
    }
    old.rewind()?;
    new.rewind()?;
    let mut left = length;
    while left > 0 {
        cancel.map_or(Ok(()), CancelToken::check)?;
        // On Linux this is `copy_file_range`, which bypasses the buffer.
        let mut piece = BufReader::with_capacity(BLOCK, old.take(left.min(PIECE)));
        match io::copy(&mut piece, &mut new)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            copied => left -= copied,
        }
    }
    Ok(())
}

/// Makes `new` share all bytes of `old`, if the file system can.
#[cfg(all(
    target_os = "linux",
    not(any(target_arch = "sparc", target_arch = "sparc64"))
))]
fn share(old: &File, new: &File) -> bool {
    rustix::fs::ioctl_ficlone(new, old).is_ok()
}

#[cfg(not(all(
    target_os = "linux",
    not(any(target_arch = "sparc", target_arch = "sparc64"))
)))]
fn share(_: &File, _: &File) -> bool {
    false
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may panic")]

    use super::*;
    use std::io::Write;

    #[test]
    fn the_beginning_is_the_same() {
        let mut old = tempfile::tempfile().unwrap();
        let bytes: Vec<u8> = (0..3 << 20).map(|i: u32| (i % 251) as u8).collect();
        old.write_all(&bytes).unwrap();
        for length in [0, 1, 1 << 20, 3 << 20] {
            let mut new = tempfile::tempfile().unwrap();
            clone_beginning(&old, &new, length as u64, None).unwrap();
            let mut found = Vec::new();
            new.rewind().unwrap();
            new.read_to_end(&mut found).unwrap();
            assert_eq!(found.get(..length), bytes.get(..length));
        }
        let new = tempfile::tempfile().unwrap();
        if !share(&old, &new) {
            let longer = clone_beginning(&old, &new, (3 << 20) + 1, None);
            assert_eq!(longer.unwrap_err().kind(), io::ErrorKind::UnexpectedEof);
        }
        let token = CancelToken::new();
        token.cancel();
        let new = tempfile::tempfile().unwrap();
        let cancelled = clone_beginning(&old, &new, 1, Some(&token));
        assert!(cancelled.is_err() || share(&old, &new));
    }
}
