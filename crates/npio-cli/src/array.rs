//! One array: what it is, and how to read it.

use crate::output::escaped;
use crate::source::{Input, Problem, Source};
use npio::flatfile::npy::{ReadOptions, WriteOptions};
use npio::flatfile::raw::{self, RowBlocks};
use npio::flatfile::{self, Array, Slice};
use npio::header::{Header, Version};
use npio::npz::{self, Member};
use npio::{Layout, LongDouble, Order, RandomAccessFile};
use std::io::{Cursor, Read};
use std::iter;

/// How many bytes are read at a time, where not everything is needed at once.
const BLOCK: usize = 8 << 20;

/// An array that was found, and not read yet.
pub(crate) struct Found<'s> {
    pub(crate) input: &'s Input,
    /// The version of a `.npy`; raw items have none.
    pub(crate) version: Option<Version>,
    /// Where in the file the items begin, if they lie there as they are.
    pub(crate) begin: Option<u64>,
    pub(crate) layout: Layout,
    items: Items<'s>,
}

/// Where the items are.
enum Items<'s> {
    /// In a file, from a byte on.
    File(&'s RandomAccessFile, u64),
    /// Next.
    Stream(&'s mut dyn Read),
    Member(Member<'s, RandomAccessFile>),
    /// Here: those of a text, which were read to know what they are.
    Memory(Array),
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
    pub(crate) fn of_file(
        input: &'s Input,
        file: &'s RandomAccessFile,
        begin: u64,
        header: Header,
    ) -> Self {
        Found {
            input,
            version: Some(header.version()),
            begin: Some(begin),
            layout: header.into_layout(),
            items: Items::File(file, begin),
        }
    }

    pub(crate) fn of_raw(
        input: &'s Input,
        file: &'s RandomAccessFile,
        begin: u64,
        layout: Layout,
    ) -> Self {
        Found {
            input,
            version: None,
            begin: Some(begin),
            layout,
            items: Items::File(file, begin),
        }
    }

    pub(crate) fn of_stream(
        input: &'s Input,
        stream: &'s mut dyn Read,
        begin: u64,
        header: Header,
    ) -> Self {
        Found {
            input,
            version: Some(header.version()),
            begin: Some(begin),
            layout: header.into_layout(),
            items: Items::Stream(stream),
        }
    }

    pub(crate) fn of_text(input: &'s Input, array: Array) -> Self {
        Found {
            input,
            version: None,
            begin: None,
            layout: array.layout().clone(),
            items: Items::Memory(array),
        }
    }

    pub(crate) fn of_member(
        input: &'s Input,
        member: Member<'s, RandomAccessFile>,
    ) -> Result<Found<'s>, Problem> {
        let peek = member.peek()?;
        Ok(Found {
            input,
            version: Some(peek.header.version()),
            begin: peek.data_offset,
            layout: peek.header.into_layout(),
            items: Items::Member(member),
        })
    }

    /// What `slice` takes of it, as the options make it. Of files and stored members, little else is read.
    pub(crate) fn load(
        self,
        slice: Option<&Slice>,
        options: &ReadOptions,
    ) -> anyhow::Result<Array> {
        let input = self.input;
        self.read(slice, options)
            .map_err(|problem| problem.of(&input.name))
    }

    /// In C order, some rows at a time.
    pub(crate) fn rows(
        self,
        slice: Option<&Slice>,
        options: &ReadOptions,
    ) -> anyhow::Result<Blocks<'s>> {
        let options = options.clone().order(Order::C);
        let input = self.input;
        let can_go = match (&self.items, slice) {
            (_, Some(_)) => false,
            (Items::File(..), None) => true,
            _ => self.layout.is_c_contiguous(),
        };
        let blocks = match can_go {
            true => self.forward(false, Order::C, &options),
            false => self.whole(slice, &options),
        };
        blocks.map_err(|problem| problem.of(&input.name))
    }

    /// In this memory order, or that which it has, some items at a time. What is sliced comes at once, and
    /// so does what has to be turned and cannot be read by rows.
    pub(crate) fn items(
        self,
        slice: Option<&Slice>,
        order: Option<Order>,
        options: &ReadOptions,
    ) -> anyhow::Result<Blocks<'s>> {
        let input = self.input;
        let own = self.layout.order();
        let is_file = matches!(self.items, Items::File(..));
        let blocks = match (slice, order) {
            (None, None) => self.forward(true, own, options),
            (None, Some(order)) if order == own => self.forward(true, own, options),
            (None, Some(Order::C)) if is_file => {
                self.forward(false, Order::C, &options.clone().order(Order::C))
            }
            (_, Some(order)) => self.whole(slice, &options.clone().order(order)),
            (Some(_), None) => self.whole(slice, options),
        };
        blocks.map_err(|problem| problem.of(&input.name))
    }

    fn read(self, slice: Option<&Slice>, options: &ReadOptions) -> Result<Array, Problem> {
        let (items, layout) = (options.items(), &self.layout);
        Ok(match (self.items, slice) {
            (Items::File(file, begin), Some(slice)) => {
                items.read_slice_at(file, begin, layout, slice)?
            }
            (Items::File(file, begin), None) => items.read_at(file, begin, layout)?,
            (Items::Stream(stream), None) => items.read(stream, layout)?,
            (Items::Stream(stream), Some(slice)) => {
                let array = items.read(stream, layout)?;
                let part = array.strided().slice(slice)?;
                part.to_array(array.layout().order())?
            }
            (Items::Memory(array), Some(slice)) => {
                parsed(items).copy_slice(array.as_bytes(), layout, slice)?
            }
            (Items::Memory(array), None) => parsed(items).read(array.as_bytes(), layout)?,
            (Items::Member(member), Some(slice)) => member.read_slice(slice, options)?,
            (Items::Member(member), None) => member.read_with(options)?,
        })
    }

    /// All at once, as one block.
    fn whole(self, slice: Option<&Slice>, options: &ReadOptions) -> Result<Blocks<'s>, Problem> {
        let array = self.read(slice, options)?;
        let layout = array.layout().clone();
        let blocks = Box::new(iter::once(Ok(array)));
        Ok(Blocks { layout, blocks })
    }

    /// By rows, or, `flat`, by items as they lie in memory; the whole is in this order then.
    fn forward(
        self,
        flat: bool,
        order: Order,
        options: &ReadOptions,
    ) -> Result<Blocks<'s>, Problem> {
        let Found {
            input,
            layout,
            items,
            ..
        } = self;
        let dtype = layout.dtype().clone();
        let rows = match (flat, layout.ndim()) {
            (true, _) => Layout::new(dtype, [layout.count()], Order::C),
            // One item is one row, where it is read and not written behind others.
            (false, 0) => Layout::new(dtype, [1], Order::C),
            (false, _) => Ok(layout.clone()),
        };
        let rows = rows.map_err(flatfile::Error::from)?;
        let options_of_items = options.items();
        match items {
            Items::File(file, begin) => {
                let blocks = options_of_items.row_blocks_at(file, begin, &rows, 1)?;
                boxed(input, &layout, order, blocks)
            }
            Items::Stream(stream) => {
                let blocks = options_of_items.row_blocks(stream, &rows, 1)?;
                boxed(input, &layout, order, blocks)
            }
            Items::Memory(array) => {
                let bytes = Cursor::new(array.into_parts().1);
                let blocks = parsed(options_of_items).row_blocks(bytes, &rows, 1)?;
                boxed(input, &layout, order, blocks)
            }
            Items::Member(member) => {
                let mut reader = member.reader()?;
                options.read_header(&mut reader)?;
                if reader.left() > layout.nbytes() as u64 {
                    // The CRC is known behind what stands behind the array, where no block comes to.
                    member.verify()?;
                }
                let blocks = options_of_items.row_blocks(reader, &rows, 1)?;
                boxed(input, &layout, order, blocks)
            }
        }
    }
}

/// How items are read that were parsed: what is stated of those in files does not hold for them.
fn parsed(items: &raw::ReadOptions) -> raw::ReadOptions {
    items.clone().longdouble(LongDouble::X87)
}

fn boxed<'s, S: 's>(
    input: &'s Input,
    stored: &Layout,
    order: Order,
    blocks: RowBlocks<S>,
) -> Result<Blocks<'s>, Problem>
where
    RowBlocks<S>: Iterator<Item = Result<Array, flatfile::Error>>,
{
    let dtype = blocks.layout().dtype().clone();
    let layout = Layout::new(dtype, stored.shape(), order).map_err(flatfile::Error::from)?;
    let blocks = blocks.max_bytes(BLOCK);
    let blocks = blocks.map(|block| block.map_err(|error| wrong(input, error)));
    let blocks = Box::new(blocks);
    Ok(Blocks { layout, blocks })
}

/// What is wrong with a block. An archive's error says the member, that of an array does not.
fn wrong(input: &Input, error: flatfile::Error) -> anyhow::Error {
    let error = npz::Error::from(error);
    let text = escaped(&error.to_string());
    match error.member() {
        Some(_) => input.name.complaint(text),
        None => input.complaint(text),
    }
}

impl Blocks<'_> {
    /// The bytes that stand before the items in a `.npy`.
    pub(crate) fn header(&self) -> Result<Vec<u8>, Problem> {
        let header = WriteOptions::new().header(self.layout.clone())?;
        Ok(header.encode().map_err(flatfile::Error::from)?)
    }
}

/// What `slice` takes of the array at this address, as the options make it.
pub(crate) fn load(
    input: &Input,
    slice: Option<&Slice>,
    options: &ReadOptions,
) -> anyhow::Result<Array> {
    let mut source = input.open()?;
    find(&mut source, input)?.load(slice, options)
}

/// The array at this address, in what was opened there.
pub(crate) fn find<'s>(source: &'s mut Source, input: &'s Input) -> anyhow::Result<Found<'s>> {
    let found = source.array(input);
    found.map_err(|problem| problem.of(&input.name))
}
