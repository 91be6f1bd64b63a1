//! The memory that reading takes: the array and what is under way, and never more than arrives.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "server/mod.rs"]
#[allow(dead_code, reason = "the other tests use all of it")]
mod server;

use cap::Cap;
use npio::flatfile::npy;
use npio::npz::{Compression, WriteOptions};
use npio::{Array, DType, Layout, Order};
use npio_remote::{Problem, RemoteOptions};
use server::{Behaviour, Server};
use std::alloc::System;
use std::io::Cursor;
use std::time::Duration;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const MIB: usize = 1 << 20;

/// What the client takes, with its connections.
const CLIENT: usize = 8 * MIB;

/// The result of `work` with this many bytes of memory; the test fails if it needs more.
async fn within<T>(bytes: usize, work: impl Future<Output = T>) -> T {
    ALLOCATOR.set_limit(ALLOCATOR.allocated() + bytes).unwrap();
    let result = work.await;
    ALLOCATOR.set_limit(usize::MAX).unwrap();
    result
}

/// Cases run one after another: memory is counted for the whole program.
#[tokio::test]
async fn memory_is_bounded() {
    let options = RemoteOptions::new().part_size(MIB as u64).concurrency(8);
    let in_flight = 8 * MIB;
    // An array that declares a gigabyte, on a server that agrees, and that sends a megabyte.
    let layout = Layout::new(DType::F64, [1 << 27], Order::C).unwrap();
    let mut file = npio::header::Header::new(layout).encode().unwrap();
    file.resize(MIB, 1);
    let declared = Some(1 << 41);
    let behaviour = Behaviour {
        declared,
        ..Behaviour::default()
    };
    let server = Server::with(vec![file], behaviour, 1);
    let lies = options.clone().retries(0).timeout(Duration::from_secs(5));
    let remote = lies.from_url(&server.url("x.npy")).unwrap();
    let result = within(3 * MIB + CLIENT, remote.load()).await;
    assert!(Problem::of(&result.unwrap_err()).is_some());
    drop(server);

    let array = Array::from_vec(vec![7u64; 64 * MIB / 8], [64, MIB / 8]).unwrap();

    // One column of an array is kept, and what is between its items is not.
    let server = Server::new(npy::to_bytes(&array).unwrap());
    let remote = options.from_url(&server.url("x.npy")).unwrap();
    let result = within(
        2 * in_flight + CLIENT,
        remote.load_slice(&":, ::512".parse().unwrap()),
    )
    .await;
    assert_eq!(result.unwrap().shape(), [64, 256]);
    drop(server);

    // A member whose bytes are few until they are decompressed, a slice of it, and all.
    let mut archive = Cursor::new(Vec::new());
    let deflated = WriteOptions::new().compression(Compression::deflated(6));
    let mut writer = deflated.create(&mut archive).unwrap();
    writer.array("x", &array).unwrap();
    writer.finish().unwrap();
    let server = Server::new(archive.into_inner());
    let remote = options.from_url(&server.url("x.npz")).unwrap();
    let archive = remote.archive().await.unwrap();
    let result = within(
        in_flight + CLIENT,
        archive.load_slice("x", &"60".parse().unwrap()),
    )
    .await;
    assert_eq!(result.unwrap().shape(), [MIB / 8]);
    let result = within(64 * MIB + in_flight + CLIENT, archive.load("x")).await;
    assert_eq!(result.unwrap().as_bytes(), array.as_bytes());
    drop(server);

    // All of an array.
    let server = Server::new(npy::to_bytes(&array).unwrap());
    let remote = options.from_url(&server.url("x.npy")).unwrap();
    let result = within(64 * MIB + 2 * in_flight + CLIENT, remote.load()).await;
    assert_eq!(result.unwrap().as_bytes(), array.as_bytes());
}
