//! One array: its layout, and how to read it.

use crate::output::library_error;
use crate::source::{Input, InputError, InputSource};
use npio::dtype::python::excerpt;
use npio::flatfile::npy::WriteOptions;
use npio::flatfile::show::Summary;
use npio::flatfile::{self, Conversion, Error, npy};
use npio::header::Version;
use npio::npz::{Archive, Member};
use npio::{AnySource, Array, Layout, LongDouble, OpenArray, Order};
use npio::{RandomAccessFile, Reader, RowBlocks, Slice};
use std::iter;

/// The number of bytes read at a time, if not everything is needed at once.
const BLOCK_SIZE: usize = 8 << 20;

/// The number of members that an error lists.
const MAX_LISTED: usize = 100;

/// An array that was found, but not read yet.
pub(crate) struct InputArray<'s> {
    pub(crate) input: &'s Input,
    reader: OpenArray<'s>,
    /// Whether the items were parsed from text, so that a statement about items in files does not apply to
    /// them.
    is_parsed: bool,
}

/// A sequence of arrays or errors.
pub(crate) type BlockIter<'s> = Box<dyn Iterator<Item = anyhow::Result<Array>> + 's>;

/// An array that is read block by block.
pub(crate) struct ArrayBlocks<'s> {
    /// The layout of the whole array.
    pub(crate) layout: Layout,
    pub(crate) blocks: BlockIter<'s>,
}

impl<'s> InputArray<'s> {
    pub(crate) fn new<S>(input: &'s Input, reader: Reader<S>) -> InputArray<'s>
    where
        S: flatfile::Source + Send + Sync + 's,
    {
        InputArray {
            input,
            reader: reader.in_file(input.name.path()),
            is_parsed: false,
        }
    }

    /// The array in a text, which had to be read to find its layout.
    pub(crate) fn from_text(input: &'s Input, array: Array) -> InputArray<'s> {
        let (layout, bytes) = array.into_parts();
        InputArray {
            is_parsed: true,
            ..InputArray::new(input, Reader::raw(bytes, layout, 0))
        }
    }

    pub(crate) fn from_member(
        input: &'s Input,
        member: Member<'s, RandomAccessFile>,
    ) -> Result<InputArray<'s>, InputError> {
        Ok(InputArray::new(input, member.open()?))
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
        summary.map_err(read_error)
    }

    /// Reads in C order, some rows at a time; slices, and arrays that cannot be read by rows, at once.
    pub(crate) fn rows(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
    ) -> anyhow::Result<ArrayBlocks<'s>> {
        let reader = self.converted(conversion.order(Order::C));
        if slice.is_some() {
            return read_whole(&reader, slice);
        }
        row_blocks(reader)
    }

    /// Reads in this memory order, or its own, some items at a time. Slices are read at once, and so are arrays that
    /// need another order and cannot be read by rows.
    pub(crate) fn items(
        self,
        slice: Option<&Slice>,
        order: Option<Order>,
        conversion: Conversion,
    ) -> anyhow::Result<ArrayBlocks<'s>> {
        let own = self.layout().order();
        let wanted = order.unwrap_or(own);
        match order {
            _ if slice.is_some() => {
                let conversion = order.into_iter().fold(conversion, Conversion::order);
                read_whole(&self.converted(conversion), slice)
            }
            Some(Order::C) if own != Order::C => {
                row_blocks(self.converted(conversion.order(Order::C)))
            }
            _ if wanted != own => read_whole(&self.converted(conversion.order(wanted)), None),
            _ => item_blocks(self.converted(conversion)),
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
fn read_whole<'s>(
    reader: &OpenArray<'s>,
    slice: Option<&Slice>,
) -> anyhow::Result<ArrayBlocks<'s>> {
    let array = read(reader, slice)?;
    let layout = array.layout().clone();
    let blocks = Box::new(iter::once(Ok(array)));
    Ok(ArrayBlocks { layout, blocks })
}

fn read(reader: &OpenArray<'_>, slice: Option<&Slice>) -> anyhow::Result<Array> {
    let array = match slice {
        Some(slice) => reader.slice(slice),
        None => reader.read(),
    };
    array.map_err(read_error)
}

/// By rows, if the array can be read that way; one item is one row.
fn row_blocks(reader: OpenArray<'_>) -> anyhow::Result<ArrayBlocks<'_>> {
    if reader.layout().ndim() == 0 {
        return item_blocks(reader);
    }
    if !reader.has_rows() {
        return read_whole(&reader, None);
    }
    let blocks = reader.row_blocks(1).map_err(read_error)?;
    let layout = blocks.layout().clone();
    Ok(ArrayBlocks::new(layout, blocks))
}

/// By items, in the order in which they are stored.
fn item_blocks(reader: OpenArray<'_>) -> anyhow::Result<ArrayBlocks<'_>> {
    let layout = reader.converted_layout().map_err(read_error)?;
    let flattened = reader.flattened().map_err(read_error)?;
    Ok(ArrayBlocks::new(
        layout,
        flattened.row_blocks(1).map_err(read_error)?,
    ))
}

/// The fault of the array; the error names its place.
fn read_error(error: Error) -> anyhow::Error {
    library_error(npio::Error::from(error))
}

impl<'s> ArrayBlocks<'s> {
    fn new(layout: Layout, blocks: RowBlocks<AnySource<'s>>) -> ArrayBlocks<'s> {
        let blocks = blocks.max_bytes(BLOCK_SIZE);
        let blocks = Box::new(blocks.map(|block| block.map_err(read_error)));
        ArrayBlocks { layout, blocks }
    }

    /// The bytes before the items in a `.npy`.
    pub(crate) fn header(&self) -> Result<Vec<u8>, InputError> {
        let header = WriteOptions::new().header(&self.layout)?;
        Ok(header.encode().map_err(Error::from)?)
    }
}

impl InputSource {
    /// The array at this address.
    pub(crate) fn array<'s>(&'s mut self, input: &'s Input) -> Result<InputArray<'s>, InputError> {
        match (self, &input.member) {
            (InputSource::Archive(archive), Some(member)) => {
                InputArray::from_member(input, archive.get(member)?)
            }
            (InputSource::Archive(archive), None) => Err(which_member(archive)),
            (_, Some(member)) => Err(InputError::new(format!(
                "not an archive, so it has no member {}",
                excerpt(member)
            ))),
            (InputSource::File(file), None) => Ok(InputArray::new(input, npy::open(&*file)?)),
            (InputSource::Stream(stream), None) => {
                Ok(InputArray::new(input, npy::open_stream(stream)?))
            }
            (InputSource::Text(stream, delimiter), None) => {
                let array = input.text.read(stream, *delimiter)?;
                Ok(InputArray::from_text(input, array))
            }
            (InputSource::Json(stream), None) => {
                let array = input.text.read_json(stream)?;
                Ok(InputArray::from_text(input, array))
            }
            (InputSource::Raw(file, format), None) => {
                let layout = format.in_source(file)?;
                Ok(InputArray::new(
                    input,
                    Reader::raw(&*file, layout, format.begin()),
                ))
            }
        }
    }
}

/// An archive is not an array, but contains some.
fn which_member(archive: &Archive<RandomAccessFile>) -> InputError {
    let names = archive.names().take(MAX_LISTED);
    let names: Vec<_> = names.map(|name| excerpt(name).to_string()).collect();
    let more = match archive.len() - names.len() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    InputError::new(if names.is_empty() {
        "an archive without members".to_owned()
    } else {
        format!(
            "an archive: give a member as FILE::MEMBER: {}{more}",
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
    open_array(&mut source, input)?.load(slice, conversion)
}

/// The array at this address, in the opened file.
pub(crate) fn open_array<'s>(
    source: &'s mut InputSource,
    input: &'s Input,
) -> anyhow::Result<InputArray<'s>> {
    let array = source.array(input);
    array.map_err(|error| error.in_file(&input.name))
}
