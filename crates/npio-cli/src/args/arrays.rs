//! Arguments of commands that work on each of many arrays.

use super::{FileArgs, FolderArgs, ReadArgs};
use crate::address::Address;
use crate::condition::Condition;
use crate::find::{Find, FindOutput};
use crate::source::Input;
use crate::stats::{Fractions, StatsOptions};
use crate::verify::VerifyOptions;
use clap::ValueEnum;
use npio::flatfile::Slice;
use std::ffi::OsString;

/// Arrays to read, any number of each file.
#[derive(Debug, clap::Args)]
pub(crate) struct ManyArrayArgs {
    /// The files to read: FILE, FILE.npz for all of its arrays, FILE.npz::MEMBER, or FILE.npz::PATTERN; - is standard
    /// input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<Address>,
    #[command(flatten)]
    folders: FolderArgs,
    #[command(flatten)]
    reading: ReadArgs,
}

impl ManyArrayArgs {
    pub(crate) fn inputs(&self) -> anyhow::Result<Vec<Input>> {
        self.reading.inputs(&self.folders.files(&self.files))
    }

    pub(crate) fn slice(&self) -> Option<&Slice> {
        self.reading.slice.as_ref()
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct HashArgs {
    #[command(flatten)]
    pub(crate) arrays: ManyArrayArgs,
    /// Print JSON, one object per array on a line of its own
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct FindArgs {
    /// What to find: nan, inf, nonfinite, zero, or gt, ge, lt, le, eq or ne with a value, as in gt:100, eq:abc or
    /// lt:2020-01-31. NaN includes NaT. Of records, items with such a field are found. Arrays of an archive whose items
    /// cannot meet the condition are left out
    #[arg(value_name = "CONDITION")]
    condition: Condition,
    #[command(flatten)]
    pub(crate) arrays: ManyArrayArgs,
    /// Print the number of such items in each array
    #[arg(short, long)]
    count: bool,
    /// Print the addresses of the arrays that have one
    #[arg(short, long, conflicts_with = "count")]
    list: bool,
    /// Print JSON, one object per item or array on a line of its own
    #[arg(long)]
    json: bool,
}

impl FindArgs {
    pub(crate) fn find(&self) -> Find<'_> {
        Find {
            condition: &self.condition,
            slice: self.arrays.slice(),
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
    /// Repair a .npy whose header and data disagree: which of them to trust. Without TRUST: restore an archive whose
    /// update in place was interrupted
    #[arg(long, value_name = "TRUST", num_args = 0..=1, default_missing_value = "undo")]
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
            repair: args.repair,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Repair {
    #[value(help = "The header: cut off what follows the array")]
    Header,
    #[value(
        help = "The data: set the number of rows to those in the file, and cut off a partial row"
    )]
    Data,
    #[value(
        help = "Neither: an archive becomes what it was before an update in place that was interrupted"
    )]
    Undo,
}

impl Repair {
    /// The part of a `.npy` to trust.
    pub(crate) fn trusted(self) -> Option<npio::RecoverFrom> {
        match self {
            Repair::Header => Some(npio::RecoverFrom::Header),
            Repair::Data => Some(npio::RecoverFrom::Data),
            Repair::Undo => None,
        }
    }
}

/// The arguments with a value for each `--repair` that has none, where a file may follow.
pub(crate) fn with_repair_values(arguments: impl Iterator<Item = OsString>) -> Vec<OsString> {
    let arguments: Vec<OsString> = arguments.collect();
    let is_value = |text: &OsString| Repair::from_str(&text.to_string_lossy(), false).is_ok();
    let is_option = |text: &OsString| text != "--";
    let count = arguments.iter().take_while(|text| is_option(text)).count();
    let next = arguments.iter().skip(1).map(Some).chain([None]);
    let pairs = arguments.iter().zip(next).enumerate();
    let completed = pairs.map(|(i, (text, next))| match next {
        next if i < count && text == "--repair" && !next.is_some_and(is_value) => {
            "--repair=undo".into()
        }
        _ => text.clone(),
    });
    completed.collect()
}

#[derive(Debug, clap::Args)]
pub(crate) struct StatsArgs {
    #[command(flatten)]
    pub(crate) arrays: ManyArrayArgs,
    /// Along this axis, for each index of the others; negative ones count from the last
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        conflicts_with_all = ["quantiles", "hist"]
    )]
    axis: Option<isize>,
    /// Print these quantiles, too, by NumPy's linear method; without LIST 0,.25,.5,.75,1
    #[arg(
        long,
        value_name = "LIST",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "0,.25,.5,.75,1"
    )]
    quantiles: Option<Fractions>,
    /// Print a histogram, too: how many finite values are in each of BINS intervals of equal length, as np.histogram;
    /// without BINS 10
    #[arg(
        long,
        value_name = "BINS",
        num_args = 0..=1,
        require_equals = true,
        default_missing_value = "10",
        value_parser = clap::value_parser!(u32).range(1..=1_000_000)
    )]
    hist: Option<u32>,
    /// Print JSON, one object per array on a line of its own; with --axis one per index
    #[arg(long)]
    json: bool,
}

impl StatsArgs {
    pub(crate) fn options(&self) -> StatsOptions {
        StatsOptions {
            axis: self.axis,
            quantiles: self.quantiles.clone(),
            bins: self.hist.map(|bins| bins as usize),
            json: self.json,
        }
    }
}
