//! Text as items, against NumPy's `fromfile` and `fromstring` with `sep`.

use conformance::{Dice, NumPy, numpy_has};
use npio::dtype::DType;
use npio::flatfile::text::{ReadOptions, Separator};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::env;

/// The number of random texts.
fn cases() -> usize {
    let cases = env::var("NPIO_TEXT_CASES");
    cases.map_or(3000, |cases| cases.parse().unwrap())
}

const TYPES: [&str; 19] = [
    "?", "i1", "u1", "<i2", "<u2", "<i4", "<u4", "<i8", "<u8", "<f2", "<f4", "<f8", "<f8", "<f16",
    "<c8", "<c16", "<c16", "<f8", "<i8",
];

const SEPARATORS: [&str; 14] = [
    ",", ",", ",", " ", "\n", ", ", ";", " ; ", "a b", "ab", "-", ";;", "\t", "x ",
];

/// Parts of a text, most of them valid in their place.
fn text(separator: &str, dtype: &DType, dice: &mut Dice) -> String {
    let mut text = String::new();
    let is_int = "iu".contains(dtype.to_string().chars().nth(1).unwrap_or('f'));
    let mut push = |part: &str| text.push_str(part);
    if dice.below(10) == 0 {
        push(dice.of(&[" ", "\n", "\t "]));
    }
    let items = dice.below(6);
    for i in 0..items {
        if i > 0 {
            match dice.below(40) {
                0 => push(dice.of(&[" ", ";", ",,", "", "x", "-", "e", ". "])),
                1 => push(&separator.replace(' ', "  ")),
                2 => push(&separator.replace(' ', "")),
                3 => push(&format!(" {separator}\n")),
                _ => push(separator),
            }
        }
        let number = match dice.below(16) {
            0 => (*dice.of(&[
                "nan", "inf", "-inf", "NaN", "Infinity", "+inf", "-nan", "nan(12)", "nan()",
                "infin", "1d5", "0x10", "1_0", "", ".", "-", "+", "1e", "1e+", "1.e5", "True",
                "False", "(1+2j)", "1+j", "j", "1+2", "- 5", "(1",
            ]))
            .to_owned(),
            1 => (*dice.of(&[
                "1e400",
                "-1e400",
                "1e-400",
                "1e5000",
                "99999999999999999999",
                "-99999999999999999999",
                "1e39",
                "70000",
            ]))
            .to_owned(),
            2 => (*dice.of(&[
                "1+2j",
                "2j",
                "-1.5-2e-3j",
                "nan+infj",
                "1e5+1e-5j",
                "0j",
                "-0-0j",
            ]))
            .to_owned(),
            3 => format!("{}.", dice.below(100)),
            4 => format!(".{}", dice.below(100)),
            5 => format!("{}", dice.bits()),
            6 => format!("{}", f64::from_bits(dice.bits())),
            7 => format!("{:e}", f64::from_bits(dice.bits())),
            8 => format!(
                "{}{:020}.{:030}",
                dice.of(&["", "-", "+"]),
                dice.bits(),
                dice.bits()
            ),
            9 => format!("{}{:03}", dice.of(&["", "-", "+"]), dice.below(300)),
            _ if is_int => format!("{}", dice.bits() as i64 >> dice.below(64)),
            _ => format!(
                "{}",
                dice.bits() as i64 as f64 / 10f64.powi(dice.below(20) as i32)
            ),
        };
        push(&number);
    }
    if dice.below(4) == 0 {
        push(match dice.below(4) {
            0 => separator,
            1 => "\n",
            2 => " ",
            _ => dice.of(&["x", ", ", ",\n", ";"]),
        });
    }
    text
}

const ASK: &str = r#"
import os, tempfile
path = tempfile.mktemp()
def words(x):
    # Every NaN is the same; the bytes that a long double does not use are left out.
    parts = x.view(x.real.dtype).reshape(-1) if x.dtype.kind == 'c' else x
    return [('nan' if p != p else p.tobytes()[:10].hex()) for p in parts]
def one(dtype, sep, count, text):
    dtype = np.dtype(dtype)
    answers = []
    with open(path, 'wb') as f:
        f.write(text.encode())
    for how in (lambda: np.fromfile(path, dtype, count, sep), lambda: np.fromstring(text, dtype, count, sep)):
        try:
            answers.append(words(how()))
        except ValueError as error:
            answers.append(None)
    return answers
answer = [one(*case) for case in args[0]]
if os.path.exists(path): os.remove(path)
"#;

/// Our items in the same form.
fn words(array: &npio::Array) -> Value {
    let dtype = array.dtype();
    let DType::Number(number, _) = dtype else {
        return array
            .as_bytes()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
    };
    let parts = array.as_bytes().chunks(number.part_size()).map(|part| {
        let is_nan = match (number.kind(), part) {
            ('f' | 'c', [low, high]) => u16::from_le_bytes([*low, *high]) & 0x7fff > 0x7c00,
            ('f' | 'c', [a, b, c, d]) => f32::from_le_bytes([*a, *b, *c, *d]).is_nan(),
            ('f' | 'c', part) if part.len() == 8 => {
                f64::from_le_bytes(part.try_into().unwrap()).is_nan()
            }
            ('f' | 'c', part) => {
                let mantissa = u64::from_le_bytes(part[..8].try_into().unwrap());
                u16::from_le_bytes([part[8], part[9]]) & 0x7fff == 0x7fff && mantissa << 1 != 0
            }
            _ => false,
        };
        let bytes = part.iter().take(10);
        if is_nan {
            "nan".to_owned()
        } else {
            bytes.map(|byte| format!("{byte:02x}")).collect()
        }
    });
    parts.map(Value::from).collect()
}

/// Why the results differ from NumPy's on purpose: `docs/compatibility.md` has the same list. `file` and
/// `string` are the results of `fromfile` and `fromstring`.
fn deliberate(
    dtype: &DType,
    (separator, text): (&str, &str),
    ours: &Value,
    file: &Value,
    string: &Value,
) -> Option<&'static str> {
    let is_complex = dtype.to_string().contains('c');
    let python = ["True", "False", "(1"]
        .iter()
        .any(|word| text.contains(word));
    let ends_in_space = text.ends_with([' ', '\n', '\t']) || text.trim().is_empty();
    let long = ours.as_array().map_or(0, Vec::len);
    let starts_with =
        |ours: &Value, items: &[Value]| ours.as_array().is_some_and(|ours| items.starts_with(ours));
    Some(match (file, string) {
        // One of the two is right.
        (Value::Null, _) if ours == string => "fromstring reads what fromfile does not",
        (_, Value::Null) if ours == file => "fromfile reads what fromstring does not",
        (_, string) if ours == file && *string != Value::Null => {
            "fromstring counts what is not there"
        }
        (file, _) if ours == string && *file != Value::Null => "fromfile reads a part of a number",
        (Value::Null, Value::Array(items)) if items.len() > long && starts_with(ours, items) => {
            "fromstring gives as many items as were asked for"
        }
        (Value::Null, _) if is_complex && separator == "-" => {
            "a sign between complex numbers begins a part of the first"
        }
        (Value::Null, Value::Array(items)) if is_complex && items.len() <= long => {
            "fromstring drops what follows a complex number without j"
        }
        _ if python && *ours != Value::Null => "Python's own words are read",
        _ if ours.is_null() && file.is_array() => "fromfile reads a part of a number",
        _ if ours.is_null() && is_complex => "fromstring reads a part of a complex number",
        _ if ours.is_null() && string.is_array() => "fromstring reads a sign apart from its number",
        (Value::Null, _) if ends_in_space => "white space is no item",
        _ => return None,
    })
}

#[test]
fn any_text_is_read_as_by_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let types = TYPES.into_iter().filter(|name| numpy_has(name));
    let types: Vec<&str> = types.collect();
    let mut dice = Dice::new(7);
    let (mut wrong, mut reasons, mut read, mut left) = (Vec::new(), BTreeMap::new(), 0, cases());
    while left > 0 {
        let mut questions = Vec::new();
        for _ in 0..1000.min(left) {
            let dtype = dice.of(&types);
            let separator = dice.of(&SEPARATORS);
            let text = text(separator, &dtype.parse().unwrap(), &mut dice);
            let count = [-1, -1, -1, 0, 1, 2, 5][dice.below(7)];
            questions.push(json!([dtype, separator, count, text]));
        }
        left -= questions.len();
        let numpys = numpy.ask(ASK, &[json!(questions)]).unwrap();
        for (question, numpys) in questions.iter().zip(numpys.as_array().unwrap()) {
            let dtype: DType = question[0].as_str().unwrap().parse().unwrap();
            let separator = Separator::new(question[1].as_str().unwrap()).unwrap();
            let text = question[3].as_str().unwrap();
            let mut options = ReadOptions::new().numpy_compatible();
            if let Some(count) = question[2].as_u64() {
                options = options.count(count);
            }
            let result = options.read(text.as_bytes(), dtype.clone(), &separator);
            let ours = result.as_ref().map_or(Value::Null, words);
            let [file, string] = [&numpys[0], &numpys[1]];
            if ours == *file && ours == *string {
                read += usize::from(!ours.is_null());
                continue;
            }
            match deliberate(&dtype, (separator.as_str(), text), &ours, file, string) {
                Some(reason) => reasons
                    .entry(reason)
                    .or_insert_with(Vec::new)
                    .push(question.clone()),
                None => wrong.push(format!(
                    "{question}\n  ours {ours} {result:?}\n  fromfile {file}\n  fromstring {string}"
                )),
            }
        }
    }
    let some = wrong[..wrong.len().min(20)].join("\n");
    assert!(wrong.is_empty(), "{} of {}:\n{some}", wrong.len(), cases());
    assert!(read > cases() / 3, "{read} of {}", cases());
    for (reason, questions) in &reasons {
        println!("{}: {reason}", questions.len());
        for question in questions.iter().take(8) {
            println!("    {question}");
        }
    }
    assert!(reasons.values().map(Vec::len).sum::<usize>() < cases() / 4);
}
