//! `cargo xtask fuzz [SECONDS [TARGET]]`: arbitrary bytes against npio, with libFuzzer.
//!
//! The targets are a workspace of their own. They start with the fixtures and the committed corpora; at the
//! end fuzz/corpus holds the smallest subset with the same coverage.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::{process, python, tools};

const TARGETS: [&str; 9] = [
    "descr", "header", "npy", "npz", "pickle", "json", "text", "table", "format",
];

/// The version of cargo-fuzz.
const VERSION: &str = "0.13.2";

/// Larger seeds make runs slow and add no coverage.
const LARGEST: usize = 16 << 10;

/// Compressed bytes expand.
const LARGEST_ARCHIVE: usize = 8 << 10;

/// An allocation larger than this is a finding, and so is an input that takes this long.
const LIMITS: [&str; 3] = ["-malloc_limit_mb=16", "-rss_limit_mb=2048", "-timeout=10"];

/// The fewest files that take every branch, however often.
const FEWEST: [&str; 2] = ["-use_counters=0", "-set_cover_merge=1"];

pub(crate) fn run(root: &Path, seconds: &str, only: Option<&str>) -> Result<()> {
    let seconds: u32 = seconds.parse().context("SECONDS is a number")?;
    let tool = tools::install(root, "cargo-fuzz", VERSION)?;
    let mut failed = Vec::new();
    let is_wanted = |target: &&str| only.is_none_or(|only| only == *target);
    for target in TARGETS.into_iter().filter(is_wanted) {
        let corpus = root.join("fuzz/corpus").join(target);
        seed(root, target, &corpus)?;
        println!("==> {target}: {seconds} s");
        let mut run = cargo_fuzz(root, &tool, "run", target);
        run.args(LIMITS).arg("-print_final_stats=1");
        run.arg(format!("-max_len={}", largest(target)));
        run.arg(format!("-max_total_time={seconds}"));
        if process::run(run).is_err() {
            failed.push(target);
        }
        process::run(cargo_fuzz(root, &tool, "cmin", target).args(FEWEST))?;
        let kept = fs::read_dir(&corpus)?.count();
        println!("==> {target}: {kept} files in {}", corpus.display());
    }
    ensure!(
        failed.is_empty(),
        "fuzz/artifacts has what broke {}",
        failed.join(", ")
    );
    Ok(())
}

/// cargo-fuzz's subcommand for this target; arguments that are added go to libFuzzer.
fn cargo_fuzz(root: &Path, tool: &Path, subcommand: &str, target: &str) -> Command {
    let mut command = Command::new(tool);
    command.current_dir(root).args(["fuzz", subcommand]);
    command.args(["--fuzz-dir", "fuzz", "--target-dir"]);
    command.arg(python::target(root).join("fuzz"));
    command.args([target, "--"]);
    // Sanitizers are unstable flags; this lets the stable compiler take them.
    command.env("RUSTC_BOOTSTRAP", "1");
    command
}

fn largest(target: &str) -> usize {
    match target {
        "npz" => LARGEST_ARCHIVE,
        _ => LARGEST,
    }
}

/// Copies the fixtures that the target can use, and past findings, to its corpus.
fn seed(root: &Path, target: &str, corpus: &Path) -> Result<()> {
    fs::create_dir_all(corpus)?;
    for (number, seed) in written_seeds(target).into_iter().enumerate() {
        fs::write(corpus.join(format!("written-{number}")), seed)?;
    }
    let (folders, suffix) = match target {
        "npz" => (["npz", "hostile-npz"].as_slice(), "npz"),
        _ => (["generated", "foreign", "hostile"].as_slice(), "npy"),
    };
    for folder in folders {
        for entry in fs::read_dir(root.join("tests/fixtures").join(folder))? {
            let path = entry?.path();
            if path.extension().is_none_or(|extension| extension != suffix) {
                continue;
            }
            let bytes = fs::read(&path)?;
            let name = path.file_stem().unwrap_or_default().to_string_lossy();
            for (number, seed) in seeds(target, &bytes).into_iter().enumerate() {
                fs::write(corpus.join(format!("{folder}-{name}-{number}")), seed)?;
            }
        }
    }
    let findings = root.join("fuzz/findings").join(target);
    for entry in fs::read_dir(findings).into_iter().flatten() {
        let entry = entry?;
        fs::copy(entry.path(), corpus.join(entry.file_name()))?;
    }
    Ok(())
}

/// A file as this target's input: for `descr` the descriptor alone, with its quotes and without, for `pickle` that of
/// an array of objects.
fn seeds<'a>(target: &str, file: &'a [u8]) -> Vec<&'a [u8]> {
    let head = file.get(..LARGEST).unwrap_or(file);
    match target {
        "descr" => {
            let descr = between(head, b"'descr': ", b", 'fortran_order'");
            let name = descr.and_then(|text| between(text, b"'", b"'"));
            descr.into_iter().chain(name).collect()
        }
        "header" => vec![head],
        "pickle" => {
            let pickle = between(head, b"'descr': '|O'", b"\n").and_then(|rest| {
                let begin = rest.as_ptr().addr() - file.as_ptr().addr() + rest.len();
                file.get(begin + 1..)
            });
            pickle.into_iter().collect()
        }
        "text" | "table" | "format" | "json" => Vec::new(),
        _ => Some(file)
            .filter(|file| file.len() <= largest(target))
            .into_iter()
            .collect(),
    }
}

/// Inputs that no fixture has: texts, formats and JSON, after the bytes that choose how they are read.
fn written_seeds(target: &str) -> Vec<Vec<u8>> {
    const TEXTS: [&str; 8] = [
        "1,2,3\n",
        "1.5, -2e-3 ,nan,inf,-Infinity,1e400,\n",
        "0.1 0.2\n0.3 123456789012345678901234567890\n",
        "True,False,(1+2j),2j,nan(12),1-2j",
        "# a b\n1 2 # c\n\n3 4\r\n",
        "a,b\n\"1\",\"x\"\"y\"\n2,\n",
        "2020-01-01,NaT,9999-12-31\n",
        "300,-1,99999999999999999999,1,,2",
    ];
    const TABLES: [&str; 8] = [
        "1 2 # c\n\n# d\n3 4\r5 6\r\n",
        "a,b,a\n\"1\",\"x\"\"y\nz\",NA\n2,,é\n",
        "a;b\n1,5;-\n;2.5D-1\n",
        "1.#INF\t1-105\t(6+-7j)\n",
        "2020-01-01,NaT,2020-01-01T00:00:00.5\n",
        "True,false,1\nx,50%,7\n",
        "\u{a0}1\u{2003},\"\n",
        "1,2,3\n4,5\nsum,6\n",
    ];
    const FORMATS: [&str; 8] = [
        "%d",
        "<%-+ #08.3f>",
        "%%%.18e",
        "%g%%",
        "%#x",
        "%c",
        "%.3s",
        "%r %a",
    ];
    const JSON: [&str; 8] = [
        "[[1, -2], [300, 18446744073709551615]]",
        "[1.5, NaN, -Infinity, 1e400]",
        "[\"a\", \"\\ud800\", \"\\u00e9\", \"\"]",
        "[true, false]",
        "[[1.5, -2.0], [0.0, NaN]]",
        "[{\"base64\": \"AAD/\"}, \"ab\"]",
        "[\"2020-01-01T00:00:00\", null, 5]",
        "[[1, [\"a\", \"b\"], [1.5]], [2, [\"\", \"c\"], [2.5]]]",
    ];
    /// Objects of unknown classes, made and changed in every way.
    const PICKLES: [&[u8]; 14] = [
        b"\x80\x04\x8c\x05types\x8c\x0fSimpleNamespace\x93)R}\x8c\x01aK\x01sb.",
        b"\x80\x04\x8c\x08__main__\x8c\x04Pair\x93K\x01K\x02\x86\x81.",
        b"\x80\x04\x8c\x01m\x8c\x01C\x93K\x01\x85}\x8c\x01kNs\x92(K\x01K\x02u(K\x03eNb.",
        b"ccopy_reg\n_reconstructor\n(c__main__\nC\nc__builtin__\nobject\nNtR(dS'a'\nI1\nsb.",
        b"ccopyreg\n__newobj__\n(cm\nC\nI1\ntR.",
        b"(i__main__\nOld\n(dS'x'\nI1\nsb.",
        b"(c__main__\nOld\nK\x01o}U\x01xK\x01sb.",
        b"cbuiltins\ngetattr\n(czoneinfo\nZoneInfo\nV_unpickle\ntR(VEurope/Paris\nI1\ntR.",
        b"cdatetime\ntime\n(C\x06\x01\x02\x03\0\0\0cm\nzone\n)RtR.",
        b"cuuid\nUUID\n)\x81}Vint\nI7\nsb.",
        b"cpathlib\nPurePosixPath\n(V/\nVa\ntRcpathlib\nPureWindowsPath\n(VC:\\\nVa\ntR\x86.",
        b"cdecimal\nDecimal\n(V-1.5E+7\ntRcbuiltins\nslice\n(NI1\ncbuiltins\nEllipsis\ntR\x86.",
        b"ccollections\nCounter\n(}Va\nI2\nstRcbuiltins\nrange\n(I0\nI9\nI2\ntR\x86.",
        b"cnumpy.core.multiarray\n_reconstruct\n(cm\nArray\n(I0\ntC\x01btR(I1\n(I1\ntcnumpy\ndtype\n(Vu1\nI0\nI1\ntR\x89C\x01atb.",
    ];
    let kinds = 0..16u8;
    match target {
        "pickle" => PICKLES.map(<[u8]>::to_vec).into(),
        "text" => kinds
            .flat_map(|kind| {
                let heads = [[kind, 0, 0, 3], [kind, 1, 1, 0], [kind, 13, 2, 1]];
                let texts = TEXTS.iter().zip(heads.into_iter().cycle());
                texts.map(|(text, head)| [&head, text.as_bytes()].concat())
            })
            .collect(),
        "table" => (0..20u8)
            .flat_map(|kind| {
                let heads = [
                    [kind, 3, 0, 1, 0, 0],
                    [kind, 0, 0x55, 8, 7, 1],
                    [kind, 9, 1, 0xff, 0x18, 2],
                ];
                let tables = TABLES.iter().zip(heads.into_iter().cycle());
                tables.map(|(text, head)| [&head, text.as_bytes()].concat())
            })
            .collect(),
        "format" => kinds
            .flat_map(|kind| {
                let item = [kind; 33];
                FORMATS.map(|format| [&item, format.as_bytes()].concat())
            })
            .collect(),
        "json" => kinds
            .flat_map(|kind| JSON.map(|text| [&[kind], text.as_bytes()].concat()))
            .collect(),
        _ => Vec::new(),
    }
}

/// The text between the first `begin` and the first `end` after it.
fn between<'a>(bytes: &'a [u8], begin: &[u8], end: &[u8]) -> Option<&'a [u8]> {
    let find = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).position(|part| part == word);
    let rest = bytes.get(find(bytes, begin)? + begin.len()..)?;
    rest.get(..find(rest, end)?)
}
