//! Properties that hold for arbitrary tables: the body of the target `table`.

use crate::fuzz::Chunks;
use crate::fuzz_text::same;
use flatfile::text::table::{ReadOptions, WriteOptions};
use npio::DType;

const TYPES: [&str; 20] = [
    "<f8",
    "<i8",
    "u1",
    "?",
    "<f4",
    "<c16",
    "<f16",
    ">i2",
    ">f8",
    "<M8[D]",
    "<m8[s]",
    "<U5",
    "S3",
    "U",
    "S",
    "<c32",
    "[('a', '<i4'), ('b', 'U')]",
    "[('a', '<f8'), ('b', '<U3'), ('c', '?')]",
    "[('p', [('x', 'S'), ('y', '<f4')]), ('m', '<i2', (2,))]",
    "[('a', '<M8[s]'), ('b', '<f2')]",
];

/// A table in pieces of any size gives the same rows or the same error as in one, and types that are inferred read the
/// same rows. The first bytes choose the type and the options.
///
/// # Panics
/// If that does not hold.
pub fn table(data: &[u8]) {
    let Some(([kind, block, count, bits @ ..], text)) = data.split_first_chunk::<6>() else {
        return;
    };
    let dtype = TYPES.get(usize::from(*kind) % TYPES.len()).expect("one");
    let dtype: DType = dtype.parse().expect("a type");
    let reading = options(*bits, *count);
    let whole = reading.read(text, dtype.clone());
    let pieces = reading.clone().block_bytes(usize::from(*block));
    let pieces = pieces.read(Chunks::new(text, *block), dtype);
    if let Some(array) = same(whole, pieces) {
        let written = WriteOptions::new().shortest().write(Vec::new(), &array);
        // NumPy's text has no form for fields that have parts.
        assert!(
            written.is_ok() || has_parts(array.dtype()),
            "one axis or two"
        );
    }
    if let Ok(inferred) = reading.read_inferred(text) {
        let again = reading.read(text, inferred.dtype().clone());
        let again = again.expect("what was read");
        assert_eq!(inferred.as_bytes(), again.as_bytes());
    }
}

fn has_parts(dtype: &DType) -> bool {
    let is_part = |dtype: &DType| matches!(dtype, DType::Record(_) | DType::Subarray(_));
    match dtype {
        DType::Record(record) => record.fields().iter().any(|field| is_part(&field.dtype)),
        _ => false,
    }
}

/// The options that these bits choose.
fn options([dialect, rules, columns]: [u8; 3], count: u8) -> ReadOptions {
    let is = |byte: u8, bit: u8| byte & 1 << bit != 0;
    let mut options = ReadOptions::new();
    if is(dialect, 0) {
        options = options.delimiter(
            *[',', ';', '\t', 'é']
                .get(usize::from(dialect >> 6))
                .expect("two bits"),
        );
    }
    if is(dialect, 1) {
        options = options.quotechar(b'"');
    }
    if is(dialect, 2) {
        options = options.comments(["#", "//"]);
    }
    if is(dialect, 3) {
        options = ReadOptions::csv();
    }
    if is(dialect, 4) {
        options = options.skip_footer(usize::from(count & 3));
    }
    if is(dialect, 5) {
        options = options.max_rows(u64::from(count >> 2 & 3));
    }
    if is(rules, 0) {
        options = options.missing_values(["NA", "-"]);
    }
    if is(rules, 1) {
        options = options.filling_values("7").filling_value_of(-1, "x");
    }
    if is(rules, 2) {
        options = options.loose();
    }
    if is(rules, 3) {
        options = options.decimal(b',');
    }
    if is(rules, 4) {
        options = options.fortran_exponents();
    }
    if is(rules, 5) {
        options = options.numpy_compatible();
    }
    if is(rules, 6) {
        options = options.converter(0, |field| field.replace('%', "e-2"));
    }
    if is(rules, 7) {
        options = options.skiprows(u64::from(count >> 4 & 3));
    }
    match columns % 5 {
        1 => options.names(),
        2 => options.usecols([0, -1]),
        3 => options.usecols([1, 1, 0]),
        4 => options.names().usecols(["a"]),
        _ => options,
    }
}
