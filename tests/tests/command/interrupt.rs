//! Ctrl-C and SIGTERM: no temporary file stays, and the file to be replaced is unchanged.

use conformance::{command_path, sample_folder};
use std::fs;
use std::io::{Read, Write};
use std::path::Path;
use std::process::{Child, Command, Stdio};
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

fn start(folder: &Path, args: &[&str]) -> Child {
    let mut command = Command::new(command_path());
    command.current_dir(folder).args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped());
    command.stderr(Stdio::piped()).spawn().unwrap()
}

/// Sends a signal, as every shell can.
fn send(signal: &str, to: &Child) {
    let mut kill = Command::new("sh");
    kill.args(["-c", "kill $0 $1", signal, &to.id().to_string()]);
    assert!(kill.status().unwrap().success());
}

/// Sends a signal, and returns the exit status and the output.
fn interrupt(mut child: Child, signal: &str) -> (Option<i32>, String) {
    send(signal, &child);
    let status = child.wait().unwrap();
    let mut message = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut message)
        .unwrap();
    (status.code(), message)
}

/// The signals that stop a program. If this test was started with Ctrl-C ignored, so are the programs that it starts.
fn signals() -> Vec<&'static str> {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let ignored = ignored.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    if ignored.is_some_and(|mask| mask & (1 << 1) != 0) {
        return vec!["-TERM"];
    }
    vec!["-TERM", "-INT"]
}

/// Waits until there are this many files.
fn wait_for(folder: &Path, count: usize) {
    while names(folder).len() != count {
        thread::sleep(Duration::from_millis(2));
    }
}

/// The header of an array that is larger than the data that follows.
fn endless() -> Vec<u8> {
    let layout = npio::Layout::new(npio::DType::F64, [1 << 38, 3], npio::Order::C).unwrap();
    npio::header::Header::new(layout).encode().unwrap()
}

/// The work waits for a pipe, and cannot notice that it should stop.
#[test]
fn what_waits_for_its_input_is_ended() {
    for signal in signals() {
        for args in [
            ["convert", "-", "x.npy", "--force"],
            ["convert", "-", "new.npz", "--force"],
            ["pack", "x.npz", "x=-", "--force"],
        ] {
            let folder = sample_folder();
            let old = fs::read(folder.path().join("x.npy")).unwrap();
            let mut child = start(folder.path(), &args);
            let mut stdin = child.stdin.take().unwrap();
            stdin.write_all(&endless()).unwrap();
            stdin.write_all(&[0; 4096]).unwrap();
            wait_for(folder.path(), 3);
            assert_eq!(
                interrupt(child, signal),
                (Some(130), String::new()),
                "{args:?}"
            );
            assert_eq!(names(folder.path()), ["f.npy", "x.npy"], "{args:?}");
            assert_eq!(fs::read(folder.path().join("x.npy")).unwrap(), old);
            drop(stdin);
        }
    }
}

/// The work notices it between two pieces of endless input.
#[test]
fn what_is_at_work_stops() {
    let mut signals = signals().into_iter().cycle();
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
    let child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut child = child;
    let mut stdin = child.stdin.take().unwrap();
    let bytes = fs::read(folder.path().join("x.npy")).unwrap();
    stdin.write_all(&bytes[..150]).unwrap();
    wait_for(folder.path(), 3);
    for signal in ["-HUP", "-INT"] {
        send(signal, &child);
    }
    thread::sleep(Duration::from_millis(50));
    stdin.write_all(&bytes[150..]).unwrap();
    drop(stdin);
    assert!(child.wait().unwrap().success());
    assert_eq!(fs::read(folder.path().join("new.npy")).unwrap(), bytes);
}
