//! Archives: those of NumPy and Python are read as they read them, and they read ours.

use conformance::archives::{Archived, Content, archives, contents, streamed, undeclared};
use conformance::{NumPy, cases, python, sha256};
use flatfile::npy::ReadOptions;
use flatfile::{Array, Strided};
use npz::{Archive, Compression, ErrorKind, Update, WriteOptions, Writer};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{Cursor, Write};
use std::path::Path;
use std::process::Command;
use std::sync::Mutex;

/// Every member and every key as in NumPy.
fn check<S: npio::ReadAt>(case: &Archived, archive: &Archive<S>) -> usize {
    let name = &case.name;
    let names: Vec<&str> = archive.names().collect();
    assert_eq!(names, case.files, "{name}");
    assert_eq!(archive.len(), case.members.len(), "{name}");
    let mut read = 0;
    for (member, answer) in archive.members().zip(&case.members) {
        let what = format!("{name}: {:?}", answer.name);
        assert_eq!(member.file_name(), answer.name, "{what}");
        let sizes = (member.size(), member.compressed_size(), member.crc32());
        assert_eq!(
            sizes,
            (answer.size, answer.compressed, answer.crc),
            "{what}"
        );
        match Content::of(&member) {
            Ok(content) => {
                assert!(content.is(answer), "{what}: {content:?}, {answer:?}");
                read += 1;
            }
            Err(error) => assert!(answer.error.is_some(), "{what}: {error}"),
        }
    }
    let mut counts = BTreeMap::new();
    names
        .iter()
        .for_each(|name| *counts.entry(*name).or_insert(0) += 1);
    for (key, sha256) in &case.keys {
        let last = archive.get_last(key).unwrap();
        let found = Content::of(&last).ok().map(|content| content.sha256());
        assert_eq!(&found, sha256, "{name}: {key:?}");
        // If several have a name, none is read by default.
        let one = archive.get(key).map(|member| member.index());
        let several = names.iter().filter(|name| *name == key).count();
        match one {
            Ok(index) => assert_eq!(index, last.index(), "{name}: {key:?}"),
            Err(error) => assert!(
                several > 1 && matches!(error.kind(), ErrorKind::Duplicate { .. }),
                "{error}"
            ),
        }
    }
    read
}

#[test]
fn archives_of_numpy_are_read_as_in_numpy() {
    let mut read = 0;
    for case in archives("npz") {
        let bytes = case.bytes();
        read += check(&case, &Archive::new(&bytes[..]).unwrap());
        check(
            &case,
            &Archive::new(Mutex::new(Cursor::new(&bytes))).unwrap(),
        );
        let file = Archive::open(File::open(case.path()).unwrap()).unwrap();
        check(&case, &file);
        let Ok(whole) = contents(&file) else { continue };
        let arrays = file.read_all(&ReadOptions::new()).unwrap();
        let expected = whole.iter().filter_map(|(_, content)| match content {
            Content::Array(array) => Some(array.as_bytes()),
            Content::Bytes(_) => None,
        });
        assert!(
            arrays
                .iter()
                .map(|(_, array)| array.as_bytes())
                .eq(expected)
        );
        if case.name == "behind-a-prefix" || case.name == "not-npy" {
            // A stream cannot begin with a prefix, and a member with an array's name that is not an array
            // ends it.
            assert!(streamed(&bytes[..]).is_err());
            continue;
        }
        let streamed =
            streamed(&bytes[..]).unwrap_or_else(|error| panic!("{}: {error}", case.name));
        for ((one, a), (other, b)) in streamed.iter().zip(&whole) {
            let bytes = |content: &Content| content.sha256();
            assert_eq!((one, bytes(a)), (other, bytes(b)), "{}", case.name);
        }
        assert_eq!(streamed.len(), whole.len());
    }
    // The archives of every dtype have an axis of more items than addresses of 32 bits can count.
    let most = if usize::BITS < 64 { 50 } else { 500 };
    assert!(read > most, "{read} members");
}

/// Info-ZIP, 7-Zip and cnpy. What Python 3.14 compresses with Zstandard is read in npz's own tests, with that feature.
#[test]
fn archives_of_other_programs_are_read_as_in_numpy() {
    let mut read = 0;
    for case in archives("npz-foreign") {
        if case.name.starts_with("python-zstd") {
            continue;
        }
        let bytes = case.bytes();
        let archive = Archive::new(&bytes[..]).unwrap();
        read += check(&case, &archive);
        let salvaged = Archive::salvage(&bytes[..]).unwrap();
        match contents(&archive) {
            Ok(whole) => {
                assert_eq!(streamed(&bytes[..]).unwrap(), whole, "{}", case.name);
                assert_eq!(contents(&salvaged.archive).unwrap(), whole, "{}", case.name);
                assert!(salvaged.lost.is_empty() && salvaged.has_end);
            }
            Err(error) => {
                assert!(matches!(error.kind(), ErrorKind::Unsupported(_)), "{error}");
                assert_eq!(salvaged.lost.len(), case.members.len(), "{}", case.name);
            }
        }
    }
    assert!(read > 40, "{read} members");
}

/// Only the last of several members with the same name, as NumPy reads it.
#[test]
fn the_last_of_duplicates_is_that_of_numpy() {
    let cases = ["npz", "npz-foreign"].into_iter().flat_map(archives);
    for case in cases.filter(|case| !case.name.starts_with("python-zstd")) {
        let bytes = case.bytes();
        let archive = Archive::new(&bytes[..]).unwrap().last_of_duplicates();
        let names: BTreeSet<&str> = archive.members().map(|member| member.file_name()).collect();
        let expected: BTreeSet<&str> = case.members.iter().map(|member| &*member.name).collect();
        assert_eq!(
            (archive.len(), &names),
            (names.len(), &expected),
            "{}",
            case.name
        );
        for (key, sha256) in &case.keys {
            let found = Content::of(&archive.get(key).unwrap()).ok();
            let found = found.map(|content| content.sha256());
            assert_eq!(&found, sha256, "{}: {key:?}", case.name);
        }
    }
}

/// An archive with names in UTF-8, and the same without declaring it.
fn undeclared_names() -> (Vec<u8>, Vec<u8>) {
    let mut cases = archives("npz").into_iter();
    let declared = cases.find(|case| case.name == "names").unwrap().bytes();
    let bytes = undeclared(&declared);
    (declared, bytes)
}

/// Names in UTF-8 that are not declared to be: they are found by it, and by what Python makes of them.
#[test]
fn names_whose_encoding_is_not_declared() {
    let (expected, bytes) = undeclared_names();
    let expected = Archive::new(&expected[..]).unwrap();
    let archive = Archive::new(&bytes[..]).unwrap();
    let mut others = 0;
    for (member, of) in archive.members().zip(expected.members()) {
        for name in [of.name(), of.file_name(), member.name(), member.file_name()] {
            assert_eq!(archive.get(name).unwrap().index(), member.index(), "{name}");
        }
        others += usize::from(member.name() != of.name());
        assert_eq!(member.name() == of.name(), of.name().is_ascii());
        // A declared name has no other one.
        if !of.name().is_ascii() {
            assert!(expected.get(member.name()).is_err());
        }
    }
    assert_eq!(others, 3);
    assert_eq!(archive.get("na├»ve").unwrap().name(), "na├»ve");
}

/// Members are changed by the names by which they are found.
#[test]
fn names_whose_encoding_is_not_declared_are_changed() {
    let (expected, bytes) = undeclared_names();
    let expected = Archive::new(&expected[..]).unwrap();
    let archive = Archive::new(&bytes[..]).unwrap();
    let one = Array::from_slice(&[1u8], [1]).unwrap();
    let changed = |update: Update<'_>| {
        let mut new = Cursor::new(Vec::new());
        let mut writer = Writer::new(&mut new);
        update.write(&archive, &mut writer).unwrap();
        writer.finish().unwrap();
        Archive::new(new.into_inner()).unwrap()
    };
    for (member, of) in archive.members().zip(expected.members()) {
        let index = member.index();
        let others = || {
            archive
                .names()
                .enumerate()
                .filter(|(other, _)| *other != index)
        };
        let others: Vec<&str> = others().map(|(_, name)| name).collect();
        let names = |archive: &Archive<Vec<u8>>| {
            let names = archive.names().map(str::to_owned);
            names.collect::<Vec<String>>()
        };
        for name in [of.name(), of.file_name(), member.name(), member.file_name()] {
            assert_eq!(
                names(&changed(Update::new().remove(name))),
                others,
                "{name}"
            );
            let renamed = changed(Update::new().rename(name, "zz"));
            assert_eq!(renamed.member(index).unwrap().name(), "zz");
            assert_eq!(renamed.len(), archive.len(), "{name}");
            let array = renamed.get("zz").unwrap().read().unwrap();
            let same = expected.get(of.name()).unwrap().read().unwrap();
            assert_eq!(array.as_bytes(), same.as_bytes());
            // Once it has another name, there is no member of this one.
            let twice = Update::new().rename(name, "zz").remove(name);
            assert!(matches!(
                twice.unchanged(&archive).unwrap_err().kind(),
                ErrorKind::NotFound { .. }
            ));
        }
        for name in [of.name(), member.name()] {
            let set = changed(Update::new().set(name, &one));
            assert_eq!(set.len(), archive.len(), "{name}");
            // It has the name that was given, which is declared now.
            assert_eq!(set.member(index).unwrap().name(), name);
            assert_eq!(set.get(name).unwrap().read().unwrap().as_bytes(), [1]);
            let twice = changed(Update::new().set(name, &one).set(name, &one).remove(name));
            assert_eq!(names(&twice), others, "{name}");
        }
    }
    // Names that are declared have no other one.
    let other = archive.get("naïve").unwrap().name().to_owned();
    let error = Update::new()
        .remove(&other)
        .unchanged(&expected)
        .unwrap_err();
    assert!(
        matches!(error.kind(), ErrorKind::NotFound { .. }),
        "{error}"
    );
}

/// NumPy reads the archives of `hostile-npz` in its own way; whatever both read is equal.
#[test]
fn what_hostile_archives_hold_is_as_in_numpy() {
    let (mut both, mut only_ours) = (0, Vec::new());
    for case in archives("hostile-npz") {
        let bytes = case.bytes();
        let Ok(archive) = Archive::new(&bytes) else {
            continue;
        };
        for member in archive.members() {
            let Ok(content) = Content::of(&member) else {
                continue;
            };
            match case.members.get(member.index()) {
                Some(answer) if answer.error.is_none() => {
                    assert!(content.is(answer), "{}: {}", case.name, answer.name);
                    both += 1;
                }
                _ => only_ours.push(case.name.clone()),
            }
        }
    }
    assert_eq!(only_ours, [""; 0], "only npz reads these");
    assert!(both > 30, "{both} members");
}

/// All arrays of cases.toml except objects.
/// Members that are copied without being decompressed are what they were: also those of LZMA that mark their own end, as
/// Python's do.
#[test]
fn copied_members_are_what_they_were() {
    let mut methods = BTreeSet::new();
    for case in archives("npz") {
        let bytes = case.bytes();
        let archive = Archive::new(&bytes[..]).unwrap();
        let Ok(expected) = contents(&archive) else {
            continue;
        };
        let mut copy = Writer::new(Cursor::new(Vec::new()));
        let mut streamed = WriteOptions::new().stream(Vec::new());
        for (i, member) in archive.members().enumerate() {
            // Duplicates are not written.
            let name = format!("{i}-{}", member.file_name());
            copy.copy_as(&member, &name).unwrap();
            streamed.copy_as(&member, &name).unwrap();
            methods.insert(member.compression_method().to_string());
        }
        let copy = copy.finish().unwrap().into_inner();
        assert_eq!(copy, streamed.finish().unwrap(), "{}", case.name);
        let copied = contents(&Archive::new(&copy).unwrap()).unwrap();
        for ((_, copied), (name, expected)) in copied.iter().zip(&expected) {
            assert_eq!(copied, expected, "{}: {name}", case.name);
        }
        assert_eq!(copied.len(), expected.len());
    }
    let expected = ["bzip2", "deflated", "lzma", "stored"];
    assert_eq!(methods.into_iter().collect::<Vec<_>>(), expected);
}

fn every_case() -> Vec<(String, Array)> {
    let read = |case: conformance::Case| {
        Some((
            case.name.clone(),
            flatfile::npy::read(&case.bytes()[..]).ok()?,
        ))
    };
    cases("generated").into_iter().filter_map(read).collect()
}

/// The ways to write archives here: to a target that seeks and to one that does not, stored and deflated.
fn write<'a>(
    path: &Path,
    options: &WriteOptions,
    is_stream: bool,
    arrays: impl IntoIterator<Item = (&'a str, &'a Array)>,
) {
    fn all<'a, W: Write>(
        mut writer: Writer<W>,
        arrays: impl Iterator<Item = (&'a str, &'a Array)>,
    ) {
        writer
            .arrays(arrays.map(|(name, array)| (name, Strided::from(array))))
            .unwrap();
        writer.finish().unwrap();
    }
    let file = File::create(path).unwrap();
    if is_stream {
        all(options.stream(file), arrays.into_iter())
    } else {
        all(options.create(file).unwrap(), arrays.into_iter())
    }
}

/// The results of Python's zipfile and unzip for an archive.
fn is_sound(path: &Path) {
    let Some(python) = python() else { return };
    let mut test = Command::new(python);
    test.args(["-m", "zipfile", "-t"]);
    let output = test.arg(path).output().unwrap();
    let message = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success() && !message.contains("corrupted"),
        "{output:?}"
    );
    match Command::new("unzip").arg("-tqq").arg(path).output() {
        Ok(output) => assert!(output.status.success(), "{output:?}"),
        Err(_) => conformance::skipped("there is no unzip"),
    }
}

/// Everything that NumPy finds in an archive: names, dtypes, shapes and bytes. The bytes of records are taken from
/// the archive: NumPy copies them in parts when reading, which leaves uninitialized padding.
const LOAD: &str = r#"
z = np.load(args[0], max_header_size=1 << 20)
answer = []
for name in z.files:
    x = z[name]
    content = raw(x) if x.dtype.names is None else z.zip.read(name + ".npy")[-x.nbytes or 1 << 60:]
    answer.append([name, repr(npformat.dtype_to_descr(x.dtype)), list(x.shape), hashlib.sha256(content).hexdigest()])
"#;

#[test]
fn numpy_python_and_unzip_read_what_we_write() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let every = every_case();
    assert!(every.len() > 250, "{} cases", every.len());
    let mut expected: Vec<Value> = Vec::new();
    for (name, array) in &every {
        let ours = flatfile::npy::read(&flatfile::npy::to_bytes(array).unwrap()[..]).unwrap();
        let descr = ours.dtype().descr().to_string();
        expected.push(json!([name, descr, ours.shape(), sha256(ours.as_bytes())]));
    }
    let levels = (1..=9).map(Compression::deflated);
    for compression in [Compression::STORED].into_iter().chain(levels) {
        for is_stream in [false, true] {
            let options = WriteOptions::new().compression(compression);
            if is_stream && ![Compression::STORED, Compression::deflated(6)].contains(&compression)
            {
                continue;
            }
            write(
                &path,
                &options,
                is_stream,
                every.iter().map(|(name, array)| (name.as_str(), array)),
            );
            let answer = numpy.ask(LOAD, &[json!(path)]).unwrap();
            for (answer, expected) in answer.as_array().unwrap().iter().zip(&expected) {
                assert_eq!(answer, expected, "{compression:?}");
            }
            assert_eq!(answer.as_array().unwrap().len(), expected.len());
            is_sound(&path);
        }
    }
}

#[test]
fn names_of_all_kinds_come_back_from_numpy() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let names = [
        "a/b",
        "ä",
        "数",
        "🦀",
        "",
        " ",
        "it's",
        "line\nbreak",
        "../up",
        "/root",
        "dot.",
        "file",
        "-",
    ];
    let one = Array::from_slice(&[1u8], [1]).unwrap();
    for is_stream in [false, true] {
        write(
            &path,
            &WriteOptions::new().deflate(6),
            is_stream,
            names.map(|name| (name, &one)),
        );
        let answer = numpy.ask("answer = np.load(args[0]).files", &[json!(path)]);
        assert_eq!(answer, Ok(json!(names)));
    }
}

#[test]
fn large_members_deflated_in_blocks_are_one_stream() {
    let Some(mut numpy) = NumPy::start() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npz");
    let items: Vec<u32> = (0..3u32 << 20).map(|i| i.wrapping_mul(i) >> 9).collect();
    let array = Array::from_vec(items, [3 << 10, 1 << 10]).unwrap();
    let expected = json!([["x", "'<u4'", array.shape(), sha256(array.as_bytes())]]);
    for level in [1, 6] {
        for is_stream in [false, true] {
            write(
                &path,
                &WriteOptions::new().deflate(level),
                is_stream,
                [("x", &array)],
            );
            assert_eq!(numpy.ask(LOAD, &[json!(path)]).unwrap(), expected);
            is_sound(&path);
        }
    }
}
