//! The command `npio`, run as a shell would.

use crate::started::started;
use npio::npz::Writer;
use npio::{Array, savez, savez_compressed};
use std::env;
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::thread;

/// The result of a run of the command.
#[derive(Debug)]
pub struct Ran {
    /// The exit status.
    pub status: i32,
    /// Standard output.
    pub stdout: Vec<u8>,
    /// Standard error.
    pub stderr: String,
}

impl Ran {
    /// Standard output as text.
    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// Standard output of a successful run.
    ///
    /// # Panics
    /// If it was not successful.
    pub fn fine(self) -> Vec<u8> {
        assert_eq!((self.status, self.stderr.as_str()), (0, ""));
        self.stdout
    }
}

/// Runs `npio` with these arguments and this standard input in this folder.
///
/// # Panics
/// If it cannot be built or started.
pub fn run(folder: &Path, args: &[impl AsRef<OsStr>], input: &[u8]) -> Ran {
    let mut command = Command::new(binary());
    command
        .current_dir(folder)
        .args(args)
        .env_remove("NO_COLOR");
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = started(&mut command);
    let mut stdin = child.stdin.take().expect("standard input is piped");
    let input = input.to_vec();
    // From a thread of its own, so that neither side waits for the other; it may stop reading at any time.
    let writer = thread::spawn(move || drop(stdin.write_all(&input)));
    let output = child.wait_with_output().expect("npio ends");
    writer.join().expect("the writer ends");
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// Runs a line in `sh`, in this folder, where `npio` is among the programs.
///
/// # Panics
/// If there is no shell.
pub fn shell(folder: &Path, line: &str) -> Ran {
    let programs = binary().parent().map(Path::to_owned);
    let others = env::var_os("PATH").unwrap_or_default();
    let paths = programs.into_iter().chain(env::split_paths(&others));
    let mut command = Command::new("sh");
    command.args(["-c", line]).current_dir(folder);
    command.env(
        "PATH",
        env::join_paths(paths).expect("paths without colons"),
    );
    // The order of sort, and the language of messages.
    command.env("LC_ALL", "C").stdin(Stdio::null());
    let output = command.output().expect("sh starts");
    Ran {
        status: output.status.code().unwrap_or(-1),
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
    }
}

/// A run without input: status, standard output and standard error as text.
///
/// # Panics
/// As [`run`].
pub fn ran(folder: &Path, args: &[&str]) -> (i32, String, String) {
    let ran = run(folder, args, b"");
    (ran.status, ran.text(), ran.stderr)
}

/// A folder with the files `x.npy` (2 × 3, `<f8`) and `f.npy` (the same in Fortran order).
///
/// # Panics
/// If they cannot be written.
pub fn sample_folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let items = [1.0, 2.5, -3.0, 4.0, 5.0, 6.0];
    let array = Array::from_slice(&items, [2, 3]).expect("six items");
    for (name, order) in [("x.npy", npio::Order::C), ("f.npy", npio::Order::Fortran)] {
        let options = npio::SaveOptions::new().order(order);
        let saved = options.save(folder.path().join(name), &array);
        saved.expect("a file in a new folder");
    }
    folder
}

/// `a.npz` with x, f (in Fortran order) and n (int32), and `c.npz`, the same compressed, beside [`sample_folder`]'s
/// files.
///
/// # Panics
/// If they cannot be written.
pub fn sample_archives() -> tempfile::TempDir {
    let folder = sample_folder();
    let here = folder.path();
    let x = npio::load(here.join("x.npy")).expect("a test's archive");
    let f = npio::load(here.join("f.npy")).expect("a test's archive");
    let n = Array::from_slice(&[1i32, 2, 3], [3]).expect("a test's archive");
    let arrays = [("x", &x), ("f", &f), ("n", &n)];
    savez(here.join("a.npz"), arrays).expect("a test's archive");
    savez_compressed(here.join("c.npz"), arrays).expect("a test's archive");
    folder
}

/// An archive of members with any names.
///
/// # Panics
/// If it cannot be written.
pub fn archive_of(path: &Path, members: &[(&str, &[u8])]) {
    let mut writer = Writer::new(File::create(path).expect("a test's archive"));
    for (name, bytes) in members {
        let mut member = writer.member(name).expect("a test's archive");
        member.write_all(bytes).expect("a test's archive");
        member.finish().expect("a test's archive");
    }
    writer.finish().expect("a test's archive");
}

/// A run that fails with this one line.
///
/// # Panics
/// If it does not.
pub fn failed(here: &Path, args: &[&str]) -> String {
    let (status, stdout, stderr) = ran(here, args);
    assert_eq!((status, stdout.as_str()), (2, ""), "{args:?}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
    stderr.trim_end().to_owned()
}

/// Standard output of a run that succeeds and writes nothing to standard error.
///
/// # Panics
/// If it does not.
pub fn stdout_of(here: &Path, args: &[&str]) -> String {
    let (status, stdout, stderr) = ran(here, args);
    assert_eq!((status, stderr.as_str()), (0, ""), "{args:?}");
    stdout
}

/// This system's message for a file that does not exist, taken from a real failure, because it differs between
/// systems.
///
/// # Panics
/// If the file exists.
pub fn not_found(path: &Path) -> String {
    fs::metadata(path)
        .expect_err("there is no such file")
        .to_string()
}

/// The path of the command.
pub fn command_path() -> String {
    binary().to_string_lossy().into_owned()
}

/// The command, built once: Cargo does not provide a package's tests with another package's programs.
fn binary() -> &'static Path {
    static BINARY: OnceLock<PathBuf> = OnceLock::new();
    BINARY.get_or_init(|| {
        let folder = built("--package npio-cli");
        folder.join(format!("npio{}", env::consts::EXE_SUFFIX))
    })
}

/// Builds these packages in the same way as this test, and returns the folder of their programs. `NPIO_BIN_DIR` names
/// that folder if they are already built, as for a system without Cargo.
///
/// # Panics
/// If they cannot be built.
pub fn built(packages: &str) -> PathBuf {
    if let Some(folder) = env::var_os("NPIO_BIN_DIR") {
        return PathBuf::from(folder);
    }
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(env!("CARGO_MANIFEST_DIR"));
    cargo.args(["build", "--quiet"]).args(packages.split(' '));
    if !cfg!(debug_assertions) {
        cargo.arg("--release");
    }
    assert!(cargo.status().expect("cargo starts").success());
    // This test is target/<profile>/deps/<name>.
    let test = env::current_exe().expect("this program has a path");
    let profile = test.ancestors().nth(2).expect("target/<profile>");
    profile.to_owned()
}
