//! The command with addresses of remote files: what it prints is what it prints of the files themselves.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

#[path = "../../npio-remote/tests/server/mod.rs"]
#[allow(dead_code, reason = "other tests use all of it")]
mod server;
#[path = "../../../tests/src/started.rs"]
mod started;

use npio::{Array, SavezOptions};
use server::{Behaviour, RangeSupport, Server};
use started::started;
use std::env;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// A name that is not in any output.
const NO_NAME: &str = "\0";

/// The command with what these tests need: those of the whole workspace, which may have run meanwhile, build it without.
static COMMAND: LazyLock<&str> = LazyLock::new(|| {
    if env::var_os("NPIO_BIN_DIR").is_none() {
        let mut cargo = Command::new(env!("CARGO"));
        cargo.args([
            "build",
            "--quiet",
            "--package",
            "npio-cli",
            "--all-features",
        ]);
        if !cfg!(debug_assertions) {
            cargo.arg("--release");
        }
        assert!(cargo.status().unwrap().success());
    }
    env!("CARGO_BIN_EXE_npio")
});

/// The exit status of the command, and what it prints, where `name` is replaced by `FILE`.
fn run(arguments: &[&str], name: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(*COMMAND);
    command.args(arguments).stdin(Stdio::null());
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = started(&mut command).wait_with_output().unwrap();
    // JSON escapes the separators of Windows.
    let escaped = name.replace('\\', r"\\");
    let text = |bytes| {
        let text = String::from_utf8(bytes).unwrap();
        text.replace(&escaped, "FILE").replace(name, "FILE")
    };
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

/// Runs the command with a file and with its address, for which `{}` is in the arguments.
fn same(path: &Path, arguments: &str) {
    for ranges in [RangeSupport::All, RangeSupport::None] {
        let behaviour = Behaviour {
            ranges,
            ..Behaviour::default()
        };
        let server = Server::with(vec![fs::read(path).unwrap()], behaviour, 1);
        let name = path.file_name().unwrap().to_str().unwrap();
        let run = |file: &str| {
            let arguments = arguments.replace("{}", file);
            run(&arguments.split(' ').collect::<Vec<_>>(), file)
        };
        let (local, remote) = (run(path.to_str().unwrap()), run(&server.url(name)));
        assert_eq!(local, remote, "{arguments}");
        assert_eq!(local.0, Some(0), "{arguments}: {}", local.2);
        assert!(server.requests() > 0);
    }
}

#[test]
fn every_command_reads_addresses() {
    let folder = tempfile::tempdir().unwrap();
    let items: Vec<f64> = (0..60_000).map(f64::from).collect();
    let array = Array::from_vec(items, [300, 200]).unwrap();
    let path = |name: &str| folder.path().join(name);
    npio::save(path("x.npy"), &array).unwrap();
    npio::savez(path("x.npz"), [("a", &array), ("b", &array)]).unwrap();
    SavezOptions::new()
        .deflate(6)
        .savez(path("z.npz"), [("a", &array)])
        .unwrap();
    npio::save_raw(path("x_float64_300_200.dat"), &array).unwrap();
    npio::savetxt(path("x.txt"), &array).unwrap();
    for arguments in [
        "ls {}",
        "info --json {}",
        "dump {}",
        "dump --slice ::50,3 {}",
        "head -n 3 {}",
        "tail -n 2 {}",
        "stats {}",
        "stats --quantiles {}",
        "hash {}",
        "verify {}",
        "find gt:59990 {}",
        "diff {} {}",
    ] {
        same(&path("x.npy"), arguments);
    }
    for arguments in [
        "ls {}",
        "dump {}::a",
        "head {}::b",
        "stats {}",
        "verify {}",
        "info {}",
        "hash {}::a",
    ] {
        same(&path("x.npz"), arguments);
        same(&path("z.npz"), &arguments.replace("::b", "::a"));
    }
    same(&path("x_float64_300_200.dat"), "stats {}");
    same(&path("x.txt"), "stats {}");
    same(&path("x.txt"), "head {}");
}

#[test]
fn converted_and_packed() {
    let folder = tempfile::tempdir().unwrap();
    let array = Array::from_slice(&[1u8, 2, 3, 4], [2, 2]).unwrap();
    let path = folder.path().join("x.npz");
    npio::savez(&path, [("a", &array)]).unwrap();
    let server = Server::new(fs::read(&path).unwrap());
    let output = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let address = server.url("x.npz") + "::a";
    let converted = run(
        &["convert", &address, &output("a.npy"), "--dtype", "f8"],
        NO_NAME,
    );
    assert_eq!(converted.0, Some(0), "{}", converted.2);
    let (items, _) = npio::load_vec::<f64>(output("a.npy")).unwrap();
    assert_eq!(items, [1.0, 2.0, 3.0, 4.0]);
    let packed = run(
        &["pack", &output("y.npz"), &format!("b={address}")],
        NO_NAME,
    );
    assert_eq!(packed.0, Some(0), "{}", packed.2);
    assert_eq!(
        npio::load_npz(output("y.npz"))
            .unwrap()
            .load("b")
            .unwrap()
            .as_bytes(),
        array.as_bytes()
    );
    let unpacked = run(
        &["unpack", &server.url("x.npz"), "-d", &output("folder")],
        NO_NAME,
    );
    assert_eq!(unpacked.0, Some(0), "{}", unpacked.2);
    assert_eq!(
        npio::load(output("folder/a.npy")).unwrap().as_bytes(),
        array.as_bytes()
    );
}

#[test]
fn errors_name_the_address_once_and_no_credentials() {
    let server = Server::new(b"neither".to_vec());
    let url = server.url("x.npy");
    let (status, _, message) = run(&["dump", &format!("{url}?sig=secret")], &url);
    assert_eq!(status, Some(2));
    assert!(
        message.starts_with("npio: FILE: not an .npy file"),
        "{message}"
    );
    let (status, _, message) = run(&["dump", "ftp://host/x.npy"], NO_NAME);
    assert_eq!(
        (status, message.as_str()),
        (
            Some(2),
            "npio: ftp://host/x.npy: expected http, https, s3, gs or az before ://\n"
        )
    );
}
