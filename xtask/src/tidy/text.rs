//! Rules for every text file.

use super::files::File;

/// Folders of a single machine. They are joined here, so that this file does not contain them.
const MACHINE: [&str; 5] = [
    concat!("/", "home/"),
    concat!("/", "root/"),
    concat!("/", "work/"),
    concat!("/", "Users/"),
    concat!(":", "\\Users\\"),
];

/// Documents may mention it; programs use the tempfile crate.
const TEMPORARY: &str = concat!("/", "tmp/");

pub(crate) fn problems(file: &File) -> Vec<String> {
    let mut problems = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        if line.ends_with([' ', '\t']) {
            problems.push(file.problem(index + 1, "white space at the end of the line"));
        }
        if MACHINE.iter().any(|folder| has_path(line, folder)) {
            problems.push(file.problem(index + 1, "a path of one machine"));
        }
        if !file.path.ends_with(".md") && has_path(line, TEMPORARY) {
            problems.push(file.problem(
                index + 1,
                "a path of one machine: use a temporary directory",
            ));
        }
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        problems.push(file.problem(
            file.text.lines().count(),
            "no newline at the end of the file",
        ));
    }
    problems
}

/// Whether an absolute path in `line` begins with `folder`: not within a longer path or a URL.
fn has_path(line: &str, folder: &str) -> bool {
    line.match_indices(folder).any(|(at, _)| {
        let before = line.get(..at).and_then(|text| text.chars().next_back());
        !before.is_some_and(|c| c.is_alphanumeric() || "/._-~})".contains(c))
            || folder.starts_with(':')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn count(text: &str) -> usize {
        problems(&File {
            path: "a.rs".into(),
            text: text.into(),
        })
        .len()
    }

    #[test]
    fn white_space() {
        assert_eq!(count("a\nb\n"), 0);
        assert_eq!(count("a \nb\t\n"), 2);
        assert_eq!(count("a"), 1);
        assert_eq!(count(""), 0);
    }

    #[test]
    fn machine_paths() {
        let [home, root, ..] = MACHINE;
        assert_eq!(count(&format!("in {home}me\n")), 1);
        assert_eq!(count(&format!("{root}x and '{TEMPORARY}y'\n")), 2);
        assert_eq!(
            count(&format!("https://example.org{home}page docs{root}x\n")),
            0
        );
    }
}
