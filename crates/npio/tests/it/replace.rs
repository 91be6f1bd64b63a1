//! Open old files, and leftover files, while files are replaced.

use npio::meta::archive::MetadataFormat;
use npio::npz::Update;
use npio::{AppendOptions, Array, DType, SaveOptions, SavezOptions, Value};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

fn array(items: &[f64]) -> Array {
    Array::from_slice(items, [items.len()]).unwrap()
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let name = |entry: std::io::Result<fs::DirEntry>| entry.unwrap().file_name().into_string();
    entries.map(|entry| name(entry).unwrap()).collect()
}

/// Each call that reads a file and replaces it closes it in between.
#[test]
fn what_reads_the_old_file_closes_it() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    npio::savez(&path, [("a", &array(&[1.0])), ("b", &array(&[2.0]))]).unwrap();
    let three = array(&[3.0]);
    npio::update_npz(&path, &Update::new().set("b", &three).rename("a", "c")).unwrap();
    let facts = Value::from("text");
    npio::save_metadata(&path, &facts, MetadataFormat::Json).unwrap();
    let archive = npio::load_npz(&path).unwrap();
    assert_eq!(archive.load_vec::<f64>("b").unwrap().0, [3.0]);
    assert_eq!(archive.load_vec::<f64>("c").unwrap().0, [1.0]);
    assert_eq!(archive.metadata().unwrap().unwrap().value, facts);
    drop(archive);
    assert_eq!(names(folder.path()), ["x.npz"]);

    // Files that the closure owns are closed, too.
    let path = folder.path().join("x.txt");
    fs::write(&path, "old").unwrap();
    let mut old = fs::File::open(&path).unwrap();
    let replaced = SaveOptions::new().replace(&path, move |mut new| {
        let mut text = String::new();
        old.read_to_string(&mut text)?;
        write!(new, "{text} and new")
    });
    replaced.unwrap();
    assert_eq!(fs::read_to_string(&path).unwrap(), "old and new");
}

/// Anything that is dropped before it is finished removes its file at once.
#[test]
fn nothing_remains_of_what_is_not_finished() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    for options in [SaveOptions::new(), SaveOptions::new().create_new()] {
        let mut file = options.create(&path).unwrap();
        file.write_all(b"some bytes").unwrap();
        let mut rows = options.rows(&path, DType::F64, []).unwrap();
        rows.push(array(&[1.0])).unwrap();
        let mut archive = SavezOptions::new().create(&path).unwrap();
        archive.array("x", array(&[1.0])).unwrap();
        // On Linux files have no names before they are finished.
        assert!([0, 3].contains(&names(folder.path()).len()));
        drop((file, rows, archive));
        assert!(names(folder.path()).is_empty());
    }
    let failed = SaveOptions::new().replace(&path, |_| Err(std::io::Error::other("no")));
    assert!(failed.is_err());
    assert!(names(folder.path()).is_empty());
}

/// A file that appears while a new one is written stays, and nothing of the new one does.
#[test]
fn a_file_that_comes_meanwhile_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let mut file = SaveOptions::new().create_new().create(&path).unwrap();
    file.write_all(b"mine").unwrap();
    fs::write(&path, "somebody else's").unwrap();
    let error = file.finish().unwrap_err();
    let kind = error.io_error().unwrap().kind();
    assert_eq!(kind, std::io::ErrorKind::AlreadyExists);
    assert_eq!(fs::read(&path).unwrap(), b"somebody else's");
    assert_eq!(names(folder.path()), ["x"]);

    fs::remove_file(&path).unwrap();
    let mut file = SaveOptions::new().create(&path).unwrap();
    file.write_all(b"mine").unwrap();
    fs::write(&path, "somebody else's").unwrap();
    file.finish().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    assert_eq!(names(folder.path()), ["x"]);
}

/// A folder whose path is longer than the 260 characters that Windows accepts by default.
fn long_folder(folder: &Path) -> PathBuf {
    let mut long = folder.to_owned();
    while long.as_os_str().len() < 300 {
        long.push("a folder with a name of many characters");
    }
    fs::create_dir_all(&long).unwrap();
    long
}

/// Every way to write, with a path that is longer than Windows accepts by default, or becomes so with a
/// temporary name.
#[test]
fn long_paths() {
    let folder = tempfile::tempdir().unwrap();
    let long = long_folder(folder.path());
    // The file's name is shorter than a temporary one.
    let mut edge = folder.path().to_owned();
    while edge.as_os_str().len() < 245 {
        let name = "d".repeat((246 - edge.as_os_str().len()).min(100));
        edge.push(name);
    }
    fs::create_dir_all(&edge).unwrap();
    for folder in [long, edge] {
        let (npy, npz) = (folder.join("x"), folder.join("z"));
        for options in [
            SaveOptions::new().create_new(),
            SaveOptions::new(),
            SaveOptions::new().durable(),
            SaveOptions::new().in_place(),
        ] {
            options.save(&npy, array(&[1.0])).unwrap();
        }
        npio::append(&npy, array(&[2.0])).unwrap();
        assert_eq!(npio::load_vec::<f64>(&npy).unwrap().0, [1.0, 2.0]);
        for options in [SavezOptions::new().create_new(), SavezOptions::new()] {
            options.savez(&npz, [("a", &array(&[1.0]))]).unwrap();
        }
        let two = array(&[2.0]);
        npio::update_npz(&npz, &Update::new().set("b", &two)).unwrap();
        let archive = npio::load_npz(&npz).unwrap();
        assert_eq!(archive.load_vec::<f64>("b").unwrap().0, [2.0]);
        drop(archive);
        assert_eq!(names(&folder).len(), 2);
    }
}

/// While rows are appended, other processes may read the file.
#[test]
fn an_appender_does_not_keep_readers_out() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, array(&[1.0])).unwrap();
    let mut appender = AppendOptions::new().open(&path).unwrap();
    appender.push(array(&[2.0])).unwrap();
    let mut reader = fs::File::open(&path).unwrap();
    let bytes = fs::read(&path).unwrap();
    appender.commit().unwrap();
    let mut again = Vec::new();
    reader.read_to_end(&mut again).unwrap();
    assert_eq!(again.len(), bytes.len());
    assert_eq!(npio::load_vec::<f64>(&path).unwrap().0, [1.0, 2.0]);
}

/// Programs that keep a file open for a moment, and do not let others write to or rename it. They exist
/// only on Windows.
#[cfg(windows)]
#[test]
fn whoever_holds_the_file_is_waited_for() {
    use std::os::windows::fs::OpenOptionsExt;
    use std::time::Duration;
    const FILE_SHARE_READ_AND_WRITE: u32 = 3;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, &array(&[0.0])).unwrap();
    for (i, share) in [0, FILE_SHARE_READ_AND_WRITE].into_iter().enumerate() {
        let hold = || {
            let mut options = fs::OpenOptions::new();
            options.read(true).share_mode(share).open(&path).unwrap()
        };
        let held = hold();
        let scanner = std::thread::spawn(move || {
            std::thread::sleep(Duration::from_millis(100));
            drop(held);
        });
        npio::save(&path, &array(&[i as f64])).unwrap();
        scanner.join().unwrap();
        assert_eq!(npio::load_vec::<f64>(&path).unwrap().0, [i as f64]);

        // The error names a possible holder of the file.
        let held = hold();
        let error = npio::save(&path, &array(&[9.0])).unwrap_err();
        assert!(error.to_string().contains("holds it open"), "{error}");
        drop(held);
        assert_eq!(npio::load_vec::<f64>(&path).unwrap().0, [i as f64]);
        assert_eq!(names(folder.path()), ["x.npy"]);
    }
}
