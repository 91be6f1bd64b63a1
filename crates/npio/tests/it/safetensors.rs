//! Files of safetensors.

use npio::flatfile::show;
use npio::safetensors::{self, ErrorKind, Header, SafeTensors};
use npio::{Array, Casting, Cause, DType, ErrorClass, Layout, Order};
use std::fs;

/// A file with this header and these bytes after it.
fn file(header: &str, items: &[u8]) -> Vec<u8> {
    let length = (header.len() as u64).to_le_bytes();
    [&length, header.as_bytes(), items].concat()
}

fn message(bytes: &[u8]) -> String {
    SafeTensors::new(bytes).unwrap_err().to_string()
}

fn kind(bytes: &[u8]) -> ErrorKind {
    match SafeTensors::new(bytes).unwrap_err().cause() {
        Cause::SafeTensors(error) => error.kind().clone(),
        other => panic!("{other:?}"),
    }
}

/// An array of bytes at this place, in a header.
fn bytes_at(name: &str, begin: u64, end: u64) -> String {
    let length = end.wrapping_sub(begin);
    format!("\"{name}\":{{\"dtype\":\"U8\",\"shape\":[{length}],\"data_offsets\":[{begin},{end}]}}")
}

#[test]
fn every_dtype_there_and_back() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    let dtypes = [
        ("BOOL", DType::Bool),
        ("U8", DType::U8),
        ("I8", DType::I8),
        ("F8_E5M2", DType::F8E5M2),
        ("F8_E4M3", DType::F8E4M3FN),
        ("F8_E8M0", DType::F8E8M0FNU),
        ("F8_E4M3FNUZ", DType::F8E4M3FNUZ),
        ("F8_E5M2FNUZ", DType::F8E5M2FNUZ),
        ("I16", DType::I16),
        ("U16", DType::U16),
        ("F16", DType::F16),
        ("BF16", DType::BF16),
        ("I32", DType::I32),
        ("U32", DType::U32),
        ("F32", DType::F32),
        ("C64", DType::C64),
        ("F64", DType::F64),
        ("I64", DType::I64),
        ("U64", DType::U64),
    ];
    let ones = Array::from_slice(&[true, false, true, true, false, true], [2, 3]).unwrap();
    let arrays: Vec<(&str, Array)> = dtypes
        .iter()
        .map(|(name, dtype)| (*name, ones.astype(dtype.clone(), Casting::Unsafe).unwrap()))
        .collect();
    safetensors::save(&path, &arrays, &[]).unwrap();
    let read = safetensors::open(&path).unwrap();
    let names: Vec<&str> = read.tensors().map(|tensor| tensor.name()).collect();
    let mut expected: Vec<&str> = dtypes.iter().rev().map(|(name, _)| *name).collect();
    assert_eq!(names, expected);
    expected.reverse();
    for (name, array) in &arrays {
        let tensor = read.get(name).unwrap();
        assert_eq!((tensor.dtype_name(), tensor.shape()), (*name, &[2, 3][..]));
        assert!(safetensors::has_dtype(array.dtype()));
        let back = tensor.open().unwrap().read().unwrap();
        assert_eq!(
            show::array(&back.strided()).unwrap().to_string(),
            array.to_string(),
            "{name}"
        );
    }
    for other in [
        "<M8[s]",
        "S3",
        "U3",
        "c16",
        "f16",
        "V2",
        "O",
        "int4",
        "float8_e4m3",
        "[('a','u1')]",
    ] {
        assert!(!safetensors::has_dtype(&other.parse().unwrap()), "{other}");
    }
}

#[test]
fn what_is_written_is_in_c_order_and_little_endian() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    let big = Array::from_slice(&[1i16, 2, 3, 4, 5, 6], [2, 3]).unwrap();
    let big = big.astype(">i2".parse().unwrap(), Casting::Equiv).unwrap();
    let big = big.to_order(Order::Fortran).unwrap();
    let empty = Array::from_slice::<f32>(&[], [0, 7]).unwrap();
    safetensors::save(
        &path,
        &[("b\"\n\u{e9}", &big), ("a", &empty)],
        &[("k", "v\u{1f600}")],
    )
    .unwrap();
    let header = "{\"__metadata__\":{\"k\":\"v\u{1f600}\"},\
        \"a\":{\"dtype\":\"F32\",\"shape\":[0,7],\"data_offsets\":[0,0]},\
        \"b\\\"\\n\u{e9}\":{\"dtype\":\"I16\",\"shape\":[2,3],\"data_offsets\":[0,12]}}";
    let padded = format!(
        "{header:width$}",
        width = header.chars().count() + (8 - header.len() % 8) % 8
    );
    let expected = file(&padded, &[1, 0, 2, 0, 3, 0, 4, 0, 5, 0, 6, 0]);
    assert_eq!(fs::read(&path).unwrap(), expected);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let none: [(&str, Array); 0] = [];
    safetensors::save(&path, &none, &[]).unwrap();
    assert_eq!(fs::read(&path).unwrap(), file("{}      ", b""));
}

#[test]
fn what_cannot_be_written_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.safetensors");
    fs::write(&path, "old").unwrap();
    let dates = Array::from_slice(&[0i64], [1])
        .unwrap()
        .with_dtype("<M8[s]".parse().unwrap())
        .unwrap();
    let error = safetensors::save(&path, &[("when", &dates)], &[]).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unsupported);
    let expected = format!(
        "{}: array 'when' cannot be saved: safetensors has no dtype <M8[s]",
        path.display()
    );
    assert_eq!(error.to_string(), expected);
    for names in [["a", "a"], ["a", "__metadata__"]] {
        let error = safetensors::save(&path, &names.map(|name| (name, [1u8])), &[]).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Mismatch, "{error}");
    }
    let layout = Layout::new(DType::U8, [1], Order::C).unwrap();
    assert!(Header::new(&[("a", &layout)], &[("k", "1"), ("k", "2")]).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"old");
}

#[test]
fn headers_that_do_not_fit_are_errors() {
    let two = |one: &str, other: &str| format!("{{{one},{other}}}");
    let (first, second) = (bytes_at("a", 0, 2), bytes_at("b", 2, 4));
    let fine = file(&two(&second, &first), b"1234");
    let read = SafeTensors::new(fine.as_slice()).unwrap();
    assert_eq!(
        read.get("b")
            .unwrap()
            .open()
            .unwrap()
            .read()
            .unwrap()
            .as_bytes(),
        b"34"
    );
    for (bytes, expected) in [
        (
            Vec::new(),
            "safetensors header is cut off: expected at least 8 bytes, found 0",
        ),
        (
            file(&format!("{{{first}}}"), b"")[..20].to_vec(),
            "safetensors header is cut off: expected at least 61 bytes, found 20",
        ),
        (
            u64::MAX.to_le_bytes().to_vec(),
            "safetensors header of 18446744073709551615 bytes is over the limit of 100000000 (byte 0)",
        ),
        (
            file("", b""),
            "safetensors header: EOF while parsing a value (byte 8)",
        ),
        (
            file("[]", b""),
            "safetensors header: invalid type: sequence, expected an object of tensors by name (byte 8)",
        ),
        (
            file("{} x", b""),
            "safetensors header: trailing characters (byte 11)",
        ),
        (
            file("{\n\"a\": 1}", b""),
            "safetensors header: invalid type: integer `1`, expected struct StatedTensor (byte 15)",
        ),
        (
            file(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[-1],\"data_offsets\":[0,2]}}",
                b"12",
            ),
            "safetensors header: invalid value: integer `-1`, expected usize (byte 37)",
        ),
        (
            file(&two(&first, &bytes_at("a", 2, 4)), b"1234"),
            "safetensors header: the name 'a' is used twice (byte 63)",
        ),
        (
            file("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", b""),
            "safetensors header: the name 'k' is used twice (byte 35)",
        ),
        (
            file("{\"__metadata__\":{\"k\":1}}", b""),
            "safetensors header: invalid type: integer `1`, expected a string (byte 29)",
        ),
        (
            file(
                "{\"a\":{\"dtype\":\"F7\",\"shape\":[2],\"data_offsets\":[0,2]}}",
                b"12",
            ),
            "tensor 'a' has the dtype 'F7', which safetensors does not define",
        ),
        (
            file(&two(&first, &bytes_at("b", 3, 4)), b"1234"),
            "the items of tensor 'b' begin 3 bytes after the header, and those before them end after 2",
        ),
        (
            file(&two(&first, &bytes_at("b", 1, 4)), b"1234"),
            "the items of tensor 'b' begin 1 bytes after the header, and those before them end after 2",
        ),
        (
            file(&format!("{{{second}}}"), b"1234"),
            "the items of tensor 'b' begin 2 bytes after the header, and those before them end after 0",
        ),
        (
            file(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[3],\"data_offsets\":[0,2]}}",
                b"12",
            ),
            "the items of tensor 'a' take 3 bytes, and its data_offsets are 2 apart",
        ),
        (
            file(
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[2,0]}}",
                b"12",
            ),
            "the items of tensor 'a' take 0 bytes, and its data_offsets are -2 apart",
        ),
        (
            file(
                "{\"a\":{\"dtype\":\"F4\",\"shape\":[3],\"data_offsets\":[0,2]}}",
                b"12",
            ),
            "the items of tensor 'a' take no whole number of bytes, or more than any file has",
        ),
        (
            file(
                "{\"a\":{\"dtype\":\"F64\",\"shape\":[4294967295,4294967295],\"data_offsets\":[0,2]}}",
                b"12",
            ),
            "the items of tensor 'a' take no whole number of bytes, or more than any file has",
        ),
        (
            file(&format!("{{{first}}}"), b"1"),
            "the items of all tensors take 2 bytes, and 1 bytes follow the header",
        ),
        (
            file(&format!("{{{first}}}"), b"123"),
            "the items of all tensors take 2 bytes, and 3 bytes follow the header",
        ),
    ] {
        assert_eq!(message(&bytes), expected);
    }
    assert!(matches!(
        kind(&file("{\"a\":{}}", b"")),
        ErrorKind::Json { .. }
    ));
}

#[test]
fn packed_items_are_listed_and_not_read() {
    let bytes = file(
        "{\"a\":{\"dtype\":\"F4\",\"shape\":[2,2],\"data_offsets\":[0,2]}}",
        b"12",
    );
    let read = SafeTensors::new(bytes.as_slice()).unwrap();
    let tensor = read.get("a").unwrap();
    assert_eq!(
        (tensor.dtype_name(), tensor.shape(), tensor.nbytes()),
        ("F4", &[2, 2][..], 2)
    );
    let error = tensor.open().unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unsupported);
    let expected = "tensor 'a' has several items of F4 in a byte, which are not read";
    assert_eq!(error.to_string(), expected);
    assert_eq!(read.get("b").unwrap_err().class(), ErrorClass::NoMember);
}

/// Every prefix, and every changed byte, is an error or a file that fits; nothing panics.
#[test]
fn no_changed_byte_panics() {
    let header = format!(
        "{{\"__metadata__\":{{\"k\":\"v\"}},{},{}}}",
        bytes_at("a", 0, 2),
        bytes_at("b", 2, 4)
    );
    let whole = file(&header, b"1234");
    for length in 0..whole.len() {
        assert!(SafeTensors::new(&whole[..length]).is_err(), "{length}");
    }
    for place in 0..whole.len() {
        for value in [0, b'0', b'9', b'{', b'"', b'\\', 0x80, 0xff] {
            let mut changed = whole.clone();
            changed[place] = value;
            if let Ok(read) = SafeTensors::new(changed.as_slice()) {
                let sizes = read.tensors().map(|tensor| tensor.nbytes());
                assert_eq!(sizes.sum::<u64>(), 4);
            }
        }
    }
}

/// The items are read in place, and only those of a slice.
#[test]
fn a_slice_reads_little() {
    use npio::ReadAt;
    use std::io;
    use std::sync::atomic::{AtomicUsize, Ordering};

    struct Counted(Vec<u8>, AtomicUsize);

    impl ReadAt for Counted {
        fn len(&self) -> io::Result<u64> {
            Ok(self.0.len() as u64)
        }

        fn read_at(&self, bytes: &mut [u8], offset: u64) -> io::Result<usize> {
            self.1.fetch_add(bytes.len(), Ordering::Relaxed);
            self.0.as_slice().read_at(bytes, offset)
        }
    }

    let header = bytes_at("a", 0, 8 << 20);
    let source = Counted(
        file(&format!("{{{header}}}"), &vec![7; 8 << 20]),
        AtomicUsize::new(0),
    );
    let read = SafeTensors::new(&source).unwrap();
    let reader = read.get("a").unwrap().open().unwrap();
    assert_eq!(
        reader.slice(&"5:8".parse().unwrap()).unwrap().as_bytes(),
        [7; 3]
    );
    assert!(source.1.load(Ordering::Relaxed) < 1 << 20);
}
