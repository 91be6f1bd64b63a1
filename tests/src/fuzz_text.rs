//! Properties that hold for arbitrary texts and formats: the bodies of the targets `text` and `format`.

use crate::fuzz::{Chunks, is_same_error};
use flatfile::text::{Format, ReadOptions, Separator, WriteOptions, table};
use flatfile::{Array, ErrorKind};
use npio::{DType, Layout, Order};

const TYPES: [&str; 16] = [
    "<f8", "<i8", "u1", "?", "<f4", "<f2", "<c16", "<f16", ">i2", ">f8", "<c8", "<u8", "<c32",
    "<M8[D]", "<U5", "S3",
];

const SEPARATORS: [&str; 8] = [",", " ", ", ", "\n", ";;", "-", "a b", "x"];

/// A text in pieces of any size gives the same items or the same error as in one, and the written items
/// read back as the same. The first bytes choose the type and the rest.
///
/// # Panics
/// If that does not hold.
pub fn text(data: &[u8]) {
    let Some(([kind, separator, options, block], text)) = data.split_first_chunk::<4>() else {
        return;
    };
    let pick = |choices: &[&'static str], by: u8| {
        *choices.get(usize::from(by) % choices.len()).expect("one")
    };
    let dtype: DType = pick(&TYPES, *kind).parse().expect("a type");
    let block = usize::from(*block);
    let separator = Separator::new(pick(&SEPARATORS, *separator)).expect("not empty");
    let mut reading = ReadOptions::new();
    if options & 1 != 0 {
        reading = reading.numpy_compatible();
    }
    if options & 2 != 0 {
        reading = reading.count(u64::from(options >> 2));
    }
    let whole = reading.read(text, dtype.clone(), &separator);
    let chunks = Chunks::new(text, block as u8);
    let pieces = reading
        .clone()
        .block_bytes(block)
        .read(chunks, dtype.clone(), &separator);
    let Some(array) = same(whole, pieces) else {
        return;
    };
    let mut written = Vec::new();
    let written_as = WriteOptions::new().write(&mut written, &array, separator.as_str());
    written_as.expect("what was read");
    // Signs between complex numbers join them, and NaN loses its sign.
    if separator.as_str() != "-" && separator.as_str() != "x" && !has_nan(&array) {
        let again = ReadOptions::new().read(&written[..], dtype, &separator);
        let again = again.expect("what was written");
        assert_eq!(array.as_bytes(), again.as_bytes());
    }
}

fn has_nan(array: &Array) -> bool {
    array.to_string().contains("nan") || matches!(array.dtype(), DType::Datetime(..))
}

/// The array of both, unless both are the same error.
pub(crate) fn same(
    one: Result<Array, flatfile::Error>,
    other: Result<Array, flatfile::Error>,
) -> Option<Array> {
    match one {
        Ok(array) => {
            let other = other.expect("an array, as from the whole");
            assert_eq!(
                (array.layout(), array.as_bytes()),
                (other.layout(), other.as_bytes())
            );
            Some(array)
        }
        Err(error) => {
            is_same_error(&error, other);
            None
        }
    }
}

/// A valid format prints as it was, and writes items in at least its width. The first bytes choose the type
/// and are the item.
///
/// # Panics
/// If that does not hold.
pub fn format(data: &[u8]) {
    let Some(([kind, item @ ..], text)) = data.split_first_chunk::<33>() else {
        return;
    };
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    let dtype = TYPES.get(usize::from(*kind) % TYPES.len()).expect("one");
    let dtype: DType = dtype.parse().expect("a type");
    let mut item = item
        .get(..dtype.itemsize())
        .expect("no longer one")
        .to_vec();
    if dtype == DType::Bool {
        item.iter_mut().for_each(|byte| *byte &= 1);
    }
    let layout = Layout::new(dtype, [1], Order::C).expect("an item");
    let array = Array::new(layout, item.as_slice()).expect("an item");
    // For the row of a table there may be any number of conversions.
    let table = table::WriteOptions::new().format(text);
    let row = table.write(Vec::new(), &array);
    let format = match text.parse::<Format>() {
        Ok(format) => format,
        Err(error) => {
            let ErrorKind::Format { at, .. } = error.kind() else {
                panic!("{error}");
            };
            return assert!(*at <= text.chars().count(), "{error}");
        }
    };
    assert_eq!(format.to_string(), text);
    let mut written = Vec::new();
    let options = WriteOptions::new().format(format);
    match options.write(&mut written, &array, ",") {
        Ok(()) => {
            assert!(row.is_ok());
            assert!(str::from_utf8(&written).is_ok());
        }
        Err(error) => assert!(matches!(
            error.kind(),
            ErrorKind::Unformattable { .. }
                | ErrorKind::UnformattableItem { .. }
                | ErrorKind::LongDouble { .. }
        )),
    }
}
