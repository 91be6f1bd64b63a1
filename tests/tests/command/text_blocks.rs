//! Texts that are longer than a block: read piece by piece, with the same result as if they were read at once.

use conformance::{failed, ran, run, stdout_of};
use npio::flatfile;
use npio::flatfile::text::table;
use npio::{Array, DType, LoadOptions, Order, SaveOptions};
use std::fs::{self, File};
use std::io::{BufWriter, Write};
use std::path::Path;
#[cfg(target_os = "linux")]
use {conformance::command_path, std::process::Command};

/// The number of bytes of a text that is more than one block of any dtype, and not much more.
const LONG: usize = 5 << 19;

/// Writes lines that a function makes of their number until the text is long, and returns how many there are.
fn write_lines(path: &Path, bytes: usize, line: impl Fn(usize) -> String) -> usize {
    let mut file = BufWriter::new(File::create(path).unwrap());
    let (mut written, mut lines) = (0, 0);
    while written < bytes {
        let line = line(lines);
        file.write_all(line.as_bytes()).unwrap();
        written += line.len();
        lines += 1;
    }
    file.flush().unwrap();
    lines
}

/// The `.npy` of an array.
fn npy(array: &Array) -> Vec<u8> {
    flatfile::npy::to_bytes(array).unwrap()
}

fn converted(here: &Path, args: &[&str], output: &str) -> Vec<u8> {
    assert_eq!(
        stdout_of(here, &[&["convert", "--force"], args].concat()),
        ""
    );
    fs::read(here.join(output)).unwrap()
}

#[test]
fn a_long_table_is_the_same_in_every_form() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let path = here.join("x.csv");
    let rows = write_lines(&path, LONG, |row| {
        format!("{row}, {}.125,-1e-3\n", row * 1000)
    });
    let csv = LoadOptions::new().table(table::ReadOptions::csv());
    let x = csv.loadtxt(&path, DType::F64).unwrap();
    assert_eq!(x.shape(), [rows, 3]);
    let expected = npy(&x);
    let convert = |args: &[&str], output: &str| converted(here, args, output);
    assert!(convert(&["x.csv", "x.npy"], "x.npy") == expected);
    // Where the header cannot be written again.
    let piped = run(here, &["convert", "--to", "npy", "x.csv", "-"], b"");
    assert!(piped.fine() == expected);
    let text = fs::read(&path).unwrap();
    let piped = run(here, &["convert", "--from", "csv", "-", "y.npy"], &text);
    assert_eq!(piped.fine(), b"");
    assert!(fs::read(here.join("y.npy")).unwrap() == expected);
    convert(&["x.csv", "x.npy.gz"], "x.npy.gz");
    assert!(npy(&npio::load(here.join("x.npy.gz")).unwrap()) == expected);
    convert(&["x.csv", "x.npz"], "x.npz");
    let member = npio::load_npz(here.join("x.npz"))
        .unwrap()
        .load("x")
        .unwrap();
    assert!(npy(&member) == expected);
    assert_eq!(stdout_of(here, &["pack", "packed.npz", "a=x.csv"]), "");
    let member = npio::load_npz(here.join("packed.npz"))
        .unwrap()
        .load("a")
        .unwrap();
    assert!(npy(&member) == expected);
    // Another dtype, and another order, in which the last row is needed first.
    let small = npy(&x.astype(DType::F32, npio::Casting::SameKind).unwrap());
    assert!(convert(&["--dtype", "f4", "x.csv", "s.npy"], "s.npy") == small);
    let fortran = npy(&x.to_order(Order::Fortran).unwrap());
    assert!(convert(&["--order", "F", "x.csv", "f.npy"], "f.npy") == fortran);
    let shaped = npy(&x.to_order(Order::C).unwrap().reshape([3, -1]).unwrap());
    let shape = &["--in-dtype", "f8", "--in-shape", "3,-1", "x.csv", "r.npy"];
    assert!(convert(shape, "r.npy") == shaped);
    assert!(convert(&["--to", "raw", "x.csv", "x.raw"], "x.raw") == x.as_bytes());
    // From text to text and back.
    convert(&["x.csv", "x.txt"], "x.txt");
    assert!(convert(&["x.txt", "t.npy"], "t.npy") == expected);
    assert_eq!(ran(here, &["diff", "x.csv", "x.npy"]).0, 0);
    let shown = |name: &str| stdout_of(here, &["stats", name]);
    // The mean and the deviation do not depend on the blocks.
    let of_text = shown("x.csv");
    assert_eq!(of_text, shown("x.npy"));
    assert_eq!(of_text.lines().count(), 8);
    let listed = stdout_of(here, &["ls", "x.csv"]);
    assert!(listed.contains(&format!("({rows}, 3)")), "{listed}");
    // Appended as rows.
    let empty = SaveOptions::new().rows(here.join("grows.npy"), DType::F64, [3]);
    empty.unwrap().finish().unwrap();
    assert_eq!(stdout_of(here, &["append", "grows.npy", "x.csv"]), "");
    assert!(npy(&npio::load(here.join("grows.npy")).unwrap()) == expected);
}

#[test]
fn long_records_and_sequences_too() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let path = here.join("r.csv");
    write_lines(&path, LONG, |row| match row {
        0 => "number,naïve name\n".to_owned(),
        row => format!("{row},\"a, {}\"\n", row % 7),
    });
    let dtype = "[('number', '<i4'), ('naïve name', '<U4')]";
    let csv = LoadOptions::new().table(table::ReadOptions::csv().names());
    let records = csv.loadtxt(&path, dtype.parse().unwrap()).unwrap();
    let args = &["--in-names", "--in-dtype", dtype, "r.csv", "r.npy"];
    assert!(converted(here, args, "r.npy") == npy(&records));
    let same = &["--in-names", "--in-dtype", dtype, "r.csv", "same.csv"];
    let text = fs::read(&path).unwrap();
    assert!(converted(here, same, "same.csv") == text);
    // Texts whose length the longest decides are read as a whole.
    let open = "[('number', '<i4'), ('naïve name', '<U')]";
    let args = &["--in-names", "--in-dtype", open, "r.csv", "o.npy"];
    assert!(converted(here, args, "o.npy") == npy(&records));

    let path = here.join("flat.txt");
    write_lines(&path, LONG, |item| format!("{item};"));
    let flat = npio::fromfile_sep(&path, DType::I64, ";").unwrap();
    let args = &["--in-sep", ";", "--in-dtype", "i8", "flat.txt", "flat.npy"];
    assert!(converted(here, args, "flat.npy") == npy(&flat));
    let big = flat
        .astype("'>i8'".parse().unwrap(), npio::Casting::Equiv)
        .unwrap();
    let args = [&["--byteorder", "big"], &args[..]].concat();
    assert!(converted(here, &args, "flat.npy") == npy(&big));
}

#[test]
fn tables_without_rows_have_their_dtype_and_names() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::write(here.join("none.csv"), "").unwrap();
    fs::write(here.join("names.csv"), "a,b\n").unwrap();
    let whole = |name: &str, options| {
        let load = LoadOptions::new().table(options);
        npy(&load.loadtxt(here.join(name), DType::F32).unwrap())
    };
    let csv = table::ReadOptions::csv;
    let args = &["--in-dtype", "f4", "none.csv", "none.npy"];
    assert_eq!(converted(here, args, "none.npy"), whole("none.csv", csv()));
    let args = &["--in-dtype", "f4", "--in-names", "names.csv", "names.npy"];
    let named = whole("names.csv", csv().names());
    assert_eq!(converted(here, args, "names.npy"), named);
    let args = &["--in-names", "names.csv", "same.csv"];
    assert_eq!(converted(here, args, "same.csv"), b"a,b\n");
    fs::write(here.join("none.txt"), "").unwrap();
    let args = &["--sep", ",", "none.txt", "flat.npy"];
    let empty = npy(&Array::from_slice::<f64>(&[], [0]).unwrap());
    assert_eq!(converted(here, args, "flat.npy"), empty);
    assert_eq!(
        stdout_of(here, &["stats", "none.csv"]),
        "count\t0\nnan\t0\ninf\t0\nzero\t0\n"
    );
}

#[test]
fn a_fault_in_a_later_block_leaves_the_old_file() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let path = here.join("x.csv");
    let rows = write_lines(&path, LONG, |row| format!("{row},{row}.5\n"));
    let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
    file.write_all(b"1,x\n").unwrap();
    drop(file);
    fs::write(here.join("x.npy"), "old").unwrap();
    let line = rows + 1;
    let place = format!("npio: x.csv: line {line}, column 3 ");
    for args in [
        &["convert", "--force", "x.csv", "x.npy"][..],
        &["stats", "x.csv"],
        &["ls", "x.csv"],
    ] {
        let message = failed(here, args);
        assert!(message.starts_with(&place), "{args:?}: {message}");
    }
    assert_eq!(fs::read(here.join("x.npy")).unwrap(), b"old");
    let mut names = fs::read_dir(here)
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    assert!(names.all(|name| name == "x.csv" || name == "x.npy"));
}

/// `ulimit -v` limits nothing elsewhere.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_text() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    // 64 MB of numbers and 160 MB of texts, in 96 MB of addresses.
    write_lines(&here.join("x.csv"), 8_000_000, |_| {
        "1,2,3,4,5,6,7,8,9,0\n".repeat(100)
    });
    write_lines(&here.join("t.csv"), 800_000, |_| {
        "a,b,c,d,e,f,g,h,i,j\n".repeat(100)
    });
    for args in [
        &["stats", "--in-dtype", "f16", "x.csv"][..],
        &["convert", "--in-dtype", "<U100", "t.csv", "t.npy"],
    ] {
        let limited = "ulimit -v 96000; exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        command.args(["-c", limited, &command_path()]).args(args);
        // The C library reserves addresses for each thread.
        command.env("MALLOC_ARENA_MAX", "1").current_dir(here);
        let ran = command.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ran.stderr), "", "{args:?}");
    }
    let header = npio::load_header(here.join("t.npy")).unwrap();
    assert_eq!(header.layout().shape(), [40_000, 10]);
}
