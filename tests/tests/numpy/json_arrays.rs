//! Arrays from JSON: the output of `dump --json` reads back, and NumPy makes the same array of values
//! without a dtype.

use conformance::{Dice, NumPy, random_item};
use npio::flatfile::{Array, Buffer, show};
use npio::meta::json::to_array;
use npio::{DType, Layout, Order};
use serde_json::Value;
use std::fs;

fn json(array: &Array) -> String {
    let mut json = Vec::new();
    show::json(&array.strided(), &mut json).unwrap();
    String::from_utf8(json).unwrap()
}

#[test]
fn what_was_written_comes_back() {
    let dtypes = [
        "?",
        "i1",
        ">i2",
        "i4",
        ">i8",
        "u1",
        "u2",
        "u4",
        ">u8",
        "f2",
        ">f4",
        "f8",
        "c8",
        ">c16",
        "longdouble",
        "clongdouble",
        "S3",
        "<U4",
        ">U2",
        "V3",
        "M8[D]",
        ">M8[us]",
        "M8[ns]",
        "m8[s]",
        "[('x', '<f8'), ('n', '>i2')]",
        "[('a', 'S2'), ('p', [('z', '<c8'), ('b', '?')], (2,)), ('t', '<M8[s]')]",
        "[('a', 'u1'), ('', 'V3'), ('b', '>U2')]",
    ];
    let mut dice = Dice::new(5);
    for dtype in dtypes {
        let dtype: DType = dtype.parse().unwrap();
        // In JSON a complex number consists of numbers, which these are not.
        if ["c24", "c32"]
            .iter()
            .any(|long| dtype.to_string().contains(long))
        {
            continue;
        }
        for shape in [vec![], vec![3], vec![2, 2, 2], vec![0], vec![200]] {
            let count: usize = shape.iter().product();
            let bytes = (0..count).flat_map(|_| random_item(&dtype, &mut dice));
            let layout = Layout::new(dtype.clone(), shape.clone(), Order::C).unwrap();
            let array = Array::new(layout, Buffer::from(bytes.collect::<Vec<u8>>())).unwrap();
            let written = json(&array);
            let read = to_array(&written, Some(dtype.clone()))
                .unwrap_or_else(|error| panic!("{dtype}: {error}\n{written}"));
            assert_eq!(read.layout(), array.layout(), "{written}");
            assert_eq!(json(&read), written, "{dtype}");
        }
    }
}

#[test]
fn numpy_makes_the_same_array() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let mut dice = Dice::new(7);
    for round in 0..200 {
        let shape: Vec<usize> = (0..dice.below(4)).map(|_| 1 + dice.below(3)).collect();
        let kinds = 1 + dice.below(3);
        let mut texts = Vec::new();
        for _ in 0..shape.iter().product() {
            texts.push(match (round % 3, dice.below(kinds)) {
                (0, _) => format!(
                    "\"{}\"",
                    "aé𝄞\\u0000b"
                        .chars()
                        .take(dice.below(5))
                        .filter(|c| *c != '\\')
                        .collect::<String>()
                ),
                (_, 0) => dice.below(1000).to_string(),
                (1, 1) => (["true", "false"][dice.below(2)]).to_owned(),
                (_, 1) => format!("-{}.5e{}", dice.below(100), dice.below(300)),
                _ => (["18446744073709551615", "-9223372036854775808"][dice.below(2)]).to_owned(),
            });
        }
        let mut text = texts.join(",");
        for length in shape.iter().rev() {
            text = nested(&text, *length);
        }
        let asked = numpy.ask(
            "import json; a = np.array(json.loads(args[0])); answer = [a.dtype.str, list(a.shape), a.tobytes().hex()]",
            &[Value::from(text.as_str())],
        );
        let answer = asked.unwrap();
        let kind = answer[0].as_str().unwrap();
        match to_array(&text, None) {
            // NumPy converts them to floats, and loses digits.
            Ok(array) if *array.dtype() == DType::U64 && kind == "<f8" => {}
            Ok(array) => {
                let shape: Vec<Value> = array.shape().iter().map(|n| Value::from(*n)).collect();
                assert_eq!(answer[0], array.dtype().to_string(), "{text}");
                assert_eq!(answer[1], Value::from(shape), "{text}");
                assert_eq!(answer[2], conformance::hex(array.as_bytes()), "{text}");
            }
            // Values that NumPy converts to objects, or to floats because no integer type holds them.
            Err(error) => assert!(
                matches!(kind, "|O" | "<f8"),
                "{text}: {error}, NumPy {kind}"
            ),
        }
    }
}

/// The items of a list, in lists of this length.
fn nested(text: &str, length: usize) -> String {
    let (mut lists, mut list, mut depth) = (Vec::new(), vec![String::new()], 0);
    for c in text.chars() {
        depth += i32::from(c == '[') - i32::from(c == ']');
        if c == ',' && depth == 0 {
            if list.len() == length {
                lists.push(format!("[{}]", list.join(",")));
                list.clear();
            }
            list.push(String::new());
            continue;
        }
        list.last_mut().unwrap().push(c);
    }
    lists.push(format!("[{}]", list.join(",")));
    lists.join(",")
}

#[test]
fn what_is_no_array_is_an_error() {
    let too_deep = format!("{}1{}", "[".repeat(65), "]".repeat(65));
    for (text, dtype, expected) in [
        (
            "[1, 2",
            None,
            "expected ',' or a closing bracket, at byte 5",
        ),
        (
            "[[1, 2], [3]]",
            None,
            "item [1]: expected a list of 2, found a list",
        ),
        ("[[1], 2]", None, "item [1]: expected a list of 1, found 2"),
        (
            "[1, null]",
            None,
            "item [1]: expected a value as its neighbours, found null",
        ),
        (
            "[\"a\", 1]",
            None,
            "item [1]: expected a value as its neighbours, found 1",
        ),
        (
            "{}",
            None,
            "expected a number, a text, true or false, found an object",
        ),
        (
            "[{}]",
            None,
            "item [0]: expected a number, a text, true or false, found an object",
        ),
        (
            "[18446744073709551616]",
            None,
            "item [0]: expected integers of 64 bits, found 18446744073709551616",
        ),
        (too_deep.as_str(), None, "too large: more than 64 axes"),
        (
            "[1, 128]",
            Some("i1"),
            "item [1]: expected an integer that |i1 holds, found 128",
        ),
        (
            "[[0], [-1]]",
            Some("u4"),
            "item [1, 0]: expected an integer that <u4 holds, found -1",
        ),
        (
            "[1.5]",
            Some("i8"),
            "item [0]: expected an integer that <i8 holds, found 1.5",
        ),
        (
            "[\"abc\"]",
            Some("U2"),
            "item [0]: expected a text that <U2 holds, found 'abc'",
        ),
        (
            "[\"é\"]",
            Some("S2"),
            "item [0]: expected bytes that |S2 holds, found 'é'",
        ),
        (
            "[{\"base64\":\"!\"}]",
            Some("S2"),
            "item [0]: expected bytes that |S2 holds, found an object",
        ),
        (
            "[[1, 2, 3]]",
            Some("c16"),
            "item [0]: expected [re, im], found a list",
        ),
        (
            "[[1]]",
            Some("[('a', '<i4'), ('b', '<i4')]"),
            "item [0]: expected a list of 2 fields, found a list",
        ),
        (
            "[[1, 2], [3, \"x\"]]",
            Some("[('a', '<i4'), ('b', '<i4')]"),
            "item [1]: expected an integer that <i4 holds, found 'x'",
        ),
        (
            "[1]",
            Some("?"),
            "item [0]: expected true or false, found 1",
        ),
    ] {
        let dtype = dtype.map(|dtype| dtype.parse::<DType>().unwrap());
        let error = to_array(text, dtype).unwrap_err().to_string();
        assert_eq!(error, expected, "{text}");
    }
    let wide = format!("[\"{}\"{}]", "x".repeat(100_000), ",\"\"".repeat(100_000));
    let error = to_array(&wide, None).unwrap_err().to_string();
    assert_eq!(error, "too large: texts of very different lengths");
    let date: DType = "M8[D]".parse().unwrap();
    assert!(to_array("[\"yesterday\"]", Some(date)).is_err());
}

#[test]
fn at_a_shell() {
    let folder = conformance::sample_folder();
    let path = |name: &str| folder.path().join(name);
    let fine = |args: &[&str]| {
        let (status, text, message) = conformance::ran(folder.path(), args);
        assert_eq!((status, message.as_str()), (0, ""), "{args:?}");
        text
    };
    fs::write(path("x.json"), "[[1, 2], [3, 4]]\n").unwrap();
    fine(&["convert", "x.json", "new.npy"]);
    assert_eq!(
        npio::load(path("new.npy")).unwrap().to_string(),
        "[[1 2]\n [3 4]]"
    );
    fine(&[
        "convert",
        "--in-dtype",
        "f4",
        "--in-shape",
        "4",
        "x.json",
        "new.csv",
    ]);
    assert_eq!(
        fs::read_to_string(path("new.csv")).unwrap(),
        "1.0\n2.0\n3.0\n4.0\n"
    );
    assert_eq!(fine(&["dump", "--slice", "1", "x.json"]), "[3 4]\n");
    assert_eq!(fine(&["diff", "x.json", "new.npy"]), "");
    let info = "x.json: text\n  dtype   <i8 (int64)\n  shape   (2, 2), 4 items\n  order   C: the last index runs fastest\n  memory  4 × 8 = 32 bytes\n  file    17 bytes of text\n";
    assert_eq!(fine(&["info", "x.json"]), info);
    fs::write(path("bad.json"), "[[1, 2], [3]]\n").unwrap();
    let (status, _, message) = conformance::ran(folder.path(), &["dump", "bad.json"]);
    assert_eq!(
        (status, message.as_str()),
        (
            2,
            "npio: bad.json: item [1]: expected a list of 2, found a list\n"
        )
    );
    assert_eq!(
        conformance::ran(folder.path(), &["verify", "bad.json"]).0,
        1
    );
}
