//! Rows and axes: what is joined, split, sampled and turned, beside NumPy.

use crate::columns::{IS_EQUAL, compare, numpy_files};
use conformance::{failed, run, sample_folder, stdout_of};
use npio::{Array, Order};
use serde_json::json;
use std::fs;

#[test]
fn joined_as_numpy_concatenates() {
    let Some((mut numpy, folder)) = numpy_files() else {
        return;
    };
    let here = folder.path();
    compare(
        &mut numpy,
        here,
        &[
            (
                "cat x.npy y.npy -o a.npy",
                "a.npy",
                "np.concatenate([load('x'), load('y')])",
            ),
            (
                "cat xf.npy y.npy none.npy xf.npy -o b.npy",
                "b.npy",
                "np.concatenate([load('x'), load('y'), load('x')])",
            ),
            (
                "cat --axis 1 xf.npy half.npy y.npy -o c.npy",
                "c.npy",
                "np.concatenate([load('x'), load('half'), load('y')], 1)",
            ),
            (
                "cat --axis -1 x.npy xf.npy -o d.npy",
                "d.npy",
                "np.concatenate([load('x'), load('x')], -1)",
            ),
            (
                "cat x.npy w.npy -o e.npy",
                "e.npy",
                "np.concatenate([load('x'), load('w')])",
            ),
            (
                "cat --axis 2 x.npy u.npy -o f.npy --force",
                "f.npy",
                "np.concatenate([load('x'), load('u')], 2)",
            ),
            (
                "cat x.npy all.npz::z flag.npy -o g.npy",
                "g.npy",
                "np.concatenate([load('x'), load('z'), load('flag')])",
            ),
            (
                "cat small.npz::x small.npz::s --axis 1 -o h.npy",
                "h.npy",
                "np.concatenate([load('x'), load('s')], 1)",
            ),
            (
                "cat day.npy sec.npy -o i.npy",
                "i.npy",
                "np.concatenate([load('day'), load('sec')])",
            ),
            (
                "cat a1.npy a2.npy -o j.npy",
                "j.npy",
                "np.concatenate([load('a1'), load('a2')])",
            ),
            (
                "cat big.npy big.npy -o k.npy",
                "k.npy",
                "np.concatenate([load('x'), load('x')]).astype('>i4')",
            ),
            (
                "cat big.npy x.npy -o l.npy",
                "l.npy",
                "np.concatenate([load('x'), load('x')])",
            ),
            (
                "cat --slice 1:,::2 x.npy y.npy -o m.npy",
                "m.npy",
                "np.concatenate([load('x')[1:, ::2], load('y')[1:, ::2]])",
            ),
            (
                "cat --field x --axis 1 r.npy rf.npy -o n.npy",
                "n.npy",
                "np.concatenate([load('r')['x']] * 2, 1).astype('>f8')",
            ),
            ("cat none.npy none.npy -o o.npy", "o.npy", "load('none')"),
            ("cat row.npy -o p.npy", "p.npy", "load('row')"),
        ],
    );
    stdout_of(here, &["cat", "row.npy", "row.npy", "-o", "q.txt"]);
    stdout_of(here, &["cat", "q.txt", "row.npy", "q.txt", "-o", "r2.npy"]);
    stdout_of(
        here,
        &[
            "cat",
            "--axis",
            "1",
            "x.npy",
            "y.npy",
            "-o",
            "o.npz::joined",
        ],
    );
    stdout_of(here, &["cat", "row.npy", "row.npy", "-o", "q.json"]);
    compare(
        &mut numpy,
        here,
        &[
            (
                "convert r2.npy s2.npy",
                "s2.npy",
                "np.concatenate([load('row')] * 5)",
            ),
            (
                "convert o.npz::joined t2.npy",
                "t2.npy",
                "np.concatenate([load('x'), load('y')], 1)",
            ),
            (
                "convert q.json u2.npy",
                "u2.npy",
                "np.concatenate([load('row')] * 2)",
            ),
        ],
    );
    for (args, message) in [
        (
            &["x.npy", "row.npy"][..],
            "row.npy: an array of shape (7,) cannot be joined along axis 0 with one of shape (3, 4, 5), which x.npy has",
        ),
        (
            &["--axis", "1", "x.npy", "none.npy"],
            "none.npy: an array of shape (0, 4, 5) cannot be joined along axis 1 with one of shape (3, 4, 5), which x.npy has",
        ),
        (
            &["--axis", "3", "x.npy"],
            "x.npy: no axis 3: expected -3 to 2, the array has 3 axes",
        ),
        (
            &["row.npy", "day.npy"],
            "day.npy: no dtype holds both '<M8[D]' and '<f8', which row.npy has: use npio convert --dtype first",
        ),
        (
            &["--slice", "0", "row.npy"],
            "row.npy: the array has no axis along which it could be joined",
        ),
    ] {
        let error = failed(here, &[&["cat"], args, &["-o", "no.npy"]].concat());
        assert_eq!(error, format!("npio: {message}"));
    }
    assert!(!here.join("no.npy").exists());
    let error = failed(here, &["cat", "x.npy", "-o", "x.npy"]);
    assert!(
        error.ends_with("x.npy: the file exists: use --force to replace it"),
        "{error}"
    );
    assert_eq!(
        stdout_of(here, &["cat", "--force", "x.npy", "x.npy", "-o", "x.npy"]),
        ""
    );
    assert_eq!(
        npio::load_header(here.join("x.npy"))
            .unwrap()
            .layout()
            .shape(),
        [6, 4, 5]
    );
}

#[test]
fn split_as_numpy_splits() {
    let Some((mut numpy, folder)) = numpy_files() else {
        return;
    };
    let here = folder.path();
    for parts in [1, 2, 3, 5] {
        for file in ["x", "xf", "row", "none"] {
            let pattern = format!("{file}-{{}}.npy");
            stdout_of(
                here,
                &[
                    "split",
                    "--force",
                    &format!("{file}.npy"),
                    "--parts",
                    &parts.to_string(),
                    "-o",
                    &pattern,
                ],
            );
            for part in 0..parts {
                let expected = format!("np.array_split(load('{file}'), {parts})[{part}]");
                let file = format!("{file}-{part}.npy");
                let differs = numpy.ask(IS_EQUAL, &[json!(here), json!(file), json!(expected)]);
                assert_eq!(differs, Ok(json!(null)), "{file}");
            }
        }
    }
    assert_eq!(
        stdout_of(
            here,
            &["split", "row.npy", "--rows", "3", "-o", "parts.npz::p{}"]
        ),
        ""
    );
    assert_eq!(stdout_of(here, &["dump", "parts.npz::p2"]), "[6.]\n");
    assert_eq!(stdout_of(here, &["ls", "parts.npz"]).lines().count(), 3);
    // An existing archive keeps its members, compressed or not; one that may not be replaced stays as it is.
    stdout_of(here, &["convert", "parts.npz", "parts.npz.gz"]);
    for archive in ["parts.npz", "parts.npz.gz"] {
        let pattern = format!("{archive}::q{{}}");
        stdout_of(here, &["split", "row.npy", "--parts", "2", "-o", &pattern]);
        let names = stdout_of(here, &["ls", archive]);
        let names = names
            .lines()
            .filter_map(|line| line.split(['\t', ':']).nth(2));
        assert!(names.eq(["p0", "p1", "p2", "q0", "q1"]), "{archive}");
        let before = fs::read(here.join(archive)).unwrap();
        let pattern = format!("{archive}::p{{}}");
        let message = failed(here, &["split", "row.npy", "--parts", "4", "-o", &pattern]);
        assert!(
            message.ends_with("member 'p0': it exists: use --force to replace it"),
            "{message}"
        );
        assert_eq!(fs::read(here.join(archive)).unwrap(), before);
        stdout_of(
            here,
            &[
                "split", "row.npy", "--parts", "4", "-o", &pattern, "--force",
            ],
        );
        assert_eq!(stdout_of(here, &["ls", archive]).lines().count(), 6);
        let cat = format!("{archive}::p*");
        let parts = stdout_of(here, &["dump", "--json", &cat]);
        assert_eq!(parts, "[0.0,1.0]\n[2.0,3.0]\n[4.0,5.0]\n[6.0]\n");
    }
    // The parts of every kind of input, joined again.
    let file = fs::read(here.join("x.npy")).unwrap();
    assert_eq!(
        run(here, &["split", "-", "--rows", "1", "-o", "s{}.npy"], &file).stderr,
        ""
    );
    stdout_of(
        here,
        &["split", "small.npz::x", "--rows", "2", "-o", "z{}.npy"],
    );
    stdout_of(here, &["convert", "row.npy", "row.csv"]);
    stdout_of(here, &["split", "row.csv", "--rows", "2", "-o", "t{}.csv"]);
    assert!(here.join("t3.csv").exists() && !here.join("t4.csv").exists());
    stdout_of(here, &["split", "row.csv", "--parts", "2", "-o", "v{}.npy"]);
    compare(
        &mut numpy,
        here,
        &[
            ("cat s0.npy s1.npy s2.npy -o a.npy", "a.npy", "load('x')"),
            ("cat z0.npy z1.npy -o b.npy", "b.npy", "load('x')"),
            (
                "cat t0.csv t1.csv t2.csv t3.csv -o c.npy",
                "c.npy",
                "load('row')",
            ),
            ("cat v0.npy v1.npy -o d.npy", "d.npy", "load('row')"),
        ],
    );
    for (args, message) in [
        (
            &["row.npy", "--rows", "2", "-o", "o.npy"][..],
            "o.npy: the parts need names: put {} where their number goes, as in part{}.npy",
        ),
        (
            &["row.npy", "--rows", "0", "-o", "o{}.npy"],
            "invalid value '0' for '--rows <N>': expected at least 1 (see npio --help)",
        ),
        (
            &["--slice", "0", "row.npy", "--rows", "1", "-o", "o{}.npy"],
            "row.npy: the array has no axis, so no rows",
        ),
        (
            &["row.npy", "--rows", "2", "-o", "s{}.npy"],
            "s0.npy: the file exists: use --force to replace it",
        ),
    ] {
        assert_eq!(
            failed(here, &[&["split"], args].concat()),
            format!("npio: {message}")
        );
    }
    // Nothing is written if a later part cannot be.
    fs::write(here.join("late3.npy"), "").unwrap();
    failed(
        here,
        &["split", "row.npy", "--rows", "2", "-o", "late{}.npy"],
    );
    assert!(!here.join("late0.npy").exists());
}

#[test]
fn sampled_rows_are_rows_of_the_file() {
    let folder = sample_folder();
    let here = folder.path();
    let rows: Vec<i64> = (0..1000).map(|i| i * 10).collect();
    let array = Array::from_slice(&rows, [500, 2]).unwrap();
    npio::save(here.join("r.npy"), &array).unwrap();
    let fortran = npio::SaveOptions::new().order(Order::Fortran);
    fortran.save(here.join("rf.npy"), &array).unwrap();
    npio::savez_compressed(here.join("r.npz"), [("r", &array)]).unwrap();
    stdout_of(here, &["convert", "r.npy", "r.csv"]);
    for n in ["0", "1", "7", "400", "500"] {
        let sample = |input: &str, seed: &str| {
            let args = [
                "sample", "--force", input, "-n", n, "--seed", seed, "-o", "o.npy",
            ];
            stdout_of(here, &args);
            npio::load_vec::<i64>(here.join("o.npy")).unwrap()
        };
        let (items, shape) = sample("r.npy", "5");
        assert_eq!(shape, [n.parse::<usize>().unwrap(), 2]);
        let taken: Vec<i64> = items.chunks(2).map(|row| row[0] / 20).collect();
        assert!(taken.is_sorted_by(|a, b| a < b));
        assert!(
            items
                .chunks(2)
                .all(|row| row[0] % 20 == 0 && row[1] == row[0] + 10)
        );
        for input in ["rf.npy", "r.npz::r"] {
            assert_eq!(
                sample(input, "5"),
                (items.clone(), shape.clone()),
                "{input}"
            );
        }
        let args = [
            "sample",
            "--in-dtype",
            "i8",
            "r.csv",
            "-n",
            n,
            "--seed",
            "5",
            "-o",
            "c.npy",
            "--force",
        ];
        stdout_of(here, &args);
        assert_eq!(npio::load_vec::<i64>(here.join("c.npy")).unwrap().0, items);
        let file = fs::read(here.join("r.npy")).unwrap();
        let piped = run(
            here,
            &[
                "sample", "-", "-n", n, "--seed", "5", "-o", "-", "--to", "npy",
            ],
            &file,
        );
        assert_eq!(piped.stdout, fs::read(here.join("o.npy")).unwrap());
        if n == "7" {
            assert_ne!(sample("r.npy", "6"), (items, shape));
        }
    }
    let seeded = || stdout_of(here, &["sample", "r.npy", "-n", "2", "--seed", "1"]);
    assert_eq!(seeded(), seeded());
    assert_eq!(seeded().lines().count(), 2);
    let error = failed(here, &["sample", "r.npy", "-n", "501"]);
    assert_eq!(
        error,
        "npio: r.npy: cannot take 501 rows: the array has 500"
    );
}

#[test]
fn turned_and_reshaped_as_numpy_does() {
    let Some((mut numpy, folder)) = numpy_files() else {
        return;
    };
    let here = folder.path();
    compare(
        &mut numpy,
        here,
        &[
            ("convert --transpose x.npy a.npy", "a.npy", "load('x').T"),
            ("convert --transpose xf.npy b.npy", "b.npy", "load('x').T"),
            (
                "convert --transpose=1,-1,0 x.npy c.npy",
                "c.npy",
                "load('x').transpose(1, -1, 0)",
            ),
            (
                "convert --transpose=1,2,0 --order F xf.npy d.npy",
                "d.npy",
                "load('x').transpose(1, 2, 0)",
            ),
            (
                "convert --shape -1,6 x.npy e.npy",
                "e.npy",
                "load('x').reshape(-1, 6)",
            ),
            (
                "convert --shape 5,12 xf.npy f9.npy",
                "f9.npy",
                "load('x').reshape(5, 12)",
            ),
            (
                "convert --shape 12,-1 --order F x.npy g.npy",
                "g.npy",
                "load('x').reshape(12, 5)",
            ),
            (
                "convert --transpose --shape -1 x.npy h.npy",
                "h.npy",
                "load('x').T.reshape(-1)",
            ),
            (
                "convert --slice 1: --transpose=2,1,0 x.npy i.npy",
                "i.npy",
                "load('x')[1:].T",
            ),
            (
                "convert --transpose --dtype f4 --byteorder big w.npy --casting unsafe j.npy",
                "j.npy",
                "load('w').T.astype('>f4')",
            ),
            (
                "convert --transpose small.npz::x k.npy",
                "k.npy",
                "load('x').T",
            ),
            (
                "convert --transpose all.npz::xf l.npy",
                "l.npy",
                "load('x').T",
            ),
            (
                "convert --field m --transpose r.npy m.npy",
                "m.npy",
                "load('r')['m'].T",
            ),
            (
                "convert --shape -1 none.npy n.npy",
                "n.npy",
                "load('none').reshape(-1)",
            ),
        ],
    );
    stdout_of(here, &["convert", "--shape", "6,10", "x.npy", "t.csv"]);
    stdout_of(
        here,
        &[
            "convert",
            "--transpose",
            "--in-dtype",
            "i4",
            "t.csv",
            "t.npy",
        ],
    );
    compare(
        &mut numpy,
        here,
        &[(
            "convert t.npy t2.npy",
            "t2.npy",
            "load('x').reshape(6, 10).T",
        )],
    );
    // The memory order stays that of the input.
    let order = |file: &str| npio::load_header(here.join(file)).unwrap().layout().order();
    assert_eq!(
        (order("a.npy"), order("b.npy"), order("d.npy")),
        (Order::C, Order::Fortran, Order::Fortran)
    );
    for (args, message) in [
        (
            &["--shape", "7,-1"][..],
            "x.npy: invalid shape: 60 items do not fill [7, -1]",
        ),
        (
            &["--transpose=0,1"],
            "x.npy: invalid order of axes 0,1: expected each of the 3 axes once",
        ),
        (
            &["--transpose=0,0,1"],
            "x.npy: invalid order of axes 0,0,1: expected each of the 3 axes once",
        ),
    ] {
        let error = failed(here, &[&["convert"], args, &["x.npy", "no.npy"]].concat());
        assert_eq!(error, format!("npio: {message}"));
    }
    let error = failed(here, &["convert", "--transpose", "all.npz", "no.npz"]);
    assert!(
        error.ends_with("--shape and --transpose are for one array: give a member as FILE::MEMBER"),
        "{error}"
    );
}

/// 200 MB in 130 MB of addresses, of which the program itself takes some: joined, split, sampled,
/// transposed, and one field of records.
#[cfg(target_os = "linux")]
#[test]
fn memory_does_not_grow_with_the_arrays() {
    use std::process::Command;
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let sparse = |name: &str, dtype: &str, shape: &[usize]| {
        let layout = npio::Layout::new(dtype.parse().unwrap(), shape, Order::C).unwrap();
        let header = npio::header::Header::new(layout.clone()).encode().unwrap();
        fs::write(here.join(name), &header).unwrap();
        let file = fs::OpenOptions::new()
            .write(true)
            .open(here.join(name))
            .unwrap();
        file.set_len((header.len() + layout.nbytes()) as u64)
            .unwrap();
    };
    sparse("x.npy", "<f8", &[5_000, 5_000]);
    sparse("flat.npy", "<f8", &[1, 25_000_000]);
    sparse(
        "rec.npy",
        "[('a', '<f8'), ('b', '<f4'), ('c', '<i4')]",
        &[12_500_000],
    );
    for part in 0..3 {
        std::os::unix::fs::symlink("/dev/null", here.join(format!("null{part}"))).unwrap();
    }
    for args in [
        "cat --force x.npy x.npy -o null0 --to npy",
        "cat --force --axis 1 x.npy x.npy -o null0 --to npy",
        "cat --force --axis 1 flat.npy flat.npy -o null0 --to npy",
        "split --force x.npy --parts 3 -o null{} --to npy",
        "sample --force x.npy -n 5000 --seed 1 -o null0 --to npy",
        "sample --force flat.npy -n 1 --seed 1 -o null0 --to npy",
        "convert --force --transpose x.npy null0 --to npy",
        "convert --force --order F x.npy null0 --to npy",
        "convert --force --transpose --shape -1,10 x.npy null0 --to npy",
        "convert --force --field b rec.npy null0 --to npy",
        "stats --field b rec.npy",
        "stats --slice 1:,::-1 x.npy",
        "stats --quantiles=0.5 --slice :,1: x.npy",
        "hash --field b rec.npy",
        "diff --field b rec.npy rec.npy",
        "convert --force --slice ::-1,::2 x.npy null0 --to npy",
    ] {
        let limited = "ulimit -v 130000; exec \"$0\" \"$@\"";
        let mut command = Command::new("sh");
        command
            .args(["-c", limited, &conformance::command_path()])
            .args(args.split(' '));
        // The C library reserves addresses for each thread.
        command.env("MALLOC_ARENA_MAX", "1").current_dir(here);
        let ran = command.output().unwrap();
        assert_eq!(String::from_utf8_lossy(&ran.stderr), "", "{args}");
    }
}

/// A stream in another order than its rows is split as its file is, and so is a reversed one.
#[test]
fn streams_are_split_in_any_order() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let array = Array::from_vec((0..35).map(f64::from).collect(), [7, 5]).unwrap();
    npio::save(here.join("f.npy"), array.to_order(Order::Fortran).unwrap()).unwrap();
    npio::save(here.join("c.npy"), &array).unwrap();
    for (file, slice) in [("f.npy", ":"), ("c.npy", "::-1"), ("f.npy", "6:0:-2")] {
        let slice = format!("--slice={slice}");
        let args = |input: &'static str, output: &'static str| {
            ["split", input, "--rows", "2", "--force", "-o", output].map(str::to_owned)
        };
        let mut of_file = args(file, "file-{}.npy").to_vec();
        let mut of_stream = args("-", "stream-{}.npy").to_vec();
        of_file.push(slice.clone());
        of_stream.push(slice.clone());
        assert_eq!(run(here, &of_file, b"").status, 0);
        let bytes = fs::read(here.join(file)).unwrap();
        let ran = run(here, &of_stream, &bytes);
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{file} {slice}");
        for number in 0.. {
            let Ok(expected) = fs::read(here.join(format!("file-{number}.npy"))) else {
                assert!(number > 1);
                break;
            };
            let part = here.join(format!("stream-{number}.npy"));
            assert_eq!(
                fs::read(&part).unwrap(),
                expected,
                "{file} {slice} {number}"
            );
            fs::remove_file(part).unwrap();
            fs::remove_file(here.join(format!("file-{number}.npy"))).unwrap();
        }
    }
    // It ends once.
    let ran = run(here, &["cat", "-", "-", "-o", "twice.npy"], b"");
    assert_eq!(
        ran.stderr,
        "npio: -: standard input can be read only once\n"
    );
}
