//! Mapped files: reading, writing back, and private changes.

#![expect(unsafe_code, reason = "mapping is unsafe; nobody else has these files")]

use dtype::{DType, Layout, Order};
use flatfile::map::{MemmapOptions, Mmap, MmapMut, OpenMemmapOptions, memmap, open_memmap};
use flatfile::raw::RawLayout;
use flatfile::{Array, npy};
use std::fs::{self, File};
use std::path::PathBuf;

fn saved(items: &[f64], shape: &[usize]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let array = Array::from_slice(items, shape).unwrap();
    fs::write(&path, npy::to_bytes(&array).unwrap()).unwrap();
    (folder, path)
}

fn items(path: &PathBuf) -> Vec<f64> {
    npy::read(File::open(path).unwrap())
        .unwrap()
        .to_vec()
        .unwrap()
}

#[test]
fn read() {
    let (_folder, path) = saved(&[1.0, 2.0, 3.0, 4.0], &[2, 2]);
    // SAFETY: no one else has this file.
    let array = unsafe { open_memmap(&path) }.unwrap();
    assert_eq!(array.shape(), [2, 2]);
    assert_eq!(array.as_slice::<f64>().unwrap(), [1.0, 2.0, 3.0, 4.0]);
    array.close();
}

#[test]
fn changes_reach_the_file_or_do_not() {
    let (_folder, path) = saved(&[1.0, 2.0], &[2]);
    // SAFETY: no one else has this file.
    let mut array = unsafe { OpenMemmapOptions::new().map_copy(&path) }.unwrap();
    array.as_mut_slice::<f64>().unwrap()[0] = 9.0;
    assert_eq!(array.as_slice::<f64>().unwrap(), [9.0, 2.0]);
    array.close().unwrap();
    assert_eq!(items(&path), [1.0, 2.0]);

    // SAFETY: no one else has this file.
    let mut array = unsafe { OpenMemmapOptions::new().map_mut(&path) }.unwrap();
    array.as_mut_slice::<f64>().unwrap()[1] = 7.0;
    array.flush().unwrap();
    array.close().unwrap();
    assert_eq!(items(&path), [1.0, 7.0]);
}

/// A private copy has nothing to flush, which is not an error; a range outside its bytes is one.
#[test]
fn flushing_a_copy_does_nothing() {
    let (_folder, path) = saved(&[1.0, 2.0], &[2]);
    // SAFETY: no one else has this file.
    let mut array = unsafe { OpenMemmapOptions::new().map_copy(&path) }.unwrap();
    array.as_mut_slice::<f64>().unwrap()[0] = 9.0;
    array.flush().unwrap();
    array.flush_rows(0..2).unwrap();
    array.close().unwrap();
    assert_eq!(items(&path), [1.0, 2.0]);

    let file = File::open(&path).unwrap();
    // SAFETY: no one else has this file.
    let mut map = unsafe { MmapMut::copy_on_write(&file, 0, 16) }.unwrap();
    map.as_mut()[0] = 9;
    map.flush().unwrap();
    map.flush_range(1..16).unwrap();
    assert!(map.flush_range(1..17).is_err());
}

#[test]
fn create() {
    let (_folder, path) = saved(&[1.0, 2.0], &[2]);
    let layout = Layout::new(DType::F64, [2, 3], Order::Fortran).unwrap();
    // SAFETY: no one else has this file.
    let mut array = unsafe { OpenMemmapOptions::new().create(&path, layout) }.unwrap();
    array.as_mut_slice_memory_order::<f64>().unwrap()[5] = 5.0;
    drop(array);
    assert_eq!(items(&path), [0.0, 0.0, 0.0, 0.0, 0.0, 5.0]);
    let objects = Layout::new(DType::Object, [2], Order::C).unwrap();
    // SAFETY: no one else has this file.
    assert!(unsafe { OpenMemmapOptions::new().create(&path, objects) }.is_err());
    assert_eq!(items(&path).len(), 6);
}

#[test]
fn no_items_at_all() {
    let (_folder, path) = saved(&[], &[0, 3]);
    // SAFETY: no one else has this file.
    let array = unsafe { open_memmap(&path) }.unwrap();
    assert_eq!(array.as_slice::<f64>().unwrap(), []);
    // SAFETY: no one else has this file.
    unsafe { OpenMemmapOptions::new().map_mut(&path) }
        .unwrap()
        .close()
        .unwrap();
    let layout = Layout::new(DType::F64, [0], Order::C).unwrap();
    // SAFETY: no one else has this file.
    unsafe { OpenMemmapOptions::new().create(&path, layout) }
        .unwrap()
        .close()
        .unwrap();
    assert_eq!(items(&path), []);
}

#[test]
fn bytes_from_any_offset() {
    let (_folder, path) = saved(&[1.0], &[1]);
    let file = File::options().read(true).write(true).open(&path).unwrap();
    // SAFETY: no one else has this file.
    let map = unsafe { Mmap::new(&file, 1, 5) }.unwrap();
    assert_eq!(map.as_ref(), b"NUMPY");
    // SAFETY: no one else has this file.
    let mut map = unsafe { MmapMut::new(&file, 135, 1) }.unwrap();
    assert_eq!(map.as_mut(), &1f64.to_ne_bytes()[7..]);
    // SAFETY: nothing is mapped.
    let error = unsafe { Mmap::new(&file, 100, 37) }.unwrap_err();
    assert_eq!(
        error.to_string(),
        "the data is too short: expected 37 bytes, found 36"
    );
}

#[test]
fn errors_name_the_file() {
    let (_folder, path) = saved(&[1.0, 2.0], &[2]);
    let file = File::options().write(true).open(&path).unwrap();
    file.set_len(140).unwrap();
    // SAFETY: no one else has this file.
    let error = unsafe { open_memmap(&path) }.unwrap_err().to_string();
    let message = "x.npy: the data is too short: expected 16 bytes, found 12";
    assert!(error.ends_with(message), "{error}");
    // SAFETY: there is nothing to map.
    assert!(unsafe { open_memmap(path.with_extension("no")) }.is_err());
}

/// If memory has 32-bit addresses, no array is too long for a file.
#[cfg(target_pointer_width = "64")]
#[test]
fn a_file_that_cannot_become_so_long_stays() {
    let (_folder, path) = saved(&[1.0, 2.0], &[2]);
    let layout = Layout::new(DType::F64, [1 << 59], Order::C).unwrap();
    // SAFETY: no one else has this file.
    assert!(unsafe { OpenMemmapOptions::new().create(&path, layout) }.is_err());
    assert_eq!(items(&path), [1.0, 2.0]);
}

/// For items of this layout from this byte on.
fn at(layout: &Layout, offset: u64) -> MemmapOptions {
    MemmapOptions::new(RawLayout::from(layout.clone()).offset(offset))
}

/// Every mode of NumPy's `memmap`, at an unaligned offset.
#[test]
fn raw_files() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.dat");
    let items = [1i16, 2, 3, 4].map(i16::to_ne_bytes).concat();
    fs::write(&path, [&[9, 9, 9], &items[..]].concat()).unwrap();
    let format = RawLayout::new(DType::I16).shape([2, -1]).offset(3);
    // SAFETY: no one else has this file.
    let array = unsafe { memmap(&path, &format) }.unwrap();
    assert_eq!(array.to_string(), "[[1 2]\n [3 4]]");
    assert!(array.as_slice::<i16>().is_err());
    array.close();

    // SAFETY: no one else has this file.
    let mut array = unsafe { MemmapOptions::new(&format).map_copy(&path) }.unwrap();
    array.as_mut_bytes()[..2].copy_from_slice(&7i16.to_ne_bytes());
    assert_eq!(array.to_string(), "[[7 2]\n [3 4]]");
    array.close().unwrap();
    assert_eq!(fs::read(&path).unwrap()[3..], items);

    // SAFETY: no one else has this file.
    let mut array = unsafe { MemmapOptions::new(&format).map_mut(&path) }.unwrap();
    array.as_mut_bytes()[4..6].copy_from_slice(&7i16.to_ne_bytes());
    array.flush_rows(1..2).unwrap();
    array.flush_rows(0..9).unwrap();
    array.close().unwrap();
    assert_eq!(fs::read(&path).unwrap()[7..9], 7i16.to_ne_bytes());

    // A file is too short unless it is extended; the old bytes stay.
    let long = RawLayout::new(DType::I16).shape([8]).offset(3);
    // SAFETY: no one else has this file.
    let error = unsafe { MemmapOptions::new(&long).map_mut(&path) }
        .unwrap_err()
        .to_string();
    assert!(
        error.ends_with("the data is too short: expected 16 bytes, found 8"),
        "{error}"
    );
    let layout = Layout::new(DType::I16, [8], Order::C).unwrap();
    // SAFETY: no one else has this file.
    let array = unsafe { at(&layout, 3).extend().map_mut(&path) }.unwrap();
    assert_eq!(array.to_string(), "[1 2 7 4 0 0 0 0]");
    drop(array);
    assert_eq!(fs::metadata(&path).unwrap().len(), 19);

    // SAFETY: no one else has this file.
    let array = unsafe { at(&layout, 5).create(&path) }.unwrap();
    assert!(array.as_bytes().iter().all(|byte| *byte == 0));
    drop(array);
    assert_eq!(fs::read(&path).unwrap(), [0; 21]);
}

#[test]
fn raw_files_without_bytes_or_permission() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.dat");
    fs::write(&path, []).unwrap();
    let format = RawLayout::new(DType::F64);
    // SAFETY: no one else has this file.
    let array = unsafe { memmap(&path, &format) }.unwrap();
    assert_eq!(array.shape(), [0]);
    let objects = Layout::new(DType::Object, [1], Order::C).unwrap();
    // SAFETY: no one else has this file.
    assert!(unsafe { at(&objects, 0).extend().map_mut(&path) }.is_err());
    // SAFETY: no one else has this file.
    let error =
        unsafe { MemmapOptions::new(&format).map_mut(folder.path().join("no.dat")) }.unwrap_err();
    assert!(error.to_string().contains("no.dat: "), "{error}");
    // Files of 2 GiB exist.
    if usize::BITS == 64 {
        let huge = Layout::new(DType::U8, [isize::MAX as usize], Order::C).unwrap();
        fs::write(&path, [1]).unwrap();
        // SAFETY: no one else has this file.
        assert!(unsafe { at(&huge, 0).create(&path) }.is_err());
        assert_eq!(fs::read(&path).unwrap(), [1]);
    }
}
