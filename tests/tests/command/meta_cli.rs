//! `npio meta`, and `npio dump` of objects.

use conformance::{NumPy, ran};
use serde_json::json;
use std::path::Path;

/// The output of a successful run.
fn fine(folder: &Path, args: &[&str]) -> String {
    let (status, out, errors) = ran(folder, args);
    assert_eq!((status, errors.as_str()), (0, ""), "{args:?}");
    out
}

#[test]
fn facts_in_items_and_json() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    let x = npio::Array::from_slice(&[1.0, 2.0], [2]).unwrap();
    npio::savez(at.join("a.npz"), [("x", &x)]).unwrap();
    fine(
        at,
        &[
            "meta",
            "set",
            "a.npz",
            "author=Emma",
            "age=1.5",
            "n=3",
            "ok=true",
            "text=a=b",
        ],
    );
    assert_eq!(fine(at, &["meta", "get", "a.npz", "author"]), "Emma\n");
    assert_eq!(fine(at, &["meta", "get", "a.npz", "text"]), "a=b\n");
    let all = "author = 'Emma'\nage = 1.5\nn = 3\nok = True\ntext = 'a=b'\n";
    assert_eq!(fine(at, &["meta", "get", "a.npz"]), all);
    let json = r#"{"author":"Emma","age":1.5,"n":3,"ok":true,"text":"a=b"}"#;
    assert_eq!(
        fine(at, &["meta", "get", "--json", "a.npz"]),
        format!("{json}\n")
    );
    assert_eq!(
        npio::load_npz(at.join("a.npz"))
            .unwrap()
            .load("x")
            .unwrap()
            .to_string(),
        "[1. 2.]"
    );

    // JSON, also from a file, in a new archive; existing members stay.
    std::fs::write(at.join("f.json"), r#"{"list": [1, null], "author": "Eva"}"#).unwrap();
    fine(
        at,
        &[
            "meta",
            "set",
            "b.npz",
            "author=Emma",
            "--file",
            "f.json",
            "--as",
            "json",
        ],
    );
    fine(
        at,
        &[
            "meta",
            "set",
            "b.npz",
            "big=18446744073709551616",
            "--as",
            "json",
        ],
    );
    let json = r#"{"list":[1,null],"author":"Emma","big":18446744073709551616}"#;
    assert_eq!(
        fine(at, &["meta", "get", "--json", "b.npz"]),
        format!("{json}\n")
    );

    let (status, _, warning) = ran(at, &["meta", "set", "b.npz", "none=null"]);
    assert_eq!(status, 0);
    let expected = "npio: b.npz: key 'none': a None is written as a pickle, which NumPy reads with allow_pickle=True only\n";
    assert_eq!(warning, expected);

    for (args, expected) in [
        (
            &["meta", "get", "a.npz", "nobody"][..],
            "npio: a.npz: the metadata has no key 'nobody'\n",
        ),
        (
            &["meta", "set", "a.npz", "x=1"],
            "npio: a.npz: 'x' is an array of data, not metadata\n",
        ),
        (
            &["meta", "set", "a.npz", "author"],
            "npio: author: expected KEY=VALUE\n",
        ),
        (
            &["meta", "set", "a.npz"],
            "npio: expected KEY=VALUE, or --file\n",
        ),
    ] {
        assert_eq!(ran(at, args), (2, String::new(), expected.to_owned()));
    }
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let code = "import json
z = np.load(args[0] + '/a.npz')
assert (z['author'].item(), z['age'].item(), z['n'].item(), z['ok'].item()) == ('Emma', 1.5, 3, True)
assert json.loads(np.load(args[0] + '/b.npz')['mdata'].item())['big'] == 2**64";
    numpy.ask(code, &[json!(at)]).unwrap();
}
