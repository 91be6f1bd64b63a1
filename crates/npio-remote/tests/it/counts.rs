//! How many requests things take, and how many are under way at once.

use crate::load::{npy_file, npz_file};
use crate::server::{Behaviour, RangeSupport, Server};
use npio::Array;
use npio::npz::{Compression, Writer};
use npio_remote::{Problem, Remote, RemoteOptions};
use std::io::Cursor;
use std::time::Duration;

/// 24 MiB of numbers in rows of 1 KiB.
fn large() -> Array {
    let items: Vec<u64> = (0..3 << 20).collect();
    Array::from_vec(items, [24 << 10, 128]).unwrap()
}

#[tokio::test]
async fn arrays() {
    let server = Server::new(npy_file(&large()));
    let remote = Remote::from_url(&server.url("x.npy")).unwrap();
    remote.load_header().await.unwrap();
    assert_eq!(server.requests(), 1);
    // 8 MiB of contiguous rows.
    remote
        .load_slice(&"1000:9192".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(server.requests(), 2);
    // They are in the first 64 KiB.
    remote.load_slice(&":63".parse().unwrap()).await.unwrap();
    assert_eq!(server.requests(), 1);
    // Gaps of less than 1 MiB are read, others are not.
    remote
        .load_slice(&"1000:9000:1000".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(server.requests(), 2);
    remote
        .load_slice(&"2000::8000".parse().unwrap())
        .await
        .unwrap();
    assert_eq!(server.requests(), 4);
    // The rest after 64 KiB, in parts.
    remote.load().await.unwrap();
    assert_eq!(server.requests(), 1 + 3);
}

#[tokio::test]
async fn members() {
    let items: Vec<u64> = (0..(8 << 20) / 8 - 1000).collect();
    let array = Array::from_vec(items, [(8 << 20) / 8 - 1000]).unwrap();
    for (ranges, more) in [(RangeSupport::All, 0), (RangeSupport::NoSuffix, 2)] {
        let behaviour = Behaviour {
            ranges,
            ..Behaviour::default()
        };
        let server = Server::with(vec![npz_file(&array, Compression::STORED)], behaviour, 1);
        let remote = Remote::from_url(&server.url("x.npz")).unwrap();
        let archive = remote.archive().await.unwrap();
        // The refused request, the beginning instead, and the end.
        assert_eq!(server.requests(), 1 + more);
        archive.load("a").await.unwrap();
        assert_eq!(server.requests(), 1);
        // Of the first member, the beginning may be there.
        archive.load_header("a").await.unwrap();
        assert_eq!(server.requests(), 1 - more / 2);
        archive
            .load_slice("b", &"500000:600000".parse().unwrap())
            .await
            .unwrap();
        assert_eq!(server.requests(), 2);
    }
}

#[tokio::test]
async fn a_long_directory() {
    let mut file = Cursor::new(Vec::new());
    let mut writer = Writer::new(&mut file);
    let item = Array::from_slice(&[1u8], [1]).unwrap();
    for i in 0..20_000 {
        writer
            .array(&format!("a member with a rather long name {i}"), &item)
            .unwrap();
    }
    writer.finish().unwrap();
    let server = Server::new(file.into_inner());
    let archive = Remote::from_url(&server.url("x.npz"))
        .unwrap()
        .archive()
        .await
        .unwrap();
    assert_eq!(archive.names().len(), 20_000);
    assert_eq!(server.requests(), 2);
    archive
        .load("a member with a rather long name 7")
        .await
        .unwrap();
    assert_eq!(server.requests(), 1);
}

#[tokio::test]
async fn at_most_sixteen_at_once() {
    let behaviour = Behaviour {
        delay: Duration::from_millis(20),
        ..Behaviour::default()
    };
    let file = npy_file(&large());
    for (options, most) in [
        (RemoteOptions::new(), 16),
        (RemoteOptions::new().concurrency(3), 3),
    ] {
        let server = Server::with(vec![file.clone()], behaviour.clone(), 1);
        let remote = options
            .part_size(256 << 10)
            .from_url(&server.url("x.npy"))
            .unwrap();
        remote.load().await.unwrap();
        assert_eq!((server.most_in_flight(), server.requests()), (most, 97));
    }
}

/// A server that fails is not asked in another way again.
#[tokio::test]
async fn retries_are_as_many_as_the_options_say() {
    let behaviour = Behaviour {
        fails: true,
        ..Behaviour::default()
    };
    let server = Server::with(vec![vec![0; 100]], behaviour, 1);
    let options = RemoteOptions::new().retries(2).allow_whole(1 << 20);
    let remote = options.from_url(&server.url("x.npz")).unwrap();
    let is_asked_thrice = |error: npio::Error| {
        let problem = Problem::of(&error);
        assert!(matches!(problem, Some(Problem::Unavailable(_))), "{error}");
        assert!(error.to_string().contains("500"), "{error}");
        assert_eq!(server.requests(), 3, "{error}");
    };
    is_asked_thrice(remote.load().await.unwrap_err());
    is_asked_thrice(remote.archive().await.unwrap_err());
    is_asked_thrice(remote.load_header().await.unwrap_err());
}
