//! The functions that wait.

use crate::load::{SLICES, npy_file, npz_file, numbers, sliced};
use crate::server::{Behaviour, RangeSupport, Server};
use npio::flatfile::npy;
use npio::npz::{self, Compression};
use npio::{Array, CancelToken, Cancellable, DType, RawLayout, ReadAt, Reader, Slice};
use npio_remote::RemoteOptions;
use npio_remote::blocking::{self, Remote};
use npio_remote::object_store::memory::InMemory;
use std::thread;

#[test]
fn arrays_and_archives() {
    let array = numbers();
    let server = Server::new(npy_file(&array));
    let url = server.url("x.npy");
    assert_eq!(blocking::load(&url).unwrap().as_bytes(), array.as_bytes());
    assert_eq!(
        blocking::load_header(&url).unwrap().layout(),
        array.layout()
    );
    let row = blocking::load_slice(&url, &"1".parse().unwrap()).unwrap();
    assert_eq!(row.as_bytes(), &array.as_bytes()[800..1600]);
    let raw = Remote::from_url(&url).unwrap();
    let layout = RawLayout::new(DType::U32).offset(128);
    assert_eq!(
        raw.fromfile(layout.clone()).unwrap().as_bytes(),
        array.as_bytes()
    );
    let item = raw.fromfile_slice(layout, &"1:2".parse().unwrap()).unwrap();
    assert_eq!(item.as_bytes(), &array.as_bytes()[4..8]);
    assert_eq!(raw.read().unwrap(), npy_file(&array));

    let server = Server::new(npz_file(&array, Compression::deflated(6)));
    let archive = Remote::from_url(&server.url("x.npz"))
        .unwrap()
        .archive()
        .unwrap();
    assert_eq!(archive.names().len(), archive.directory().entries().len());
    assert_eq!(archive.load("a").unwrap().as_bytes(), array.as_bytes());
    assert_eq!(archive.load_header("a").unwrap().layout(), array.layout());
    assert_eq!(
        archive
            .load_slice("a", &"1".parse().unwrap())
            .unwrap()
            .as_bytes(),
        row.as_bytes()
    );
    assert_eq!(archive.load_bytes("notes.txt").unwrap(), b"not an array");
    assert!(
        Remote::new(InMemory::new(), "x.npy")
            .unwrap()
            .load()
            .is_err()
    );
}

#[test]
fn many_threads_share_the_runtime() {
    let array = numbers();
    let server = Server::new(npy_file(&array));
    thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                for _ in 0..20 {
                    let found = blocking::load(&server.url("x.npy")).unwrap();
                    assert_eq!(found.as_bytes(), array.as_bytes());
                }
            });
        }
    });
}

#[test]
fn no_thread_is_left_behind() {
    let server = Server::new(npy_file(&numbers()));
    let url = server.url("x.npy").replace("127.0.0.1", "localhost");
    // In a thread of its own, so that others do not count: its name is inherited.
    let threads = thread::Builder::new()
        .name("no-thread-left".into())
        .spawn(move || {
            blocking::load(&url).unwrap();
            let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten();
            let names = tasks.map(|task| {
                let name = std::fs::read_to_string(task.unwrap().path().join("comm"));
                name.unwrap_or_default().trim().to_owned()
            });
            names
                .filter(|name| name == "no-thread-left" || name.starts_with("tokio-r"))
                .count()
        });
    assert!(threads.unwrap().join().unwrap() <= 1);
}

#[tokio::test]
async fn within_a_runtime_they_are_an_error() {
    let server = Server::new(npy_file(&numbers()));
    let error = blocking::load(&server.url("x.npy"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("in a thread of an async runtime"), "{error}");
}

/// Everything that reads at positions, by one thread and by several.
#[test]
fn files_that_are_read_at_positions() {
    let array = numbers();
    for ranges in [
        RangeSupport::All,
        RangeSupport::NoSuffix,
        RangeSupport::None,
    ] {
        let behaviour = Behaviour {
            ranges,
            ..Behaviour::default()
        };
        let options = RemoteOptions::new()
            .part_size(3000)
            .concurrency(4)
            .gap(500)
            .allow_whole(1 << 20);
        let server = Server::with(vec![npy_file(&array)], behaviour.clone(), 1);
        let remote = options.blocking_from_url(&server.url("x.npy")).unwrap();
        let file = remote.open().unwrap();
        assert_eq!(file.load().unwrap().as_bytes(), array.as_bytes());
        let reader = npy::open(file).unwrap();
        assert_eq!(reader.read().unwrap().as_bytes(), array.as_bytes());
        check_slices(&reader, &array);
        let blocks = reader
            .row_blocks(7)
            .unwrap()
            .map(|block| block.unwrap().as_bytes().to_vec());
        assert_eq!(blocks.collect::<Vec<_>>().concat(), array.as_bytes());

        for compression in [Compression::STORED, Compression::deflated(6)] {
            let server = Server::with(vec![npz_file(&array, compression)], behaviour.clone(), 1);
            let remote = options.blocking_from_url(&server.url("x.npz")).unwrap();
            let archive = npz::Archive::new(remote.open().unwrap()).unwrap();
            assert!(archive.verify().iter().all(|issue| !issue.is_wrong()));
            let all = archive.read_all(&npy::ReadOptions::new()).unwrap();
            assert!(
                all.iter()
                    .all(|(_, found)| found.as_bytes() == array.as_bytes())
            );
            check_slices(&archive.get("b").unwrap().open().unwrap(), &array);
            let notes = archive.get("notes.txt").unwrap().bytes().unwrap();
            assert_eq!(notes, b"not an array");
        }
    }
}

fn check_slices<S: npio::flatfile::Source>(reader: &Reader<S>, array: &Array) {
    for slice in SLICES {
        let slice: Slice = slice.parse().unwrap();
        let found = reader.slice(&slice).unwrap().to_vec::<u32>().unwrap();
        assert_eq!(
            found,
            sliced(array, &slice).to_vec::<u32>().unwrap(),
            "{slice}"
        );
    }
}

#[test]
fn reads_in_sequence_become_large_requests() {
    let bytes: Vec<u8> = (0..4 << 20).map(|i: u32| (i * 7 / 3) as u8).collect();
    let server = Server::new(bytes.clone());
    let file = Remote::from_url(&server.url("x.txt"))
        .unwrap()
        .open()
        .unwrap();
    let (mut read, mut block) = (Vec::new(), vec![0; 10_000]);
    loop {
        let count = file.read_at(&mut block, read.len() as u64).unwrap();
        if count == 0 {
            break;
        }
        read.extend_from_slice(&block[..count]);
    }
    assert_eq!(read, bytes);
    // 64 KiB, 128 KiB, 256 KiB and so on.
    assert_eq!(server.requests(), 7);
}

#[test]
fn announced_reads_are_few_requests() {
    // Also if the first bytes are there, and the others are read in small pieces.
    let array = Array::from_vec(vec![7u8; 8 << 20], [8 << 20]).unwrap();
    for (file, requests) in [
        (npy_file(&array), 2),
        (npz_file(&array, Compression::STORED), 3),
    ] {
        let is_archive = file.starts_with(b"PK");
        let server = Server::new(file);
        let file = Remote::from_url(&server.url("x")).unwrap().open().unwrap();
        let found = if is_archive {
            let archive = npz::Archive::new(file).unwrap();
            archive.get("a").unwrap().read().unwrap()
        } else {
            npy::open(Cancellable::new(file, CancelToken::new()))
                .unwrap()
                .read()
                .unwrap()
        };
        assert_eq!(
            (found.as_bytes(), server.requests()),
            (array.as_bytes(), requests)
        );
    }
    let items: Vec<u64> = (0..3 << 20).collect();
    let array = Array::from_vec(items, [24 << 10, 128]).unwrap();
    let server = Server::new(npy_file(&array));
    let file = Remote::from_url(&server.url("x.npy"))
        .unwrap()
        .open()
        .unwrap();
    assert_eq!(file.load().unwrap().as_bytes(), array.as_bytes());
    assert_eq!(server.requests(), 1 + 3);
    let reader = npy::open(file).unwrap();
    assert_eq!(reader.read().unwrap().as_bytes(), array.as_bytes());
    assert_eq!(server.requests(), 3);
    // Every hundredth row, or the first of each hundred numbers: all ranges at once.
    for (slice, requests) in [("2000:9000:100", 1), ("2000::8000", 3)] {
        let server = Server::new(npy_file(&array));
        let file = Remote::from_url(&server.url("x.npy"))
            .unwrap()
            .open()
            .unwrap();
        npy::open(file)
            .unwrap()
            .slice(&slice.parse().unwrap())
            .unwrap();
        assert_eq!(server.requests(), 1 + requests, "{slice}");
    }
}
