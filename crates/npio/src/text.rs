//! NumPy's `fromfile` and `tofile` with `sep`, `fromstring`, `loadtxt`, `genfromtxt` and `savetxt`.

use crate::compressed::{Decoder, MAX_ROW_BYTES};
use crate::error::Error;
use crate::load::LoadOptions;
use crate::save::SaveOptions;
use crate::to_strided::ToStrided;
use flatfile::dtype::DType;
use flatfile::text::{ReadOptions, Separator, WriteOptions, table};
use flatfile::{Array, CowStrided, Error as FlatError, ReadAt, Reader, raw};
use std::io::{Cursor, Read, Write};
use std::path::Path;

/// The number of bytes that identify a file of another format.
const FIRST_BYTES: u64 = 8;

/// Loads items from a text with a separator between them, as NumPy's `fromfile` with `sep`, but strictly:
/// see [`flatfile::text`].
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.txt");
/// use npio::{Array, DType};
/// npio::tofile_sep(&path, &Array::from_slice(&[0.1, 2.0], [2])?, ", ")?;
/// assert_eq!(std::fs::read_to_string(&path).unwrap(), "0.1, 2.0");
/// assert_eq!(npio::fromfile_sep(&path, DType::F64, ",")?.to_vec::<f64>()?, [0.1, 2.0]);
///
/// let error = npio::fromfile_sep(&path, DType::I64, ",").unwrap_err().to_string();
/// assert!(error.ends_with("line 1, column 2 (byte 1), item 1: expected the separator ',', found '.1'"));
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that is not there, cannot be read, is of another format, or is not such a text.
pub fn fromfile_sep(path: impl AsRef<Path>, dtype: DType, separator: &str) -> Result<Array, Error> {
    LoadOptions::new().fromfile_sep(path, dtype, separator)
}

/// The items in a text, as NumPy's `fromstring` gives them, but strictly.
///
/// ```
/// let x = npio::fromstring("1 2 3", npio::DType::U8, " ")?;
/// assert_eq!(x.as_bytes(), [1, 2, 3]);
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A text that holds something else.
pub fn fromstring(text: &str, dtype: DType, separator: &str) -> Result<Array, Error> {
    Ok(flatfile::text::read(text.as_bytes(), dtype, separator)?)
}

/// Saves the items of an array as text with a separator between them, as NumPy's `tofile` with `sep` does.
/// The file is replaced atomically, as by [`save`](crate::save).
///
/// # Errors
/// As [`save`](crate::save).
pub fn tofile_sep(
    path: impl AsRef<Path>,
    array: impl ToStrided,
    separator: &str,
) -> Result<(), Error> {
    SaveOptions::new().tofile_sep(path, array, separator)
}

/// Loads a table, a row a line, as NumPy's `loadtxt` does: see [`flatfile::text::table`]. A
/// [`compressed`](crate::compressed) file is decompressed.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.txt");
/// use npio::{Array, DType};
/// npio::savetxt(&path, &Array::from_slice(&[1.0, 2.0, 3.0, 4.5], [2, 2])?)?;
/// assert_eq!(npio::loadtxt(&path, DType::F64)?.to_string(), "[[1.  2. ]\n [3.  4.5]]");
/// # Ok::<(), npio::Error>(())
/// ```
///
/// # Errors
/// A file that is not there, cannot be read, is of another format, or is not such a table.
pub fn loadtxt(path: impl AsRef<Path>, dtype: DType) -> Result<Array, Error> {
    LoadOptions::new().loadtxt(path, dtype)
}

/// Loads a table of which fields may be missing, as NumPy's `genfromtxt` does: empty fields are NaN, NaT, or the
/// [filling value](table::ReadOptions::filling_values). Without a dtype, the fields of each column decide its type.
///
/// Unlike NumPy it makes nothing up: a field that is not a number is an error unless it is one of the
/// [missing values](table::ReadOptions::missing_values), and so is a missing integer without a filling value;
/// [`loose`](table::ReadOptions::loose) is NumPy's way.
///
/// ```
/// # let folder = tempfile::tempdir().unwrap();
/// # let path = folder.path().join("x.csv");
/// use npio::{DType, LoadOptions, flatfile::text::table};
/// std::fs::write(&path, "name,length,caught\ncod,90.5,2020-01-02\neel,NA,2021-05-06\n")?;
/// let csv = table::ReadOptions::csv().names().missing_values(["NA"]);
/// let fish = LoadOptions::new().table(csv).genfromtxt(&path, None)?;
/// assert_eq!(fish.to_string(), "[('cod', 90.5, '2020-01-02') ('eel',  nan, '2021-05-06')]");
/// assert_eq!(fish.field("length")?.dtype(), &DType::F64);
///
/// std::fs::write(&path, "1 2\n3 4\n")?;
/// assert_eq!(npio::genfromtxt(&path, DType::F32)?.to_vec::<f32>()?, [1.0, 2.0, 3.0, 4.0]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # Errors
/// As [`loadtxt`].
pub fn genfromtxt(path: impl AsRef<Path>, dtype: impl Into<Option<DType>>) -> Result<Array, Error> {
    LoadOptions::new().genfromtxt(path, dtype)
}

/// Saves an array of one axis or two as a table, a row a line, as NumPy's `savetxt` does (in `%.18e`, with
/// spaces between columns). The file is replaced atomically, and compressed if its name says so, as by
/// [`save`](crate::save).
///
/// # Errors
/// As [`save`](crate::save); an array of another shape.
pub fn savetxt(path: impl AsRef<Path>, array: impl ToStrided) -> Result<(), Error> {
    SaveOptions::new().savetxt(path, array)
}

/// An open file of text.
struct OpenText {
    /// The text, decompressed and decoded.
    source: Box<dyn Read>,
    /// Its length in bytes, if that is known.
    length: Option<u64>,
    is_compressed: bool,
}

impl LoadOptions {
    /// How [`fromfile_sep`](LoadOptions::fromfile_sep) reads: the number of items, or NumPy's leniency.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.txt");
    /// # std::fs::write(&path, "1,2,3").unwrap();
    /// use npio::{DType, LoadOptions, flatfile::text};
    /// let two = LoadOptions::new().text(text::ReadOptions::new().count(2));
    /// assert_eq!(two.fromfile_sep(&path, DType::F64, ",")?.shape(), [2]);
    /// # Ok::<(), npio::Error>(())
    /// ```
    #[must_use]
    pub fn text(mut self, options: ReadOptions) -> LoadOptions {
        self.text = options;
        self
    }

    /// How [`loadtxt`](LoadOptions::loadtxt) reads: the delimiter, comments, columns, names.
    #[must_use]
    pub fn table(mut self, options: table::ReadOptions) -> LoadOptions {
        self.table = options;
        self
    }

    /// See [`fromfile_sep`]. The array is converted after it was read: a cast or another order takes a second array.
    ///
    /// # Errors
    /// As [`fromfile_sep`].
    pub fn fromfile_sep(
        &self,
        path: impl AsRef<Path>,
        dtype: DType,
        separator: &str,
    ) -> Result<Array, Error> {
        let path = path.as_ref();
        let load = || {
            let separator = Separator::new(separator)?;
            let text = self.open_text(path)?;
            let length = text.length.into_iter();
            let options = length.fold(self.text.clone(), ReadOptions::text_bytes);
            self.converted(options.read(text.source, dtype, &separator)?)
        };
        load().map_err(|error| Error::new(path, error))
    }

    /// See [`loadtxt`]. The array is converted after it was read: a cast or another order takes a second array.
    ///
    /// # Errors
    /// As [`loadtxt`].
    pub fn loadtxt(&self, path: impl AsRef<Path>, dtype: DType) -> Result<Array, Error> {
        self.load_table(path.as_ref(), &self.table, Some(dtype))
    }

    /// See [`genfromtxt`]. The array is converted after it was read: a cast or another order takes a second array.
    ///
    /// # Errors
    /// As [`genfromtxt`].
    pub fn genfromtxt(
        &self,
        path: impl AsRef<Path>,
        dtype: impl Into<Option<DType>>,
    ) -> Result<Array, Error> {
        let table = self.table.clone().missing_values([""; 0]);
        self.load_table(path.as_ref(), &table, dtype.into())
    }

    fn load_table(
        &self,
        path: &Path,
        options: &table::ReadOptions,
        dtype: Option<DType>,
    ) -> Result<Array, Error> {
        let load = || {
            let text = self.open_text(path)?;
            let mut options = options.clone();
            if let Some(length) = text.length {
                options = options.text_bytes(length);
            }
            if text.is_compressed && options.row_limit().is_none() {
                options = options.max_row_bytes(MAX_ROW_BYTES);
            }
            let file = text.source;
            self.converted(match dtype {
                Some(dtype) => options.read(file, dtype)?,
                None => options.read_inferred(file)?,
            })
        };
        load().map_err(|error| Error::new(path, error))
    }

    /// The encoding of text; by default it is UTF-8, or UTF-16 if it begins with a byte order mark of that. In the
    /// default, texts in the fields of `S` may be any bytes; with an encoding anything that is not text in it is an error.
    /// Positions in other errors are those in the text as UTF-8.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.csv");
    /// use npio::{DType, LoadOptions, encoding::Encoding};
    /// std::fs::write(&path, b"caf\xe9\n")?;
    /// let latin = LoadOptions::new().encoding(Encoding::LATIN_1);
    /// assert_eq!(latin.loadtxt(&path, "<U4".parse()?)?.to_string(), "['café']");
    /// let ascii = LoadOptions::new().encoding("ascii".parse()?);
    /// let error = ascii.loadtxt(&path, "<U4".parse()?).unwrap_err().to_string();
    /// assert!(error.ends_with("byte 3: expected text in the encoding ascii, found something else"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "encoding")]
    #[must_use]
    pub fn encoding(mut self, encoding: crate::encoding::Encoding) -> LoadOptions {
        self.encoding = Some(encoding);
        self
    }

    /// A file that may be text.
    fn open_text(&self, path: &Path) -> Result<OpenText, FlatError> {
        let file = self.open_file(path)?;
        let (is_regular, length) = (file.is_regular()?, file.len()?);
        let mut stream = Decoder::in_file(file.into_stream(), path)?;
        let is_compressed = stream.format().is_some();
        let is_plain = is_regular && !is_compressed;
        let mut first = Vec::new();
        stream.by_ref().take(FIRST_BYTES).read_to_end(&mut first)?;
        raw::check_first_bytes(&first)?;
        let text = self.decoded(Cursor::new(first).chain(stream))?;
        #[cfg(feature = "encoding")]
        let is_plain = is_plain && text.is_plain();
        Ok(OpenText {
            source: Box::new(text),
            length: is_plain.then_some(length),
            is_compressed,
        })
    }

    /// As UTF-8.
    #[cfg(feature = "encoding")]
    fn decoded<R: Read>(&self, text: R) -> Result<crate::encoding::Decoder<R>, FlatError> {
        use crate::encoding::Decoder;
        Ok(match self.encoding {
            Some(encoding) => Decoder::new(text, encoding)?,
            None => Decoder::detect(text)?,
        })
    }

    #[cfg(not(feature = "encoding"))]
    fn decoded<R: Read>(&self, text: R) -> Result<R, FlatError> {
        Ok(text)
    }

    /// The array, with the conversion that is asked for.
    fn converted(&self, array: Array) -> Result<Array, FlatError> {
        let (layout, bytes) = array.into_parts();
        self.read.apply(Reader::raw(bytes, layout, 0))?.read()
    }
}

impl SaveOptions {
    /// How [`tofile_sep`](SaveOptions::tofile_sep) writes: the format.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.txt");
    /// use npio::{Array, SaveOptions, flatfile::text};
    /// let x = Array::from_slice(&[1, 20], [2])?;
    /// let wide = SaveOptions::new().text(text::WriteOptions::new().format("%3d".parse()?));
    /// wide.tofile_sep(&path, &x, ";")?;
    /// assert_eq!(std::fs::read_to_string(&path).unwrap(), "  1; 20");
    /// # Ok::<(), npio::Error>(())
    /// ```
    #[must_use]
    pub fn text(mut self, options: WriteOptions) -> SaveOptions {
        self.text = options;
        self
    }

    /// How [`savetxt`](SaveOptions::savetxt) writes: formats, the delimiter, the header.
    #[must_use]
    pub fn table(mut self, options: table::WriteOptions) -> SaveOptions {
        self.table = options;
        self
    }

    /// See [`tofile_sep`]. A cast takes a second array; byte order and memory order make no difference to text, which is
    /// in C order.
    ///
    /// # Errors
    /// As [`tofile_sep`].
    pub fn tofile_sep(
        &self,
        path: impl AsRef<Path>,
        array: impl ToStrided,
        separator: &str,
    ) -> Result<(), Error> {
        let path = path.as_ref();
        let save = || {
            let array = self.cast(array.to_strided()?)?;
            self.text.check(array.strided().dtype())?;
            self.replace_text(path, |target| self.text.write(target, &array, separator))
        };
        save().map_err(|error: FlatError| Error::new(path, error))
    }

    /// See [`savetxt`]. A cast takes a second array; byte order and memory order make no difference to text.
    ///
    /// # Errors
    /// As [`savetxt`].
    pub fn savetxt(&self, path: impl AsRef<Path>, array: impl ToStrided) -> Result<(), Error> {
        let path = path.as_ref();
        let save = || {
            let array = self.cast(array.to_strided()?)?;
            self.table.check(&array)?;
            self.replace_text(path, |target| self.table.write(target, &array))
        };
        save().map_err(|error: FlatError| Error::new(path, error))
    }

    /// The encoding of text; by default UTF-8. A character that the encoding does not have is an error, after which the
    /// old file is still there.
    ///
    /// ```
    /// # let folder = tempfile::tempdir().unwrap();
    /// # let path = folder.path().join("x.txt");
    /// use npio::{Array, SaveOptions, encoding::Encoding, flatfile::text::table};
    /// let table = table::WriteOptions::new().format("%d");
    /// let save = SaveOptions::new().table(table).encoding(Encoding::UTF_16);
    /// save.savetxt(&path, &Array::from_slice(&[1, 2], [2])?)?;
    /// assert_eq!(std::fs::read(&path)?, b"\xff\xfe1\0\n\x002\0\n\0");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(feature = "encoding")]
    #[must_use]
    pub fn encoding(mut self, encoding: crate::encoding::Encoding) -> SaveOptions {
        self.encoding = Some(encoding);
        self
    }

    /// Replaces a file of text, which is encoded and compressed.
    fn replace_text(
        &self,
        path: &Path,
        write: impl FnOnce(&mut dyn Write) -> Result<(), FlatError>,
    ) -> Result<(), FlatError> {
        self.replace_compressed(path, |target| {
            #[cfg(feature = "encoding")]
            if let Some(encoding) = self.encoding {
                let mut encoder = crate::encoding::Encoder::new(target, encoding);
                write(&mut encoder)?;
                encoder.finish()?;
                return Ok(());
            }
            write(target)
        })
    }

    /// The items, cast if that is asked for.
    fn cast<'a>(&self, items: CowStrided<'a>) -> Result<CowStrided<'a>, FlatError> {
        let conversion = self.write.as_conversion();
        if conversion.requested_dtype().is_none() {
            return Ok(items);
        }
        Ok(conversion.apply(&items.strided())?.into())
    }
}
