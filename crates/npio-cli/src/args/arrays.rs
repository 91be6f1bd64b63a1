//! Arguments of commands that work on each of many arrays.

use super::ReadArgs;
use crate::address::Address;

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
