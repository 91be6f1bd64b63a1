//! Arrays from JSON: the output of `dump --json` reads back, and NumPy makes the same array of values
//! without a dtype.

use conformance::{Dice, NumPy, random_item};
use npio::flatfile::{Array, Buffer, show};
use npio::meta::json::{read_array, to_array};
use npio::{ByteOrder, DType, Layout, Order};
use serde_json::Value;
use std::fs;
use std::io::{self, Read};

fn json(array: &Array) -> String {
    let mut json = Vec::new();
    show::json(&array.strided(), &mut json).unwrap();
    String::from_utf8(json).unwrap()
}

/// Dtypes of every kind, in both byte orders.
const DTYPES: [&str; 52] = [
    "?",
    "i1",
    ">i2",
    "<i4",
    ">i8",
    "u1",
    "<u2",
    ">u4",
    "<u8",
    "f2",
    ">f2",
    "bfloat16",
    "<f4",
    ">f4",
    "<f8",
    ">f8",
    "<f12",
    ">f12",
    "<f16",
    ">f16",
    "c8",
    ">c16",
    "<c24",
    ">c32",
    "S1",
    "S7",
    "<U4",
    ">U2",
    "V1",
    "V9",
    "M8",
    "M8[Y]",
    ">M8[M]",
    "M8[W]",
    "M8[3D]",
    "M8[h]",
    "M8[m]",
    ">M8[25s]",
    "M8[ms]",
    "M8[us]",
    "M8[10ns]",
    "M8[ps]",
    "M8[fs]",
    "M8[as]",
    "m8",
    ">m8[s]",
    "m8[25us]",
    "[('x', '<f8'), ('n', '>i2')]",
    "[('a', 'S2'), ('p', [('z', '<c8'), ('b', '?')], (2,)), ('t', '<M8[s]')]",
    "[('a', 'u1'), ('', 'V3'), ('b', '>U2')]",
    "[('s', 'V2'), ('r', [('', '<f16', (2, 1)), ('d', '>m8[ns]')])]",
    "[('z', '<c32', (1, 2)), ('e', '<i4', (2, 0)), ('w', 'S0')]",
];

/// An array of arbitrary items, as many as few tests need.
fn random_array(dtype: &DType, shape: &[usize], dice: &mut Dice) -> Array {
    let count: usize = shape.iter().product();
    let bytes = (0..count).flat_map(|_| json_item(dtype, dice));
    let layout = Layout::new(dtype.clone(), shape, Order::C).unwrap();
    Array::new(layout, Buffer::from(bytes.collect::<Vec<u8>>())).unwrap()
}

fn random_shape(dice: &mut Dice) -> Vec<usize> {
    let lengths = [&1usize, &2, &3, &5, &0];
    let axes = dice.below(4);
    (0..axes).map(|_| *dice.of(&lengths)).collect()
}

/// The bytes of an item: texts have any characters, bytes any values, and long doubles all their bits. Bytes that mean
/// nothing are 0, and NaN is the one that is read.
fn json_item(dtype: &DType, dice: &mut Dice) -> Vec<u8> {
    match dtype {
        DType::Subarray(sub) => {
            let count: usize = sub.shape().iter().product();
            (0..count)
                .flat_map(|_| json_item(sub.base(), dice))
                .collect()
        }
        DType::Record(record) => {
            let mut item = vec![0; record.itemsize()];
            for field in record.fields() {
                let value = json_item(&field.dtype, dice);
                item[field.offset..][..value.len()].copy_from_slice(&value);
            }
            item
        }
        DType::Bytes(length) | DType::Void(length) if dice.below(2) == 0 => (0..*length)
            .map(|_| dice.bits() as u8 >> dice.below(8))
            .collect(),
        DType::Str(length, order) => {
            let mut point = || match dice.below(6) {
                0 => 0,
                1 => 0xd800 + dice.below(0x800) as u32,
                2 => dice.below(0xd800) as u32,
                3 => 0x10000 + dice.below(0x10_0000) as u32,
                _ => dice.below(128) as u32,
            };
            let mut points: Vec<u32> = (0..*length).map(|_| point()).collect();
            // A pair of surrogates is one character to every reader of JSON.
            for i in 1..points.len() {
                if (0xd800..0xdc00).contains(&points[i - 1])
                    && (0xdc00..0xe000).contains(&points[i])
                {
                    points[i] = 0;
                }
            }
            let bytes = points.iter().map(|point| match order {
                ByteOrder::Little => point.to_le_bytes(),
                ByteOrder::Big => point.to_be_bytes(),
            });
            bytes.flatten().collect()
        }
        DType::Datetime(_, order) | DType::Timedelta(_, order) => {
            let count = match dice.below(8) {
                0 => i64::MIN,
                1 => i64::MAX,
                _ => dice.bits() as i64 >> dice.below(64),
            };
            match order {
                ByteOrder::Little => count.to_le_bytes().to_vec(),
                ByteOrder::Big => count.to_be_bytes().to_vec(),
            }
        }
        DType::Number(number, order) if number.part_size() > 8 => {
            let part = || x87_item(number.part_size(), *order, dice);
            let parts = number.size() / number.part_size();
            std::iter::repeat_with(part).take(parts).flatten().collect()
        }
        DType::Number(number, _) if matches!(number.kind(), 'f' | 'c') => {
            let item = random_item(dtype, dice);
            let layout = Layout::new(dtype.clone(), [], Order::C).unwrap();
            let array = Array::new(layout, Buffer::from(item)).unwrap();
            if array.to_string().contains("nan") {
                vec![0; number.size()]
            } else {
                array.as_bytes().to_vec()
            }
        }
        dtype => random_item(dtype, dice),
    }
}

/// A number of the x87 with arbitrary bits, without its padding; or an infinity.
fn x87_item(size: usize, order: ByteOrder, dice: &mut Dice) -> Vec<u8> {
    let mantissa = (dice.bits() | 1 << 63) << dice.below(64) | 1 << 63;
    let (exponent, mantissa) = match dice.below(8) {
        0 => (0u16, 0),
        1 => (0x7fff, 1 << 63),
        2 => (0, mantissa >> 1 >> dice.below(63)),
        3 => (1 + dice.below(0x7ffe) as u16, mantissa),
        _ => ((0x3fff - 70 + dice.below(140)) as u16, mantissa),
    };
    let sign = (dice.below(2) as u16) << 15;
    let mut item = vec![0; size];
    item[..8].copy_from_slice(&mantissa.to_le_bytes());
    item[8..10].copy_from_slice(&(exponent | sign).to_le_bytes());
    if order == ByteOrder::Big {
        item.reverse();
    }
    item
}

#[test]
fn what_was_written_comes_back() {
    let mut dice = Dice::new(5);
    for round in 0..20 {
        for dtype in DTYPES {
            let dtype: DType = dtype.parse().unwrap();
            let shape = if round == 0 {
                vec![200]
            } else {
                random_shape(&mut dice)
            };
            let array = random_array(&dtype, &shape, &mut dice);
            let written = json(&array);
            let read = to_array(&written, Some(dtype.clone()))
                .unwrap_or_else(|error| panic!("{dtype}: {error}\n{written}"));
            assert_eq!(read.dtype(), array.dtype());
            // An axis of length 0 hides those after it.
            let shown = shape.iter().position(|length| *length == 0);
            assert_eq!(
                read.shape(),
                &shape[..shown.map_or(shape.len(), |at| at + 1)],
                "{written}"
            );
            assert_eq!(read.as_bytes(), array.as_bytes(), "{dtype}: {written}");
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
fn every_dtype_comes_back_at_a_shell() {
    let folder = conformance::sample_folder();
    let mut dice = Dice::new(13);
    // In a .npy bfloat16 is V2.
    for name in DTYPES.iter().filter(|name| **name != "bfloat16") {
        let dtype: DType = name.parse().unwrap();
        let other = if dice.below(2) == 0 {
            vec![0, 2]
        } else {
            vec![]
        };
        for shape in [vec![2, 3], other] {
            let array = random_array(&dtype, &shape, &mut dice);
            npio::save(folder.path().join("a.npy"), &array).unwrap();
            let lengths: Vec<String> = shape.iter().map(usize::to_string).collect();
            let lengths = lengths.join(",");
            let mut back = vec!["convert", "--force", "--in-dtype", name];
            if !shape.is_empty() {
                back.extend(["--in-shape", &lengths]);
            }
            back.extend(["a.json", "b.npy"]);
            for args in [&["convert", "--force", "a.npy", "a.json"][..], &back] {
                let (status, _, message) = conformance::ran(folder.path(), args);
                assert_eq!((status, message.as_str()), (0, ""), "{args:?}");
            }
            let [first, second] =
                ["a.npy", "b.npy"].map(|name| fs::read(folder.path().join(name)).unwrap());
            assert_eq!(first, second, "{name} {lengths}");
        }
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
