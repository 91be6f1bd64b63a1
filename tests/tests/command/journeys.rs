//! The promises of the documents: the commands that they show, run unchanged.

use conformance::documents::{blocks, calls, document, root};
use conformance::run;
use npmeta::archive::MetadataFormat;
use npmeta::{Dict, Value};
use std::fs;

/// The words of a command line without white space in quoted words.
fn words(command: &str) -> Vec<&str> {
    let words = command.split_whitespace();
    words.map(|word| word.trim_matches('\'')).collect()
}

#[test]
fn every_command_of_the_table() {
    let numpy = document("docs/numpy.md");
    let rows = numpy.lines().filter(|line| line.starts_with('|'));
    let cells = rows.filter_map(|row| row.split('|').nth(3));
    let mut commands: Vec<&str> = cells
        .flat_map(|cell| cell.split('`'))
        .filter(|part| part.starts_with("npio "))
        .collect();
    commands.dedup();
    assert!(commands.len() >= 10, "{commands:?}");
    for command in commands {
        let folder = tempfile::tempdir().unwrap();
        let array = npio::Array::from_slice(&[1.0, 2.0], [2]).unwrap();
        npio::save(folder.path().join("in.npy"), &array).unwrap();
        for (name, text) in [
            ("in.txt", "1,2"),
            ("in.json", "[1,2]"),
            ("in.csv", "1,2\n"),
            ("named.csv", "a b,c\n1,2\n"),
        ] {
            fs::write(folder.path().join(name), text).unwrap();
        }
        if !command.starts_with("npio convert") {
            fs::write(folder.path().join("x.txt"), "1 2\n").unwrap();
            npio::save(folder.path().join("x.npy"), &array).unwrap();
            let stars = npio::Array::from_columns([("id", &array), ("magnitude", &array)]);
            npio::save(folder.path().join("stars.npy"), stars.unwrap()).unwrap();
            npio::tofile(folder.path().join("x.dat"), &array).unwrap();
        }
        if !command.contains("convert in.npy x.npz::x") || command.contains("--force") {
            npio::savez(folder.path().join("x.npz"), [("x", &array)]).unwrap();
        }
        if command.starts_with("npio meta") {
            let mdata = Value::from([("author", "Emma")].into_iter().collect::<Dict>());
            npio::save_metadata(folder.path().join("x.npz"), &mdata, MetadataFormat::Items)
                .unwrap();
        }
        let args = words(command).into_iter().skip(1);
        let args: Vec<&str> = args
            .map(|arg| if arg == "*.npy" { "x.npy" } else { arg })
            .collect();
        let ran = run(folder.path(), &args, b"");
        assert_eq!((ran.status, ran.stderr.as_str()), (0, ""), "{command}");
    }
}

/// The calls are run by `calls.rs`.
#[test]
fn every_call_of_the_table() {
    let run = document("tests/tests/calls.rs");
    // Lines may be broken there.
    let squeezed = |code: &str| {
        let code: String = code.split_whitespace().collect();
        [",)", ",]", ",}"]
            .iter()
            .fold(code, |code, end| code.replace(end, &end[1..]))
    };
    let (run, calls) = (squeezed(&run), calls());
    for code in &calls {
        let code = code.split(" { …").next().unwrap();
        assert!(run.contains(&squeezed(code)), "{code}");
    }
    assert!(calls.len() > 25, "{}", calls.len());
}

#[test]
fn the_speed_in_the_readme_is_that_of_the_bench() {
    let (readme, report) = (document("README.md"), document("docs/performance.md"));
    let table = readme.split("## Speed").nth(1).unwrap();
    let rows = table.lines().filter(|line| line.starts_with('|'));
    let rows: Vec<&str> = rows.collect();
    assert!(rows.len() > 10, "{rows:?}");
    // The last columns of the report are for maintainers.
    for row in rows {
        let last = row.matches('|').count() - 1;
        let is_quoted = |line: &str| {
            let end = line.match_indices('|').nth(last);
            end.is_some_and(|(end, _)| line[..=end] == *row)
        };
        assert!(report.lines().any(is_quoted), "{row}");
    }
}

#[test]
fn the_same_program_is_shorter_than_with_its_peers() {
    let shown = blocks("docs/comparison.md", "rust");
    let lines = ["npio", "npyz", "ndarray_npy"].map(|name| {
        let program = document(&format!("bench/examples/columns_{name}.rs"));
        assert!(shown.contains(&program), "{name}");
        let lines = program.lines().map(str::trim);
        lines
            .filter(|line| !line.is_empty() && !line.starts_with("//"))
            .count()
    });
    assert!(lines.is_sorted() && lines[0] < lines[1], "{lines:?}");
}

#[test]
fn the_quick_start_shows_a_file_that_is_there() {
    let readme = document("README.md");
    let command = readme
        .lines()
        .find_map(|line| line.strip_prefix("cargo run -q -p npio-cli -- "));
    let command = command.unwrap().split('#').next().unwrap();
    let text = run(&root(), &words(command), b"").fine();
    assert!(text.starts_with(b"[["));
}

#[test]
fn every_session_in_the_documents() {
    let mut sessions = 0;
    for path in ["README.md", "docs/formats.md"] {
        let text = document(path);
        for block in text.split("```sh\n$ npio ").skip(1) {
            let (command, rest) = block.split_once('\n').unwrap();
            let expected = rest.split_once("```").unwrap().0;
            let ran = run(&root(), &words(command), b"");
            assert_eq!(
                (ran.status, ran.text().as_str()),
                (0, expected),
                "{command}"
            );
            sessions += 1;
        }
    }
    assert!(sessions > 0);
}
