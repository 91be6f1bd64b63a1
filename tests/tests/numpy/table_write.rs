//! Tables as text, against NumPy's `savetxt`.

use conformance::{Dice, NumPy, hex, random_item, unhex_text};
use npio::flatfile::text::table::WriteOptions;
use npio::{Array, DType, Layout, Order};
use serde_json::{Value, json};
use std::env;

/// The number of random tables.
fn cases() -> usize {
    let cases = env::var("NPIO_TEXT_CASES");
    cases.map_or(1000, |cases| cases.parse().unwrap())
}

const WRITE: &str = "
import io
def one(items, dtype, shape, options):
    x = np.frombuffer(bytes.fromhex(items), npformat.descr_to_dtype(eval(dtype))).reshape(shape)
    out = io.BytesIO()
    try:
        np.savetxt(out, x, **options)
        return out.getvalue().hex()
    except Exception:
        return None
answer = [one(*case) for case in args[0]]
";

const WRITE_TYPES: [&str; 12] = [
    "<f8",
    "<f8",
    "<i8",
    ">i4",
    "u1",
    "<f4",
    "<c16",
    ">f8",
    "<c8",
    "<U3",
    "?",
    "[('a','<i4'),('b','<f8'),('c','S3')]",
];

#[test]
fn any_table_is_written_as_by_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let mut dice = Dice::new(13);
    let (mut wrong, mut written, mut left) = (Vec::new(), 0, cases());
    while left > 0 {
        let mut questions = Vec::new();
        let mut ours = Vec::new();
        for _ in 0..left.min(500) {
            let dtype: DType = dice.of(&WRITE_TYPES).parse().unwrap();
            let columns = 1 + dice.below(3);
            let is_flat = matches!(dtype, DType::Record(_)) || dice.below(3) == 0;
            let shape = if is_flat {
                vec![dice.below(4)]
            } else {
                vec![dice.below(4), columns]
            };
            let fields = match (&dtype, is_flat) {
                (DType::Record(record), _) => record.fields().len(),
                (_, true) => 1,
                (_, false) => columns,
            };
            let layout = Layout::new(dtype.clone(), shape.clone(), Order::C).unwrap();
            let items: Vec<u8> = (0..layout.count())
                .flat_map(|_| random_item(&dtype, &mut dice))
                .collect();
            let array = Array::new(layout, items.as_slice()).unwrap();
            let mut options = WriteOptions::new();
            let mut theirs = json!({});
            let formats = [
                "%.18e", "%d", "%s", "%.3f", "%10.4g", "<%5.1f>", "%x", "%.2e", "%r", "%q",
            ];
            let formats = &formats[..8];
            match dice.below(4) {
                0 => {}
                1 => {
                    let format = formats[dice.below(8)];
                    options = options.format(format);
                    theirs["fmt"] = json!(format);
                }
                2 => {
                    let format: Vec<&str> = (0..fields).map(|_| formats[dice.below(8)]).collect();
                    theirs["fmt"] = json!(format);
                    options = options.formats(format);
                }
                _ => {
                    let format: Vec<&str> = (0..fields).map(|_| formats[dice.below(8)]).collect();
                    let format = format.join(" : ");
                    theirs["fmt"] = json!(format);
                    options = options.format(format);
                }
            }
            if dice.below(3) == 0 {
                options = options
                    .delimiter(",")
                    .newline("\r\n")
                    .header("h\ni")
                    .footer("f");
                theirs["delimiter"] = json!(",");
                theirs["newline"] = json!("\r\n");
                theirs["header"] = json!("h\ni");
                theirs["footer"] = json!("f");
            }
            let mut text = Vec::new();
            let result = options.write(&mut text, &array).map(|()| text);
            questions.push(json!([
                hex(&items),
                dtype.descr().to_string(),
                shape,
                theirs
            ]));
            ours.push(result);
        }
        left -= questions.len();
        let numpys = numpy.ask(WRITE, &[json!(questions)]).unwrap();
        for ((question, ours), numpys) in questions.iter().zip(ours).zip(numpys.as_array().unwrap())
        {
            let same = match (&ours, numpys) {
                (Ok(text), Value::String(numpys)) => hex(text) == *numpys,
                (Err(_), Value::Null) => true,
                // Nothing is written for arrays without rows, so NumPy reports no error.
                (Err(_), Value::String(_)) => question[2][0] == 0,
                // NumPy's own bools are not integers, and its lists of formats do not support complex
                // numbers.
                (Ok(_), Value::Null) => {
                    ["'|b1'", "'<c8'", "'<c16'"].contains(&question[1].as_str().unwrap())
                }
                _ => false,
            };
            written += usize::from(same && ours.is_ok());
            if !same {
                let ours = ours.map(|text| String::from_utf8_lossy(&text).into_owned());
                let numpys = numpys.as_str().map(unhex_text);
                wrong.push(format!("{question}\n  ours {ours:?}\n  NumPy {numpys:?}"));
            }
        }
    }
    let some = wrong[..wrong.len().min(12)].join("\n");
    assert!(wrong.is_empty(), "{} of {}:\n{some}", wrong.len(), cases());
    assert!(written > cases() / 3, "{written} of {}", cases());
}
