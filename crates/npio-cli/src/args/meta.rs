//! Arguments for metadata.

use crate::address::FileArg;
use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum MetaCommand {
    /// The metadata of an archive: items, JSON or, if allowed, a pickle
    Get(MetaGetArgs),
    /// Put facts into an archive, beside its arrays
    Set(MetaSetArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct MetaGetArgs {
    /// The archive
    #[arg(value_name = "FILE.npz")]
    pub(crate) file: FileArg,
    /// What one key says
    pub(crate) key: Option<String>,
    /// As JSON on one line
    #[arg(long)]
    pub(crate) json: bool,
    /// Read pickles, too; nothing of them is run
    #[arg(long)]
    pub(crate) allow_pickle: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MetaSetArgs {
    /// The archive, which becomes one where there is none
    #[arg(value_name = "FILE.npz")]
    pub(crate) file: FileArg,
    /// A value is JSON where it reads as such, else a text
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) entries: Vec<String>,
    /// The keys and values of an object of JSON
    #[arg(long = "file", value_name = "F.json")]
    pub(crate) json_file: Option<FileArg>,
    /// How they are written
    #[arg(long = "as", value_name = "SPELLING", default_value = "items")]
    pub(crate) format: MetaFormat,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MetaFormat {
    #[value(help = "Each an array of its own, as np.savez(f, **mdata) has it")]
    Items,
    #[value(help = "All of them one text, as np.savez(f, mdata=json.dumps(mdata)) has it")]
    Json,
}
