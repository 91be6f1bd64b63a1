//! The examples at the end of each command's help, and in its page of the manual. The tests run each of them.

use crate::topics::TOPICS;
use clap::Command;

/// A command line, and what it does.
pub(crate) type Example = (&'static str, &'static str);

/// The examples of each command, by the words after `npio`; those of `npio` itself come first.
const EXAMPLES: &[(&str, &[Example])] = &[
    (
        "",
        &[
            ("npio ls x.npy a.npz", "What is in these files?"),
            ("npio dump a.npz::w", "The values of one array"),
            ("npio convert x.npy new.csv", "An array as a table"),
        ],
    ),
    (
        "ls",
        &[
            ("npio ls *.npy *.npz", "All arrays of this folder"),
            (
                "npio ls a.npz | sort -t \"$(printf '\\t')\" -k5n",
                "The arrays of an archive, the smallest first",
            ),
        ],
    ),
    (
        "info",
        &[
            (
                "npio info x.npy",
                "All that the header says, and how the bytes are used",
            ),
            (
                "npio info --json x.npy a.npz",
                "The same for programs, one line per file",
            ),
        ],
    ),
    (
        "dump",
        &[
            ("npio dump x.npy", "The values, as NumPy prints them"),
            (
                "npio dump --full --slice ':3, -1' x.npy",
                "All values of a slice",
            ),
            (
                "npio dump --sep , --format %.3f a.npz::b",
                "Text, for other programs",
            ),
        ],
    ),
    (
        "head",
        &[
            ("npio head x.npy", "The first ten rows"),
            (
                "npio head -n 3 a.npz::w",
                "The first three rows of a member",
            ),
        ],
    ),
    (
        "tail",
        &[
            ("npio tail -n 1 x.npy", "The last row"),
            ("npio tail x.csv", "The last ten rows of a table"),
        ],
    ),
    (
        "stats",
        &[
            ("npio stats x.npy", "Statistics of one array"),
            (
                "npio stats a.npz",
                "Of all arrays of an archive, as a table",
            ),
            (
                "npio stats --axis 0 --json x.npy",
                "Of each column, for programs",
            ),
        ],
    ),
    (
        "hash",
        &[
            ("npio hash x.npy a.npz", "A checksum of each array"),
            (
                "npio hash x.npy | sha256sum --check",
                "A .npy in C order has the checksum of its file",
            ),
        ],
    ),
    (
        "find",
        &[
            ("npio find nan x.npy || echo none", "Where are the NaNs?"),
            (
                "npio find -c gt:0.5 a.npz",
                "How many values are greater than 0.5, in each array?",
            ),
            (
                "npio find -l nonfinite *.npy *.npz || true",
                "Which arrays have NaNs or infinities?",
            ),
        ],
    ),
    (
        "diff",
        &[
            (
                "npio diff x.npy y.npy || true",
                "Do they differ, and where first?",
            ),
            (
                "npio diff --rtol 1e-6 a.npz b.npz || true",
                "The arrays of the same names, with a tolerance",
            ),
            (
                "npio diff -q x.npy y.npy || echo different",
                "Only whether they differ",
            ),
        ],
    ),
    (
        "cat",
        &[
            (
                "npio cat x.npy y.npy -o xy.npy",
                "The rows of both, as np.concatenate joins them",
            ),
            ("npio cat --axis 1 x.npy x.npy -o wide.npy", "Side by side"),
        ],
    ),
    (
        "split",
        &[
            (
                "npio split x.npy --parts 2 -o part{}.npy",
                "Two files, part0.npy and part1.npy",
            ),
            (
                "npio split x.npy --rows 1 -o rows.npz::{}",
                "Each row as a member of an archive",
            ),
        ],
    ),
    (
        "sample",
        &[
            ("npio sample -n 1 x.npy", "Any row"),
            (
                "npio sample -n 1 --seed 7 x.npy -o some.npy",
                "The same rows each time, into a file",
            ),
        ],
    ),
    (
        "convert",
        &[
            ("npio convert x.csv new.npy", "A table as an array"),
            ("npio convert --dtype f4 x.npy small.npy", "Another dtype"),
            (
                "npio convert x.npy a.npz::new",
                "An array as a member of an archive",
            ),
        ],
    ),
    (
        "pack",
        &[
            (
                "npio pack new.npz x.npy second=y.npy",
                "An archive of two arrays",
            ),
            ("npio pack --add a.npz x.npy", "One more array in it"),
            ("npio pack both.npz a.npz more=b.npz", "Two archives as one"),
        ],
    ),
    (
        "unpack",
        &[
            (
                "npio unpack a.npz -d folder",
                "All members, as files of a folder",
            ),
            ("npio unpack a.npz w b", "Only these"),
        ],
    ),
    (
        "repack",
        &[
            ("npio repack a.npz aligned.npz", "Ready to be memory-mapped"),
            (
                "npio repack --compress=9 a.npz small.npz",
                "As small as possible",
            ),
            (
                "npio repack --salvage damaged.npz whole.npz || true",
                "What is whole in a damaged archive",
            ),
        ],
    ),
    (
        "rm",
        &[
            ("npio rm a.npz b", "Without one member"),
            ("npio rm b.npz 'w*'", "Without all that match"),
        ],
    ),
    (
        "mv",
        &[
            ("npio mv a.npz w weights", "Another name for a member"),
            ("npio mv b.npz b layer1/b", "Names may have folders"),
        ],
    ),
    (
        "cat",
        &[
            (
                "npio cat x.npy y.npy -o all.npy",
                "The rows of one array after those of another",
            ),
            (
                "npio cat --axis 1 a.npz::w x.npy -o wide.npy",
                "Side by side",
            ),
        ],
    ),
    (
        "split",
        &[
            (
                "npio split x.npy --parts 2 -o part{}.npy",
                "Two files, part0.npy and part1.npy",
            ),
            (
                "npio split x.npy --rows 1 -o rows.npz::{}",
                "Each row as a member of an archive",
            ),
        ],
    ),
    (
        "sample",
        &[
            (
                "npio sample x.npy -n 2 --seed 1",
                "Two rows, the same ones each time",
            ),
            (
                "npio sample x.npy -n 2 -o some.npy",
                "Two others, in a file",
            ),
        ],
    ),
    (
        "view",
        &[
            (
                "npio view --once x.npy",
                "One frame of what npio view x.npy shows",
            ),
            (
                "npio view --once -W 100 -H 30 a.npz::w --slice ':2'",
                "One of a given size",
            ),
        ],
    ),
    (
        "plot",
        &[
            ("npio plot x.npy", "A picture in the terminal"),
            ("npio plot x.npy -o x.png", "The same in a file"),
            (
                "npio plot a.npz::w --kind hist -o w.svg",
                "How often which values occur",
            ),
        ],
    ),
    (
        "report",
        &[
            (
                "npio report x.npy a.npz -o report.html",
                "A page about these files",
            ),
            (
                "npio report . -o all.html",
                "About all arrays in this folder",
            ),
        ],
    ),
    (
        "refs",
        &[
            (
                "npio refs x.npy y.npy -o refs.json",
                "For xarray.open_dataset(\"refs.json\", engine=\"kerchunk\")",
            ),
            (
                "npio refs x.npy y.npy --concat all --prefix s3://bucket/dir -o all.json",
                "One array of several files, which are read from an object store",
            ),
        ],
    ),
    (
        "append",
        &[
            (
                "npio append x.npy y.npy",
                "The rows of one file after those of another",
            ),
            (
                "npio dump --raw y.npy | npio append x.npy - --in-dtype f8 --in-shape -1,3",
                "Rows from a pipe",
            ),
        ],
    ),
    (
        "meta",
        &[
            ("npio meta get notes.npz", "All metadata"),
            ("npio meta set a.npz author=Emma", "A value more"),
        ],
    ),
    (
        "meta get",
        &[
            ("npio meta get notes.npz", "All metadata"),
            ("npio meta get notes.npz rate", "One value"),
        ],
    ),
    (
        "meta set",
        &[
            (
                "npio meta set a.npz rate=44100 author=Emma",
                "Beside the arrays of an archive",
            ),
            (
                "npio meta set --as json a.npz rate=44100",
                "As one text of JSON",
            ),
        ],
    ),
    (
        "verify",
        &[
            (
                "npio verify *.npy a.npz || echo broken",
                "Are these files whole?",
            ),
            (
                "npio verify --repair header longer.npy",
                "Cut off what follows the array",
            ),
        ],
    ),
    (
        "size",
        &[
            ("npio size float32 1000,1000", "Before anything is written"),
            ("npio size \"[('x', '<f4'), ('n', '<i8')]\" 100", "Records"),
        ],
    ),
    (
        "completions",
        &[
            (
                "npio completions bash > npio.bash",
                "To be read by ~/.bashrc: source npio.bash",
            ),
            (
                "npio completions zsh > _npio",
                "To be put into a folder of $fpath",
            ),
            (
                "npio completions fish > npio.fish",
                "To be put into ~/.config/fish/completions",
            ),
        ],
    ),
    (
        "man",
        &[
            (
                "npio man > npio.1",
                "The manual page; man ./npio.1 shows it",
            ),
            (
                "npio man addresses > npio-addresses.7",
                "The page on addresses",
            ),
        ],
    ),
];

/// The examples of this command; none for one that only has others.
pub(crate) fn of(command: &str) -> &'static [Example] {
    let found = EXAMPLES.iter().find(|(name, _)| *name == command);
    found.map_or(&[], |(_, examples)| examples)
}

/// The command with examples at the end of its help, and of that of its subcommands.
pub(crate) fn add_to(command: Command) -> Command {
    add(command, "")
}

fn add(mut command: Command, name: &str) -> Command {
    let names: Vec<String> = command
        .get_subcommands()
        .map(|sub| sub.get_name().to_owned())
        .collect();
    for sub in names {
        let full = format!("{name} {sub}");
        command = command.mut_subcommand(sub, |command| add(command, full.trim_start()));
    }
    match of(name) {
        [] => command,
        examples if name.is_empty() => {
            command.after_help(format!("{}\n\n{}", help(examples), topics()))
        }
        examples => command.after_help(help(examples)),
    }
}

/// The pages that are not about one command.
fn topics() -> String {
    let lines = TOPICS.map(|topic| format!("  npio help {:<10} {}", topic.name, topic.about));
    format!("More help:\n{}", lines.join("\n"))
}

fn help(examples: &[Example]) -> String {
    let lines = examples
        .iter()
        .map(|(line, what)| format!("  # {what}\n  {line}"));
    format!("Examples:\n{}", lines.collect::<Vec<_>>().join("\n"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::Args;
    use clap::CommandFactory;

    /// The full names of all commands that do something.
    fn names(command: &Command, name: &str) -> Vec<String> {
        let subcommands = command.get_subcommands();
        let nested = subcommands
            .flat_map(|sub| names(sub, format!("{name} {}", sub.get_name()).trim_start()));
        let nested: Vec<String> = nested.collect();
        [vec![name.to_owned()], nested].concat()
    }

    #[test]
    fn every_command_has_examples() {
        let names = names(&Args::command(), "");
        for name in &names {
            let count = of(name).len();
            assert!(
                (2..=3).contains(&count),
                "npio {name}: {count} examples: see examples.rs"
            );
        }
        let of_feature = ["view", "plot", "report"];
        let is_built = |name: &str| !of_feature.contains(&name) || cfg!(feature = "view");
        for (name, _) in EXAMPLES.iter().filter(|(name, _)| is_built(name)) {
            assert!(names.iter().any(|known| known == name), "{name}");
        }
    }
}
