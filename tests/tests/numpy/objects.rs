//! Pickled objects of Python, whole and damaged, as `objects.py` makes them: npio must read what Python reads, with
//! stand-ins for all classes that npio does not know. Both tell what they read in one text.

use conformance::python;
use npmeta::dtype::{ByteOrder, DType, Order, set_byte_order};
use npmeta::flatfile::Array;
use npmeta::{Dict, Int, Objects, Opaque, Text, Value, pickle};
use std::env;
use std::fmt::Write;
use std::fs;
use std::path::Path;
use std::process::{Command, Output};

/// The number of values, each in every protocol, or of damaged pickles.
fn cases(by_default: usize) -> usize {
    let cases = env::var("NPIO_OBJECT_CASES");
    cases.map_or(by_default, |cases| cases.parse().expect("a number"))
}

/// Runs `objects.py`.
fn run(python: &str, arguments: &[&str]) -> Output {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/objects.py");
    let mut run = Command::new(python);
    run.arg(script).args(arguments);
    run.output().unwrap()
}

/// A pickle, and what Python says of it.
struct Case {
    pickle: Vec<u8>,
    expected: String,
}

impl Case {
    fn read(folder: &Path) -> Vec<Case> {
        let expected = fs::read_to_string(folder.join("expected.txt")).unwrap();
        let bytes = fs::read(folder.join("cases.bin")).unwrap();
        let pickles = pickles(&bytes);
        assert_eq!(pickles.len(), expected.lines().count());
        let cases = pickles.into_iter().zip(expected.lines());
        let case = |(pickle, expected): (&[u8], &str)| Case {
            pickle: pickle.to_vec(),
            expected: expected.to_owned(),
        };
        cases.map(case).collect()
    }

    /// The pickle for Python, and both texts from where they differ.
    fn explain(&self, found: &str) -> String {
        let same = self.expected.bytes().zip(found.bytes());
        let same = same.take_while(|(one, other)| one == other).count();
        let part = |text: &str| {
            let text: String = text
                .chars()
                .skip(same.saturating_sub(60))
                .take(300)
                .collect();
            text
        };
        let pickle = self.pickle.escape_ascii();
        format!(
            "b\"{pickle}\"\n  python {}\n  npio   {}\n\n",
            part(&self.expected),
            part(found)
        )
    }
}

/// The pickles in `cases.bin`, each after its length.
fn pickles(bytes: &[u8]) -> Vec<&[u8]> {
    let mut rest = bytes;
    let mut pickles = Vec::new();
    while let Some((length, after)) = rest.split_first_chunk() {
        let (pickle, after) = after.split_at(u32::from_le_bytes(*length) as usize);
        pickles.push(pickle);
        rest = after;
    }
    assert!(rest.is_empty());
    pickles
}

/// What npio says of a pickle.
fn found(pickle: &[u8]) -> String {
    match pickle::parse(pickle) {
        Ok((value, _)) => {
            let mut text = "= ".to_owned();
            tell(&value, &mut text);
            text
        }
        Err(error) => format!("! {error}"),
    }
}

#[test]
fn every_object() {
    let Some(python) = python() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let count = cases(300);
    let output = run(&python, &["write", path, &count.to_string()]);
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let cases = Case::read(folder.path());
    assert!(cases.len() > 3 * count, "{}", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let found = found(&case.pickle);
        if found != case.expected {
            wrong.push(case.explain(&found));
        }
        let checked = pickle::check(&case.pickle[..]).unwrap();
        assert_eq!(checked, case.pickle.len() as u64);
    }
    wrong.sort_by_key(String::len);
    let examples = wrong.iter().take(20).cloned().collect::<String>();
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{examples}",
        wrong.len(),
        cases.len()
    );
}

/// Errors of Python where npio finds a value, and why.
const EXPLAINED: [(&str, &str); 2] = [
    (
        "NEWOBJ class argument must be a type, not Stub",
        "what an unknown function makes may be a class",
    ),
    (
        "NEWOBJ_EX class argument must be a type, not Stub",
        "what an unknown function makes may be a class",
    ),
];

#[test]
fn damaged_pickles() {
    let Some(python) = python() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().to_str().unwrap();
    let count = cases(1000);
    let mut first = 0;
    while first < count {
        let (from, rest) = (first.to_string(), (count - first).to_string());
        let output = run(&python, &["damage", path, &from, &rest]);
        // NumPy may crash with a pickle, and even later; an error of the script itself is another status.
        let errors = String::from_utf8_lossy(&output.stderr);
        assert_ne!(output.status.code(), Some(1), "{errors}");
        let mut lines = fs::read_to_string(folder.path().join("expected.txt")).unwrap();
        let bytes = fs::read(folder.path().join("cases.bin")).unwrap();
        first = pickles(&bytes).len();
        if first > lines.lines().count() {
            lines.push_str("~ crash\n");
            fs::write(folder.path().join("expected.txt"), lines).unwrap();
        }
    }
    let (mut wrong, mut values, mut refused) = (Vec::new(), 0, 0);
    for case in Case::read(folder.path()) {
        let found = found(&case.pickle);
        let checked = pickle::check(&case.pickle[..]);
        let parsed = pickle::parse(&case.pickle);
        if let Ok((_, length)) = parsed {
            assert_eq!(
                checked.unwrap(),
                length as u64,
                "{}",
                case.pickle.escape_ascii()
            );
        }
        match (&case.expected[..2], &found[..2]) {
            ("~ ", _) | ("! ", "! ") => {}
            ("= ", "= ") if case.expected == found => values += 1,
            // npio accepts less.
            ("= ", "! ") => refused += 1,
            // NumPy rounds the fields of records that have objects, and npio takes them as they are.
            ("= ", "= ")
                if case.expected.contains("objects({") && case.expected.len() == found.len() => {}
            ("! ", "= ")
                if EXPLAINED
                    .iter()
                    .any(|(error, _)| case.expected.contains(error)) => {}
            _ => wrong.push(case.explain(&found)),
        }
    }
    println!("{values} values, {refused} values that npio refuses");
    assert!(values > count / 20, "{values}");
    wrong.sort_by_key(String::len);
    let examples = wrong.iter().take(20).cloned().collect::<String>();
    assert!(wrong.is_empty(), "{} of {count}:\n{examples}", wrong.len());
}

/// The text of a value, as `Teller` in `objects.py` has it.
fn tell(value: &Value, out: &mut String) {
    match value {
        Value::None => out.push_str("None"),
        Value::Bool(true) => out.push_str("True"),
        Value::Bool(false) => out.push_str("False"),
        Value::Int(int) => tell_int(int, out),
        Value::Float(value) => tell_float(*value, out),
        Value::Complex(real, imaginary) => {
            out.push_str("complex(");
            tell_float(*real, out);
            out.push(',');
            tell_float(*imaginary, out);
            out.push(')');
        }
        Value::Str(text) => tell_text(text, out),
        Value::Bytes(bytes) => tell_bytes("b", bytes, out),
        Value::List(items) => tell_all("[", items, "]", out),
        Value::Tuple(items) => tell_all("(", items, ")", out),
        Value::Set(items) => tell_set("set", items, out),
        Value::FrozenSet(items) => tell_set("frozenset", items, out),
        Value::Dict(dict) => tell_dict(dict, out),
        Value::Date(date) => write!(out, "date({date})").unwrap(),
        Value::Time(time) => write!(out, "time({time},{})", u8::from(time.fold)).unwrap(),
        Value::DateTime(time) => {
            write!(out, "datetime({time},{})", u8::from(time.time.fold)).unwrap();
        }
        Value::Delta(delta) => write!(out, "delta({})", delta.microseconds()).unwrap(),
        Value::Range(parts) => {
            let parts: Vec<Value> = parts.iter().cloned().map(Value::from).collect();
            tell_all("range(", &parts, ")", out);
        }
        Value::Slice(parts) => tell_all("slice(", &**parts, ")", out),
        Value::DType(dtype) => write!(out, "dtype({})", dtype_text(dtype)).unwrap(),
        Value::Name(name) => {
            out.push_str("name(");
            tell_text(name, out);
            out.push(')');
        }
        Value::Scalar(array) => {
            out.push_str("scalar(");
            match array.dtype() {
                DType::Str(..) | DType::Bytes(_) => tell(&value.clone().into_item().unwrap(), out),
                dtype => {
                    write!(out, "{},", dtype_text(dtype)).unwrap();
                    tell_bytes("", &leaves(array), out);
                }
            }
            out.push(')');
        }
        Value::Array(array) => {
            write!(
                out,
                "array({},{},",
                dtype_text(array.dtype()),
                shape(array.shape())
            )
            .unwrap();
            tell_bytes("", &leaves(array), out);
            out.push(')');
        }
        Value::Objects(objects) => tell_objects(objects, out),
        Value::Opaque(object) => tell_opaque(object, out),
        other => panic!("no text for {other:?}"),
    }
}

/// As Python's `hex`.
fn tell_int(int: &Int, out: &mut String) {
    let mut bytes = int.to_le_bytes();
    if int.is_negative() {
        out.push('-');
        // Two's complement; the sign took at least one bit.
        let mut carry = true;
        for byte in &mut bytes {
            let (negated, overflow) = (!*byte).overflowing_add(u8::from(carry));
            (*byte, carry) = (negated, overflow);
        }
    }
    let digits: String = bytes
        .iter()
        .rev()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    let digits = digits.trim_start_matches('0');
    out.push_str("0x");
    out.push_str(if digits.is_empty() { "0" } else { digits });
}

fn tell_float(value: f64, out: &mut String) {
    match value.is_nan() {
        true => out.push_str("nan"),
        false => write!(out, "{:016x}", value.to_bits()).unwrap(),
    }
}

fn tell_text(text: &Text, out: &mut String) {
    out.push('"');
    for point in text.points() {
        match char::from_u32(point) {
            Some(c @ (' '..='!' | '#'..='[' | ']'..='~')) => out.push(c),
            _ => write!(out, "\\{point:x};").unwrap(),
        }
    }
    out.push('"');
}

fn tell_bytes(before: &str, bytes: &[u8], out: &mut String) {
    out.push_str(before);
    for byte in bytes {
        write!(out, "{byte:02x}").unwrap();
    }
}

fn tell_all(begin: &str, values: &[Value], end: &str, out: &mut String) {
    out.push_str(begin);
    for (i, value) in values.iter().enumerate() {
        out.push_str(if i > 0 { "," } else { "" });
        tell(value, out);
    }
    out.push_str(end);
}

fn tell_set(name: &str, items: &[Value], out: &mut String) {
    let text = |item| {
        let mut text = String::new();
        tell(item, &mut text);
        text
    };
    let mut items: Vec<String> = items.iter().map(text).collect();
    items.sort();
    write!(out, "{name}{{{}}}", items.join(",")).unwrap();
}

fn tell_dict(dict: &Dict, out: &mut String) {
    out.push('{');
    for (i, (key, value)) in dict.iter().enumerate() {
        out.push_str(if i > 0 { "," } else { "" });
        tell(key, out);
        out.push(':');
        tell(value, out);
    }
    out.push('}');
}

fn tell_opaque(object: &Opaque, out: &mut String) {
    out.push_str("object(");
    tell_text(&object.class().into(), out);
    tell_all(",[", object.args(), "],", out);
    tell_dict(object.kwargs(), out);
    out.push_str(",<");
    if let Some(state) = object.state() {
        tell(state, out);
    }
    out.push('>');
    tell_all(",[", object.items(), "],", out);
    tell_dict(object.entries(), out);
    out.push(')');
}

fn tell_objects(objects: &Objects, out: &mut String) {
    match objects.string_type() {
        None => write!(out, "objects({}", dtype_text(objects.dtype())).unwrap(),
        Some(strings) => {
            out.push_str("strings(object(\"numpy.dtypes.StringDType\",[],");
            let mut kwargs = Dict::new();
            if let Some(missing) = &strings.missing {
                kwargs.insert("na_object", missing.clone());
            }
            if !strings.coerce {
                kwargs.insert("coerce", false);
            }
            tell_dict(&kwargs, out);
            out.push_str(",<>,[],{})");
        }
    }
    write!(out, ",{},", shape(objects.shape())).unwrap();
    tell_all("[", objects.items(), "])", out);
}

fn shape(shape: &[usize]) -> String {
    let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
    lengths.join("x")
}

fn dtype_text(dtype: &DType) -> String {
    match dtype {
        DType::Record(record) => {
            let fields = record.fields().iter().map(|field| {
                let mut name = String::new();
                tell_text(&field.name.as_str().into(), &mut name);
                if let Some(title) = &field.title {
                    tell_text(&title.as_str().into(), &mut name);
                }
                format!("{name}@{}:{}", field.offset, dtype_text(&field.dtype))
            });
            let fields: Vec<String> = fields.collect();
            format!("{{{};{}}}", fields.join(","), record.itemsize())
        }
        DType::Subarray(sub) => format!("({} {})", dtype_text(sub.base()), shape(sub.shape())),
        plain => plain.with_byte_order(ByteOrder::Little).to_string(),
    }
}

/// The bytes of the items in C order, field by field, the least significant ones first.
fn leaves(array: &Array) -> Vec<u8> {
    let array = array.to_order(Order::C).unwrap();
    let size = array.dtype().itemsize();
    let count = array.layout().count();
    let items = (0..count).map(|i| &array.as_bytes()[i * size..][..size]);
    let mut out = Vec::new();
    push_leaves(array.dtype(), &items.collect::<Vec<_>>(), &mut out);
    out
}

fn push_leaves(dtype: &DType, items: &[&[u8]], out: &mut Vec<u8>) {
    match dtype {
        DType::Record(record) => {
            for field in record.fields() {
                let size = field.dtype.itemsize();
                let parts = items.iter().map(|item| &item[field.offset..][..size]);
                push_leaves(&field.dtype, &parts.collect::<Vec<_>>(), out);
            }
        }
        DType::Subarray(sub) => {
            let size = sub.base().itemsize();
            let count = sub.shape().iter().product();
            let parts = items.iter();
            let parts = parts.flat_map(|item| (0..count).map(move |i| &item[i * size..][..size]));
            push_leaves(sub.base(), &parts.collect::<Vec<_>>(), out);
        }
        plain => {
            let mut bytes = items.concat();
            set_byte_order(plain, ByteOrder::Little, &mut bytes);
            match plain {
                // The rest of each is without a meaning.
                DType::Number(number, _) if number.part_size() > 8 => {
                    let parts = bytes.chunks(number.part_size());
                    parts.for_each(|part| out.extend(&part[..10]));
                }
                _ => out.extend(bytes),
            }
        }
    }
}
