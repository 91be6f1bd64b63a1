//! Tables for exchange, read by Python's `csv` module, by pandas, and by npio itself.

use conformance::{Dice, NumPy, hex, numpy_has, ran, random_item, sample_folder, skipped};
use npio::flatfile::text::table::{ReadOptions, WriteOptions};
use npio::{Array, ByteOrder, DType, Layout, Order};
use serde_json::{Value, json};
use std::{env, fs};

/// The texts of all fields as they should be, those in the header first, and what Python's `csv` module or pandas
/// reads.
const READ: &str = "
import csv
def names(dtype, name):
    if dtype.subdtype:
        base, shape = dtype.subdtype
        for index in np.ndindex(shape):
            yield from names(base, name + ''.join(f'[{i}]' for i in index))
    elif dtype.names:
        for inner in dtype.names:
            yield from names(dtype[inner], f'{name}.{inner}' if name else inner)
    else:
        yield name
def leaves(value):
    if isinstance(value, np.ndarray) and value.ndim:
        for inner in value.reshape(-1):
            yield from leaves(inner)
    elif value.dtype.names:
        for name in value.dtype.names:
            yield from leaves(value[name])
    else:
        yield value
def text(value):
    kind = value.dtype.kind
    if kind == 'S':
        return value.decode()
    if kind == 'm':
        return 'NaT' if np.isnat(value) else str(value.astype('i8'))
    if kind == 'c':
        return str(value).strip('()')
    return str(value)
def expected(x):
    rows = x.reshape(-1) if x.dtype.names else x.reshape(1, 1) if not x.ndim else x if x.ndim == 2 else x.reshape(-1, 1)
    header = [list(names(x.dtype, ''))] if x.dtype.names else []
    return header + [[text(leaf) for leaf in leaves(row)] for row in rows]
def python(table, delimiter, quote):
    lines = io.StringIO(table, newline='')
    return list(csv.reader(lines, delimiter=delimiter, quotechar=quote, strict=True))
def with_pandas(table, delimiter, quote):
    import pandas
    frame = pandas.read_csv(io.StringIO(table, newline=''), sep=delimiter, quotechar=quote, header=None, dtype=str,
                            keep_default_na=False, skip_blank_lines=False)
    return frame.values.tolist()
def wrong(reader, items, dtype, shape, table, delimiter, quote):
    dtype = npformat.descr_to_dtype(eval(dtype))
    x = np.frombuffer(bytes.fromhex(items), dtype).reshape(shape)
    table = bytes.fromhex(table).decode()
    found, wanted = reader(table, delimiter, quote), expected(x)
    return None if found == wanted else f'found {found}, expected {wanted}'
def wrong_in_python(*question):
    return wrong(python, *question)
def wrong_in_pandas(*question):
    return wrong(with_pandas, *question)
def wrong_values(items, dtype, shape, table, delimiter, quote):
    import pandas
    x = np.frombuffer(bytes.fromhex(items), eval(dtype)).reshape(shape)
    x = x if x.ndim == 2 else x.reshape(-1, 1)
    table = io.StringIO(bytes.fromhex(table).decode())
    frame = pandas.read_csv(table, sep=delimiter, quotechar=quote, header=None, float_precision='round_trip')
    columns = [frame[column].to_numpy() for column in frame]
    same = len(columns) == x.shape[1] and all(
        found.dtype.kind in 'biuf' and np.array_equal(found.astype(x.dtype), wanted, equal_nan=True)
        for found, wanted in zip(columns, x.T))
    return None if same else f'found {columns}, expected {x}'
";

/// Every dtype that a table can hold; fields of records have names that need quotes, too.
const TYPES: [&str; 34] = [
    "?",
    "i1",
    "u1",
    "<i2",
    ">u2",
    "<i4",
    ">i8",
    "<u8",
    "<f2",
    ">f4",
    "<f8",
    "<f16",
    "<c8",
    ">c16",
    "<c32",
    "S1",
    "S9",
    "<U1",
    ">U7",
    "<U7",
    "<M8[D]",
    ">M8[Y]",
    "<M8[3M]",
    "<M8[2W]",
    "<M8[h]",
    "<M8[10ms]",
    "<M8[ns]",
    "<M8[as]",
    "<m8",
    ">m8[7D]",
    "<m8[us]",
    "[('a','<i4'),('b,c','<U6'),('d','S4')]",
    "[('a','<f4',(3,)),('b',[('x','>c8'),('v',[('z','<U5',(2,2))],(2,))])]",
    "[(' \"',[('#','?'),('é','<M8[s]',(1,))]),('n','>u8')]",
];

/// A text of a few characters, many of which need quotes.
fn nasty_text(dice: &mut Dice) -> Vec<char> {
    let characters = [
        &'a',
        &'b',
        &' ',
        &',',
        &';',
        &'\t',
        &'"',
        &'\'',
        &'\n',
        &'\r',
        &'#',
        &'\0',
        &'é',
        &'\u{a0}',
        &'\u{feff}',
        &'\u{2028}',
        &'\u{1f600}',
        &'\\',
        &'-',
        &'1',
        &'\x1c',
        &'\x0b',
    ];
    (0..dice.below(6)).map(|_| *dice.of(&characters)).collect()
}

/// The bytes of an item that a table can hold.
fn item(dtype: &DType, dice: &mut Dice) -> Vec<u8> {
    match dtype {
        DType::Bytes(length) => {
            let length = *length as usize;
            let mut bytes = Vec::new();
            for c in nasty_text(dice) {
                if bytes.len() + c.len_utf8() <= length {
                    bytes.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes());
                }
            }
            bytes.resize(length, 0);
            bytes
        }
        DType::Str(length, order) => {
            let mut points: Vec<u32> = nasty_text(dice).into_iter().map(u32::from).collect();
            points.resize(*length as usize, 0);
            let bytes = |point: u32| match order {
                ByteOrder::Little => point.to_le_bytes(),
                ByteOrder::Big => point.to_be_bytes(),
            };
            points.into_iter().flat_map(bytes).collect()
        }
        DType::Record(record) => {
            let fields = record.fields().iter();
            fields.flat_map(|field| item(&field.dtype, dice)).collect()
        }
        DType::Subarray(sub) => {
            let count: usize = sub.shape().iter().product();
            (0..count).flat_map(|_| item(sub.base(), dice)).collect()
        }
        DType::Datetime(_, order) | DType::Timedelta(_, order) => {
            // With more steps NumPy's years overflow.
            let count = match dice.below(6) {
                0 => i64::MIN,
                _ => dice.bits() as i64 >> (8 + dice.below(56)),
            };
            match order {
                ByteOrder::Little => count.to_le_bytes().to_vec(),
                ByteOrder::Big => count.to_be_bytes().to_vec(),
            }
        }
        dtype => random_item(dtype, dice),
    }
}

/// A random array of this type, with up to two axes.
fn random_array(dtype: &DType, dice: &mut Dice) -> Array {
    let shape = match dice.below(8) {
        0 => vec![],
        1..4 => vec![dice.below(5)],
        _ => vec![dice.below(4), 1 + dice.below(4)],
    };
    let layout = Layout::new(dtype.clone(), shape, Order::C).unwrap();
    let bytes: Vec<u8> = (0..layout.count())
        .flat_map(|_| item(dtype, dice))
        .collect();
    Array::new(layout, bytes.into()).unwrap()
}

/// The dialects: delimiter and quote.
const DIALECTS: [(char, u8); 4] = [(',', b'"'), ('\t', b'"'), (';', b'\''), ('-', b'"')];

fn options(delimiter: char, quote: u8) -> WriteOptions {
    match delimiter {
        '\t' => WriteOptions::tsv(),
        _ => WriteOptions::csv().delimiter(delimiter).quotechar(quote),
    }
}

/// Random arrays, and their tables.
fn questions(seed: u64, is_asked: impl Fn(&Array, &str) -> bool) -> Vec<Value> {
    let mut dice = Dice::new(seed);
    let mut questions = Vec::new();
    for dtype in TYPES.iter().filter(|dtype| numpy_has(dtype)) {
        for round in 0..40 {
            let array = random_array(&dtype.parse().unwrap(), &mut dice);
            let (delimiter, quote) = DIALECTS[round % DIALECTS.len()];
            let mut table = Vec::new();
            options(delimiter, quote).write(&mut table, &array).unwrap();
            let table = String::from_utf8(table).unwrap();
            if is_asked(&array, &table) {
                questions.push(json!([
                    hex(array.as_bytes()),
                    array.dtype().descr().to_string(),
                    array.shape(),
                    hex(table.as_bytes()),
                    delimiter,
                    char::from(quote),
                ]));
            }
        }
    }
    questions
}

/// Asserts that a function of [`READ`], called with each question, finds nothing wrong.
fn assert_read(numpy: &mut NumPy, function: &str, questions: &[Value]) {
    let code = format!("{READ}\nanswer = [{function}(*question) for question in args[0]]");
    let answers = numpy.ask(&code, &[json!(questions)]).unwrap();
    let answers = answers.as_array().unwrap().iter().zip(questions);
    let wrong: Vec<_> = answers.filter(|(answer, _)| !answer.is_null()).collect();
    assert!(
        wrong.is_empty(),
        "{} of {}: {:#?}",
        wrong.len(),
        questions.len(),
        wrong.first()
    );
}

#[test]
fn python_reads_every_field() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let questions = questions(21, |_, _| true);
    assert_eq!(questions.len() % 40, 0);
    assert_read(&mut numpy, "wrong_in_python", &questions);
}

#[test]
fn pandas_reads_every_field() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let has_pandas =
        "import importlib.util; answer = importlib.util.find_spec('pandas') is not None";
    if numpy.ask(has_pandas, &[]) != Ok(json!(true)) {
        return skipped("this Python has no pandas");
    }
    // Its own reader ends texts at a NUL, and a table without rows is an error.
    let questions = questions(22, |_, table| !table.contains('\0') && !table.is_empty());
    assert!(questions.len() > 500);
    assert_read(&mut numpy, "wrong_in_pandas", &questions);
    // Numbers and bools are found to be such.
    let is_number = |array: &Array| {
        let kind = array.dtype().descr().to_string();
        array.layout().count() > 0
            && [
                "'|b1'", "'|i1'", "'<i4'", "'>i8'", "'<u8'", "'>f4'", "'<f8'",
            ]
            .contains(&kind.as_str())
    };
    let questions = self::questions(24, |array, _| is_number(array));
    assert!(questions.len() > 150);
    assert_read(&mut numpy, "wrong_values", &questions);
}

#[test]
fn every_array_comes_back() {
    let mut dice = Dice::new(23);
    let mut compared = 0;
    for dtype in TYPES {
        for round in 0..40 {
            let array = random_array(&dtype.parse().unwrap(), &mut dice);
            let (delimiter, quote) = DIALECTS[round % 3];
            let mut table = Vec::new();
            let options = options(delimiter, quote).no_names();
            options.write(&mut table, &array).unwrap();
            let table = String::from_utf8(table).unwrap();
            // A text does not tell the payloads of NaNs.
            if array.to_string().contains("nan") {
                continue;
            }
            let read = ReadOptions::csv().delimiter(delimiter).quotechar(quote);
            let back = read.read(table.as_bytes(), array.dtype().clone());
            let back = back.unwrap_or_else(|error| panic!("{dtype} {table:?}: {error}"));
            assert_eq!(back.as_bytes(), array.as_bytes(), "{dtype} {table:?}");
            compared += 1;
        }
    }
    assert!(compared > 800, "{compared}");
}

/// Through all three formats for exchange, as a shell converts them.
#[test]
fn every_array_comes_back_at_a_shell() {
    let cases = env::var("NPIO_SHELL_CASES");
    // Wine takes long to start a process.
    let usual = if cfg!(windows) { 10 } else { 100 };
    let cases: usize = cases.map_or(usual, |cases| cases.parse().unwrap());
    let folder = sample_folder();
    let fine = |args: &[&str]| {
        let (status, _, message) = ran(folder.path(), args);
        assert_eq!((status, message.as_str()), (0, ""), "{args:?}");
    };
    let read = |name: &str| fs::read(folder.path().join(name)).unwrap();
    let mut dice = Dice::new(29);
    let mut compared = 0;
    for _ in 0..cases {
        let dtype: DType = dice.of(&TYPES).parse().unwrap();
        let array = random_array(&dtype, &mut dice);
        // A text does not tell the payloads of NaNs.
        if array.to_string().contains("nan") {
            continue;
        }
        npio::save(folder.path().join("a.npy"), &array).unwrap();
        let descr = dtype.descr().to_string();
        let descr = descr.trim_matches('\'');
        let shape = array.shape().iter().map(usize::to_string);
        let shape = shape.collect::<Vec<_>>().join(",");
        for text in ["a.csv", "a.tsv", "a.json"] {
            fine(&["convert", "--force", "a.npy", text]);
            let mut back = vec![
                "convert",
                "--force",
                "--in-dtype",
                descr,
                "--in-shape",
                &shape,
            ];
            if matches!(dtype, DType::Record(_)) && text != "a.json" {
                back.push("--in-names");
            }
            back.extend([text, "b.npy"]);
            fine(&back);
            assert_eq!(
                read("a.npy"),
                read("b.npy"),
                "{dtype} ({shape}) {text}: {array}"
            );
            compared += 1;
        }
    }
    assert!(compared > cases, "{compared}");
}
