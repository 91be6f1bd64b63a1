//! Metadata in every format, from Python through npio and back, as `meta.py` makes and compares it.

use conformance::python;
use npmeta::archive::{Metadata, MetadataFormat, Options};
use npmeta::{Value, npy, pickle};
use npz::{Archive, Update, Writer};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The number of values of each format.
const VALUES: usize = 300;

/// Runs `meta.py`.
fn run(python: &str, command: &str, folder: &Path) {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/meta.py");
    let mut run = Command::new(python);
    run.env("PYTHONHASHSEED", "0");
    run.arg(script)
        .arg(command)
        .arg(folder)
        .arg(VALUES.to_string());
    let output = run.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command}: {errors}");
}

/// Reads the metadata of an archive, and writes it to one that also has its array `x`.
fn through(from: PathBuf, to: PathBuf, options: &Options, format: MetadataFormat) -> Value {
    let archive = Archive::open(fs::File::open(&from).unwrap()).unwrap();
    let found = options
        .read(&archive)
        .unwrap_or_else(|error| panic!("{}: {error}", from.display()));
    let Metadata {
        format: as_found,
        value,
        ..
    } = found.unwrap();
    assert_eq!(as_found, format, "{}", from.display());
    let members = options.members(&value, format).unwrap();
    let mut writer = Writer::new(fs::File::create(to).unwrap());
    let mut update = Update::new();
    for name in archive.names().filter(|name| *name != "x") {
        update = update.remove(name);
    }
    members.update(update).write(&archive, &mut writer).unwrap();
    writer.finish().unwrap();
    value
}

#[test]
fn every_spelling_there_and_back() {
    let Some(python) = python() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    run(&python, "write", folder.path());
    let mut printed = 0;
    for seed in 0..VALUES {
        let path = |suffix: &str| folder.path().join(format!("{seed}.{suffix}"));
        for protocol in 0..6 {
            let bytes = fs::read(path(&format!("{protocol}.pkl"))).unwrap();
            let (value, length) = pickle::parse(&bytes)
                .unwrap_or_else(|error| panic!("{seed}, protocol {protocol}: {error}"));
            assert_eq!(length, bytes.len());
            let text = fs::read_to_string(path("repr")).unwrap();
            if !text.is_empty() && protocol >= 4 {
                let escaped = |c: char| match u32::from(c) {
                    ..0x80 => c.to_string(),
                    code @ ..0x100 => format!("\\x{code:02x}"),
                    code @ ..0x10000 => format!("\\u{code:04x}"),
                    code => format!("\\U{code:08x}"),
                };
                // The order of a set differs between Python processes.
                let ours: String = value.to_string().chars().map(escaped).collect();
                assert!(ours == text || text.contains('{'), "{ours}\n{text}");
                printed += 1;
            }
            let again = pickle::to_bytes(&value).unwrap();
            fs::write(path(&format!("{protocol}.out.pkl")), again).unwrap();
        }
        let bytes = fs::read(path("npy")).unwrap();
        let value = npy::parse(&bytes, true).unwrap();
        fs::write(path("out.npy"), npy::to_bytes(&value).unwrap()).unwrap();
        let plain = Options::new();
        let pickled = plain.clone().allow_pickle();
        through(
            path("pickle.npz"),
            path("pickle.out.npz"),
            &pickled,
            MetadataFormat::Pickle,
        );
        through(
            path("json.npz"),
            path("json.out.npz"),
            &plain,
            MetadataFormat::Json,
        );
        let prefixed = plain.prefix("m.");
        through(
            path("items.npz"),
            path("items.out.npz"),
            &prefixed,
            MetadataFormat::Items,
        );
    }
    assert!(printed > 100, "{printed}");
    run(&python, "check", folder.path());
}
