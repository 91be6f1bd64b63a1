//! What only `genfromtxt` has. The values are NumPy's.

use crate::table::read;
use flatfile::text::table::ReadOptions;

#[test]
fn fields_of_fixed_widths() {
    let three = ReadOptions::new().width(3);
    assert_eq!(
        read(&three, "i4", "  1  2\n 10 20\n"),
        "<i4 [2, 2] [[ 1  2]\n [10 20]]"
    );
    assert_eq!(
        read(&three, "f8", "  1  2\n 10  x\n"),
        "line 2, column 4 (byte 10), row 1, field 1: expected a number, found 'x'"
    );
    assert_eq!(
        read(&three, "f8", "  1  2\r\n  3\r\n"),
        "line 2, column 1 (byte 8), row 1, field 0: the row has another number of fields: expected 2, found 1"
    );
    // Characters, not bytes; the comment belongs to no field.
    let each = ReadOptions::new().widths([2, 1, 3]);
    let record = "[('a', 'U2'), ('b', 'i1'), ('c', 'S3')]";
    let text = "éé1xyz ignored\na 2# comment\n";
    let expected =
        "[('a', '<U2'), ('b', 'i1'), ('c', 'S3')] [2] [('éé', 1, b'xyz') ('a ', 2, b'')]";
    assert_eq!(
        read(&each, record, text),
        expected
            .replace("'i1'", "'|i1'")
            .replace("'S3')]", "'|S3')]")
    );
    let last = ReadOptions::new().widths([2, 1, 3]).usecols([-1, 1]);
    assert_eq!(read(&last, "u1", "éé1 23\n"), "|u1 [1, 2] [[23  1]]");
    let names = ReadOptions::new().width(4).names();
    assert_eq!(
        read(&names, "u1", "  a b c \n   1   2\n"),
        "[('a', '|u1'), ('b c', '|u1')] [1] [(1, 2)]"
    );
}

#[test]
fn rows_of_other_lengths_are_left_out_on_request() {
    let csv = ReadOptions::csv().invalid_raise(false);
    let text = "1,2\n3\nx\n4,5,6\n\"7\",8\n";
    assert_eq!(read(&csv, "u1", text), "|u1 [2, 2] [[1 2]\n [7 8]]");
    let one = csv.clone().usecols([1]);
    assert_eq!(
        read(&one, "u1", text),
        "|u1 [4] [2 5 8]".replace("[4]", "[3]")
    );
    let two = csv.clone().max_rows(2);
    assert_eq!(read(&two, "u1", text), "|u1 [2, 2] [[1 2]\n [7 8]]");
    // A row of the right length is read, or an error.
    let error = read(&csv, "u1", "1,2\n3\n4,x\n");
    assert!(error.starts_with("line 3, column 3 "), "{error}");
    let inferred = csv.read_inferred(&b"1,2\nlong text\n3,4\n"[..]).unwrap();
    assert_eq!(inferred.to_string(), "[[1 2]\n [3 4]]");
}
