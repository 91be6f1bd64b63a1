//! Updates of archives, as new files and in place.

use npio::npz::{self, Compression, Update, Writer};
use npio::{Array, ErrorClass, SavezOptions};
use std::fs;
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

fn array(items: &[f64]) -> Array {
    Array::from_slice(items, [items.len()]).unwrap()
}

/// A folder with an archive of `a`, `b` and `notes.txt`.
fn archive() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let mut archive = SavezOptions::new().create(&path).unwrap();
    archive.array("a", array(&[1.0, 2.0])).unwrap();
    archive.set_compression(Compression::deflated(6));
    archive.array("b", array(&[3.0; 1000])).unwrap();
    archive
        .member("notes.txt", |notes| Ok(notes.write_all(b"any bytes")?))
        .unwrap();
    archive.finish().unwrap();
    (folder, path)
}

fn undo_of(path: &Path) -> PathBuf {
    let mut undo = path.as_os_str().to_owned();
    undo.push(".npio-undo");
    undo.into()
}

fn files(folder: &TempDir) -> usize {
    fs::read_dir(folder.path()).unwrap().count()
}

fn names(path: &Path) -> Vec<String> {
    let archive = npio::load_npz(path).unwrap();
    assert!(archive.verify().iter().all(|issue| !issue.is_wrong()));
    archive.names().map(str::to_owned).collect()
}

fn both() -> [SavezOptions; 2] {
    [SavezOptions::new(), SavezOptions::new().in_place()]
}

#[test]
fn members_are_added_after_those_that_stay() {
    for options in both() {
        let (folder, path) = archive();
        let old = fs::read(&path).unwrap();
        let five = array(&[5.0]);
        let update = Update::new().set("c", &five).set_bytes("d.txt", b"more");
        options.update_npz(&path, &update).unwrap();
        assert_eq!(names(&path), ["a", "b", "notes.txt", "c", "d.txt"]);
        let new = fs::read(&path).unwrap();
        let kept = npz::Archive::new(&old).unwrap().directory().offset() as usize;
        assert_eq!(old[..kept], new[..kept]);
        let archive = npio::load_npz(&path).unwrap();
        assert_eq!(archive.load_vec::<f64>("c").unwrap().0, [5.0]);
        assert_eq!(archive.load_vec::<f64>("b").unwrap().0, [3.0; 1000]);
        assert_eq!(archive.load_bytes("d.txt").unwrap(), b"more");
        assert_eq!(files(&folder), 1);
    }
}

#[test]
fn other_changes_keep_what_is_before_them() {
    for options in both() {
        let (folder, path) = archive();
        let five = array(&[5.0]);
        let update = Update::new().rename("b", "c").set("d", &five);
        options.update_npz(&path, &update).unwrap();
        assert_eq!(names(&path), ["a", "c", "notes.txt", "d"]);
        options
            .update_npz(&path, &Update::new().remove("notes.txt").set("a", &five))
            .unwrap();
        assert_eq!(names(&path), ["a", "c", "d"]);
        let archive = npio::load_npz(&path).unwrap();
        assert_eq!(archive.load_vec::<f64>("a").unwrap().0, [5.0]);
        drop(archive);
        options
            .update_npz(&path, &Update::new().remove("d"))
            .unwrap();
        assert_eq!(names(&path), ["a", "c"]);
        let updater = options.updater(&path).unwrap();
        let mut writer = updater.resume(0).unwrap();
        writer.copy(1).unwrap();
        assert!(writer.copy(2).is_err());
        drop(writer);
        assert_eq!(names(&path), ["a", "c"]);
        assert_eq!(files(&folder), 1);
    }
}

/// Names in the encoding of DOS, comments and the like stay as they are.
#[test]
fn the_entries_of_other_writers_stay() {
    let mut old = Vec::new();
    let (name, data) = (b"caf\x82.txt", b"bytes");
    // Version, flags, method, time, date; CRC, sizes, the lengths of name and extra field.
    let mut fields = vec![20, 0, 0, 0, 0, 0, 0x21, 0x10, 0x21, 0x5a];
    fields.extend(crc32(data).to_le_bytes());
    fields.extend(5u32.to_le_bytes());
    fields.extend(5u32.to_le_bytes());
    fields.extend((name.len() as u16).to_le_bytes());
    fields.extend([0, 0]);
    old.extend(b"PK\x03\x04");
    old.extend(&fields);
    old.extend(name);
    old.extend(data);
    let offset = old.len() as u32;
    old.extend(b"PK\x01\x02\x14\x00");
    old.extend(&fields);
    // The length of a comment, the disk, attributes, the offset.
    old.extend([3, 0]);
    old.extend([0; 12]);
    old.extend(name);
    old.extend(b"why");
    let size = old.len() as u32 - offset;
    old.extend(b"PK\x05\x06\0\0\0\0\x01\0\x01\0");
    old.extend(size.to_le_bytes());
    old.extend(offset.to_le_bytes());
    old.extend(b"\x07\0comment");
    let folder = tempfile::tempdir().unwrap();
    for options in both() {
        let path = folder.path().join("x.npz");
        fs::write(&path, &old).unwrap();
        let one = array(&[1.0]);
        options
            .update_npz(&path, &Update::new().set("a", &one))
            .unwrap();
        assert_eq!(names(&path), ["café.txt", "a"]);
        let new = fs::read(&path).unwrap();
        let entry = &old[offset as usize..(offset + size) as usize];
        assert!(new.windows(entry.len()).any(|bytes| bytes == entry));
    }
}

fn crc32(bytes: &[u8]) -> u32 {
    let mut writer = Writer::new(Cursor::new(Vec::new()));
    let mut member = writer.member("x").unwrap();
    member.write_all(bytes).unwrap();
    member.finish().unwrap();
    let archive = npz::Archive::new(writer.finish().unwrap().into_inner()).unwrap();
    archive.get("x").unwrap().crc32()
}

/// What a killed program leaves, at another path.
fn killed(path: &Path, member: &[u8], is_finished: bool) -> (TempDir, PathBuf) {
    let updater = SavezOptions::new().in_place().updater(path).unwrap();
    let mut archive = updater.append().unwrap();
    let write = |target: &mut dyn Write| Ok(target.write_all(member)?);
    if is_finished {
        archive.member("inner.zip", write).unwrap();
    } else {
        let mut writer = archive.as_npz().member("inner.zip").unwrap();
        writer.write_all(member).unwrap();
        drop(writer);
    }
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("y.npz");
    fs::write(&copy, fs::read(path).unwrap()).unwrap();
    fs::write(undo_of(&copy), fs::read(undo_of(path)).unwrap()).unwrap();
    (folder, copy)
}

/// A member that is an archive itself, at whose end the program is killed: nobody may take that archive for this one.
#[test]
fn an_interrupted_archive_is_no_archive() {
    let (_folder, path) = archive();
    let old = fs::read(&path).unwrap();
    let mut inner = Writer::new(Cursor::new(Vec::new()));
    inner.array("a", &array(&[-1.0; 20_000])).unwrap();
    let inner = inner.finish().unwrap().into_inner();
    for is_finished in [false, true] {
        let (folder, copy) = killed(&path, &inner, is_finished);
        assert_eq!(fs::read(&path).unwrap(), old, "a dropped writer undoes");
        assert!(npio::is_interrupted(&copy));
        let error = npio::load_npz(&copy).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Format);
        assert!(
            error
                .to_string()
                .contains("an update in place was interrupted"),
            "{error}"
        );
        let bytes = fs::read(&copy).unwrap();
        let gap = &bytes[bytes.len() - (22 + (1 << 16))..];
        assert!(gap.iter().all(|byte| *byte == 0));
        assert!(npio::repair_npz(&copy).unwrap());
        assert_eq!(fs::read(&copy).unwrap(), old);
        assert!(!npio::is_interrupted(&copy) && !npio::repair_npz(&copy).unwrap());
        assert_eq!(files(&folder), 1);
    }
}

#[test]
fn the_next_update_undoes_an_interrupted_one() {
    for options in both() {
        let (_folder, path) = archive();
        let (folder, copy) = killed(&path, b"some bytes", true);
        let five = array(&[5.0]);
        options
            .update_npz(&copy, &Update::new().set("c", &five))
            .unwrap();
        assert_eq!(names(&copy), ["a", "b", "notes.txt", "c"]);
        assert_eq!(files(&folder), 1);
    }
}

/// Whatever else is beside an archive, or has become of it, is not touched.
#[test]
fn only_what_an_update_left_is_undone() {
    let (_folder, path) = archive();
    let old = fs::read(&path).unwrap();
    let (_copy_folder, copy) = killed(&path, b"some bytes", true);
    let (broken, undo) = (fs::read(&copy).unwrap(), fs::read(undo_of(&copy)).unwrap());
    let changed = |bytes: &[u8], at: usize| {
        let mut bytes = bytes.to_vec();
        bytes[at] ^= 1;
        bytes
    };
    npio::savez(&copy, [("a", [9.0])]).unwrap();
    let new = fs::read(&copy).unwrap();
    let mut appended = broken.clone();
    appended.extend(&old);
    let cut = &broken[..old.len() + 1000];
    /// The archive, the undo file, whether it is undone, and whether the undo file stays.
    type Case = (&'static str, Vec<u8>, Vec<u8>, bool, bool);
    let cases: [Case; 11] = [
        ("interrupted", broken.clone(), undo.clone(), true, false),
        ("not begun", old.clone(), undo.clone(), false, false),
        (
            "an undo file that is not whole",
            old.clone(),
            undo[..40].to_vec(),
            false,
            false,
        ),
        ("zeros", old.clone(), vec![0; 100], false, false),
        ("nothing in it", old.clone(), Vec::new(), false, false),
        (
            "another file",
            old.clone(),
            b"my notes".to_vec(),
            false,
            true,
        ),
        (
            "another archive",
            changed(&broken, 40),
            undo.clone(),
            false,
            true,
        ),
        (
            "a changed undo file",
            broken.clone(),
            changed(&undo, 40),
            false,
            true,
        ),
        ("a new archive", new, undo.clone(), false, true),
        (
            "another archive after it",
            appended,
            undo.clone(),
            false,
            true,
        ),
        ("cut short", cut.to_vec(), undo.clone(), false, true),
    ];
    for (what, archive, undo, is_undone, stays) in cases {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npz");
        fs::write(&path, &archive).unwrap();
        fs::write(undo_of(&path), &undo).unwrap();
        assert_eq!(npio::is_interrupted(&path), is_undone, "{what}");
        assert_eq!(npio::repair_npz(&path).unwrap(), is_undone, "{what}");
        let expected = if is_undone { &old } else { &archive };
        assert!(fs::read(&path).unwrap() == *expected, "{what}");
        assert_eq!(undo_of(&path).exists(), stays, "{what}");
    }
    // A new file does not need the place of the undo file.
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    fs::write(&path, &old).unwrap();
    fs::write(undo_of(&path), "my notes").unwrap();
    let five = array(&[5.0]);
    let update = Update::new().set("c", &five);
    let error = SavezOptions::new().in_place().update_npz(&path, &update);
    let error = error.unwrap_err().to_string();
    assert!(
        error.contains("npio-undo restores another archive that had this name"),
        "{error}"
    );
    assert_eq!(fs::read(&path).unwrap(), old);
    SavezOptions::new().update_npz(&path, &update).unwrap();
    assert_eq!(fs::read(undo_of(&path)).unwrap(), b"my notes");
}

#[test]
fn one_update_at_a_time() {
    for options in both() {
        let (_folder, path) = archive();
        let five = array(&[5.0]);
        let held = options.updater(&path).unwrap();
        let update = Update::new().set("c", &five);
        let error = npio::update_npz(&path, &update).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Busy);
        assert!(
            error
                .to_string()
                .ends_with("somebody else is updating this archive")
        );
        assert_eq!(
            npio::repair_npz(&path).unwrap_err().class(),
            ErrorClass::Busy
        );
        std::thread::scope(|scope| {
            let patient = options.clone().wait(Duration::from_secs(20));
            let waiting =
                scope.spawn(move || patient.update_npz(&path, &update).map(|()| names(&path)));
            let mut archive = held.resume(3).unwrap();
            archive.array("d", array(&[6.0])).unwrap();
            archive.finish().unwrap();
            let names = waiting.join().unwrap().unwrap();
            assert_eq!(names, ["a", "b", "notes.txt", "d", "c"]);
        });
    }
}
