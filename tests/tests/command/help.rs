//! The first minutes: help, the manual, and what is said of misspelt words.

use conformance::{failed, ran, sample_archives, stdout_of};
use std::fs;
use std::path::Path;

/// All commands, as help lists them: the words after `npio`.
pub(crate) fn commands(here: &Path) -> Vec<String> {
    let mut found = Vec::new();
    let listed = |help: &str| -> Vec<String> {
        let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1);
        let lines = lines.take_while(|line| !line.is_empty());
        let entries = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
        let names = entries.filter_map(|line| line.split_whitespace().next());
        let names = names.filter(|name| *name != "help");
        names.map(str::to_owned).collect()
    };
    for name in listed(&stdout_of(here, &["--help"])) {
        let nested = listed(&stdout_of(here, &[&name, "--help"]));
        if nested.is_empty() {
            found.push(name);
        } else {
            found.extend(nested.iter().map(|nested| format!("{name} {nested}")));
        }
    }
    found
}

#[test]
fn npio_alone_prints_help() {
    let folder = sample_archives();
    let here = folder.path();
    let help = stdout_of(here, &[]);
    assert_eq!(help, stdout_of(here, &["-h"]));
    assert!(help.contains("Usage: npio"), "{help}");
    assert!(stdout_of(here, &["meta"]).contains("Usage: npio meta"));
}

#[test]
fn what_was_meant() {
    let folder = sample_archives();
    let here = folder.path();
    for (args, end) in [
        (
            &["convrt", "x.npy", "y.npy"][..],
            "did you mean 'convert'? (see npio --help)",
        ),
        (
            &["help", "adresses"],
            "did you mean 'addresses'? (see npio --help)",
        ),
        (
            &["meta", "gett", "a.npz"],
            "did you mean 'get'? (see npio meta --help)",
        ),
        (
            &["meta", "gt", "a.npz"],
            "did you mean 'get'? (see npio meta --help)",
        ),
        (
            &["dump", "--ful", "x.npy"],
            "did you mean '--full'? (see npio dump --help)",
        ),
        (
            &["dump", "x.npy", "--from", "nyp"],
            "did you mean 'npy'? (see npio --help)",
        ),
        (
            &["convert", "x.npy", "y.npy", "--casting", "safest"],
            "did you mean 'safe'? (see npio --help)",
        ),
        (
            &["convert", "x.npy", "y.npy", "--dtype", "flaot32"],
            "did you mean 'float32'? (see npio --help)",
        ),
        (
            &["convert", "x.npy", "y.npy", "--in-dtype", "atuo"],
            "did you mean 'auto'? (see npio --help)",
        ),
        (
            &["convert", "x.npy", "y.npi"],
            "or --to raw: did you mean 'npy'?",
        ),
        (&["size", "itn8", "3"], "did you mean 'int8'?"),
        (
            &["find", "nann", "x.npy"],
            "did you mean 'nan'? (see npio --help)",
        ),
        (&["man", "convret"], "did you mean 'convert'?"),
    ] {
        let message = failed(here, args);
        assert!(message.ends_with(end), "{args:?}: {message}");
        assert_eq!(message.matches("did you mean").count(), 1, "{message}");
    }
    ran(here, &["pack", "m.npz", "weights=x.npy", "bias=f.npy"]);
    for args in [
        &["dump", "m.npz::wieghts"][..],
        &["ls", "m.npz::wieghts"],
        &["stats", "m.npz::Weights"],
        &["unpack", "m.npz", "weigths"],
        &["mv", "m.npz", "weight", "w"],
        &["rm", "m.npz", "wights"],
    ] {
        let message = failed(here, args);
        assert!(
            message.ends_with("the archive has 'weights', 'bias': did you mean 'weights'?"),
            "{message}"
        );
    }
    ran(here, &["convert", "m.npz", "m.safetensors"]);
    let message = failed(here, &["dump", "m.safetensors::wieghts"]);
    assert!(message.ends_with("did you mean 'weights'?"), "{message}");
    // Nothing is similar.
    let message = failed(here, &["frobnicate"]);
    assert_eq!(
        message,
        "npio: unrecognized subcommand 'frobnicate' (see npio --help)"
    );
}

/// Messages end with the option that helps.
#[test]
fn what_helps() {
    let folder = sample_archives();
    let here = folder.path();
    fs::write(here.join("names.csv"), "a,b\n1,2\n").unwrap();
    fs::write(here.join("later.csv"), "1,2\nx,y\n").unwrap();
    fs::write(here.join("unknown"), [200, 1, 2, 3, 4, 5, 6, 7, 8, 9]).unwrap();
    fs::write(
        here.join("lfs.npy"),
        "version https://git-lfs.github.com/spec/v1\n",
    )
    .unwrap();
    for (args, end) in [
        (
            &["convert", "--dtype", "i4", "x.npy", "y.npy"][..],
            "by the rule 'same_kind': use --casting unsafe to cast anyway",
        ),
        (
            &["head", "names.csv"],
            "found 'a': use --in-names if the first row has the names of the columns",
        ),
        (
            &["convert", "names.csv", "y.npy"],
            "found 'a': use --in-names if the first row has the names of the columns",
        ),
        (&["head", "later.csv"], "expected a number, found 'x'"),
        (
            &["ls", "unknown"],
            "must be given): state --from, or --in-dtype of raw items",
        ),
        (
            &["ls", "lfs.npy"],
            "(perhaps a Git LFS pointer: run git lfs pull)",
        ),
    ] {
        let message = failed(here, args);
        assert!(message.ends_with(end), "{args:?}: {message}");
    }
}

/// The manual: a page for each command and topic, which `man` can show.
#[test]
fn pages_of_the_manual() {
    let folder = sample_archives();
    let here = folder.path();
    let mut pages = commands(here);
    pages.push("meta".to_owned());
    for name in &pages {
        let page = stdout_of(here, &["man", name]);
        for section in ["NAME", "SYNOPSIS", "EXIT STATUS", "ENVIRONMENT"] {
            assert!(
                page.contains(&format!(".SH \"{section}\""))
                    || page.contains(&format!(".SH {section}")),
                "{name}: {page}"
            );
        }
        assert!(
            page.contains(".SH EXAMPLES") || name == "meta",
            "{name}: {page}"
        );
        assert!(!page.contains("Examples:"), "{name}: {page}");
    }
    for topic in ["addresses", "text"] {
        let page = stdout_of(here, &["man", topic]);
        assert!(
            page.contains(&format!(".TH npio\\-{topic} 7"))
                || page.contains(&format!(".TH npio-{topic} 7")),
            "{page}"
        );
        assert!(page.matches(".SH").count() > 3);
    }
}
