//! The command line: every command, option and their help.

mod arrays;
mod diff;
#[cfg(windows)]
mod globs;
mod head;
mod input;
#[cfg(feature = "view")]
mod look;
mod ls;
mod meta;
mod output;
mod parts;
mod refs;
mod text;
#[cfg(feature = "view")]
mod view;
mod words;

pub(crate) use arrays::{FindArgs, HashArgs, Repair, StatsArgs, VerifyArgs, with_repair_values};
pub(crate) use diff::DiffArgs;
pub(crate) use head::HeadArgs;
pub(crate) use input::{
    ArrayArgs, DuplicatesArgs, FileArgs, LongDouble, RawArgs, ReadArgs, SalvageArgs, WantedDType,
    axes,
};
#[cfg(feature = "view")]
pub(crate) use look::{PlotArgs, ReportArgs};
pub(crate) use ls::{FolderArgs, LsArgs};
pub(crate) use meta::{MetaCommand, MetaFormat, MetaGetArgs, MetaSetArgs};
pub(crate) use output::{
    AxisOrder, ByteOrder, ConvertArgs, DumpArgs, MemoryOrder, MvArgs, NanFormat, NewShape,
    PackArgs, PrintArgs, RepackArgs, RmArgs, TableArgs, UnpackArgs, WriteArgs,
};
pub(crate) use parts::{CatArgs, SampleArgs, SplitArgs};
pub(crate) use refs::RefsArgs;
pub(crate) use text::{InputFormat, TextArgs};
#[cfg(feature = "view")]
pub(crate) use view::ViewArgs;

use crate::address::{Address, FileArg};
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use npio::encoding::Encoding;
use std::sync::LazyLock;
use std::time::Duration;

/// List, show, convert, pack and append to NumPy's .npy and .npz files, without Python
#[derive(Debug, Parser)]
// On Windows the program has another name, npio.exe, which would be in usages.
#[command(
    name = "npio",
    bin_name = "npio",
    version,
    long_version = long_version(),
    max_term_width = 100
)]
pub(crate) struct Args {
    /// Whether to color messages: auto does on a terminal, unless NO_COLOR is set
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Color,
    /// Do not show progress bars
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// The version, and which features this build has: not all of them read remote files.
fn long_version() -> &'static str {
    static LONG_VERSION: LazyLock<String> = LazyLock::new(|| {
        let features = [
            ("methods", cfg!(feature = "methods")),
            ("remote", cfg!(feature = "remote")),
            ("view", cfg!(feature = "view")),
            ("zstd", cfg!(feature = "zstd")),
        ];
        let signed =
            features.map(|(name, is_built)| format!("{}{name}", if is_built { '+' } else { '-' }));
        format!(
            "{}\nfeatures: {}",
            env!("CARGO_PKG_VERSION"),
            signed.join(" ")
        )
    });
    &LONG_VERSION
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List arrays, one per line: name, dtype, shape, order, bytes, storage
    Ls(LsArgs),
    /// Show what the headers contain, and how the bytes of a file are used
    Info {
        /// Print JSON, one object per file on a line of its own
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        files: FileArgs,
    },
    /// Print the values of an array as NumPy prints them
    Dump {
        #[command(flatten)]
        values: ArrayArgs,
        #[command(flatten)]
        dump_args: DumpArgs,
        #[command(flatten)]
        salvage: SalvageArgs,
        #[command(flatten)]
        print: PrintArgs,
        /// The format of each item, as for Python's % operator: %d, %8.3f, %.6e; by default the shortest text that
        /// reads back as the same value
        #[arg(
            long,
            value_name = "FORMAT",
            requires = "sep",
            allow_hyphen_values = true
        )]
        format: Option<String>,
        /// What NaN and infinities are in JSON
        #[arg(long, value_name = "AS", default_value = "nan", requires = "json")]
        nan: NanFormat,
        /// The encoding of the text: latin-1, utf-16, windows-1252, shift_jis, …; by default utf-8
        #[arg(long, value_name = "LABEL", conflicts_with = "raw")]
        out_encoding: Option<Encoding>,
        /// Write raw bytes even to a terminal
        #[arg(long)]
        force: bool,
    },
    /// Print the first rows of an array
    Head(HeadArgs),
    /// Print the last rows of an array
    Tail(HeadArgs),
    /// Look at arrays of any number of axes on the whole terminal, or at those in an archive or a folder; only what is
    /// visible is read
    #[cfg(feature = "view")]
    View(ViewArgs),
    /// Print the count, minimum, maximum, mean and standard deviation (ddof=0) of the values; NaN are left out, and
    /// counted separately. The mean and the standard deviation are exact, rounded once. Several arrays are a table
    Stats(StatsArgs),
    /// Print the SHA-256 of each array: that of the .npy file that np.save would write for it in C order, whatever the
    /// file it is in, its memory order and its compression
    Hash(HashArgs),
    /// Draw an array: a line, points, a heatmap, an image or a histogram, in the terminal or as a .png or .svg
    #[cfg(feature = "view")]
    Plot(PlotArgs),
    /// Write a page about files, to be opened in a browser: headers, where the bytes go, statistics and pictures
    #[cfg(feature = "view")]
    Report(ReportArgs),
    /// Find the items that are NaN, infinite or zero, or in a relation to a value, and print their indices and values;
    /// the exit status is 1 if there are none
    Find(FindArgs),
    /// Compare the dtype, shape and values of two arrays, or of the arrays with the same names in two archives; the
    /// exit status is 1 if they differ
    Diff(DiffArgs),
    /// Convert an array to another dtype, byte order, memory order or file format, or put it into an archive
    Convert(ConvertArgs),
    /// Join arrays along an axis, which may be larger than memory
    Cat(CatArgs),
    /// Split an array into parts of consecutive rows, each a file or a member
    Split(SplitArgs),
    /// Take rows at random, each at most once, in the order of the file
    Sample(SampleArgs),
    /// Create an archive of arrays, or add to one; also merge archives
    Pack(PackArgs),
    /// Extract the members of an archive as files, never outside of one folder
    Unpack(UnpackArgs),
    /// Rewrite an archive with its members stored and aligned, ready to be memory-mapped, or compressed; or save what is
    /// whole in a damaged one
    Repack(RepackArgs),
    /// Remove members of an archive
    Rm(RmArgs),
    /// Rename a member of an archive
    Mv(MvArgs),
    /// Write where the chunks of arrays are in their files, so that Dask, xarray and all else that reads Zarr reads the
    /// files as they are, also from object stores
    Refs(RefsArgs),
    /// Append rows to a .npy file in place: all of them or, after a failure, none
    Append {
        /// The .npy file to append to
        #[arg(value_name = "DEST")]
        destination: FileArg,
        /// Files whose rows match those of DEST, or FILE.npz::MEMBER; - is standard input
        #[arg(required = true, value_name = "SRC")]
        sources: Vec<Address>,
        #[command(flatten)]
        reading: ReadArgs,
        /// Wait until the rows are on disk, so that even a power failure does not lose the rows already in the file
        #[arg(long)]
        durable: bool,
        /// Wait up to this many seconds while another process is appending to the file [default: 0]
        #[arg(long, value_name = "SECONDS", value_parser = seconds)]
        wait: Option<Duration>,
    },
    /// Read and write metadata in archives
    #[command(subcommand)]
    Meta(MetaCommand),
    /// Check files, and show what is wrong with them and where; the exit status is 1 if something is
    Verify(VerifyArgs),
    /// Print how many bytes an array takes in memory and in each file format
    Size {
        /// The dtype, in any of NumPy's notations: f8, int32, "<U5", "i4,f8", "[('x', '<f4')]"
        dtype: String,
        /// The shape: 3,4 or 3x4; () is 0-d
        shape: String,
        /// Print JSON, one object on a line
        #[arg(long)]
        json: bool,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: Shell,
    },
    /// Print a manual page in roff format: npio man | man -l -
    Man {
        /// The command to describe, or addresses or text; by default npio itself
        command: Option<String>,
    },
}

/// Expands patterns in the names of input files, which no shell on Windows does.
#[cfg(windows)]
impl Command {
    /// Replaces each pattern by the files that match it. A pattern that matches nothing is kept.
    pub(crate) fn expand_globs(&mut self) -> anyhow::Result<()> {
        match self {
            Command::Ls(ls) => globs::expand_all(&mut ls.files),
            Command::Info { files, .. } | Command::Verify(VerifyArgs { files, .. }) => {
                globs::expand_all(&mut files.files);
            }
            Command::Find(find) => globs::expand_all(&mut find.arrays.files),
            Command::Hash(hash) => globs::expand_all(&mut hash.arrays.files),
            Command::Head(head) | Command::Tail(head) => {
                globs::expand_one(&mut head.values.input.name)?;
            }
            Command::Dump { values, .. } => {
                globs::expand_one(&mut values.input.name)?;
            }
            Command::Refs(refs) => globs::expand_all(&mut refs.files),
            #[cfg(feature = "view")]
            Command::View(view) => globs::expand_one(&mut view.input.name)?,
            #[cfg(feature = "view")]
            Command::Plot(plot) => globs::expand_one(&mut plot.input.name)?,
            #[cfg(feature = "view")]
            Command::Report(report) => globs::expand_all(&mut report.files.files),
            Command::Stats(stats) => globs::expand_all(&mut stats.arrays.files),
            Command::Diff(diff) => {
                globs::expand_one(&mut diff.a.name)?;
                globs::expand_one(&mut diff.b.name)?;
            }
            Command::Convert(convert) => globs::expand_one(&mut convert.values.input.name)?,
            Command::Cat(cat) => globs::expand_all(&mut cat.sources),
            Command::Split(split) => globs::expand_one(&mut split.values.input.name)?,
            Command::Sample(sample) => globs::expand_one(&mut sample.values.input.name)?,
            Command::Pack(pack) => {
                pack.sources = pack.sources.iter().flat_map(globs::expand_named).collect();
            }
            Command::Rm(rm) => globs::expand_one(&mut rm.file)?,
            Command::Mv(mv) => globs::expand_one(&mut mv.file)?,
            Command::Unpack(unpack) => globs::expand_one(&mut unpack.input)?,
            Command::Repack(repack) => globs::expand_one(&mut repack.input)?,
            Command::Append {
                destination,
                sources,
                ..
            } => {
                globs::expand_one(destination)?;
                globs::expand_all(sources);
            }
            Command::Meta(MetaCommand::Get(get)) => globs::expand_one(&mut get.file)?,
            // This archive may not exist yet.
            Command::Meta(MetaCommand::Set(_)) => {}
            Command::Size { .. } | Command::Completions { .. } | Command::Man { .. } => {}
        }
        Ok(())
    }
}

/// A number of seconds, also with a fraction.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.parse().ok().map(Duration::try_from_secs_f64);
    let seconds = seconds.and_then(Result::ok);
    seconds.ok_or_else(|| "expected seconds such as 5 or 0.5".to_owned())
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes it the choice for everything that this program prints.
    pub(crate) fn write_global(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}
