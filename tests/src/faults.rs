//! The command, killed at a system call, or with a system call that fails.

use crate::command_path;
use crate::numpy::NumPy;
use npio::flatfile::npy;
use npio::{Cause, Error};
use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// System calls that may fail on a file, and their errors.
const FALLIBLE: [(&str, &str); 21] = [
    ("write", "ENOSPC"),
    ("pwrite64", "ENOSPC"),
    ("fallocate", "ENOSPC"),
    ("copy_file_range", "ENOSPC"),
    ("ftruncate", "EIO"),
    ("fsync", "EIO"),
    ("fdatasync", "EIO"),
    ("lseek", "EIO"),
    ("read", "EIO"),
    ("pread64", "EIO"),
    ("openat", "EMFILE"),
    ("statx", "EIO"),
    ("flock", "ENOLCK"),
    ("fcntl", "EMFILE"),
    ("linkat", "EIO"),
    ("rename", "EIO"),
    ("renameat", "EIO"),
    ("renameat2", "EIO"),
    ("fchmod", "EPERM"),
    ("fchown", "EPERM"),
    ("close", "EIO"),
];

/// What the names of undo files end with.
const UNDO: &str = ".npio-undo";

/// The error of NumPy, or what it reads.
const NUMPY_LOAD: &str = "
try:
    with np.load(args[0]) as archive:
        answer = {name: archive[name].tolist() for name in archive.files}
except Exception as error:
    answer = type(error).__name__
";

/// An operation of the command on a file in a folder.
#[derive(Debug)]
pub struct Operation {
    /// The file: a `.npy` or a `.npz`.
    pub file: &'static str,
    /// The words of the command.
    pub args: &'static [&'static str],
    /// Whether it writes to the file itself.
    pub is_in_place: bool,
    /// Makes the folder's files.
    pub prepare: fn(&Path) -> Result<(), Error>,
}

/// A fault.
#[derive(Clone, Debug)]
pub enum Fault {
    /// It is killed at the nth time that it makes a system call.
    Kill(String, usize),
    /// A system call fails: which one, at which time, how, and whether every time after.
    Fail(String, usize, &'static str, bool),
    /// No file may become longer than this; a program that tries is killed once it has written this much.
    Length(u64),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::Kill(call, n) => write!(f, "{call}:signal=SIGKILL:when={n}"),
            Fault::Fail(call, n, error, forever) => {
                let plus = if *forever { "+" } else { "" };
                write!(f, "{call}:error={error}:when={n}{plus}")
            }
            Fault::Length(bytes) => write!(f, "--fsize={bytes}"),
        }
    }
}

/// Whether faults can be made here: with `strace`, and with `prlimit`.
pub fn tools() -> (bool, bool) {
    let works = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).output();
        let works = output.is_ok_and(|output| output.status.success());
        if !works {
            crate::skipped(&format!("{program} does not work here"));
        }
        works
    };
    let strace = works("strace", &["-qq", "-o", "/dev/null", "true"]);
    (strace, works("prlimit", &["--fsize=1", "true"]))
}

impl Operation {
    /// A new folder with the operation's files.
    fn folder(&self) -> tempfile::TempDir {
        let folder = tempfile::tempdir().expect("a temporary folder");
        (self.prepare)(folder.path()).expect("files in a new folder");
        folder
    }

    /// The contents of the file before and after, if nothing fails. That of an archive whose update was interrupted is
    /// what it is restored to.
    ///
    /// # Panics
    /// If something does.
    pub fn old_and_new(&self) -> (Vec<u8>, Vec<u8>) {
        let folder = self.folder();
        npio::repair_npz(folder.path().join(self.file)).expect("a file that can be repaired");
        let old = self.content(folder.path());
        let folder = self.folder();
        let mut command = Command::new(command_path());
        let output = command.current_dir(folder.path()).args(self.args).output();
        let output = output.expect("npio starts");
        assert!(output.status.success(), "{self:?}: {output:?}");
        (old, self.content(folder.path()))
    }

    /// All possible faults.
    ///
    /// # Panics
    /// If the operation fails.
    pub fn faults(&self, (strace, prlimit): (bool, bool)) -> Vec<Fault> {
        let mut faults = Vec::new();
        if strace {
            for (call, count) in self.calls() {
                faults.extend((1..=count).map(|n| Fault::Kill(call.clone(), n)));
                let fallible = FALLIBLE.iter().filter(|(name, _)| *name == call);
                for (_, error) in fallible {
                    for forever in [false, true] {
                        let fail = |n| Fault::Fail(call.clone(), n, error, forever);
                        faults.extend((1..=count).map(fail));
                    }
                }
            }
        }
        if prlimit {
            let length = || {
                let folder = self.folder();
                let file = folder.path().join(self.file).metadata();
                file.expect("a file").len()
            };
            // An existing file already has its length.
            let first = if self.is_in_place { length() } else { 0 };
            let more = (first + 256..first + (1 << 20)).step_by(40_009);
            faults.extend((first..first + 256).chain(more).map(Fault::Length));
        }
        faults
    }

    /// The system calls that it makes, and how often.
    fn calls(&self) -> BTreeMap<String, usize> {
        let folder = self.folder();
        let log = tempfile::NamedTempFile::new().expect("a temporary file");
        let mut strace = Command::new("strace");
        strace.args(["-f", "-qq", "-o"]).arg(log.path());
        let output = self.run(strace, folder.path());
        assert!(output.status.success(), "{self:?}: {output:?}");
        let log = fs::read_to_string(log.path()).expect("what strace wrote");
        let mut calls = BTreeMap::new();
        for line in log.lines() {
            // The process, the call, and its arguments.
            let call = line.split_whitespace().nth(1);
            let name = call
                .and_then(|call| call.split_once('('))
                .map(|(name, _)| name);
            if let Some(name) = name.filter(|name| *name != "exit_group") {
                *calls.entry(name.to_owned()).or_insert(0) += 1;
            }
        }
        calls
    }

    /// Runs the command with another command in front.
    fn run(&self, mut before: Command, folder: &Path) -> Output {
        let command = before
            .current_dir(folder)
            .arg(command_path())
            .args(self.args);
        command.output().expect("the program starts")
    }

    /// Runs it with a fault, and checks the contents of the file afterwards, and that the operation can be
    /// repeated. Returns whether the fault ended it.
    ///
    /// # Panics
    /// If the file is neither the old one nor the new one, nor an archive that nobody can read until it is restored; or if
    /// a failure left files.
    pub fn check(&self, fault: &Fault, old: &[u8], new: &[u8], numpy: Option<&mut NumPy>) -> bool {
        let folder = self.folder();
        let mut names = names(folder.path());
        let output = match fault {
            Fault::Length(_) => {
                let mut prlimit = Command::new("prlimit");
                prlimit.arg(fault.to_string());
                self.run(prlimit, folder.path())
            }
            Fault::Kill(call, _) | Fault::Fail(call, ..) => {
                let mut strace = Command::new("strace");
                strace.args(["-f", "-qq", "-o", "/dev/null"]);
                strace.args(["-e", &format!("trace={call}")]);
                strace.args(["-e", &format!("inject={fault}")]);
                self.run(strace, folder.path())
            }
        };
        let what = format!("{:?}, {fault}: {output:?}", self.args);
        let found = self.content(folder.path());
        let is_new = found == new;
        assert!(is_new || !output.status.success(), "{what}: not new");
        let is_archive = self.file.ends_with(".npz");
        if output.status.code() == Some(2) {
            let mut left = self::names(folder.path());
            if self.is_in_place && is_archive {
                // The disk may have failed while the update was undone, or after that.
                names.retain(|name| !name.ends_with(UNDO));
                left.retain(|name| !name.ends_with(UNDO));
            }
            assert_eq!(names, left, "{what}");
        }
        if self.is_in_place && is_archive {
            self.check_archive(&what, folder.path(), [old, new], numpy);
        } else {
            assert!(is_new || found == old, "{what}: neither old nor new");
        }
        if !is_new && self.file.ends_with(".npy") {
            let mut command = Command::new(command_path());
            command.current_dir(folder.path());
            command.args(["verify", "--repair", "header", "x.npy"]);
            let verified = command.output().expect("npio starts");
            assert!(verified.status.success(), "{what}: {verified:?}");
        }
        !output.status.success()
    }

    /// Checks that an archive that was updated in place is one of these two, or that nobody can read it until it is
    /// restored; and that it can then be updated.
    fn check_archive(
        &self,
        what: &str,
        folder: &Path,
        contents: [&[u8]; 2],
        numpy: Option<&mut NumPy>,
    ) {
        let npio = |args: &[&str]| {
            let mut command = Command::new(command_path());
            let output = command.current_dir(folder).args(args).output();
            output.expect("npio starts")
        };
        let path = folder.join(self.file);
        let found = self.content(folder);
        if !contents.contains(&&*found) || npio::is_interrupted(&path) {
            let error = npio::load_npz(&path).expect_err(what);
            assert!(
                matches!(error.cause(), Cause::Interrupted(_)),
                "{what}: {error}"
            );
            let verified = npio(&["verify", self.file]);
            assert_eq!(verified.status.code(), Some(1), "{what}: {verified:?}");
            let text = String::from_utf8_lossy(&verified.stdout);
            assert!(text.contains("was interrupted"), "{what}: {text}");
            if let Some(numpy) = numpy {
                let error = numpy.ask(NUMPY_LOAD, &[path.to_string_lossy().into()]);
                assert_eq!(error.expect(what), "BadZipFile", "{what}");
            }
            let repaired = npio(&["verify", "--repair", self.file]);
            assert!(repaired.status.success(), "{what}: {repaired:?}");
            let found = self.content(folder);
            assert!(contents.contains(&&*found), "{what}: not restored");
        }
        // The same again, or something else that updates it: what was left does not stand in its way.
        let updated = npio(&["pack", "--add", "--in-place", self.file, "last=z.npy"]);
        assert!(updated.status.success(), "{what}: {updated:?}");
        let names = names(folder);
        assert!(!names.iter().any(|name| name.ends_with(UNDO)), "{what}");
    }

    /// The contents of the file: the array of a `.npy`, which more bytes may follow, or all of an archive.
    fn content(&self, folder: &Path) -> Vec<u8> {
        let path = folder.join(self.file);
        if self.file.ends_with(".npz") {
            fs::read(path).expect("an archive")
        } else {
            let array = npio::load(path).unwrap_or_else(|error| panic!("{self:?}: {error}"));
            npy::to_bytes(&array).expect("an array")
        }
    }
}

/// The contents of a folder.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a folder");
    let name = |entry: std::io::Result<fs::DirEntry>| {
        entry
            .expect("an entry")
            .file_name()
            .to_string_lossy()
            .into_owned()
    };
    let mut names: Vec<String> = entries.map(name).collect();
    names.sort();
    names
}
