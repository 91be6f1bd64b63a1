//! A process that has used every parallel path, and forks, can use them again in its child: no thread that a call
//! started outlives it, so no lock or pool is left that would never be released in the child.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test may panic")]
#![expect(
    unsafe_code,
    reason = "only fork makes a process as Python's multiprocessing does"
)]

use npio::flatfile::text;
use npio::npz::{Archive, Compression, WriteOptions};
use npio::{Array, DType, LoadOptions, Order, SaveOptions};
use std::io::Cursor;
use std::path::Path;

/// Reads and writes in every way that takes several threads.
fn use_every_core(folder: &Path) {
    let items: Vec<f64> = (0..5 << 20).map(f64::from).collect();
    let array = Array::from_vec(items, [5 << 10, 1 << 10]).unwrap();
    let path = folder.join("x.npy");
    npio::save(&path, &array).unwrap();
    // Read in shares, in panels, and gathered.
    assert_eq!(npio::load(&path).unwrap().as_bytes(), array.as_bytes());
    let columns = LoadOptions::new().order(Order::Fortran);
    let columns = columns.load(&path).unwrap();
    SaveOptions::new()
        .order(Order::C)
        .save(&path, &columns)
        .unwrap();
    let back = columns.to_order(Order::C).unwrap();
    assert_eq!(back.as_bytes(), array.as_bytes());

    for compression in [Compression::STORED, Compression::deflated(1)] {
        let mut writer = WriteOptions::new()
            .compression(compression)
            .create(Cursor::new(Vec::new()))
            .unwrap();
        let small = Array::from_slice(&[7u32; 4000], [4000]).unwrap();
        let names: Vec<String> = (0..1000).map(|i| format!("small{i}")).collect();
        let arrays = names.iter().map(|name| (name.as_str(), small.strided()));
        writer
            .arrays(arrays.chain([("large", array.strided())]))
            .unwrap();
        let archive = Archive::new(writer.finish().unwrap().into_inner()).unwrap();
        assert!(archive.verify().iter().all(|issue| !issue.is_wrong()));
        let all = archive.read_all(&Default::default()).unwrap();
        assert_eq!(all.len(), 1001);
        assert!(archive.read_many(&names, &Default::default()).is_ok());
        let large = archive.get("large").unwrap().read().unwrap();
        assert_eq!(large.as_bytes(), array.as_bytes());
    }

    let rows = array.strided().narrow(0, 0..400).unwrap();
    let mut written = Vec::new();
    text::write(&mut written, rows.clone(), ",").unwrap();
    let read = text::read(&written[..], DType::F64, ",").unwrap();
    assert_eq!(read.as_bytes(), rows.as_contiguous(Order::C).unwrap());
}

#[test]
fn a_child_uses_every_core_again() {
    let folder = tempfile::tempdir().unwrap();
    use_every_core(folder.path());
    // SAFETY: the child only runs what npio promises to work there, and ends without unwinding into the tests.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "fork fails");
    if child == 0 {
        // A hang is ended. SAFETY: this sets a timer of this process, and nothing else.
        unsafe { libc::alarm(300) };
        let done = std::panic::catch_unwind(|| use_every_core(folder.path()));
        // SAFETY: the process ends here; the parent removes the folder.
        unsafe { libc::_exit(i32::from(done.is_err())) };
    }
    let mut status = -1;
    // SAFETY: `status` is written to while the call lasts.
    let waited = unsafe { libc::waitpid(child, &raw mut status, 0) };
    assert_eq!((waited, status), (child, 0), "the child hangs or fails");
}
