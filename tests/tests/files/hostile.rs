//! Broken files: an error or an array, never a panic, and never other data than NumPy reads.

use conformance::{Case, NumPy, cases, sha256};
use npio::flatfile::npy;
use serde_json::json;
use std::collections::BTreeMap;
use std::fs;

/// One case of each kind of header.
fn seeds() -> Vec<Case> {
    let mut kinds = BTreeMap::new();
    for case in cases("generated") {
        let descr = case.answer.descr.clone().unwrap_or_default();
        let kind = match descr.strip_prefix('\'') {
            Some(simple) => simple
                .trim_start_matches(['<', '>', '|'])
                .chars()
                .take(1)
                .collect(),
            None => format!("[{}", descr.len() / 60),
        };
        if case.bytes().len() < 2000 {
            kinds.entry(kind).or_insert(case);
        }
    }
    assert!(kinds.len() >= 10, "{} kinds", kinds.len());
    kinds.into_values().collect()
}

/// The file with each byte of the header changed in every way that finds bugs.
fn mutants(bytes: &[u8], header: usize) -> impl Iterator<Item = Vec<u8>> {
    (0..header).flat_map(move |at| {
        let byte = bytes[at];
        let bits = (0..8).map(move |bit| byte ^ (1 << bit));
        let others = [byte.wrapping_add(1), byte.wrapping_sub(1), 0, 0xff];
        bits.chain(others).map(move |changed| {
            let mut mutant = bytes.to_vec();
            mutant[at] = changed;
            mutant
        })
    })
}

#[test]
fn no_prefix_and_no_changed_byte_panics() {
    for case in seeds() {
        let bytes = case.bytes();
        for length in 0..bytes.len() {
            assert!(npy::read(&bytes[..length]).is_err(), "{}", case.name);
            assert!(npy::parse(&bytes[..length]).is_err(), "{}", case.name);
        }
        let header = case.answer.data_offset.unwrap_or(0) as usize;
        for mutant in mutants(&bytes, header) {
            let streamed = npy::read(&mutant[..]).map(|array| array.as_bytes().to_vec());
            let parsed = npy::parse(&mutant).map(|(array, _)| array.as_bytes().to_vec());
            match (streamed, parsed) {
                (Ok(streamed), Ok(parsed)) => assert_eq!(streamed, parsed, "{}", case.name),
                (Err(streamed), Err(parsed)) => {
                    assert_eq!(streamed.to_string(), parsed.to_string(), "{}", case.name);
                }
                (streamed, parsed) => panic!("{}: {streamed:?}, {parsed:?}", case.name),
            }
        }
    }
}

/// NumPy's result for a file, or its error.
const LOAD: &str = r#"
x = np.load(args[0])
answer = [repr(npformat.dtype_to_descr(x.dtype)), list(x.shape), hashlib.sha256(raw(x)).hexdigest()]
"#;

#[test]
fn changed_headers_mean_what_they_mean_to_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let (mut both, mut neither) = (0, 0);
    for case in seeds() {
        let bytes = case.bytes();
        let header = case.answer.data_offset.unwrap_or(0) as usize;
        // A share of all, a different one for each file.
        for mutant in mutants(&bytes, header).skip(case.name.len() % 3).step_by(3) {
            let ours = npy::read(&mutant[..]);
            fs::write(&path, &mutant).unwrap();
            match (ours, numpy.ask(LOAD, &[json!(path)])) {
                (Ok(array), Ok(answer)) => {
                    both += 1;
                    let ours = json!([
                        array.dtype().descr().to_string(),
                        array.shape(),
                        sha256(array.as_bytes())
                    ]);
                    assert_eq!(ours, answer, "{}: {}", case.name, mutant.escape_ascii());
                }
                (Err(_), _) | (_, Err(_)) => neither += 1,
            }
        }
    }
    eprintln!("{both} changed files read as in NumPy, {neither} refused by one or both");
    assert!(both > 50);
}
