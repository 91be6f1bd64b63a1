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

    let (status, _, warning) = ran(at, &["meta", "set", "c.npz", "none=null"]);
    assert_eq!(status, 0);
    let expected = "npio: c.npz: key 'none': a None is written as a pickle, which NumPy reads with allow_pickle=True only\n";
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

/// What can be read before is there afterwards, whatever is set in between.
#[test]
fn nothing_that_is_set_is_hidden() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path();
    fine(at, &["meta", "set", "--as", "json", "j.npz", "a=1"]);
    fine(at, &["meta", "set", "j.npz", "a=2", "b=3"]);
    assert_eq!(fine(at, &["meta", "get", "j.npz"]), "a = 2\nb = 3\n");
    fine(at, &["meta", "set", "i.npz", "x=1"]);
    fine(at, &["meta", "set", "i.npz", "--as", "json", "z=3"]);
    fine(at, &["meta", "set", "i.npz", "x=9"]);
    assert_eq!(fine(at, &["meta", "get", "i.npz"]), "x = 9\nz = 3\n");
    let (status, _, error) = ran(at, &["meta", "set", "--as", "items", "j.npz", "c=1"]);
    assert_eq!(status, 2);
    assert!(
        error.contains("one JSON text, which would hide items"),
        "{error}"
    );
    assert_eq!(fine(at, &["meta", "get", "j.npz"]), "a = 2\nb = 3\n");

    // A member that is JSON, and a pickle.
    conformance::archive_of(&at.join("m.npz"), &[("mdata.json", b"{\"a\": 1}")]);
    conformance::archive_of(
        &at.join("p.npz"),
        &[("mdata.npy", b"\x93NUMPY\x01\x00\x46\x00{'descr': '|O', 'fortran_order': False, 'shape': (), }           \n\x80\x02}q\x00.")],
    );
    for name in ["m.npz", "p.npz"] {
        for args in [
            &["meta", "set", name, "b=2"][..],
            &["meta", "set", "--as", "json", name, "b=2"],
        ] {
            let (status, _, error) = ran(at, args);
            assert_eq!(status, 2, "{args:?}");
            assert!(error.contains("its metadata"), "{error}");
        }
    }
    let (status, _, error) = ran(at, &["meta", "set", "-", "k=1"]);
    assert!(status == 2 && error.contains("in place"), "{error}");
    assert!(!at.join("-").exists());
}
