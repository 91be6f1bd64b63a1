//! Addresses of remote objects, which are read as files are: with the feature `remote`.

use npio::RandomAccessFile;
use std::io;

/// Opens the object at this address.
#[cfg(feature = "remote")]
pub(crate) fn open(url: &str) -> io::Result<RandomAccessFile> {
    use npio_remote::{Problem, RemoteOptions};
    /// A server without ranges sends all of an object, which is kept in memory.
    const MAX_WHOLE: u64 = 64 << 20;
    let options = RemoteOptions::new()
        .allow_whole(MAX_WHOLE)
        .cancel(crate::interrupt::token());
    let opened = options
        .blocking_from_url(url)
        .and_then(|remote| remote.open());
    // Whoever reports an error adds the address.
    opened
        .map(RandomAccessFile::from_source)
        .map_err(Problem::into_io_error)
}

#[cfg(not(feature = "remote"))]
pub(crate) fn open(_: &str) -> io::Result<RandomAccessFile> {
    let text = "this build of npio does not read remote files: build it with cargo install npio-cli --features remote";
    Err(io::Error::new(io::ErrorKind::Unsupported, text))
}
