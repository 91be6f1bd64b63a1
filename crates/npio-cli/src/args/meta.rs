//! Arguments for metadata.

use crate::address::FileArg;
use clap::{Subcommand, ValueEnum};

#[derive(Debug, Subcommand)]
pub(crate) enum MetaCommand {
    /// Print the metadata of an archive: items, JSON or, with --allow-pickle, a pickle
    Get(MetaGetArgs),
    /// Add metadata to an archive, next to its arrays
    Set(MetaSetArgs),
}

#[derive(Debug, clap::Args)]
pub(crate) struct MetaGetArgs {
    /// The archive
    #[arg(value_name = "FILE.npz")]
    pub(crate) file: FileArg,
    /// Print only the value of this key
    pub(crate) key: Option<String>,
    /// Print JSON on one line
    #[arg(long)]
    pub(crate) json: bool,
    /// Also read pickles; no code in them is run
    #[arg(long)]
    pub(crate) allow_pickle: bool,
    #[command(flatten)]
    pub(crate) duplicates: super::DuplicatesArgs,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MetaSetArgs {
    /// The archive, which is created if it does not exist
    #[arg(value_name = "FILE.npz")]
    pub(crate) file: FileArg,
    /// The metadata; a VALUE that is not valid JSON is text
    #[arg(value_name = "KEY=VALUE")]
    pub(crate) entries: Vec<String>,
    /// Read keys and values from the JSON object in this file
    #[arg(long = "file", value_name = "F.json")]
    pub(crate) json_file: Option<FileArg>,
    /// How the metadata is stored [default: as it is in the archive, or items]
    #[arg(long = "as", value_name = "SPELLING")]
    pub(crate) format: Option<MetaFormat>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MetaFormat {
    #[value(help = "An array for each key, as np.savez(f, **mdata) stores it")]
    Items,
    #[value(help = "One JSON text, as np.savez(f, mdata=json.dumps(mdata)) stores it")]
    Json,
}
