//! Arrays of Python objects: shown as NumPy shows them, and converted to plain items.

use conformance::{NumPy, archive_of, failed, ran, run, stdout_of};
use npio::compressed::{Encoder, Format};
use npio::meta::{Dict, Objects, npy};
use npio::{DType, Value};
use serde_json::json;
use std::fs;
use std::io::Write;
use std::path::Path;
#[cfg(target_os = "linux")]
use {
    conformance::command_path,
    std::io::Read,
    std::process::{Command, Stdio},
};

/// Saves an array of these objects.
fn save(folder: &Path, name: &str, shape: &[usize], items: Vec<Value>) {
    let objects = Objects::new(shape, items).unwrap();
    npio::save_value(folder.join(name), &objects.into()).unwrap();
}

fn dict(pairs: &[(&str, Value)]) -> Value {
    let pairs = pairs.iter().map(|(name, value)| (*name, value.clone()));
    pairs.collect::<Dict>().into()
}

#[test]
fn objects_are_shown() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let items = vec![
        dict(&[("a", 1.into()), ("b", Value::from(vec![0xffu8]))]),
        Value::None,
        "it's".into(),
        Value::List(vec![true.into()]),
    ];
    save(at, "o.npy", &[2, 2], items);
    let text = "[[{'a': 1, 'b': b'\\xff'} None]\n [\"it's\" list([True])]]\n";
    let dump = |args: &[&str]| stdout_of(at, &[&["dump", "--allow-pickle"], args].concat());
    assert_eq!(dump(&["o.npy"]), text);
    let json = "[[{\"a\":1,\"b\":{\"base64\":\"/w==\"}},null],[\"it's\",[true]]]\n";
    assert_eq!(dump(&["--json", "o.npy"]), json);
    assert_eq!(
        dump(&["--slice", "1, ::-1", "o.npy"]),
        "[list([True]) \"it's\"]\n"
    );
    assert_eq!(
        stdout_of(at, &["head", "-n", "1", "--allow-pickle", "o.npy"]),
        "[[{'a': 1, 'b': b'\\xff'} None]]\n"
    );
    let refused = "npio: o.npy: the data is a pickle of Python objects, not items: it cannot be read as an array: use \
                   --allow-pickle";
    for command in ["dump", "head"] {
        assert_eq!(failed(at, &[command, "o.npy"]), refused);
    }
    assert_eq!(
        failed(at, &["dump", "--allow-pickle", "--raw", "o.npy"]),
        "npio: o.npy: an array of objects has no raw bytes"
    );
    // The same from a stream, and in an archive.
    let bytes = fs::read(at.join("o.npy")).unwrap();
    let piped = run(at, &["dump", "--allow-pickle", "-"], &bytes);
    assert_eq!(piped.fine(), text.as_bytes());
    archive_of(&at.join("z.npz"), &[("o.npy", &bytes)]);
    assert_eq!(dump(&["z.npz::o"]), text);
    // Plain arrays are not affected.
    let x = npio::Array::from_slice(&[1i64, 2], [2]).unwrap();
    npio::save(at.join("x.npy"), &x).unwrap();
    assert_eq!(dump(&["x.npy"]), "[1 2]\n");
    let piped = run(
        at,
        &["dump", "--allow-pickle", "-"],
        &fs::read(at.join("x.npy")).unwrap(),
    );
    assert_eq!(piped.fine(), b"[1 2]\n");
}

/// Objects that follow another array, wherever the bytes come from.
#[test]
fn objects_after_another_array() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    save(at, "o.npy", &[2], vec![1.into(), 2.5.into()]);
    let x = npio::Array::from_slice(&[1i64, 2, 3], [3]).unwrap();
    npio::save(at.join("x.npy"), &x).unwrap();
    let [x, o] = ["x.npy", "o.npy"].map(|name| fs::read(at.join(name)).unwrap());
    let two = [x, o].concat();
    fs::write(at.join("two.npy"), &two).unwrap();
    let gz = fs::File::create(at.join("two.npy.gz")).unwrap();
    let mut gz = Encoder::new(gz, Format::Gzip).unwrap();
    gz.write_all(&two).unwrap();
    gz.finish().unwrap();
    for file in ["two.npy", "two.npy.gz", "-"] {
        let allowed = |args: &[&str]| run(at, &[args, &["--allow-pickle"]].concat(), &two).text();
        let second = format!("{file}::1");
        assert_eq!(allowed(&["dump", &second]), "[1 2.5]\n", "{file}");
        assert_eq!(
            allowed(&["dump", "--salvage", &second]),
            "[1 2.5]\n",
            "{file}"
        );
        assert_eq!(
            allowed(&["dump", "--sep", ",", &second]),
            "1.0,2.5",
            "{file}"
        );
        assert_eq!(allowed(&["head", "-n", "1", &second]), "[1]\n", "{file}");
        assert_eq!(
            allowed(&["convert", &second, "-", "--to", "csv"]),
            "1.0\n2.5\n",
            "{file}"
        );
        assert!(
            allowed(&["stats", "--quantiles", &second]).contains("2.5"),
            "{file}"
        );
        assert_eq!(allowed(&["dump", file]), "[1 2 3]\n", "{file}");
        let missing = run(at, &["dump", "--allow-pickle", &format!("{file}::2")], &two);
        assert_eq!(missing.status, 2, "{missing:?}");
    }
}

/// What Python would run is described.
#[test]
fn nothing_is_run() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    save(at, "o.npy", &[], vec![Value::None]);
    let mut bytes = fs::read(at.join("o.npy")).unwrap();
    let begin = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
    bytes.truncate(begin);
    bytes.extend(b"cos\nsystem\n(S'touch ran'\ntR.");
    fs::write(at.join("evil.npy"), bytes).unwrap();
    let dump = |args: &[&str]| stdout_of(at, &[&["dump", "--allow-pickle"], args].concat());
    assert_eq!(dump(&["evil.npy"]), "<os.system('touch ran')>\n");
    assert_eq!(
        dump(&["--json", "evil.npy"]),
        "{\"__class__\":\"os.system\",\"args\":[\"touch ran\"],\"state\":null}\n"
    );
    assert_eq!(
        failed(at, &["stats", "--allow-pickle", "evil.npy"]),
        "npio: evil.npy: the pickle is not an array of objects"
    );
    assert!(!at.join("ran").exists());
}

#[test]
fn plain_items_of_objects() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    save(at, "n.npy", &[3], vec![1.into(), 2.5.into(), true.into()]);
    save(at, "t.npy", &[2], vec!["a".into(), "b,c".into()]);
    save(at, "mixed.npy", &[2], vec![1.into(), "a".into()]);
    let rows = [[1i32, 2], [3, 4]].map(|row| npio::Array::from_slice(&row, [2]).unwrap());
    save(at, "rows.npy", &[2], rows.map(Value::from).into());
    let ragged = vec![rows_of(&[1]), rows_of(&[1, 2])];
    save(at, "ragged.npy", &[2], ragged);
    let convert = |args: &[&str]| stdout_of(at, &[&["convert", "--allow-pickle"], args].concat());
    assert_eq!(convert(&["n.npy", "n8.npy"]), "");
    assert_eq!(
        npio::load_vec::<f64>(at.join("n8.npy")).unwrap().0,
        [1.0, 2.5, 1.0]
    );
    convert(&["--dtype", "f4", "n.npy", "n4.npy"]);
    assert_eq!(
        npio::load_vec::<f32>(at.join("n4.npy")).unwrap().0,
        [1.0, 2.5, 1.0]
    );
    convert(&["t.npy", "t.csv"]);
    assert_eq!(
        fs::read_to_string(at.join("t.csv")).unwrap(),
        "a\n\"b,c\"\n"
    );
    convert(&["rows.npy", "rows2.npy"]);
    let rows = npio::load(at.join("rows2.npy")).unwrap();
    assert_eq!((rows.shape(), rows.dtype()), (&[2, 2][..], &DType::I32));
    let stats = stdout_of(at, &["stats", "--allow-pickle", "n.npy"]);
    assert!(stats.contains("mean\t1.5\n"), "{stats}");
    let diff = |one: &str, other: &str| ran(at, &["diff", "--allow-pickle", one, other]);
    assert_eq!(diff("n.npy", "n8.npy"), (0, String::new(), String::new()));
    assert_eq!(diff("mixed.npy", "mixed.npy").0, 0);
    save(
        at,
        "other.npy",
        &[2],
        vec![1.into(), dict(&[("k", 2.into())])],
    );
    assert_eq!(
        diff("mixed.npy", "other.npy"),
        (
            1,
            "values: 1 of 2 differ, the first at (1,): 'a', {'k': 2}\n".into(),
            String::new()
        )
    );
    for (name, why) in [
        (
            "mixed.npy",
            "item [1]: expected an item that goes with int64, found str",
        ),
        (
            "ragged.npy",
            "item [1]: expected the shape [1] of the items before, found the shape [2]",
        ),
        (
            "other.npy",
            "item [1]: expected a number, a text, a date or an array, found dict",
        ),
    ] {
        for command in [
            &["stats", "--allow-pickle"][..],
            &["dump", "--allow-pickle", "--sep", ","],
        ] {
            assert_eq!(
                failed(at, &[command, &[name]].concat()),
                format!("npio: {name}: {why}")
            );
        }
    }
    let refused = failed(at, &["stats", "n.npy"]);
    assert!(refused.ends_with("'|O': use --allow-pickle"), "{refused}");
}

fn rows_of(items: &[i64]) -> Value {
    npio::Array::from_slice(items, [items.len()])
        .unwrap()
        .into()
}

/// One key does not fail because another does.
#[test]
fn metadata_key_by_key() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let item = |value: &Value| npy::to_bytes(value).unwrap();
    let one = item(&npio::Array::from_slice(&[1i64], []).unwrap().into());
    let broken = [&item(&Value::None)[..100], b"?"].concat();
    let members: [(&str, &[u8]); 3] = [
        ("a.npy", &one),
        ("none.npy", &item(&Value::None)),
        ("b.npy", &one),
    ];
    archive_of(&at.join("m.npz"), &members);
    archive_of(
        &at.join("broken.npz"),
        &[("a.npy", &one), ("x.npy", &broken)],
    );
    let get = |args: &[&str]| ran(at, &[&["meta", "get"], args].concat());
    assert_eq!(get(&["m.npz", "b"]), (0, "1\n".into(), String::new()));
    let (status, text, error) = get(&["m.npz"]);
    assert_eq!((status, text.as_str()), (2, "a = 1\nb = 1\n"));
    assert!(
        error.starts_with("npio: m.npz: key 'none': the data is a pickle"),
        "{error}"
    );
    assert_eq!(
        get(&["m.npz", "--allow-pickle"]),
        (0, "a = 1\nnone = None\nb = 1\n".into(), String::new())
    );
    assert_eq!(get(&["broken.npz", "a"]).1, "1\n");
}

/// A half-written pickle is found without decoding it; one that no value can be made of, if pickles are allowed.
#[test]
fn verified() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    save(
        at,
        "o.npy",
        &[2],
        vec![1.into(), Value::from("a".repeat(300))],
    );
    let bytes = fs::read(at.join("o.npy")).unwrap();
    let note = "note: the pickle at byte 128 was not looked into\n";
    assert_eq!(
        stdout_of(at, &["verify", "o.npy"]),
        format!("o.npy: {note}o.npy: ok\n")
    );
    assert_eq!(
        stdout_of(at, &["verify", "--allow-pickle", "o.npy"]),
        "o.npy: ok\n"
    );
    for end in [128, 129, 200, bytes.len() - 1] {
        fs::write(at.join("cut.npy"), &bytes[..end]).unwrap();
        archive_of(&at.join("cut.npz"), &[("x.npy", &bytes[..end])]);
        for name in ["cut.npy", "cut.npz"] {
            let (status, text, error) = ran(at, &["verify", name]);
            assert_eq!((status, error.as_str()), (1, ""), "{end}");
            assert!(text.contains("the data is too short: expected"), "{text}");
        }
    }
    // Whole, but without a value.
    let wrong = [&bytes[..128], b"\x80\x04N\x85\x94h\x07."].concat();
    fs::write(at.join("wrong.npy"), &wrong).unwrap();
    assert_eq!(ran(at, &["verify", "wrong.npy"]).0, 0);
    let (status, text, _) = ran(at, &["verify", "--allow-pickle", "wrong.npy"]);
    assert_eq!(status, 1);
    assert!(text.contains("refers to entry 7 of its memo"), "{text}");
}

/// Small files whose values refer to one part very often: an error, or output that is written as it is made. The
/// command never needs more memory than this, and is never aborted.
#[cfg(target_os = "linux")]
#[test]
fn many_references_in_little_memory() {
    const KILOBYTES: &str = "300000";
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let long = Value::from("a".repeat(100_000));
    let often = |value: &Value| vec![value.clone(); 100_000];
    save(at, "text.npy", &[100_000], often(&long));
    save(
        at,
        "values.npy",
        &[],
        vec![Value::List(
            (0..1000)
                .map(|i| dict(&[("k", i.into()), ("v", long.clone())]))
                .collect(),
        )],
    );
    // The same as no writer makes them: memo references to one object.
    let repeated = |name: &str, object: &[u8], reference: &[u8], end: &[u8]| {
        let mut header = npy::to_bytes(&Value::None).unwrap();
        header.truncate(128);
        let body = [object, &reference.repeat(20_000), end].concat();
        fs::write(at.join(name), [header, body].concat()).unwrap();
    };
    let long = "a".repeat(100_000);
    let text = [b"X", &100_000u32.to_le_bytes()[..], long.as_bytes()].concat();
    let bytes = [b"B", &100_000u32.to_le_bytes()[..], long.as_bytes()].concat();
    repeated(
        "bytes.npy",
        &[b"](", &bytes[..], b"q\0"].concat(),
        b"h\0",
        b"e.",
    );
    let int = [b"\x8b", &16_000u32.to_le_bytes()[..], &[0x11; 16_000]].concat();
    repeated(
        "ints.npy",
        &[b"](", &int[..], b"q\0"].concat(),
        b"h\0",
        b"e.",
    );
    repeated(
        "key.npy",
        &[b"}(", &text[..], b"q\0h\0"].concat(),
        b"h\0",
        b"h\0h\0h\0u.",
    );
    let in_tuple = [b"}((", &text[..], b"q\0"].concat();
    repeated("tuple_key.npy", &in_tuple, b"h\0", b"tNu.");
    repeated(
        "set.npy",
        &[b"\x8f((", &text[..], b"q\0"].concat(),
        b"h\0",
        b"t\x90.",
    );
    let list = [b"](](", &text[..], b"q\0", &b"h\0".repeat(100), b"eq\x01"].concat();
    repeated("lists.npy", &list, b"h\x01", b"e.");
    let opaque = [b"](cm\nC\n(", &text[..], b"tRq\x01"].concat();
    repeated("opaque.npy", &opaque, b"h\x01", b"e.");
    for entry in fs::read_dir(at).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        for args in [
            &["dump", "--allow-pickle"][..],
            &["dump", "--allow-pickle", "--json"],
            &["stats", "--allow-pickle"],
            &["verify", "--allow-pickle"],
        ] {
            let mut command = Command::new("sh");
            let script = format!("ulimit -v {KILOBYTES}; exec \"$@\"");
            command.args(["-c", &script, "sh"]).arg(command_path());
            command.args(args).arg(&name).current_dir(at);
            command.stdout(Stdio::piped()).stderr(Stdio::piped());
            let mut child = command.spawn().unwrap();
            // A reader that has seen enough.
            let mut output = child.stdout.take().unwrap().take(256 << 10);
            output.read_to_end(&mut Vec::new()).unwrap();
            drop(output);
            let ended = child.wait_with_output().unwrap();
            let error = String::from_utf8_lossy(&ended.stderr);
            let status = ended.status.code();
            assert!(
                matches!(status, Some(0..=2)),
                "{args:?} {name}: {status:?} {error}"
            );
        }
    }
}

/// `str(arr)` of random arrays of objects, none of them opaque.
#[test]
fn as_numpy_prints_them() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let cases: usize = std::env::var("NPIO_SHELL_CASES").map_or(60, |count| count.parse().unwrap());
    let code = "import random, datetime, collections
def text(r):
    return ''.join(r.choice('ab é€\\n\\'\"\\\\') for _ in range(r.choice([0, 1, 3, 9, 40])))
def number(r):
    return r.choice([r.randrange(-10**6, 10**6), 2**70, r.uniform(-1e3, 1e3), float('nan'), True, None, 1e300, complex(1, -2.5)])
def array(r):
    shape = r.choice([(), (0,), (2,), (3, 2), (2, 0), (20,), (1200,)])
    dtype = r.choice(['i8', 'f4', 'f8', '>i2', '?', 'U3', 'S2', 'M8[D]', 'c16', [('a', 'i4'), ('b', 'f8')]])
    return np.zeros(shape, dtype)
def scalar(r):
    return r.choice([np.float32(1.5), np.float64(0.1), np.int8(-3), np.bool_(True), np.str_('né'), np.bytes_(b'a'), np.complex64(1 - 2j),
                     np.datetime64('2020-01-02'), np.timedelta64(3, 'h'), np.datetime64('NaT'), np.longdouble('0.1'), np.uint64(2**64 - 1)])
def value(r, depth=0):
    plain = [text, text, number, number, scalar, array, lambda r: text(r).encode(), lambda r: datetime.date(2020, 1, r.randrange(1, 28)),
             lambda r: datetime.timedelta(r.randrange(-3, 3), r.randrange(9)), lambda r: range(r.randrange(9)), lambda r: slice(None, 3),
             lambda r: np.dtype(r.choice(['f8', 'U2', 'M8[s]', '>i4']))]
    if depth < 3:
        some = lambda r: [value(r, depth + 1) for _ in range(r.choice([0, 1, 2, 5]))]
        plain += [some, some, lambda r: tuple(some(r)), lambda r: {text(r): value(r, depth + 1) for _ in range(r.randrange(3))}]
        plain += [lambda r: objects(r, depth + 1)]
    return r.choice(plain)(r)
def objects(r, depth=0):
    shape = r.choice([(), (0,), (1,), (3,), (2, 3), (2, 2, 2), (7, 3)] + ([(1100,), (40, 30)] if depth == 0 else []))
    if r.random() < 0.2 and len(shape) == 1 and shape[0] < 100:
        x = np.zeros(shape, [('a', 'i8'), ('b', 'O'), ('c', [('d', 'f4'), ('e', 'O')])])
        for i in range(len(x)):
            x[i] = (r.randrange(1000), value(r, 3), (r.uniform(0, 9), value(r, 3)))
        return x
    x = np.empty(shape, object)
    simple = r.random() < 0.5
    for i in np.ndindex(shape):
        x[i] = r.choice([text, number, scalar])(r) if simple else value(r, depth + 1)
    return x
answer = []
for seed in range(args[1]):
    x = objects(random.Random(seed))
    np.save(f'{args[0]}/{seed}.npy', x, allow_pickle=True)
    answer.append(str(np.load(f'{args[0]}/{seed}.npy', allow_pickle=True)))";
    let answers = numpy.ask(code, &[json!(at), json!(cases)]).unwrap();
    let mut wrong = String::new();
    for (seed, expected) in answers.as_array().unwrap().iter().enumerate() {
        let name = format!("{seed}.npy");
        let (status, text, error) = ran(at, &["dump", "--allow-pickle", &name]);
        let expected = format!("{}\n", expected.as_str().unwrap());
        if (status, text.as_str()) != (0, expected.as_str()) {
            let lines = text.lines().zip(expected.lines());
            let first = lines.map(|(a, b)| (a.to_owned(), b)).find(|(a, b)| a != b);
            wrong += &format!("{seed}: {status} {error}{first:#?}\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

/// Integers that only an unsigned type holds, and a dtype that is found or stated.
#[test]
fn integers_of_objects_stay_exact() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let large = 1u64 << 63;
    save(
        here,
        "o.npy",
        &[3],
        vec![Value::from(1), Value::from(large), Value::from(0)],
    );
    for (dtype, expected) in [
        (
            "auto",
            "[                  1 9223372036854775808                   0]\n",
        ),
        (
            "u8",
            "[                  1 9223372036854775808                   0]\n",
        ),
        ("f8", "[1.00000000e+00 9.22337204e+18 0.00000000e+00]\n"),
    ] {
        let args = [
            "convert",
            "--allow-pickle",
            "--force",
            "--dtype",
            dtype,
            "o.npy",
            "x.npy",
        ];
        assert_eq!(stdout_of(here, &args), "");
        assert_eq!(stdout_of(here, &["dump", "x.npy"]), expected);
    }
    save(
        here,
        "mixed.npy",
        &[2],
        vec![Value::from(-1), Value::from(large)],
    );
    let error = failed(here, &["convert", "--allow-pickle", "mixed.npy", "y.npy"]);
    assert!(
        error.contains("item [0]: expected a value that uint64 holds"),
        "{error}"
    );
}
