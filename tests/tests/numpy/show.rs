//! Text and JSON of random arrays of every dtype, against NumPy's.

use npio::dtype::DType;
use npio::flatfile::show::{self, Options};
use npio::flatfile::{Error, ErrorKind, LongDoubleProblem, Strided};
use std::process::{Command, Stdio};
use std::{env, fmt, str};

/// One field of the cases that `show.py` writes.
fn field<'a>(cases: &mut &'a [u8]) -> &'a [u8] {
    let (length, rest) = cases.split_first_chunk::<4>().unwrap();
    let (field, rest) = rest.split_at(u32::from_le_bytes(*length) as usize);
    *cases = rest;
    field
}

fn text<'a>(cases: &mut &'a [u8]) -> &'a str {
    str::from_utf8(field(cases)).unwrap()
}

fn list<T: str::FromStr<Err: fmt::Debug>>(text: &str) -> Vec<T> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts.map(|part| part.parse().unwrap()).collect()
}

fn json(view: &Strided<'_>) -> String {
    let mut json = Vec::new();
    show::json(view, &mut json).unwrap();
    String::from_utf8(json).unwrap()
}

/// The text that this array prints as.
fn shown(view: &Strided<'_>, options: &Options, texts: &[&str]) -> Result<String, Error> {
    if texts.is_empty() {
        return Ok(options.array(view)?.to_string());
    }
    let object = |number: u64, out: &mut dyn fmt::Write| {
        // In parts, as objects that have others write them.
        let text = texts[number as usize];
        text.chars().try_for_each(|c| out.write_char(c))
    };
    Ok(options.array_of_objects(view, &object)?.to_string())
}

/// The `repr` of the first item; nothing if there is none, or if it does not tell the format of long doubles alone.
fn first_repr(view: &Strided<'_>) -> String {
    let first = (0..view.ndim()).try_fold(view.clone(), |view, _| view.index_axis(0, 0));
    match first.as_ref().map(show::scalar_repr) {
        Some(Ok(repr)) => repr.to_string(),
        Some(Err(error)) => {
            assert!(matches!(
                error.kind(),
                ErrorKind::LongDouble { .. } | ErrorKind::Object
            ));
            String::new()
        }
        None => String::new(),
    }
}

#[test]
fn numpy_prints_the_same() {
    let Some(python) = conformance::python() else {
        return;
    };
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/show.py");
    let count = env::var("NPIO_SHOW_CASES").unwrap_or_else(|_| "300".to_owned());
    let output = Command::new(python)
        .args([script, &count])
        .stderr(Stdio::inherit())
        .output()
        .unwrap();
    assert!(output.status.success());
    let (mut cases, mut count, mut wrong) = (output.stdout.as_slice(), 0, 0);
    let mut undecided = 0;
    while !cases.is_empty() {
        let dtype: DType = text(&mut cases).parse().unwrap();
        let shape: Vec<usize> = list(text(&mut cases));
        let strides: Vec<isize> = list(text(&mut cases));
        let first = text(&mut cases).parse().unwrap();
        let bytes = field(&mut cases);
        let view = Strided::new(dtype, shape, strides, bytes, first).unwrap();
        let (mut fields, mut texts) = (field(&mut cases), Vec::new());
        while !fields.is_empty() {
            texts.push(text(&mut fields));
        }
        let summary = match shown(&view, &Options::new(), &texts) {
            Ok(shown) => shown,
            // NumPy leaves old bytes in the padding of zeros, which sometimes look like quads.
            Err(error) => {
                let ErrorKind::LongDouble { problem, .. } = error.kind() else {
                    panic!("{error}");
                };
                assert!(matches!(problem, LongDoubleProblem::LikeQuads { .. }));
                for _ in 0..6 {
                    let _ = text(&mut cases);
                }
                undecided += 1;
                continue;
            }
        };
        let shown = |options: Options| shown(&view, &options, &texts).unwrap();
        let json = if texts.is_empty() {
            json(&view)
        } else {
            String::new()
        };
        for (what, ours) in [
            ("str", summary),
            ("full", shown(Options::new().full())),
            ("repr", shown(Options::new().repr())),
            ("full repr", shown(Options::new().repr().full())),
            ("scalar", first_repr(&view)),
            ("json", json),
        ] {
            let numpys = text(&mut cases);
            if ours != numpys && !numpys.is_empty() && !ours.is_empty() {
                wrong += 1;
                if wrong < 10 {
                    let (dtype, shape) = (view.dtype(), view.shape());
                    eprintln!("{what} of {dtype} {shape:?}:\n{ours}\nbut NumPy:\n{numpys}\n");
                }
            }
        }
        count += 1;
    }
    assert_eq!(wrong, 0, "of {count} arrays");
    assert!(undecided <= count / 50, "{undecided} are undecided");
}
