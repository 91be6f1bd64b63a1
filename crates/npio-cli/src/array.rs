//! One array: what it is, and how to read it.

use crate::output::escaped;
use crate::source::{Input, Problem, Source};
use anyhow::anyhow;
use npio::dtype::python::quoted;
use npio::flatfile::npy::WriteOptions;
use npio::flatfile::show::Summary;
use npio::flatfile::{self, Conversion, Error, npy};
use npio::header::Version;
use npio::npz::{Archive, Member};
use npio::{AnySource, Array, Layout, LongDouble, OpenArray, Order};
use npio::{RandomAccessFile, Reader, RowBlocks, Slice};
use std::iter;

/// How many bytes are read at a time, where not everything is needed at once.
const BLOCK: usize = 8 << 20;

/// How many members an error lists.
const LISTED: usize = 100;

/// An array that was found, and not read yet.
pub(crate) struct Found<'s> {
    pub(crate) input: &'s Input,
    reader: OpenArray<'s>,
    /// Whether the items were parsed, so that what is stated of those in files does not hold for them.
    is_parsed: bool,
}

/// Arrays that come one after another, or what went wrong.
pub(crate) type Each<'s> = Box<dyn Iterator<Item = anyhow::Result<Array>> + 's>;

/// An array that comes block by block.
pub(crate) struct Blocks<'s> {
    /// What all of them are together.
    pub(crate) layout: Layout,
    pub(crate) blocks: Each<'s>,
}

impl<'s> Found<'s> {
    pub(crate) fn new<S>(input: &'s Input, reader: Reader<S>) -> Found<'s>
    where
        S: flatfile::Source + Send + Sync + 's,
    {
        Found {
            input,
            reader: reader.in_file(input.name.path()),
            is_parsed: false,
        }
    }

    /// The array that a text says, which was read to know what it is.
    pub(crate) fn of_text(input: &'s Input, array: Array) -> Found<'s> {
        let (layout, bytes) = array.into_parts();
        Found {
            is_parsed: true,
            ..Found::new(input, Reader::raw(bytes, layout, 0))
        }
    }

    pub(crate) fn of_member(
        input: &'s Input,
        member: Member<'s, RandomAccessFile>,
    ) -> Result<Found<'s>, Problem> {
        Ok(Found::new(input, member.open()?))
    }

    /// Dtype, shape and order, as they are stored.
    pub(crate) fn layout(&self) -> &Layout {
        self.reader.layout()
    }

    /// The version of a `.npy`; raw items have none.
    pub(crate) fn version(&self) -> Option<Version> {
        self.reader.header().map(|header| header.version())
    }

    /// Where in the file the items begin, if they lie there as they are.
    pub(crate) fn data_offset(&self) -> Option<u64> {
        self.reader.data_offset().filter(|_| !self.is_parsed)
    }

    /// What `slice` takes of it, converted. Of files and stored members, little else is read.
    pub(crate) fn load(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
    ) -> anyhow::Result<Array> {
        read(&self.converted(conversion), slice)
    }

    /// What NumPy prints of what `slice` takes; no more is read than that takes.
    pub(crate) fn summary(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
    ) -> anyhow::Result<Summary> {
        let slice = slice.cloned().unwrap_or_default();
        let summary = self.converted(conversion).summary(&slice);
        summary.map_err(wrong)
    }

    /// In C order, some rows at a time; what is sliced, and what cannot be read by rows, at once.
    pub(crate) fn rows(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
    ) -> anyhow::Result<Blocks<'s>> {
        let reader = self.converted(conversion.order(Order::C));
        if slice.is_some() {
            return whole(&reader, slice);
        }
        by_rows(reader)
    }

    /// In this memory order, or that which it has, some items at a time. What is sliced comes at once, and so does what
    /// gets another order and cannot be read by rows.
    pub(crate) fn items(
        self,
        slice: Option<&Slice>,
        order: Option<Order>,
        conversion: Conversion,
    ) -> anyhow::Result<Blocks<'s>> {
        let own = self.layout().order();
        let wanted = order.unwrap_or(own);
        match order {
            _ if slice.is_some() => {
                let conversion = order.into_iter().fold(conversion, Conversion::order);
                whole(&self.converted(conversion), slice)
            }
            Some(Order::C) if own != Order::C => {
                by_rows(self.converted(conversion.order(Order::C)))
            }
            _ if wanted != own => whole(&self.converted(conversion.order(wanted)), None),
            _ => flat(self.converted(conversion)),
        }
    }

    fn converted(self, conversion: Conversion) -> OpenArray<'s> {
        self.reader.conversion(if self.is_parsed {
            conversion.longdouble(LongDouble::X87)
        } else {
            conversion
        })
    }
}

/// All at once, as one block.
fn whole<'s>(reader: &OpenArray<'s>, slice: Option<&Slice>) -> anyhow::Result<Blocks<'s>> {
    let array = read(reader, slice)?;
    let layout = array.layout().clone();
    let blocks = Box::new(iter::once(Ok(array)));
    Ok(Blocks { layout, blocks })
}

fn read(reader: &OpenArray<'_>, slice: Option<&Slice>) -> anyhow::Result<Array> {
    let array = match slice {
        Some(slice) => reader.slice(slice),
        None => reader.read(),
    };
    array.map_err(wrong)
}

/// By rows, where they can be read so; one item is one row.
fn by_rows(reader: OpenArray<'_>) -> anyhow::Result<Blocks<'_>> {
    if reader.layout().ndim() == 0 {
        return flat(reader);
    }
    if !reader.has_rows() {
        return whole(&reader, None);
    }
    let blocks = reader.row_blocks(1).map_err(wrong)?;
    let layout = blocks.layout().clone();
    Ok(Blocks::new(layout, blocks))
}

/// By items, as they are stored one after another.
fn flat(reader: OpenArray<'_>) -> anyhow::Result<Blocks<'_>> {
    let layout = reader.converted_layout().map_err(wrong)?;
    let flattened = reader.flattened().map_err(wrong)?;
    Ok(Blocks::new(layout, flattened.row_blocks(1).map_err(wrong)?))
}

/// What is wrong with the array; the error says where it is.
fn wrong(error: Error) -> anyhow::Error {
    anyhow!("{}", escaped(&npio::Error::from(error).to_string()))
}

impl<'s> Blocks<'s> {
    fn new(layout: Layout, blocks: RowBlocks<AnySource<'s>>) -> Blocks<'s> {
        let blocks = blocks.max_bytes(BLOCK);
        let blocks = Box::new(blocks.map(|block| block.map_err(wrong)));
        Blocks { layout, blocks }
    }

    /// The bytes that stand before the items in a `.npy`.
    pub(crate) fn header(&self) -> Result<Vec<u8>, Problem> {
        let header = WriteOptions::new().header(&self.layout)?;
        Ok(header.encode().map_err(Error::from)?)
    }
}

impl Source {
    /// The array at this address.
    pub(crate) fn array<'s>(&'s mut self, input: &'s Input) -> Result<Found<'s>, Problem> {
        match (self, &input.member) {
            (Source::Archive(archive), Some(member)) => {
                Found::of_member(input, archive.get(member)?)
            }
            (Source::Archive(archive), None) => Err(which_member(archive)),
            (_, Some(member)) => Err(Problem::new(format!(
                "no archive, so it has no member {}",
                quoted(member)
            ))),
            (Source::File(file), None) => Ok(Found::new(input, npy::open(&*file)?)),
            (Source::Stream(stream), None) => Ok(Found::new(input, npy::open_stream(stream)?)),
            (Source::Text(stream, delimiter), None) => {
                let array = input.text.read(stream, *delimiter)?;
                Ok(Found::of_text(input, array))
            }
            (Source::Json(stream), None) => {
                let array = input.text.read_json(stream)?;
                Ok(Found::of_text(input, array))
            }
            (Source::Raw(file, format), None) => {
                let layout = format.in_source(file)?;
                Ok(Found::new(
                    input,
                    Reader::raw(&*file, layout, format.begin()),
                ))
            }
        }
    }
}

/// An archive is no array, but has some.
fn which_member(archive: &Archive<RandomAccessFile>) -> Problem {
    let names = archive.names().take(LISTED);
    let names: Vec<_> = names.map(|name| quoted(name).to_string()).collect();
    let more = match archive.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Problem::new(match names.is_empty() {
        true => "an archive without members".to_owned(),
        false => format!(
            "an archive: say which member, as FILE::MEMBER: {}{more}",
            names.join(", ")
        ),
    })
}

/// What `slice` takes of the array at this address, converted.
pub(crate) fn load(
    input: &Input,
    slice: Option<&Slice>,
    conversion: Conversion,
) -> anyhow::Result<Array> {
    let mut source = input.open()?;
    find(&mut source, input)?.load(slice, conversion)
}

/// The array at this address, in what was opened there.
pub(crate) fn find<'s>(source: &'s mut Source, input: &'s Input) -> anyhow::Result<Found<'s>> {
    let found = source.array(input);
    found.map_err(|problem| problem.of(&input.name))
}
