//! Arguments of `npio ls`, and those for folders.

use super::RawArgs;
use crate::address::Address;
use crate::folders::{Folders, expand_folders, files_in};
use crate::ls::{LsOptions, SortBy};
use crate::source::Input;
use anyhow::Context;
use clap::ValueEnum;
use std::path::Path;

#[derive(Debug, clap::Args)]
pub(crate) struct LsArgs {
    /// The files to list, FILE.npz::MEMBER, or FILE.npy::1 for the second of several arrays; - is standard input. Of a
    /// folder the .npy, .npz and .safetensors in it, and raw files whose names give their layout; by default those of
    /// this folder
    #[arg(value_name = "FILE")]
    pub(super) files: Vec<Address>,
    /// Also list the folders in folders
    #[arg(short, long)]
    recursive: bool,
    /// Print the names of the columns first
    #[arg(long, conflicts_with = "json")]
    header: bool,
    /// Print sizes as 512, 1.5K or 23M, in powers of 1024, rounded up
    #[arg(long, conflicts_with = "json")]
    human: bool,
    /// The order of the lines: the largest first, or by name or dtype; by default that of the files
    #[arg(long, value_name = "BY")]
    sort: Option<SortKey>,
    /// Print JSON, one object per array on a line of its own
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    raw: RawArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SortKey {
    Size,
    Name,
    Dtype,
}

impl LsArgs {
    pub(crate) fn inputs(&self) -> anyhow::Result<Vec<Input>> {
        let folders = if self.recursive {
            Folders::Recursive
        } else {
            Folders::Named
        };
        let files = if self.files.is_empty() {
            files_in(Path::new(""), folders).context("this folder")?
        } else {
            expand_folders(&self.files, folders)
        };
        self.raw.inputs(&files)
    }

    pub(crate) fn options(&self) -> LsOptions {
        LsOptions {
            header: self.header,
            human: self.human,
            json: self.json,
            sort: self.sort.map(|key| match key {
                SortKey::Size => SortBy::Size,
                SortKey::Name => SortBy::Name,
                SortKey::Dtype => SortBy::DType,
            }),
        }
    }
}

/// Folders in place of files.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct FolderArgs {
    /// Also take folders: the .npy, .npz and .safetensors in them and in their folders, and raw files whose names give
    /// their layout
    #[arg(short, long)]
    recursive: bool,
}

impl FolderArgs {
    /// The files at these addresses.
    pub(crate) fn files(self, addresses: &[Address]) -> Vec<Address> {
        if self.recursive {
            expand_folders(addresses, Folders::Recursive)
        } else {
            addresses.to_vec()
        }
    }
}
