//! `cargo xtask browser`: the page of `npio report` in a browser.

use crate::cross::tools;
use crate::{process, python};
use anyhow::Result;
use std::path::Path;

/// Runs the test that opens a page in Chromium, which is installed if it is missing. The screenshots stay in
/// `target/browser`.
pub(crate) fn run(root: &Path) -> Result<()> {
    tools::install(&[("chromium", "chromium")])?;
    let folder = python::target(root).join("browser");
    std::fs::create_dir_all(&folder)?;
    let mut test = process::cargo();
    test.current_dir(root)
        .args(["test", "--package", "conformance", "--test", "command"])
        .args(["--", "--nocapture", "browser"])
        .env("NPIO_BROWSER", "chromium")
        .env("NPIO_SCREENSHOTS", &folder);
    process::run(&mut test)?;
    println!("the screenshots are in {}", folder.display());
    Ok(())
}
