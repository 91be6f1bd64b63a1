//! The command at its edges: usage, terminals, names of any bytes, files of any length.

use conformance::{archive_of, command_path, ran, run, sample_folder, stdout_of};
use npio::Array;
use serde_json::Value;
use std::fs;
use std::process::{Command, Stdio};

#[test]
fn usage_errors_are_one_line() {
    let folder = sample_folder();
    let here = folder.path();
    for args in [
        &["dump"][..],
        &["no-such-command"],
        &["head", "-n", "x", "x.npy"],
        &["dump", "--json", "--raw", "x.npy"],
    ] {
        let (status, stdout, stderr) = ran(here, args);
        assert_eq!((status, stdout.as_str()), (2, ""), "{args:?}");
        assert!(stderr.starts_with("npio: "), "{stderr}");
        assert_eq!(stderr.lines().count(), 1, "{stderr}");
    }
    for args in [["--help"], ["--version"]] {
        let (status, stdout, stderr) = ran(here, &args);
        assert_eq!((status, stderr.as_str()), (0, ""));
        assert!(stdout.contains("npio"));
    }
}

#[test]
fn remote_files_need_a_feature_and_errors_repeat_no_secrets() {
    let folder = sample_folder();
    let (_, version, _) = ran(folder.path(), &["--version"]);
    let (first, features) = version.split_once('\n').unwrap();
    assert_eq!(first, format!("npio {}", env!("CARGO_PKG_VERSION")));
    // Nothing listens at this port.
    let url = "http://me:secret@127.0.0.1:9/x.npz?signature=secret::a";
    let (status, _, stderr) = ran(folder.path(), &["dump", url]);
    assert_eq!(status, 2);
    assert!(
        stderr.starts_with("npio: http://127.0.0.1:9/x.npz: ") && !stderr.contains("secret"),
        "{stderr}"
    );
    let refused = stderr.ends_with("cargo install npio-cli --features remote\n");
    assert_eq!(refused, features.contains("-remote"), "{stderr}");
}

#[test]
fn data_comes_out_as_it_is_and_names_escaped() {
    let folder = sample_folder();
    let here = folder.path();
    let text = dtype::Str::<5>::new("a\x1b[1m").unwrap();
    npio::save(here.join("t.npy"), Array::from_slice(&[text], []).unwrap()).unwrap();
    assert_eq!(ran(here, &["dump", "t.npy"]).1, "a\x1b[1m\n");
    // A name cannot have control characters on Windows, but can have characters that change the direction
    // of text.
    let (name, escaped, in_json) = if cfg!(windows) {
        (
            "a[31m\u{202e}b.npy",
            r"a[31m\u{202e}b.npy",
            r"a[31m\u202eb.npy",
        )
    } else {
        (
            "a\x1b[31m\n\u{202e}b.npy",
            r"a\u{1b}[31m\n\u{202e}b.npy",
            r"a\u001b[31m\n\u202eb.npy",
        )
    };
    fs::copy(here.join("x.npy"), here.join(name)).unwrap();
    let (_, text, _) = ran(here, &["ls", name]);
    assert!(text.starts_with(&format!("{escaped}\t")), "{text:?}");
    let (_, text, _) = ran(here, &["info", "--json", name]);
    assert!(text.contains(&format!(r#""path":"{in_json}""#)), "{text:?}");
    let info: Value = serde_json::from_str(&text).unwrap();
    assert_eq!(info["path"], name);
    let (_, _, stderr) = ran(here, &["dump", "no\x1b[31m"]);
    assert!(stderr.starts_with("npio: no\\u{1b}[31m: "), "{stderr:?}");
}

#[test]
fn names_of_members_are_escaped() {
    let folder = sample_folder();
    let here = folder.path();
    let x = npio::load(here.join("x.npy")).unwrap();
    let name = "a\x1b[31m\n\u{202e}b";
    npio::savez(here.join("n.npz"), [(name, &x)]).unwrap();
    let other: &[u8] = b"1";
    archive_of(&here.join("o.npz"), &[(name, other), ("x.npy", other)]);
    for args in [
        &["ls", "n.npz", "o.npz"][..],
        &["info", "n.npz", "o.npz"],
        &["info", "--json", "n.npz", "o.npz"],
        &["dump", "n.npz"],
        &["dump", &format!("o.npz::{name}")],
        &["verify", "n.npz", "o.npz"],
        &["diff", "n.npz", "o.npz"],
        &[
            "pack",
            "p.npz",
            &format!("{name}=x.npy"),
            &format!("{name}=f.npy"),
        ],
    ] {
        let (_, stdout, stderr) = ran(here, args);
        assert!(!stdout.is_empty() || !stderr.is_empty());
        for text in [&stdout, &stderr] {
            assert!(!text.contains(['\x1b', '\u{202e}']), "{args:?}: {text:?}");
            assert!(!text.contains("[31m\n"), "{args:?}: {text:?}");
        }
    }
    let info: Value = serde_json::from_str(&stdout_of(here, &["info", "--json", "n.npz"])).unwrap();
    assert_eq!(info.pointer("/arrays/0/name"), Some(&Value::from(name)));
}

/// 32-bit addresses do not reach this far.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[test]
fn a_terabyte_is_looked_at_without_being_read() {
    let folder = sample_folder();
    let here = folder.path();
    let layout = npio::Layout::new(npio::DType::U8, [1 << 20, 1 << 20], npio::Order::C).unwrap();
    let header = npio::header::Header::new(layout).encode().unwrap();
    fs::write(here.join("tera.npy"), &header).unwrap();
    let file = fs::File::options()
        .write(true)
        .open(here.join("tera.npy"))
        .unwrap();
    if file.set_len(header.len() as u64 + (1 << 40)).is_err() {
        // Not every file system supports such a long file, even a sparse one.
        return;
    }
    assert_eq!(
        ran(here, &["ls", "tera.npy"]).1,
        "tera.npy\t|u1\t(1048576, 1048576)\tC\t1099511627776\tplain\n"
    );
    assert_eq!(ran(here, &["info", "tera.npy"]).0, 0);
    assert_eq!(
        ran(here, &["head", "-n1", "tera.npy"]).1,
        "[[0 0 0 ... 0 0 0]]\n"
    );
    assert_eq!(
        ran(here, &["head", "-n1", "--slice", "5:, -3:", "tera.npy"]).1,
        "[[0 0 0]]\n"
    );
    assert_eq!(
        ran(here, &["dump", "--slice", "-1, :3", "tera.npy"]).1,
        "[0 0 0]\n"
    );
}

/// 96 GB, printed in an address space of 300 MB: only the printed items are read. The texts are NumPy's, printed from
/// maps of the same files.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[test]
fn what_is_larger_than_memory_is_printed_as_numpy_prints_it() {
    use npio::{DType, Layout, Order};
    use std::os::unix::fs::FileExt;

    const LONG: usize = 8_000_000_000;
    let narrow = "[[ 1.5    0.    -2.25 ]\n [ 0.     0.     0.   ]\n [ 0.     0.     0.   ]\n ...\n \
                  [ 0.     0.     0.   ]\n [ 0.     0.     0.   ]\n [ 0.125  0.    99.   ]]\n";
    let wide = "[[ 1.5    0.     0.    ...  0.     0.    -2.25 ]\n \
                [ 0.     0.     0.    ...  0.     0.     0.   ]\n \
                [ 0.125  0.     0.    ...  0.     0.    99.   ]]\n";
    let (narrow_row, wide_row) = (
        "[[ 1.5   0.   -2.25]]\n",
        "[[ 1.5   0.    0.   ...  0.    0.   -2.25]]\n",
    );
    let folder = sample_folder();
    let here = folder.path();
    for (shape, order, dumped, first_row) in [
        ([LONG, 3], Order::C, narrow, narrow_row),
        ([3, LONG], Order::Fortran, wide, wide_row),
        ([3, LONG], Order::C, wide, wide_row),
    ] {
        let layout = Layout::new(DType::F32, shape, order).unwrap();
        let header = npio::header::Header::new(layout).encode().unwrap();
        let file = fs::File::create(here.join("long.npy")).unwrap();
        file.write_all_at(&header, 0).unwrap();
        if file.set_len((header.len() + 12 * LONG) as u64).is_err() {
            // Not every file system supports such a long file, even a sparse one.
            return;
        }
        let [rows, columns] = shape;
        for (row, column, item) in [
            (0, 0, 1.5f32),
            (0, columns - 1, -2.25),
            (rows - 1, 0, 0.125),
            (rows - 1, columns - 1, 99.0),
        ] {
            let index = match order {
                Order::C => row * columns + column,
                Order::Fortran => column * rows + row,
            };
            let place = header.len() + 4 * index;
            file.write_all_at(&item.to_le_bytes(), place as u64)
                .unwrap();
        }
        for (args, expected) in [
            (&["dump", "long.npy"][..], dumped),
            (&["head", "-n", "1", "long.npy"], first_row),
        ] {
            let limited = "ulimit -v 300000; exec \"$0\" \"$@\"";
            let mut command = Command::new("sh");
            command.args(["-c", limited, &command_path()]).args(args);
            let ran = command.current_dir(here).output().unwrap();
            assert_eq!(
                String::from_utf8_lossy(&ran.stderr),
                "",
                "{order:?} {args:?}"
            );
            let text = String::from_utf8_lossy(&ran.stdout);
            assert_eq!(text, expected, "{order:?} {args:?}");
        }
    }
}

#[cfg(unix)]
#[test]
fn names_of_any_bytes_and_streams_by_name() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;

    let folder = sample_folder();
    let here = folder.path();
    let name = OsStr::from_bytes(b"lat\xe9.npy");
    if fs::copy(here.join("x.npy"), here.join(name)).is_ok() {
        let ls = run(here, &[OsStr::new("ls"), name, OsStr::new("x.npy")], b"");
        assert_eq!(ls.text().lines().count(), 2);
        assert_eq!(ls.status, 0);
    }
    let x = fs::read(here.join("x.npy")).unwrap();
    let streamed = run(
        here,
        &["convert", "/dev/stdin", "/dev/stdout", "--to", "npy"],
        &x,
    );
    assert_eq!(streamed.fine(), x);
    if fs::exists("/dev/full").unwrap() {
        let full = Command::new("sh")
            .args(["-c", "\"$0\" dump x.npy > /dev/full", &command_path()])
            .current_dir(here)
            .output()
            .unwrap();
        let stderr = String::from_utf8_lossy(&full.stderr).into_owned();
        assert_eq!(full.status.code(), Some(2));
        assert!(stderr.starts_with("npio: standard output: "), "{stderr}");
    }
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = sample_folder();
    let here = folder.path();
    // The findings in this one are more than is written at once.
    let whole = fs::read(here.join("x.npy")).unwrap();
    fs::write(here.join("many.npy"), whole.repeat(3000)).unwrap();
    for args in [
        &["verify", "many.npy", "x.npy"][..],
        &["dump", "x.npy"],
        &["dump", "--json", "x.npy"],
        &["dump", "--raw", "x.npy"],
        &["head", "x.npy"],
        &["ls", "x.npy"],
        &["info", "x.npy", "x.npy"],
        &["stats", "x.npy"],
        &["diff", "x.npy", "many.npy", "--slice", "0, 0"],
        &["convert", "--to", "npy", "x.npy", "-"],
        &["size", "f8", "3"],
        &["completions", "bash"],
        &["man"],
        &["--help"],
    ] {
        let mut command = Command::new(command_path());
        command.current_dir(here).args(args).stderr(Stdio::piped());
        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let out = command.stdout(writer).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&out.stderr), "", "{args:?}");
        assert_eq!(out.status.code(), Some(0), "{args:?}");
    }
}

/// A user with access to a file through its group keeps it when another member of the group replaces the
/// file.
#[cfg(unix)]
#[test]
fn a_replaced_file_stays_in_its_group() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, chown};
    let (user, group) = ("4321", 4322);
    let folder = sample_folder();
    let here = folder.path();
    fs::set_permissions(here, fs::Permissions::from_mode(0o777)).unwrap();
    let path = here.join("f.npy");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o660)).unwrap();
    let mut command = Command::new("setpriv");
    let groups = format!("--groups={group}");
    command.args([
        &format!("--reuid={user}"),
        &format!("--regid={user}"),
        &groups,
    ]);
    command.arg(command_path()).current_dir(here);
    command.args(["convert", "--force", "x.npy", "f.npy"]);
    let out = chown(&path, None, Some(group)).and_then(|()| command.output());
    match out {
        Ok(out) if !matches!(out.status.code(), Some(126 | 127)) => {
            assert_eq!(String::from_utf8_lossy(&out.stderr), "");
        }
        _ => return eprintln!("skipped: only root with setpriv can be somebody else"),
    }
    let new = fs::metadata(&path).unwrap();
    assert_eq!(
        (new.uid(), new.gid(), new.mode() & 0o777),
        (4321, group, 0o660)
    );
}

/// While another process appends, the command fails at once, or waits.
#[test]
fn append_waits_if_it_is_told_to() {
    let folder = sample_folder();
    let here = folder.path();
    let mut other = npio::AppendOptions::new().open(here.join("x.npy")).unwrap();
    let (status, _, stderr) = ran(here, &["append", "x.npy", "f.npy", "--wait", "0.05"]);
    assert_eq!(status, 2);
    assert!(
        stderr.contains("somebody else is appending to this file"),
        "{stderr}"
    );
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| ran(here, &["append", "x.npy", "f.npy", "--wait", "60"]));
        std::thread::sleep(std::time::Duration::from_millis(200));
        other
            .push(npio::ArrayView::over(&[7.0, 8.0, 9.0], [1, 3]).unwrap())
            .unwrap();
        other.commit().unwrap();
        drop(other);
        let waited = waiting.join().unwrap();
        assert_eq!((waited.0, waited.2.as_str()), (0, ""));
    });
    assert_eq!(npio::load(here.join("x.npy")).unwrap().shape(), [5, 3]);
    let (status, _, stderr) = ran(here, &["append", "x.npy", "f.npy", "--wait", "soon"]);
    assert_eq!(status, 2);
    assert!(
        stderr.contains("expected seconds such as 5 or 0.5"),
        "{stderr}"
    );
}

/// Beside a length of 0, the others may be as large as they like.
#[test]
fn no_items_of_a_vast_shape() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    const MANY: usize = usize::MAX / 4;
    for (name, shape) in [("x.npy", [MANY, MANY, 0]), ("y.npy", [0, MANY, MANY])] {
        npio::save(
            here.join(name),
            Array::from_vec(Vec::<f64>::new(), shape).unwrap(),
        )
        .unwrap();
    }
    for args in [
        &["info", "x.npy"][..],
        &["stats", "x.npy", "y.npy"],
        &["stats", "y.npy"],
        &["hash", "x.npy", "y.npy"],
        &["verify", "x.npy", "y.npy"],
        &["convert", "y.npy", "z.npy", "--transpose"],
        &["cat", "y.npy", "y.npy", "-o", "c.npy"],
        &["diff", "x.npy", "x.npy"],
        &["plot", "y.npy", "--kind", "hist", "-o", "p.svg"],
        &["report", "x.npy", "y.npy", "-o", "r.html"],
    ] {
        let (status, _, stderr) = ran(here, args);
        assert!(
            status <= 2 && stderr.lines().count() <= 1,
            "{args:?}: {status}, {stderr}"
        );
    }
}

/// Text is not taken for raw items, wherever it comes from.
#[test]
fn numbers_in_a_pipe_are_no_raw_items() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let text = b"1 2 3 4\n";
    let refused = run(here, &["dump", "-", "--in-dtype", "f8"], text);
    assert_eq!(refused.status, 2);
    assert!(
        refused.stderr.contains("state --from txt or --from raw"),
        "{}",
        refused.stderr
    );
    let stated = run(
        here,
        &["dump", "-", "--in-dtype", "f8", "--from", "txt"],
        text,
    );
    assert_eq!(stated.text(), "[[1. 2. 3. 4.]]\n");
    let raw = run(
        here,
        &["dump", "-", "--in-dtype", "u1", "--from", "raw"],
        b"1 2",
    );
    assert_eq!(raw.text(), "[49 32 50]\n");
    let json = run(here, &["dump", "-"], b"[[1,2]]");
    assert!(
        json.stderr.ends_with(": state --from json\n"),
        "{}",
        json.stderr
    );
}

/// A text is wrong if it cannot be read, and errors name the member.
#[test]
fn what_is_wrong_is_found_and_named() {
    let folder = sample_folder();
    let here = folder.path();
    for (name, text) in [
        ("bad.csv", "x,y\n\""),
        ("bad.txt", "hello world\n"),
        ("bad.json", "[1,"),
    ] {
        fs::write(here.join(name), text).unwrap();
        let (status, found, error) = ran(here, &["verify", name]);
        assert_eq!((status, error.as_str()), (1, ""), "{name}");
        assert!(
            found.starts_with(&format!("{name}: ")) && !found.contains(": ok"),
            "{found}"
        );
    }
    fs::write(here.join("good.csv"), "x,y\n1,2\n").unwrap();
    assert_eq!(
        stdout_of(here, &["verify", "--in-names", "good.csv"]),
        "good.csv: ok\n"
    );
    let array = Array::from_slice(&[1i64, 2], [2]).unwrap();
    npio::savez(here.join("m.npz"), [("some", &array)]).unwrap();
    let (status, _, error) = ran(here, &["stats", "--field", "i", "m.npz"]);
    assert!(
        status == 2 && error.contains("member 'some': field 'i'"),
        "{error}"
    );
}

/// What is said of the items is used, or is an error.
#[test]
fn no_description_of_the_input_is_ignored() {
    let folder = sample_folder();
    let here = folder.path();
    fs::write(here.join("a.csv"), "1,2\n").unwrap();
    fs::write(here.join("e.json"), "[[],[]]").unwrap();
    assert_eq!(
        stdout_of(here, &["dump", "--in-shape", "2", "a.csv"]),
        "[1. 2.]\n"
    );
    let empty = stdout_of(here, &["info", "--json", "--in-shape", "2,0,3", "e.json"]);
    assert!(empty.contains("[2,0,3]"), "{empty}");
    for (args, option) in [
        (
            &["dump", "--in-dtype", "i4", "--in-offset", "2", "a.csv"][..],
            "--in-offset",
        ),
        (
            &["dump", "--in-dtype", "i4", "--in-order", "F", "a.csv"],
            "--in-order",
        ),
        (&["dump", "--in-shape", "2", "x.npy"], "--in-shape"),
    ] {
        let (status, _, error) = ran(here, args);
        assert!(status == 2 && error.contains(option), "{args:?}: {error}");
    }
}
