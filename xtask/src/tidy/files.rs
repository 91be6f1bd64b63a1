//! The files that git tracks or would track.

use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

/// Files below these paths are generated, or wrong on purpose.
const BYTES: [&str; 3] = ["fuzz/corpus/", "fuzz/findings/", "tests/fixtures/"];

/// A text file.
pub(crate) struct File {
    /// Relative to the workspace, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl File {
    /// A problem at a line, which counts from 1.
    pub(crate) fn problem(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }

    /// A problem at the first line that has `needle`, or else at the first line.
    pub(crate) fn problem_at(&self, needle: &str, what: &str) -> String {
        let index = self.text.lines().position(|line| line.contains(needle));
        self.problem(index.unwrap_or(0) + 1, what)
    }
}

/// All files of the workspace.
pub(crate) struct Files {
    paths: Vec<String>,
    texts: Vec<File>,
}

impl Files {
    pub(crate) fn of(root: &Path) -> Result<Self> {
        let output = Command::new("git")
            .current_dir(root)
            .args([
                "ls-files",
                "-z",
                "--cached",
                "--others",
                "--exclude-standard",
            ])
            .output()
            .context("cannot start git")?;
        ensure!(
            output.status.success(),
            "git ls-files failed: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        let listed = String::from_utf8(output.stdout).context("a file name is not UTF-8")?;
        // A deleted file is listed until the deletion is staged.
        let exists = |path: &&str| !path.is_empty() && root.join(path).is_file();
        let paths: Vec<String> = listed
            .split('\0')
            .filter(exists)
            .map(str::to_owned)
            .collect();
        let mut texts = Vec::new();
        let typed = |path: &&String| !BYTES.iter().any(|folder| path.starts_with(folder));
        for path in paths.iter().filter(typed) {
            let content = std::fs::read(root.join(path)).with_context(|| path.clone())?;
            if let Ok(text) = String::from_utf8(content) {
                texts.push(File {
                    path: path.clone(),
                    text,
                });
            }
        }
        Ok(Self { paths, texts })
    }

    pub(crate) fn len(&self) -> usize {
        self.paths.len()
    }

    pub(crate) fn has(&self, path: &str) -> bool {
        self.paths.iter().any(|known| known == path)
    }

    pub(crate) fn texts(&self) -> &[File] {
        &self.texts
    }

    pub(crate) fn text(&self, path: &str) -> Option<&File> {
        self.texts.iter().find(|file| file.path == path)
    }
}
