//! Items as text, against NumPy's `tofile` with `sep` and `format`.

use conformance::{Dice, NumPy, hex, numpy_has, random_item as item, unhex_text};
use npio::dtype::{DType, Layout, Order};
use npio::flatfile::ErrorKind;
use npio::flatfile::text::WriteOptions;
use npio::{Array, flatfile};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::env;

/// The number of random triples.
fn cases() -> usize {
    let cases = env::var("NPIO_TEXT_CASES");
    cases.map_or(3000, |cases| cases.parse().unwrap())
}

const TYPES: [&str; 36] = [
    "?",
    "i1",
    "u1",
    "<i2",
    ">i2",
    "<u2",
    "<i4",
    ">i4",
    "<u4",
    "<i8",
    ">i8",
    "<u8",
    "<f2",
    ">f2",
    "<f4",
    ">f4",
    "<f8",
    "<f8",
    "<f8",
    ">f8",
    "<f16",
    "<c8",
    "<c16",
    ">c16",
    "<c32",
    "S4",
    "<U3",
    ">U2",
    "V3",
    "<M8[D]",
    "<M8[s]",
    "<M8[us]",
    "<M8[ns]",
    "<m8[25s]",
    "<m8[ns]",
    "[('a','<i2'),('b','>f8'),('c','S2'),('d','<M8[ms]'),('e',[('x','?'),('y','<f4'),('z','<U1')])]",
];

/// A format: mostly a valid one.
fn format(dice: &mut Dice) -> String {
    let mut format = String::new();
    let around = |dice: &mut Dice| match dice.below(4) {
        0 => (*dice.of(&["<", "%%", "x=", " ", "a%%b", "#"])).to_owned(),
        _ => String::new(),
    };
    format.push_str(&around(dice));
    for _ in 0..[1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 2][dice.below(16)] {
        format.push('%');
        for _ in 0..[0, 0, 1, 2, 3][dice.below(5)] {
            format.push_str(dice.of(&["-", "+", " ", "0", "#"]));
        }
        if dice.below(2) == 0 {
            format.push_str(&dice.below(30).to_string());
        }
        if dice.below(2) == 0 {
            format.push('.');
            format.push_str(dice.of(&[
                "", "0", "1", "2", "3", "6", "10", "17", "18", "19", "25", "40",
            ]));
        }
        if dice.below(30) == 0 {
            format.push_str(dice.of(&["l", "h", "L", "ll", "*", "(a)"]));
        }
        let good = "d d d i u o x X e e E f f F g g G c r s s a";
        let letters: Vec<&str> = good.split(' ').collect();
        format.push_str(match dice.below(40) {
            0 => dice.of(&["q", "b", "%", "", "é", "n"]),
            _ => dice.of(&letters),
        });
    }
    format.push_str(&around(dice));
    format
}

/// Why the result differs from NumPy's on purpose: `docs/compatibility.md` has the same list.
fn deliberate(
    dtype: &DType,
    format: &str,
    ours: &Result<Vec<u8>, ErrorKind>,
) -> Option<&'static str> {
    let is_time = matches!(dtype, DType::Datetime(..) | DType::Timedelta(..));
    let is_long = dtype.to_string().ends_with("c32");
    match ours {
        Err(ErrorKind::Unformattable { .. }) if is_time => {
            Some("dates and times are no numbers, whatever their count")
        }
        Err(ErrorKind::Unformattable { .. }) if is_long => {
            Some("complex numbers are no integers and no floats")
        }
        Err(ErrorKind::Format { .. }) if format.contains('%') => None,
        _ => None,
    }
}

const ASK: &str = "
import os, tempfile
path = tempfile.mktemp()
def one(dtype, items, sep, fmt):
    x = np.frombuffer(bytes.fromhex(items), npformat.descr_to_dtype(eval(dtype)))
    try:
        x.tofile(path, sep, fmt)
        with open(path, 'rb') as f:
            return f.read().hex()
    except Exception:
        return None
answer = [one(*case) for case in args[0]]
if os.path.exists(path): os.remove(path)
";

#[test]
fn any_item_in_any_format_is_written_as_by_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let types = TYPES.into_iter().filter(|name| numpy_has(name));
    let types: Vec<&str> = types.collect();
    let mut dice = Dice::new(5);
    let (mut wrong, mut reasons, mut written, mut left) = (Vec::new(), BTreeMap::new(), 0, cases());
    while left > 0 {
        let mut questions = Vec::new();
        let mut answers = Vec::new();
        while questions.len() < 500.min(left) {
            let dtype: DType = dice.of(&types).parse().unwrap();
            let count = 1 + dice.below(3);
            let items: Vec<u8> = (0..count).flat_map(|_| item(&dtype, &mut dice)).collect();
            let separator = dice.of(&[",", " ", ", ", "ab", "\n"]);
            let format = if dice.below(4) == 0 {
                String::new()
            } else {
                format(&mut dice)
            };
            let layout = Layout::new(dtype.clone(), [count], Order::C).unwrap();
            let array = Array::new(layout, items.as_slice()).unwrap();
            let ours = write(&array.strided(), separator, &format);
            // NumPy crashes if a text is not ASCII.
            if ours.as_ref().is_ok_and(|text| !text.is_ascii())
                || !format.is_ascii()
                || format.contains('c')
            {
                let is_safe = ours
                    .as_ref()
                    .is_ok_and(|text| text.is_ascii() && items.len() < 3);
                if !is_safe {
                    continue;
                }
            }
            questions.push(json!([
                dtype.descr().to_string(),
                hex(&items),
                separator,
                format
            ]));
            answers.push((dtype, format, ours));
        }
        left -= questions.len();
        let numpys = numpy.ask(ASK, &[json!(questions)]).unwrap();
        for ((question, (dtype, format, ours)), numpys) in questions
            .iter()
            .zip(answers)
            .zip(numpys.as_array().unwrap())
        {
            let same = match (&ours, numpys) {
                (Ok(ours), Value::String(numpys)) => hex(ours) == *numpys,
                (Err(_), Value::Null) => true,
                _ => false,
            };
            written += usize::from(same && ours.is_ok());
            if same {
                continue;
            }
            match deliberate(&dtype, &format, &ours) {
                Some(reason) => *reasons.entry(reason).or_insert(0) += 1,
                None => wrong.push(format!(
                    "{question}\n  ours {ours:?}\n  NumPy {}",
                    numpys.as_str().map_or("an error".to_owned(), unhex_text)
                )),
            }
        }
    }
    let some = wrong[..wrong.len().min(20)].join("\n");
    assert!(wrong.is_empty(), "{} of {}:\n{some}", wrong.len(), cases());
    assert!(written > cases() / 3, "{written} of {}", cases());
    println!("{written} of {} written, {reasons:?}", cases());
}

fn write(view: &npio::Strided<'_>, separator: &str, format: &str) -> Result<Vec<u8>, ErrorKind> {
    let mut options = WriteOptions::new();
    if !format.is_empty() {
        options = options.format(format.parse().map_err(flatfile::Error::into_kind)?);
    }
    let mut text = Vec::new();
    let written = options.write(&mut text, view.clone(), separator);
    written.map(|()| text).map_err(flatfile::Error::into_kind)
}
