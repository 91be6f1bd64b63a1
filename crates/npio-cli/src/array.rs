//! One array: its layout, and how to read it.

use crate::Status;
use crate::address::ErrorContext;
use crate::args::AxisOrder;
use crate::array_blocks::{
    ArrayBlocks, BLOCK_SIZE, item_blocks, read, read_error, row_blocks, rows_in, text_blocks,
    text_error, with_rows,
};
use crate::arrays;
use crate::objects;
use crate::output::report_error;
use crate::progress::Progress;
use crate::source::{Input, InputError, InputSource};
use crate::stats::WithProgress;
use crate::text::{OpenText, TextBlocks};
use npio::dtype::python::excerpt;
use npio::flatfile::npy::WriteOptions;
use npio::flatfile::show::{self, Summary};
use npio::flatfile::stats::Accumulator;
use npio::flatfile::{self, Conversion, Error, npy};
use npio::header::Header;
use npio::npz::Member;
use npio::safetensors::SafeTensors;
use npio::{Array, DType, Layout, LongDouble, OpenArray, Order};
use npio::{RandomAccessFile, Reader, Slice, Value};

/// The number of members that an error lists.
const MAX_LISTED: usize = 100;

/// An array that was found, but not read yet.
pub(crate) struct InputArray<'s> {
    pub(crate) input: &'s Input,
    items: Items<'s>,
    /// What is not there of an array that was cut off.
    missing: Option<String>,
}

/// Where the items come from. A statement about items in files does not apply to those of a text.
enum Items<'s> {
    /// A file, a stream, or a member of an archive.
    Stored(OpenArray<'s>),
    /// A text that had to be read to find its layout, or a pickle.
    Parsed(OpenArray<'s>),
    /// A text that is still to be read. Its layout is known at its end, except for the axes after the first.
    Text(Box<TextBlocks<'s>>),
}

impl<'s> InputArray<'s> {
    pub(crate) fn new<S>(input: &'s Input, reader: Reader<S>) -> Result<InputArray<'s>, InputError>
    where
        S: flatfile::Source + Send + Sync + 's,
    {
        let reader = match &input.as_dtype {
            Some(dtype) => as_dtype(reader, dtype)?,
            None => reader,
        };
        let reader = with_fields(input, reader)?;
        let items = Items::Stored(reader.in_file(input.name.path()));
        Ok(InputArray::of_items(input, items))
    }

    /// An array in a `.npy`; of one that was cut off the whole rows, if they are asked for.
    fn in_file(
        input: &'s Input,
        reader: Reader<&'s RandomAccessFile>,
    ) -> Result<InputArray<'s>, InputError> {
        if !input.salvage {
            return InputArray::new(input, reader);
        }
        let declared = reader.layout().clone();
        let reader = reader.whole_rows()?;
        let missing = (reader.layout() != &declared).then(|| {
            let (found, whole) = (reader.layout().shape_tuple(), declared.shape_tuple());
            format!(
                "the data is cut off: it is read as an array of shape {found} instead of {whole}"
            )
        });
        Ok(InputArray {
            missing,
            ..InputArray::new(input, reader)?
        })
    }

    fn of_items(input: &'s Input, items: Items<'s>) -> InputArray<'s> {
        InputArray {
            input,
            items,
            missing: None,
        }
    }

    /// A slice of it, with its axes in another order, which is still to be read. A text is read as a whole.
    pub(crate) fn arranged(
        self,
        slice: Option<&Slice>,
        axes: Option<&AxisOrder>,
    ) -> anyhow::Result<InputArray<'s>> {
        let (input, missing) = (self.input, self.missing.clone());
        let is_stored = matches!(self.items, Items::Stored(_));
        let mut reader = self.sliced(slice, Conversion::new())?;
        if let Some(AxisOrder(axes)) = axes {
            reader = match axes {
                Some(axes) => reader.transposed_axes(axes),
                None => reader.transposed(),
            }
            .map_err(|error| part_error(input, error))?;
        }
        let items = if is_stored {
            Items::Stored(reader)
        } else {
            Items::Parsed(reader)
        };
        Ok(InputArray {
            input,
            items,
            missing,
        })
    }

    /// Whether it is a text that is still to be read.
    pub(crate) fn is_text(&self) -> bool {
        matches!(self.items, Items::Text(_))
    }

    /// Its layout and, of a text that is still to be read, that of an array without rows.
    pub(crate) fn layout(&self) -> Result<Layout, InputError> {
        match &self.items {
            Items::Stored(reader) | Items::Parsed(reader) => Ok(reader.layout().clone()),
            Items::Text(blocks) => Ok(blocks.empty()?.layout().clone()),
        }
    }

    /// The memory order in which it is stored.
    pub(crate) fn order(&self) -> Order {
        match &self.items {
            Items::Stored(reader) | Items::Parsed(reader) => reader.layout().order(),
            Items::Text(_) => Order::C,
        }
    }

    /// Says what is missing, if anything is.
    pub(crate) fn report_missing(&self) -> Status {
        match &self.missing {
            Some(missing) => {
                report_error(&self.input.error(missing).to_string());
                Status::Issues
            }
            None => Status::Success,
        }
    }

    /// An array that is in memory: that of a text which had to be read to find its layout, or that of a pickle.
    fn parsed(input: &'s Input, array: Array) -> Result<InputArray<'s>, InputError> {
        let (layout, bytes) = array.into_parts();
        let reader = with_fields(input, Reader::raw(bytes, layout, 0))?;
        let items = Items::Parsed(reader.in_file(input.name.path()));
        Ok(InputArray::of_items(input, items))
    }

    /// The plain items of an array of objects.
    pub(crate) fn from_objects(input: &'s Input, value: Value) -> anyhow::Result<InputArray<'s>> {
        let array = InputArray::parsed(input, objects::plain(input, value)?);
        array.map_err(|error| error.in_file(&input.name))
    }

    /// The array in a text that is still to be read.
    fn text(
        input: &'s Input,
        mut blocks: Box<TextBlocks<'s>>,
    ) -> Result<InputArray<'s>, InputError> {
        if let Some(fields) = &input.fields {
            *blocks = blocks.fields(fields)?;
        }
        Ok(InputArray::of_items(input, Items::Text(blocks)))
    }

    pub(crate) fn from_member(
        input: &'s Input,
        member: Member<'s, RandomAccessFile>,
    ) -> Result<InputArray<'s>, InputError> {
        InputArray::new(input, member.open()?)
    }

    /// The array in a file of safetensors that the address names.
    pub(crate) fn from_tensor(
        input: &'s Input,
        file: &'s SafeTensors<RandomAccessFile>,
    ) -> Result<InputArray<'s>, InputError> {
        let name = input.member.as_deref().unwrap_or_default();
        InputArray::new(input, file.get(name)?.open()?)
    }

    /// The dtype, as it is stored.
    pub(crate) fn dtype(&self) -> &DType {
        match &self.items {
            Items::Stored(reader) | Items::Parsed(reader) => reader.layout().dtype(),
            Items::Text(blocks) => blocks.dtype(),
        }
    }

    /// Dtype, shape and order, as they are stored. A text is read to its end for it, but not kept.
    pub(crate) fn into_layout(self) -> Result<Layout, InputError> {
        match self.items {
            Items::Stored(reader) | Items::Parsed(reader) => Ok(reader.layout().clone()),
            Items::Text(blocks) => {
                let empty = blocks.empty()?;
                let rows = blocks.map(|block| Ok(rows_in(&block?)));
                let rows = rows.sum::<Result<usize, Error>>()?;
                Ok(with_rows(empty.layout(), rows).map_err(Error::from)?)
            }
        }
    }

    /// The offset of the items in the file, if they are stored there as they are.
    pub(crate) fn data_offset(&self) -> Option<u64> {
        match &self.items {
            Items::Stored(reader) => reader.data_offset(),
            Items::Parsed(_) | Items::Text(_) => None,
        }
    }

    /// A slice of it, converted. From files and stored members little else is read.
    pub(crate) fn load(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
    ) -> anyhow::Result<Array> {
        read(&self.reader(conversion)?, slice)
    }

    /// What NumPy prints of a slice with these options; no more is read than necessary.
    pub(crate) fn summary(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
        options: &show::Options,
    ) -> anyhow::Result<Summary> {
        let slice = slice.cloned().unwrap_or_default();
        let summary = self.reader(conversion)?.summary_with(&slice, options);
        summary.map_err(read_error)
    }

    /// Reads in C order, some rows at a time; arrays that cannot be read by rows, at once.
    pub(crate) fn rows(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
    ) -> anyhow::Result<ArrayBlocks<'s>> {
        match (self.items, slice) {
            (Items::Text(blocks), None) => text_blocks(self.input, blocks, conversion),
            (items, slice) => {
                let array = InputArray { items, ..self };
                row_blocks(array.sliced(slice, conversion.order(Order::C))?)
            }
        }
    }

    /// Reads in this memory order, or its own, some items at a time. Streams that need another order are read at once.
    pub(crate) fn items(
        self,
        slice: Option<&Slice>,
        order: Option<Order>,
        conversion: Conversion,
    ) -> anyhow::Result<ArrayBlocks<'s>> {
        if matches!(self.items, Items::Text(_)) && order != Some(Order::Fortran) && slice.is_none()
        {
            return self.rows(None, conversion);
        }
        let conversion = order.into_iter().fold(conversion, Conversion::order);
        item_blocks(self.sliced(slice, conversion)?, BLOCK_SIZE)
    }

    /// The converted items of a slice.
    fn sliced(
        self,
        slice: Option<&Slice>,
        conversion: Conversion,
    ) -> anyhow::Result<OpenArray<'s>> {
        let input = self.input;
        let reader = self.reader(conversion)?;
        match slice {
            Some(slice) => reader
                .sliced(slice)
                .map_err(|error| part_error(input, error)),
            None => Ok(reader),
        }
    }

    /// Adds the items of a slice to an accumulator, in all threads, and returns their shape.
    pub(crate) fn accumulate<A: Accumulator>(
        self,
        slice: Option<&Slice>,
        accumulator: A,
        progress: &Progress,
    ) -> anyhow::Result<(A, Vec<usize>)> {
        let (input, conversion) = (self.input, self.input.value_conversion());
        let array = match (self.items, slice) {
            (Items::Text(blocks), None) => {
                let blocks = text_blocks(input, blocks, conversion)?;
                let (mut accumulator, mut rows) = (accumulator, 0);
                for block in blocks.blocks {
                    let block = block?;
                    rows += rows_in(&block);
                    let added = accumulator.add(&block.strided());
                    added.map_err(|error| input.error(error))?;
                }
                let layout = with_rows(&blocks.layout, rows)?;
                return Ok((accumulator, layout.shape().to_vec()));
            }
            (items, _) => InputArray { items, ..self },
        };
        let reader = array.sliced(slice, conversion)?;
        let layout = reader.layout().clone();
        progress.expect(layout.nbytes() as u64);
        let added = reader.accumulate(WithProgress {
            accumulator,
            progress,
        });
        let added = added.map_err(read_error)?;
        Ok((added.accumulator, layout.shape().to_vec()))
    }

    /// The converted items; a text is read as a whole.
    pub(crate) fn reader(self, conversion: Conversion) -> anyhow::Result<OpenArray<'s>> {
        let parsed = |reader: OpenArray<'s>| {
            reader.conversion(conversion.clone().longdouble(LongDouble::X87))
        };
        Ok(match self.items {
            Items::Stored(reader) => reader.conversion(conversion),
            Items::Parsed(reader) => parsed(reader),
            Items::Text(blocks) => {
                let array = blocks
                    .read()
                    .map_err(|error| text_error(self.input, error))?;
                parsed(parsed_reader(self.input, array))
            }
        })
    }
}

/// The same bytes as items of another dtype.
fn as_dtype<S>(reader: Reader<S>, dtype: &DType) -> Result<Reader<S>, InputError> {
    let stored = reader.layout().dtype().clone();
    if stored.has_object() {
        return Err(InputError::new("--as-dtype is not for Python objects"));
    }
    let (size, stored_size) = (dtype.itemsize(), stored.itemsize());
    if size != stored_size {
        return Err(InputError::new(format!(
            "--as-dtype {dtype} has {size} bytes an item, and the items are {stored}, of {stored_size}: it keeps the \
             bytes as they are (--dtype converts them)"
        )));
    }
    Ok(reader.with_dtype(dtype.clone())?)
}

/// The fields that are wanted of records, if any are named.
fn with_fields<S>(input: &Input, reader: Reader<S>) -> Result<Reader<S>, InputError> {
    match &input.fields {
        Some(fields) => reader.fields(fields).map_err(|error| {
            let error = InputError::from(error);
            match &input.member {
                Some(member) => {
                    InputError::new(format!("member {}: {}", excerpt(member), error.message))
                }
                None => error,
            }
        }),
        None => Ok(reader),
    }
}

/// An array that is in memory.
pub(crate) fn parsed_reader<'s>(input: &Input, array: Array) -> OpenArray<'s> {
    let (layout, bytes) = array.into_parts();
    Reader::raw(bytes, layout, 0).in_file(input.name.path())
}

/// The error of a part that an array does not have.
fn part_error(input: &Input, error: Error) -> anyhow::Error {
    input.error(InputError::from(error).message)
}

/// The header of an array of this layout in a `.npy`.
pub(crate) fn npy_header(input: &Input, layout: &Layout) -> anyhow::Result<Header> {
    let header = WriteOptions::new().header(layout);
    header.map_err(|error| input.error(InputError::from(error).message))
}

impl InputSource {
    /// The array at this address.
    pub(crate) fn array<'s>(&'s mut self, input: &'s Input) -> Result<InputArray<'s>, InputError> {
        let index = arrays::index(input.member.as_deref());
        match (self, &input.member, index) {
            (InputSource::File(file), _, Some(index)) => {
                InputArray::in_file(input, arrays::nth(file, index)?)
            }
            _ if input.salvage => Err(InputError::new(
                "--salvage is for a .npy; what is whole in an archive is saved by npio repack --salvage",
            )),
            (InputSource::Archive(archive), Some(member), _) => {
                InputArray::from_member(input, archive.get(member)?)
            }
            (InputSource::Archive(archive), None, _) => {
                Err(which_of("an archive", archive.names()))
            }
            (InputSource::SafeTensors(file), Some(_), _) => InputArray::from_tensor(input, file),
            (InputSource::SafeTensors(file), None, _) => {
                let names = file.tensors().map(|tensor| tensor.name());
                Err(which_of("a file of safetensors", names))
            }
            (InputSource::Stream(stream), _, Some(index)) => {
                arrays::skip(stream, index)?;
                InputArray::new(input, npy::open_stream(stream)?)
            }
            (_, Some(member), _) => Err(InputError::no_member(member)),
            (InputSource::Text(_) | InputSource::Json(_) | InputSource::Raw(..), ..)
                if input.as_dtype.is_some() =>
            {
                Err(InputError::new(
                    "--as-dtype is for input that states its own dtype; here --in-dtype does",
                ))
            }
            (InputSource::Text(text), ..) => match input.text.open(text)? {
                OpenText::Array(array) => InputArray::parsed(input, array),
                OpenText::Blocks(blocks) => InputArray::text(input, blocks),
            },
            (InputSource::Json(stream), ..) => {
                let array = input.text.read_json(stream)?;
                InputArray::parsed(input, array)
            }
            (InputSource::Raw(file, format), ..) => {
                let layout = format.in_source(file)?;
                InputArray::new(input, Reader::raw(&*file, layout, format.begin()))
            }
            // Without a member there is an index.
            (InputSource::File(_) | InputSource::Stream(_), None, None) => {
                Err(InputError::no_member(""))
            }
        }
    }
}

/// An archive is not an array, but contains some.
fn which_of<'n>(what: &str, names: impl Iterator<Item = &'n str>) -> InputError {
    let listed = member_list(names);
    if listed.is_empty() {
        return InputError::new(format!("{what} without members"));
    }
    InputError::new(format!("{what}: give a member as FILE::MEMBER: {listed}"))
}

/// The names of the members, as an error lists them.
pub(crate) fn member_list<'n>(names: impl Iterator<Item = &'n str>) -> String {
    let mut names = names.map(excerpt);
    let listed: Vec<_> = names
        .by_ref()
        .take(MAX_LISTED)
        .map(|name| name.to_string())
        .collect();
    let more = match names.count() {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", listed.join(", "))
}

/// The array in this member, which the address names; objects become plain items if pickles are allowed.
pub(crate) fn open_member<'s>(
    member: Member<'s, RandomAccessFile>,
    input: &'s Input,
) -> anyhow::Result<InputArray<'s>> {
    if let Some(value) = objects::in_member(&member, input)? {
        return InputArray::from_objects(input, value);
    }
    let array = InputArray::from_member(input, member);
    array.map_err(|error| error.in_file(&input.name))
}

/// The array at this address, in the opened file; objects become plain items if pickles are allowed.
pub(crate) fn open_array<'s>(
    source: &'s mut InputSource,
    input: &'s Input,
) -> anyhow::Result<InputArray<'s>> {
    if let Some(value) = objects::value(source, input)? {
        return InputArray::from_objects(input, value);
    }
    let array = source.array(input);
    array.map_err(|error| error.in_file(&input.name))
}
