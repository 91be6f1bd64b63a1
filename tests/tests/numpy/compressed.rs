//! Compressed files and encoded text, beside Python's gzip, bz2 and lzma and NumPy's `loadtxt` and `savetxt`.

use conformance::{Dice, NumPy};
use npio::compressed::{Decoder, Encoder, Format};
use npio::dtype::Str;
use npio::encoding::{self, Encoding};
use npio::flatfile::text::table;
use npio::{Array, DType, LoadOptions, SaveOptions};
use serde_json::{Value, json};
use std::fs;
use std::io::{self, Read, Write};
use std::path::Path;

const SUFFIXES: [&str; 3] = ["gz", "bz2", "xz"];

/// Writes an array in every way that NumPy and Python have.
const WRITE: &str = r#"
import gzip, bz2, lzma
folder, seed = args
x = np.random.default_rng(seed).normal(size=(200, 3)) * 1e5
for suffix, module in [("gz", gzip), ("bz2", bz2), ("xz", lzma)]:
    name = f"{folder}/x.txt.{suffix}"
    np.savetxt(name, x)
    for kind, write in [("npy", lambda f: np.save(f, x)), ("dat", lambda f: f.write(x.tobytes()))]:
        with module.open(f"{folder}/x.{kind}.{suffix}", "wb") as f:
            write(f)
    # Several members or streams are one file.
    text = module.open(name).read()
    with open(f"{folder}/many.txt.{suffix}", "wb") as f:
        for line in text.splitlines(keepends=True):
            f.write(module.compress(line))
answer = x.tobytes().hex()
"#;

/// Reads the text of an array, and the array.
const READ: &str = r#"
import gzip, bz2, lzma
folder, = args
answer = []
for suffix, module in [("gz", gzip), ("bz2", bz2), ("xz", lzma)]:
    x = np.loadtxt(f"{folder}/y.txt.{suffix}")
    assert np.array_equal(x, np.load(module.open(f"{folder}/y.npy.{suffix}")))
    assert x.tobytes() == module.open(f"{folder}/y.dat.{suffix}").read()
    answer.append(x.tobytes().hex())
"#;

fn hex(array: &Array) -> Value {
    json!(conformance::hex(array.as_bytes()))
}

#[test]
fn files_of_both() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    for seed in 0..5 {
        let expected = numpy
            .ask(WRITE, &[json!(here.to_str()), json!(seed)])
            .unwrap();
        for suffix in SUFFIXES {
            let file = |name: &str| here.join(format!("{name}.{suffix}"));
            let x = npio::loadtxt(file("x.txt"), DType::F64).unwrap();
            assert_eq!(hex(&x), expected, "{suffix}");
            let many = npio::loadtxt(file("many.txt"), DType::F64).unwrap();
            assert_eq!(hex(&many), expected, "{suffix}");
            assert_eq!(hex(&npio::load(file("x.npy")).unwrap()), expected);
            let raw = npio::fromfile(file("x.dat"), DType::F64).unwrap();
            assert_eq!(hex(&raw), expected);
            npio::savetxt(file("y.txt"), &x).unwrap();
            npio::save(file("y.npy"), &x).unwrap();
            npio::tofile(file("y.dat"), &x).unwrap();
        }
        let read = numpy.ask(READ, &[json!(here.to_str())]).unwrap();
        assert_eq!(read, json!([expected, expected, expected]));
    }
}

/// What Python's modules make of the bytes; nothing if that is an error.
const DECOMPRESS: &str = r#"
import gzip, bz2, lzma, io
def one(suffix, data):
    module = {"gz": gzip, "bz2": bz2, "xz": lzma}[suffix]
    try:
        return module.open(io.BytesIO(bytes.fromhex(data))).read().hex()
    except Exception:
        return None
answer = [one(*case) for case in args[0]]
"#;

fn decompressed(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut text = Vec::new();
    Decoder::new(bytes)?.read_to_end(&mut text)?;
    Ok(text)
}

/// Streams after another, cut off, with a changed byte, or with something behind them.
#[test]
fn changed_files() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let mut dice = Dice::new(17);
    let mut cases = Vec::new();
    for _ in 0..1500 {
        let suffix = dice.of(&SUFFIXES);
        let format = Format::in_name(format!("x.{suffix}")).unwrap();
        let (mut bytes, mut is_padded, mut is_changed) = (Vec::new(), false, false);
        for _ in 0..1 + dice.below(3) {
            let text: Vec<u8> = (0..dice.below(200)).map(|_| dice.below(4) as u8).collect();
            let mut encoder = Encoder::new(Vec::new(), format).unwrap();
            encoder.write_all(&text).unwrap();
            bytes.extend(encoder.finish().unwrap());
            if dice.below(4) == 0 {
                is_padded = true;
                bytes.extend(vec![0; dice.below(9)]);
            }
        }
        match dice.below(5) {
            0 => bytes.truncate(12 + dice.below(bytes.len() - 12)),
            1 => {
                // The first bytes stay: without them it is another kind of file.
                is_changed = true;
                let at = 10 + dice.below(bytes.len() - 10);
                bytes[at] ^= 1 << dice.below(8);
            }
            2 => bytes.extend(b"garbage"),
            _ => {}
        }
        cases.push((suffix, bytes, is_padded, is_changed));
    }
    let asked: Vec<_> = cases
        .iter()
        .map(|(suffix, bytes, ..)| json!([suffix, conformance::hex(bytes)]))
        .collect();
    let answers = numpy.ask(DECOMPRESS, &[json!(asked)]).unwrap();
    let mut same = 0;
    for ((suffix, bytes, is_padded, is_changed), answer) in
        cases.iter().zip(answers.as_array().unwrap())
    {
        let found = decompressed(bytes).ok();
        let found = found.map_or(Value::Null, |text| json!(conformance::hex(&text)));
        if found == *answer {
            same += usize::from(!found.is_null());
            continue;
        }
        // Python's bz2 and lzma ignore what follows the first stream and does not begin like another one: also zeros
        // between two streams, which the format of xz allows, and the second one with them.
        let is_explained = match *suffix {
            // Flags without a meaning have to be 0, which Python does not check.
            "gz" => found.is_null() && *is_changed,
            "bz2" => found.is_null(),
            _ => found.is_null() || *is_padded,
        };
        assert!(is_explained, "{suffix}: {bytes:02x?}");
    }
    assert!(same > 300, "{same} of {} are read", cases.len());
}

/// What Python makes of texts in each encoding, both ways.
const ENCODINGS: &str = r#"
def both(label, text, data):
    try:
        there = text.encode(label).hex()
    except UnicodeError:
        there = None
    try:
        back = bytes.fromhex(data).decode(label)
    except UnicodeError:
        back = None
    return [there, back]
answer = [both(*case) for case in args[0]]
"#;

/// Labels that mean the same as in Python for every text.
const SAME: [&str; 12] = [
    "utf-8",
    "utf_8",
    "utf-8-sig",
    "utf-16-le",
    "utf_16_be",
    "latin-1",
    "iso8859_1",
    "ascii",
    "iso8859_15",
    "iso8859_2",
    "koi8_r",
    "cp1251",
];

fn encoded(text: &str, encoding: Encoding) -> Option<Vec<u8>> {
    let mut encoder = encoding::Encoder::new(Vec::new(), encoding);
    encoder.write_all(text.as_bytes()).ok()?;
    encoder.finish().ok()
}

fn decoded(bytes: &[u8], encoding: Encoding) -> Option<String> {
    let mut text = String::new();
    let mut decoder = encoding::Decoder::new(bytes, encoding).unwrap();
    decoder.read_to_string(&mut text).ok()?;
    Some(text)
}

#[test]
fn encodings_as_in_python() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let mut dice = Dice::new(18);
    let mut cases = Vec::new();
    for label in SAME {
        for _ in 0..200 {
            let letters = [
                "a", "1", " ", "\n", "é", "\u{80}", "\u{ff}", "€", "Я", "中", "😀",
            ];
            let text: String = (0..1 + dice.below(4)).map(|_| dice.of(&letters)).collect();
            let bytes: Vec<u8> = (0..dice.below(5)).map(|_| dice.below(256) as u8).collect();
            let valid = encoded(&text, label.parse().unwrap());
            let bytes = valid.filter(|_| dice.below(2) == 0).unwrap_or(bytes);
            cases.push((label, text, bytes));
        }
    }
    let asked: Vec<_> = cases
        .iter()
        .map(|(label, text, bytes)| json!([label, text, conformance::hex(bytes)]))
        .collect();
    let answers = numpy.ask(ENCODINGS, &[json!(asked)]).unwrap();
    for ((label, text, bytes), answer) in cases.iter().zip(answers.as_array().unwrap()) {
        let encoding = label.parse().unwrap();
        let there = encoded(text, encoding).map(|bytes| conformance::hex(&bytes));
        assert_eq!(json!(there), answer[0], "{label}, {text:?}");
        let back = decoded(bytes, encoding);
        // Who reads the text skips a mark.
        let back = back.map(|text| match *label {
            "utf-8-sig" => text.trim_start_matches('\u{feff}').to_owned(),
            _ => text,
        });
        // The standard gives control characters to the bytes that Python gives nothing.
        if *label == "cp1251" && answer[1].is_null() {
            assert!(bytes.contains(&0x98), "{bytes:02x?}");
            continue;
        }
        assert_eq!(json!(back), answer[1], "{label}, {bytes:02x?}");
    }
}

/// NumPy's `loadtxt` and `savetxt` with an encoding.
const NUMPYS_TEXT: &str = r#"
folder, label, words = args
np.savetxt(f"{folder}/theirs.csv.gz", np.array(words), fmt="%s", encoding=label)
ours = np.loadtxt(f"{folder}/ours.csv.gz", dtype="U5", encoding=label, ndmin=1)
answer = ours.tolist()
"#;

fn numpys_text(numpy: &mut NumPy, folder: &Path, label: &str, words: &[&str]) {
    let values = words.iter().map(|word| Str::<5>::new(word).unwrap());
    let array = Array::from_vec(values.collect(), [words.len()]).unwrap();
    let encoding: Encoding = label.parse().unwrap();
    let format = table::WriteOptions::new().format("%s");
    let save = SaveOptions::new().table(format).encoding(encoding);
    save.savetxt(folder.join("ours.csv.gz"), &array).unwrap();
    let asked = [json!(folder.to_str()), json!(label), json!(words)];
    let read = numpy.ask(NUMPYS_TEXT, &asked).unwrap();
    assert_eq!(read, json!(words), "{label}");
    let theirs = LoadOptions::new().encoding(encoding);
    let theirs = theirs.loadtxt(folder.join("theirs.csv.gz"), "<U5".parse().unwrap());
    let theirs = theirs.unwrap();
    assert_eq!(
        theirs.to_vec::<Str<5>>().unwrap(),
        array.to_vec().unwrap(),
        "{label}"
    );
}

#[test]
fn encoded_tables_of_both() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let words = ["café", "x", "ÿ£", "naïve"];
    for label in [
        "latin-1",
        "utf-16",
        "utf-8",
        "utf_16_be",
        "cp1252",
        "utf-8-sig",
    ] {
        numpys_text(&mut numpy, folder.path(), label, &words);
    }
    numpys_text(&mut numpy, folder.path(), "shift_jis", &["あ", "漢字", "x"]);
    // A mark of UTF-16 is enough.
    let utf_16 = SaveOptions::new().encoding(Encoding::UTF_16);
    let path = folder.path().join("x.txt");
    utf_16.savetxt(&path, [1.5, 2.5]).unwrap();
    assert_eq!(fs::read(&path).unwrap()[..2], [0xff, 0xfe]);
    assert_eq!(
        npio::loadtxt(&path, DType::F64)
            .unwrap()
            .to_vec::<f64>()
            .unwrap(),
        [1.5, 2.5]
    );
}
