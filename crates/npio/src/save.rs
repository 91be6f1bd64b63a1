//! `np.save`.

use crate::Error;
use crate::atomic::{Replace, replace};
use flatfile::Strided;
use flatfile::dtype::{ByteOrder, Order};
use flatfile::npy::WriteOptions;
use flatfile::npy_header::Version;
use std::path::Path;

/// Saves an array as `.npy`, the same bytes that NumPy's `save` writes.
///
/// The file is replaced at once: whatever happens, the path holds the old bytes or the new ones. (A
/// program that is killed meanwhile leaves a file `.npio-….tmp` beside it.) The name is taken as it is;
/// NumPy would add `.npy` to one without.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// let items = [1u8, 2, 3];
/// npio::save(&path, &npio::ArrayView::over(&items, [3, 1])?)?;
/// assert_eq!(npio::load(&path)?.shape(), [3, 1]);
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// Object arrays, before the file is touched; the system's, after which the old file is still there.
pub fn save<'a>(path: impl AsRef<Path>, array: impl Into<Strided<'a>>) -> Result<(), Error> {
    SaveOptions::new().save(path, array)
}

/// How to save; [`save`] is the same with all defaults.
#[derive(Clone, Debug, Default)]
pub struct SaveOptions {
    write: WriteOptions,
    replace: Replace,
}

impl SaveOptions {
    /// The defaults: the file replaced at once; items and memory order as they are.
    pub fn new() -> SaveOptions {
        SaveOptions::default()
    }

    /// The version of the format, where it shall not be the oldest that can say the layout.
    #[must_use]
    pub fn version(mut self, version: Version) -> SaveOptions {
        self.write = self.write.version(version);
        self
    }

    /// The memory order of the items in the file.
    #[must_use]
    pub fn order(mut self, order: Order) -> SaveOptions {
        self.write = self.write.order(order);
        self
    }

    /// The byte order of the items in the file.
    #[must_use]
    pub fn byte_order(mut self, order: ByteOrder) -> SaveOptions {
        self.write = self.write.byte_order(order);
        self
    }

    /// Writes over the file where it stands, as NumPy does: faster for many small files, but a
    /// failure half-way leaves neither the old bytes nor the new ones.
    #[must_use]
    pub fn in_place(mut self) -> SaveOptions {
        self.replace.in_place = true;
        self
    }

    /// Never replaces a file: one that is there is an error, also where it comes meanwhile.
    #[must_use]
    pub fn create_new(mut self) -> SaveOptions {
        self.replace.create_new = true;
        self
    }

    /// Waits until the storage has the file and its name, so that the promise holds on a power cut
    /// too. This takes many times as long as the writing.
    #[must_use]
    pub fn durable(mut self) -> SaveOptions {
        self.replace.durable = true;
        self
    }

    /// See [`save`].
    ///
    /// # Errors
    /// As [`save`].
    pub fn save<'a>(
        &self,
        path: impl AsRef<Path>,
        array: impl Into<Strided<'a>>,
    ) -> Result<(), Error> {
        let path = path.as_ref();
        replace(path, self.replace, |file| {
            self.write.write_file(file, array)
        })
        .map_err(|error| Error::new(path, error))
    }
}
