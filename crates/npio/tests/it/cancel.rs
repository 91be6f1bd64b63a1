//! A token stops every entry point, and unfinished work leaves no files.

use npio::dtype::{DType, Order};
use npio::flatfile::raw::RawLayout;
use npio::npz::Update;
use npio::{AppendOptions, Array, CancelToken, Error, ErrorClass, Layout, LoadOptions};
use npio::{SaveOptions, SavezOptions};
use std::fs;
use std::io::Write;
use std::path::Path;

fn array() -> Array {
    Array::from_slice(&[1.0, 2.0, 3.0, 4.0], [2, 2]).unwrap()
}

/// All files in the folder, with their contents.
fn files(folder: &Path) -> Vec<(String, Vec<u8>)> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let mut files: Vec<_> = entries
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, fs::read(entry.path()).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn assert_cancelled<T>(what: &str, result: Result<T, Error>) {
    match result {
        Ok(_) => panic!("{what}: not cancelled"),
        Err(error) => {
            assert_eq!(error.class(), ErrorClass::Cancelled, "{what}: {error}");
            assert!(error.to_string().ends_with("cancelled"), "{what}: {error}");
        }
    }
}

fn sample() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    npio::save(at("x.npy"), array()).unwrap();
    npio::tofile(at("x_float64_2_2.dat"), array()).unwrap();
    npio::savez(at("s.npz"), [("x", &array())]).unwrap();
    npio::savez_compressed(at("c.npz"), [("x", &array())]).unwrap();
    fs::write(at("x.txt"), "1 2\n3 4\n").unwrap();
    folder
}

#[test]
fn loading_stops() {
    let folder = sample();
    let at = |name: &str| folder.path().join(name);
    let token = CancelToken::new();
    let load = LoadOptions::new().cancel(token.clone());
    // Work on open files stops, too.
    let npy = load.open_array(at("x.npy")).unwrap();
    let archives = ["s.npz", "c.npz"].map(|name| load.load_npz(at(name)).unwrap());
    let members = archives
        .each_ref()
        .map(|archive| archive.open("x").unwrap());
    assert_eq!(npy.read().unwrap().as_bytes(), array().as_bytes());
    token.cancel();

    // A small array may already be in memory, with its header.
    let _ = npy.read();
    for member in &members {
        let _ = member.read();
    }
    for archive in &archives {
        assert_cancelled("load", archive.load("x"));
        assert_cancelled("load_all", archive.load_all());
        assert_cancelled("load_bytes", archive.load_bytes("x"));
        let issues = archive.verify();
        assert!(issues[0].to_string().ends_with("cancelled"));
    }
    let slice = "1".parse().unwrap();
    assert_cancelled("load", load.load(at("x.npy")));
    assert_cancelled("named", load.load(at("x_float64_2_2.dat")));
    assert_cancelled("load_vec", load.load_vec::<f64>(at("x.npy")));
    assert_cancelled("load_into", load.load_into(at("x.npy"), &mut [0f64; 4]));
    assert_cancelled("load_slice", load.load_slice(at("x.npy"), &slice));
    assert_cancelled("open", load.open(at("s.npz")));
    assert_cancelled("load_npz", load.load_npz(at("s.npz")));
    let layout = Layout::new(DType::F64, [2, 2], Order::C).unwrap();
    let raw = load.fromfile(at("x_float64_2_2.dat"), RawLayout::from(layout));
    assert_cancelled("fromfile", raw);
    #[cfg(feature = "text")]
    {
        assert_cancelled("loadtxt", load.loadtxt(at("x.txt"), DType::F64));
        let items = load.fromfile_sep(at("x.txt"), DType::F64, " ");
        assert_cancelled("fromfile_sep", items);
    }
    #[cfg(feature = "meta")]
    assert_cancelled("load_value", load.load_value(at("x.npy")));
}

#[test]
fn saving_stops_and_the_old_files_stay() {
    let folder = sample();
    let at = |name: &str| folder.path().join(name);
    let old = files(folder.path());
    let token = CancelToken::new();
    let save = SaveOptions::new().cancel(token.clone());
    let savez = SavezOptions::new().cancel(token.clone());
    // Work in progress stops where it is.
    let mut file = save.create(at("x.npy")).unwrap();
    file.write_all(b"half").unwrap();
    let whole = save.create(at("x.txt")).unwrap();
    let mut rows = save.rows(at("x.npy"), DType::F64, [2]).unwrap();
    rows.push(array()).unwrap();
    let unpushed = save.rows(at("x.npy"), DType::F64, [2]).unwrap();
    let mut archive = savez.create(at("s.npz")).unwrap();
    archive.array("y", array()).unwrap();
    let unfinished = savez.create(at("s.npz")).unwrap();
    let append = AppendOptions::new().cancel(token.clone());
    let mut appender = append.open(at("x.npy")).unwrap();
    appender.push(array()).unwrap();
    token.cancel();

    assert!(npio::Cancelled::is_cause_of(
        &file.write_all(b"more").unwrap_err()
    ));
    drop(file);
    // Everything was written, but the file has no name yet.
    assert_cancelled("finish", whole.finish());
    assert_cancelled("push", rows.push(array()));
    drop(rows);
    assert_cancelled("rows", unpushed.finish());
    assert_cancelled("array", archive.array("z", array()));
    drop(archive);
    assert_cancelled("archive", unfinished.finish());
    assert_cancelled("commit", appender.commit());
    drop(appender);
    assert_eq!(files(folder.path()), old);

    assert_cancelled("save", save.save(at("x.npy"), array()));
    assert_cancelled("named", save.save_raw(at("x_float64_2_2.dat"), array()));
    assert_cancelled("tofile", save.tofile(at("new.dat"), array()));
    assert_cancelled("savez", savez.savez(at("s.npz"), [("x", &array())]));
    let compressed = savez.clone().deflate(6);
    assert_cancelled("savez", compressed.savez(at("n.npz"), [("x", &array())]));
    let update = Update::new().remove("x");
    assert_cancelled("update", savez.update_npz(at("s.npz"), &update));
    assert_cancelled("append", append.append(at("x.npy"), array()));
    #[cfg(feature = "text")]
    {
        assert_cancelled("savetxt", save.savetxt(at("x.txt"), array()));
        let items = save.tofile_sep(at("x.txt"), array(), " ");
        assert_cancelled("tofile_sep", items);
    }
    assert_eq!(files(folder.path()), old);
}
