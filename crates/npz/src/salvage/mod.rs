//! What is still whole in a damaged archive: [`Archive::salvage`].
//!
//! The directory may be missing, or wrong, so the source is searched from its beginning to its end for the headers of
//! members. Each is believed only if its data has the CRC-32 that it declares. The search continues after a member that
//! is whole, and within one that is not.

mod found;
mod search;
mod window;

use crate::archive::Archive;
use crate::directory::Directory;
use crate::error::{Error, ErrorKind};
use flatfile::ReadAt;
use flatfile::npy_header::known_format;
use search::Search;
use std::fmt;

/// What was found in a damaged archive: see [`Archive::salvage`].
#[derive(Debug)]
pub struct Salvaged<S> {
    /// The members that are whole, in the order of their bytes. Several may have the same name.
    pub archive: Archive<S>,
    /// The members that are not.
    pub lost: Vec<Lost>,
    /// Whether the archive's end is there, after a directory of as many entries as it declares. If not, there may have
    /// been further members, of which nothing is left.
    pub has_end: bool,
}

/// A member that could not be salvaged.
#[derive(Debug)]
pub struct Lost {
    /// Its name in the archive, if that could be read.
    pub file_name: Option<String>,
    /// The offset of its header; of a member that only the directory lists, the one that is given there.
    pub offset: u64,
    /// What is wrong with it.
    pub error: Error,
}

impl fmt::Display for Lost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "from byte {} on: {}", self.offset, self.error)
    }
}

impl<S: ReadAt> Archive<S> {
    /// Finds the members that are whole in a damaged archive: one that was cut off, that is between other bytes, or that
    /// is larger than 4 GiB and was written without the fields for that. Every member is read to its end, and its CRC-32
    /// checked.
    ///
    /// The members are found by their own headers. Those that were removed from an archive whose bytes were not
    /// written again may be among them. A member is taken for one in another that is not whole if it is in its bytes.
    ///
    /// ```
    /// use flatfile::Array;
    /// # let mut bytes = std::io::Cursor::new(Vec::new());
    /// # let mut writer = npz::Writer::new(&mut bytes);
    /// # writer.array("a", &Array::from_slice(&[1u8, 2], [2]).unwrap())?;
    /// # writer.array("b", &Array::from_slice(&[3u8, 4], [2]).unwrap())?;
    /// # writer.finish()?;
    /// # let bytes = bytes.into_inner();
    /// let cut = &bytes[..bytes.len() - 150];
    /// assert!(npz::Archive::new(cut).is_err());
    /// let salvaged = npz::Archive::salvage(cut)?;
    /// assert_eq!(salvaged.archive.get("a")?.read()?.to_string(), "[1 2]");
    /// assert_eq!(salvaged.lost[0].file_name.as_deref(), Some("b.npy"));
    /// assert!(!salvaged.has_end);
    /// # Ok::<(), npz::Error>(())
    /// ```
    ///
    /// # Errors
    /// `NotZip` if there is nothing of an archive, `Io`.
    pub fn salvage(source: S) -> Result<Salvaged<S>, Error> {
        Archive::salvage_with(source, |_| ())
    }

    /// As [`salvage`](Archive::salvage); `progress` is called now and then with the number of bytes of the source up to
    /// which it was searched.
    ///
    /// # Errors
    /// As [`salvage`](Archive::salvage).
    pub fn salvage_with(source: S, mut progress: impl FnMut(u64)) -> Result<Salvaged<S>, Error> {
        let mut search = Search::new(&source, &mut progress)?;
        search.run()?;
        let Search {
            whole,
            lost,
            has_end,
            size,
            ..
        } = search;
        if whole.is_empty() && lost.is_empty() && !has_end {
            let mut first = [0; 8];
            let count = flatfile::read_once_at(&source, &mut first, 0)?;
            let format = known_format(first.get(..count).unwrap_or_default());
            return Err(ErrorKind::NotZip(format).into());
        }
        Ok(Salvaged {
            archive: Archive::with_directory(source, Directory::of_some(whole, size)),
            lost,
            has_end,
        })
    }
}
