//! Dtypes that hold the items of two others, beside NumPy's.

use conformance::{NumPy, numpy_has};
use npio::DType;
use npio::dtype::promote_types;
use serde_json::json;

const TYPES: [&str; 30] = [
    "?",
    "i1",
    "<i2",
    ">i4",
    "<i8",
    "u1",
    "<u2",
    "<u4",
    ">u8",
    "<f2",
    ">f4",
    "<f8",
    "<f16",
    "<c8",
    ">c16",
    "<c32",
    "S3",
    "S40",
    "<U2",
    ">U30",
    "<M8[D]",
    ">M8[s]",
    "<M8[3s]",
    "<M8[2s]",
    "<m8[ms]",
    "<m8[h]",
    "[('a', '<i4'), ('b', 'S3')]",
    "[('a', '>u4'), ('b', 'S5')]",
    "[('b', '<i4'), ('a', 'S3')]",
    "[('a', '<i4', (2,)), ('b', 'S3')]",
];

#[test]
fn as_numpy_promotes() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let code = "import ast\n\
                def dtype(text): return np.dtype(ast.literal_eval(text) if text.startswith('[') else text)\n\
                try: answer = repr(np.promote_types(dtype(args[0]), dtype(args[1])).descr if args[0][0] == '[' else \
                    np.promote_types(dtype(args[0]), dtype(args[1])).str)\n\
                except TypeError: answer = None";
    let types = TYPES.iter().filter(|dtype| numpy_has(dtype));
    let types: Vec<&str> = types.copied().collect();
    let mut promoted = 0;
    for one in &types {
        for other in &types {
            let dtypes: [DType; 2] = [one, other].map(|text| text.parse().unwrap());
            let [a, b] = &dtypes;
            // For sums NumPy makes a date of a date and a duration.
            let is_sum = one.contains('M') && other.contains('m')
                || one.contains('m') && other.contains('M');
            if a == b || is_sum || a.as_record().is_some() != b.as_record().is_some() {
                continue;
            }
            let found = promote_types(a, b).map(|dtype| dtype.descr().to_string());
            assert_eq!(
                found,
                promote_types(b, a).map(|dtype| dtype.descr().to_string()),
                "{one} {other}"
            );
            let expected = numpy.ask(code, &[json!(one), json!(other)]).unwrap();
            assert_eq!(json!(found), expected, "{one} {other}");
            promoted += usize::from(found.is_some());
        }
    }
    assert!(promoted > 300, "{promoted}");
}
