//! The command against NumPy's answers.

use conformance::{Case, cases, corpus, fixtures, ran, run, sha256};
use serde_json::{Value, json};
use std::fs;
use std::path::Path;

/// `npio info --json` on all cases at once: one object per line.
fn infos(folder: &Path, names: &[String]) -> Vec<Value> {
    let args = ["info".to_owned(), "--json".to_owned()];
    let ran = run(folder, &[&args[..], names].concat(), b"");
    let text = ran.text();
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

#[test]
fn info_says_what_numpy_says() {
    let cases = cases("generated");
    let folder = fixtures().join("generated");
    let names: Vec<String> = cases.iter().map(|case| case.file.clone()).collect();
    let infos = infos(&folder, &names);
    assert_eq!(infos.len(), cases.len());
    for (case, info) in cases.iter().zip(infos) {
        let answer = &case.answer;
        let has_limit = case.without_limit.is_some();
        let answer = if has_limit { case.numpy() } else { answer };
        let bytes = case.bytes().len();
        let expected = json!({
            "path": case.file, "kind": "npy", "bytes": bytes,
            "arrays": [{
                "name": null, "descr": answer.descr, "shape": answer.shape,
                "fortran_order": answer.fortran_order, "version": answer.version,
                "data_offset": answer.data_offset, "nbytes": answer.nbytes,
                "storage": "plain", "compressed_nbytes": null,
            }],
            "trailing_bytes": answer.nbytes.and(answer.trailing_bytes),
            "others": [], "errors": [],
        });
        assert_eq!(info, expected, "{}", case.name);
    }
}

/// The cases that npio reads; `golden` has the list of those that only NumPy reads.
fn readable() -> impl Iterator<Item = Case> {
    let cases = ["generated", "foreign"].into_iter().flat_map(cases);
    cases.filter(|case| case.is_alike_here() && npio::load(case.path()).is_ok())
}

/// The output of `dump` in one format, against the manifest.
fn dumps(form: &[&str], expected: impl Fn(&Case) -> Option<Vec<u8>>) {
    let mut wrong = Vec::new();
    for case in readable() {
        let Some(expected) = expected(&case) else {
            continue;
        };
        let path = case.path().to_string_lossy().into_owned();
        let args = [&["dump", &path], form].concat();
        let ran = run(&fixtures(), &args, b"");
        if (ran.status, ran.stdout.as_slice()) != (0, expected.as_slice()) {
            let (ours, numpy) = (ran.text(), String::from_utf8_lossy(&expected).into_owned());
            wrong.push(format!(
                "{}: {}\nnpio:\n{ours}\nNumPy:\n{numpy}",
                case.name, ran.stderr
            ));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} wrong\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

fn line(text: &str) -> Vec<u8> {
    format!("{text}\n").into_bytes()
}

#[test]
fn dump_prints_as_numpy() {
    dumps(&[], |case| case.numpy().str.as_deref().map(line));
}

#[test]
fn dump_full_prints_as_numpy() {
    dumps(&["--full"], |case| {
        let numpy = case.numpy();
        // A single item as `str(arr)` prints it, and not as an item of a larger array.
        let is_single = numpy.full.is_some() && numpy.shape.is_empty();
        let text = if is_single { &numpy.str } else { &numpy.full };
        text.as_deref().map(line)
    });
}

#[test]
fn dump_json_is_tolist() {
    let normal = |text: &str| -> Value {
        serde_json::from_str(
            &text
                .replace("NaN", "\"NaN\"")
                .replace("Infinity", "\"Infinity\"")
                .replace("-\"", "\"-"),
        )
        .unwrap_or_default()
    };
    for case in readable() {
        let Some(expected) = &case.numpy().tolist_json else {
            continue;
        };
        let path = case.path().to_string_lossy().into_owned();
        let ran = run(&fixtures(), &["dump", "--json", &path], b"");
        let ours = ran.text();
        let equal = ours.trim_end() == expected
            || (normal(&ours) == normal(expected) && normal(&ours) != Value::Null);
        assert!(
            equal,
            "{}: {}\nnpio:  {ours}\nNumPy: {expected}",
            case.name, ran.stderr
        );
    }
}

#[test]
fn dump_raw_is_tobytes() {
    for case in readable() {
        let Some(expected) = &case.numpy().sha256_c else {
            continue;
        };
        let path = case.path().to_string_lossy().into_owned();
        let raw = run(&fixtures(), &["dump", "--raw", &path], b"").fine();
        assert_eq!(&sha256(&raw), expected, "{}", case.name);
    }
}

#[test]
fn foreign_files_of_the_corpus() {
    let Some(corpus) = corpus() else { return };
    let manifest = fs::read(corpus.join("manifest.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    let files = manifest["files"].as_array().unwrap();
    let files: Vec<&Value> = files.iter().filter(|file| file["kind"] == "npy").collect();
    let names: Vec<String> = files
        .iter()
        .map(|f| f["file"].as_str().unwrap().to_owned())
        .collect();
    let folder = corpus.join("files");
    for (file, info) in files.iter().zip(infos(&folder, &names)) {
        let expected = &file["arrays"][0];
        let name = file["file"].as_str().unwrap();
        if expected["error"].is_null() {
            let array = &info["arrays"][0];
            for key in ["shape", "fortran_order", "data_offset", "nbytes"] {
                assert_eq!(array[key], expected[key], "{name}: {key}");
            }
            assert_eq!(info["errors"], json!([]), "{name}");
            let raw = run(&folder, &["dump", "--raw", name], b"").fine();
            assert_eq!(sha256(&raw), expected["sha256_c"], "{name}");
        } else if expected["needs_pickle"] == json!(true) {
            assert_eq!(info["arrays"][0]["nbytes"], Value::Null, "{name}");
            assert_eq!(
                run(&folder, &["dump", "--raw", name], b"").status,
                2,
                "{name}"
            );
        }
    }
}

#[test]
fn hostile_files_exit_with_2_and_one_line() {
    for case in cases("hostile") {
        if case.numpy().error.is_none() {
            continue;
        }
        let path = case.path().to_string_lossy().into_owned();
        let (status, stdout, stderr) = ran(&fixtures(), &["dump", "--raw", &path]);
        if status == 0 {
            // Read on purpose although NumPy does not; `golden` has the list.
            continue;
        }
        assert_eq!((status, stdout.as_str()), (2, ""), "{}", case.name);
        assert!(stderr.starts_with("npio: "), "{}: {stderr}", case.name);
        assert_eq!(stderr.matches('\n').count(), 1, "{}: {stderr}", case.name);
        assert!(!stderr.contains('\x1b'), "{}: {stderr:?}", case.name);
    }
}
