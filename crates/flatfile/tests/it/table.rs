//! Tables as people have them. The values are NumPy's, where it reads such tables.

use flatfile::Array;
use flatfile::dtype::{ByteOrder, DType};
use flatfile::text::table::ReadOptions;
use flatfile::text::{self, Separator};

/// The dtype as a little-endian machine has it.
fn dtype(array: &Array) -> String {
    let dtype = array.dtype().with_byte_order(ByteOrder::Little);
    dtype.to_string()
}

pub(crate) fn read(options: &ReadOptions, descr: &str, text: &str) -> String {
    let descr: DType = descr.parse().unwrap();
    let whole = options.read(text.as_bytes(), descr.clone());
    let chunks = options.clone().block_bytes(1).read(text.as_bytes(), descr);
    let shown = |array: Result<Array, flatfile::Error>| match array {
        Ok(array) => format!("{} {:?} {array}", dtype(&array), array.shape()),
        Err(error) => error.to_string(),
    };
    let whole = shown(whole);
    assert_eq!(whole, shown(chunks), "{text:?}");
    whole
}

#[test]
fn line_ends_and_white_space_are_those_of_python() {
    let space = ReadOptions::new();
    let comma = ReadOptions::new().delimiter(',');
    for (options, text, expected) in [
        (&space, "1 2\r3 4\r", "[2, 2] [[1. 2.]\n [3. 4.]]"),
        (&space, "1 2\r\n\r\n3 4", "[2, 2] [[1. 2.]\n [3. 4.]]"),
        (&comma, "1,2\r3,4", "[2, 2] [[1. 2.]\n [3. 4.]]"),
        (&comma, "1,2 # a\r# b\r3,4", "[2, 2] [[1. 2.]\n [3. 4.]]"),
        (&space, "1\u{a0}2", "[1, 2] [[1. 2.]]"),
        (
            &space,
            "\u{2003}1\u{2003}2\u{3000}3\u{85}4\u{2028}5\x1c6\x1d7\x1e8\x1f9\u{1680}",
            "[1, 9] [[1. 2. 3. 4. 5. 6. 7. 8. 9.]]",
        ),
        (&comma, "\u{a0}1\u{a0},2", "[1, 2] [[1. 2.]]"),
        (
            &comma,
            "\u{202f}1,\u{205f}2\u{3000}\r\n",
            "[1, 2] [[1. 2.]]",
        ),
    ] {
        assert_eq!(read(options, "f8", text), format!("<f8 {expected}"));
    }
    let tab = ReadOptions::new().delimiter('\t').comments([""; 0]);
    assert_eq!(
        read(&tab, "U2", "\ta\n#\t \n"),
        "<U2 [2, 2] [['' 'a']\n ['#' ' ']]"
    );
}

#[test]
fn complex_numbers_have_the_spellings_of_savetxt() {
    let comma = ReadOptions::new().delimiter(',');
    for (text, expected) in [
        ("(6+-7j)", "6.-7.j"),
        ("7+-5.0j", "7.-5.j"),
        ("(1.0e+00+-2.0e+00j)", "1.-2.j"),
        ("6++7j", "6.+7.j"),
        ("( 4+5j ),8j", "4.+5.j 0.+8.j"),
        ("(4)", "4.+0.j"),
        ("(4j) , 4j", "0.+4.j 0.+4.j"),
        ("inf+nanj", "inf+nanj"),
    ] {
        let found = read(&comma, "c16", text);
        assert!(
            found.ends_with(&format!("[[{expected}]]"))
                || found.ends_with(&format!("[{expected}]")),
            "{text}: {found}"
        );
    }
    for text in [
        "(4 + 5j)", "(4+5j", "j", "4+j", "1-j", "(4+5j )x", "4--5j", "1+ 2j", "()", "1+2J", "+-1",
        "1+2i",
    ] {
        let found = read(&comma, "c16", text);
        assert!(
            found.contains("expected a complex number"),
            "{text}: {found}"
        );
    }
}

#[test]
fn items_of_bytes_are_latin_1_or_utf_8() {
    let numpy = ReadOptions::new();
    assert_eq!(read(&numpy, "S4", "é ÿ"), r"|S4 [1, 2] [[b'\xe9' b'\xff']]");
    assert!(read(&numpy.numpy_compatible(), "S5", "–").contains("expected characters of Latin-1"));
    assert_eq!(
        read(&ReadOptions::csv(), "S4", "é,–"),
        r"|S4 [1, 2] [[b'\xc3\xa9' b'\xe2\x80\x93']]"
    );
}

#[test]
fn bools_and_integers_are_whole_numbers() {
    let comma = ReadOptions::new().delimiter(',').numpy_compatible();
    assert_eq!(
        read(&comma, "?", "2,-1,-0, 1 ,True,FALSE,true"),
        "|b1 [1, 7] [[ True  True False  True  True False  True]]"
    );
    for text in ["1.5", "1e0", "0x1", "", "Truely"] {
        let found = read(&comma, "?", &format!("{text},1"));
        assert!(
            found.contains("expected True, False or an integer"),
            "{found}"
        );
    }
    assert!(read(&comma, "?", "99999999999999999999").contains("out of the range of '|b1'"));
    for text in ["-0", "-00", "-1", "256"] {
        let found = read(&comma, "u1", &format!("{text},1"));
        assert!(
            found.contains(&format!("'{text}' is out of the range of '|u1'")),
            "{found}"
        );
    }
    assert_eq!(read(&comma, "u1", "+5, 6 "), "|u1 [1, 2] [[5 6]]");
}

#[test]
fn no_rows_have_no_fields() {
    let none = ReadOptions::new().max_rows(0);
    assert_eq!(read(&none, "f8", "1 2\n3 4\n"), "<f8 [0] []");
    assert_eq!(
        read(&none, "i4,f4", "1 2\n3 4\n"),
        "[('f0', '<i4'), ('f1', '<f4')] [0] []"
    );
    assert_eq!(read(&ReadOptions::new(), "U", ""), "<U1 [0] []");
}

#[test]
fn the_longest_text_decides() {
    let space = ReadOptions::new();
    assert_eq!(
        read(&space, "U", "a bcd\nefghij k\n"),
        "<U6 [2, 2] [['a' 'bcd']\n ['efghij' 'k']]"
    );
    assert_eq!(read(&space, "S", "a é\n"), r"|S1 [1, 2] [[b'a' b'\xe9']]");
    assert_eq!(
        read(&ReadOptions::csv(), "S", "a,é\n"),
        r"|S2 [1, 2] [[b'a' b'\xc3\xa9']]"
    );
    // NumPy gives records texts of no length.
    assert_eq!(
        read(
            &space,
            "[('a','U'),('n','<i4'),('b','S',(2,))]",
            "a 1 b cc\nefg 22 ddd e"
        ),
        "[('a', '<U3'), ('n', '<i4'), ('b', '|S3', (2,))] [2] [('a',  1, [b'b', b'cc']) ('efg', 22, [b'ddd', b'e'])]"
    );
    assert_eq!(
        read(&space.names(), "[('b','U'),('a','U')]", "a b\nxx y"),
        "[('b', '<U1'), ('a', '<U2')] [1] [('y', 'xx')]"
    );
}

#[test]
fn quoted_fields_hold_anything() {
    let quotes = ReadOptions::new().delimiter(',').quotechar(b'"');
    for (text, expected) in [
        ("\"a\nb\",2\n\"c\"\"d\",3", r#"['a\nb' '2'] ['c"d' '3']"#),
        ("\"a\r\nb\",\"\n\n\"\r\n", r"['a\r\nb' '\n\n']"),
        ("\"a # b\",\"#\" # c\n", "['a # b' '# ']"),
        ("# \"\n\"a\",b # \"x\n", "['a' 'b ']"),
        ("a\"b\",\"a\"b\"c\"\n", r#"['a"b"' 'ab"c"']"#),
        ("\"\",\"\"\n", "['' '']"),
        ("\"\"\"\",\"\n\"\"\n\"", r#"['"' '\n"\n']"#),
    ] {
        let found = read(&quotes, "U", text);
        let found = found.split_once(" [[").unwrap().1.replace("\n ", " ");
        assert_eq!(found, format!("{}]", &expected[1..]), "{text:?}");
    }
    let space = ReadOptions::new().quotechar(b'\'');
    assert_eq!(
        read(&space, "U", " 'a b'\t'c\nd' e'f\n"),
        r#"<U3 [1, 3] [['a b' 'c\nd' "e'f"]]"#
    );
    assert!(read(&quotes, "U", "\"a\n").ends_with("the quoted field is not closed"));
    assert_eq!(
        read(&quotes.numpy_compatible(), "U", "b\n\"a\n"),
        r"<U2 [2] ['b' 'a\n']"
    );
}

#[test]
fn fields_are_counted_from_both_ends() {
    let ragged = "1 2 3\n4 5\n6 7 8 9";
    let columns = |columns: &[i32]| ReadOptions::new().usecols(columns.to_vec());
    assert_eq!(read(&columns(&[-1]), "f8", ragged), "<f8 [3] [3. 5. 9.]");
    assert_eq!(
        read(&columns(&[0, -1, 0]), "f8", ragged),
        "<f8 [3, 3] [[1. 3. 1.]\n [4. 5. 4.]\n [6. 9. 6.]]"
    );
    assert_eq!(
        read(&columns(&[1, 0]), "i4", ragged),
        "<i4 [3, 2] [[2 1]\n [5 4]\n [7 6]]"
    );
    assert!(
        read(&columns(&[-3]), "f8", ragged).contains("row 1, field 1: no field -3: the row has 2")
    );
    // What is not read may be anything.
    assert_eq!(
        read(&columns(&[1]), "f8", "x 2 y\n\"a 3\n"),
        "<f8 [2] [2. 3.]"
    );
    let names = ReadOptions::csv().names().usecols(["b", "a"]);
    assert_eq!(
        read(&names, "i4", "a,x,b\n1,x,2\n"),
        "[('b', '<i4'), ('a', '<i4')] [1] [(2, 1)]"
    );
}

#[test]
fn a_number_ends_at_any_delimiter_and_comment() {
    let by = |delimiter| ReadOptions::new().delimiter(delimiter);
    assert_eq!(
        read(&by('.'), "f8", "10.0.0.1\n"),
        "<f8 [1, 4] [[10.  0.  0.  1.]]"
    );
    assert_eq!(read(&by('e'), "f8", "1e5\n"), "<f8 [1, 2] [[1. 5.]]");
    assert_eq!(
        read(&by('-'), "c16", "1-2j\n"),
        "<c16 [1, 2] [[1.+0.j 0.+2.j]]"
    );
    let comments = ReadOptions::new().comments(["1"]);
    assert_eq!(
        read(&comments, "f8", "2 321 5\n3 4\n"),
        "<f8 [2, 2] [[ 2. 32.]\n [ 3.  4.]]"
    );
}

#[test]
fn a_number_can_mean_that_it_is_missing() {
    let missing = ReadOptions::csv().missing_values(["-99", "nan", "0x"]);
    let text = "1,-99\n\"-99\", -99\n-99.0,2\n";
    assert_eq!(
        read(&missing, "f8", text),
        "<f8 [3, 2] [[  1.  nan]\n [ nan  nan]\n [-99.   2.]]"
    );
    let filled = missing.filling_values("7");
    assert_eq!(
        read(&filled, "i4", "1,-99\n-9,-998\n"),
        "<i4 [2, 2] [[   1    7]\n [  -9 -998]]"
    );
    let own = ReadOptions::csv().missing_values_of(1, ["0"]);
    assert_eq!(read(&own, "f8", "0,0\n"), "<f8 [1, 2] [[ 0. nan]]");
    let inferred = ReadOptions::csv()
        .missing_values(["-99"])
        .read_inferred(&b"1\n-99\n"[..]);
    assert_eq!(inferred.unwrap().to_string(), "[ 1. nan]");
}

#[test]
fn what_is_missing_is_filled() {
    let csv = ReadOptions::csv();
    let missing = csv.clone().missing_values(["NA", "-"]);
    assert_eq!(
        read(&missing, "f8", "1,,NA\n -,\"\",6\n"),
        "<f8 [2, 3] [[ 1. nan nan]\n [nan nan  6.]]"
    );
    assert_eq!(
        read(
            &missing,
            "[('c','c16'),('d','M8[D]'),('t','m8[s]'),('s','U2')]",
            ",,,\nNA,-,NA,NA\n"
        ),
        "[('c', '<c16'), ('d', '<M8[D]'), ('t', '<m8[s]'), ('s', '<U2')] [2] \
         [(nan+0.j, 'NaT', 'NaT', '') (nan+0.j, 'NaT', 'NaT', 'NA')]"
    );
    let filled = csv
        .clone()
        .names()
        .missing_values(["NA"])
        .missing_values_of("b", ["x"]);
    let filled = filled.filling_values("-5").filling_value_of(-1, "0.5");
    assert_eq!(
        read(
            &filled,
            "[('a','i4'),('b','i4'),('c','f4')]",
            "a,b,c\n,x,\nNA,2,NA\n"
        ),
        "[('a', '<i4'), ('b', '<i4'), ('c', '<f4')] [2] [(-5, -5, 0.5) (-5,  2, 0.5)]"
    );
    assert!(
        read(&filled, "[('a','i4')]", "a,b,c\nx,1,2\n").contains("expected an integer, found 'x'")
    );
    assert_eq!(
        read(&csv.clone().loose(), "i4", "1,,x\n"),
        "<i4 [1, 3] [[ 1 -1 -1]]"
    );
    assert_eq!(
        read(&csv.clone().loose(), "f8", "1,,x\n"),
        "<f8 [1, 3] [[ 1. nan nan]]"
    );
    // A trailing comma is a field.
    assert_eq!(read(&missing, "f8", "1,2,\n"), "<f8 [1, 3] [[ 1.  2. nan]]");
    assert!(
        read(&csv, "f8", "1,2,\n").contains("expected a number, found nothing: missing numbers")
    );
}

#[test]
fn footers_are_left_out() {
    let table = "1 2\n3 4\n\nsum 4 6\n# end\n\n";
    assert_eq!(
        read(&ReadOptions::new().skip_footer(1), "i4", table),
        "<i4 [2, 2] [[1 2]\n [3 4]]"
    );
    assert_eq!(
        read(&ReadOptions::new().skip_footer(2), "i4", table),
        "<i4 [1, 2] [[1 2]]"
    );
    let quoted = ReadOptions::csv().skip_footer(1);
    assert_eq!(
        read(&quoted, "U3", "a,\"\n\"\n\"b\n\",c\n\"c\n\n\"\n"),
        r"<U3 [2, 2] [['a' '\n']\n ['b\n' 'c']]".replace(r"]\n [", "]\n [")
    );
    for footer in [3, 4] {
        let none = ReadOptions::new().skip_footer(footer);
        assert!(read(&none, "i4", table).starts_with("<i4 [0"), "{footer}");
    }
}

#[test]
fn numbers_of_other_places() {
    let german = ReadOptions::new().delimiter(';').decimal(b',');
    assert_eq!(
        read(&german, "f8", "1,5;-2e3;,25\n"),
        "<f8 [1, 3] [[ 1.5e+00 -2.0e+03  2.5e-01]]"
    );
    assert_eq!(
        read(&german, "c16", "1,5+2,5j;3\n"),
        "<c16 [1, 2] [[1.5+2.5j 3. +0.j ]]"
    );
    assert!(read(&german, "f8", "1.5;2\n").contains("expected a number, found '1.5'"));
    assert!(read(&german, "f8", "1.000,5;2\n").contains("expected a number, found '1.000,5'"));
    let fortran = ReadOptions::new().fortran_exponents();
    assert_eq!(
        read(&fortran, "f8", "1.0D+02 1d1 2.5Q-1 1.5-2 1-1 -1.5+3 1e2"),
        "<f8 [1, 7] [[ 1.0e+02  1.0e+01  2.5e-01  1.5e-02  1.0e-01 -1.5e+03  1.0e+02]]"
    );
    for text in ["1.0D+05", "1-105", "2020-01"] {
        let found = read(&ReadOptions::new(), "f8", text);
        assert!(
            found.contains(&format!("expected a number, found '{text}'")),
            "{found}"
        );
    }
}

/// Never 1, as in NumPy, for which a comment begins there.
#[test]
fn what_is_not_finite_in_old_files() {
    let space = ReadOptions::new();
    assert_eq!(
        read(
            &space,
            "f8",
            "1.#INF -1.#INF00 1.#QNAN -1.#IND 1.#SNAN 1#INF # INF\n1 2 3 4 5 6#x"
        ),
        "<f8 [2, 6] [[ inf -inf  nan  nan  nan  inf]\n [  1.   2.   3.   4.   5.   6.]]"
    );
    assert_eq!(read(&space, "f8", "1 #INF\n2\n#IND\n"), "<f8 [2] [1. 2.]");
    assert_eq!(
        read(&ReadOptions::csv(), "f8", "1.#INF,2\n"),
        "<f8 [1, 2] [[inf  2.]]"
    );
}

#[test]
fn names_are_unique() {
    let csv = ReadOptions::csv().names();
    assert_eq!(
        read(&csv, "i4", ",a, a ,a_1,\" b,c \",\n1,2,3,4,5,6\n"),
        "[('f0', '<i4'), ('a', '<i4'), ('a_2', '<i4'), ('a_1', '<i4'), (' b,c ', '<i4'), ('f5', '<i4')] [1] \
         [(1, 2, 3, 4, 5, 6)]"
    );
    assert_eq!(
        read(&ReadOptions::tsv().names(), "i4", "\tx\n1\t2\n"),
        "[('f0', '<i4'), ('x', '<i4')] [1] [(1, 2)]"
    );
    let given = ReadOptions::csv().given_names(["x", "y"]);
    assert_eq!(
        read(&given, "i4", "1,2\n"),
        "[('x', '<i4'), ('y', '<i4')] [1] [(1, 2)]"
    );
    assert!(read(&given, "i4", "1,2,3\n").contains("expected 2, found 3"));
    assert_eq!(
        read(
            &csv,
            "[('p',[('x','f4'),('y','f4')]),('m','i4',(2,2))]",
            "m[0][0],m[0][1],m[1][0],m[1][1],p.y,p.x\n1,2,3,4,5,6\n"
        ),
        "[('p', [('x', '<f4'), ('y', '<f4')]), ('m', '<i4', (2, 2))] [1] [((6., 5.), [[1, 2], [3, 4]])]"
    );
}

#[test]
fn columns_have_the_types_of_their_fields() {
    let csv = ReadOptions::csv();
    let infer = |options: &ReadOptions, text: &str| match options.read_inferred(text.as_bytes()) {
        Ok(array) => format!("{} {:?} {array}", dtype(&array), array.shape()),
        Err(error) => error.to_string(),
    };
    let missing = csv.clone().missing_values(["NA"]);
    for (options, text, expected) in [
        (&csv, "1,2\n3,-4\n", "<i8 [2, 2] [[ 1  2]\n [ 3 -4]]"),
        (
            &csv,
            "1.5,2\n",
            "[('f0', '<f8'), ('f1', '<i8')] [1] [(1.5, 2)]",
        ),
        (&csv, "1.5,2e3\n", "<f8 [1, 2] [[1.5e+00 2.0e+03]]"),
        (&csv, "true,False\n", "|b1 [1, 2] [[ True False]]"),
        (&csv, "True\n1\n", "<U4 [2] ['True' '1']"),
        (
            &csv,
            "18446744073709551615\n1\n",
            "<u8 [2] [18446744073709551615                    1]",
        ),
        (
            &csv,
            "18446744073709551615\n-1\n",
            "<f8 [2] [ 1.84467441e+19 -1.00000000e+00]",
        ),
        (&csv, "1+2j\n3\n", "<c16 [2] [1.+2.j 3.+0.j]"),
        (
            &csv,
            "2020-01-02\nNaT\n",
            "<M8[D] [2] ['2020-01-02'        'NaT']",
        ),
        (
            &csv,
            "2020-01-02\n2020-01-02T03:04:05.25\n",
            "<M8[ms] [2] ['2020-01-02T00:00:00.000' '2020-01-02T03:04:05.250']",
        ),
        (
            &csv,
            "2020-01\n2020-02-30\n",
            "<U10 [2] ['2020-01' '2020-02-30']",
        ),
        (&csv, "a,é\nbcd,\n", "<U3 [2, 2] [['a' 'é']\n ['bcd' '']]"),
        (&csv, "", "<f8 [0] []"),
        (&csv, ",\n,\n", "<U1 [2, 2] [['' '']\n ['' '']]"),
        (&csv, "1,\n", "[('f0', '<i8'), ('f1', '<U1')] [1] [(1, '')]"),
        (
            &csv,
            "1\n\"\"\n",
            "line 2, column 1 (byte 2), row 1, field 0: expected an integer, found nothing: \
          missing numbers are read with missing_values or filling_values (--missing, --fill)",
        ),
        (&missing, "1\nNA\n", "<f8 [2] [ 1. nan]"),
        (&missing, "true\nNA\n", "<U4 [2] ['true' 'NA']"),
        (&missing, "x\nNA\n", "<U2 [2] ['x' 'NA']"),
        (
            &missing.clone().filling_values("-1"),
            "1\nNA\n",
            "<i8 [2] [ 1 -1]",
        ),
        (
            &missing.clone().filling_values("0.5"),
            "1\nNA\n",
            "<f8 [2] [1.  0.5]",
        ),
        (&csv.clone().loose(), "1\n\n\"\"\n", "<i8 [2] [ 1 -1]"),
        (
            &csv.clone().names(),
            "x,y\n1,a\n",
            "[('x', '<i8'), ('y', '<U1')] [1] [(1, 'a')]",
        ),
        (
            &csv.clone().names().usecols(["y"]),
            "x,y\n1,2\n",
            "[('y', '<i8')] [1] [(2,)]",
        ),
        (
            &csv.clone().usecols([-1]),
            "1,2\n3,4,x\n",
            "<U1 [2] ['2' 'x']",
        ),
        (&csv.clone().max_rows(1), "1\nx\n", "<i8 [1] [1]"),
        (&csv.clone().skip_footer(1), "1\nx\n", "<i8 [1] [1]"),
        (
            &csv.clone().decimal(b',').delimiter(';'),
            "1,5;2\n",
            "[('f0', '<f8'), ('f1', '<i8')] [1] [(1.5, 2)]",
        ),
        (
            &csv.clone().converter(0, |text| text.replace('%', "")),
            "5%,x\n",
            "[('f0', '<i8'), ('f1', '<U1')] [1] [(5, 'x')]",
        ),
        (
            &csv,
            "1,2\n3\n",
            "line 2, column 1 (byte 4), row 1, field 0: the row has another number of fields: expected 2, found 1",
        ),
    ] {
        assert_eq!(infer(options, text), expected, "{text:?}");
    }
}

/// Several threads look for the types.
#[test]
fn the_last_row_of_a_long_table_counts() {
    let long = "x".repeat(1000);
    let mut text = format!("1,ab,\"{long}\ny\"\n").repeat(3000);
    text.push_str("1.5,abcd,\"\"\n");
    let array = ReadOptions::csv().read_inferred(text.as_bytes()).unwrap();
    let found = dtype(&array);
    assert_eq!(found, "[('f0', '<f8'), ('f1', '<U4'), ('f2', '<U1002')]");
    assert_eq!(array.shape(), [3001]);
    let mut text = format!("1 2 {long}\n").repeat(3000);
    text.push_str("-5 x y");
    let array = ReadOptions::new().read_inferred(text.as_bytes()).unwrap();
    let found = dtype(&array);
    assert_eq!(found, "[('f0', '<i8'), ('f1', '<U1'), ('f2', '<U1000')]");
    assert_eq!(array.shape(), [3001]);
}

#[test]
fn the_rest_of_a_text_can_be_read_on() {
    let text = b"# a\n1 2\n3 4\r\n5 6\n";
    let mut blocks = ReadOptions::new()
        .max_rows(2)
        .blocks(&text[..], DType::F64)
        .unwrap();
    let rows: usize = blocks.by_ref().map(|block| block.unwrap().shape()[0]).sum();
    assert_eq!(rows, 2);
    let position = blocks.position();
    assert_eq!((position.byte, position.line), (13, 4));
    let rest = ReadOptions::new().read(&text[13..], DType::F64).unwrap();
    assert_eq!(rest.to_vec::<f64>().unwrap(), [5.0, 6.0]);
}

/// What a few bytes claim is not allocated.
#[test]
fn one_long_text_does_not_make_all_others_long() {
    let text = format!("{}\n{}", "x".repeat(1 << 20), "y\n".repeat(1 << 17));
    let expected = "the longest text makes all others of its column as long: the array would take 549760008192 bytes";
    let csv = ReadOptions::csv();
    let errors = [
        csv.read(text.as_bytes(), "U".parse().unwrap()),
        csv.read_inferred(text.as_bytes()),
    ];
    for error in errors {
        let error = error.unwrap_err().to_string();
        assert!(error.contains(expected), "{error}");
    }
    let stated = csv.read(&text.as_bytes()[1 << 20..], "U3".parse().unwrap());
    assert_eq!(stated.unwrap().shape(), [1 << 17]);
    // Names that are all the same take no longer than others.
    let header = "a,".repeat(50_000) + "a\n";
    let none = csv.names().read(header.as_bytes(), DType::F64).unwrap();
    assert_eq!(
        (none.shape(), none.dtype().itemsize()),
        (&[0][..], 8 * 50_001)
    );
}

/// Subarrays without bytes may have any shape.
#[test]
fn shapes_without_items_are_no_work() {
    let none = "[('n','<i4'),('e','<f8',(2147483647,2147483647,2147483647,2147483647,0))]";
    let array = ReadOptions::csv().read(&b"1\n2\n"[..], none.parse().unwrap());
    assert_eq!(array.unwrap().shape(), [2]);
    let many = "[('s','S',(2147483647,2147483647))]";
    for text in ["", "a\n"] {
        let found = read(&ReadOptions::csv(), many, text);
        assert!(found.contains("no text says items of type"), "{found}");
    }
}

#[test]
fn the_rest_of_a_text_after_some_blocks() {
    let text = "1 2\n".repeat(40_000);
    let blocks = ReadOptions::new()
        .block_bytes(4)
        .blocks(text.as_bytes(), DType::U8);
    let mut blocks = blocks.unwrap();
    let first = blocks.next().unwrap().unwrap().shape()[0];
    assert!(first < 40_000);
    assert_eq!(blocks.empty().unwrap().shape(), [0, 2]);
    assert_eq!(blocks.read().unwrap().shape(), [40_000 - first, 2]);

    let space = Separator::new(" ").unwrap();
    let options = text::ReadOptions::new().block_bytes(4);
    let read = |text: &'static str, count| {
        let options = options.clone().count(count);
        options.blocks(text.as_bytes(), DType::U8, &space).unwrap()
    };
    let blocks = read("1 2 3", 3);
    assert_eq!(*blocks.dtype(), DType::U8);
    assert_eq!(blocks.empty().unwrap().shape(), [0]);
    assert_eq!(blocks.read().unwrap().as_bytes(), [1, 2, 3]);
    assert!(read("1 2 3", 4).read().is_err());
}
