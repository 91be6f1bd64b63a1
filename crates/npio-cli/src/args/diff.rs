//! Arguments of `npio diff`.

use super::ReadArgs;
use crate::address::Address;
use crate::compare::Tolerance;
use crate::diff::DiffOptions;
use crate::source::Input;

#[derive(Debug, clap::Args)]
pub(crate) struct DiffArgs {
    /// The first file, or FILE.npz::MEMBER
    pub(crate) a: Address,
    /// The second file, or FILE.npz::MEMBER
    pub(crate) b: Address,
    #[command(flatten)]
    pub(crate) reading: ReadArgs,
    /// The relative tolerance: numbers are equal if |A - B| <= ATOL + RTOL * |B|
    #[arg(long, default_value_t = 0.0)]
    rtol: f64,
    /// The absolute tolerance
    #[arg(long, default_value_t = 0.0)]
    atol: f64,
    /// Compare the values of arrays whose dtypes differ, if one dtype holds those of both
    #[arg(long)]
    ignore_dtype: bool,
    /// Print nothing: the exit status says whether they differ
    #[arg(short, long, conflicts_with = "json")]
    quiet: bool,
    /// Print JSON, one object per pair of arrays on a line of its own, also for those that are equal
    #[arg(long)]
    json: bool,
}

impl DiffArgs {
    /// Both inputs.
    pub(crate) fn inputs(&self) -> anyhow::Result<(Input, Input)> {
        Ok((self.reading.input(&self.a)?, self.reading.input(&self.b)?))
    }

    pub(crate) fn options(&self) -> DiffOptions {
        DiffOptions {
            tolerance: Tolerance {
                rtol: self.rtol,
                atol: self.atol,
            },
            ignores_dtype: self.ignore_dtype,
            quiet: self.quiet,
            json: self.json,
        }
    }
}
