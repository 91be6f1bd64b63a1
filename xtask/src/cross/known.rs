//! The known differences between systems, and whether the observed ones are among them.

use std::cell::Cell;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use serde::Deserialize;

/// The list, in the workspace.
const FILE: &str = "xtask/cross/known.toml";

/// The maximum number of entries: more cannot be differences of systems. Wine's own faults are not counted.
const MOST: usize = 10;

/// The result of a test that did not pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Difference {
    /// It failed.
    Failed,
    /// It was skipped, with a message.
    Skipped,
    /// It exists on the host, but not on the target.
    Absent,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    targets: Vec<String>,
    difference: Difference,
    /// Names of tests, `package/binary::path`; a `*` is any text.
    tests: Vec<String>,
    reason: String,
    /// Whether it is a fault of the emulator, and not a difference between systems.
    #[serde(default)]
    emulator: bool,
}

#[derive(Debug, Deserialize)]
struct List {
    known: Vec<Entry>,
}

/// The list, with a record of the entries that were seen.
pub(crate) struct Known {
    entries: Vec<Entry>,
    seen: Vec<Cell<bool>>,
}

impl Known {
    pub(crate) fn read(root: &Path) -> Result<Known> {
        let text = fs::read_to_string(root.join(FILE)).context(FILE)?;
        let entries = toml::from_str::<List>(&text).context(FILE)?.known;
        let differences = entries.iter().filter(|entry| !entry.emulator).count();
        ensure!(
            differences <= MOST,
            "{FILE} has {differences} known differences, and may have {MOST}"
        );
        let is_explained = |entry: &Entry| !entry.reason.trim().is_empty();
        ensure!(
            entries.iter().all(is_explained),
            "{FILE} has an entry without a reason"
        );
        let seen = vec![Cell::new(false); entries.len()];
        Ok(Known { entries, seen })
    }

    /// Why this test may differ in this way on this target; `None` if it may not.
    pub(crate) fn reason(&self, target: &str, difference: Difference, test: &str) -> Option<&str> {
        let mut reason = None;
        for (entry, seen) in self.entries.iter().zip(&self.seen) {
            let is_here = entry.targets.iter().any(|name| name == target);
            let is_named = || entry.tests.iter().any(|pattern| matches(pattern, test));
            if is_here && entry.difference == difference && is_named() {
                seen.set(true);
                reason = Some(entry.reason.as_str());
            }
        }
        reason
    }

    /// Entries whose targets were all run, but that are no longer needed.
    pub(crate) fn outdated(&self, run: &[&str]) -> Vec<String> {
        let entries = self.entries.iter().zip(&self.seen);
        let outdated = entries.filter(|(entry, seen)| {
            !seen.get() && entry.targets.iter().all(|target| run.contains(&&**target))
        });
        outdated.map(|(entry, _)| entry.tests.join(", ")).collect()
    }
}

/// Whether a name matches a pattern in which `*` is any text.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((begin, rest)) => name.strip_prefix(begin).is_some_and(|name| {
            name.char_indices()
                .map(|(at, _)| at)
                .chain([name.len()])
                .any(|at| name.get(at..).is_some_and(|name| matches(rest, name)))
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::matches;

    #[test]
    fn patterns() {
        assert!(matches("a/b::c", "a/b::c"));
        assert!(matches("a/*", "a/b::c") && matches("*", "") && matches("*::c", "a/b::c"));
        assert!(matches("a/b::*_as_numpy*", "a/b::dump_as_numpy"));
        assert!(!matches("a/b", "a/b::c") && !matches("*::d", "a/b::c") && !matches("b*", "ab"));
    }
}
