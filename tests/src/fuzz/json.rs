//! Any bytes as JSON.

use dtype::DType;
use flatfile::{Array, show};
use npmeta::json::{parse, to_array, to_string};

/// Dtypes for an array in JSON; the first byte chooses one, or none.
const DTYPES: [&str; 12] = [
    "?",
    "u1",
    ">i4",
    "f2",
    "f8",
    "c16",
    "longdouble",
    "S3",
    "U2",
    "M8[s]",
    "m8[D]",
    "[('a', 'i2'), ('b', 'S2', (2,)), ('c', [('d', 'f4')])]",
];

/// Valid JSON is written as JSON that reads back as the same value or array. An error's position is in the text.
///
/// # Panics
/// If that does not hold.
pub fn json(data: &[u8]) {
    let Some((choice, text)) = data.split_first() else {
        return;
    };
    let Ok(text) = str::from_utf8(text) else {
        return;
    };
    match parse(text) {
        Ok(value) => {
            let written = to_string(&value).expect("as deep as what was read");
            let again = parse(&written).expect("what was written");
            assert_eq!(to_string(&again).ok(), Some(written));
        }
        Err(error) => assert!(
            error.offset().is_none_or(|at| at <= text.len() as u64),
            "{error}"
        ),
    }
    let dtype = DTYPES.get(usize::from(*choice));
    let dtype: Option<DType> = dtype.map(|dtype| dtype.parse().expect("a dtype"));
    if let Ok(array) = to_array(text, dtype) {
        let written = shown(&array);
        let again = to_array(&written, Some(array.dtype().clone())).expect("what was written");
        assert_eq!(shown(&again), written);
    }
}

fn shown(array: &Array) -> String {
    let mut json = Vec::new();
    show::json(&array.strided(), &mut json).expect("no objects");
    String::from_utf8(json).expect("JSON is text")
}
