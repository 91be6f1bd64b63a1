//! Properties that hold for arbitrary bytes: the bodies of the targets in `fuzz/`, whose corpora
//! `tests/fuzz.rs` replays.

mod json;
mod npz;
mod pickle;

pub use json::json;
pub use npz::npz;
pub use pickle::pickle;

use dtype::python::Syntax;
use dtype::{ByteOrder, DType, Layout, Order, prefix};
use flatfile::npy::{ReadOptions, WriteOptions};
use flatfile::{Array, ArrayView, Error, ErrorKind, Index, RandomAccessFile, Slice};
use npy_header::{ErrorKind as HeaderErrorKind, Header, MAGIC, Parse, ParseOptions, Version};
use std::io::{self, Read, Write};
use std::mem::discriminant;

/// A text for a dtype is written as one for the same dtype; an error's position is in the text.
///
/// # Panics
/// If that does not hold.
pub fn descr(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let is_place = |error: &dtype::Error| text.get(error.offset().unwrap_or(0)..).is_some();
    match text.parse::<DType>() {
        Ok(dtype) if has_opaque_number(&dtype) => {}
        Ok(dtype) => assert_eq!(dtype.to_string().parse(), Ok(dtype)),
        Err(error) => assert!(is_place(&error), "{error}"),
    }
    for syntax in [Syntax::Python2, Syntax::Python3] {
        match prefix::descr(text, syntax) {
            Ok((dtype, rest)) => {
                assert!(text.ends_with(rest));
                let literal = format!("{}, 1", dtype.descr());
                let again = prefix::descr(&literal, Syntax::Python3);
                assert!(has_opaque_number(&dtype) || again == Ok((dtype, ", 1")));
            }
            Err(error) => assert!(is_place(&error), "{error}"),
        }
    }
}

/// Whether a part is a number of ml_dtypes, which reads back as bytes without a meaning.
fn has_opaque_number(dtype: &DType) -> bool {
    match dtype {
        DType::Number(number, _) => number.is_extension() && number.kind() == 'V',
        DType::Record(record) => record.fields().iter().any(|f| has_opaque_number(&f.dtype)),
        DType::Subarray(sub) => has_opaque_number(sub.base()),
        _ => false,
    }
}

/// More bytes do not change the result of a header, and its content is written as an equal header.
///
/// # Panics
/// If that does not hold.
pub fn header(data: &[u8]) {
    as_header(data);
    mended(data).iter().for_each(|data| as_header(data));
}

/// The bytes with the length set to the end of the header's line: otherwise most changes of its text would
/// break it.
fn mended(data: &[u8]) -> Option<Vec<u8>> {
    let version = data.get(MAGIC.len()..MAGIC.len() + 2)?;
    let version = Version::from_bytes(*version.first()?, *version.last()?)?;
    let text = data.get(version.text_offset()..)?;
    let end = text.iter().position(|byte| *byte == b'\n');
    let length = end.map_or(text.len(), |end| end + 1).to_le_bytes();
    let mut mended = data.to_vec();
    let field = mended.get_mut(MAGIC.len() + 2..version.text_offset())?;
    field.copy_from_slice(length.get(..field.len())?);
    (mended != data).then_some(mended)
}

fn as_header(data: &[u8]) {
    let parse = |n: usize| Header::parse(data.get(..n).unwrap_or(data));
    let mut needed = 0;
    for n in 0..=data.len() {
        // Inside the text nothing changes, and asking each time would take long.
        if n > 16 && n + 1 < needed {
            continue;
        }
        let answer = parse(n);
        match &answer {
            Ok(Parse::Need(more)) => {
                assert!(*more > n && *more >= needed, "{more} after {needed}");
                needed = *more;
                continue;
            }
            Ok(Parse::Done {
                header,
                data_offset,
            }) => {
                assert_eq!((n, n), (needed, *data_offset));
                is_written(header);
            }
            Err(_) => {}
        }
        for more in [n + 1, n.midpoint(data.len()), data.len()] {
            match (&answer, parse(more)) {
                // A wrong beginning is reported as far as it exists.
                (Err(one), Err(other)) => {
                    assert_eq!(one.offset(), other.offset());
                    assert_eq!(discriminant(one.kind()), discriminant(other.kind()));
                }
                (one, other) => assert_eq!(*one, other),
            }
        }
        return;
    }
}

/// Whether the written header reads back as the same.
fn is_written(header: &Header) {
    let layout = header.layout();
    if has_opaque_number(layout.dtype()) {
        return;
    }
    let oldest = Header::new(written_layout(layout));
    assert!(oldest.encode().is_ok());
    for version in [oldest.version(), header.version(), Version::V3] {
        let header = oldest.clone().with_version(version);
        let Ok(bytes) = header.encode() else { continue };
        let data_offset = bytes.len();
        assert_eq!(data_offset % 64, 0);
        let again = ParseOptions::new()
            .max_header_size(data_offset)
            .parse(&bytes);
        let expected = Parse::Done {
            header,
            data_offset,
        };
        assert_eq!(again, Ok(expected));
    }
}

/// The layout as in a header: in C order if the items are in both.
fn written_layout(layout: &Layout) -> Layout {
    let order = if layout.is_c_contiguous() {
        Order::C
    } else {
        layout.order()
    };
    let (dtype, shape) = (layout.dtype().clone(), layout.shape());
    Layout::new(dtype, shape, order).expect("of as many bytes")
}

/// Every way to read a `.npy` comes to the same array or the same error, its slices are those of the array
/// in memory, and the written array reads back as the same.
///
/// The bytes also choose the slice and the rest, from the last one backwards.
///
/// # Panics
/// If that does not hold.
pub fn npy(data: &[u8]) {
    as_npy(data);
    mended(data).iter().for_each(|data| as_npy(data));
}

fn as_npy(data: &[u8]) {
    let mut choices = data.iter().rev().copied().chain([0]).cycle();
    let offset = choices.next().map_or(0, u64::from);
    let file = file(offset, data).expect("a temporary file");
    let options = ReadOptions::new();

    let parsed = options.parse(data);
    let mut rest = data;
    let whole = options
        .open_stream(&mut rest)
        .and_then(|reader| reader.read());
    let mut chunks = Chunks {
        rest: data,
        sizes: choices.by_ref(),
    };
    let chunked = options
        .open_stream(&mut chunks)
        .and_then(|reader| reader.read());
    let at = options
        .open_at(&file, offset)
        .and_then(|reader| Ok((reader.read()?, reader.end())));
    let (view, length) = match parsed {
        Ok(parsed) => parsed,
        Err(error) => {
            is_same_error(&error, whole);
            is_same_error(&error, chunked);
            return is_same_error(&error, at);
        }
    };
    let array = whole.expect("an array, as from all bytes");
    let chunked = chunked.expect("an array, as from all bytes");
    let (at, end) = at.expect("an array, as from all bytes");
    let left = data.len() - length;
    assert_eq!((rest.len(), chunks.rest.len()), (left, left));
    assert_eq!(end, offset + length as u64);
    is_same(&view, &array);
    is_same(&view, &chunked);
    is_same(&view, &at);

    is_turned(&array, Order::C, data, &file, offset);
    is_turned(&array, Order::Fortran, data, &file, offset);
    let slice = slice(&mut choices);
    let options = options.order(choices.next().map_or(Order::C, pick_order));
    is_sliced(
        &array,
        &slice,
        options
            .open_at(&file, offset)
            .and_then(|reader| reader.slice(&slice)),
    );
    if !has_opaque_number(array.dtype()) {
        let (order, byte_order) = (choices.next(), choices.next());
        is_written_as(
            &array,
            order.map(pick_order),
            byte_order.map(pick_byte_order),
        );
        is_written_as(&array, None, None);
    }
}

/// A file with the bytes at this place.
fn file(offset: u64, data: &[u8]) -> io::Result<RandomAccessFile> {
    let mut file = tempfile::tempfile()?;
    io::copy(&mut io::repeat(b'-').take(offset), &mut file)?;
    file.write_all(data)?;
    Ok(file.into())
}

/// Gives a few bytes at a time.
pub(crate) struct Chunks<'a, I> {
    rest: &'a [u8],
    sizes: I,
}

impl<'a> Chunks<'a, std::iter::Repeat<u8>> {
    /// One byte more than this at a time.
    pub(crate) fn new(rest: &'a [u8], size: u8) -> Self {
        let sizes = std::iter::repeat(size);
        Chunks { rest, sizes }
    }
}

impl<I: Iterator<Item = u8>> Read for Chunks<'_, I> {
    fn read(&mut self, space: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes.next().map_or(1, |size| 1 + usize::from(size));
        let n = size.min(space.len());
        self.rest.read(space.get_mut(..n).unwrap_or_default())
    }
}

fn is_same(one: &ArrayView<'_>, other: &Array) {
    assert_eq!(one.layout(), other.layout());
    assert_eq!(one.as_bytes(), other.as_bytes());
}

pub(crate) fn is_same_error<T>(error: &Error, other: Result<T, Error>) {
    let other = other.err().expect("an error, as from all bytes");
    // Reading piece by piece asks for the bytes of the shortest header first.
    let found = |error: &Error| match error.kind() {
        ErrorKind::Header(error) => match error.kind() {
            HeaderErrorKind::Truncated { found, .. } => Some(*found),
            _ => None,
        },
        _ => None,
    };
    match (found(error), found(&other)) {
        (None, None) => assert_eq!(error.to_string(), other.to_string()),
        (one, other) => assert_eq!(one, other),
    }
}

/// Items are converted to these orders while they are read as they are in memory, and back.
fn is_turned(array: &Array, order: Order, data: &[u8], file: &RandomAccessFile, offset: u64) {
    let turned = [ByteOrder::Little, ByteOrder::Big].map(|byte_order| {
        let mut turned = array.to_order(order).expect("little memory");
        turned.set_byte_order(byte_order);
        let options = ReadOptions::new().byte_order(byte_order).order(order);
        let read = options
            .open_stream(data)
            .and_then(|reader| reader.read())
            .expect("as without an order");
        is_same(&turned.view(), &read);
        let (read, _) = options
            .open_at(file, offset)
            .and_then(|reader| Ok((reader.read()?, reader.end())))
            .expect("as without an order");
        is_same(&turned.view(), &read);
        turned
    });
    let [little, mut big] = turned;
    big.set_byte_order(ByteOrder::Little);
    is_same(&little.view(), &big);
}

fn slice(choices: &mut impl Iterator<Item = u8>) -> Slice {
    let mut choose = || choices.next().unwrap_or(0);
    let number = |byte: u8| match byte as i8 {
        i8::MIN => isize::MIN,
        i8::MAX => isize::MAX,
        small => isize::from(small),
    };
    let parts = (0..choose() % 5).map(|_| match choose() % 8 {
        0 => Index::Ellipsis,
        1 | 2 => Index::At(number(choose())),
        ends => Index::Range {
            start: (ends & 1 == 0).then(|| number(choose())),
            stop: (ends & 2 == 0).then(|| number(choose())),
            step: number(choose()),
        },
    });
    let slice = Slice::new(parts.collect::<Vec<_>>());
    match choose() {
        rows @ 0..8 => slice.max_rows(rows.into()),
        _ => slice,
    }
}

/// Whether a slice of a file equals the one in memory.
fn is_sliced(array: &Array, slice: &Slice, read: Result<Array, Error>) {
    let view = array.strided();
    let (part, read) = match (view.slice(slice), read) {
        (Ok(part), Ok(read)) => (part, read),
        (Err(error), read) => return is_same_error(&error, read),
        (Ok(_), Err(error)) => panic!("{error}"),
    };
    assert_eq!((part.shape(), part.dtype()), (read.shape(), read.dtype()));
    let copy = part.to_array(Order::C).expect("little memory");
    let read = read.to_order(Order::C).expect("little memory");
    is_same(&copy.view(), &read);
    if part.dtype().itemsize() > 0 {
        assert!(part.items().flatten().eq(copy.as_bytes()));
    }
}

fn pick_order(choice: u8) -> Order {
    match choice % 2 {
        0 => Order::C,
        _ => Order::Fortran,
    }
}

fn pick_byte_order(choice: u8) -> ByteOrder {
    match choice % 2 {
        0 => ByteOrder::Little,
        _ => ByteOrder::Big,
    }
}

/// Whether the written array reads back as the same, in these orders or its own.
fn is_written_as(array: &Array, order: Option<Order>, byte_order: Option<ByteOrder>) {
    let mut expected = array
        .to_order(order.unwrap_or(array.layout().order()))
        .expect("little memory");
    let mut options = WriteOptions::new();
    if let Some(order) = order {
        options = options.order(order);
    }
    if let Some(order) = byte_order {
        options = options.byte_order(order);
        expected.set_byte_order(order);
    }
    let mut written = Vec::new();
    options.write(&mut written, array).expect("a header for it");
    let any_header = ReadOptions::new().max_header_size(written.len());
    let (again, length) = any_header.parse(&written).expect("what was written");
    assert_eq!(length, written.len());
    assert_eq!(*again.layout(), written_layout(expected.layout()));
    assert_eq!(again.as_bytes(), expected.as_bytes());
}
