//! Rules for packages: their files, inherited fields, and dependencies.

use anyhow::{Context, Result};
use toml::{Table, Value};

use super::files::{File, Files};

/// The order of the crates, lowest first: a crate depends only on crates of earlier rows.
const LAYERS: [&[&str]; 9] = [
    &["dtype-derive"],
    &["dtype"],
    &["npy-header"],
    &["flatfile"],
    &["npz", ADAPTERS],
    &["npmeta"],
    &["npio"],
    &["npio-look", "npio-remote"],
    &["npio-cli", "npio-python"],
];

/// What the names of the crates begin with that adapt another crate's arrays: a new one needs no row here.
const ADAPTERS: &str = "flatfile-";

const INHERITED: [&str; 4] = ["version", "edition", "rust-version", "license"];
const DEPENDENCIES: [&str; 3] = ["dependencies", "dev-dependencies", "build-dependencies"];
const REQUIRED: [&str; 5] = [
    "README.md",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "LICENSE-APACHE",
    "LICENSE-MIT",
];

pub(crate) fn problems(files: &Files) -> Result<Vec<String>> {
    let mut problems = Vec::new();
    for path in REQUIRED {
        problems.extend(missing(files, path));
    }
    let workspace = files.text("Cargo.toml").context("there is no Cargo.toml")?;
    problems.extend(lockstep(workspace)?);
    for file in files.texts() {
        if let Some(folder) = file.path.strip_suffix("/Cargo.toml") {
            let manifest = parse(file)?;
            if manifest.contains_key("workspace") {
                // The bench and the fuzz targets, whose dependencies are their own.
                continue;
            }
            problems.extend(inheritance(file, &manifest));
            if let Some(name) = folder.strip_prefix("crates/") {
                problems.extend(published(file, &manifest));
                problems.extend(missing(files, &format!("{folder}/README.md")));
                problems.extend(layering(file, &manifest, name));
            }
        }
    }
    Ok(problems)
}

fn missing(files: &Files, path: &str) -> Option<String> {
    (!files.has(path)).then(|| format!("{path}:1: the file is missing"))
}

fn parse(file: &File) -> Result<Table> {
    file.text.parse().with_context(|| file.path.clone())
}

/// Every sibling is named once, with the workspace's own version and no other.
fn lockstep(file: &File) -> Result<Vec<String>> {
    let manifest = parse(file)?;
    let workspace = manifest.get("workspace");
    let version = workspace.and_then(|table| table.get("package")?.get("version")?.as_str());
    let exact = format!(
        "={}",
        version.context("Cargo.toml has no workspace.package.version")?
    );
    let dependencies = workspace.and_then(|table| table.get("dependencies")?.as_table());
    let siblings = dependencies
        .into_iter()
        .flatten()
        .filter(|(name, _)| rank(name).is_some());
    let other =
        siblings.filter(|(_, value)| value.get("version").and_then(Value::as_str) != Some(&exact));
    Ok(other
        .map(|(name, _)| {
            file.problem_at(
                &format!("{name} ="),
                &format!("{name} must be version {exact}"),
            )
        })
        .collect())
}

/// Version, edition and lints are the workspace's.
fn inheritance(file: &File, manifest: &Table) -> Vec<String> {
    let package = manifest.get("package");
    let mut problems = Vec::new();
    for key in INHERITED {
        if !inherits(package.and_then(|table| table.get(key))) {
            problems.push(file.problem_at(key, &format!("{key}.workspace = true is missing")));
        }
    }
    if !inherits(manifest.get("lints")) {
        problems.push(file.problem_at("[lints]", "[lints] workspace = true is missing"));
    }
    problems
}

/// The information for users who look for a crate: its repository, and documentation of all its features.
fn published(file: &File, manifest: &Table) -> Vec<String> {
    let package = manifest.get("package");
    let mut problems = Vec::new();
    if !inherits(package.and_then(|table| table.get("repository"))) {
        problems.push(file.problem_at("[package]", "repository.workspace = true is missing"));
    }
    let docs = package.and_then(|table| table.get("metadata")?.get("docs")?.get("rs"));
    let has_all = docs.and_then(|table| table.get("all-features")?.as_bool());
    if has_all != Some(true) {
        problems.push(file.problem_at("[package]", "docs.rs has to have all-features = true"));
    }
    problems
}

fn inherits(value: Option<&Value>) -> bool {
    value.and_then(|value| value.get("workspace")?.as_bool()) == Some(true)
}

/// Dependencies point to lower crates, including those of tests.
fn layering(file: &File, manifest: &Table, name: &str) -> Vec<String> {
    let Some(own) = rank(name) else {
        return vec![file.problem(1, &format!("{name} has no place in xtask's list of layers"))];
    };
    let mut problems = Vec::new();
    for (dependency, value) in dependencies(manifest) {
        let at = |what: &str| file.problem_at(dependency, what);
        match rank(dependency) {
            Some(rank) if rank >= own => {
                problems.push(at(&format!("{name} must not depend on {dependency}")))
            }
            Some(_) if !inherits(Some(value)) => {
                problems.push(at(&format!("{dependency} must have workspace = true")))
            }
            _ => {}
        }
    }
    problems
}

/// Dependencies of every kind and for every target.
fn dependencies(manifest: &Table) -> impl Iterator<Item = (&String, &Value)> {
    let targets = manifest
        .get("target")
        .and_then(Value::as_table)
        .into_iter()
        .flatten();
    let tables = targets
        .filter_map(|(_, target)| target.as_table())
        .chain([manifest]);
    tables.flat_map(|table| {
        DEPENDENCIES
            .iter()
            .filter_map(|kind| table.get(*kind)?.as_table())
            .flatten()
    })
}

fn rank(name: &str) -> Option<usize> {
    let is_adapter = name.starts_with(ADAPTERS);
    let name = if is_adapter { ADAPTERS } else { name };
    LAYERS.iter().position(|row| row.contains(&name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(name: &str, text: &str) -> Result<Vec<String>> {
        let file = File {
            path: "Cargo.toml".into(),
            text: text.into(),
        };
        Ok(layering(&file, &parse(&file)?, name))
    }

    #[test]
    fn dependencies_point_down() -> Result<()> {
        let down = "[dependencies]\ndtype.workspace = true\nnom.workspace = true\n";
        assert!(found("npy-header", down)?.is_empty());
        let climbs = "[dev-dependencies]\nnpio.workspace = true\n";
        assert_eq!(
            found("dtype", climbs)?,
            ["Cargo.toml:2: dtype must not depend on npio"]
        );
        let for_target = "[target.'cfg(unix)'.dependencies]\nflatfile.workspace = true\n";
        assert_eq!(found("flatfile", for_target)?.len(), 1);
        let by_path = "[dependencies]\ndtype = { path = \"../dtype\" }\n";
        assert_eq!(
            found("npz", by_path)?,
            ["Cargo.toml:2: dtype must have workspace = true"]
        );
        assert_eq!(found("newcomer", "")?.len(), 1);
        Ok(())
    }

    #[test]
    fn versions_are_in_lockstep() -> Result<()> {
        let text = "[workspace.package]\nversion = \"1.2.3\"\n[workspace.dependencies]\ndtype = \"=1.2.3\"\nnpz = { version = \"=1.2.2\" }\n";
        let problems = lockstep(&File {
            path: "Cargo.toml".into(),
            text: text.replace("\"=1.2.3\"", "{ version = \"=1.2.3\" }"),
        })?;
        assert_eq!(problems, ["Cargo.toml:5: npz must be version =1.2.3"]);
        Ok(())
    }
}
