//! Arguments of commands that join and divide arrays by rows.

use super::{ArrayArgs, ReadArgs, WriteArgs};
use crate::address::Address;

#[derive(Debug, clap::Args)]
pub(crate) struct CatArgs {
    /// The arrays to join: FILE, FILE.npz::MEMBER; - is standard input. Their shapes may differ along the axis, and
    /// their dtypes as np.concatenate promotes them (i8 and u8 become f8)
    #[arg(required = true, value_name = "SRC")]
    pub(crate) sources: Vec<Address>,
    /// The file to write, as for npio convert: its items are in C order
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Address,
    /// The axis along which they are joined; negative ones count from the last
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub(crate) axis: isize,
    #[command(flatten)]
    pub(crate) reading: ReadArgs,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("size").required(true).args(["parts", "rows"])))]
pub(crate) struct SplitArgs {
    #[command(flatten)]
    pub(crate) values: ArrayArgs,
    /// This many parts, of which the first ones may have one row more, as np.array_split makes them
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(crate) parts: Option<usize>,
    /// Parts of this many rows; the last one may have fewer
    #[arg(long, value_name = "N", value_parser = at_least_one)]
    pub(crate) rows: Option<usize>,
    /// The files to write, as for npio convert; {} is the number of the part, from 0 on: part{}.npy, parts.npz::{}
    #[arg(short, long, value_name = "PATTERN")]
    pub(crate) output: Address,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct SampleArgs {
    #[command(flatten)]
    pub(crate) values: ArrayArgs,
    /// The number of rows
    #[arg(short = 'n', value_name = "N")]
    pub(crate) rows: usize,
    /// Where the random numbers begin: the same seed takes the same rows of an array of as many; by default another
    /// one each time
    #[arg(long, value_name = "SEED")]
    pub(crate) seed: Option<u64>,
    /// The file to write, as for npio convert; by default the rows are printed
    #[arg(short, long, value_name = "OUT")]
    pub(crate) output: Option<Address>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

fn at_least_one(text: &str) -> Result<usize, String> {
    match text.parse() {
        Ok(0) => Err("expected at least 1".to_owned()),
        Ok(count) => Ok(count),
        Err(_) => Err("expected a number of rows or parts".to_owned()),
    }
}
