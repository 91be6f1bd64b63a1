//! Memory maps of every mode beside NumPy's, and shared with it.

#![expect(
    unsafe_code,
    reason = "mapping is unsafe; NumPy has these files only between our uses of them"
)]

use conformance::NumPy;
use npio::dtype::{DType, Layout, Order};
use npio::{Array, MemmapOptions, RawLayout, memmap};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// Changes the last item of a map, and returns its old value.
const CHANGE: &str = r#"
path, dtype, mode, offset, shape, order = args
m = np.memmap(path, dtype, mode, offset, tuple(shape), order)
before = m.tolist()
if mode != "r":
    m[tuple(n - 1 for n in shape)] = 77
m.flush()
answer = [before, m.tolist()]
del m
"#;

fn format(dtype: &DType, offset: u64, shape: &[isize], order: Order) -> RawLayout {
    let format = RawLayout::new(dtype.clone()).shape(shape);
    format.offset(offset).order(order)
}

/// The same with our map: the old value, and the new one.
fn change(
    path: &Path,
    mode: &str,
    dtype: &DType,
    offset: u64,
    shape: &[isize],
    order: Order,
) -> Value {
    let format = format(dtype, offset, shape, order);
    let list = |array: &npio::Strided<'_>| -> Value {
        let mut json = Vec::new();
        flatfile::show::json(array, &mut json).unwrap();
        serde_json::from_slice(&json).unwrap()
    };
    // SAFETY: NumPy has closed its map of this file.
    let mut array = match mode {
        "r" => {
            let array = unsafe { memmap(path, &format) }.unwrap();
            let before = list(&array.strided());
            return json!([before.clone(), before]);
        }
        "c" => unsafe { MemmapOptions::new(&format).map_copy(path) }.unwrap(),
        "r+" => unsafe { MemmapOptions::new(&format).map_mut(path) }.unwrap(),
        _ => {
            let shape: Vec<usize> = shape.iter().map(|n| *n as usize).collect();
            let layout = Layout::new(dtype.clone(), shape, order).unwrap();
            unsafe { MemmapOptions::new(RawLayout::from(layout).offset(offset)).create(path) }
                .unwrap()
        }
    };
    let before = list(&array.strided());
    let itemsize = dtype.itemsize();
    let mut item = vec![0; itemsize];
    if dtype.to_string().starts_with('>') {
        item[itemsize - 1] = 77
    } else {
        item[0] = 77
    }
    // The last item in both orders.
    let bytes = array.as_mut_bytes();
    let last = bytes.len() - itemsize;
    bytes[last..].copy_from_slice(&item);
    let after = list(&array.strided());
    array.close().unwrap();
    json!([before, after])
}

#[test]
fn every_mode_as_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (ours, theirs) = (
        folder.path().join("ours.dat"),
        folder.path().join("theirs.dat"),
    );
    let bytes: Vec<u8> = (0..=255).collect();
    for dtype in ["u1", "<i2", ">i4", "<u8"] {
        let parsed: DType = dtype.parse().unwrap();
        for mode in ["r", "c", "r+", "w+"] {
            for offset in [0, 1, 16, 100] {
                for (shape, order) in [
                    (vec![3], "C"),
                    (vec![2, 3], "C"),
                    (vec![2, 3], "F"),
                    (vec![1, 1, 4], "F"),
                ] {
                    fs::write(&ours, &bytes).unwrap();
                    fs::write(&theirs, &bytes).unwrap();
                    let args = [
                        json!(theirs),
                        json!(dtype),
                        json!(mode),
                        json!(offset),
                        json!(shape),
                        json!(order),
                    ];
                    let expected = numpy.ask(CHANGE, &args).unwrap();
                    let order = if order == "F" {
                        Order::Fortran
                    } else {
                        Order::C
                    };
                    let found = change(&ours, mode, &parsed, offset, &shape, order);
                    assert_eq!(found, expected, "{dtype} {mode} {offset} {shape:?}");
                    assert_eq!(fs::read(&ours).unwrap(), fs::read(&theirs).unwrap());
                }
            }
        }
    }
}

/// Each sees what the other writes to its map of the same file.
#[test]
fn two_processes_see_each_others_writes() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.dat");
    fs::write(&path, [0; 16]).unwrap();
    let open = "np.shared = np.memmap(args[0], '<i4', 'r+')";
    numpy.ask(open, &[json!(path)]).unwrap();
    // SAFETY: the other process writes only when asked to, which is opaque to the compiler.
    let mut array = unsafe { MemmapOptions::new(DType::I32).map_mut(&path) }.unwrap();
    for i in 1..50 {
        array.as_mut_slice::<i32>().unwrap()[0] = i;
        let answer = numpy.ask("answer = int(np.shared[0]); np.shared[1] = 2 * answer", &[]);
        assert_eq!(answer, Ok(json!(i)));
        assert_eq!(array.as_slice::<i32>().unwrap()[1], 2 * i);
    }
    array.close().unwrap();
    assert_eq!(fs::read(&path).unwrap()[..8], [49, 0, 0, 0, 98, 0, 0, 0]);
}

#[test]
fn what_cannot_be_mapped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.dat");
    fs::write(&path, [0; 10]).unwrap();
    for (shape, message) in [
        (
            vec![6],
            "the data is too short: expected 12 bytes, found 10",
        ),
        (
            vec![-1, 4],
            "10 bytes are not a whole number of rows of 8 bytes: 2 are left over",
        ),
    ] {
        let format = RawLayout::new(DType::I16).shape(shape);
        for map in [
            // SAFETY: no other program uses this file.
            unsafe { memmap(&path, &format) }.map(drop),
            // SAFETY: no other program uses this file.
            unsafe { MemmapOptions::new(&format).map_mut(&path) }.map(drop),
            // SAFETY: no other program uses this file.
            unsafe { MemmapOptions::new(&format).map_copy(&path) }.map(drop),
        ] {
            assert!(map.unwrap_err().to_string().ends_with(message));
        }
        assert_eq!(fs::read(&path).unwrap(), [0; 10]);
    }
    // Root may write to any file, but not to a folder, nor to a program that runs.
    let program = std::env::current_exe().unwrap();
    for path in [folder.path(), program.as_path()] {
        // SAFETY: there is nothing to map.
        let map = unsafe { MemmapOptions::new(DType::U8).map_mut(path) };
        assert!(map.is_err());
    }
    // SAFETY: a running program is not changed.
    let map = unsafe { memmap(&program, DType::U8) }.unwrap();
    assert!(map.as_bytes().len() > 1000);
}

/// The items of a `.npy` follow the header; the header is not an item.
#[test]
fn items_behind_a_header_are_raw_and_the_header_is_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let x = Array::from_slice(&[1i32, 2, 3], [3]).unwrap();
    npio::save(&path, &x).unwrap();
    let behind = RawLayout::new(DType::I32).offset(128);
    let items = npio::fromfile(&path, behind.clone()).unwrap();
    assert_eq!(items.as_bytes(), x.as_bytes());
    assert!(npio::fromfile(&path, DType::I32).is_err());
    // SAFETY: no other program uses this file.
    let mapped = unsafe { memmap(&path, behind) }.unwrap();
    assert_eq!(mapped.as_bytes(), x.as_bytes());
    // SAFETY: no other program uses this file.
    let error = unsafe { memmap(&path, DType::I32) }.unwrap_err();
    assert!(
        error.to_string().ends_with("expected raw items or text"),
        "{error}"
    );
}

/// A map keeps the old file. Windows does not replace a mapped file, and the error says so.
#[test]
fn saving_over_a_map() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let (old, new) = ([1.0, 2.0], [3.0]);
    npio::save(&path, Array::from_slice(&old, [2]).unwrap()).unwrap();
    let new = Array::from_slice(&new, [1]).unwrap();
    // SAFETY: the file is replaced, and not changed.
    let map = unsafe { npio::open_memmap(&path) }.unwrap();
    let saved = npio::save(&path, &new);
    assert_eq!(saved.is_err(), cfg!(windows));
    if let Err(error) = saved {
        let text = error.to_string();
        assert!(text.contains("a map of this process"), "{text}");
    }
    assert_eq!(map.as_slice::<f64>().unwrap(), old);
    map.close();
    npio::save(&path, &new).unwrap();
    assert_eq!(npio::load_vec::<f64>(&path).unwrap().0, [3.0]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
