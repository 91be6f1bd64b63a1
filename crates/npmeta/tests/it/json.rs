//! Arrays in JSON that are longer than the blocks in which a text is read.

#![cfg(feature = "value")]

use npmeta::json::{read_array, to_array};
use std::io::{self, Read};

/// Rows of four integers, `rows` of them, whose texts have different lengths.
fn rows(rows: i64) -> Vec<String> {
    let row = |n: i64| format!("[{n}, {}, {}, {}]", -n, n * n, n * 1_000_003);
    (0..rows).map(row).collect()
}

fn list(values: &[String]) -> String {
    format!("[{}]", values.join(", "))
}

fn offset_of(rows: &[String], index: usize) -> usize {
    1 + rows[..index].iter().map(|row| row.len() + 2).sum::<usize>()
}

#[test]
fn an_error_has_its_position_in_every_block() {
    let rows = rows(40_000);
    assert!(list(&rows).len() > 1_000_000);
    for index in (1..rows.len()).step_by(7919) {
        let at = offset_of(&rows, index);
        let first = index.to_string();
        for (row, expected) in [
            (
                "[1, 2, 3]".to_owned(),
                format!("item [{index}]: expected a list of 4, found a list of 3, at byte {at}"),
            ),
            (
                format!("{}, 5]", rows[index].trim_end_matches(']')),
                format!("item [{index}]: expected a list of 4, found a longer list, at byte {at}"),
            ),
            (
                first.clone(),
                format!("item [{index}]: expected a list of 4, found {first}, at byte {at}"),
            ),
            (
                format!("[{first}, [2], 3, 4]"),
                format!(
                    "item [{index}, 1]: expected a value as its neighbours, found a list, at byte {}",
                    at + first.len() + 3
                ),
            ),
            (
                format!("[{first}, null, 3, 4]"),
                format!(
                    "item [{index}, 1]: expected a value as its neighbours, found null, at byte {}",
                    at + first.len() + 3
                ),
            ),
            (
                format!("[{first}, 01, 3, 4]"),
                format!(
                    "expected ',' or a closing bracket, at byte {}",
                    at + first.len() + 4
                ),
            ),
            (
                format!("[{first}, , 3, 4]"),
                format!("expected a value of JSON, at byte {}", at + first.len() + 3),
            ),
            (
                "[1, 2, 3, 4]], [[5, 6, 7, 8]".to_owned(),
                format!("expected the end of the text, at byte {}", at + 13),
            ),
        ] {
            let mut rows = rows.clone();
            rows[index] = row;
            let error = to_array(&list(&rows), None).unwrap_err();
            assert_eq!(error.to_string(), expected);
        }
    }
}

#[test]
fn a_number_in_any_block_decides_the_dtype() {
    let rows = rows(40_000);
    let ints = to_array(&list(&rows), None).unwrap();
    let ints = ints.to_vec::<i64>().unwrap();
    let mut floats: Vec<f64> = ints.iter().map(|value| *value as f64).collect();
    for index in (0..rows.len()).step_by(9973) {
        let mut rows = rows.clone();
        rows[index] = "[NaN, 1.5, 2, -Infinity]".to_owned();
        let array = to_array(&list(&rows), None).unwrap();
        assert_eq!(
            (array.dtype().to_string().as_str(), array.shape()),
            ("<f8", &[40_000, 4][..])
        );
        let mut found = array.to_vec::<f64>().unwrap();
        assert!(found[4 * index].is_nan());
        found[4 * index] = 0.0;
        let row = 4 * index..4 * index + 4;
        let before = floats[row.clone()].to_vec();
        floats[row.clone()].copy_from_slice(&[0.0, 1.5, 2.0, f64::NEG_INFINITY]);
        assert!(found == floats);
        floats[row].copy_from_slice(&before);

        // An integer that no integer type of 64 bits holds together with negative ones.
        rows[index] = "[0, 9223372036854775808, 2, 3]".to_owned();
        let error = to_array(&list(&rows), None).unwrap_err().to_string();
        let expected = match index {
            // The first negative integer follows.
            0 => "item [1, 1]: expected integers of 64 bits, found -1".to_owned(),
            _ => format!(
                "item [{index}, 1]: expected integers of 64 bits, found 9223372036854775808"
            ),
        };
        assert!(error.starts_with(&expected), "{error}");
    }
}

/// A text, after which reading fails.
struct Broken<'a>(&'a [u8]);

impl Read for Broken<'_> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        match self.0.read(out)? {
            0 => Err(io::Error::other("the cable is cut")),
            count => Ok(count),
        }
    }
}

#[test]
fn an_error_of_the_source_comes_after_those_before_it() {
    let text = list(&rows(40_000));
    for end in [0, 1, 100, 4096, 300_000, text.len() - 1] {
        let text = &text.as_bytes()[..end];
        let error = read_array(Broken(text), None).unwrap_err().to_string();
        assert!(error.contains("the cable is cut"), "{error}");
        if end > 0 {
            let wrong = [text, b"xxxxxxxxxxxx"].concat();
            let error = read_array(Broken(&wrong), None).unwrap_err();
            assert!(error.offset().is_some(), "{error}");
        }
    }
}

#[test]
fn a_wrong_text_is_not_read_to_its_end() {
    struct Endless(u64);
    impl Read for Endless {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            out.fill(b'7');
            out.iter_mut().step_by(2).for_each(|byte| *byte = b',');
            self.0 += out.len() as u64;
            Ok(out.len())
        }
    }
    let (text, mut endless) = (&b"[[1, 2], [3, 4, 5"[..], Endless(0));
    let error = read_array(text.chain(&mut endless), None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "item [1]: expected a list of 2, found a longer list, at byte 9"
    );
    assert!(endless.0 <= 8 << 20);
}
