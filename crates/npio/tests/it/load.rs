//! Loading by every entry point: from files and from other sources.

use npio::{Array, ArrayView, ErrorClass, LoadOptions, Order};
use std::fs;

#[test]
fn a_fortran_file_by_every_door() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let items: Vec<i32> = (0..6).collect();
    let array = ArrayView::over(&items, [2, 3]).unwrap();
    npio::save(&path, array.to_order(Order::Fortran).unwrap()).unwrap();

    assert_eq!(npio::load(&path).unwrap().layout().order(), Order::Fortran);
    let loaded = LoadOptions::new().order(Order::C).load(&path).unwrap();
    assert_eq!(loaded.as_slice::<i32>().unwrap(), items);
    let (vec, shape) = npio::load_vec::<i32>(&path).unwrap();
    assert_eq!((vec, shape), (items.clone(), vec![2, 3]));
    let mut there = [9i32; 6];
    assert_eq!(npio::load_into(&path, &mut there).unwrap(), [2, 3]);
    assert_eq!(there[..], items);
    let blocks = LoadOptions::new().row_blocks(&path, 1).unwrap();
    assert_eq!(
        (blocks.rows_left(), blocks.layout().shape()),
        (2, &[2, 3][..])
    );
    let rows = blocks.map(|block| block.unwrap().to_vec::<i32>().unwrap());
    assert_eq!(rows.collect::<Vec<_>>().concat(), items);
}

#[test]
fn errors_name_the_file_and_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, Array::from_slice(&[1u8, 2, 3], [3]).unwrap()).unwrap();
    let error = npio::load_into(&path, &mut [0u8; 2]).unwrap_err();
    assert_eq!(
        (error.class(), error.path()),
        (ErrorClass::Mismatch, Some(path.as_path()))
    );
    let error = LoadOptions::new().row_blocks(&path, 0).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Mismatch);
    let bytes = fs::read(&path).unwrap();
    let mut blocks = LoadOptions::new().row_blocks(&path, 2).unwrap();
    fs::write(&path, bytes.split_last().unwrap().1).unwrap();
    let error = npio::Error::from(blocks.next().unwrap().unwrap_err());
    assert_eq!(
        (error.class(), error.path()),
        (ErrorClass::Format, Some(path.as_path()))
    );
    assert!(blocks.next().is_none());
    let error = npio::load(folder.path()).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Io);
    let missing = folder.path().join("no.npy");
    assert_eq!(
        npio::load(missing).unwrap_err().class(),
        ErrorClass::NotFound
    );
}

/// A pipe cannot be read at positions, so it is read sequentially.
#[cfg(unix)]
#[test]
fn pipes_by_every_door() {
    use std::io::Write;
    use std::os::fd::AsRawFd;
    use std::thread;

    let items: Vec<i64> = (0..50_000).collect();
    let array = ArrayView::over(&items, [100, 500]).unwrap();
    let piped = |array: &Array, load: &dyn Fn(&str)| {
        let bytes = flatfile::npy::to_bytes(array).unwrap();
        let (reader, mut writer) = std::io::pipe().unwrap();
        let path = format!("/dev/fd/{}", reader.as_raw_fd());
        thread::scope(|scope| {
            scope.spawn(move || writer.write_all(&bytes).unwrap());
            load(&path);
        });
    };
    let rows = array.to_order(Order::C).unwrap();
    let columns = array.to_order(Order::Fortran).unwrap();
    for array in [&rows, &columns] {
        piped(array, &|path| {
            assert_eq!(npio::load(path).unwrap().as_bytes(), array.as_bytes())
        });
        piped(array, &|path| {
            assert_eq!(npio::load_vec::<i64>(path).unwrap().0, items)
        });
        piped(array, &|path| {
            let mut there = vec![0i64; items.len()];
            assert_eq!(npio::load_into(path, &mut there).unwrap(), [100, 500]);
            assert_eq!(there, items);
        });
    }
    piped(&rows, &|path| {
        let blocks = LoadOptions::new().row_blocks(path, 33).unwrap();
        let rows = blocks.map(|block| block.unwrap().to_vec::<i64>().unwrap());
        assert_eq!(rows.collect::<Vec<_>>().concat(), items);
    });
    for (device, class) in [
        ("/dev/null", ErrorClass::Empty),
        ("/dev/zero", ErrorClass::Format),
    ] {
        assert_eq!(npio::load(device).unwrap_err().class(), class);
    }
}
