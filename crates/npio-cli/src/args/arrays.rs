//! Arguments of commands that work on each of many arrays.

use super::ReadArgs;
use crate::address::Address;
use crate::stats::{Fractions, StatsOptions};

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
pub(crate) struct StatsArgs {
    /// The files to read: FILE, FILE.npz for all of its arrays, FILE.npz::MEMBER, or FILE.npz::PATTERN; - is standard
    /// input
    #[arg(required = true, value_name = "FILE")]
    pub(crate) files: Vec<Address>,
    #[command(flatten)]
    pub(crate) reading: ReadArgs,
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
