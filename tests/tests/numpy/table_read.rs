//! Tables as text, against NumPy's `loadtxt`.

use conformance::{Dice, NumPy, hex};
use npio::flatfile::text::table::ReadOptions;
use npio::{Array, DType};
use serde_json::{Value, json};
use std::env;

/// The number of random tables.
pub(super) fn cases() -> usize {
    let cases = env::var("NPIO_TEXT_CASES");
    cases.map_or(1000, |cases| cases.parse().unwrap())
}

const READ: &str = "
import io
def one(text, dtype, options):
    try:
        x = np.loadtxt(io.StringIO(text, newline=None), dtype=npformat.descr_to_dtype(eval(dtype)), **options)
        return [list(x.shape), x.tobytes().hex()]
    except Exception as error:
        return None
answer = [one(*case) for case in args[0]]
";

const READ_TYPES: [&str; 14] = [
    "?",
    "S",
    "U",
    "<M8[D]",
    "<f8",
    "<f8",
    "<i8",
    ">i4",
    "u1",
    "<f4",
    "<c16",
    "S4",
    "<U4",
    "[('a','<i4'),('b',[('x','<f8'),('y','S3')]),('c','<f4',(2,))]",
];

/// A table, mostly a good one.
fn table(dtype: &DType, delimiter: &str, quotes: bool, dice: &mut Dice) -> String {
    let mut text = String::new();
    let columns = match dtype {
        DType::Record(_) => 5,
        _ => 1 + dice.below(4),
    };
    for _ in 0..dice.below(6) {
        match dice.below(12) {
            0 => text.push('\n'),
            1 => text.push_str("# a comment\n"),
            _ => {}
        }
        let ragged = usize::from(dice.below(40) == 0);
        for column in 0..columns + ragged {
            if column > 0 {
                text.push_str(delimiter);
            }
            let field = match dice.below(20) {
                0 => (*dice.of(&[
                    "x",
                    "1.5",
                    "nan",
                    "-inf",
                    "1e5",
                    "",
                    "300",
                    "99999999999999999999",
                    "1_0",
                    "0x1",
                    "-0",
                    "True",
                    "é",
                    "ab–c",
                    "\u{a0}7\u{2003}",
                    "2020-01-02",
                    "a\"b",
                ]))
                .to_owned(),
                1 if quotes => format!("\"{}\"", dice.below(100)),
                2 if quotes => (*dice.of(&[
                    "\"a,b\"",
                    "\"a\"\"b\"",
                    "\"#\"",
                    "\"1 \"",
                    "\"a\"b",
                    "x\"y\"",
                    "\"\"",
                    "\"a\nb\"",
                    "\"\n\n\"",
                    "\"#\n",
                ]))
                .to_owned(),
                3 => format!(" {}", dice.below(100)),
                4 if matches!(dtype, DType::Number(..)) && dtype.to_string().contains('f') => {
                    format!("{:e}", f64::from_bits(dice.bits() & !(3 << 62)))
                }
                5 if dtype.to_string().contains('c') => (*dice.of(&[
                    "1+2j", "(3-4j)", "5j", "(6+-7j)", "7+-5.0j", "( 4+5j )", "4++5j", "(4 +5j)",
                    "(1", "2+1",
                ]))
                .to_owned(),
                _ => dice.below(200).to_string(),
            };
            text.push_str(&field);
        }
        text.push_str(match dice.below(12) {
            0 => " # a comment\n",
            1 => "#\n",
            2 => " \n",
            // Python makes line feeds of them, also within quotes.
            3 if !quotes => "\r",
            4 if !quotes => "\r\n",
            5 => "\u{2002}\n",
            _ => "\n",
        });
    }
    if dice.below(3) == 0 {
        text.pop();
    }
    text
}

/// The shape that `loadtxt` gives: axes of one item are dropped.
pub(super) fn squeezed(shape: &[usize]) -> Vec<usize> {
    shape
        .iter()
        .copied()
        .filter(|length| *length != 1)
        .collect()
}

/// Whether a text has something that is read differently according to `docs/compatibility.md`: white space before a
/// comment if there is a delimiter, which NumPy takes for a field, and white space after a quoted field, after which
/// NumPy finds another; without a delimiter it drops an empty quoted field at the end of a row. `max_rows=0` is an error for texts without a length, years that do not fit wrap around, and
/// `True` is no bool.
fn is_listed(question: &Value) -> bool {
    let (text, dtype) = (question[0].as_str().unwrap(), question[1].as_str().unwrap());
    if question[2]["max_rows"] == 0 && dtype.ends_with("0'")
        || dtype.contains("M8") && text.contains("99999")
        || dtype.contains("b1") && text.contains("True")
    {
        return true;
    }
    let has_delimiter = question[2].get("delimiter").is_some();
    let mut lines = question[0].as_str().unwrap().lines();
    lines.any(|line| {
        let is_comment = line.starts_with(' ') && line.trim_start().starts_with('#');
        let is_quoted = line.contains('"')
            && (line.contains("\" ")
                || !has_delimiter && line.contains("\"\"")
                || line.ends_with(|c: char| c.is_whitespace()));
        (has_delimiter && is_comment) || is_quoted
    })
}

#[test]
fn any_table_is_read_as_by_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let mut dice = Dice::new(11);
    let (mut wrong, mut read, mut listed, mut left) = (Vec::new(), 0, 0, cases());
    while left > 0 {
        let mut questions = Vec::new();
        let mut ours = Vec::new();
        for _ in 0..left.min(500) {
            let dtype: DType = dice.of(&READ_TYPES).parse().unwrap();
            let delimiter = *dice.of(&[&" ", &",", &"\t", &";", &"  ", &" \u{2003}"]);
            let quotes = dice.below(3) == 0;
            let text = table(&dtype, delimiter, quotes, &mut dice);
            let mut options = ReadOptions::new().numpy_compatible();
            let mut theirs = json!({});
            if !delimiter.starts_with(' ') {
                options = options.delimiter(delimiter.chars().next().unwrap());
                theirs["delimiter"] = json!(delimiter);
            }
            if quotes {
                options = options.quotechar(b'"');
                theirs["quotechar"] = json!("\"");
            }
            match dice.below(8) {
                0 => {
                    options = options.skiprows(1);
                    theirs["skiprows"] = json!(1);
                }
                1 => {
                    options = options.max_rows(2);
                    theirs["max_rows"] = json!(2);
                }
                2 if dice.below(3) == 0 => {
                    options = options.max_rows(0);
                    theirs["max_rows"] = json!(0);
                }
                3 if !matches!(dtype, DType::Record(_)) => {
                    options = options.usecols([1]);
                    theirs["usecols"] = json!([1]);
                }
                4 if !matches!(dtype, DType::Record(_)) => {
                    options = options.usecols([-1, 0]);
                    theirs["usecols"] = json!([-1, 0]);
                }
                _ => {}
            }
            let array = options.read(text.as_bytes(), dtype.clone());
            let pieces = options.block_bytes(7).read(text.as_bytes(), dtype.clone());
            assert_eq!(
                array
                    .as_ref()
                    .map(Array::as_bytes)
                    .map_err(ToString::to_string),
                pieces
                    .as_ref()
                    .map(Array::as_bytes)
                    .map_err(ToString::to_string)
            );
            questions.push(json!([text, dtype.descr().to_string(), theirs]));
            ours.push(array);
        }
        left -= questions.len();
        let numpys = numpy.ask(READ, &[json!(questions)]).unwrap();
        for ((question, ours), numpys) in questions.iter().zip(ours).zip(numpys.as_array().unwrap())
        {
            let same = match (&ours, numpys) {
                (Ok(array), Value::Array(parts)) => {
                    let shape: Vec<usize> = serde_json::from_value(parts[0].clone()).unwrap();
                    let is_empty = array.layout().count() == 0;
                    let same_shape = is_empty || squeezed(array.shape()) == squeezed(&shape);
                    same_shape && json!(hex(array.as_bytes())) == parts[1]
                }
                (Err(_), Value::Null) => true,
                _ => false,
            };
            if !same && is_listed(question) {
                listed += 1;
                continue;
            }
            read += usize::from(same && ours.is_ok());
            if !same {
                wrong.push(format!("{question}\n  ours {ours:?}\n  NumPy {numpys}"));
            }
        }
    }
    let some = wrong[..wrong.len().min(12)].join("\n");
    assert!(wrong.is_empty(), "{} of {}:\n{some}", wrong.len(), cases());
    assert!(read > cases() / 3, "{read} of {}", cases());
    assert!(listed <= cases() / 50, "{listed} of {}", cases());
}
