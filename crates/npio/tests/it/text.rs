//! Text by path: files that are replaced, and values that are refused.

use npio::flatfile::text::{self, table};
use npio::{Array, ByteOrder, Casting, DType, ErrorClass, LoadOptions, Order, SaveOptions};
use std::fs;

fn array() -> Array {
    Array::from_slice(&[1.0, f64::NAN, 3.0], [3]).unwrap()
}

#[test]
fn a_failed_write_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.txt");
    fs::write(&path, "old").unwrap();
    let integers = || text::WriteOptions::new().format("%d".parse().unwrap());
    let rows = || table::WriteOptions::new().format("%d");
    let failed = [
        // Midway: NaN is not an integer.
        SaveOptions::new()
            .text(integers())
            .tofile_sep(&path, array(), ","),
        SaveOptions::new().table(rows()).savetxt(&path, array()),
        // Before anything is written, so that not even a file that is written in place is touched.
        SaveOptions::new()
            .in_place()
            .table(table::WriteOptions::new().format("%q"))
            .savetxt(&path, array()),
        SaveOptions::new()
            .in_place()
            .text(text::WriteOptions::new().format("%x".parse().unwrap()))
            .tofile_sep(&path, array(), ","),
        npio::savetxt(&path, Array::from_slice(&[1.0], [1, 1, 1]).unwrap()),
        SaveOptions::new()
            .create_new()
            .tofile_sep(&path, array(), ","),
    ];
    let message = failed.map(|result| result.unwrap_err().to_string());
    let expected = [
        "item 1 cannot be written with %d: 'nan'",
        "item 1 cannot be written with %d: 'nan'",
        "invalid format '%q', at character 1: unknown conversion 'q'",
        &format!("%x is not for items of type '{}'", DType::F64),
        "invalid shape: a table has one axis or two, the array 3",
    ];
    for (message, expected) in message.iter().zip(expected) {
        assert_eq!(*message, format!("{}: {expected}", path.display()));
    }
    assert_eq!(fs::read(&path).unwrap(), b"old");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn what_is_no_text() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.txt");
    npio::save(&path, array()).unwrap();
    let is_npy = "the file is .npy, as its first bytes say: expected raw items or text";
    for error in [
        npio::fromfile_sep(&path, DType::F64, ",").unwrap_err(),
        npio::loadtxt(&path, DType::F64).unwrap_err(),
    ] {
        assert_eq!(error.to_string(), format!("{}: {is_npy}", path.display()));
        assert_eq!(error.class(), ErrorClass::Format);
    }
    fs::write(&path, [1, 0, 0, 0]).unwrap();
    let error = npio::fromfile_sep(&path, DType::F64, ",").unwrap_err();
    assert_eq!(error.class(), ErrorClass::Format);
    assert!(
        error
            .to_string()
            .contains("expected a number, found '\\x01'"),
        "{error}"
    );
    let error = npio::fromfile_sep(&path, DType::F64, "").unwrap_err();
    assert_eq!(error.class(), ErrorClass::Mismatch);
    let error = npio::loadtxt(folder.path().join("y.txt"), DType::F64).unwrap_err();
    assert_eq!(error.class(), ErrorClass::NotFound);
}

/// NumPy's `savetxt` ends lines with `\r\n` when it writes to a path on Windows.
#[test]
fn lines_that_end_as_on_windows() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.txt");
    let text = "# a comment\n1.5 2.5\n\n3.5 4.5 # and another\n5.5 6.5\n";
    let load = |text: &str| {
        fs::write(&path, text).unwrap();
        npio::loadtxt(&path, DType::F64).unwrap()
    };
    let expected = load(text);
    assert_eq!(expected.shape(), [3, 2]);
    let found = load(&text.replace('\n', "\r\n"));
    assert_eq!(found.layout(), expected.layout());
    assert_eq!(found.as_bytes(), expected.as_bytes());
}

/// The options for conversion apply to text like to everything else.
#[test]
fn text_is_converted_too() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.txt");
    let x = Array::from_slice(&[1.75, 2.0, 3.0, 4.0], [2, 2]).unwrap();
    let whole = SaveOptions::new().astype(DType::I32, Casting::Unsafe);
    whole.tofile_sep(&path, &x, " ").unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "1 2 3 4");
    let table = table::WriteOptions::new().format("%d");
    whole.table(table).savetxt(&path, &x).unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "1 2\n3 4\n");
    let load = LoadOptions::new()
        .astype(DType::U8, Casting::Unsafe)
        .order(Order::Fortran);
    let loaded = load.loadtxt(&path, DType::F64).unwrap();
    assert_eq!(
        (loaded.as_bytes(), loaded.shape()),
        (&[1, 3, 2, 4][..], &[2, 2][..])
    );
    let big = LoadOptions::new().byte_order(ByteOrder::Big);
    let loaded = big.fromfile_sep(&path, DType::I16, " ").unwrap();
    assert_eq!(loaded.as_bytes(), [0, 1, 0, 2, 0, 3, 0, 4]);
    let safe = LoadOptions::new().astype(DType::U8, Casting::Safe);
    assert!(safe.loadtxt(&path, DType::F64).is_err());
}
