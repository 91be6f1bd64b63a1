//! Files that grow: the guarantees for the file, its name and its neighbours.

use npio::header::Header;
use npio::{AppendOptions, Array, DType, ErrorClass, Order, RecoverFrom, SaveOptions};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

fn array(items: &[f64]) -> Array {
    Array::from_slice(items, [items.len()]).unwrap()
}

fn items(path: &Path) -> Vec<f64> {
    npio::load_vec(path).unwrap().0
}

/// The bytes that the array would be saved as.
fn saved(items: &[f64]) -> Vec<u8> {
    flatfile::npy::to_bytes(&array(items)).unwrap()
}

/// A file whose header can only count to 9.
fn without_room(path: &Path, items: &[f64]) {
    let header = Header::new(array(items).layout().clone());
    let length = (0..).find(|length| header.encode_in(*length).is_ok());
    let mut bytes = header.encode_in(length.unwrap()).unwrap();
    bytes.extend(array(items).as_bytes());
    fs::write(path, bytes).unwrap();
}

#[test]
fn an_appended_file_is_the_saved_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, array(&[])).unwrap();
    let mut expected = Vec::new();
    for (i, options) in [AppendOptions::new(), AppendOptions::new().durable()]
        .into_iter()
        .cycle()
        .take(30)
        .enumerate()
    {
        expected.push(i as f64);
        options.append(&path, array(&[i as f64])).unwrap();
        assert_eq!(fs::read(&path).unwrap(), saved(&expected));
    }
    let mut appender = AppendOptions::new().open(&path).unwrap();
    for i in 0..100 {
        expected.push(f64::from(i));
        appender.push(array(&[f64::from(i)])).unwrap();
        if i % 7 == 0 {
            appender.commit().unwrap();
            assert_eq!(items(&path), expected);
        }
    }
    let committed: Vec<f64> = expected.split_last().unwrap().1.to_vec();
    drop(appender);
    assert_eq!(fs::read(&path).unwrap(), saved(&committed));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_file_without_room_is_replaced() {
    for durable in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().join("real.npy");
        without_room(&real, &[1.0; 8]);
        // Not every user may make links on Windows.
        let path = if cfg!(unix) {
            folder.path().join("x.npy")
        } else {
            real.clone()
        };
        #[cfg(unix)]
        std::os::unix::fs::symlink("real.npy", &path).unwrap();
        let names = fs::read_dir(folder.path()).unwrap().count();
        let before = fs::read(&real).unwrap();
        let options = if durable {
            AppendOptions::new().durable()
        } else {
            AppendOptions::new()
        };

        // Without a commit, nothing changes.
        let mut appender = options.open(&path).unwrap();
        appender.push(array(&[2.0])).unwrap();
        appender.push(array(&[3.0, 4.0])).unwrap();
        drop(appender);
        assert_eq!(fs::read(&real).unwrap(), before);

        let mut appender = options.open(&path).unwrap();
        appender.push(array(&[2.0])).unwrap();
        appender.commit().unwrap();
        appender.push(array(&[3.0, 4.0])).unwrap();
        // The old file is there until the new one has its name, and no other process appends to either.
        assert_eq!(items(&path), [1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0]);
        assert!(npio::append(&path, array(&[9.0])).is_err());
        appender.commit().unwrap();
        assert!(npio::append(&path, array(&[9.0])).is_err());
        appender.push(array(&[5.0])).unwrap();
        appender.commit().unwrap();
        drop(appender);
        let expected: Vec<f64> = [&[1.0; 8][..], &[2.0, 3.0, 4.0, 5.0]].concat();
        assert_eq!(fs::read(&real).unwrap(), saved(&expected));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), names);
    }
}

#[test]
fn two_do_not_append_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, array(&[1.0])).unwrap();
    let first = AppendOptions::new().open(&path).unwrap();
    let error = npio::append(&path, array(&[2.0])).unwrap_err();
    let text = format!(
        "{}: somebody else is appending to this file",
        path.display()
    );
    assert_eq!((error.class(), error.to_string()), (ErrorClass::Busy, text));
    drop(first);
    npio::append(&path, array(&[2.0])).unwrap();
    assert_eq!(items(&path), [1.0, 2.0]);
}

/// Many appenders at once, each of which retries until it is admitted: no row is lost, though the file is
/// replaced once.
#[test]
fn appenders_take_turns() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    without_room(&path, &[0.0; 5]);
    let append = |i: usize| {
        for j in 0..50 {
            let row = array(&[(i * 50 + j) as f64 + 1.0]);
            while let Err(error) = npio::append(&path, &row) {
                assert!(
                    error
                        .to_string()
                        .ends_with("somebody else is appending to this file"),
                    "{error}"
                );
                std::thread::yield_now();
            }
        }
    };
    std::thread::scope(|scope| {
        for i in 0..4 {
            scope.spawn(move || append(i));
        }
    });
    let mut found = items(&path);
    found.sort_by(f64::total_cmp);
    let expected: Vec<f64> = (0..200).map(|i| f64::from(i) + 1.0).collect();
    assert_eq!(found, [&[0.0; 5][..], &expected].concat());
}

#[test]
fn what_stands_behind_the_array_is_cut_off_only_where_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let mut bytes = saved(&[1.0]);
    bytes.extend([7; 20]);
    fs::write(&path, &bytes).unwrap();
    let error = npio::append(&path, array(&[2.0])).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Format);
    assert!(
        error.to_string().contains("20 bytes follow the array"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), bytes);
    let options = AppendOptions::new().recover(RecoverFrom::Header);
    options.append(&path, array(&[2.0])).unwrap();
    assert_eq!(fs::read(&path).unwrap(), saved(&[1.0, 2.0]));
}

#[test]
fn other_rows_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, array(&[1.0])).unwrap();
    let wrong = Array::from_slice(&[1u8], [1]).unwrap();
    assert_eq!(
        npio::append(&path, &wrong).unwrap_err().class(),
        ErrorClass::Mismatch
    );
    let wrong = Array::from_slice(&[1.0], [1, 1]).unwrap();
    assert_eq!(
        npio::append(&path, &wrong).unwrap_err().class(),
        ErrorClass::Mismatch
    );
    assert_eq!(fs::read(&path).unwrap(), saved(&[1.0]));
    let nowhere = folder.path().join("no.npy");
    assert_eq!(
        npio::append(nowhere, &wrong).unwrap_err().class(),
        ErrorClass::NotFound
    );
    assert!(npio::append(folder.path(), &wrong).is_err());
}

#[test]
fn rows_come_one_by_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let ways = [
        SaveOptions::new(),
        SaveOptions::new().durable(),
        SaveOptions::new().in_place(),
    ];
    for (i, options) in ways.iter().enumerate() {
        let mut rows = options.rows(&path, DType::F64, []).unwrap();
        let expected: Vec<f64> = (0..=i * 10).map(|i| i as f64).collect();
        for item in &expected {
            rows.push(array(&[*item])).unwrap();
        }
        rows.finish().unwrap();
        assert_eq!(fs::read(&path).unwrap(), saved(&expected));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    // Unfinished work leaves the old file, and nothing else.
    let before = fs::read(&path).unwrap();
    let mut rows = SaveOptions::new().rows(&path, DType::F64, []).unwrap();
    rows.push(array(&[7.0])).unwrap();
    assert!(rows.push(Array::from_slice(&[7u8], [1]).unwrap()).is_err());
    drop(rows);
    assert_eq!(fs::read(&path).unwrap(), before);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let fortran = SaveOptions::new().order(Order::Fortran);
    assert_eq!(
        fortran.rows(&path, DType::F64, [2]).unwrap_err().class(),
        ErrorClass::Mismatch
    );
    assert!(
        fortran
            .rows(&path, DType::F64, [])
            .unwrap()
            .finish()
            .is_ok()
    );
    let error = SaveOptions::new()
        .create_new()
        .rows(&path, DType::F64, [])
        .unwrap_err();
    assert_eq!(error.class(), ErrorClass::Io);
}

/// A truncated header after an interrupted write is an error, as are files of other kinds.
#[test]
fn only_npy_files_grow() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    File::create(&path)
        .unwrap()
        .write_all(b"PK\x03\x04")
        .unwrap();
    let error = npio::append(&path, array(&[1.0])).unwrap_err();
    assert!(error.to_string().contains("(a zip archive"), "{error}");
}

#[test]
fn nothing_is_cut_off_where_nothing_was_pushed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, array(&[1.0])).unwrap();
    let mut appender = AppendOptions::new().open(&path).unwrap();
    assert!(
        appender
            .push(Array::from_slice(&[1u8], [1]).unwrap())
            .is_err()
    );
    // As NumPy saves: in place, ignoring locks. On Windows no other process can write to the file.
    let saved = SaveOptions::new()
        .in_place()
        .save(&path, array(&[1.0, 2.0]));
    assert_eq!(saved.is_err(), cfg!(windows));
    drop(appender);
    let expected: &[f64] = if saved.is_ok() { &[1.0, 2.0] } else { &[1.0] };
    assert_eq!(items(&path), expected);
}
