//! References to chunks at a shell.

use conformance::references::References;
use conformance::{failed, ran, run, stdout_of};
use npio::flatfile::npy;
use npio::{Array, ArrayView, DType, Layout, Order, SaveOptions, npz, safetensors};
use std::fs::{self, File};
use std::io::Write;
use std::path::Path;

fn numbers(shape: &[usize]) -> Array {
    let count: usize = shape.iter().product();
    let items: Vec<f64> = (0..count).map(|n| n as f64 / 4.0).collect();
    Array::from_vec(items, shape).unwrap()
}

/// Two items of this dtype.
fn zeros(dtype: &str) -> Array {
    let layout = Layout::new(dtype.parse::<DType>().unwrap(), [2], Order::C).unwrap();
    let bytes = vec![0; layout.nbytes()];
    let view = ArrayView::new(layout, bytes.as_slice()).unwrap();
    view.to_order(Order::C).unwrap()
}

/// Follows the references to an array, whose files are under `prefix`, as if it were this folder.
fn read(json: &[u8], folder: &Path, prefix: &str, name: &str, dtype: &DType) -> Vec<u8> {
    let array = References::parse(json).array(name, dtype, |url, offset, length| {
        let path = url.strip_prefix(prefix).unwrap_or_else(|| panic!("{url}"));
        let file = fs::read(folder.join(path.trim_start_matches('/'))).unwrap();
        file[offset as usize..(offset + length) as usize].to_vec()
    });
    array.bytes
}

#[test]
fn files_archives_and_raw_items() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let (x, y) = (numbers(&[4, 3]), numbers(&[5]));
    npio::save(here.join("c.npy"), &x).unwrap();
    let options = SaveOptions::new().order(Order::Fortran);
    options.save(here.join("f.npy"), &x).unwrap();
    npio::savez(here.join("a.npz"), [("x", &x), ("g/y", &y)]).unwrap();
    fs::write(here.join("raw_float64_4_3.dat"), x.as_bytes()).unwrap();
    fs::write(here.join("bare"), [&[0; 5], x.as_bytes()].concat()).unwrap();
    let tensors = [("layer.weight", &x)];
    safetensors::save(here.join("m.safetensors"), &tensors, &[]).unwrap();
    let mut several = npy::to_bytes(&y).unwrap();
    several.extend(npy::to_bytes(&x).unwrap());
    fs::write(here.join("several.npy"), several).unwrap();

    let prefix = "s3://bucket/dir";
    for zarr in ["2", "3"] {
        let common = ["refs", "--prefix", prefix, "--zarr", zarr, "--chunk", "48"];
        let of = |files: &[&str]| stdout_bytes(here, &[&common[..], files].concat());
        let json = of(&[
            "c.npy",
            "f.npy",
            "a.npz",
            "raw_float64_4_3.dat",
            "m.safetensors",
            "several.npy",
            "several.npy::1",
        ]);
        for name in ["c", "f", "x", "raw_float64_4_3", "1"] {
            let found = read(&json, here, prefix, name, &DType::F64);
            assert_eq!(found, x.as_bytes(), "{name}");
        }
        // Little-endian on every machine.
        let little: Vec<u8> = x
            .as_slice::<f64>()
            .unwrap()
            .iter()
            .flat_map(|item| item.to_le_bytes())
            .collect();
        let found = read(&json, here, prefix, "layer.weight", &DType::F64);
        assert_eq!(found, little);
        for name in ["g/y", "several"] {
            let found = read(&json, here, prefix, name, &DType::F64);
            assert_eq!(found, y.as_bytes(), "{name}");
        }
        let bare = [
            "bare",
            "--in-dtype",
            "f8",
            "--in-shape",
            "4,3",
            "--in-offset",
            "5",
        ];
        assert_eq!(
            read(&of(&bare), here, prefix, "bare", &DType::F64),
            x.as_bytes()
        );
        let json = of(&["a.npz::g/*", "c.npy", "--name", "all", "--name", "one/two"]);
        assert_eq!(
            read(&json, here, prefix, "all/g/y", &DType::F64),
            y.as_bytes()
        );
        assert_eq!(
            read(&json, here, prefix, "one/two", &DType::F64),
            x.as_bytes()
        );
        let json = of(&[
            "c.npy",
            "a.npz::x",
            "raw_float64_4_3.dat",
            "--concat",
            "all",
        ]);
        let found = read(&json, here, prefix, "all", &DType::F64);
        assert_eq!(found, x.as_bytes().repeat(3));
    }
}

fn stdout_bytes(folder: &Path, args: &[&str]) -> Vec<u8> {
    stdout_of(folder, args).into_bytes()
}

#[test]
fn names_in_a_list() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let x = numbers(&[4]);
    npio::save(here.join("a b.npy"), &x).unwrap();
    npio::savez(here.join("c.npz"), [("x", &x), ("y", &x)]).unwrap();
    let list = "a b.npy\r\n\nc.npz::x\nc.npz::y";
    fs::write(here.join("list"), list).unwrap();
    let args = [
        "refs",
        "--prefix",
        "s3://b",
        "--concat",
        "all",
        "--files-from",
    ];
    let from_file = stdout_bytes(here, &[&args[..], &["list"]].concat());
    let found = read(&from_file, here, "s3://b", "all", &DType::F64);
    assert_eq!(found, x.as_bytes().repeat(3));
    let from_stdin = run(here, &[&args[..], &["-"]].concat(), list.as_bytes());
    assert_eq!(from_stdin.fine(), from_file);
    // What is on the command line comes first.
    let json = stdout_bytes(
        here,
        &[
            "refs",
            "c.npz::x",
            "--files-from",
            "list",
            "--name",
            "1",
            "--name",
            "2",
            "--name",
            "3",
            "--name",
            "4",
        ],
    );
    assert!(
        References::parse(&json)
            .reference("1/0")
            .unwrap()
            .0
            .ends_with("c.npz")
    );
    assert!(failed(here, &["refs", "--files-from", "none"]).starts_with("npio: none: "));
    assert!(failed(here, &["refs"]).contains("required"));
}

#[test]
fn the_default_is_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    fs::create_dir(here.join("a b#")).unwrap();
    npio::save(here.join("a b#").join("é%.npy"), numbers(&[6])).unwrap();
    let json = stdout_bytes(here, &["refs", "a b#/é%.npy"]);
    let references = References::parse(&json);
    let (url, offset, length) = references.reference("é%/0").unwrap();
    assert!(
        url.starts_with("file:///") && url.ends_with("/a b#/é%.npy"),
        "{url}"
    );
    assert_eq!((offset, length), (128, 48));
    // What follows the scheme is the path.
    let path = url.strip_prefix(if cfg!(windows) { "file:///" } else { "file://" });
    assert!(Path::new(path.unwrap()).is_file(), "{url}");
    let json = stdout_bytes(
        here,
        &["refs", "a b#/é%.npy", "--prefix", "https://host/d/"],
    );
    let references = References::parse(&json);
    let (url, ..) = references.reference("é%/0").unwrap();
    assert_eq!(url, "https://host/d/a%20b%23/%C3%A9%25.npy");
    // Of an absolute path only the name is kept.
    let path = here.join("a b#").join("é%.npy");
    let json = stdout_bytes(
        here,
        &["refs", path.to_str().unwrap(), "--prefix", "gs://b"],
    );
    assert_eq!(
        References::parse(&json).reference("é%/0").unwrap().0,
        "gs://b/é%.npy"
    );
}

#[test]
fn what_cannot_be_referred_to() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let x = numbers(&[4, 3]);
    npio::save(here.join("x.npy"), &x).unwrap();
    fs::create_dir(here.join("b")).unwrap();
    npio::save(here.join("b").join("x.npy"), &x).unwrap();
    npio::savez_compressed(here.join("deflated.npz"), [("x", &numbers(&[500]))]).unwrap();
    fs::write(here.join("t.txt"), "1 2 3\n").unwrap();
    let bytes = fs::read(here.join("x.npy")).unwrap();
    fs::write(here.join("cut.npy"), &bytes[..bytes.len() - 1]).unwrap();
    ran(here, &["convert", "x.npy", "x.npy.gz"]);
    let save = |name: &str, dtype: &str| npio::save(here.join(name), zeros(dtype)).unwrap();
    save("long.npy", "f16");
    save("padded.npy", "[('a', '|i1'), ('', '|V3'), ('b', '<i4')]");
    save("sub.npy", "[('a', '<f4', (2,))]");
    save("big.npy", "[('a', '>f4')]");
    safetensors::save(
        here.join("m.safetensors"),
        &[("w", &zeros("bfloat16"))],
        &[],
    )
    .unwrap();
    // A member whose header claims more than the member has.
    let mut writer = npz::WriteOptions::new()
        .create(File::create(here.join("short.npz")).unwrap())
        .unwrap();
    for name in ["x.npy", "y.npy"] {
        let mut member = writer.member(name).unwrap();
        member.write_all(&bytes[..bytes.len() - 8]).unwrap();
        member.finish().unwrap();
    }
    writer.finish().unwrap();

    for (args, message) in [
        (
            "deflated.npz",
            "deflated.npz: member 'x': it is compressed (deflated), so there are no bytes of items to refer to: store it \
             (npio repack IN.npz OUT.npz)",
        ),
        (
            "t.txt",
            "t.txt: the file is a text, so there are no bytes of items to refer to: make a .npy of it (npio convert)",
        ),
        (
            "x.npy.gz",
            "x.npy.gz: the file is compressed (gzip), so there are no bytes of items to refer to: decompress it (npio \
             convert)",
        ),
        (
            "cut.npy",
            "cut.npy: the data is too short: expected 96 bytes, found 95",
        ),
        (
            "short.npz::x",
            "short.npz: member 'x': the data is too short: expected 96 bytes, found 88",
        ),
        ("-", "-: standard input has no address: refer to a file"),
        (
            "long.npy",
            "long.npy: Zarr has no longdouble (<f16): convert it (npio convert --dtype f8)",
        ),
        (
            "m.safetensors",
            "m.safetensors: member 'w': Zarr has no bfloat16: convert it (npio convert --dtype f4)",
        ),
        (
            "padded.npy",
            "padded.npy: there are bytes between the fields, which records in Zarr do not have: remove them (npio convert \
             --dtype \"[('a', '|i1'), ('b', '<i4')]\")",
        ),
        (
            "sub.npy",
            "sub.npy: field 'a' is an array, which fields in Zarr are not: save it as an array of its own (npio convert --field a)",
        ),
        (
            "big.npy --zarr 3",
            "big.npy: field 'a' is big-endian, which version 3 of Zarr does not state, so that it would be read wrong: use \
             version 2 (npio refs --zarr 2), or convert it (npio convert --byteorder little)",
        ),
        (
            "x.npy b/x.npy",
            "b/x.npy: it would be called 'x' as x.npy is: give them names with --name, or make one array of them with \
             --concat",
        ),
        (
            "x.npy --name ../x",
            "x.npy: '..' cannot be a name in Zarr: it leads to another group",
        ),
        (
            "x.npy big.npy --name a/b --name a/b/c",
            "big.npy: 'a/b' would be an array and a group of arrays",
        ),
        (
            "x.npy --name a --name b",
            "--name is given once for each file: expected 1, found 2",
        ),
        (
            "x.npy --prefix bucket",
            "x.npy: the prefix is not an address such as s3://bucket/dir",
        ),
        (
            "x.npy big.npy --concat all",
            "array 'all': cannot concatenate (2,) [('a', '>f4')] of",
        ),
    ] {
        let args: Vec<&str> = ["refs"].into_iter().chain(args.split(' ')).collect();
        let found = failed(here, &args);
        assert!(found.starts_with(&format!("npio: {message}")), "{found}");
    }
    // Each is reported, and nothing is written.
    let args = ["refs", "cut.npy", "x.npy", "long.npy", "-o", "refs.json"];
    let (status, _, found) = ran(here, &args);
    assert_eq!((status, found.lines().count()), (2, 2), "{found}");
    assert!(!here.join("refs.json").exists());
}

#[test]
fn what_the_messages_say_helps() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    npio::savez_compressed(here.join("deflated.npz"), [("x", &numbers(&[500]))]).unwrap();
    ran(here, &["repack", "deflated.npz", "stored.npz"]);
    let json = stdout_bytes(here, &["refs", "stored.npz", "--prefix", "s3://b"]);
    let found = read(&json, here, "s3://b", "x", &DType::F64);
    assert_eq!(found, numbers(&[500]).as_bytes());
    let padded = "[('a', '|i1'), ('', '|V3'), ('b', '<i4')]";
    npio::save(here.join("padded.npy"), zeros(padded)).unwrap();
    let packed = "[('a', '|i1'), ('b', '<i4')]";
    ran(
        here,
        &["convert", "padded.npy", "packed.npy", "--dtype", packed],
    );
    stdout_bytes(here, &["refs", "packed.npy"]);
    npio::save(here.join("sub.npy"), zeros("[('a', '<f4', (2,))]")).unwrap();
    ran(here, &["convert", "sub.npy", "a.npy", "--field", "a"]);
    stdout_bytes(here, &["refs", "a.npy"]);
}

#[test]
fn output_is_written_as_by_all_commands() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    npio::save(here.join("x.npy"), numbers(&[4])).unwrap();
    assert_eq!(stdout_of(here, &["refs", "x.npy", "-o", "refs.json"]), "");
    let written = fs::read(here.join("refs.json")).unwrap();
    assert_eq!(stdout_bytes(here, &["refs", "x.npy", "-o", "-"]), written);
    let found = failed(here, &["refs", "x.npy", "-o", "refs.json"]);
    assert_eq!(
        found,
        "npio: refs.json: the file exists: use --force to replace it"
    );
    ran(
        here,
        &["refs", "x.npy", "-o", "refs.json", "--force", "--zarr", "3"],
    );
    assert_ne!(fs::read(here.join("refs.json")).unwrap(), written);
}

#[test]
fn lengths_without_divisors_are_noted() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    // Prime numbers of rows, of which nothing is read.
    for (shape, chunk, count, nbytes) in [
        ("1000003", "100kB", 1u64, 1_000_003),
        ("10007_64", "1000", 10_007, 64),
    ] {
        let name = format!("x_uint8_{shape}.dat");
        let file = File::create(here.join(&name)).unwrap();
        file.set_len(count * nbytes).unwrap();
        let found = run(here, &["refs", &name, "--chunk", chunk], b"");
        assert_eq!(found.status, 0);
        let note = format!(
            "npio: note: array 'x_uint8_{shape}': {count} chunks of {nbytes} bytes, because the lengths"
        );
        assert!(found.stderr.starts_with(&note), "{}", found.stderr);
        let references = References::parse(&found.stdout);
        assert_eq!(references.keys().len() as u64, count + 3);
    }
}
