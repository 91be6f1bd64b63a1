//! Arrays from JSON: the output of `dump --json` reads back, and NumPy makes the same array of values
//! without a dtype.

use crate::json_exchange::{DTYPES, json, random_array};
use conformance::{Dice, NumPy};
use npio::DType;
use npio::meta::json::{read_array, to_array};
use serde_json::Value;
use std::fs;
use std::io::{self, Read};

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
            "item [1]: expected a list of 2, found a list of 1, at byte 9",
        ),
        (
            "[[1], 2]",
            None,
            "item [1]: expected a list of 1, found 2, at byte 6",
        ),
        (
            "[1, null]",
            None,
            "item [1]: expected a value as its neighbours, found null, at byte 4",
        ),
        (
            "[\"a\", 1]",
            None,
            "item [1]: expected a value as its neighbours, found 1, at byte 6",
        ),
        (
            "{}",
            None,
            "expected a number, a text, true or false, found an object, at byte 0",
        ),
        (
            "[{}]",
            None,
            "item [0]: expected a number, a text, true or false, found an object, at byte 1",
        ),
        (
            "[18446744073709551616]",
            None,
            "item [0]: expected integers of 64 bits, found 18446744073709551616, at byte 1",
        ),
        (
            too_deep.as_str(),
            None,
            "too large: more than 64 axes, at byte 0",
        ),
        (
            "[1, 128]",
            Some("i1"),
            "item [1]: expected an integer that |i1 holds, found 128, at byte 4",
        ),
        (
            "[[0], [-1]]",
            Some("u4"),
            "item [1, 0]: expected an integer that <u4 holds, found -1, at byte 7",
        ),
        (
            "[1.5]",
            Some("i8"),
            "item [0]: expected an integer that <i8 holds, found 1.5, at byte 1",
        ),
        (
            "[\"abc\"]",
            Some("U2"),
            "item [0]: expected a text that <U2 holds, found 'abc', at byte 1",
        ),
        (
            "[\"é\"]",
            Some("S2"),
            "item [0]: expected bytes that |S2 holds, found 'é', at byte 1",
        ),
        (
            "[{\"base64\":\"!\"}]",
            Some("S2"),
            "item [0]: expected bytes that |S2 holds, found an object, at byte 1",
        ),
        (
            "[[1, 2, 3]]",
            Some("c16"),
            "item [0]: expected [re, im], found a longer list, at byte 1",
        ),
        (
            "[[1]]",
            Some("[('a', '<i4'), ('b', '<i4')]"),
            "item [0]: expected a list of 2 fields, found a list of 1, at byte 1",
        ),
        (
            "[[1, 2], [3, \"x\"]]",
            Some("[('a', '<i4'), ('b', '<i4')]"),
            "item [1]: expected an integer that <i4 holds, found 'x', at byte 13",
        ),
        (
            "[1]",
            Some("?"),
            "item [0]: expected true or false, found 1, at byte 1",
        ),
        (
            "[[1], [2, 3]]",
            None,
            "item [1]: expected a list of 1, found a longer list, at byte 6",
        ),
        (
            "[[], [1]]",
            None,
            "item [1]: expected a list of 0, found a longer list, at byte 5",
        ),
        (
            "[-1, 9223372036854775808, 1]",
            None,
            "item [1]: expected integers of 64 bits, found 9223372036854775808, at byte 5",
        ),
        (
            "[9223372036854775808, -1]",
            None,
            "item [1]: expected integers of 64 bits, found -1, at byte 22",
        ),
        ("[1,]", None, "expected a value of JSON, at byte 3"),
        ("[1] 2", None, "expected the end of the text, at byte 4"),
        ("[01]", None, "expected ',' or a closing bracket, at byte 2"),
        (
            "[1, 2.]",
            None,
            "expected ',' or a closing bracket, at byte 5",
        ),
        ("[1, +2]", None, "expected a value of JSON, at byte 4"),
        ("", None, "expected a value of JSON, at byte 0"),
        (
            "[{\"a\": 1, \"c\": 2}]",
            Some("[('a', '<i4'), ('b', '<i4')]"),
            "item [0]: expected the name of a field, found 'c', at byte 10",
        ),
        (
            "[{\"a\": 1}]",
            Some("[('a', '<i4'), ('b', '<i4')]"),
            "item [0]: expected an object with the field 'b', found one without it, at byte 1",
        ),
        (
            "[[[1, 2], [3]]]",
            Some("[('a', '<i4', (2, 2))]"),
            "item [1]: expected a list of 2, found a list of 1, at byte 10",
        ),
        (
            "[\"1969\", \"soon\"]",
            Some("M8[s]"),
            "item [1]: expected a date in ISO 8601, found 'soon', at byte 9",
        ),
        (
            "[9223372036854775808]",
            Some("m8[s]"),
            "item [0]: expected a text, an integer of 64 bits or null, found 9223372036854775808, at byte 1",
        ),
        (
            "[1, 2]",
            Some("O"),
            "not supported: items of dtype |O in JSON",
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

/// Gives one byte at a time.
struct Drops<'a>(&'a [u8]);

impl Read for Drops<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let end = out.len().min(1);
        self.0.read(&mut out[..end])
    }
}

#[test]
fn blocks_do_not_matter() {
    let mut dice = Dice::new(11);
    for dtype in DTYPES {
        let dtype: DType = dtype.parse().unwrap();
        let array = random_array(&dtype, &[2, 3], &mut dice);
        let written = json(&array).replace(',', " ,\n");
        let read = read_array(Drops(written.as_bytes()), Some(dtype)).unwrap();
        assert_eq!(read.as_bytes(), array.as_bytes(), "{written}");
    }
    // Tokens on the borders of blocks, and spaces of every kind between them.
    for space in ["", " ", "  ", "\n", "\t\r\n"] {
        let numbers: Vec<String> = (0..40_000)
            .map(|_| match dice.below(4) {
                0 => format!("{:?}", f64::from_bits(dice.bits() >> 2)),
                1 => format!("{:?}", dice.bits() as f64 / -1e15),
                _ => (dice.bits() as i64 >> dice.below(64)).to_string(),
            })
            .collect();
        let text = format!("[{}]", numbers.join(&format!(",{space}")));
        let expected: Vec<f64> = numbers
            .iter()
            .map(|number| match number.parse::<i64>() {
                Ok(whole) => whole as f64,
                Err(_) => number.parse().unwrap(),
            })
            .collect();
        for dtype in [None, Some(DType::F64)] {
            let read = to_array(&text, dtype).unwrap();
            assert_eq!(read.to_vec::<f64>().unwrap(), expected);
        }
        let drops = read_array(Drops(text.as_bytes()), None).unwrap();
        assert_eq!(drops.to_vec::<f64>().unwrap(), expected);
    }
    let text = format!("[\"{}é\\ud83d\\ude00\"]", "x".repeat(300_000));
    assert_eq!(
        read_array(Drops(text.as_bytes()), None)
            .unwrap()
            .as_bytes()
            .len(),
        4 * 300_002
    );
}

#[test]
fn objects_are_records() {
    let read = |text: &str, dtype: &str| {
        let array = to_array(text, Some(dtype.parse().unwrap())).unwrap();
        (array.shape().to_vec(), array.to_string())
    };
    let point = "[('x', '<f8'), ('n', '<i4')]";
    for (text, dtype, shape, shown) in [
        ("{\"n\": 2, \"x\": 1}", point, &[][..], "(1.0, 2)"),
        (
            "[{\"x\": 1, \"n\": 2}, [3, 4]]",
            point,
            &[2],
            "[(1., 2) (3., 4)]",
        ),
        (
            "[[{\"n\": 1, \"n\": 2, \"x\": 7, \"x\": 5}]]",
            point,
            &[1, 1],
            "[[(5., 2)]]",
        ),
        (
            "[[{\"base64\": \"/w==\"}, 1]]",
            "[('s', 'S1'), ('n', 'i1')]",
            &[1],
            "[(b'\\xff', 1)]",
        ),
        ("[{\"base64\": 1}]", "[('base64', 'i1')]", &[1], "[(1,)]"),
        (
            "[[{\"x\": 1, \"n\": 2}, 3]]",
            "[('p', [('x', 'f8'), ('n', 'i4')]), ('m', 'i1')]",
            &[1],
            "[((1., 2), 3)]",
        ),
        (
            "[{\"p\": [1, 2], \"m\": 3}]",
            "[('p', [('x', 'f8'), ('n', 'i4')]), ('m', 'i1')]",
            &[1],
            "[((1., 2), 3)]",
        ),
        (
            "[[[1, 2]], [[3, 4]]]",
            "[('z', 'c8')]",
            &[2],
            "[(1.+2.j,) (3.+4.j,)]",
        ),
    ] {
        assert_eq!(
            read(text, dtype),
            (shape.to_vec(), shown.to_owned()),
            "{text}"
        );
    }
}

#[test]
fn numbers_of_any_size() {
    let inferred = |text: &str| to_array(text, None).unwrap();
    assert_eq!(
        inferred("[1e400, -1e400]").to_vec::<f64>().unwrap(),
        [f64::INFINITY, f64::NEG_INFINITY]
    );
    assert_eq!(
        inferred("[18446744073709551615, true]")
            .to_vec::<u64>()
            .unwrap(),
        [u64::MAX, 1]
    );
    // A point anywhere makes them floats.
    for text in [
        "[-1, 18446744073709551616, 0.5]",
        "[18446744073709551616, -1, 0.5]",
        "[0.5, 18446744073709551616, -1]",
    ] {
        let mut values = inferred(text).to_vec::<f64>().unwrap();
        values.sort_by(f64::total_cmp);
        assert_eq!(values, [-1.0, 0.5, 18_446_744_073_709_551_616.0], "{text}");
    }
    assert_eq!(
        inferred("[9007199254740993, 18446744073709551615, 0.5]")
            .to_vec::<f64>()
            .unwrap(),
        [9_007_199_254_740_992.0, 18_446_744_073_709_551_616.0, 0.5]
    );
    // Integers have no negative zero.
    let zeros = inferred("[-0, -0.0]").to_vec::<f64>().unwrap();
    let zeros: Vec<bool> = zeros.iter().map(|zero| zero.is_sign_negative()).collect();
    assert_eq!(zeros, [false, true]);
    let long = format!("[1.5, 1{}]", "0".repeat(400));
    let error = to_array(&long, None).unwrap_err().to_string();
    assert!(
        error.starts_with("item [1]: expected a number that float64 holds, found"),
        "{error}"
    );
    // All digits of a longdouble count, in numbers and in texts.
    for text in [
        "[0.1, 1e4000, 18446744073709551615]",
        "[\"0.1\", \"1e4000\", \"18446744073709551615\"]",
    ] {
        let read = to_array(text, Some("<f16".parse().unwrap())).unwrap();
        assert_eq!(
            read.to_string(),
            "[1.00000000e-0001 1.00000000e+4000 1.84467441e+0019]"
        );
        assert_eq!(
            json(&read),
            "[\"0.1\",\"1e+4000\",\"1.8446744073709551615e+19\"]"
        );
    }
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
            "npio: bad.json: item [1]: expected a list of 2, found a list of 1, at byte 9\n"
        )
    );
    assert_eq!(
        conformance::ran(folder.path(), &["verify", "bad.json"]).0,
        1
    );
}
