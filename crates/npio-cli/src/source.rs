//! The kind of a file, and the array in it.

use crate::address::{Address, Name};
use crate::interrupt::{self, until};
use crate::output::escaped;
use crate::text;
use npio::dtype::python::quoted;
use npio::flatfile::Conversion;
use npio::header::known_format;
use npio::npz::Archive;
use npio::{FileKind, LongDouble, RandomAccessFile, RawLayout, ReadAt, layout_in_name};
use std::fmt;
use std::fs::File;
use std::io::{self, Cursor, Read, Seek};

/// The user's description of an input: its address, and its layout if it is raw.
#[derive(Clone, Debug)]
pub(crate) struct Input {
    pub(crate) name: Name,
    pub(crate) member: Option<String>,
    pub(crate) raw: Option<RawLayout>,
    pub(crate) text: text::Input,
    /// The format of long doubles, if the user states it.
    pub(crate) longdouble: Option<LongDouble>,
}

impl Input {
    pub(crate) fn new(address: &Address, raw: Option<RawLayout>, text: text::Input) -> Input {
        let Address { name, member } = address.clone();
        Input {
            name,
            member,
            raw,
            text,
            longdouble: None,
        }
    }

    /// The file of this name, without a description.
    pub(crate) fn file(name: &Name) -> Input {
        Input {
            name: name.clone(),
            member: None,
            raw: None,
            text: text::Input::default(),
            longdouble: None,
        }
    }

    /// How items that are only copied are read: as they are, if nothing is stated.
    pub(crate) fn reading(&self) -> Conversion {
        let longdouble = self.longdouble.into_iter();
        longdouble.fold(Conversion::new(), Conversion::longdouble)
    }

    /// How items whose values matter are read: if nothing is stated, they are checked.
    pub(crate) fn checking(&self) -> Conversion {
        let longdouble = self.longdouble.unwrap_or(LongDouble::Checked);
        Conversion::new().longdouble(longdouble)
    }

    /// A message about its array, on one line.
    pub(crate) fn complaint(&self, error: impl fmt::Display) -> anyhow::Error {
        match &self.member {
            Some(member) => {
                let member = quoted(member);
                self.name
                    .complaint(format_args!("member {member}: {error}"))
            }
            None => self.name.complaint(error),
        }
    }

    /// Opens it according to its kind.
    pub(crate) fn open(&self) -> anyhow::Result<Source> {
        let source = Opened::new(self).and_then(Opened::source);
        source.map_err(|problem| problem.of(&self.name))
    }
}

/// A message about a file, on one line, without its name.
#[derive(Debug)]
pub(crate) struct Problem {
    pub(crate) text: String,
    /// Whether the system failed, rather than the file.
    pub(crate) is_io: bool,
}

impl Problem {
    pub(crate) fn new(text: impl Into<String>) -> Problem {
        let (text, is_io) = (text.into(), false);
        Problem { text, is_io }
    }

    pub(crate) fn of(&self, name: &Name) -> anyhow::Error {
        name.complaint(&self.text)
    }
}

/// The facade's error includes the text of the layers below.
impl<E: Into<npio::Error>> From<E> for Problem {
    fn from(error: E) -> Problem {
        let error = error.into();
        Problem {
            text: escaped(&error.to_string()),
            is_io: error.io_error().is_some(),
        }
    }
}

/// The kind of a file.
#[derive(Clone, Debug)]
pub(crate) enum Kind {
    Npy,
    Npz,
    Raw(RawLayout),
    /// With this delimiter in tables, or else white space.
    Text(Option<char>),
    Json,
    /// An unknown kind: reading it is an error.
    Unknown,
}

/// Determines the kind of an input: from the user, then its first bytes, then its name. The user's
/// description of raw items applies to a text if the name is that of one.
fn kind(input: &Input, first: &[u8], is_file: bool) -> Kind {
    let text = if input.name.is_stdio() {
        input.text.separator.as_ref().map(|_| Kind::Text(None))
    } else {
        text_kind(&input.name)
    };
    if let Some(kind) = text
        && known_format(first).is_none()
        && layout_in_name(input.name.path()).is_none()
    {
        return kind;
    }
    if let Some(format) = &input.raw {
        return Kind::Raw(format.clone());
    }
    match FileKind::of(first, input.name.path()) {
        FileKind::Npz => Kind::Npz,
        FileKind::Npy => Kind::Npy,
        FileKind::Raw(layout) if is_file => Kind::Raw(layout.into()),
        _ => Kind::Unknown,
    }
}

/// The kind of text in this file, if its name is that of a text.
fn text_kind(name: &Name) -> Option<Kind> {
    match name.path().extension()?.to_str()? {
        "json" => Some(Kind::Json),
        suffix => text::delimiter(suffix).map(Kind::Text),
    }
}

/// An input whose first bytes have been read.
pub(crate) struct Opened {
    pub(crate) kind: Kind,
    data: Data,
}

/// Regular files are read at positions, others sequentially.
enum Data {
    File(File),
    Stream(Box<dyn Read + Send>),
}

impl Data {
    /// All of it, sequentially.
    fn into_stream(self) -> Box<dyn Read + Send> {
        match self {
            Data::File(file) => Box::new(until(file)),
            Data::Stream(stream) => stream,
        }
    }

    /// A regular file with all of it.
    fn into_file(self) -> io::Result<RandomAccessFile> {
        match self {
            Data::File(file) => Ok(cancellable(file)),
            Data::Stream(mut stream) => {
                let mut file = tempfile::tempfile()?;
                io::copy(&mut stream, &mut file)?;
                Ok(cancellable(file))
            }
        }
    }
}

/// The file, whose reads fail once the work should stop.
fn cancellable(file: File) -> RandomAccessFile {
    RandomAccessFile::from(file).cancelled_by(interrupt::token())
}

impl Opened {
    pub(crate) fn new(input: &Input) -> Result<Opened, Problem> {
        let opened = if input.name.is_stdio() {
            None
        } else {
            Some(File::open(input.name.path()).map_err(io_problem)?)
        };
        let mut first = Vec::new();
        let data = match opened {
            Some(mut file) if file.metadata().map_err(io_problem)?.is_file() => {
                take_first(&mut file, &mut first)?;
                file.rewind().map_err(io_problem)?;
                Data::File(file)
            }
            stream => {
                let mut stream: Box<dyn Read + Send> = match stream {
                    Some(file) => Box::new(until(file)),
                    None => Box::new(until(io::stdin())),
                };
                take_first(&mut stream, &mut first)?;
                Data::Stream(Box::new(Cursor::new(first.clone()).chain(stream)))
            }
        };
        let kind = kind(input, &first, matches!(data, Data::File(_)));
        Ok(Opened { kind, data })
    }

    /// The length of a regular file.
    pub(crate) fn length(&self) -> Result<Option<u64>, Problem> {
        match &self.data {
            Data::File(file) => Ok(Some(file.metadata().map_err(io_problem)?.len())),
            Data::Stream(_) => Ok(None),
        }
    }

    pub(crate) fn source(self) -> Result<Source, Problem> {
        match self.kind {
            Kind::Raw(format) => {
                let file = self.data.into_file().map_err(io_problem)?;
                Ok(Source::Raw(file, format))
            }
            Kind::Text(delimiter) => Ok(Source::Text(self.data.into_stream(), delimiter)),
            Kind::Json => Ok(Source::Json(self.data.into_stream())),
            Kind::Npz => {
                let file = self.data.into_file().map_err(io_problem)?;
                Ok(Source::Archive(Archive::new(file)?))
            }
            Kind::Npy | Kind::Unknown => Ok(match self.data {
                Data::File(file) => Source::File(cancellable(file)),
                Data::Stream(stream) => Source::Stream(stream),
            }),
        }
    }
}

fn take_first(source: &mut impl Read, first: &mut Vec<u8>) -> Result<(), Problem> {
    let read = source.take(8).read_to_end(first);
    read.map(drop).map_err(io_problem)
}

/// The system's message.
pub(crate) fn io_problem(error: io::Error) -> Problem {
    npio::flatfile::Error::from(error).into()
}

/// An open input, by its kind.
pub(crate) enum Source {
    /// A `.npy` in a regular file.
    File(RandomAccessFile),
    /// A `.npy` in a stream.
    Stream(Box<dyn Read + Send>),
    /// Raw items.
    Raw(RandomAccessFile, RawLayout),
    /// Text, with this delimiter in tables.
    Text(Box<dyn Read + Send>, Option<char>),
    Json(Box<dyn Read + Send>),
    Archive(Archive<RandomAccessFile>),
}

impl Source {
    /// The length of the whole input, if a stream has already yielded this many bytes.
    pub(crate) fn length(&mut self, given: u64) -> Result<u64, Problem> {
        match self {
            Source::File(file) | Source::Raw(file, _) => file.len().map_err(io_problem),
            Source::Stream(stream) | Source::Text(stream, _) | Source::Json(stream) => {
                let rest = io::copy(stream, &mut io::sink());
                Ok(given + rest.map_err(io_problem)?)
            }
            Source::Archive(archive) => archive.source().len().map_err(io_problem),
        }
    }

    /// A regular file with all of the input.
    pub(crate) fn into_file(self) -> Result<RandomAccessFile, Problem> {
        match self {
            Source::File(file) | Source::Raw(file, _) => Ok(file),
            Source::Stream(stream) | Source::Text(stream, _) | Source::Json(stream) => {
                Data::Stream(stream).into_file().map_err(io_problem)
            }
            Source::Archive(archive) => Ok(archive.into_source()),
        }
    }
}
