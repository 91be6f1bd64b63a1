//! Every kind of object, from every kind of server and store.

use crate::server::{Behaviour, Etags, RangeSupport, Server};
use npio::flatfile::{Conversion, npy};
use npio::npz::{Compression, WriteOptions, Writer};
use npio::{Array, ByteOrder, CancelToken, Casting, DType, ErrorClass, Order, RawLayout, Slice};
use npio_remote::object_store::local::LocalFileSystem;
use npio_remote::object_store::memory::InMemory;
use npio_remote::object_store::{ObjectStore, ObjectStoreExt};
use npio_remote::{Problem, Remote, RemoteOptions};
use std::io::Cursor;
use std::sync::Arc;
use std::time::Duration;

/// An array of 40,000 numbers in two axes.
pub(crate) fn numbers() -> Array {
    let items: Vec<u32> = (0..40_000)
        .map(|i: u32| i.wrapping_mul(2_654_435_761))
        .collect();
    Array::from_slice(&items, [200, 200]).unwrap()
}

pub(crate) fn npy_file(array: &Array) -> Vec<u8> {
    npy::to_bytes(array).unwrap()
}

/// An archive with the array as `a` and `b`, and bytes that are not one.
pub(crate) fn npz_file(array: &Array, compression: Compression) -> Vec<u8> {
    let mut file = Cursor::new(Vec::new());
    let options = WriteOptions::new().compression(compression);
    let mut writer: Writer<_> = options.create(&mut file).unwrap();
    writer.array("a", array).unwrap();
    let mut notes = writer.member("notes.txt").unwrap();
    std::io::Write::write_all(&mut notes, b"not an array").unwrap();
    notes.finish().unwrap();
    writer.array("b", array).unwrap();
    writer.finish().unwrap();
    file.into_inner()
}

/// The items that the slice selects, in C order.
pub(crate) fn sliced(array: &Array, slice: &Slice) -> Array {
    let items = array.strided().slice(slice).unwrap();
    Conversion::new().order(Order::C).apply(&items).unwrap()
}

pub(crate) const SLICES: [&str; 8] = [
    "3",
    "5:50:7, 3",
    "::-1",
    "..., -1",
    "0:0",
    "",
    "199, 199",
    "10:20, 100:",
];

fn small_parts() -> RemoteOptions {
    RemoteOptions::new()
        .part_size(10_000)
        .gap(1_000)
        .concurrency(5)
}

/// Everything that can be done with an array at this place.
async fn check_array(remote: &Remote, array: &Array) {
    assert_eq!(remote.load_header().await.unwrap().layout(), array.layout());
    assert_eq!(remote.load().await.unwrap().as_bytes(), array.as_bytes());
    for slice in SLICES {
        let slice: Slice = slice.parse().unwrap();
        let expected = sliced(array, &slice);
        let found = remote.load_slice(&slice).await.unwrap();
        assert_eq!(found.shape(), expected.shape(), "{slice}");
        assert_eq!(
            found.to_vec::<u32>().unwrap(),
            expected.to_vec::<u32>().unwrap(),
            "{slice}"
        );
    }
}

async fn check_archive(remote: &Remote, array: &Array) {
    let archive = remote.archive().await.unwrap();
    assert_eq!(archive.names().collect::<Vec<_>>(), ["a", "notes.txt", "b"]);
    for name in ["a", "b.npy"] {
        assert_eq!(
            archive.load_header(name).await.unwrap().layout(),
            array.layout()
        );
        assert_eq!(
            archive.load(name).await.unwrap().as_bytes(),
            array.as_bytes()
        );
        for slice in SLICES {
            let slice: Slice = slice.parse().unwrap();
            let expected = sliced(array, &slice);
            let found = archive.load_slice(name, &slice).await.unwrap();
            assert_eq!(
                found.to_vec::<u32>().unwrap(),
                expected.to_vec::<u32>().unwrap(),
                "{slice}"
            );
        }
    }
    assert_eq!(
        archive.load_bytes("notes.txt").await.unwrap(),
        b"not an array"
    );
    let error = archive.load("notes.txt").await.unwrap_err();
    assert_eq!(
        (error.class(), error.member()),
        (ErrorClass::Mismatch, Some("notes.txt"))
    );
    let error = archive.load("c").await.unwrap_err();
    assert_eq!(error.class(), ErrorClass::NoMember);
}

fn stores(object: &[u8]) -> Vec<(Server, RemoteOptions)> {
    let mut servers = Vec::new();
    for ranges in [
        RangeSupport::All,
        RangeSupport::NoSuffix,
        RangeSupport::None,
    ] {
        for etags in [Etags::Strong, Etags::Weak, Etags::None] {
            let behaviour = Behaviour {
                ranges,
                etags,
                ..Behaviour::default()
            };
            let server = || Server::with(vec![object.to_vec()], behaviour.clone(), 1);
            servers.push((server(), small_parts().allow_whole(1 << 20)));
            if ranges == RangeSupport::All {
                servers.push((server(), RemoteOptions::new()));
            }
        }
    }
    servers
}

#[tokio::test]
async fn arrays_from_every_server() {
    let array = numbers();
    for array in [array.clone(), array.to_order(Order::Fortran).unwrap()] {
        for (server, options) in stores(&npy_file(&array)) {
            check_array(&options.from_url(&server.url("x.npy")).unwrap(), &array).await;
        }
    }
}

#[tokio::test]
async fn archives_from_every_server() {
    let array = numbers();
    for compression in [Compression::STORED, Compression::deflated(6)] {
        for (server, options) in stores(&npz_file(&array, compression)) {
            check_archive(&options.from_url(&server.url("x.npz")).unwrap(), &array).await;
        }
    }
}

#[tokio::test]
async fn arrays_and_archives_in_stores() {
    let folder = tempfile::tempdir().unwrap();
    let local = LocalFileSystem::new_with_prefix(folder.path()).unwrap();
    let array = numbers();
    let stores: [Arc<dyn ObjectStore>; 2] = [Arc::new(InMemory::new()), Arc::new(local)];
    for store in stores {
        let npz = npz_file(&array, Compression::deflated(1));
        store
            .put(&"x.npy".into(), npy_file(&array).into())
            .await
            .unwrap();
        store.put(&"a/x.npz".into(), npz.into()).await.unwrap();
        for options in [RemoteOptions::new(), small_parts()] {
            check_array(&options.store(Arc::clone(&store), "x.npy").unwrap(), &array).await;
            check_archive(
                &options.store(Arc::clone(&store), "a/x.npz").unwrap(),
                &array,
            )
            .await;
        }
        let missing = Remote::new(Arc::clone(&store), "none.npy").unwrap();
        let error = missing.load().await.unwrap_err();
        assert_eq!(error.class(), ErrorClass::NotFound);
        assert_eq!(error.to_string(), "none.npy: no such object");
    }
}

/// Every byte of a member counts, whichever request brings it.
#[tokio::test]
async fn a_changed_byte_of_a_member_is_an_error() {
    let array = numbers();
    for compression in [Compression::STORED, Compression::deflated(6)] {
        let file = npz_file(&array, compression);
        let archive = npio::npz::Archive::new(&file).unwrap();
        let count = archive.get("a").unwrap().compressed_size() as usize;
        // It is the first member: after its own header, which ends with its name and extra fields.
        let length = |at| usize::from(u16::from_le_bytes([file[at], file[at + 1]]));
        let begin = 30 + length(26) + length(28);
        let places = (begin..begin + count).step_by(1777);
        for at in places.chain([begin + count - 1]) {
            let mut changed = file.clone();
            changed[at] ^= 4;
            let store = InMemory::new();
            store.put(&"x.npz".into(), changed.into()).await.unwrap();
            let remote = small_parts().store(store, "x.npz").unwrap();
            let loaded = remote.archive().await.unwrap().load("a").await;
            let error = loaded.expect_err(&format!("byte {at}"));
            assert_eq!(error.member(), Some("a"), "{error}");
        }
    }
}

#[tokio::test]
async fn items_are_converted() {
    let array = numbers();
    let server = Server::new(npy_file(&array));
    let read = npy::ReadOptions::new()
        .astype(DType::F64, Casting::SameKind)
        .byte_order(ByteOrder::Big)
        .order(Order::Fortran);
    let remote = small_parts()
        .npy(read)
        .from_url(&server.url("x.npy"))
        .unwrap();
    let found = remote.load().await.unwrap();
    assert_eq!(
        (found.dtype().to_string().as_str(), found.layout().order()),
        (">f8", Order::Fortran)
    );
    let expected: Vec<f64> = array
        .to_vec::<u32>()
        .unwrap()
        .into_iter()
        .map(f64::from)
        .collect();
    assert_eq!(found.to_vec::<f64>().unwrap(), expected);
    let slice = remote.load_slice(&"1".parse().unwrap()).await.unwrap();
    assert_eq!(slice.to_vec::<f64>().unwrap(), expected[200..400]);
}

#[tokio::test]
async fn raw_items_and_whole_objects() {
    let array = numbers();
    let server = Server::new(array.as_bytes().to_vec());
    let named = Remote::from_url(&server.url("x_uint32_200_200.dat")).unwrap();
    assert_eq!(named.load().await.unwrap().as_bytes(), array.as_bytes());
    assert_eq!(
        named
            .load_slice(&"1".parse().unwrap())
            .await
            .unwrap()
            .as_bytes(),
        &array.as_bytes()[800..1600]
    );
    assert_eq!(named.load_header().await.unwrap().layout(), array.layout());
    let remote = Remote::from_url(&server.url("x.dat")).unwrap();
    assert!(
        remote
            .load()
            .await
            .unwrap_err()
            .to_string()
            .contains("x.dat: not")
    );
    let layout = RawLayout::new(DType::U32).shape([-1, 100]).offset(400);
    assert_eq!(
        remote.fromfile(layout.clone()).await.unwrap().as_bytes(),
        &array.as_bytes()[400..]
    );
    let row = remote
        .fromfile_slice(layout, &"0".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(row.as_bytes(), &array.as_bytes()[400..800]);
    assert_eq!(remote.read().await.unwrap(), array.as_bytes());
}

#[tokio::test]
async fn compressed_arrays() {
    let array = numbers();
    let mut encoder =
        npio::compressed::Encoder::new(Vec::new(), npio::compressed::Format::Gzip).unwrap();
    std::io::Write::write_all(&mut encoder, &npy_file(&array)).unwrap();
    let server = Server::new(encoder.finish().unwrap());
    let remote = small_parts().from_url(&server.url("x.npy.gz")).unwrap();
    assert_eq!(remote.load().await.unwrap().as_bytes(), array.as_bytes());
    assert_eq!(
        remote
            .load_slice(&"1".parse().unwrap())
            .await
            .unwrap()
            .as_bytes(),
        &array.as_bytes()[800..1600]
    );
}

#[cfg(feature = "text")]
#[tokio::test]
async fn texts() {
    let server = Server::new(b"1,2\n3,4\n".to_vec());
    let remote = Remote::from_url(&server.url("x.csv")).unwrap();
    let options = npio::flatfile::text::table::ReadOptions::csv();
    let table = remote.loadtxt(DType::F64, &options).await.unwrap();
    assert_eq!(table.to_vec::<f64>().unwrap(), [1.0, 2.0, 3.0, 4.0]);
    let server = Server::new(b"1 2 3".to_vec());
    let remote = Remote::from_url(&server.url("x.txt")).unwrap();
    assert_eq!(
        remote
            .fromfile_sep(DType::U8, " ")
            .await
            .unwrap()
            .as_bytes(),
        [1, 2, 3]
    );
}

#[tokio::test]
async fn objects_that_are_not_what_they_should_be() {
    for (bytes, message) in [
        (&b""[..], "expected at least 10 bytes, found 0"),
        (b"\x93NUMPY\x01", "expected"),
        (b"<html>...", "not an .npy file"),
    ] {
        let server = Server::new(bytes.to_vec());
        let remote = Remote::from_url(&server.url("x.npy")).unwrap();
        let error = remote.load().await.unwrap_err().to_string();
        assert!(
            error.starts_with(&server.url("x.npy")) && error.contains(message),
            "{error}"
        );
        let error = remote.archive().await.unwrap_err().to_string();
        assert!(error.contains("not a zip archive"), "{error}");
    }
    let mut cut = npy_file(&numbers());
    cut.truncate(100_000);
    let server = Server::new(cut);
    let error = Remote::from_url(&server.url("x.npy"))
        .unwrap()
        .load()
        .await
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("expected 160000 bytes, found 99872"),
        "{error}"
    );
    // That is known from the first answer.
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn a_server_without_ranges_is_an_error_unless_allowed() {
    let behaviour = Behaviour {
        ranges: RangeSupport::None,
        ..Behaviour::default()
    };
    let file = npy_file(&numbers());
    let server = Server::with(vec![file.clone()], behaviour, 1);
    let url = server.url("x.npy");
    let error = Remote::from_url(&url).unwrap().load().await.unwrap_err();
    let size = file.len() as u64;
    assert_eq!(Problem::of(&error), Some(&Problem::NoRanges { size }));
    let options = RemoteOptions::new();
    let error = options
        .clone()
        .allow_whole(size - 1)
        .from_url(&url)
        .unwrap()
        .load()
        .await
        .unwrap_err();
    assert_eq!(Problem::of(&error), Some(&Problem::NoRanges { size }));
    assert!(
        options
            .allow_whole(size)
            .from_url(&url)
            .unwrap()
            .load()
            .await
            .is_ok()
    );
}

#[tokio::test]
async fn two_versions_are_never_mixed() {
    let (one, two) = (numbers(), numbers().to_order(Order::Fortran).unwrap());
    for etags in [Etags::Strong, Etags::Weak] {
        for ignores_conditions in [false, true] {
            let behaviour = Behaviour {
                etags,
                ignores_conditions,
                ..Behaviour::default()
            };
            let versions = [&one, &two].map(|array| npz_file(array, Compression::STORED));
            let server = Server::with(versions.to_vec(), behaviour, 1);
            let archive = small_parts()
                .from_url(&server.url("x.npz"))
                .unwrap()
                .archive()
                .await
                .unwrap();
            assert!(archive.load("a").await.is_ok());
            server.change();
            let error = archive.load("a").await.unwrap_err();
            assert_eq!(Problem::of(&error), Some(&Problem::Changed), "{error}");
        }
    }
}

#[tokio::test]
async fn a_token_stops_the_work() {
    let behaviour = Behaviour {
        delay: Duration::from_secs(5),
        ..Behaviour::default()
    };
    let server = Server::with(vec![npy_file(&numbers())], behaviour, 1);
    let token = CancelToken::new();
    let remote = RemoteOptions::new()
        .cancel(token.clone())
        .from_url(&server.url("x.npy"))
        .unwrap();
    let begin = std::time::Instant::now();
    let load = tokio::spawn(async move { remote.load().await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    token.cancel();
    assert_eq!(
        load.await.unwrap().unwrap_err().class(),
        ErrorClass::Cancelled
    );
    assert!(begin.elapsed() < Duration::from_secs(2));
}

#[tokio::test]
async fn errors_name_the_address_without_credentials() {
    let options = RemoteOptions::new().retries(0);
    for url in [
        "http://me:secret@127.0.0.1:1/x.npy?sig=secret",
        "http://no-such-host.invalid/x.npy?sig=secret",
    ] {
        let error = options
            .from_url(url)
            .unwrap()
            .load()
            .await
            .unwrap_err()
            .to_string();
        assert!(
            error.starts_with("http://") && error.contains("/x.npy: "),
            "{error}"
        );
        assert!(!error.contains("secret"), "{error}");
    }
    let error = Remote::from_url("ftp://host/x.npy")
        .unwrap_err()
        .to_string();
    assert_eq!(error, "ftp: expected http, https, s3, gs or az before ://");
}
