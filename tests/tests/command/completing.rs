//! The completion scripts, in the shells that they are for.

use conformance::{sample_archives, shell, skipped, stdout_of};
use std::fs;
use std::path::Path;

/// What a shell completes at the end of this line: `None` if it is not installed.
fn completed(program: &str, here: &Path, line: &str) -> Option<Vec<String>> {
    if shell(here, &format!("command -v {program}")).status != 0 {
        return None;
    }
    fs::write(
        here.join("script"),
        stdout_of(here, &["completions", program]),
    )
    .unwrap();
    let ask = match program {
        // As readline calls it: the words are cut at colons, too.
        "bash" => {
            "source ./script
            COMP_LINE=$1 COMP_POINT=${#1}
            read -ra COMP_WORDS <<< \"${1//::/ :: }\"
            [[ $1 == *' ' || $1 == *:: ]] && COMP_WORDS+=('')
            COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
            function=$(complete -p npio | sed 's/.*-F \\([^ ]*\\).*/\\1/')
            \"$function\" npio \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"
            printf '%s\\n' \"${COMPREPLY[@]}\""
        }
        "fish" => "source ./script; complete -C \"$argv[1]\" | string replace -r '\\t.*' ''",
        // It completes in a terminal only.
        _ => {
            "zmodload zsh/zpty
            zpty z 'zsh -f -i'
            zpty -w z \"PS1=; autoload -U compinit; compinit -D -u; source ./script; bindkey '^T' complete-word; print REA''DY\"
            zpty -r z text '*READY*'
            zpty -n -w z \"$1\"$'\\t\\t\\t'
            sleep 1
            while zpty -r -t z text; do printf '%s' \"$text\"; done
            zpty -d z"
        }
    };
    let quoted = |text: &str| format!("'{}'", text.replace('\'', r"'\''"));
    let flags = match program {
        "bash" => "bash --norc -c",
        "fish" => "fish --no-config -c",
        _ => "zsh -f -c",
    };
    let name = if program == "fish" { "" } else { "script" };
    let command = format!("{flags} {} {name} {}", quoted(ask), quoted(line));
    let mut text = shell(here, &command).text();
    // What moves the cursor of a terminal.
    while let Some((before, after)) = text.split_once('\u{1b}') {
        let end = after
            .find(|c: char| c.is_ascii_alphabetic())
            .map_or(after.len(), |end| end + 1);
        text = format!("{before} {}", &after[end..]);
    }
    Some(text.split_whitespace().map(str::to_owned).collect())
}

#[test]
fn in_real_shells() {
    let folder = sample_archives();
    let here = folder.path();
    for program in ["bash", "fish", "zsh"] {
        let Some(casting) = completed(program, here, "npio convert --casting s") else {
            skipped(&format!("{program} is not installed"));
            continue;
        };
        let has = |found: &[String], words: &[&str]| {
            words
                .iter()
                .all(|word| found.iter().any(|found| found == word))
        };
        assert!(
            has(&casting, &["safe", "same_kind"]),
            "{program}: {casting:?}"
        );
        let members = completed(program, here, "npio dump a.npz::").unwrap();
        // Where colons separate words, the last one is completed.
        let expected = if program == "bash" {
            ["x", "f", "n"]
        } else {
            ["a.npz::x", "a.npz::f", "a.npz::n"]
        };
        assert!(has(&members, &expected), "{program}: {members:?}");
        if program == "zsh" {
            // Each line takes a second.
            continue;
        }
        let complete = |line: &str| completed(program, here, line).unwrap();
        assert!(has(&complete("npio con"), &["convert"]));
        assert!(has(
            &complete("npio convert --dtype fl"),
            &["float32", "float64"]
        ));
        assert!(has(&complete("npio convert --to s"), &["safetensors"]));
    }
}
