//! Tables as text, against NumPy's `genfromtxt`.

use super::table_read::{cases, squeezed};
use conformance::{Dice, NumPy, hex};
use npio::flatfile::text::table::{NameCase, NameValidator, ReadOptions};
use npio::{Array, DType};
use serde_json::{Value, json};

const GENERATE: &str = "
import io
def one(text, dtype, options):
    try:
        dtype = dtype and np.dtype(eval(dtype))
        x = np.genfromtxt(io.StringIO(text), dtype=dtype, **options)
        return [str(x.dtype.descr if x.dtype.names else x.dtype.str), list(x.shape), x.tobytes().hex()]
    except Exception as error:
        return None if 'Some errors were detected' in str(error) else 'fails'
answer = [one(*case) for case in args[0]]
";

/// A table of which fields are missing, and invalid.
fn table_with_gaps(columns: &[&str], delimiter: &str, dice: &mut Dice) -> String {
    let mut text = String::new();
    for _ in 0..dice.below(7) {
        if dice.below(10) == 0 {
            text.push_str(dice.of(&["\n", "# a comment\n"]));
        }
        let fields = columns.iter().map(|kind| {
            let number = dice.below(300);
            match (*kind, dice.below(12)) {
                (_, 0) if !delimiter.trim().is_empty() => String::new(),
                (_, 1) => "NA".to_owned(),
                ("text", 2) => "é".to_owned(),
                ("text", _) => format!("t{number}"),
                (_, 2) if dice.below(4) == 0 => "x".to_owned(),
                ("float", 3) => "1e400".to_owned(),
                ("float", 4..8) => format!("{number}.5"),
                ("complex", 3..6) => format!("{number}+2j"),
                ("bool", _) => (*dice.of(&["True", "False", "true", "FALSE"])).to_owned(),
                (_, 3) => format!("-{number}"),
                (_, 4) if dice.below(9) == 0 => "99999999999999999999".to_owned(),
                _ => number.to_string(),
            }
        });
        let fields: Vec<String> = fields.collect();
        text.push_str(&fields.join(delimiter));
        text.push_str(dice.of(&["\n", "\n", "\n", "# a comment\n"]));
    }
    text
}

/// Whether NumPy does something else, according to `docs/compatibility.md`: types that it infers for bools with gaps or
/// beside integers, for integers beyond `i8`, and for columns without a value, which are bools and then whatever the others
/// are; the footer decides with. Integers that do not fit are an error. It fails if a column turns from integers into
/// texts, for texts without a dtype that are not ASCII, and for footers of all rows.
fn is_listed_inference(
    columns: &[&str],
    question: &Value,
    ours: Option<&Array>,
    numpys: &Value,
) -> bool {
    let (text, dtype) = (question[0].as_str().unwrap(), &question[1]);
    let numpys_dtype = numpys[0].as_str().unwrap_or_default();
    let is_without_value = || {
        let array = ours?;
        let width = *array.shape().get(1)?;
        let items = array.to_vec::<f64>().ok()?;
        Some((0..width).any(|column| items.iter().skip(column).step_by(width).all(|x| x.is_nan())))
    };
    let is_merged = ours.is_some_and(|array| matches!(array.dtype(), DType::Record(_)))
        && !numpys_dtype.starts_with('[')
        || is_without_value() == Some(true);
    columns.contains(&"bool")
        || text.contains("99999999999999999999")
        || numpys == "fails"
        || dtype.is_null()
            && (numpys_dtype.contains("b1")
                || is_merged
                || question[2].get("skip_footer").is_some())
}

/// Missing values, filling values, footers, names and inferred types.
#[test]
fn tables_with_gaps_are_read_as_by_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let mut dice = Dice::new(12);
    let (mut wrong, mut read, mut listed, mut left) = (Vec::new(), 0, 0, cases());
    while left > 0 {
        let (mut questions, mut ours) = (Vec::new(), Vec::new());
        for _ in 0..left.min(500) {
            let kinds = ["int", "int", "float", "float", "text", "complex", "bool"];
            let columns: Vec<&str> = (0..1 + dice.below(4)).map(|_| dice.of(&kinds)).collect();
            let delimiter = dice.of(&[",", ";", "\t", " "]);
            let mut text = table_with_gaps(&columns, delimiter, &mut dice);
            let mut options = ReadOptions::new().numpy_compatible().loose();
            let mut theirs = json!({});
            if delimiter != " " {
                options = options.delimiter(delimiter.chars().next().unwrap());
                theirs["delimiter"] = json!(delimiter);
            }
            let dtype = match dice.below(5) {
                0 => Some("'<f8'".to_owned()),
                1 => Some("'<i8'".to_owned()),
                2 => {
                    let types = columns.iter().enumerate().map(|(i, kind)| {
                        let dtype = match *kind {
                            "int" => "<i8",
                            "float" => "<f4",
                            "text" => "<U5",
                            "complex" => "<c16",
                            _ => "|b1",
                        };
                        format!("('c{i}','{dtype}')")
                    });
                    Some(format!("[{}]", types.collect::<Vec<_>>().join(",")))
                }
                _ => None,
            };
            if dice.below(2) == 0 {
                options = options.missing_values(["NA"]);
                theirs["missing_values"] = json!("NA");
            }
            if dice.below(4) == 0 && !columns.contains(&"bool") && !columns.contains(&"text") {
                options = options.filling_values("7");
                theirs["filling_values"] = json!(7);
            }
            match dice.below(6) {
                0 => {
                    let names: Vec<String> = (0..columns.len()).map(|i| format!("c{i}")).collect();
                    text.insert_str(0, &format!("{}\n", names.join(delimiter)));
                    options = options.names();
                    theirs["names"] = json!(true);
                }
                1 => {
                    options = options.skip_footer(2);
                    theirs["skip_footer"] = json!(2);
                }
                2 if dtype.is_none() => {
                    options = options.usecols([-1]);
                    theirs["usecols"] = json!([-1]);
                }
                3 => {
                    options = options.skiprows(1);
                    theirs["skip_header"] = json!(1);
                }
                _ => {}
            }
            let array = match &dtype {
                Some(dtype) => options.read(text.as_bytes(), dtype.parse().unwrap()),
                None => options.read_inferred(text.as_bytes()),
            };
            questions.push((columns, json!([text, dtype, theirs])));
            ours.push(array);
        }
        left -= questions.len();
        let asked: Vec<_> = questions.iter().map(|(_, question)| question).collect();
        let numpys = numpy.ask(GENERATE, &[json!(asked)]).unwrap();
        for (((columns, question), ours), numpys) in
            questions.iter().zip(ours).zip(numpys.as_array().unwrap())
        {
            let same = match (&ours, numpys) {
                (Ok(array), Value::Array(parts)) => {
                    let shape: Vec<usize> = serde_json::from_value(parts[1].clone()).unwrap();
                    let descr = array.dtype().descr().to_string();
                    let is_empty = array.layout().count() == 0;
                    let same_shape = is_empty || squeezed(array.shape()) == squeezed(&shape);
                    let same_type = descr.trim_matches('\'') == parts[0].as_str().unwrap();
                    is_empty || same_type && same_shape && json!(hex(array.as_bytes())) == parts[2]
                }
                (Err(_), Value::Null) => true,
                _ => false,
            };
            if !same && is_listed_inference(columns, question, ours.as_ref().ok(), numpys) {
                listed += 1;
                continue;
            }
            read += usize::from(same && ours.is_ok());
            if !same {
                let ours = ours.map(|array| format!("{} {array}", array.dtype()));
                wrong.push(format!("{question}\n  ours {ours:?}\n  NumPy {numpys}"));
            }
        }
    }
    let some = wrong[..wrong.len().min(12)].join("\n");
    assert!(wrong.is_empty(), "{} of {}:\n{some}", wrong.len(), cases());
    assert!(read > cases() / 3, "{read} of {}", cases());
    assert!(listed <= cases() / 3, "{listed} of {}", cases());
}

const CSV: &str = "
import csv, io
def one(text, delimiter):
    rows = csv.reader(io.StringIO(text, newline=''), delimiter=delimiter, strict=True)
    return [row for row in rows if row]
answer = [one(*case) for case in args[0]]
";

/// The items of an array of texts.
fn texts(array: &Array) -> Vec<String> {
    let items = array.as_bytes().chunks(array.dtype().itemsize());
    let text = |item: &[u8]| -> String {
        let chars = item
            .chunks(4)
            .map(|c| u32::from_ne_bytes(c.try_into().unwrap()));
        chars
            .filter(|c| *c != 0)
            .map(|c| char::from_u32(c).unwrap())
            .collect()
    };
    items.map(text).collect()
}

/// Quoted fields of any characters, and others, as Python's `csv` module reads them.
#[test]
fn texts_are_read_as_by_pythons_csv() {
    let Some(mut python) = NumPy::start() else {
        return;
    };
    let mut dice = Dice::new(13);
    let mut questions = Vec::new();
    let mut ours = Vec::new();
    for _ in 0..cases() {
        let delimiter = *dice.of(&[&',', &'\t', &';', &'|']);
        let width = 1 + dice.below(4);
        let mut text = String::new();
        for _ in 0..dice.below(5) {
            let fields = (0..width).map(|_| {
                let characters = ["a", "é", "\u{1f41f}", " ", "#", "'", "\\", "0", "\u{a0}"];
                let special = [",", "\t", ";", "|", "\n", "\r", "\r\n", "\"\""];
                let is_quoted = dice.below(2) == 0;
                let field: String = (0..dice.below(5))
                    .map(|_| match dice.below(2) {
                        0 if is_quoted => dice.of(&special),
                        _ => dice.of(&characters),
                    })
                    .collect();
                // A line of only white space is a field, but an empty one is none.
                match is_quoted || width == 1 && field.trim().is_empty() {
                    true => format!("\"{field}\""),
                    false => field,
                }
            });
            let fields: Vec<String> = fields.collect();
            text.push_str(&fields.join(&delimiter.to_string()));
            text.push_str(dice.of(&["\n", "\r\n", "\n\n", "\r"]));
        }
        let options = ReadOptions::csv().delimiter(delimiter);
        let array = options.read(text.as_bytes(), "U".parse().unwrap());
        ours.push(array.map_err(|error| error.to_string()));
        questions.push(json!([text, delimiter]));
    }
    let pythons = python.ask(CSV, &[json!(questions)]).unwrap();
    let mut read = 0;
    for ((question, ours), rows) in questions.iter().zip(ours).zip(pythons.as_array().unwrap()) {
        let rows: Vec<Vec<String>> = serde_json::from_value(rows.clone()).unwrap();
        let expected: Vec<String> = rows.concat();
        let ours = ours.unwrap_or_else(|error| panic!("{question}: {error}"));
        assert_eq!(ours.shape()[0], rows.len(), "{question}");
        assert_eq!(texts(&ours), expected, "{question}");
        read += usize::from(!expected.is_empty());
    }
    assert!(read > cases() / 2, "{read}");
}

const VALIDATE: &str = "
from numpy.lib._iotools import NameValidator
answer = [list(NameValidator(**options)(names, defaultfmt)) for names, options, defaultfmt in args[0]]
";

#[test]
fn names_are_cleaned_as_by_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let mut dice = Dice::new(13);
    let (mut questions, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..cases() {
        let parts = [
            "a", "B", "x y", " ", "é", "ß", "(", "\"", "_", "f0", "f1", "print", "file", "1", "%",
            "q",
        ];
        let mut name = || -> String { (0..dice.below(4)).map(|_| dice.of(&parts)).collect() };
        let names: Vec<String> = (0..5).map(|_| name()).collect();
        let (mut validator, mut options) = (NameValidator::new(), json!({}));
        if dice.below(3) == 0 {
            validator = validator.deletechars("qB%");
            options["deletechars"] = json!("qB%");
        }
        if dice.below(3) == 0 {
            let space = dice.of(&["", "-", "__"]);
            validator = validator.replace_space(space);
            options["replace_space"] = json!(space);
        }
        if dice.below(3) == 0 {
            validator = validator.excludelist(["a", "x_y"]);
            options["excludelist"] = json!(["a", "x_y"]);
        }
        match dice.below(3) {
            0 => {
                validator = validator.case_sensitive(NameCase::Upper);
                options["case_sensitive"] = json!(false);
            }
            1 => {
                validator = validator.case_sensitive(NameCase::Lower);
                options["case_sensitive"] = json!("lower");
            }
            _ => {}
        }
        let format = dice.of(&["f%i", "column%03d", "%2ix"]);
        ours.push(validator.defaultfmt(format).validate(&names));
        questions.push(json!([names, options, format]));
    }
    let numpys = numpy.ask(VALIDATE, &[json!(questions)]).unwrap();
    for ((question, ours), numpys) in questions.iter().zip(ours).zip(numpys.as_array().unwrap()) {
        assert_eq!(json!(ours), *numpys, "{question}");
    }
}

/// Fixed widths, rows that are left out, white space around fields, names that are cleaned.
#[test]
fn the_rest_of_genfromtxt() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let mut dice = Dice::new(14);
    let (mut questions, mut ours) = (Vec::new(), Vec::new());
    for _ in 0..cases() {
        let (mut options, mut theirs) = (ReadOptions::new().numpy_compatible().loose(), json!({}));
        let columns = 2 + dice.below(3);
        let has_text = dice.below(3) == 0;
        if dice.below(2) == 0 {
            options = options.autostrip();
            theirs["autostrip"] = json!(true);
        }
        let widths: Vec<usize> = (0..columns).map(|_| 4 + dice.below(3)).collect();
        let kind = dice.below(3);
        let width = |column: usize| if kind == 0 { 5 } else { widths[column] };
        match kind {
            0 => {
                options = options.width(5);
                theirs["delimiter"] = json!(5);
            }
            1 => {
                options = options.widths(widths.clone());
                theirs["delimiter"] = json!(widths);
            }
            _ => {
                options = options.delimiter(';');
                theirs["delimiter"] = json!(";");
            }
        }
        let mut text = String::new();
        let has_names = !has_text && dice.below(4) == 0;
        if has_names {
            let names = (0..columns).map(|column| {
                // NumPy deletes an empty name if it is the first.
                let name = dice.of(&["a b", "(x)", "file", if column == 0 { "a" } else { "" }]);
                match kind {
                    2 => name.to_owned(),
                    _ => format!("{name:0$}", width(column)),
                }
            });
            let names: Vec<String> = names.collect();
            text = names.join(if kind == 2 { ";" } else { "" }) + "\n";
            options = options.names().validate_names(NameValidator::new());
            theirs["names"] = json!(true);
        }
        let is_skipping = dice.below(2) == 0;
        if is_skipping {
            options = options.invalid_raise(false);
            theirs["invalid_raise"] = json!(false);
        }
        for row in 0..1 + dice.below(6) {
            // The first row says how many fields there are.
            let fields = match dice.below(8) {
                0 if row > 0 => columns - 1,
                1 if row > 0 => columns + 1,
                _ => columns,
            };
            for column in 0..fields {
                let number = dice.below(100);
                let field = match dice.below(9) {
                    0 if kind != 2 && row > 0 && column > 0 && column + 1 < fields => String::new(),
                    1 if column > 0 || !has_text => "-7".to_owned(),
                    _ if has_text && column == 0 => format!("é{number} "),
                    2 => format!(" {number} "),
                    _ => number.to_string(),
                };
                match kind {
                    2 if column + 1 < fields => text.push_str(&(field + ";")),
                    2 => text.push_str(&field),
                    _ => text.push_str(&format!("{field:>0$}", width(column.min(columns - 1)))),
                }
            }
            text.push_str(dice.of(&["\n", "\n", "# a comment\n"]));
        }
        if dice.below(4) == 0 && !has_text && !has_names {
            options = options.usecols([1, 0]);
            theirs["usecols"] = json!([1, 0]);
        }
        let dtype = if has_text {
            let numbers = (1..columns).map(|column| format!(",('c{column}','<f8')"));
            Some(format!("[('c0','<U5'){}]", numbers.collect::<String>()))
        } else {
            (dice.below(2) == 0).then(|| "'<f8'".to_owned())
        };
        let array = match &dtype {
            Some(dtype) => options.read(text.as_bytes(), dtype.parse().unwrap()),
            None => options.read_inferred(text.as_bytes()),
        };
        questions.push(json!([text, dtype, theirs]));
        ours.push(array);
    }
    let numpys = numpy.ask(GENERATE, &[json!(questions)]).unwrap();
    let (mut wrong, mut read) = (Vec::new(), 0);
    for ((question, ours), numpys) in questions.iter().zip(ours).zip(numpys.as_array().unwrap()) {
        let same = match (&ours, numpys) {
            (Ok(array), Value::Array(parts)) => {
                read += 1;
                let descr = array.dtype().descr().to_string();
                descr.trim_matches('\'') == parts[0].as_str().unwrap()
                    && json!(hex(array.as_bytes())) == parts[2]
            }
            (Err(_), Value::Null) => true,
            _ => false,
        };
        if !same {
            wrong.push(format!("{question}\n  ours {ours:?}\n  NumPy {numpys}"));
        }
    }
    let some = wrong[..wrong.len().min(12)].join("\n");
    assert!(wrong.is_empty(), "{} of {}:\n{some}", wrong.len(), cases());
    assert!(read > cases() / 2, "{read} of {}", cases());
}
