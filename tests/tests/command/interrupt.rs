//! Ctrl-C and SIGTERM: no temporary file stays, and the file to be replaced is unchanged.

use conformance::signals::{Running, with_default_signals};
use conformance::{command_path, sample_archives, sample_folder};
use rustix::process::Signal;
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Command, Stdio};
use std::thread;
use std::time::Duration;

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut names: Vec<_> = entries
        .map(|entry| entry.file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

fn start(folder: &Path, args: &[&str]) -> Running {
    Running::start(with_default_signals(&command_path(), folder).args(args))
}

/// Sends a signal, and returns the exit status and the output.
fn interrupt(mut child: Running, signal: Signal) -> (Option<i32>, String) {
    child.send(signal);
    let status = child.wait().unwrap();
    let mut message = String::new();
    let mut stderr = child.stderr.take().unwrap();
    stderr.read_to_string(&mut message).unwrap();
    (status.code(), message)
}

/// The signals that stop a program.
const SIGNALS: [Signal; 2] = [Signal::TERM, Signal::INT];

/// More than a pipe holds, so that whoever has written it knows that the other side is at work.
const MORE_THAN_A_PIPE: usize = 1 << 20;

/// The header of an array that is larger than the data that follows.
fn endless() -> Vec<u8> {
    let layout = npio::Layout::new(npio::DType::F64, [1 << 26, 3], npio::Order::C).unwrap();
    npio::header::Header::new(layout).encode().unwrap()
}

/// The work waits for a pipe, and cannot notice that it should stop.
#[test]
fn what_waits_for_its_input_is_ended() {
    for signal in SIGNALS {
        for args in [
            &["convert", "-", "x.npy", "--force"][..],
            &["convert", "-", "new.npz", "--force"],
            &["convert", "-", "a.npz::x", "--force"],
            &["pack", "x.npz", "x=-", "--force"],
            &["pack", "--add", "a.npz", "y=-"],
            &["pack", "--add", "--in-place", "a.npz", "y=-"],
            &["append", "x.npy", "-"],
        ] {
            let folder = sample_archives();
            let contents = |name: &String| fs::read(folder.path().join(name)).unwrap();
            let old_names = names(folder.path());
            let old: Vec<_> = old_names.iter().map(contents).collect();
            let mut child = start(folder.path(), args);
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(&endless()).unwrap();
            // Several blocks, so that some of them are written.
            for _ in 0..20 {
                stdin.write_all(&[0; MORE_THAN_A_PIPE]).unwrap();
            }
            assert_eq!(
                interrupt(child, signal),
                (Some(130), String::new()),
                "{args:?}"
            );
            assert_eq!(names(folder.path()), old_names, "{args:?}");
            let found = old_names.iter().map(contents);
            assert!(found.eq(old), "{args:?}");
            drop(stdin);
        }
    }
}

/// The work notices it between two pieces of endless input.
#[test]
fn what_is_at_work_stops() {
    let mut signals = SIGNALS.into_iter().cycle();
    for args in [
        &["convert", "-", "x.npy", "--force"][..],
        &["convert", "-", "new.npz", "--compress"],
        &["convert", "-", "x.txt"],
        &["append", "x.npy", "-"],
        &["stats", "-"],
        &["dump", "--full", "-"],
    ] {
        let folder = sample_folder();
        let old = fs::read(folder.path().join("x.npy")).unwrap();
        let mut child = start(folder.path(), args);
        let mut stdin = child.stdin.take().unwrap();
        let mut stdout = child.stdout.take().unwrap();
        let feeder = thread::spawn(move || {
            let _ = stdin.write_all(&endless());
            while stdin.write_all(&[0; 1 << 16]).is_ok() {}
        });
        let reader = thread::spawn(move || std::io::copy(&mut stdout, &mut std::io::sink()));
        thread::sleep(Duration::from_millis(200));
        let (status, message) = interrupt(child, signals.next().unwrap());
        assert_eq!((status, message.as_str()), (Some(130), ""), "{args:?}");
        feeder.join().unwrap();
        reader.join().unwrap().unwrap();
        assert_eq!(names(folder.path()), ["f.npy", "x.npy"], "{args:?}");
        assert_eq!(fs::read(folder.path().join("x.npy")).unwrap(), old);
    }
}

/// A command that is started with these signals ignored, as by `nohup`, continues.
#[test]
fn what_ignores_signals_goes_on() {
    let folder = sample_folder();
    let mut command = Command::new("sh");
    command.current_dir(folder.path());
    command.args(["-c", "trap '' HUP INT; exec \"$0\" convert - new.npy"]);
    command.arg(command_path()).stdin(Stdio::piped());
    let mut child = Running::start(command.stderr(Stdio::piped()));
    let mut stdin = child.stdin.take().unwrap();
    let bytes = fs::read(folder.path().join("x.npy")).unwrap();
    stdin.write_all(&bytes[..150]).unwrap();
    thread::sleep(Duration::from_millis(200));
    for signal in [Signal::HUP, Signal::INT] {
        child.send(signal);
    }
    thread::sleep(Duration::from_millis(50));
    stdin.write_all(&bytes[150..]).unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert_eq!(fs::read(folder.path().join("new.npy")).unwrap(), bytes);
}
