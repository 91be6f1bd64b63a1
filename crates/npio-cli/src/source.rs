//! The kind of a file, and the array in it.

use crate::address::{Address, ErrorContext, FileArg};
use crate::args::InputFormat;
use crate::interrupt::{self, cancellable};
use crate::output::{escaped, library_message};
use crate::text;
use anyhow::ensure;
use clap::ValueEnum;
use npio::compressed::{self, Format, inner_name};
use npio::dtype::python::excerpt;
use npio::encoding::{Decoder, Encoding};
use npio::flatfile::{Conversion, FieldIndex, read_exact_at};
use npio::header::known_format;
use npio::npz::Archive;
use npio::safetensors::{SafeTensors, is_safetensors};
use npio::{DType, FileKind, LongDouble, RandomAccessFile, RawLayout, ReadAt, layout_in_name};
use std::fmt;
use std::io::{self, Cursor, Read};
use std::path::Path;

/// The number of bytes that determine how an input is compressed, and what it is.
const FIRST_BYTES: u64 = 10;

/// The number of bytes of a file that determine whether it is a text. A stream may have no more for a long time.
const FIRST_BYTES_OF_FILE: u64 = 4 << 10;

/// The user's description of an input: its address, and its layout if it is raw.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) name: FileArg,
    pub(crate) member: Option<String>,
    pub(crate) raw: Option<RawLayout>,
    pub(crate) text: text::TextInput,
    /// The format of long doubles, if the user states it.
    pub(crate) longdouble: Option<LongDouble>,
    /// The dtype of items whose file states another one.
    pub(crate) as_dtype: Option<DType>,
    /// The fields that are read of records.
    pub(crate) fields: Option<FieldIndex>,
    /// Whether arrays of objects are read from their pickles.
    pub(crate) allow_pickle: bool,
    /// Whether only the last of several members with the same name counts.
    pub(crate) last_of_duplicates: bool,
    /// Whether the whole rows of a `.npy` that was cut off are read.
    pub(crate) salvage: bool,
}

impl Input {
    pub(crate) fn new(address: &Address, raw: Option<RawLayout>, text: text::TextInput) -> Input {
        let Address { name, member } = address.clone();
        Input {
            member,
            raw,
            text,
            ..Input::file(&name)
        }
    }

    /// The file of this name, without a description.
    pub(crate) fn file(name: &FileArg) -> Input {
        Input {
            name: name.clone(),
            member: None,
            raw: None,
            text: text::TextInput::default(),
            longdouble: None,
            as_dtype: None,
            fields: None,
            allow_pickle: false,
            last_of_duplicates: false,
            salvage: false,
        }
    }

    /// How items that are only copied are read: as they are, if nothing is stated.
    pub(crate) fn copy_conversion(&self) -> Conversion {
        let longdouble = self.longdouble.into_iter();
        longdouble.fold(Conversion::new(), Conversion::longdouble)
    }

    /// How items whose values matter are read: if nothing is stated, they are checked.
    pub(crate) fn value_conversion(&self) -> Conversion {
        let longdouble = self.longdouble.unwrap_or(LongDouble::Checked);
        Conversion::new().longdouble(longdouble)
    }

    /// Opens it according to its kind.
    pub(crate) fn open(&self) -> anyhow::Result<InputSource> {
        let source = OpenInput::new(self).and_then(OpenInput::source);
        source.map_err(|error| error.in_file(&self.name))
    }
}

/// The address, as it is written at the command line, safe for a terminal.
impl fmt::Display for Input {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.member {
            Some(member) => write!(f, "{}::{}", self.name, escaped(member)),
            None => self.name.fmt(f),
        }
    }
}

impl ErrorContext for Input {
    fn error(&self, message: impl fmt::Display) -> anyhow::Error {
        match &self.member {
            Some(member) => {
                let member = excerpt(member);
                self.name.error(format_args!("member {member}: {message}"))
            }
            None => self.name.error(message),
        }
    }
}

/// A message about a file, on one line, without its name.
#[derive(Debug)]
pub(crate) struct InputError {
    pub(crate) message: String,
    /// Whether the system failed, rather than the file.
    pub(crate) is_io: bool,
}

impl InputError {
    pub(crate) fn new(text: impl Into<String>) -> InputError {
        let (message, is_io) = (text.into(), false);
        InputError { message, is_io }
    }

    /// The input is one file, or the arrays in it are counted.
    pub(crate) fn no_member(member: &str) -> InputError {
        let member = excerpt(member);
        InputError::new(format!("not an archive, so it has no member {member}"))
    }

    pub(crate) fn in_file(&self, name: &FileArg) -> anyhow::Error {
        name.error(&self.message)
    }
}

/// The facade's error includes the text of the layers below.
impl<E: Into<npio::Error>> From<E> for InputError {
    fn from(error: E) -> InputError {
        let error = error.into();
        InputError {
            message: library_message(&error),
            is_io: error.io_error().is_some(),
        }
    }
}

/// The kind of a file.
#[derive(Clone, Debug)]
pub(crate) enum InputKind {
    Npy,
    Npz,
    SafeTensors,
    Raw(RawLayout),
    /// With this delimiter in tables, or else white space.
    Text(Option<char>),
    Json,
    /// An unknown kind: reading it is an error.
    Unknown,
}

/// Determines the kind of an input: from the user, then its first bytes, then its name. The user's
/// description of raw items applies to a text if the name is that of one.
fn detect_kind(input: &Input, first: &[u8], is_file: bool) -> Result<InputKind, InputError> {
    let path = &*inner_name(input.name.path());
    let raw = || input.raw.clone().map(InputKind::Raw);
    if let Some(format) = input.text.args.from {
        let name = format.to_possible_value();
        return Ok(match format {
            InputFormat::Npy => InputKind::Npy,
            InputFormat::Npz => InputKind::Npz,
            InputFormat::Safetensors => InputKind::SafeTensors,
            InputFormat::Json => InputKind::Json,
            InputFormat::Raw => match (raw(), layout_in_name(path)) {
                (Some(raw), _) => raw,
                (None, Some(layout)) => InputKind::Raw(layout.into()),
                (None, None) => return Err(InputError::new("raw items need --in-dtype")),
            },
            InputFormat::Txt | InputFormat::Csv | InputFormat::Tsv => {
                let name = name.as_ref().map_or("", |name| name.get_name());
                InputKind::Text(text::delimiter(name).flatten())
            }
        });
    }
    let text = if input.name.is_stdio() {
        input.text.separator.as_ref().map(|_| InputKind::Text(None))
    } else {
        text_kind(path)
    };
    if let Some(kind) = text
        && known_format(first).is_none()
        && layout_in_name(path).is_none()
    {
        return Ok(kind);
    }
    if let Some(raw) = raw() {
        if looks_like_numbers(first) {
            return Err(InputError::new(
                "it looks like a text of numbers, not like raw items: state --from txt or --from raw",
            ));
        }
        return Ok(raw);
    }
    Ok(match FileKind::of(first, path) {
        FileKind::Npz => InputKind::Npz,
        FileKind::Npy => InputKind::Npy,
        FileKind::Raw(layout) if is_file => InputKind::Raw(layout.into()),
        _ if is_safetensors(first)
            || path.extension().is_some_and(|suffix| suffix == SAFETENSORS) =>
        {
            InputKind::SafeTensors
        }
        _ => InputKind::Unknown,
    })
}

/// The suffix of files of safetensors.
pub(crate) const SAFETENSORS: &str = "safetensors";

/// Whether bytes are the digits, signs, points and white space of a text of numbers, which raw items hardly ever are.
fn looks_like_numbers(first: &[u8]) -> bool {
    let is_number = |byte: &u8| byte.is_ascii_digit() || b"+-.eE".contains(byte);
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || b",;".contains(byte);
    first.iter().any(u8::is_ascii_digit)
        && first.iter().any(is_between)
        && first.iter().all(|byte| is_number(byte) || is_between(byte))
}

/// The kind of text in this file, if its name is that of a text.
fn text_kind(path: &Path) -> Option<InputKind> {
    match path.extension()?.to_str()? {
        "json" => Some(InputKind::Json),
        suffix => text::delimiter(suffix).map(InputKind::Text),
    }
}

const INTERRUPTED: &str = "an update in place was interrupted, or is under way: npio verify --repair restores the archive \
                           as it was before";

/// Without a folder's own name, which is before it.
const FOLDER: &str = "a folder: npio ls lists its arrays, info, stats, verify, hash and find take it with -r, and others \
                      need its files, as in DIR/*.npy";

/// An input whose first bytes have been read.
pub(crate) struct OpenInput {
    name: FileArg,
    /// Whether it is a regular file, which can be opened again; standard input and named pipes cannot.
    pub(crate) is_regular: bool,
    pub(crate) kind: InputKind,
    /// How all of it is compressed.
    pub(crate) compression: Option<InputCompression>,
    data: ByteSource,
    encoding: Option<Encoding>,
    last_of_duplicates: bool,
    /// Whether a `.npy` is read in another order than that of its bytes.
    seeks: bool,
}

/// The format of a compressed input, and its length, if it is a regular file.
#[derive(Clone, Copy, Debug)]
pub(crate) struct InputCompression {
    pub(crate) format: Format,
    pub(crate) bytes: Option<u64>,
}

/// Regular files are read at positions, others sequentially.
enum ByteSource {
    File(RandomAccessFile),
    Stream(Box<dyn Read + Send>),
}

impl ByteSource {
    /// All of it, sequentially.
    fn into_stream(self) -> Box<dyn Read + Send> {
        match self {
            ByteSource::File(file) => Box::new(file.into_stream()),
            ByteSource::Stream(stream) => stream,
        }
    }

    /// The same, decompressed if these first bytes say so, which become those of what is in it.
    fn decompressed(
        self,
        first: &mut Vec<u8>,
        path: &Path,
    ) -> Result<(ByteSource, Option<InputCompression>), InputError> {
        if !compressed::is_compressed(first, path) {
            return Ok((self, None));
        }
        let bytes = match &self {
            ByteSource::File(file) => Some(file.len().map_err(io_input_error)?),
            ByteSource::Stream(_) => None,
        };
        let stream = compressed::Decoder::in_file(self.into_stream(), path);
        let mut stream = stream.map_err(io_input_error)?;
        let format = stream.format();
        first.clear();
        read_first(&mut stream, FIRST_BYTES, first)?;
        let stream = Cursor::new(first.clone()).chain(stream);
        let compression = format.map(|format| InputCompression { format, bytes });
        Ok((ByteSource::Stream(Box::new(stream)), compression))
    }

    /// All of a text, as UTF-8.
    fn into_text(self, encoding: Option<Encoding>) -> Result<Box<dyn Read + Send>, InputError> {
        let stream = self.into_stream();
        let text = match encoding {
            Some(encoding) => Decoder::new(stream, encoding),
            None => Decoder::detect(stream),
        };
        Ok(Box::new(text.map_err(io_input_error)?))
    }

    /// A regular file with all of it.
    fn into_file(self) -> io::Result<RandomAccessFile> {
        match self {
            ByteSource::File(file) => Ok(file),
            ByteSource::Stream(mut stream) => {
                let mut file = tempfile::tempfile()?;
                io::copy(&mut stream, &mut file)?;
                Ok(RandomAccessFile::from(file).cancelled_by(interrupt::token()))
            }
        }
    }
}

impl OpenInput {
    pub(crate) fn new(input: &Input) -> Result<OpenInput, InputError> {
        let opened = if input.name.is_stdio() {
            None
        } else {
            if input.name.path().is_dir() {
                return Err(InputError::new(FOLDER));
            }
            Some(input.name.open().map_err(io_input_error)?)
        };
        let mut first = Vec::new();
        let data = match opened {
            Some(file) if file.is_regular().map_err(io_input_error)? => {
                first = read_first_of_file(&file).map_err(io_input_error)?;
                ByteSource::File(file)
            }
            stream => {
                let mut stream: Box<dyn Read + Send> = match stream {
                    Some(file) => Box::new(file.into_stream()),
                    None => Box::new(cancellable(io::stdin())),
                };
                read_first(&mut stream, FIRST_BYTES, &mut first)?;
                ByteSource::Stream(Box::new(Cursor::new(first.clone()).chain(stream)))
            }
        };
        let is_regular = matches!(data, ByteSource::File(_));
        let (data, compression) = data.decompressed(&mut first, input.name.path())?;
        let kind = detect_kind(input, &first, is_regular)?;
        check_options(input, &kind)?;
        Ok(OpenInput {
            name: input.name.clone(),
            is_regular,
            kind,
            compression,
            data,
            encoding: input.text.args.encoding,
            last_of_duplicates: input.last_of_duplicates,
            // Only its end tells how many rows are there, and that of a pickle where an array of objects ends.
            seeks: input.salvage || input.allow_pickle,
        })
    }

    /// The length of a regular file that is not compressed.
    pub(crate) fn length(&self) -> Result<Option<u64>, InputError> {
        match &self.data {
            ByteSource::File(file) => Ok(Some(file.len().map_err(io_input_error)?)),
            ByteSource::Stream(_) => Ok(None),
        }
    }

    /// How its bytes are stored, as a word.
    pub(crate) fn storage(&self) -> String {
        match self.compression {
            Some(InputCompression { format, .. }) => format.to_string(),
            None => "plain".to_owned(),
        }
    }

    pub(crate) fn source(self) -> Result<InputSource, InputError> {
        match self.kind {
            InputKind::Raw(format) => {
                let file = self.data.into_file().map_err(io_input_error)?;
                Ok(InputSource::Raw(file, format))
            }
            InputKind::Text(delimiter) => {
                let is_compressed = self.compression.is_some();
                let stream = self.data.into_text(self.encoding)?;
                Ok(InputSource::Text(TextStream {
                    stream,
                    delimiter,
                    is_compressed,
                }))
            }
            InputKind::Json => Ok(InputSource::Json(self.data.into_text(self.encoding)?)),
            InputKind::Npz => {
                let file = self.data.into_file().map_err(io_input_error)?;
                let archive = Archive::new(file).map_err(|error| {
                    let error = InputError::from(error);
                    if !error.is_io && npio::is_interrupted(self.name.path()) {
                        return InputError::new(INTERRUPTED);
                    }
                    error
                })?;
                Ok(InputSource::Archive(if self.last_of_duplicates {
                    archive.last_of_duplicates()
                } else {
                    archive
                }))
            }
            InputKind::SafeTensors => {
                let file = self.data.into_file().map_err(io_input_error)?;
                Ok(InputSource::SafeTensors(SafeTensors::new(file)?))
            }
            InputKind::Npy | InputKind::Unknown => Ok(match self.data {
                ByteSource::File(file) => InputSource::File(file),
                ByteSource::Stream(_) if self.seeks => {
                    InputSource::File(self.data.into_file().map_err(io_input_error)?)
                }
                ByteSource::Stream(stream) => InputSource::Stream(stream),
            }),
        }
    }

    /// A regular file with all of it, whatever its kind.
    pub(crate) fn into_file(self) -> Result<RandomAccessFile, InputError> {
        self.data.into_file().map_err(io_input_error)
    }
}

/// An error if standard input is to be read twice: it ends once.
pub(crate) fn check_one_stdin<'i>(inputs: impl Iterator<Item = &'i Input>) -> anyhow::Result<()> {
    let count = inputs.filter(|input| input.name.is_stdio()).count();
    ensure!(count < 2, "-: standard input can be read only once");
    Ok(())
}

/// An error if the user says something of the items that is not for this kind of file.
fn check_options(input: &Input, kind: &InputKind) -> Result<(), InputError> {
    let text = &input.text;
    let is_text = matches!(kind, InputKind::Text(_) | InputKind::Json);
    match text.option_of_raw {
        Some(option) if is_text => Err(InputError::new(format!(
            "{option} is for raw items, and this is text: state --from raw if it is not"
        ))),
        _ if !is_text && text.shape.is_some() && text.dtype.is_none() => Err(InputError::new(
            "--in-shape is for text, and with --in-dtype for raw items",
        )),
        _ => Ok(()),
    }
}

fn read_first_of_file(file: &RandomAccessFile) -> io::Result<Vec<u8>> {
    let mut first = vec![0; file.len()?.min(FIRST_BYTES_OF_FILE) as usize];
    read_exact_at(file, &mut first, 0)?;
    Ok(first)
}

fn read_first(source: &mut impl Read, count: u64, first: &mut Vec<u8>) -> Result<(), InputError> {
    // Otherwise a small file takes many reads.
    first.reserve(count as usize);
    let read = source.take(count).read_to_end(first);
    read.map(drop).map_err(io_input_error)
}

/// The system's message.
pub(crate) fn io_input_error(error: io::Error) -> InputError {
    npio::flatfile::Error::from(error).into()
}

/// Text as UTF-8.
pub(crate) struct TextStream {
    pub(crate) stream: Box<dyn Read + Send>,
    /// The delimiter of tables, or else white space.
    pub(crate) delimiter: Option<char>,
    pub(crate) is_compressed: bool,
}

/// An open input, by its kind.
pub(crate) enum InputSource {
    /// A `.npy` in a regular file.
    File(RandomAccessFile),
    /// A `.npy` in a stream.
    Stream(Box<dyn Read + Send>),
    /// Raw items.
    Raw(RandomAccessFile, RawLayout),
    Text(TextStream),
    Json(Box<dyn Read + Send>),
    Archive(Archive<RandomAccessFile>),
    SafeTensors(SafeTensors<RandomAccessFile>),
}

impl InputSource {
    /// The length of the whole input, unless it is a stream.
    pub(crate) fn length(&self) -> Result<Option<u64>, InputError> {
        let file = match self {
            InputSource::File(file) | InputSource::Raw(file, _) => file,
            InputSource::Archive(archive) => archive.source(),
            InputSource::SafeTensors(file) => file.source(),
            InputSource::Stream(_) | InputSource::Text(_) | InputSource::Json(_) => {
                return Ok(None);
            }
        };
        file.len().map(Some).map_err(io_input_error)
    }

    /// A regular file with all of the input.
    pub(crate) fn into_file(self) -> Result<RandomAccessFile, InputError> {
        match self {
            InputSource::File(file) | InputSource::Raw(file, _) => Ok(file),
            InputSource::Stream(stream)
            | InputSource::Text(TextStream { stream, .. })
            | InputSource::Json(stream) => ByteSource::Stream(stream)
                .into_file()
                .map_err(io_input_error),
            InputSource::Archive(archive) => Ok(archive.into_source()),
            InputSource::SafeTensors(file) => Ok(file.into_source()),
        }
    }
}
