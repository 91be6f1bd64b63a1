//! Arguments of commands that work on each of many arrays.

use super::{FileArgs, ReadArgs};
use crate::address::Address;
use crate::condition::Condition;
use crate::find::{Find, FindOutput};
use crate::source::Input;
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
pub(crate) struct FindArgs {
    /// What to find: nan, inf, nonfinite, zero, or gt, ge, lt, le, eq or ne with a value, as in gt:100, eq:abc or
    /// lt:2020-01-31. NaN includes NaT. Of records, items with such a field are found
    #[arg(value_name = "CONDITION")]
    condition: Condition,
    /// The files to read: FILE, FILE.npz for all of its arrays, FILE.npz::MEMBER, or FILE.npz::PATTERN; - is standard
    /// input. Arrays of an archive whose items cannot meet the condition are left out
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<Address>,
    /// Print the number of such items in each array
    #[arg(short, long)]
    count: bool,
    /// Print the addresses of the arrays that have one
    #[arg(short, long, conflicts_with = "count")]
    list: bool,
    /// Print JSON, one object per item or array on a line of its own
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    reading: ReadArgs,
}

impl FindArgs {
    pub(crate) fn inputs(&self) -> anyhow::Result<Vec<Input>> {
        self.reading.inputs(&self.files)
    }

    pub(crate) fn find(&self) -> Find<'_> {
        Find {
            condition: &self.condition,
            slice: self.reading.slice.as_ref(),
            output: match (self.count, self.list) {
                (true, _) => FindOutput::Counts,
                (_, true) => FindOutput::Addresses,
                _ => FindOutput::Items,
            },
            json: self.json,
        }
    }
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
