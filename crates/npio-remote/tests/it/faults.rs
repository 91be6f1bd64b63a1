//! Connections that are cut, answers that are late, and objects that are replaced: the array, or an error.

use crate::load::{npy_file, npz_file, sliced};
use crate::server::{Behaviour, Etags, Server};
use futures_util::{StreamExt, stream};
use npio::npz::Compression;
use npio::{Array, Error, Slice};
use npio_remote::{Remote, RemoteOptions};

const RUNS: u64 = 500;

/// The versions of an array, none of which has an item in common with another.
fn versions() -> Vec<Array> {
    let version = |n: u32| {
        let items: Vec<u32> = (0..30_000).map(|i| i * 4 + n).collect();
        Array::from_vec(items, [300, 100]).unwrap()
    };
    (0..4).map(version).collect()
}

/// One run: whether it returned the array.
async fn run(client: &Remote, seed: u64, versions: &[Array]) -> bool {
    let file = |array: &Array| match seed % 3 {
        0 => npy_file(array),
        1 => npz_file(array, Compression::STORED),
        _ => npz_file(array, Compression::deflated(1)),
    };
    let behaviour = Behaviour {
        etags: [Etags::Strong, Etags::Weak][seed as usize / 3 % 2],
        cuts: 10,
        delays: 20,
        changes: seed % 5,
        ignores_conditions: seed.is_multiple_of(2),
        ..Behaviour::default()
    };
    let server = Server::with(versions.iter().map(file).collect(), behaviour, seed);
    let slice: Slice = ["", "10:290:3", "..., 7", "::-1, ::2"][seed as usize % 4]
        .parse()
        .unwrap();
    let found = load(client.another(&server.url("x")), seed, &slice).await;
    let Ok(found) = found else { return false };
    let found = found.to_vec::<u32>().unwrap();
    let of_version = |array: &Array| sliced(array, &slice).to_vec::<u32>().unwrap() == found;
    assert!(versions.iter().any(of_version), "other bytes in run {seed}");
    true
}

async fn load(remote: Result<Remote, Error>, seed: u64, slice: &Slice) -> Result<Array, Error> {
    let remote = remote?;
    if seed.is_multiple_of(3) {
        return match seed % 4 {
            0 => remote.load().await,
            _ => remote.load_slice(slice).await,
        };
    }
    let archive = remote.archive().await?;
    match seed % 4 {
        0 => archive.load("b").await,
        _ => archive.load_slice("b", slice).await,
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_array_or_an_error() {
    let versions = versions();
    // They share a client, with which each has a server of its own.
    let clients: Vec<Remote> = [20_000, 30_000, 64_000]
        .into_iter()
        .map(|part_size| {
            let options = RemoteOptions::new()
                .part_size(part_size)
                .gap(2_000)
                .retries(3);
            options.from_url("http://localhost").unwrap()
        })
        .collect();
    let runs = stream::iter(0..RUNS).map(|seed| {
        let client = &clients[seed as usize / 6 % clients.len()];
        run(client, seed, &versions)
    });
    let results: Vec<bool> = runs.buffer_unordered(40).collect().await;
    let loaded = results.iter().filter(|loaded| **loaded).count();
    // Most cuts are repaired, and some changes are not.
    assert!(loaded > 300 && loaded < 500, "{loaded} of {RUNS} loaded");
}
