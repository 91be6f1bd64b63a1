//! The errors for bad tables, and their positions.

use flatfile::dtype::DType;
use flatfile::text::table;

#[test]
fn bad_tables() {
    let comma = || table::ReadOptions::new().delimiter(',').quotechar(b'"');
    let space = table::ReadOptions::new;
    for (options, dtype, text, expected) in [
        (
            space(),
            "f8",
            "1 2\n3 4 5\n",
            "line 2, column 1 (byte 4), row 1, field 1: the row has another number of fields: expected 2, found 3",
        ),
        (
            space(),
            "f8",
            "# a\n\n1 2\n3\n",
            "line 4, column 1 (byte 9), row 1, field 0: the row has another number of fields: expected 2, found 1",
        ),
        (
            comma(),
            "f8",
            "1,2\n3,x\n",
            "line 2, column 3 (byte 6), row 1, field 1: expected a number, found 'x'",
        ),
        (
            comma(),
            "f8",
            "1,2\n3,\n",
            "line 2, column 3 (byte 6), row 1, field 1: expected a number, found nothing: \
             missing numbers are read with missing_values or filling_values (--missing, --fill)",
        ),
        (
            comma(),
            "f8",
            "1;2\n",
            "line 1, column 1 (byte 0), row 0, field 0: expected a number, found '1;2'",
        ),
        (
            comma(),
            "i4",
            "1,2.5\n",
            "line 1, column 3 (byte 2), row 0, field 1: expected an integer, found '2.5'",
        ),
        (
            comma(),
            "u1",
            "1,256\n",
            "line 1, column 3 (byte 2), row 0, field 1: '256' is out of the range of '|u1'",
        ),
        (
            comma(),
            "S2",
            "ab,cde\n",
            "line 1, column 4 (byte 3), row 0, field 1: 'cde' is too long for '|S2'",
        ),
        (
            comma(),
            "U2",
            "ab,\"c\n",
            "line 1, column 1 (byte 0), item 0: the quoted field is not closed",
        ),
        (
            comma(),
            "U2",
            "ab\n\"c\n",
            "line 2, column 1 (byte 3), row 1, field 0: the quoted field is not closed",
        ),
        (
            comma(),
            "M8[D]",
            "2020-02-30\n",
            "line 1, column 1 (byte 0), row 0, field 0: expected a date in ISO 8601, found '2020-02-30'",
        ),
        (
            comma(),
            "m8[s]",
            "x\n",
            "line 1, column 1 (byte 0), row 0, field 0: expected an integer or NaT, found 'x'",
        ),
        (
            space().usecols([2]),
            "f8",
            "1 2\n",
            "line 1, column 1 (byte 0), row 0, field 0: no field 2: the row has 2",
        ),
        (
            space().usecols([0, 2]),
            "f8",
            "1 2 3\n4 5\n",
            "line 2, column 1 (byte 6), row 1, field 1: no field 2: the row has 2",
        ),
        (
            comma(),
            "[('a','<i4'),('b','<f8')]",
            "1,2,3\n",
            "line 1, column 1 (byte 0), row 0, field 0: the row has another number of fields: expected 2, found 3",
        ),
        (
            comma().names(),
            "[('c','<i4')]",
            "a,b\n1,2\n",
            "line 2, column 1 (byte 4), row 0, field 0: the header has no name 'c'",
        ),
        (
            comma().missing_values([""]),
            "i4",
            "1,\n",
            "line 1, column 3 (byte 2), row 0, field 1: the field is missing, and '<i4' has no value for that: \
             state one with filling_values (--fill)",
        ),
        (
            comma().filling_values("x"),
            "f8",
            "1,\n",
            "line 1, column 3 (byte 2), row 0, field 1: the field is missing, and the value given for that, 'x', \
             is not of '<f8'",
        ),
        (
            space().usecols([-3]),
            "f8",
            "1 2 3\r4 5\r",
            "line 2, column 1 (byte 6), row 1, field 1: no field -3: the row has 2",
        ),
        (
            space().usecols(["c"]),
            "f8",
            "1 2\n",
            "line 1, column 1 (byte 0), row 0, field 0: the header has no name 'c'",
        ),
        (
            comma(),
            "[('a','<i4'),('b','<U9')]",
            "1,\"a\nb\"\n2,\"\n\n\"\nx,y\n",
            "line 6, column 1 (byte 15), row 2, field 0: expected an integer, found 'x'",
        ),
        (
            space(),
            "S4",
            "ab –\n",
            "line 1, column 4 (byte 3), row 0, field 1: expected characters of Latin-1, found '–'",
        ),
        (
            comma().names(),
            "f8",
            "a,b,c\n1,2\n",
            "line 2, column 1 (byte 6), row 0, field 0: the row has another number of fields: expected 3, found 2",
        ),
        (space(), "V4", "1\n", "no text says items of type '|V4'"),
    ] {
        let dtype: DType = dtype.parse().unwrap();
        let read = |options: &table::ReadOptions| options.read(text.as_bytes(), dtype.clone());
        let message = read(&options).unwrap_err().to_string();
        assert_eq!(message, expected, "{text:?}");
        assert_eq!(
            read(&options.block_bytes(1)).unwrap_err().to_string(),
            message
        );
    }
}
