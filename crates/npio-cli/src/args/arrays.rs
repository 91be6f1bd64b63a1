//! Arguments of commands that work on each of many arrays.

use super::{FileArgs, ReadArgs};
use crate::address::Address;
use crate::verify::VerifyOptions;
use clap::ValueEnum;

#[derive(Debug, clap::Args)]
pub(crate) struct HashArgs {
    /// The files to read: FILE, FILE.npz for all of its arrays, FILE.npz::MEMBER, or FILE.npz::PATTERN; - is standard
    /// input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<Address>,
    #[command(flatten)]
    pub(crate) reading: ReadArgs,
    /// Print JSON, one object per array on a line of its own
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct VerifyArgs {
    /// Also print notes about the alignment of data
    #[arg(short, long)]
    verbose: bool,
    /// Print only what is wrong
    #[arg(short, long, conflicts_with = "verbose")]
    quiet: bool,
    /// Print JSON, one object per file on a line of its own
    #[arg(long)]
    json: bool,
    /// Repair a .npy whose header and data disagree: which of them to trust
    #[arg(long, value_name = "TRUST")]
    repair: Option<Repair>,
    #[command(flatten)]
    pub(crate) files: FileArgs,
}

impl From<&VerifyArgs> for VerifyOptions {
    fn from(args: &VerifyArgs) -> VerifyOptions {
        VerifyOptions {
            verbose: args.verbose,
            quiet: args.quiet,
            json: args.json,
            repair: args.repair.map(Into::into),
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Repair {
    #[value(help = "The header: cut off what follows the array")]
    Header,
    #[value(
        help = "The data: set the number of rows to those in the file, and cut off a partial row"
    )]
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
