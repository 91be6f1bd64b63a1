//! The class of each kind of error. The layers match on their kinds without a wildcard, so that each new one is given
//! a class; this lists the decisions.

use npio::dtype::{Casting, DType, ErrorClass, ErrorKind as DTypeKind, Layout, Order};
use npio::flatfile::{self, Cancelled, ErrorKind as ArrayKind};
use npio::header::{self, ErrorKind as HeaderKind, ParseOptions};
use npio::npz::{self, ErrorKind as ArchiveKind};
use npio::{AppendOptions, Array, Error, LoadOptions};
use std::{fs, io};

fn array_class(kind: ArrayKind) -> ErrorClass {
    flatfile::Error::from(kind).class()
}

#[test]
fn of_dtypes() {
    use DTypeKind as Kind;
    let class = |kind| npio::dtype::Error::from(kind).class();
    for kind in [
        Kind::Expected("a digit"),
        Kind::UnknownType("flot".into()),
        Kind::UnknownKind('q'),
        Kind::UnknownSize('f', 3),
        Kind::UnknownUnit("x".into()),
        Kind::UnknownCasting("x".into()),
        Kind::UnitDivisor(7),
        Kind::ByteOrders,
        Kind::DuplicateField("a".into()),
        Kind::FieldOrder("a".into()),
        Kind::NegativeAxis,
        Kind::SubarrayOrder,
    ] {
        assert_eq!(class(kind.clone()), ErrorClass::Format, "{kind}");
    }
    for kind in [
        Kind::TooDeep,
        Kind::TooManyAxes,
        Kind::IntegerTooLarge,
        Kind::ItemTooLarge,
        Kind::ArrayTooLarge,
    ] {
        assert_eq!(class(kind.clone()), ErrorClass::Limit, "{kind}");
    }
    assert_eq!(class(Kind::Unsupported("this")), ErrorClass::Unsupported);
}

#[test]
fn of_headers() {
    let class = |bytes: &[u8]| {
        let options = ParseOptions::new().max_header_size(200);
        match options.parse(bytes) {
            Ok(header::Parse::Need(needed)) => {
                header::Error::truncated(needed, bytes.len()).class()
            }
            Ok(header::Parse::Done { .. }) => panic!("a header"),
            Err(error) => error.class(),
        }
    };
    let text = |version: u8, dict: &str| {
        let mut bytes = b"\x93NUMPY".to_vec();
        bytes.extend([version, 0]);
        bytes.extend((dict.len() as u16).to_le_bytes());
        bytes.extend(dict.as_bytes());
        bytes
    };
    assert_eq!(class(b""), ErrorClass::Empty);
    assert_eq!(class(b"\x93NUM"), ErrorClass::Format);
    assert_eq!(class(b"not NumPy's"), ErrorClass::Format);
    assert_eq!(class(&text(9, "{}")), ErrorClass::Unsupported);
    assert_eq!(class(&text(1, &" ".repeat(300))), ErrorClass::Limit);
    for (descr, expected) in [
        ("<f3", ErrorClass::Format),
        ("<U99999999999", ErrorClass::Format),
    ] {
        let dict = format!("{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,), }}\n");
        assert_eq!(class(&text(1, &dict)), expected, "{descr}");
    }
    let dict = "{'descr': '<f8', 'fortran_order': False, 'shape': (1,), 'a': 1, }\n";
    assert_eq!(class(&text(1, dict)), ErrorClass::Format);
    let kind = HeaderKind::Utf8;
    assert_ne!(kind, HeaderKind::MissingKey("descr"));
}

#[test]
fn of_arrays() {
    use ArrayKind as Kind;
    let layout = || Layout::new(DType::F64, [2, 3], Order::Fortran).unwrap();
    let io = |kind: io::ErrorKind| Kind::Io(kind.into());
    let source = || flatfile::Error::from(Kind::Object);
    for (expected, kinds) in [
        (ErrorClass::NotFound, vec![io(io::ErrorKind::NotFound)]),
        (
            ErrorClass::Busy,
            vec![
                io(io::ErrorKind::ResourceBusy),
                io(io::ErrorKind::ExecutableFileBusy),
            ],
        ),
        (
            ErrorClass::Io,
            vec![
                io(io::ErrorKind::PermissionDenied),
                io(io::ErrorKind::StorageFull),
            ],
        ),
        (
            ErrorClass::Cancelled,
            vec![Kind::Io(io::Error::other(Cancelled))],
        ),
        (
            ErrorClass::Unsupported,
            vec![
                Kind::Object,
                Kind::File {
                    path: "x".into(),
                    source: source(),
                },
            ],
        ),
        (
            ErrorClass::Limit,
            vec![Kind::Memory { bytes: 1 }, Kind::HeaderFull],
        ),
        (
            ErrorClass::Format,
            vec![
                Kind::Short {
                    expected: 2,
                    found: 1,
                },
                Kind::TooLong {
                    expected: 1,
                    found: 2,
                },
                Kind::TruncatedItem {
                    found: 3,
                    unit: 2,
                    rows: false,
                },
                Kind::OtherFormat("gzip"),
                Kind::Trailing { bytes: 1 },
                Kind::InvalidItem {
                    item: 0,
                    field: None,
                    text: "x".into(),
                    expected: "a number",
                    dtype: DType::F64,
                },
            ],
        ),
        (
            ErrorClass::Mismatch,
            vec![
                Kind::Shape("no".into()),
                Kind::NotRowMajor(layout()),
                Kind::RowShape {
                    row: vec![1],
                    found: vec![2],
                },
                Kind::RowCount {
                    expected: 1,
                    found: 2,
                },
                Kind::Mismatch {
                    expected: DType::F64,
                    found: DType::F32,
                },
                Kind::MissingField {
                    field: "a".into(),
                    found: vec![],
                },
                Kind::FieldMismatch {
                    field: "a".into(),
                    expected: DType::F64,
                    found: DType::F32,
                },
                Kind::Count {
                    expected: 1,
                    found: 2,
                },
                Kind::ElementSize {
                    size: 4,
                    dtype: DType::F64,
                },
                Kind::Axes {
                    expected: 1,
                    found: 2,
                },
                Kind::NotInPlace("the byte order"),
                Kind::Unaligned { alignment: 8 },
                Kind::InvalidValue {
                    item: 0,
                    dtype: DType::U8,
                },
                Kind::Cast {
                    from: DType::F64,
                    to: DType::I8,
                    casting: Casting::Safe,
                },
                Kind::NoField {
                    name: "a".into(),
                    record: DType::F64,
                },
                Kind::TextType(DType::Object),
                Kind::NoStats(DType::Object),
                Kind::NoAxis { axis: 2, found: 1 },
                Kind::Separator,
                Kind::Format {
                    format: "%q".into(),
                    at: 1,
                    why: "unknown".into(),
                },
                Kind::Unformattable {
                    conversion: 'd',
                    dtype: DType::F64,
                },
                Kind::UnformattableItem {
                    item: 0,
                    conversion: 'd',
                    text: "nan".into(),
                },
                Kind::Forward { at: 0 },
                Kind::FortranOrder(vec![2, 3]),
                Kind::Strides,
                Kind::Slice("no".into()),
            ],
        ),
    ] {
        for kind in kinds {
            let text = format!("{kind:?}");
            assert_eq!(array_class(kind), expected, "{text}");
        }
    }
    let error = "<f3".parse::<DType>().unwrap_err();
    assert_eq!(array_class(Kind::Layout(error)), ErrorClass::Format);
    let error = header::Error::truncated(10, 0);
    assert_eq!(array_class(Kind::Header(error)), ErrorClass::Empty);
}

#[test]
fn of_archives() {
    use ArchiveKind as Kind;
    for (expected, kinds) in [
        (
            ErrorClass::Io,
            vec![Kind::Io(io::ErrorKind::StorageFull.into())],
        ),
        (
            ErrorClass::Unsupported,
            vec![
                Kind::Unsupported("encryption".into()),
                Kind::Array(ArrayKind::Object.into()),
            ],
        ),
        (
            ErrorClass::NoMember,
            vec![Kind::NotFound {
                names: vec![],
                count: 0,
            }],
        ),
        (
            ErrorClass::Mismatch,
            vec![
                Kind::Duplicate { count: 2 },
                Kind::Name("a\0".into()),
                Kind::NotStored,
                Kind::NotInMemory,
                Kind::NotArray,
            ],
        ),
        (
            ErrorClass::Format,
            vec![
                Kind::NotZip(None),
                Kind::Broken {
                    at: 0,
                    what: "x".into(),
                },
                Kind::Ambiguous {
                    at: 0,
                    what: "x".into(),
                },
                Kind::Checksum {
                    expected: 1,
                    found: 2,
                },
                Kind::Compressed { after: 1 },
                Kind::Size {
                    expected: 1,
                    found: 2,
                },
                Kind::Ratio {
                    size: 9_999,
                    compressed: 1,
                },
            ],
        ),
    ] {
        for kind in kinds {
            let text = format!("{kind:?}");
            assert_eq!(npz::Error::from(kind).class(), expected, "{text}");
        }
    }
}

/// The same through the usual entry points.
#[test]
fn by_path() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let array = Array::from_slice(&[1.0, 2.0], [2]).unwrap();
    npio::save(at("x.npy"), &array).unwrap();
    npio::savez(at("x.npz"), [("x", &array)]).unwrap();
    fs::write(at("empty.npy"), "").unwrap();
    fs::write(at("text.npy"), "a text").unwrap();
    let class = |result: Result<Array, Error>| result.unwrap_err().class();
    assert_eq!(class(npio::load(at("no.npy"))), ErrorClass::NotFound);
    assert_eq!(class(npio::load(at("empty.npy"))), ErrorClass::Empty);
    assert_eq!(class(npio::load(at("text.npy"))), ErrorClass::Format);
    let archive = npio::load_npz(at("x.npz")).unwrap();
    assert_eq!(class(archive.load("y")), ErrorClass::NoMember);
    let astype = LoadOptions::new().astype(DType::I8, Casting::Safe);
    assert_eq!(class(astype.load(at("x.npy"))), ErrorClass::Mismatch);
    let limited = LoadOptions::new().max_header_size(10);
    assert_eq!(class(limited.load(at("x.npy"))), ErrorClass::Limit);

    let first = AppendOptions::new().open(at("x.npy")).unwrap();
    let second = npio::append(at("x.npy"), &array).unwrap_err();
    assert_eq!(second.class(), ErrorClass::Busy);
    drop(first);
    let named = npio::save_raw(at("x_int32_4.dat"), &array).unwrap_err();
    assert_eq!(named.class(), ErrorClass::Mismatch);
}

/// `{:?}` is a readable line, however large the array.
#[test]
fn debug_is_bounded_and_readable() {
    let error = npio::load("no such file.npy").unwrap_err();
    assert_eq!(format!("{error:?}"), error.to_string());
    let archive = npz::Error::from(ArchiveKind::NotZip(None));
    assert_eq!(format!("{archive:?}"), archive.to_string());
    let array = Array::from_vec(vec![0f64; 1 << 20], [1 << 10, 1 << 10]).unwrap();
    let text = "Array { dtype: <f8, shape: (1024, 1024), order: C, .. }";
    let text = text.replace("<f8", &array.dtype().to_string());
    assert_eq!(format!("{array:?}"), text);
    assert_eq!(format!("{:?}", array.view()), text);
    assert!(format!("{:?}", array.strided()).ends_with("strides: [8192, 8], .. }"));
    let (_, buffer) = array.into_parts();
    assert_eq!(format!("{buffer:?}"), "Buffer(8388608 bytes)");
}

/// Names of any length in a file make no long messages.
#[test]
fn names_in_messages_are_cut() {
    let long = "n".repeat(60_000);
    let twice = format!("[('{long}','<i4'),('{long}','<i4')]");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let one = Array::from_slice(&[1u8], [1]).unwrap();
    npio::savez(&path, [(long.as_str(), &one)]).unwrap();
    let archive = npio::load_npz(&path).unwrap();
    let records: DType = format!("[('{long}','<i4')]").parse().unwrap();
    let layout = Layout::new(records, [0], Order::C).unwrap();
    let empty = Array::new(layout, []).unwrap();
    let messages = [
        twice.parse::<DType>().unwrap_err().to_string(),
        long.parse::<npio::Slice>().unwrap_err().to_string(),
        archive.load("no").unwrap_err().to_string(),
        archive.load(&format!("{long}!")).unwrap_err().to_string(),
        archive.load_vec::<f64>(&long).unwrap_err().to_string(),
        empty.field("no").unwrap_err().to_string(),
        empty.field(&long[1..]).unwrap_err().to_string(),
    ];
    for message in messages {
        assert!(message.contains("nnn'..."), "{:.300}", message);
        assert!(message.len() < 500, "{}: {:.300}", message.len(), message);
    }
}
