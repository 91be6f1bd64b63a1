//! The number of threads worth starting.

use flatfile::threads::available;

/// About how many members are opened, and how many of their bytes are read, in a millisecond: less work than that is
/// not worth a thread.
const MEMBERS_PER_MS: u64 = 500;
const BYTES_PER_MS: u64 = 1 << 20;

/// The number of threads worth starting to open this many members and read this many of their bytes: one for each
/// millisecond of work, and no more than there are cores. If only headers are read, `bytes` is 0.
///
/// ```
/// assert_eq!(npz::threads_for(1, 1000), 1);
/// assert!(npz::threads_for(5000, 1 << 30) >= npz::threads_for(5000, 0));
/// ```
pub fn threads_for(members: usize, bytes: u64) -> usize {
    let milliseconds = (bytes / BYTES_PER_MS).saturating_add(members as u64 / MEMBERS_PER_MS);
    let threads = usize::try_from(milliseconds.saturating_add(1)).unwrap_or(usize::MAX);
    threads.min(available())
}
