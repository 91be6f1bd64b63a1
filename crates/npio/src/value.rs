//! Python values by path: `np.load(…, allow_pickle=True)`, and metadata in archives.

use crate::archive::{Archive, SavezOptions};
use crate::compressed::{Decoder, inner_name};
use crate::error::Error;
use crate::load::LoadOptions;
use crate::save::SaveOptions;
use npmeta::archive::{Metadata, MetadataFormat, Options, Warning, member_value};
use npmeta::{ErrorKind, Value, json, npy, pickle};
use npz::Update;
use std::io::{self, Read};
use std::path::Path;

/// Loads the contents of a file as a value: the array in a `.npy`; the JSON in a `.json`; and, only with
/// [`LoadOptions::allow_pickle`], the objects in a `.npy` and the value in a bare pickle. Nothing in a pickle is run:
/// see [`npmeta::pickle`](crate::meta::pickle).
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npy");
/// use npio::{LoadOptions, Value, meta::Dict};
/// let mdata: Dict = [("author", Value::from("Emma")), ("age", Value::from(1.5))].into_iter().collect();
/// npio::save_value(&path, &mdata.clone().into())?;
/// let loaded = LoadOptions::new().allow_pickle().load_value(&path)?;
/// assert_eq!(loaded.into_item()?, Value::Dict(mdata));
///
/// let error = npio::load_value(&path).unwrap_err();
/// assert!(error.to_string().ends_with("read only if pickles are allowed (allow_pickle)"));
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// As [`load`](crate::load); a pickle that is not allowed, or that does not hold a plain value.
pub fn load_value(path: impl AsRef<Path>) -> Result<Value, Error> {
    LoadOptions::new().load_value(path)
}

/// Saves a value: an array as `.npy`, anything else as a pickle in a `.npy`, as NumPy's `save` does. A name that ends
/// in `.json` makes JSON, one that ends in `.pkl` or `.pickle` a bare pickle. The file is replaced atomically, as by
/// [`save`](crate::save).
///
/// # Errors
/// A value that the format cannot hold, before the file is touched; I/O errors, after which the old file is still
/// there.
pub fn save_value(path: impl AsRef<Path>, value: &Value) -> Result<(), Error> {
    SaveOptions::new().save_value(path, value)
}

/// Writes metadata into an archive in this format, replacing members of the same names; its arrays are copied
/// unchanged. If there is no file, one is created. Returns a warning for each value that will not read back
/// unchanged. The metadata is stored: [`SavezOptions::save_metadata`] can compress it, and
/// [`ArchiveWriter::metadata`](crate::ArchiveWriter::metadata) writes it together with the arrays.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.npz");
/// use npio::{Dict, MetadataFormat, Value};
/// npio::savez(&path, [("x", &npio::Array::from_slice(&[1.0, 2.0], [2])?)])?;
/// let mdata = Value::from([("author", "Emma")].into_iter().collect::<Dict>());
/// let warnings = npio::save_metadata(&path, &mdata, MetadataFormat::Json)?;
/// assert!(warnings.is_empty());
///
/// let found = npio::load_npz(&path)?.metadata()?.unwrap();
/// assert_eq!((found.format, found.value), (MetadataFormat::Json, mdata));
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// As [`update_npz`](crate::update_npz); a value that the format cannot hold, before the file is touched.
pub fn save_metadata(
    path: impl AsRef<Path>,
    value: &Value,
    format: MetadataFormat,
) -> Result<Vec<Warning>, Error> {
    SavezOptions::new().save_metadata(path, value, format, &Options::new())
}

impl LoadOptions {
    /// Also reads pickles: objects in a `.npy`, and bare pickles. Nothing in them is ever run; but as in NumPy one has
    /// to ask for them. Objects of unknown classes are [`Opaque`](crate::meta::Opaque). This applies only when values
    /// are read.
    #[must_use]
    pub fn allow_pickle(mut self) -> LoadOptions {
        self.pickles = Some(pickle::Options::new());
        self
    }

    /// As [`allow_pickle`](LoadOptions::allow_pickle); but a pickle with an object of an unknown class is an error.
    #[must_use]
    pub fn allow_plain_pickle(mut self) -> LoadOptions {
        self.pickles = Some(pickle::Options::new().refuse_opaque());
        self
    }

    /// See [`load_value`].
    ///
    /// # Errors
    /// As [`load_value`].
    pub fn load_value(&self, path: impl AsRef<Path>) -> Result<Value, Error> {
        let path = path.as_ref();
        let inner = inner_name(path);
        let has = |suffixes: &[&str]| {
            let suffix = inner.extension().and_then(|suffix| suffix.to_str());
            suffix.is_some_and(|suffix| suffixes.contains(&suffix))
        };
        let located = |error: npmeta::Error| Error::new(path, error);
        let bytes = || {
            let mut bytes = Vec::new();
            let file = Decoder::in_file(self.open_file(path)?.into_stream(), path);
            file.and_then(|mut file| file.read_to_end(&mut bytes))?;
            Ok(bytes)
        };
        let bytes = || bytes().map_err(|error: io::Error| Error::new(path, error));
        if has(&["json"]) {
            let bytes = bytes()?;
            let text = std::str::from_utf8(&bytes).map_err(|error| {
                let why = format!("a text that is not UTF-8, at byte {}", error.valid_up_to());
                located(ErrorKind::Unsupported(why).into())
            })?;
            return json::parse(text).map_err(located);
        }
        let is_pickle = has(&["pkl", "pickle"]);
        if !is_pickle {
            match self.load(path) {
                Ok(array) => return Ok(array.into()),
                Err(error) if !error.is_pickle() => return Err(error),
                Err(_) => {}
            }
        }
        let Some(pickles) = &self.pickles else {
            return Err(located(ErrorKind::NotAllowed.into()));
        };
        if is_pickle {
            pickles.parse(&bytes()?).map(|(value, _)| value)
        } else {
            npy::parse_with(&bytes()?, Some(pickles), &self.read)
        }
        .map_err(located)
    }
}

impl SaveOptions {
    /// See [`save_value`].
    ///
    /// # Errors
    /// As [`save_value`].
    pub fn save_value(&self, path: impl AsRef<Path>, value: &Value) -> Result<(), Error> {
        let path = path.as_ref();
        let bytes = match inner_name(path)
            .extension()
            .and_then(|suffix| suffix.to_str())
        {
            Some("json") => json::to_string(value).map(String::into_bytes),
            Some("pkl" | "pickle") => pickle::to_bytes(value),
            _ => match value {
                Value::Array(array) => return self.save(path, &**array),
                other => npy::to_bytes(other),
            },
        };
        let bytes = bytes.map_err(|error| Error::new(path, error))?;
        let saved = self.replace_compressed(path, |target| target.write_all(&bytes));
        saved.map_err(|error| Error::new(path, error))
    }
}

impl SavezOptions {
    /// See [`save_metadata`]; the options give the names of the members.
    ///
    /// # Errors
    /// As [`save_metadata`].
    pub fn save_metadata(
        &self,
        path: impl AsRef<Path>,
        value: &Value,
        format: MetadataFormat,
        options: &Options,
    ) -> Result<Vec<Warning>, Error> {
        let path = path.as_ref();
        let members = options.members(value, format);
        let members = members.map_err(|error| Error::new(path, error))?;
        if path.exists() {
            self.update_npz(path, &members.update(Update::new()))?;
        } else {
            let mut archive = self.create(path)?;
            for (name, bytes) in members.iter() {
                archive.member(name, |target| Ok(target.write_all(bytes)?))?;
            }
            archive.finish()?;
        }
        Ok(members.warnings().to_vec())
    }
}

impl Archive {
    /// The value of a member: an array, or, with [`LoadOptions::allow_pickle`], the objects in it.
    ///
    /// # Errors
    /// As [`load`](Archive::load) and [`load_value`].
    pub fn load_value(&self, name: &str) -> Result<Value, Error> {
        let archive = self.as_npz();
        let member = archive.get(name).map_err(npmeta::Error::from);
        let value = member.and_then(|member| {
            let value = member_value(&member, self.pickles.as_ref(), &self.read);
            value.map_err(|error| error.with_key(member.name()))
        });
        value.map_err(|error| Error::new(&self.path, error))
    }

    /// The metadata of the archive and its format; `None` if it has none. Pickles are read only with
    /// [`LoadOptions::allow_pickle`].
    ///
    /// # Errors
    /// As [`Options::read`].
    pub fn metadata(&self) -> Result<Option<Metadata>, Error> {
        self.metadata_with(&Options::new())
    }

    /// As [`metadata`](Archive::metadata), under other names.
    ///
    /// # Errors
    /// As [`Options::read`].
    pub fn metadata_with(&self, options: &Options) -> Result<Option<Metadata>, Error> {
        let found = self.metadata_options(options).read(self.as_npz());
        found.map_err(|error| Error::new(&self.path, error))
    }

    /// The value of one key of the metadata; `None` if there is none. Errors of other items do not matter.
    ///
    /// # Errors
    /// As [`Options::get`].
    pub fn metadata_value(&self, options: &Options, key: &str) -> Result<Option<Value>, Error> {
        let found = self.metadata_options(options).get(self.as_npz(), key);
        found.map_err(|error| Error::new(&self.path, error))
    }

    fn metadata_options(&self, options: &Options) -> Options {
        match &self.pickles {
            Some(pickles) => options.clone().pickles(pickles.clone()),
            None => options.clone(),
        }
    }
}
