//! Archives of many members, and of large ones.

use conformance::{failed, stdout_of};
use npio::Array;
use npio::npz::WriteOptions;
use serde_json::Value;
use std::fs::File;

/// Many members are listed quickly, one line each.
#[test]
fn twenty_thousand_members() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mut writer = WriteOptions::new()
        .create(File::create(here.join("many.npz")).unwrap())
        .unwrap();
    let one = Array::from_slice(&[1u8], [1]).unwrap();
    for i in 0..20_000 {
        writer.array(&format!("m{i}"), &one).unwrap();
    }
    writer.finish().unwrap();
    let begun = std::time::Instant::now();
    assert_eq!(stdout_of(here, &["ls", "many.npz"]).lines().count(), 20_000);
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
    let info: Value =
        serde_json::from_str(&stdout_of(here, &["info", "--json", "many.npz"])).unwrap();
    assert_eq!(info["arrays"][19_999]["name"], "m19999");
    let line = failed(here, &["dump", "many.npz"]);
    assert!(line.ends_with("'m99' and 19900 more"), "{line}");
    assert_eq!(stdout_of(here, &["dump", "many.npz::m7777"]), "[1]\n");
}

/// A member of 256 MiB in an address space of 128.
#[cfg(target_os = "linux")]
#[test]
fn members_larger_than_memory() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let big = Array::from_vec(vec![0u8; 1 << 28], [1 << 14, 1 << 14]).unwrap();
    let options = npio::SavezOptions::new().deflate(1);
    options.savez(here.join("big.npz"), [("x", &big)]).unwrap();
    let stored = npio::SavezOptions::new();
    stored.savez(here.join("same.npz"), [("x", &big)]).unwrap();
    let script = "ulimit -v 131072; npio() { RAYON_NUM_THREADS=1 \"$0\" \"$@\" || exit; }; \
                  npio diff big.npz::x big.npz::x; npio convert big.npz::x x.npy; npio convert x.npy y.npz; \
                  npio diff y.npz::x x.npy; npio verify big.npz; npio unpack big.npz -d out; \
                  npio pack z.npz big.npz::x; npio pack w.npz x.npy; npio repack big.npz s.npz; npio dump --slice '-1,:3' big.npz::x";
    let mut command = std::process::Command::new("sh");
    command.args(["-c", script, &conformance::command_path()]);
    let ran = command.current_dir(here).output().unwrap();
    let stderr = String::from_utf8_lossy(&ran.stderr);
    assert_eq!(stderr, "");
    // Writing block by block gives the same bytes.
    let [same, packed, repacked] = ["same.npz", "w.npz", "s.npz"].map(|name| here.join(name));
    assert!(std::fs::read(&same).unwrap() == std::fs::read(packed).unwrap());
    assert!(std::fs::read(same).unwrap() == std::fs::read(repacked).unwrap());
    // A member is copied as it is.
    let [big, packed] = ["big.npz", "z.npz"].map(|name| here.join(name));
    assert!(std::fs::read(big).unwrap() == std::fs::read(packed).unwrap());
    assert_eq!(
        String::from_utf8_lossy(&ran.stdout),
        "big.npz: ok\n[0 0 0]\n"
    );
}
