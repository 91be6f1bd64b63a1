//! Inputs that can be opened only once, by name: named pipes, and what a shell's `<(command)` stands for.

use conformance::{command_path, run, sample_archives, stdout_of};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};
use std::{fs, thread};

/// Standard input by a name: a pipe, of which a second reader gets nothing.
const PIPE: &str = "/dev/stdin";

/// Runs a command with a file and with a pipe in place of `{}`; both have to print and write the same.
fn reads_once(here: &Path, file: &str, args: &str, output: Option<&str>) {
    let bytes = fs::read(here.join(file)).unwrap();
    let [(expected, text), (found, other)] = [file, PIPE].map(|name| {
        if let Some(output) = output {
            let _ = fs::remove_file(here.join(output));
        }
        let args = args.replace("{}", name);
        let args: Vec<&str> = args.split(' ').collect();
        let ran = run(here, &args, if name == PIPE { &bytes } else { b"" });
        assert_eq!(
            (ran.status, ran.stderr.as_str()),
            (0, ""),
            "{args:?} of {file}"
        );
        let text = ran.text().replace(name, "{}");
        (
            output.map(|output| fs::read(here.join(output)).unwrap()),
            text,
        )
    });
    assert_eq!(other, text, "{args} of {file}");
    assert!(found == expected, "{args} of {file}");
}

/// The files of [`sample_archives`], and `x.csv`, `x.safetensors`, `all.safetensors` and `x.npy.gz`.
fn samples() -> tempfile::TempDir {
    let folder = sample_archives();
    let here = folder.path();
    for (file, other) in [
        ("x.npy", "x.csv"),
        ("x.npy", "x.safetensors"),
        ("a.npz", "all.safetensors"),
        ("x.npy", "x.npy.gz"),
    ] {
        stdout_of(
            here,
            &[
                "convert",
                file,
                other,
                "--to",
                other.split('.').nth(1).unwrap(),
            ],
        );
    }
    stdout_of(here, &["pack", "meta.npz", "x.npy"]);
    stdout_of(here, &["meta", "set", "meta.npz", "author=Emma"]);
    folder
}

#[test]
fn values_in_pipes() {
    let folder = samples();
    let here = folder.path();
    for (file, member) in [
        ("x.npy", ""),
        ("x.npy.gz", ""),
        ("a.npz", "::f"),
        ("c.npz", "::f"),
        ("x.safetensors", "::x"),
    ] {
        for args in [
            "dump {}",
            "dump --json {}",
            "dump --raw {}",
            "dump --sep , {}",
            "dump --allow-pickle {}",
            "dump --slice 1 {}",
            "head {}",
            "tail {}",
            "stats --json {}",
            "stats --axis 0 {}",
            "stats --quantiles --hist=2 --json {}",
            "find gt:2 {}",
            "hash {}",
            "diff {} x.npy",
            "diff x.npy {}",
            "convert {} - --to npy",
            "convert {} - --to csv",
            "convert {} - --to json",
        ] {
            let args = args.replace("{}", &format!("{{}}{member}"));
            reads_once(here, file, &args, None);
        }
        for output in [
            "new.npy",
            "new_float64_2_3.dat",
            "new.npz::y",
            "new.safetensors::y",
            "new.csv",
        ] {
            let args = format!("convert {{}}{member} {output}");
            reads_once(here, file, &args, output.split("::").next());
        }
        fs::copy(here.join("x.npy"), here.join("rows.npy")).unwrap();
        let before = fs::read(here.join("rows.npy")).unwrap().len();
        let bytes = fs::read(here.join(file)).unwrap();
        let args = ["append", "rows.npy", &format!("{PIPE}{member}")];
        run(here, &args, &bytes).fine();
        assert_eq!(fs::read(here.join("rows.npy")).unwrap().len(), before + 48);
    }
    for args in [
        "dump --from csv {}",
        "convert --from csv {} - --to npy",
        "stats --from csv {}",
    ] {
        reads_once(here, "x.csv", args, None);
    }
}

#[test]
fn whole_files_in_pipes() {
    let folder = samples();
    let here = folder.path();
    for file in ["x.npy", "a.npz", "c.npz", "all.safetensors"] {
        for args in [
            "ls {}",
            "verify {}",
            "stats {}",
            "stats --quantiles --json {}",
            "hash {}",
        ] {
            reads_once(here, file, args, None);
        }
        if file != "x.npy" {
            reads_once(here, file, "convert {} new.npz", Some("new.npz"));
            reads_once(
                here,
                file,
                "convert {} new.safetensors",
                Some("new.safetensors"),
            );
            reads_once(here, file, "convert {} - --to npz", None);
        }
    }
    for file in ["a.npz", "c.npz"] {
        reads_once(here, file, "info --json {}", None);
        reads_once(here, file, "diff {} a.npz", None);
        reads_once(here, file, "repack {} new.npz --align 64", Some("new.npz"));
        reads_once(here, file, "repack --salvage {} new.npz", Some("new.npz"));
        reads_once(here, file, "unpack {} --force n", Some("n.npy"));
    }
    for file in ["meta.npz", "all.safetensors"] {
        reads_once(
            here,
            file,
            if file == "meta.npz" {
                "meta get {}"
            } else {
                "info --json {}"
            },
            None,
        );
    }
    reads_once(here, "meta.npz", "meta get --json {} author", None);
    fs::write(here.join("facts.json"), r#"{"author":"Emma"}"#).unwrap();
    reads_once(
        here,
        "facts.json",
        "meta set facts.npz --file {}",
        Some("facts.npz"),
    );
}

#[test]
fn archives_of_pipes() {
    let folder = samples();
    let here = folder.path();
    for (file, source) in [
        ("x.npy", "y={}"),
        ("x.npy.gz", "y={}"),
        ("x.safetensors", "y={}::x"),
        ("a.npz", "{}"),
        ("c.npz", "{}"),
        ("c.npz", "y={}"),
        ("c.npz", "y={}::x {}::f z={}::n"),
        ("c.npz", "{}::?"),
    ] {
        for options in ["", "--compress ", "--longdouble x87 "] {
            let args = format!("pack {options}new.npz k=f.npy {source}");
            reads_once(here, file, &args, Some("new.npz"));
        }
        let bytes = fs::read(here.join(file)).unwrap();
        stdout_of(here, &["pack", "--force", "new.npz", "k=f.npy"]);
        let args = format!("pack --add new.npz {}", source.replace("{}", PIPE));
        let args: Vec<&str> = args.split(' ').collect();
        run(here, &args, &bytes).fine();
        let added = stdout_of(here, &["ls", "new.npz"]);
        // As from standard input by its short name.
        stdout_of(here, &["pack", "--force", "new.npz", "k=f.npy"]);
        let args: Vec<_> = args.iter().map(|arg| arg.replace(PIPE, "-")).collect();
        run(here, &args, &bytes).fine();
        assert_eq!(stdout_of(here, &["ls", "new.npz"]), added);
        assert!(added.lines().count() >= 2, "{added}");
    }
}

/// A shell's script that runs the command, which is `$0`: its exit status and standard error. It must not wait for a
/// writer of a pipe that never comes.
fn ends(here: &Path, script: &str) -> (Option<i32>, String) {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", script, &command_path()])
        .current_dir(here);
    shell.stdout(Stdio::null()).stderr(Stdio::piped());
    let mut child = shell.spawn().unwrap();
    let begin = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begin.elapsed() > Duration::from_secs(60) {
            child.kill().unwrap();
            panic!("still waiting for a pipe: {script}");
        }
        thread::sleep(Duration::from_millis(5));
    }
    let ended = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&ended.stderr).into_owned();
    (ended.status.code(), stderr)
}

/// A pipe with a name in a folder: whoever opens it again waits for another writer.
#[test]
fn pipes_with_names() {
    let folder = samples();
    let here = folder.path();
    for (file, args) in [
        ("x.npy", "convert pipe new.npz"),
        ("x.npy", "pack --force new.npz x=pipe"),
        ("a.npz", "pack --force new.npz pipe"),
        ("a.npz", "convert --force pipe new.npz"),
        ("x.npy", "stats --quantiles pipe"),
        ("meta.npz", "meta get pipe"),
    ] {
        let script = format!("rm -f pipe; mkfifo pipe; cat {file} > pipe & exec \"$0\" {args}");
        assert_eq!(ends(here, &script), (Some(0), String::new()), "{args}");
    }
}

/// What is changed in place has to be a file.
#[test]
fn pipes_are_not_changed() {
    let folder = samples();
    let here = folder.path();
    for args in [
        "append pipe x.npy",
        "rm pipe x",
        "mv pipe x y",
        "pack --add pipe x.npy",
        "meta set pipe a=b",
    ] {
        let script = format!("rm -f pipe; mkfifo pipe; exec \"$0\" {args}");
        let (status, stderr) = ends(here, &script);
        assert_eq!(status, Some(2), "{args}: {stderr}");
        assert!(
            stderr.starts_with("npio: pipe: not a regular file"),
            "{args}: {stderr}"
        );
    }
    // It is read before it turns out that there is something to repair.
    let longer = [&fs::read(here.join("x.npy")).unwrap()[..], b"more"].concat();
    let ran = run(here, &["verify", "--repair", "header", PIPE], &longer);
    assert_eq!(ran.status, 2, "{ran:?}");
    assert!(
        ran.stderr
            .starts_with("npio: /dev/stdin: not a regular file"),
        "{ran:?}"
    );
}
