//! One array: its layout, and how to read it.

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

/// The number of bytes read at a time, if not everything is needed at once.
const BLOCK: usize = 8 << 20;

/// The number of members that an error lists.
const LISTED: usize = 100;

/// An array that was found, but not read yet.
pub(crate) struct Found<'s> {
    pub(crate) input: &'s Input,
    reader: OpenArray<'s>,
    /// Whether the items were parsed from text, so that a statement about items in files does not apply to
    /// them.
    is_parsed: bool,
}

/// A sequence of arrays or errors.
pub(crate) type Each<'s> = Box<dyn Iterator<Item = anyhow::Result<Array>> + 's>;

/// An array that is read block by block.
pub(crate) struct Blocks<'s> {
    /// The layout of the whole array.
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

    /// The array in a text, which had to be read to find its layout.
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

    /// The offset of the items in the file, if they are stored there as they are.
    pub(crate) fn data_offset(&self) -> Option<u64> {
        self.reader.data_offset().filter(|_| !self.is_parsed)
    }

    /// A slice of it, converted. From files and stored members little else is read.
    pub(crate) fn load(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
    ) -> anyhow::Result<Array> {
        read(&self.converted(conversion), slice)
    }

    /// What NumPy prints of a slice; no more is read than necessary.
    pub(crate) fn summary(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
    ) -> anyhow::Result<Summary> {
        let slice = slice.cloned().unwrap_or_default();
        let summary = self.converted(conversion).summary(&slice);
        summary.map_err(wrong)
    }

    /// Reads in C order, some rows at a time; slices, and arrays that cannot be read by rows, at once.
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

    /// Reads in this memory order, or its own, some items at a time. Slices are read at once, and so are arrays that
    /// need another order and cannot be read by rows.
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

/// By rows, if the array can be read that way; one item is one row.
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

/// By items, in the order in which they are stored.
fn flat(reader: OpenArray<'_>) -> anyhow::Result<Blocks<'_>> {
    let layout = reader.converted_layout().map_err(wrong)?;
    let flattened = reader.flattened().map_err(wrong)?;
    Ok(Blocks::new(layout, flattened.row_blocks(1).map_err(wrong)?))
}

/// The fault of the array; the error names its place.
fn wrong(error: Error) -> anyhow::Error {
    anyhow!("{}", escaped(&npio::Error::from(error).to_string()))
}

impl<'s> Blocks<'s> {
    fn new(layout: Layout, blocks: RowBlocks<AnySource<'s>>) -> Blocks<'s> {
        let blocks = blocks.max_bytes(BLOCK);
        let blocks = Box::new(blocks.map(|block| block.map_err(wrong)));
        Blocks { layout, blocks }
    }

    /// The bytes before the items in a `.npy`.
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

/// An archive is not an array, but contains some.
fn which_member(archive: &Archive<RandomAccessFile>) -> Problem {
    let names = archive.names().take(LISTED);
    let names: Vec<_> = names.map(|name| quoted(name).to_string()).collect();
    let more = match archive.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    Problem::new(if names.is_empty() {
        "an archive without members".to_owned()
    } else {
        format!(
            "an archive: say which member, as FILE::MEMBER: {}{more}",
            names.join(", ")
        )
    })
}

/// A slice of the array at this address, converted.
pub(crate) fn load(
    input: &Input,
    slice: Option<&Slice>,
    conversion: Conversion,
) -> anyhow::Result<Array> {
    let mut source = input.open()?;
    find(&mut source, input)?.load(slice, conversion)
}

/// The array at this address, in the opened file.
pub(crate) fn find<'s>(source: &'s mut Source, input: &'s Input) -> anyhow::Result<Found<'s>> {
    let found = source.array(input);
    found.map_err(|problem| problem.of(&input.name))
}
