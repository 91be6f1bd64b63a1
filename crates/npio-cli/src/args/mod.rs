//! The command line: every command, option and their help.

#[cfg(windows)]
mod globs;
mod input;
mod meta;
mod output;

pub(crate) use input::{ArrayArgs, FileArgs, LongDouble, RawArgs, ReadArgs, axes};
pub(crate) use meta::{MetaCommand, MetaFormat, MetaGetArgs, MetaSetArgs};
pub(crate) use output::{
    ByteOrder, ConvertArgs, DumpArgs, MemoryOrder, PackArgs, RepackArgs, UnpackArgs,
};

use crate::address::{Address, FileArg};
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

/// NumPy's files without Python: list, show, convert, pack and append to arrays
#[derive(Debug, Parser)]
#[command(name = "npio", version, max_term_width = 100)]
pub(crate) struct Args {
    /// Colours: NO_COLOR and the terminal decide unless told
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Color,
    /// Show no progress bars, not even on a terminal
    #[arg(long, global = true)]
    pub(crate) no_progress: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One line an array: name, dtype, shape, order, bytes, storage
    Ls(FileArgs),
    /// Everything the headers say, and where the bytes go
    Info {
        /// One JSON object a line and file
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        files: FileArgs,
    },
    /// The values, as NumPy prints them
    Dump {
        #[command(flatten)]
        values: ArrayArgs,
        #[command(flatten)]
        dump_args: DumpArgs,
        /// How each item is written, as Python's % does: %d, %8.3f, %.6e
        #[arg(
            long,
            value_name = "FORMAT",
            requires = "sep",
            allow_hyphen_values = true
        )]
        format: Option<String>,
        /// Write raw bytes to a terminal, too
        #[arg(long)]
        force: bool,
        /// Show arrays of Python objects, too; nothing of their pickles is run
        #[arg(long)]
        allow_pickle: bool,
    },
    /// The first rows
    Head {
        #[command(flatten)]
        values: ArrayArgs,
        /// How many rows
        #[arg(short = 'n', default_value_t = 10)]
        rows: usize,
    },
    /// Count, least and greatest value, mean and standard deviation; NaN is counted and left out
    Stats(ArrayArgs),
    /// Whether two arrays are the same: dtype, shape and values; exit status 1 where they are not. The arrays of
    /// two archives are compared by name
    Diff {
        /// A file, or FILE.npz::MEMBER
        a: Address,
        /// Another one
        b: Address,
        #[command(flatten)]
        reading: ReadArgs,
        /// How far numbers may be apart, as a part of B's
        #[arg(long, default_value_t = 0.0)]
        rtol: f64,
        /// How far numbers may be apart at all
        #[arg(long, default_value_t = 0.0)]
        atol: f64,
    },
    /// The same array with another dtype, byte order or memory order, in another format or an archive
    Convert(ConvertArgs),
    /// Put arrays into an archive
    Pack(PackArgs),
    /// Write the members of an archive as files, never outside of one folder
    Unpack(UnpackArgs),
    /// The same archive with its members stored and aligned, ready to map, or compressed
    Repack(RepackArgs),
    /// Append rows to a .npy file, in place: all of them, or after a failure none
    Append {
        /// The .npy file that grows
        #[arg(value_name = "DEST")]
        destination: FileArg,
        /// Files with rows like those of DEST, or FILE.npz::MEMBER; - is standard input
        #[arg(required = true, value_name = "SRC")]
        sources: Vec<Address>,
        #[command(flatten)]
        reading: ReadArgs,
        /// Wait until the storage has the rows, so that not even a power cut loses the old ones
        #[arg(long)]
        durable: bool,
    },
    /// Metadata in archives
    #[command(subcommand)]
    Meta(MetaCommand),
    /// What is wrong with files, and where; exit status 1 where something is
    Verify {
        /// Make the header and data of a .npy agree: which of them is right?
        #[arg(long, value_name = "TRUST")]
        repair: Option<Repair>,
        #[command(flatten)]
        files: FileArgs,
    },
    /// How many bytes an array will take in memory and in each format
    Size {
        /// A dtype as NumPy spells it: f8, int32, "<U5", "i4,f8", "[('x', '<f4')]"
        dtype: String,
        /// Lengths of the axes: 3,4 or 3x4; () is 0-d
        shape: String,
    },
    /// A script that completes this command's words in your shell
    Completions {
        /// For which shell
        shell: Shell,
    },
    /// The manual page, for a reader of roff: npio man | man -l -
    Man {
        /// The page of one of the commands
        command: Option<String>,
    },
}

/// Which arguments name files that are read: no shell of Windows expands their patterns.
#[cfg(windows)]
impl Command {
    /// Puts the files that match in the place of each pattern. A pattern that nothing matches stays.
    pub(crate) fn expand_globs(&mut self) -> anyhow::Result<()> {
        match self {
            Command::Ls(files) | Command::Info { files, .. } | Command::Verify { files, .. } => {
                globs::all(&mut files.files);
            }
            Command::Dump { values, .. } | Command::Head { values, .. } => {
                globs::one(&mut values.input.name)?;
            }
            Command::Stats(values) => globs::one(&mut values.input.name)?,
            Command::Diff { a, b, .. } => {
                globs::one(&mut a.name)?;
                globs::one(&mut b.name)?;
            }
            Command::Convert(convert) => globs::one(&mut convert.values.input.name)?,
            Command::Pack(pack) => {
                pack.sources = pack.sources.iter().flat_map(globs::named).collect();
            }
            Command::Unpack(unpack) => globs::one(&mut unpack.input)?,
            Command::Repack(repack) => globs::one(&mut repack.input)?,
            Command::Append {
                destination,
                sources,
                ..
            } => {
                globs::one(destination)?;
                globs::all(sources);
            }
            Command::Meta(MetaCommand::Get(get)) => globs::one(&mut get.file)?,
            // An archive that it may make.
            Command::Meta(MetaCommand::Set(_)) => {}
            Command::Size { .. } | Command::Completions { .. } | Command::Man { .. } => {}
        }
        Ok(())
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Repair {
    #[value(help = "The header: cut off what follows the array")]
    Header,
    #[value(help = "The data: count the rows that are there, and cut off a part of one")]
    Data,
}

impl From<Repair> for npio::RecoverFrom {
    fn from(repair: Repair) -> npio::RecoverFrom {
        match repair {
            Repair::Header => npio::RecoverFrom::Header,
            Repair::Data => npio::RecoverFrom::Data,
        }
    }
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
