//! Addresses in place of paths: objects in stores and on web servers.

use npio::flatfile::npy::ReadOptions;
use npio::{CancelToken, LoadOptions, RandomAccessFile};
use npio_remote::RemoteOptions;
use npio_remote::blocking::RemoteFile;
use std::path::{Path, PathBuf};

/// A server without ranges sends all of an object, which is kept in memory.
const MAX_WHOLE: u64 = 64 << 20;

/// The address, if the path is one.
pub(crate) fn url_of(path: &Path) -> Option<&str> {
    path.to_str().filter(|text| npio_remote::is_url(text))
}

/// The path, and the options to open it with. An address is opened here, and what is called the path is without its
/// credentials.
pub(crate) fn resolved(
    path: PathBuf,
    options: LoadOptions,
    token: &CancelToken,
) -> (PathBuf, LoadOptions) {
    let Some(url) = url_of(&path) else {
        return (path, options);
    };
    let (url, token) = (url.to_owned(), token.clone());
    let shown = shown(&url);
    let options = options.opener(move |_| {
        let file = open(&url, &ReadOptions::new(), &token);
        let file = file.map_err(npio_remote::Problem::into_io_error)?;
        Ok(RandomAccessFile::from_source(file))
    });
    (shown, options)
}

/// What an address is called.
pub(crate) fn shown(url: &str) -> PathBuf {
    npio_remote::without_credentials(url).into()
}

/// Opens the object at this address.
pub(crate) fn open(
    url: &str,
    options: &ReadOptions,
    token: &CancelToken,
) -> Result<RemoteFile, npio::Error> {
    let options = RemoteOptions::new()
        .npy(options.clone())
        .allow_whole(MAX_WHOLE)
        .cancel(token.clone());
    options.blocking_from_url(url)?.open()
}
