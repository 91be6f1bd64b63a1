//! Files that grow: NumPy reads them, and the command makes them.

use conformance::{NumPy, cases, not_found, ran, run, sample_folder, sha256};
use npio::dtype::ByteOrder;
use npio::flatfile::npy;
use npio::{AppendOptions, Array, DType, Layout, Order, SaveOptions};
use serde_json::json;
use std::fs;

/// NumPy's view of a file: dtype, shape, and the sum of its bytes.
const LOAD: &str = r#"
x = np.load(args[0], max_header_size=1 << 20)
answer = [repr(npformat.dtype_to_descr(x.dtype)), list(x.shape), hashlib.sha256(raw(x)).hexdigest()]
"#;

#[test]
fn numpy_loads_every_case_that_grew() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let mut grown = 0;
    for case in cases("generated") {
        let Ok(array) = npy::read(&case.bytes()[..]) else {
            continue;
        };
        let layout = array.layout();
        if layout.ndim() == 0 || !layout.is_c_contiguous() {
            assert!(npio::append(case.path(), &array).is_err());
            continue;
        }
        fs::copy(case.path(), &path).unwrap();
        let mut swapped = array.clone();
        swapped.set_byte_order(ByteOrder::Big);
        let rows = if swapped.layout().with_byte_order(ByteOrder::Little) == *layout {
            &swapped
        } else {
            &array
        };
        for _ in 0..11 {
            npio::append(&path, rows).unwrap();
        }
        let mut shape = layout.shape().to_vec();
        shape[0] *= 12;
        let whole = Layout::new(layout.dtype().clone(), shape, Order::C).unwrap();
        let whole = Array::new(whole, array.as_bytes().repeat(12)).unwrap();
        let header = npio::load_header(&path).unwrap();
        let mut saved = Vec::new();
        let options = npy::WriteOptions::new().version(header.version());
        options.write(&mut saved, &whole).unwrap();
        assert_eq!(fs::read(&path).unwrap(), saved, "{}", case.name);
        let expected = json!([
            whole.dtype().descr().to_string(),
            whole.shape(),
            sha256(whole.as_bytes())
        ]);
        assert_eq!(
            numpy.ask(LOAD, &[json!(path)]),
            Ok(expected),
            "{}",
            case.name
        );
        grown += 1;
    }
    assert!(grown > 100, "{grown}");
}

/// One file, opened anew for every row.
#[test]
fn numpy_loads_ten_thousand_appends() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let mut rows = SaveOptions::new().rows(&path, DType::F64, [2]).unwrap();
    rows.push(Array::from_slice(&[0.0, 0.0], [1, 2]).unwrap())
        .unwrap();
    rows.finish().unwrap();
    for i in 1..=10_000 {
        let i = f64::from(i);
        let row = Array::from_slice(&[i, i * i], [1, 2]).unwrap();
        npio::append(&path, &row).unwrap();
    }
    assert_eq!(npio::load(&path).unwrap().shape(), [10_001, 2]);
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let code = "x = np.load(args[0]); i = np.arange(10001.0); \
        answer = [list(x.shape), bool((x == np.stack([i, i * i], 1)).all())]";
    let answer = numpy.ask(code, &[json!(path)]);
    assert_eq!(answer, Ok(json!([[10_001, 2], true])));
}

/// NumPy's files grow without another inode, and the bytes are what NumPy would have saved.
#[test]
fn numpys_own_files_grow_in_place() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (path, whole) = (folder.path().join("x.npy"), folder.path().join("whole.npy"));
    let code =
        "np.save(args[0], np.arange(9, dtype='>i4')); np.save(args[1], np.arange(12, dtype='>i4'))";
    numpy.ask(code, &[json!(path), json!(whole)]).unwrap();
    let link = folder.path().join("link.npy");
    fs::hard_link(&path, &link).unwrap();
    let rows = Array::from_slice(&[9i32, 10, 11], [3]).unwrap();
    AppendOptions::new().durable().append(&path, &rows).unwrap();
    assert_eq!(fs::read(&link).unwrap(), fs::read(&whole).unwrap());
}

#[test]
fn the_command_appends_all_or_nothing() {
    let folder = sample_folder();
    let here = folder.path();
    let before = fs::read(here.join("x.npy")).unwrap();
    let fine = (0, String::new(), String::new());
    assert_eq!(ran(here, &["append", "x.npy", "f.npy", "x.npy"]), fine);
    assert_eq!(
        ran(here, &["dump", "--json", "--slice", ":, 0", "x.npy"]).1,
        "[1.0,4.0,1.0,4.0,1.0,4.0]\n"
    );
    let piped = run(
        here,
        &["append", "--durable", "x.npy", "--slice", "1:", "-"],
        &before,
    );
    piped.fine();
    let after = fs::read(here.join("x.npy")).unwrap();
    assert_eq!(after.len(), 128 + 7 * 24);

    ran(
        here,
        &["convert", "--slice", ":, 1:", "x.npy", "narrow.npy"],
    );
    let no_file = format!("npio: no.npy: {}\n", not_found(&here.join("no.npy")));
    for (args, message) in [
        (
            ["append", "x.npy", "f.npy", "narrow.npy"],
            "npio: narrow.npy: x.npy: rows of another shape: expected (n, 3), found (7, 2)\n",
        ),
        (["append", "x.npy", "f.npy", "no.npy"], no_file.as_str()),
        (
            ["append", "f.npy", "x.npy", "x.npy"],
            "npio: f.npy: the array is in Fortran order, so its rows are not contiguous: expected C order\n",
        ),
        (["append", "no.npy", "x.npy", "x.npy"], no_file.as_str()),
        (
            ["append", "-", "x.npy", "x.npy"],
            "npio: -: nothing can be appended to standard output\n",
        ),
    ] {
        assert_eq!(ran(here, &args), (2, String::new(), message.into()));
        assert_eq!(fs::read(here.join("x.npy")).unwrap(), after);
    }
    let _lock = AppendOptions::new().open(here.join("x.npy")).unwrap();
    assert_eq!(
        ran(here, &["append", "x.npy", "f.npy"]).2,
        "npio: x.npy: somebody else is appending to this file\n"
    );
}

#[test]
fn the_command_verifies_and_repairs() {
    let folder = sample_folder();
    let here = folder.path();
    assert_eq!(
        ran(here, &["verify", "x.npy", "f.npy"]),
        (0, "x.npy: ok\nf.npy: ok\n".into(), String::new())
    );
    let whole = fs::read(here.join("x.npy")).unwrap();
    fs::write(here.join("short.npy"), &whole[..whole.len() - 1]).unwrap();
    fs::write(here.join("long.npy"), [&whole[..], &[0; 24]].concat()).unwrap();
    let short = "from byte 128 on: the data is too short: expected 48 bytes, found 47";
    let long = "24 bytes follow the array, from byte 176 on: as many as 1 rows take";
    assert_eq!(
        ran(here, &["verify", "short.npy", "long.npy", "no.npy"]),
        (
            2,
            format!("short.npy: {short}\nlong.npy: {long}\n"),
            format!("npio: no.npy: {}\n", not_found(&here.join("no.npy")))
        )
    );
    assert_eq!(ran(here, &["verify", "short.npy"]).0, 1);
    let piped = run(here, &["verify", "-"], &whole[..150]);
    let text = "-: from byte 128 on: the data is too short: expected 48 bytes, found 22\n";
    assert_eq!((piped.status, piped.text().as_str()), (1, text));

    // If the header is right, the data cannot be restored.
    let (status, _, stderr) = ran(here, &["verify", "--repair", "header", "short.npy"]);
    let message = "npio: short.npy: the data is too short: expected 48 bytes, found 47\n";
    assert_eq!((status, stderr.as_str()), (2, message));
    assert_eq!(
        ran(here, &["verify", "--repair", "data", "short.npy", "x.npy"]),
        (
            0,
            format!("short.npy: {short}\nshort.npy: repaired\nshort.npy: ok\nx.npy: ok\n"),
            String::new()
        )
    );
    assert_eq!(
        ran(here, &["dump", "--json", "short.npy"]).1,
        "[[1.0,2.5,-3.0]]\n"
    );
    assert_eq!(
        ran(here, &["verify", "--repair", "header", "long.npy"]).0,
        0
    );
    assert_eq!(fs::read(here.join("long.npy")).unwrap(), whole);
}
