//! Archives at the shell: reports of the command, and archives that it makes.

use conformance::{archive_of, failed, ran, run, sample_archives, stdout_of};
use std::fs;

#[test]
fn addresses() {
    let folder = sample_archives();
    let here = folder.path();
    for archive in ["a.npz", "c.npz"] {
        let at = |member: &str| format!("{archive}::{member}");
        let (x, f) = (at("x"), at("f"));
        for member in [&x, &f, &at("x.npy")] {
            assert_eq!(
                stdout_of(here, &["dump", member]),
                stdout_of(here, &["dump", "x.npy"])
            );
            assert_eq!(
                stdout_of(here, &["stats", member]),
                stdout_of(here, &["stats", "x.npy"])
            );
            assert_eq!(
                stdout_of(here, &["head", "-n1", member]),
                "[[ 1.   2.5 -3. ]]\n"
            );
            assert_eq!(
                stdout_of(here, &["dump", "--json", "--slice", "-1, ::2", member]),
                "[4.0,6.0]\n"
            );
            assert_eq!(stdout_of(here, &["diff", member, "x.npy"]), "");
        }
        stdout_of(here, &["convert", &f, "y.npy", "--force"]);
        assert_eq!(
            fs::read(here.join("y.npy")).unwrap(),
            fs::read(here.join("f.npy")).unwrap()
        );
        stdout_of(here, &["convert", &f, "y.npy", "--order", "C", "--force"]);
        assert_eq!(
            fs::read(here.join("y.npy")).unwrap(),
            fs::read(here.join("x.npy")).unwrap()
        );
        stdout_of(here, &["append", "y.npy", &x, &f]);
        assert!(stdout_of(here, &["ls", "y.npy"]).contains("(6, 3)"));
        let bytes = fs::read(here.join(archive)).unwrap();
        let piped = run(here, &["dump", "--json", "-::n"], &bytes);
        assert_eq!(piped.text(), "[1,2,3]\n");
        let piped = run(here, &["ls", "-"], &bytes);
        assert!(
            piped.text().starts_with("-::x\t<f8\t(2, 3)\tC\t48\t"),
            "{}",
            piped.text()
        );
        for command in ["dump", "head"] {
            assert_eq!(
                failed(here, &[command, archive]),
                format!(
                    "npio: {archive}: an archive: give a member as FILE::MEMBER: 'x', 'f', 'n'"
                )
            );
        }
        let missing = failed(here, &["dump", &at("no")]);
        assert_eq!(
            missing,
            format!("npio: {archive}: member 'no': no such member: the archive has 'x', 'f', 'n'")
        );
    }
    assert_eq!(
        failed(here, &["dump", "x.npy::a"]),
        "npio: x.npy: not an archive, so it has no member 'a'"
    );
    // An existing file's name takes precedence, if names may have colons, and so does a member's.
    if cfg!(not(windows)) {
        fs::copy(here.join("x.npy"), here.join("a.npz::n")).unwrap();
        assert!(stdout_of(here, &["dump", "a.npz::n"]).starts_with("[["));
    }
    let [x, f] = ["x.npy", "f.npy"].map(|name| fs::read(here.join(name)).unwrap());
    archive_of(&here.join("e.npz"), &[("x.npy.npy", &x), ("y", &f)]);
    assert!(stdout_of(here, &["ls", "e.npz::x.npy"]).contains("C\t48"));
    assert!(stdout_of(here, &["ls", "e.npz::y"]).contains("F\t48"));
}

#[test]
fn diff_pairs_by_name() {
    let folder = sample_archives();
    let here = folder.path();
    assert_eq!(stdout_of(here, &["diff", "a.npz", "c.npz"]), "");
    stdout_of(
        here,
        &[
            "pack",
            "b.npz",
            "x=f.npy",
            "f=a.npz::n",
            "new=x.npy",
            "n=c.npz::n",
        ],
    );
    let (status, text, stderr) = ran(here, &["diff", "a.npz", "b.npz"]);
    assert_eq!((status, stderr.as_str()), (1, ""));
    assert_eq!(
        text,
        "member 'f': dtype: '<f8', '<i4'\nmember 'f': shape: (2, 3), (3,)\nmember 'new': only in b.npz\n"
    );
    let [x, f] = ["x.npy", "f.npy"].map(|name| fs::read(here.join(name)).unwrap());
    archive_of(
        &here.join("one.npz"),
        &[("x.npy", &x), ("t", b"1"), ("y.npy", &f)],
    );
    archive_of(
        &here.join("two.npz"),
        &[("x.npy", &x[..150]), ("t", b"2"), ("y.npy", b"-")],
    );
    let (status, text, stderr) = ran(here, &["diff", "one.npz", "two.npz"]);
    assert_eq!(
        (status, text.as_str()),
        (
            2,
            "member 't': the bytes differ\nmember 'y': an array in one.npz only\n"
        )
    );
    assert!(stderr.starts_with("npio: two.npz: member 'x': ") && stderr.lines().count() == 1);
}

#[test]
fn verify_says_what_is_wrong() {
    let folder = sample_archives();
    let here = folder.path();
    assert_eq!(
        stdout_of(here, &["verify", "a.npz", "c.npz::x"]),
        "a.npz: ok\nc.npz: ok\n"
    );
    let mut bytes = fs::read(here.join("a.npz")).unwrap();
    let at = bytes
        .windows(8)
        .position(|window| window == 2.5f64.to_le_bytes())
        .unwrap();
    bytes[at] ^= 1;
    fs::write(here.join("flipped.npz"), &bytes).unwrap();
    fs::write(here.join("cut.npz"), &bytes[..bytes.len() - 5]).unwrap();
    let (status, text, stderr) = ran(here, &["verify", "flipped.npz", "cut.npz", "no.npz"]);
    assert_eq!(status, 2);
    assert!(
        text.starts_with("flipped.npz: member 'x': the data is broken: expected the CRC-32"),
        "{text}"
    );
    assert_eq!(
        text.lines()
            .filter(|line| line.starts_with("cut.npz: "))
            .count(),
        1,
        "{text}"
    );
    assert!(
        stderr.starts_with("npio: no.npz: ") && stderr.lines().count() == 1,
        "{stderr}"
    );
    assert_eq!(ran(here, &["verify", "flipped.npz"]).0, 1);
    assert_eq!(ran(here, &["verify", "cut.npz"]).0, 1);
    assert_eq!(ran(here, &["info", "--json", "cut.npz"]).0, 2);
    failed(here, &["stats", "flipped.npz::x"]);
    // Also if the array ends before the member does.
    let longer = [fs::read(here.join("x.npy")).unwrap(), vec![9; 8]].concat();
    archive_of(&here.join("longer.npz"), &[("x.npy", &longer)]);
    stdout_of(here, &["stats", "longer.npz::x"]);
    let mut bytes = fs::read(here.join("longer.npz")).unwrap();
    let at = bytes
        .windows(8)
        .position(|window| window == [9; 8])
        .unwrap();
    bytes[at] = 8;
    fs::write(here.join("longer.npz"), &bytes).unwrap();
    failed(here, &["stats", "longer.npz::x"]);
    failed(here, &["convert", "flipped.npz::x", "out.npy"]);
    assert!(!here.join("out.npy").exists());
}
