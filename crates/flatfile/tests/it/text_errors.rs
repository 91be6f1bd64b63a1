//! The errors for bad texts, and their positions.

use flatfile::dtype::{Casting, DType};
use flatfile::text::{self, Format, ReadOptions, Separator};
use flatfile::{Array, Error};

/// The error for a sequence.
fn message(dtype: &str, separator: &str, count: Option<u64>, text: &str) -> String {
    let dtype: DType = dtype.parse().unwrap();
    let mut options = ReadOptions::new();
    if let Some(count) = count {
        options = options.count(count);
    }
    let read = |options: &ReadOptions| {
        let separator = Separator::new(separator)?;
        options.read(text.as_bytes(), dtype.clone(), &separator)
    };
    let message = read(&options).unwrap_err().to_string();
    // In pieces as in one.
    let pieces = read(&options.clone().block_bytes(1)).unwrap_err();
    assert_eq!(pieces.to_string(), message);
    message
}

#[test]
fn bad_sequences() {
    for (dtype, separator, text, expected) in [
        (
            "i4",
            ",",
            "1,x",
            "line 1, column 3 (byte 2), item 1: expected an integer, found 'x'",
        ),
        (
            "i4",
            ",",
            "1,\n 2,y2",
            "line 2, column 4 (byte 6), item 2: expected an integer, found 'y2'",
        ),
        (
            "i4",
            ",",
            "1,,3",
            "line 1, column 3 (byte 2), item 1: expected an integer, found nothing",
        ),
        (
            "i4",
            ",",
            ",1",
            "line 1, column 1 (byte 0), item 0: expected an integer, found nothing",
        ),
        (
            "f8",
            ",",
            "1.5\n\n;2",
            "line 3, column 1 (byte 5), item 1: expected the separator ',', found ';2'",
        ),
        (
            "i4",
            ",",
            "1.5",
            "line 1, column 2 (byte 1), item 1: expected the separator ',', found '.5'",
        ),
        (
            "i4",
            ",",
            "0x10",
            "line 1, column 2 (byte 1), item 1: expected the separator ',', found 'x10'",
        ),
        (
            "f8",
            ",",
            "1 2",
            "line 1, column 3 (byte 2), item 1: expected the separator ',', found '2'",
        ),
        (
            "f8",
            ",",
            "1d5",
            "line 1, column 2 (byte 1), item 1: expected the separator ',', found 'd5'",
        ),
        (
            "f8",
            ",",
            "1,1e",
            "line 1, column 4 (byte 3), item 2: expected the separator ',', found 'e'",
        ),
        (
            "f8",
            " ",
            "1 -",
            "line 1, column 3 (byte 2), item 1: expected a number, found '-'",
        ),
        (
            "f8",
            ",",
            "\u{93}NUMPY",
            "line 1, column 1 (byte 0), item 0: expected a number, found '\\x93NUMPY'",
        ),
        (
            "u1",
            ",",
            "1,300",
            "line 1, column 3 (byte 2), item 1: '300' is out of the range of '|u1'",
        ),
        (
            "<u8",
            ",",
            "-1",
            "line 1, column 1 (byte 0), item 0: '-1' is out of the range of '<u8'",
        ),
        (
            "<i8",
            ",",
            "9223372036854775808",
            "line 1, column 1 (byte 0), item 0: '9223372036854775808' is out of the range of '<i8'",
        ),
        (
            "<f8",
            ",",
            "1,1e400",
            "line 1, column 3 (byte 2), item 1: '1e400' is out of the range of '<f8'",
        ),
        (
            "<f4",
            ",",
            "1e39",
            "line 1, column 1 (byte 0), item 0: '1e39' is out of the range of '<f4'",
        ),
        (
            "<f2",
            ",",
            "70000",
            "line 1, column 1 (byte 0), item 0: '70000' is out of the range of '<f2'",
        ),
        (
            "c16",
            ",",
            "1+2j,z",
            "line 1, column 6 (byte 5), item 1: expected a complex number, found 'z'",
        ),
        (
            "c16",
            ",",
            "(1+2j",
            "line 1, column 1 (byte 0), item 0: expected a complex number, whose bracket is not closed, found '(1+2j'",
        ),
        (
            "?",
            ",",
            "True,yes",
            "line 1, column 6 (byte 5), item 1: expected a number, True or False, found 'yes'",
        ),
        (
            "i4",
            ";;",
            "1;;2;",
            "line 1, column 6 (byte 5), item 2: the text ends within the separator ';;'",
        ),
        (
            "i4",
            "ab",
            "1a2",
            "line 1, column 3 (byte 2), item 1: expected the separator 'ab', found '2'",
        ),
        (
            "i4",
            ",",
            "1,2\r\n,x",
            "line 2, column 2 (byte 6), item 2: expected an integer, found 'x'",
        ),
        (
            "M8[s]",
            ",",
            "2020-01-01",
            "line 1, column 5 (byte 4), item 1: expected the separator ',', found '-01-01'",
        ),
        ("S3", ",", "a", "no text says items of type '|S3'"),
        (
            "[('a','<i4')]",
            ",",
            "1",
            "no text says items of type [('a', '<i4')]",
        ),
        (
            "i4",
            "",
            "1",
            "the separator is empty: items without one are raw, not text",
        ),
    ] {
        assert_eq!(message(dtype, separator, None, text), expected, "{text:?}");
    }
    let message = message("i4", ",", Some(3), "1,\n2");
    assert_eq!(
        message,
        "line 2, column 2 (byte 4), item 2: the text ends too early: expected 3, found 2"
    );
}

#[test]
fn an_error_far_behind_says_its_place() {
    let mut text = "1,2,3\n,".repeat(200_000);
    text.push_str("4,?");
    let read = |options: ReadOptions| {
        let comma = Separator::new(",").unwrap();
        options
            .read(text.as_bytes(), DType::U8, &comma)
            .unwrap_err()
            .to_string()
    };
    let expected =
        "line 200001, column 4 (byte 1400002), item 600001: expected an integer, found '?'";
    assert_eq!(read(ReadOptions::new()), expected);
    assert_eq!(read(ReadOptions::new().block_bytes(1000)), expected);
    // Text after the requested items is not checked.
    let comma = Separator::new(",").unwrap();
    let some = ReadOptions::new().count(600_001).block_bytes(1000);
    assert_eq!(
        some.read(text.as_bytes(), DType::U8, &comma)
            .unwrap()
            .shape(),
        [600_001]
    );
}

#[test]
fn bad_formats() {
    for (format, expected) in [
        ("", "at character 0: it has no conversion"),
        ("100%%", "at character 5: it has no conversion"),
        ("%d %d", "at character 5: it has more than one conversion"),
        ("%", "at character 1: it ends within a conversion"),
        ("%5.", "at character 3: it ends within a conversion"),
        ("%q", "at character 1: unknown conversion 'q'"),
        ("%5%", "at character 2: unknown conversion '%'"),
        ("%hhd", "at character 2: unknown conversion 'h'"),
        ("%*d", "at character 1: widths are not among the items"),
        ("%.*f", "at character 2: widths are not among the items"),
        ("%(x)d", "at character 1: items have no names"),
        ("%9999999d", "at character 7: the number is too large"),
    ] {
        let message = format.parse::<Format>().unwrap_err().to_string();
        assert_eq!(message, format!("invalid format '{format}', {expected}"));
    }
}

#[test]
fn items_that_a_format_is_not_for() {
    let write = |dtype: &str, format: &str| -> Error {
        let dtype: DType = dtype.parse().unwrap();
        let array = Array::from_slice(&[1.0, f64::NAN], [2]).unwrap();
        let array = array.astype(dtype, Casting::Unsafe).unwrap();
        let options = text::WriteOptions::new().format(format.parse().unwrap());
        let mut written = Vec::new();
        let error = options.write(&mut written, &array, ",").unwrap_err();
        let is_first = matches!(error.kind(), flatfile::ErrorKind::Unformattable { .. });
        assert!(!is_first || written.is_empty());
        error
    };
    for (dtype, format, expected) in [
        ("<f8", "%x", "%x is not for items of type '<f8'"),
        ("<f8", "%c", "%c is not for items of type '<f8'"),
        ("<c16", "%d", "%d is not for items of type '<c16'"),
        ("<U5", "%f", "%f is not for items of type '<U5'"),
        ("S5", "%c", "%c is not for items of type '|S5'"),
        ("<M8[s]", "%d", "%d is not for items of type '<M8[s]'"),
        ("f8", "%d", "item 1 cannot be written with %d: 'nan'"),
        ("U5", "%c", "item 0 cannot be written with %c: '1.0'"),
    ] {
        assert_eq!(write(dtype, format).to_string(), expected);
    }
}
