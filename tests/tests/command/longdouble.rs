//! Long doubles at a shell: those of the x87, and IEEE quads.

use conformance::{ran, run};
use npio::{Array, ArrayView, ByteOrder, Casting, DType, Layout, LoadOptions, LongDouble, Order};
use std::fs;
use std::path::Path;

/// 1.0, 2.0, 0.5 and 3.0 as IEEE quads, and 0.1 to 113 bits.
const SHORT: [u128; 4] = [0x3fff << 112, 0x4000 << 112, 0x3ffe << 112, 0x40008 << 108];
const TENTH: u128 = 0x3ffb_9999_9999_9999_9999_9999_9999_999a;
/// A third, whose bits are alternating.
const THIRD: u128 = 0x3ffd_5555_5555_5555_5555_5555_5555_5555;

const QUAD: [&str; 2] = ["--longdouble", "quad"];
const X87: [&str; 2] = ["--longdouble", "x87"];

fn save(path: &Path, items: &[u128], order: ByteOrder) -> Vec<u8> {
    let bytes = items.iter().map(|item| match order {
        ByteOrder::Little => item.to_le_bytes(),
        ByteOrder::Big => item.to_be_bytes(),
    });
    let bytes: Vec<u8> = bytes.flatten().collect();
    let dtype = DType::F128.with_byte_order(order);
    let layout = Layout::new(dtype, [items.len()], Order::C).unwrap();
    npio::save(path, ArrayView::new(layout, &bytes).unwrap()).unwrap();
    bytes
}

/// Runs a command, which has to fail with this in its error, on one line that names the file.
fn fails(folder: &Path, args: &[&str], file: &str, expected: &str) {
    let (status, text, stderr) = ran(folder, args);
    assert_eq!((status, text.as_str()), (2, ""), "{args:?}: {stderr}");
    assert!(
        stderr.starts_with(&format!("npio: {file}: ")),
        "{args:?}: {stderr}"
    );
    assert!(stderr.contains(expected), "{args:?}: {stderr}");
    assert!(stderr.contains("--longdouble quad"), "{args:?}: {stderr}");
    assert_eq!(stderr.lines().count(), 1, "{args:?}: {stderr}");
}

fn prints(folder: &Path, args: &[&str], expected: &str) {
    let (status, text, stderr) = ran(folder, args);
    assert_eq!((status, stderr.as_str()), (0, ""), "{args:?}");
    assert_eq!(text, expected, "{args:?}");
}

#[test]
fn values_are_never_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for order in [ByteOrder::Little, ByteOrder::Big] {
        save(&here.join("q.npy"), &SHORT, order);
        save(&here.join("t.npy"), &[SHORT[0], THIRD], order);
        prints(here, &["pack", "--force", "q.npz", "q.npy"], "");
        let q = "look like IEEE quads: as x87 numbers all items are 0, but item 0 is the quad 1.0";
        let t =
            "item 1 is not an x87 long double: its exponent is 0x5555, but its integer bit is 0";
        for (file, message, expected) in [
            ("q.npy", q, "[1.  2.  0.5 3. ]\n"),
            ("q.npz::q", q, "[1.  2.  0.5 3. ]\n"),
            ("t.npy", t, "[1.         0.33333333]\n"),
        ] {
            let name = file.split("::").next().unwrap();
            for args in [
                &["dump", file][..],
                &["dump", "--full", file],
                &["dump", "--json", file],
                &["dump", "--sep", ",", file],
                &["head", file],
                &["stats", file],
                &["diff", file, file],
                &["convert", file, "x.csv"],
                &["convert", file, "x.json"],
                &["convert", "--dtype", "f8", file, "x.npy"],
                &[
                    "convert",
                    "--dtype",
                    "U40",
                    "--casting",
                    "unsafe",
                    file,
                    "x.npz",
                ],
            ] {
                fails(here, args, name, message);
            }
            prints(here, &[&["dump", file], &QUAD[..]].concat(), expected);
            prints(here, &[&["head", file], &QUAD[..]].concat(), expected);
            prints(here, &[&["diff", file, file], &QUAD[..]].concat(), "");
            let stats = run(here, &[&["stats", file], &QUAD[..]].concat(), b"").text();
            assert!(stats.contains("max"), "{stats}");
        }
        assert!(!here.join("x.csv").exists() && !here.join("x.npy").exists());
        // Stated to be x87, they are zeros; but a wrong bit is an error in any case.
        prints(
            here,
            &[&["dump", "q.npy"], &X87[..]].concat(),
            "[0. 0. 0. 0.]\n",
        );
        prints(here, &[&["diff", "q.npy", "q.npy"], &X87[..]].concat(), "");
        fails(here, &[&["dump", "t.npy"], &X87[..]].concat(), "t.npy", t);
        prints(
            here,
            &[&["dump", "--json", "--slice", "::-1", "q.npy"], &QUAD[..]].concat(),
            "[\"3.0\",\"0.5\",\"2.0\",\"1.0\"]\n",
        );
    }
}

#[test]
fn copies_keep_their_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let items = [SHORT[0], THIRD, TENTH, SHORT[3]];
    let bytes = save(&here.join("q.npy"), &items, ByteOrder::Little);
    let big = save(&here.join("big.npy"), &items, ByteOrder::Big);
    assert_eq!(run(here, &["dump", "--raw", "q.npy"], b"").fine(), bytes);
    let loaded = |name: &str| npio::load(here.join(name)).unwrap().as_bytes().to_vec();
    prints(here, &["convert", "q.npy", "c.npy"], "");
    prints(
        here,
        &["convert", "--byteorder", "big", "q.npy", "b.npy"],
        "",
    );
    prints(here, &["convert", "--to", "raw", "q.npy", "q.dat"], "");
    prints(here, &["convert", "q.npy", "q.npz"], "");
    prints(here, &["append", "c.npy", "q.npy"], "");
    assert_eq!(loaded("b.npy"), big);
    assert_eq!(fs::read(here.join("q.dat")).unwrap(), bytes);
    assert_eq!(loaded("c.npy"), [&bytes[..], &bytes].concat());
    let member = npio::load_npz(here.join("q.npz")).unwrap();
    assert_eq!(member.load("q").unwrap().as_bytes(), bytes);
}

#[test]
fn quads_become_the_nearest_numbers() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let items = [SHORT[0], THIRD, TENTH, SHORT[3]];
    let bytes = save(&here.join("q.npy"), &items, ByteOrder::Big);
    fs::write(here.join("q.dat"), &bytes).unwrap();
    let floats = [1.0, 1.0 / 3.0, 0.1, 3.0];
    let tenth = "0.1\n";
    let x87 = |name: &str| {
        prints(here, &["dump", "--slice", "2", name], tenth);
        let load = LoadOptions::new().astype(DType::F64, Casting::SameKind);
        assert_eq!(
            load.load(here.join(name)).unwrap().to_vec::<f64>().unwrap(),
            floats
        );
    };
    prints(
        here,
        &[&["convert", "q.npy", "c.npy"], &QUAD[..]].concat(),
        "",
    );
    x87("c.npy");
    let raw = ["convert", "--in-dtype", ">f16", "q.dat", "r.npy"];
    prints(here, &[&raw, &QUAD[..]].concat(), "");
    x87("r.npy");
    prints(
        here,
        &[&["append", "r.npy", "q.npy"], &QUAD[..]].concat(),
        "",
    );
    prints(here, &["dump", "--slice", "6", "r.npy"], tenth);
    prints(here, &[&["pack", "q.npz", "q.npy"], &QUAD[..]].concat(), "");
    prints(here, &["dump", "--slice", "2", "q.npz::q"], tenth);
    let f8 = ["convert", "--dtype", "f8", "q.npy", "f8.npy"];
    prints(here, &[&f8, &QUAD[..]].concat(), "");
    let loaded = npio::load_vec::<f64>(here.join("f8.npy")).unwrap();
    assert_eq!(loaded, (floats.to_vec(), vec![4]));
    // From a pipe.
    let file = fs::read(here.join("q.npy")).unwrap();
    let piped = run(here, &[&["dump", "--json", "-"], &QUAD[..]].concat(), &file).text();
    assert_eq!(
        piped,
        "[\"1.0\",\"0.33333333333333333334\",\"0.1\",\"3.0\"]\n"
    );
    // The library, by every way to load.
    let load = LoadOptions::new().longdouble(LongDouble::Quad);
    let array = load.load(here.join("q.npy")).unwrap();
    let expected = npio::load(here.join("c.npy")).unwrap();
    assert_eq!(array.as_bytes(), expected.as_bytes());
    let cast = load.clone().astype(DType::F64, Casting::SameKind);
    let mut into = [0.0; 4];
    cast.load_into(here.join("q.npy"), &mut into).unwrap();
    assert_eq!(into, floats);
    let format: DType = ">f16".parse().unwrap();
    let raw = load.fromfile(here.join("q.dat"), format).unwrap();
    assert_eq!(raw.as_bytes(), expected.as_bytes());
    let archive = here.join("raw.npz");
    prints(here, &["pack", "raw.npz", "q.npy"], "");
    let member = load.load_npz(&archive).unwrap().load("q").unwrap();
    assert_eq!(member.as_bytes(), expected.as_bytes());
    // A text holds numbers, not bytes.
    fs::write(here.join("x.txt"), "1.5,2.5\n").unwrap();
    let text = ["dump", "--sep", ",", "--in-dtype", "<f16", "x.txt"];
    prints(here, &[&text, &QUAD[..]].concat(), "1.5,2.5");
}

/// Whatever reads values reads those of quads as it reads the x87 numbers that they become: whole, sliced, block by
/// block, and more than once.
#[test]
fn every_command_reads_the_same_numbers() {
    let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
    let [quads, x87] = folders.each_ref().map(|folder| folder.path());
    let converted = x87.join("q.npy").to_string_lossy().into_owned();
    for order in [ByteOrder::Little, ByteOrder::Big] {
        let items = [SHORT[0], THIRD, TENTH, SHORT[3]];
        save(&quads.join("q.npy"), &items, order);
        let convert = ["convert", "--force", "q.npy", &converted];
        prints(quads, &[&convert[..], &QUAD].concat(), "");
        for here in [quads, x87] {
            prints(here, &["pack", "--force", "q.npz", "q.npy"], "");
        }
        let piped = [quads, x87].map(|here| fs::read(here.join("q.npy")).unwrap());
        for args in [
            &["dump"][..],
            &["dump", "--full"],
            &["dump", "--json"],
            &["dump", "--sep", ","],
            &["dump", "--raw"],
            &["head", "-n", "2"],
            &["tail", "-n", "2"],
            &["stats"],
            &["stats", "--json"],
            &["stats", "--axis", "0"],
            &["stats", "--quantiles", "--hist=4"],
            &["find", "gt:0.3"],
            &["hash"],
            &["convert", "--to", "csv"],
            &["convert", "--to", "json"],
            &["convert", "--to", "npy", "--dtype", "f8"],
            &["convert", "--to", "npz", "--order", "F"],
        ] {
            let output: &[&str] = if args[0] == "convert" { &["-"] } else { &[] };
            for slice in [&[][..], &["--slice", ":"], &["--slice", "1:3"]] {
                for file in ["q.npy", "q.npz::q", "-"] {
                    let args = [args, slice, &[file], output].concat();
                    let expected = run(x87, &args, &piped[1]).fine();
                    let found = run(quads, &[&args[..], &QUAD].concat(), &piped[0]).fine();
                    assert!(!found.is_empty() && found == expected, "{args:?}");
                }
            }
        }
    }
}

/// x87 numbers are read correctly, whatever their padding.
#[test]
fn padding_is_no_value() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let numbers = Array::from_slice(&[1.5, -2.0, 0.0], [3]).unwrap();
    let dtype = DType::F128.with_byte_order(ByteOrder::Little);
    let mut numbers = numbers.astype(dtype, Casting::Safe).unwrap();
    for (i, item) in numbers.as_mut_bytes().chunks_exact_mut(16).enumerate() {
        item[10..].copy_from_slice(&[i as u8, 1, 2, 3, 0xff, 0x3f]);
    }
    npio::save(here.join("x.npy"), &numbers).unwrap();
    prints(here, &["dump", "x.npy"], "[ 1.5 -2.   0. ]\n");
    prints(
        here,
        &["dump", "--json", "x.npy"],
        "[\"1.5\",\"-2.0\",\"0.0\"]\n",
    );
    // Zeros with a pointer in the padding, on x86-64.
    let zeros = [0x7ffe_1234_5678u128 << 64 & !(0xffff << 64); 3];
    save(&here.join("z.npy"), &zeros, ByteOrder::Little);
    prints(here, &["dump", "z.npy"], "[0. 0. 0.]\n");
}
