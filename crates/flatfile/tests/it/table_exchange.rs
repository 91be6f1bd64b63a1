//! Tables for exchange: CSV and TSV.

use dtype::{ByteOrder, DType, Layout, Order};
use flatfile::text::table::{ReadOptions, WriteOptions};
use flatfile::{Array, Error};
use proptest::prelude::*;

fn text(options: &WriteOptions, array: &Array) -> Result<String, Error> {
    let mut text = Vec::new();
    options.write(&mut text, array)?;
    Ok(String::from_utf8(text).unwrap())
}

/// An array of these bytes.
fn array(dtype: &str, shape: &[usize], bytes: &[u8]) -> Array {
    let layout = Layout::new(dtype.parse().unwrap(), shape, Order::C).unwrap();
    Array::new(layout, bytes.to_vec().into()).unwrap()
}

/// An array of texts, long enough for each of them.
fn texts(texts: &[&str], order: ByteOrder) -> Array {
    let length = texts.iter().map(|text| text.chars().count()).max().unwrap();
    let points = texts.iter().flat_map(|text| {
        let mut points: Vec<u32> = text.chars().map(u32::from).collect();
        points.resize(length, 0);
        points
    });
    let bytes: Vec<u8> = points
        .flat_map(|point| match order {
            ByteOrder::Little => point.to_le_bytes(),
            ByteOrder::Big => point.to_be_bytes(),
        })
        .collect();
    let layout = Layout::new(DType::Str(length as u32, order), [texts.len()], Order::C).unwrap();
    Array::new(layout, bytes.into()).unwrap()
}

#[test]
fn fields_are_quoted_where_it_matters() {
    for (field, in_csv, in_tsv) in [
        ("a", "a", "a"),
        ("a b", "a b", "a b"),
        ("", r#""""#, r#""""#),
        ("a,b", r#""a,b""#, "a,b"),
        ("a\tb", "a\tb", "\"a\tb\""),
        ("say \"a\"", r#""say ""a""""#, r#""say ""a""""#),
        ("\"", r#""""""#, r#""""""#),
        ("a\nb", "\"a\nb\"", "\"a\nb\""),
        ("a\rb", "\"a\rb\"", "\"a\rb\""),
        (" a", "\" a\"", "\" a\""),
        ("a\u{a0}", "\"a\u{a0}\"", "\"a\u{a0}\""),
        ("\u{2003}é", "\"\u{2003}é\"", "\"\u{2003}é\""),
        ("é\u{1f}", "\"é\u{1f}\"", "\"é\u{1f}\""),
        ("\u{feff}a", "\"\u{feff}a\"", "\"\u{feff}a\""),
        ("#5", "\"#5\"", "\"#5\""),
        ("a#5", "\"a#5\"", "\"a#5\""),
        ("a\0b", "a\0b", "a\0b"),
        ("'é\u{1f600}'", "'é\u{1f600}'", "'é\u{1f600}'"),
    ] {
        for order in [ByteOrder::Little, ByteOrder::Big] {
            let array = texts(&[field, "x"], order);
            let csv = text(&WriteOptions::csv(), &array).unwrap();
            assert_eq!(csv, format!("{in_csv}\nx\n"), "{field:?}");
            let tsv = text(&WriteOptions::tsv(), &array).unwrap();
            assert_eq!(tsv, format!("{in_tsv}\nx\n"), "{field:?}");
        }
        let bytes = Array::new(
            Layout::new(DType::Bytes(field.len().max(1) as u32), [], Order::C).unwrap(),
            if field.is_empty() {
                &b"\0"[..]
            } else {
                field.as_bytes()
            }
            .to_vec()
            .into(),
        );
        let csv = text(&WriteOptions::csv(), &bytes.unwrap()).unwrap();
        assert_eq!(csv, format!("{in_csv}\n"), "{field:?}");
    }
}

#[test]
fn another_dialect() {
    let array = texts(&["a;b", "a,b", "it's", ""], ByteOrder::NATIVE);
    let options = WriteOptions::csv()
        .delimiter(";")
        .quotechar(b'\'')
        .newline("\r\n");
    assert_eq!(
        text(&options, &array).unwrap(),
        "'a;b'\r\na,b\r\n'it''s'\r\n''\r\n"
    );
    // The text would end with the first half of a delimiter.
    let array = texts(&["a;", "b"], ByteOrder::NATIVE);
    let options = WriteOptions::csv().delimiter(";;");
    assert_eq!(text(&options, &array).unwrap(), "\"a;\"\nb\n");
    let wide = array.reshape([1, 2]).unwrap();
    assert_eq!(text(&options, &wide).unwrap(), "\"a;\";;b\n");
    // A number contains the delimiter, too.
    let numbers = Array::from_slice(&[0.5, -1e300, 3.0], [1, 3]).unwrap();
    let options = WriteOptions::csv().decimal(',');
    assert_eq!(
        text(&options, &numbers).unwrap(),
        "\"0,5\",-1e+300,\"3,0\"\n"
    );
    let options = WriteOptions::csv().delimiter("e").format("%.1e");
    assert_eq!(
        text(&options, &numbers).unwrap(),
        "\"5.0e-01\"e\"-1.0e+300\"e\"3.0e+00\"\n"
    );
    // NumPy's table has another decimal point, too, but nothing else.
    let options = WriteOptions::new().shortest().decimal(',');
    assert_eq!(text(&options, &numbers).unwrap(), "0,5 -1e+300 3,0\n");
    let options = WriteOptions::new().format("<%.2f>.").decimal(',');
    let small = Array::from_slice(&[0.5, 3.0], [1, 2]).unwrap();
    assert_eq!(text(&options, &small).unwrap(), "<0,50>. <3,00>.\n");
}

#[test]
fn every_type() {
    let count = |counts: &[i64]| {
        counts
            .iter()
            .flat_map(|count| count.to_le_bytes())
            .collect()
    };
    let floats: Vec<u8> = [1.0f64, -2.5, 0.0, 4.0, -0.0, f64::NAN]
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let halves: Vec<u8> = [0x2e66u16, 0x7bff, 0x0001]
        .iter()
        .flat_map(|bits| bits.to_be_bytes())
        .collect();
    for (dtype, bytes, expected) in [
        ("?", vec![0, 1], "False\nTrue\n"),
        ("i1", vec![255, 127], "-1\n127\n"),
        (">u2", vec![1, 0, 255, 255], "256\n65535\n"),
        (">f2", halves, "0.1\n6.55e+04\n6e-08\n"),
        ("<f4", 0.1f32.to_le_bytes().to_vec(), "0.1\n"),
        ("<c16", floats, "1-2.5j\n4j\n-0+nanj\n"),
        ("S3", b"a\0babc\0\0\0".to_vec(), "a\0b\nabc\n\"\"\n"),
        ("S2", "é".as_bytes().to_vec(), "é\n"),
        (
            "<M8[D]",
            count(&[18_262, -800_000, i64::MIN]),
            "2020-01-01\n-221-09-04\nNaT\n",
        ),
        (
            "<M8[10ms]",
            count(&[5, -7]),
            "1970-01-01T00:00:00.050\n1969-12-31T23:59:59.930\n",
        ),
        ("<M8[2W]", count(&[1]), "1970-01-15\n"),
        ("<M8", count(&[i64::MIN]), "NaT\n"),
        ("<m8[7D]", count(&[5, i64::MIN, -1]), "5\nNaT\n-1\n"),
        ("<m8", count(&[5]), "5\n"),
    ] {
        let items = bytes.len() / dtype.parse::<DType>().unwrap().itemsize();
        let array = array(dtype, &[items], &bytes);
        assert_eq!(
            text(&WriteOptions::csv(), &array).unwrap(),
            expected,
            "{dtype}"
        );
    }
}

/// Two records of all kinds of fields.
fn records() -> Array {
    let dtype = "[('n','i1'),('a','S2'),('b',[('x','u1',(2,)),('y, z',[('t','i1')],(1,2))])]";
    array(
        dtype,
        &[2],
        b"\x01ab\x02\x03\x04\x05\xffc\0\x06\x07\x08\x09",
    )
}

#[test]
fn records_have_a_field_for_each_leaf() {
    let header = "n,a,b.x[0],b.x[1],\"b.y, z[0][0].t\",\"b.y, z[0][1].t\"\n";
    let rows = "1,ab,2,3,4,5\n-1,c,6,7,8,9\n";
    let records = records();
    assert_eq!(
        text(&WriteOptions::csv(), &records).unwrap(),
        format!("{header}{rows}")
    );
    assert_eq!(
        text(&WriteOptions::csv().no_names(), &records).unwrap(),
        rows
    );
    let read = ReadOptions::new().delimiter(',').quotechar(b'"');
    let back = read.read(rows.as_bytes(), records.dtype().clone()).unwrap();
    assert_eq!(back.as_bytes(), records.as_bytes());
    // A record is a row, whatever the axes; without rows there are still names.
    let dtype = records.dtype().clone();
    for shape in [&[1, 2][..], &[2, 1]] {
        let records = records.clone().reshape(shape.to_vec()).unwrap();
        assert_eq!(
            text(&WriteOptions::csv(), &records).unwrap(),
            format!("{header}{rows}")
        );
    }
    let one = array(&dtype.descr().to_string(), &[], &records.as_bytes()[..7]);
    assert_eq!(
        text(&WriteOptions::csv(), &one).unwrap(),
        format!("{header}1,ab,2,3,4,5\n")
    );
    let none = array(&dtype.descr().to_string(), &[0], &[]);
    assert_eq!(text(&WriteOptions::csv(), &none).unwrap(), header);
    // The names are written once.
    let mut writer = WriteOptions::csv().writer(Vec::new());
    writer.push(&one).unwrap();
    writer.push(&one).unwrap();
    let text = String::from_utf8(writer.finish().unwrap()).unwrap();
    assert_eq!(text, format!("{header}1,ab,2,3,4,5\n1,ab,2,3,4,5\n"));
}

#[test]
fn formats_are_for_numbers() {
    let dtype = "[('a','S4'),('b','<f8'),('c','<c16'),('d','<M8[D]')]";
    let mut bytes = b"x, y".to_vec();
    for value in [0.125f64, 1.0, -2.5] {
        bytes.extend(value.to_le_bytes());
    }
    bytes.extend(1i64.to_le_bytes());
    let record = array(dtype, &[1], &bytes);
    let options = WriteOptions::csv().no_names();
    for (format, expected) in [
        ("%.2f", "\"x, y\",0.12,1.00-2.50j,1970-01-02\n"),
        ("%6.1f", "\"x, y\",   0.1,   1.0-2.5j,1970-01-02\n"),
        ("%+.0e", "\"x, y\",+1e-01,+1e+00-2e+00j,1970-01-02\n"),
        ("%g,", "\"x, y\",\"0.125,\",\"1,-2.5,j\",1970-01-02\n"),
        ("%.0s", "\"x, y\",\"\",+j,1970-01-02\n"),
    ] {
        let text = text(&options.clone().format(format), &record).unwrap();
        assert_eq!(text, expected, "{format}");
    }
    let formats = ["%d", "%.1e", "%g", "%r"];
    let formatted = text(&options.clone().formats(formats), &record).unwrap();
    assert_eq!(formatted, "\"x, y\",1.2e-01,1-2.5j,1970-01-02\n");
    let error = options
        .clone()
        .format("%q")
        .check(&texts(&["a"], ByteOrder::NATIVE));
    assert_eq!(
        error.unwrap_err().to_string(),
        "invalid format '%q', at character 1: unknown conversion 'q'"
    );
    let pair = Array::from_slice(&[1.5, 2.0, 3.0, 4.0], [2, 2]).unwrap();
    let formatted = text(&options.clone().formats(["%.2f", "%d"]), &pair).unwrap();
    assert_eq!(formatted, "1.50,2\n3.00,4\n");
    for (options, array, expected) in [
        (
            options.clone().format("%d %d"),
            &pair,
            "invalid format '%d %d', at character 5: 2 conversions for a column",
        ),
        (
            options.clone().formats(["%d"]),
            &pair,
            "invalid format '%d', at character 0: 1 formats for 2 columns",
        ),
        (
            options.format("%x"),
            &pair,
            "%x is not for items of type '<f8'",
        ),
    ] {
        let error = options.check(array).unwrap_err();
        assert_eq!(error.to_string(), expected);
    }
}

#[test]
fn what_a_table_cannot_hold() {
    let csv = WriteOptions::csv;
    let bytes = |text: &[u8]| array("S3", &[text.len() / 3], text);
    let wide = bytes(b"abcab\xffabcabc").reshape([2, 2]).unwrap();
    let surrogate = array("<U2", &[1], &[b'a', 0, 0, 0, 0, 0xd8, 0, 0]);
    let named = array(
        "[('x','i1'),('y','[(\"z\",\"S2\")]')]"
            .replace("'[", "[")
            .replace("]')", "])")
            .as_str(),
        &[2],
        b"\0ab\0\xc3\0",
    );
    for (options, array, expected) in [
        (
            csv(),
            array("V4", &[0], b""),
            "items of type '|V4' have no text in .csv and .tsv: use .json",
        ),
        (
            csv(),
            array("[('x','V2')]", &[0], b""),
            "items of type '|V2' have no text in .csv and .tsv: use .json",
        ),
        (
            csv(),
            array("i1", &[1, 2, 1], b"\0\0"),
            "invalid shape: a table has two axes at most, the array 3: use .json, or --sep for a flat sequence",
        ),
        (
            csv(),
            wide,
            "row 0, field 1: byte 2 is not UTF-8, as text in .csv and .tsv is: use .json",
        ),
        (
            csv(),
            named,
            "row 1, field 1 ('y.z'): byte 0 is not UTF-8, as text in .csv and .tsv is: use .json",
        ),
        (
            csv(),
            surrogate,
            "row 0, field 0: character 1 is U+D800, which UTF-8 does not have: use .json",
        ),
        (
            csv(),
            array("<M8", &[1], &7i64.to_le_bytes()),
            "row 0, field 0: 7 is a date without a unit, which no text in .csv and .tsv says: use .json",
        ),
        (
            csv().quotechar(None),
            bytes(b"abca,b"),
            "row 1, field 0: it needs a quote: it is empty, or contains a delimiter, a line end, # or outer white \
             space; use --out-quote C (WriteOptions::quotechar)",
        ),
        (
            csv().quotechar(None),
            array("[('a','i1'),('b,c','i1')]", &[0], b""),
            "the header, field 1 ('b,c'): it needs a quote: it is empty, or contains a delimiter, a line end, # or \
             outer white space; use --out-quote C (WriteOptions::quotechar)",
        ),
        (
            csv(),
            array("[('a.b','i1'),('a',[('b','i1')])]", &[0], b""),
            "two columns would have the name \"a.b\": write the table without names",
        ),
        (
            csv().delimiter("\""),
            bytes(b"abc"),
            "'\"' is both the quote and the delimiter",
        ),
        (csv().delimiter(""), bytes(b"abc"), "the delimiter is empty"),
        (
            csv().delimiter("\n"),
            bytes(b"abc"),
            "the delimiter \"\\n\" contains a line end",
        ),
        (
            csv().quotechar(b'a'),
            bytes(b"abc"),
            "the quote 'a' is not ASCII punctuation",
        ),
        (
            csv().quotechar(0xe9),
            bytes(b"abc"),
            "the quote 'é' is not ASCII punctuation",
        ),
        (
            csv().decimal('"'),
            bytes(b"abc"),
            "'\"' is both the quote and the decimal point",
        ),
        (
            csv().decimal('0'),
            bytes(b"abc"),
            "the decimal point '0' is not ASCII punctuation",
        ),
        (
            csv().decimal('-'),
            bytes(b"abc"),
            "the decimal point '-' is a sign",
        ),
        (
            csv().decimal('·'),
            bytes(b"abc"),
            "the decimal point '·' is not ASCII punctuation",
        ),
        (
            WriteOptions::new().delimiter(",").decimal(','),
            bytes(b"abc"),
            "',' is both the decimal point and the delimiter",
        ),
    ] {
        let message = text(&options, &array).unwrap_err().to_string();
        assert_eq!(message, expected);
    }
    // What the dtype decides is found before anything is written.
    let mut target = Vec::new();
    csv()
        .write(&mut target, &array("V4", &[1], b"abcd"))
        .unwrap_err();
    assert_eq!(target, b"");
    assert!(csv().check(&array("[('x','V2')]", &[0], b"")).is_err());
}

#[test]
fn declared_sizes_take_no_memory() {
    let name = "n".repeat(100_000);
    for (dtype, shape, expected) in [
        ("S0".to_owned(), &[1, 1 << 30][..], "columns without bytes"),
        (
            "[('a','S0',(1073741824,))]".to_owned(),
            &[1],
            "more than 1048576 fields",
        ),
        (
            format!("[('{name}','u1',(1024,))]"),
            &[0],
            "the names of the columns take more than",
        ),
    ] {
        let array = array(&dtype, shape, b"");
        for options in [WriteOptions::csv(), WriteOptions::new().shortest()] {
            if let Err(error) = options.check(&array) {
                let message = error.to_string();
                assert!(
                    message.contains(expected) || message.contains("no text says"),
                    "{message}"
                );
            }
        }
        let message = WriteOptions::csv().check(&array).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
}

#[test]
fn errors_in_later_arrays_count_all_rows() {
    let mut writer = WriteOptions::csv().writer(Vec::new());
    writer.push(&array("S1", &[3], b"abc")).unwrap();
    let error = writer.push(&array("S1", &[2], b"a\xff")).unwrap_err();
    assert!(
        error.to_string().starts_with("row 4, field 0: byte 0 "),
        "{error}"
    );
}

#[test]
fn it_reads_back() {
    let read = |delimiter| {
        ReadOptions::new()
            .delimiter(delimiter)
            .quotechar(b'"')
            .comments([""; 0])
    };
    let fields = [
        "",
        " ",
        "a,b",
        "\"",
        "#5",
        "\u{feff}x",
        "é\u{a0}",
        "a\tb",
        ",",
        "\"\"",
        "NaN",
        "'",
    ];
    let array = texts(&fields, ByteOrder::NATIVE);
    for shape in [&[12][..], &[6, 2], &[1, 12]] {
        let array = array.clone().reshape(shape.to_vec()).unwrap();
        for (options, delimiter) in [(WriteOptions::csv(), ','), (WriteOptions::tsv(), '\t')] {
            let text = text(&options, &array).unwrap();
            let back = read(delimiter)
                .read(text.as_bytes(), array.dtype().clone())
                .unwrap();
            assert_eq!(back.as_bytes(), array.as_bytes(), "{text:?}");
        }
    }
}

#[test]
fn every_date_reads_back() {
    let counts = [i64::MIN, i64::MIN + 1, -12_345, -1, 0, 1, 12_345, i64::MAX];
    for unit in [
        "Y", "M", "W", "D", "h", "m", "s", "ms", "us", "ns", "ps", "fs", "as",
    ] {
        for dtype in [
            format!("<M8[{unit}]"),
            format!(">M8[7{unit}]"),
            format!("<m8[3{unit}]"),
        ] {
            let dtype: DType = dtype.parse().unwrap();
            let is_big = !dtype.descr().to_string().contains('<');
            let bytes = counts.iter().flat_map(|count| {
                if is_big {
                    count.to_be_bytes()
                } else {
                    count.to_le_bytes()
                }
            });
            let bytes: Vec<u8> = bytes.collect();
            let array = array(&dtype.to_string(), &[8], &bytes);
            let csv = text(&WriteOptions::csv(), &array).unwrap();
            let back = ReadOptions::new().delimiter(',').quotechar(b'"');
            let back = back.read(csv.as_bytes(), dtype).unwrap();
            assert_eq!(back.as_bytes(), array.as_bytes(), "{csv}");
        }
    }
}

/// The bytes of what is read from the table of these items.
fn read_back(dtype: &str, bytes: &[u8]) -> Vec<u8> {
    let dtype: DType = dtype.parse().unwrap();
    let layout = Layout::new(dtype.clone(), [bytes.len() / dtype.itemsize()], Order::C).unwrap();
    let array = Array::new(layout, bytes.to_vec().into()).unwrap();
    let csv = text(&WriteOptions::csv(), &array).unwrap();
    let read = ReadOptions::new()
        .delimiter(',')
        .read(csv.as_bytes(), dtype);
    read.unwrap().as_bytes().to_vec()
}

#[test]
fn every_float16_reads_back() {
    for (dtype, infinity) in [("f2", 0x7c00), ("bfloat16", 0x7f80)] {
        // A text does not tell one NaN from another.
        let bits = (0..=u16::MAX).filter(|bits| bits & 0x7fff <= infinity);
        let bytes: Vec<u8> = bits.flat_map(u16::to_ne_bytes).collect();
        assert_eq!(read_back(dtype, &bytes), bytes);
    }
}

#[test]
fn float32_read_back_although_they_are_rounded_twice() {
    let value = f32::from_bits(0x15ae_43fd);
    assert_ne!(value.to_string().parse::<f64>().unwrap() as f32, value);
    let mut bytes = Vec::new();
    for value in [value, -value, 0.1, f32::MAX] {
        bytes.extend(value.to_le_bytes());
    }
    assert_eq!(read_back("<f4", &bytes), bytes);
    assert_eq!(read_back("<c8", &bytes), bytes);
    let array = array("<f4", &[4], &bytes);
    assert_eq!(
        text(&WriteOptions::csv().decimal(',').delimiter(";"), &array).unwrap(),
        "7,038530691851209e-26\n-7,038530691851209e-26\n0,1\n3,4028235e+38\n"
    );
}

proptest! {
    #[test]
    fn any_float_reads_back(bits: [u32; 8]) {
        for dtype in ["<f4", ">c8", "<f8", ">c16"] {
            let size = if ["<f4", ">c8"].contains(&dtype) { 4 } else { 8 };
            let is_big = dtype.starts_with('>');
            let mut bytes: Vec<u8> = bits.iter().flat_map(|bits| bits.to_ne_bytes()).collect();
            // Below 2, so neither infinite nor NaN.
            for part in bytes.chunks_mut(size) {
                part[if is_big { 0 } else { size - 1 }] &= 0xbf;
            }
            prop_assert_eq!(read_back(dtype, &bytes), bytes);
        }
    }

    #[test]
    fn any_long_double_reads_back(mantissa: u64, exponent in 1..0x7fffu16, negative: bool) {
        let mut bytes = (mantissa | 1 << 63).to_le_bytes().to_vec();
        bytes.extend((exponent | u16::from(negative) << 15).to_le_bytes());
        bytes.extend([0; 6]);
        prop_assert_eq!(read_back("<f16", &bytes), bytes.clone());
        let pair = bytes.repeat(2);
        prop_assert_eq!(read_back("<c32", &pair), pair);
    }
}
