//! Rules for Rust sources.

use super::files::File;

/// The only files with unsafe code; tests, examples and the bench call it.
const UNSAFE: [&str; 15] = [
    "bench/src/rows/load.rs",
    "crates/flatfile/src/buffer/mod.rs",
    "crates/flatfile/src/buffer/unwritten.rs",
    "crates/flatfile/src/map/mod.rs",
    "crates/flatfile/src/map/npy.rs",
    "crates/flatfile/src/map/raw.rs",
    "crates/flatfile-ndarray/tests/it.rs",
    "crates/flatfile/tests/it/map.rs",
    "crates/npio/examples/notebook.rs",
    "crates/npio/examples/scan.rs",
    "crates/npio-python/src/array.rs",
    "crates/npio-python/src/file.rs",
    "tests/tests/calls.rs",
    "tests/tests/fork.rs",
    "tests/tests/numpy/memmap.rs",
];

/// The crates of `crates/` that may print.
const PRINTING: &str = "crates/npio-cli/";

/// Lines of code: not blank, not a comment. A file's unit tests are counted separately.
const LONGEST: usize = 600;

const UNFINISHED: [&str; 3] = ["todo!", "unimplemented!", "dbg!"];
const PRINTS: [&str; 4] = ["println!", "print!", "eprintln!", "eprint!"];

pub(crate) fn problems(file: &File) -> Vec<String> {
    let path = file.path.as_str();
    let mut problems = Vec::new();
    if is_crate_root(path) && !file.text.starts_with("//!") && !file.text.starts_with("#![doc") {
        problems.push(file.problem(1, "a crate begins with its documentation, //!"));
    }
    let library =
        path.starts_with("crates/") && path.contains("/src/") && !path.starts_with(PRINTING);
    let mut tests = false;
    let mut lines = [0, 0];
    for (index, line) in file.text.lines().enumerate() {
        tests |= line == "#[cfg(test)]";
        let code = code(line);
        if code.is_empty() {
            continue;
        }
        let [program_lines, test_lines] = &mut lines;
        let lines = if tests { test_lines } else { program_lines };
        *lines += 1;
        if *lines == LONGEST + 1 {
            problems.push(file.problem(index + 1, &format!("more than {LONGEST} lines of code")));
        }
        if is_unsafe(code) && !UNSAFE.contains(&path) {
            problems.push(file.problem(
                index + 1,
                "unsafe code belongs to the few modules for it, of flatfile and of the package for Python",
            ));
        }
        if let Some(name) = library.then(|| called(code, &UNFINISHED)).flatten() {
            problems.push(file.problem(index + 1, &format!("{name} is left over")));
        }
        if let Some(name) = (library && !tests).then(|| called(code, &PRINTS)).flatten() {
            problems.push(file.problem(index + 1, &format!("a library does not {name}")));
        }
    }
    problems
}

fn is_crate_root(path: &str) -> bool {
    path.ends_with("/src/lib.rs") || path.ends_with("/src/main.rs")
}

/// The line without its comment and the white space around it.
fn code(line: &str) -> &str {
    let line = line.trim();
    if line.starts_with("//") {
        ""
    } else {
        line.split(" //").next().unwrap_or(line)
    }
}

/// Whether the keyword occurs, and not just the word: it has to be followed by something that can follow
/// the keyword.
fn is_unsafe(code: &str) -> bool {
    code.match_indices("unsafe").any(|(at, word)| {
        let before = code.get(..at).unwrap_or_default();
        let after = code.get(at + word.len()..).unwrap_or_default();
        let follows = ["{", "fn ", "impl ", "impl<", "trait ", "extern "];
        !before.ends_with(is_word)
            && (after.starts_with('(')
                || follows
                    .iter()
                    .any(|next| after.trim_start().starts_with(next)))
    })
}

fn called<'a>(code: &str, macros: &[&'a str]) -> Option<&'a str> {
    let is_call = |name: &&str| {
        let before = code.split(name).next().unwrap_or_default();
        before.len() < code.len() && !before.ends_with(|c| is_word(c) || c == '"')
    };
    macros.iter().copied().find(is_call)
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYWORD: &str = "unsafe";

    fn found(path: &str, text: &str) -> Vec<String> {
        problems(&File {
            path: path.into(),
            text: text.into(),
        })
    }

    #[test]
    fn length() {
        let lines = |count| "// comment\n\nlet x = 1;\n".repeat(count);
        assert!(found("a.rs", &lines(600)).is_empty());
        assert_eq!(
            found("a.rs", &lines(601)),
            ["a.rs:1803: more than 600 lines of code"]
        );
        let with_tests = format!("{}#[cfg(test)]\n{}", lines(400), lines(400));
        assert!(found("a.rs", &with_tests).is_empty());
    }

    #[test]
    fn unsafe_code() {
        let block = format!("let x = {KEYWORD} {{ y }};\n");
        assert_eq!(found("crates/dtype/src/a.rs", &block).len(), 1);
        assert!(found("crates/flatfile/src/map/mod.rs", &block).is_empty());
        assert_eq!(
            found("a.rs", &format!("#[{KEYWORD}(no_mangle)]\n")).len(),
            1
        );
        assert!(
            found(
                "a.rs",
                &format!("#![deny({KEYWORD}_code)] // {KEYWORD} {{\n")
            )
            .is_empty()
        );
        assert!(found("a.rs", &format!("let text = \"an {KEYWORD} cast\";\n")).is_empty());
    }

    #[test]
    fn macros() {
        let text = "println!(\"x\");\n/// println!(\"in a doctest\");\nlet s = \"println!\";\n";
        assert_eq!(
            found("crates/npz/src/a.rs", text),
            ["crates/npz/src/a.rs:1: a library does not println!"]
        );
        assert!(found("crates/npio-cli/src/a.rs", text).is_empty());
        assert!(found("crates/npio/examples/a.rs", text).is_empty());
    }

    #[test]
    fn documentation() {
        assert_eq!(found("crates/npz/src/lib.rs", "mod a;\n").len(), 1);
        assert!(found("crates/npz/src/lib.rs", "//! Archives.\n").is_empty());
    }
}
