//! Rows that read arrays in JSON.

use super::text::words;
use super::{Row, Size, Target, program};
use crate::limits;
use crate::numpy::Timed;
use npio::meta::json;
use std::fs::File;
use std::path::Path;

/// Texts of about 50 MB: a list of floats, and a list of rows of integers.
pub(super) fn setup(size: Size) -> String {
    let (floats, integers) = (float_count(size), integer_count(size));
    format!(
        r#"
for path, array in [
    ("f8.json", texts[:{floats}]),
    ("i8.json", counts[:{integers}].reshape(-1, 4)),
]:
    with open(path, "w") as file:
        file.write(json.dumps(array.tolist()))
def load_json(path):
    with open(path) as file:
        return np.array(json.load(file))
"#
    )
}

fn float_count(size: Size) -> usize {
    size.texts * 5 / 8
}

fn integer_count(size: Size) -> usize {
    size.texts
}

/// Every row, in the order of the table.
pub(super) fn rows(folder: &Path, size: Size) -> Vec<Row> {
    let row = |name, code, file: &str, items| {
        let path = folder.join(file);
        Row {
            name,
            target: Target::Ratio(20.0),
            numpy: Timed {
                code,
                worth: "words(result)",
            },
            limit: limits::separators(path.clone(), *b",]", items),
            programs: vec![program(
                "npio",
                move || Ok(json::read_array(File::open(&path)?, None)?),
                |array| words(&array),
            )],
        }
    };
    vec![
        row(
            "read JSON, 2.5 M f8",
            "load_json('f8.json')",
            "f8.json",
            float_count(size),
        ),
        row(
            "read JSON, 1 M rows of 4 i8",
            "load_json('i8.json')",
            "i8.json",
            integer_count(size),
        ),
    ]
}
