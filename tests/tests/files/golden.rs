//! Every case of the fixtures through every layer; NumPy's files are written back byte for byte.

use conformance::{Answer, Case, cases, sha256};
use npio::dtype::{ByteOrder, DType, Order};
use npio::flatfile::npy::{self, ReadOptions, WriteOptions};
use npio::header::{Header, Parse};
use std::collections::BTreeMap;
use std::ffi::c_long;

/// The header as the manifest states it.
fn check_header(case: &Case, answer: &Answer, bytes: &[u8]) -> (Header, usize) {
    let name = &case.name;
    let parsed = Header::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    let Parse::Done {
        header,
        data_offset,
    } = parsed
    else {
        panic!("{name}: {parsed:?}");
    };
    let layout = header.layout();
    assert_eq!(
        Some(layout.dtype().descr().to_string()),
        answer.descr,
        "{name}"
    );
    assert_eq!(layout.shape(), answer.shape, "{name}");
    assert_eq!(
        Some(layout.order() == Order::Fortran),
        answer.fortran_order,
        "{name}"
    );
    assert_eq!(Some(header.version().to_string()), answer.version, "{name}");
    assert_eq!(Some(data_offset as u64), answer.data_offset, "{name}");
    (header, data_offset)
}

/// The items through every entry point, as in NumPy in C order.
fn check_items(case: &Case, answer: &Answer, bytes: &[u8]) {
    let name = &case.name;
    let Some(expected) = &answer.sha256_c else {
        return;
    };
    let (view, length) = npy::parse(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
    assert_eq!(
        Some((bytes.len() - length) as u64),
        answer.trailing_bytes,
        "{name}"
    );
    let c_order = view.to_order(Order::C).unwrap();
    assert_eq!(&sha256(c_order.as_bytes()), expected, "{name}");
    let streamed = npy::read(bytes).unwrap();
    assert_eq!(streamed.as_bytes(), view.as_bytes(), "{name}");
    let file = npio::RandomAccessFile::open(case.path()).unwrap();
    let (read, end) = ReadOptions::new()
        .open_at(&file, 0)
        .and_then(|reader| Ok((reader.read()?, reader.end())))
        .unwrap();
    assert_eq!(
        (read.as_bytes(), end),
        (view.as_bytes(), length as u64),
        "{name}"
    );
    assert_eq!(
        npio::load(case.path()).unwrap().layout(),
        view.layout(),
        "{name}"
    );
}

#[test]
fn generated_cases_are_written_back_byte_for_byte() {
    let cases = cases("generated");
    assert!(cases.len() >= 120, "{} cases", cases.len());
    for case in cases {
        let name = &case.name;
        let bytes = case.bytes();
        let (header, data_offset) = check_header(&case, case.numpy(), &bytes);
        assert_eq!(header.encode().unwrap(), &bytes[..data_offset], "{name}");
        check_items(&case, case.numpy(), &bytes);
        let dtype = header.layout().dtype();
        assert_eq!(
            dtype.to_string().parse::<DType>().as_ref(),
            Ok(dtype),
            "{name}"
        );
        if dtype.has_object() {
            continue;
        }
        let array = npy::read(&bytes[..]).unwrap();
        let mut written = Vec::new();
        let options = WriteOptions::new().version(header.version());
        options.write(&mut written, &array).unwrap();
        assert_eq!(written, bytes, "{name}");
        // Converted to the other memory order and byte order and back, it is the same file again.
        let order = |order| WriteOptions::new().order(order);
        let mut other = Vec::new();
        order(Order::Fortran).write(&mut other, &array).unwrap();
        let other = npy::read(&other[..]).unwrap();
        let mut back = Vec::new();
        let same = order(header.layout().order()).version(header.version());
        same.write(&mut back, &other).unwrap();
        assert_eq!(back, bytes, "{name}");
    }
}

#[test]
fn both_byte_orders_hold_the_same_items() {
    for case in cases("generated") {
        let Ok(array) = npy::read(&case.bytes()[..]) else {
            continue;
        };
        let mut swapped = array.clone();
        swapped.set_byte_order(ByteOrder::Big);
        let big = swapped.as_bytes().to_vec();
        swapped.set_byte_order(ByteOrder::Little);
        swapped.set_byte_order(ByteOrder::Big);
        assert_eq!(swapped.as_bytes(), big, "{}", case.name);
        let is_big = *array.dtype() == array.dtype().with_byte_order(ByteOrder::Big);
        assert!(!is_big || big == array.as_bytes(), "{}", case.name);
    }
}

/// A header may have `l` or `g`, C's long and long double, which have the size and byte order of the system that
/// reads it.
#[test]
fn a_long_is_the_systems() {
    let long: DType = format!("i{}", size_of::<c_long>()).parse().unwrap();
    let long_double: DType = "longdouble".parse().unwrap();
    for (name, dtype) in [
        ("code-l", &long),
        ("code-g", &long_double),
        ("code-longdouble", &long_double),
    ] {
        let mut cases = cases("foreign").into_iter();
        let bytes = cases.find(|case| case.name == name).unwrap().bytes();
        let array = npy::read(&bytes[..]).unwrap();
        let (_, data) = bytes.split_at(128);
        assert_eq!((array.shape(), array.dtype()), (&[3][..], dtype), "{name}");
        assert_eq!(array.as_bytes(), &data[..3 * dtype.itemsize()], "{name}");
    }
}

/// Cases that NumPy reads and npio does not, on purpose.
const NOT_READ: &[(&str, &str)] = &[
    (
        "parenthesised-keys",
        "no program writes brackets around a key",
    ),
    ("int-parenthesised", "nor around the length of an axis"),
    ("record-parenthesised", "nor around a field's name"),
    (
        "record-field-as-string",
        "['ab'] is field 'a' of type 'b' by accident",
    ),
    (
        "escape-name",
        r"\N{…} would need the names of all characters",
    ),
    (
        "escape-surrogates",
        "a name is text, and a lone surrogate is none",
    ),
    (
        "key-twice-bad-first",
        "the first of two equal keys must be well-formed, too",
    ),
    ("descr-plus-size", "'S+8': C's strtol takes a sign"),
    ("descr-subarray-of-one", "a subarray for a whole array"),
    ("descr-subarray-none", "None as a field's shape"),
    ("descr-field-dict", "a dict of two keys as a field"),
    ("descr-title-int", "a title that is no text"),
];

/// Cases that NumPy refuses and npio reads, on purpose.
const ALSO_READ: &[(&str, &str)] = &[
    (
        "leading-space-newline",
        "Python's indentation means nothing here",
    ),
    (
        "descr-float8",
        "ml_dtypes makes NumPy write '<f1', which nothing else is",
    ),
    (
        "shape-0-and-2-to-62",
        "no items are no bytes, whatever the other axes are",
    ),
    (
        "shape-0-and-2-to-63",
        "no items are no bytes, whatever the other axes are",
    ),
    (
        "deep-shape-balanced",
        "brackets around a value cost no stack",
    ),
    (
        "deep-parenthesised-dict",
        "brackets around a value cost no stack",
    ),
];

#[test]
fn foreign_and_hostile_files_read_as_in_numpy_or_not_at_all() {
    let mut differences = BTreeMap::new();
    for case in ["foreign", "hostile"].into_iter().flat_map(cases) {
        let bytes = case.bytes();
        let numpy = case.numpy();
        let message = match (&numpy.error, npy::read(&bytes[..])) {
            (None, Ok(_)) if !case.is_alike_here() => continue,
            (None, Ok(_)) => {
                check_header(&case, numpy, &bytes);
                check_items(&case, numpy, &bytes);
                continue;
            }
            (Some(_), Err(_)) => continue,
            (None, Err(error)) => format!("only NumPy reads it; npio: {error}"),
            (Some(error), Ok(_)) => format!("only npio reads it; NumPy: {error}"),
        };
        differences.insert(case.name, message);
    }
    for (name, _) in NOT_READ.iter().chain(ALSO_READ) {
        let message = differences.remove(*name);
        // With 32-bit addresses, an axis cannot have a length of 62 bits.
        let is_too_long = usize::BITS < 64 && name.contains("2-to-6");
        assert!(
            message.is_some() || is_too_long,
            "{name} does not differ any more: take it off the list"
        );
    }
    assert!(differences.is_empty(), "{differences:#?}");
}
