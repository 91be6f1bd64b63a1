//! Arguments that describe the output.

use super::ArrayArgs;
use crate::address::{Address, FileArg, NamedInput};
use crate::pack::RepackOptions;
use crate::text::TextOutput;
use clap::ValueEnum;
use npio::npz::Compression;
use npio::{Casting, DType};
use std::path::PathBuf;

/// The level of zlib, and so of NumPy's `savez_compressed`.
const DEFAULT_LEVEL: u8 = 6;

/// Whether members of an archive are compressed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Compress {
    /// Compress arrays in archives: 1 is the fastest level, 6 the default and NumPy's, 9 the smallest
    #[arg(
        long,
        value_name = "LEVEL",
        num_args = 0..=1,
        require_equals = true,
        value_parser = clap::value_parser!(u8).range(1..=9)
    )]
    compress: Option<Option<u8>>,
}

impl Compress {
    pub(crate) fn compression(self) -> Option<Compression> {
        let level = self.compress?.unwrap_or(DEFAULT_LEVEL);
        Some(Compression::deflated(level))
    }
}

/// How `dump` writes the values.
#[derive(Clone, Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct DumpArgs {
    /// All values, however many
    #[arg(long)]
    full: bool,
    /// As JSON on one line, nested as arr.tolist() is
    #[arg(long)]
    json: bool,
    /// As bytes in C order, in the file's own byte order
    #[arg(long)]
    raw: bool,
    /// As text with this between items; a text is read so, too
    #[arg(long, value_name = "SEPARATOR", allow_hyphen_values = true)]
    sep: Option<String>,
}

impl DumpArgs {
    /// What stands between items where they are text.
    pub(crate) fn separator(&self) -> Option<&str> {
        self.sep.as_deref()
    }

    /// With this format for each item of a text.
    pub(crate) fn dump_format(
        &self,
        format: Option<&str>,
    ) -> anyhow::Result<crate::dump::DumpFormat> {
        Ok(match self {
            DumpArgs { sep: Some(sep), .. } => {
                crate::dump::DumpFormat::Text(TextOutput::flat(sep, format)?)
            }
            DumpArgs { raw: true, .. } => crate::dump::DumpFormat::Raw,
            DumpArgs { json: true, .. } => crate::dump::DumpFormat::Json,
            DumpArgs { full: true, .. } => crate::dump::DumpFormat::Full,
            _ => crate::dump::DumpFormat::Summary,
        })
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) values: ArrayArgs,
    /// The file to write: .npy, .txt, .csv, .tsv, .json, or .npz::MEMBER (else the member is called as the input, without its suffix),
    /// whose other members stay; - is standard output, with --to
    #[arg(value_name = "OUT")]
    pub(crate) output: Address,
    /// The dtype of the output, as NumPy spells it
    #[arg(long, value_name = "DTYPE")]
    pub(crate) dtype: Option<DType>,
    /// What may become of the values: no, equiv, safe, same_kind, unsafe
    #[arg(long, value_name = "RULE", default_value = "same_kind")]
    pub(crate) casting: Casting,
    /// The memory order of the output
    #[arg(long, value_name = "ORDER", default_value = "keep", ignore_case = true)]
    pub(crate) order: MemoryOrder,
    /// The byte order of the output
    #[arg(long, value_name = "ORDER", default_value = "keep")]
    pub(crate) byteorder: ByteOrder,
    #[command(flatten)]
    pub(crate) compress: Compress,
    /// Text as a flat sequence with this between items, in and out; without it text is a table
    #[arg(long, value_name = "SEPARATOR", allow_hyphen_values = true)]
    pub(crate) sep: Option<String>,
    /// How each item of a text is written, as Python's % does: %d, %8.3f, %.6e
    #[arg(long, value_name = "FORMAT", allow_hyphen_values = true)]
    pub(crate) format: Option<String>,
    /// Write the names of a record's fields above a table
    #[arg(long)]
    pub(crate) names: bool,
    /// The output's format, where its name does not say it: npy, npz, raw, txt, csv, tsv, json
    #[arg(long, value_name = "EXT")]
    pub(crate) to: Option<String>,
    /// Replace an existing file or member; write to a terminal
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MemoryOrder {
    #[value(name = "C", help = "The last index runs fastest")]
    C,
    #[value(name = "F", help = "The first index runs fastest")]
    Fortran,
    #[value(help = "As the input has it")]
    Keep,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ByteOrder {
    Little,
    Big,
    Native,
    Keep,
}

#[derive(Debug, clap::Args)]
pub(crate) struct PackArgs {
    /// The archive to write; - is standard output
    #[arg(value_name = "OUT")]
    pub(crate) output: FileArg,
    /// Arrays, called NAME in the archive, or as their file without its suffix: [NAME=]FILE; - is standard input
    #[arg(required = true, value_name = "[NAME=]FILE")]
    pub(crate) sources: Vec<NamedInput>,
    #[command(flatten)]
    pub(crate) raw: super::RawArgs,
    /// What long doubles (f16, c32) are, where they are to become those of the x87; without it they are copied
    #[arg(long, value_name = "FORMAT")]
    pub(crate) longdouble: Option<super::LongDouble>,
    #[command(flatten)]
    pub(crate) compress: Compress,
    /// Replace an existing file; write to a terminal
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct UnpackArgs {
    /// The archive; - is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: FileArg,
    /// The folder that the files go to, and none goes outside of
    #[arg(short = 'd', value_name = "DIR", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Only these members
    #[arg(value_name = "MEMBER")]
    pub(crate) members: Vec<String>,
    /// Replace existing files
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RepackArgs {
    /// The archive; - is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: FileArg,
    /// The archive to write; - is standard output
    #[arg(value_name = "OUT")]
    pub(crate) output: FileArg,
    /// The data of stored members begins at multiples of so many bytes; 64 unless said otherwise
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1 << 15))]
    align: Option<u16>,
    #[command(flatten)]
    compress: Compress,
    /// Replace an existing file; write to a terminal
    #[arg(long)]
    force: bool,
}

impl From<&RepackArgs> for RepackOptions {
    fn from(args: &RepackArgs) -> RepackOptions {
        RepackOptions {
            align: args.align,
            compression: args.compress.compression(),
            recompress: args.compress.compress.flatten().is_some(),
            force: args.force,
        }
    }
}
