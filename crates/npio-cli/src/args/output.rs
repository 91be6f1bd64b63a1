//! Arguments that describe the output.

use super::text::{Quote, delimiter, quote};
use super::{ArrayArgs, DuplicatesArgs, SalvageArgs, WantedDType, words};
use crate::address::{Address, FileArg, NamedInput};
use crate::pack::RepackOptions;
use crate::text::TextOutput;
use clap::ValueEnum;
use npio::dtype::python::excerpt;
use npio::encoding::Encoding;
use npio::flatfile::text::table;
use npio::flatfile::{FieldIndex, show};
use npio::npz::Compression;
use npio::{Casting, Strided};
use std::io::Write;
use std::path::PathBuf;
use std::time::Duration;

/// The level of zlib, and so of NumPy's `savez_compressed`.
const DEFAULT_LEVEL: u8 = 6;

/// Whether members of an archive are compressed.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct Compress {
    /// Compress arrays in archives, at level 1 (fastest) to 9 (smallest); without LEVEL at 6, as NumPy does
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
    /// Whether what is compressed already is compressed again: only if a level is given.
    pub(crate) fn recompresses(self) -> bool {
        self.compress.flatten().is_some()
    }

    pub(crate) fn compression(self) -> Option<Compression> {
        let level = self.compress?.unwrap_or(DEFAULT_LEVEL);
        Some(Compression::deflated(level))
    }
}

/// How `dump` writes the values.
#[derive(Clone, Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct DumpArgs {
    /// Print all values, not a summary
    #[arg(long)]
    full: bool,
    /// Print JSON on one line, nested like arr.tolist()
    #[arg(long)]
    json: bool,
    /// Write raw bytes in C order, in the file's byte order
    #[arg(long)]
    raw: bool,
    /// Print text with this separator between items; text input is read with the same one, unless --in-sep is another
    #[arg(
        long,
        value_name = "SEPARATOR",
        allow_hyphen_values = true,
        conflicts_with = "delimiter"
    )]
    sep: Option<String>,
}

impl DumpArgs {
    /// The separator between items, if they are text.
    pub(crate) fn separator(&self) -> Option<&str> {
        self.sep.as_deref()
    }

    /// The format of the output, with this format for each item of text, and these options for what NumPy prints.
    pub(crate) fn dump_format(
        &self,
        format: Option<&str>,
        print: &PrintArgs,
        nan: NanFormat,
    ) -> anyhow::Result<crate::dump::DumpFormat> {
        Ok(match self {
            DumpArgs { sep: Some(sep), .. } => {
                crate::dump::DumpFormat::Text(TextOutput::flat(sep, format)?)
            }
            DumpArgs { raw: true, .. } => crate::dump::DumpFormat::Raw,
            DumpArgs { json: true, .. } => crate::dump::DumpFormat::Json(nan),
            DumpArgs { full, .. } => crate::dump::DumpFormat::Summary(print.options(*full)),
        })
    }
}

/// What JSON has for floats that are not finite.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum NanFormat {
    #[default]
    #[value(help = "NaN, Infinity and -Infinity, as Python writes and reads them")]
    Nan,
    #[value(help = "null, which every reader of JSON knows")]
    Null,
}

impl NanFormat {
    /// Writes the values as JSON.
    pub(crate) fn write_json(
        self,
        array: &Strided<'_>,
        out: impl Write,
    ) -> Result<(), npio::flatfile::Error> {
        match self {
            NanFormat::Nan => show::json(array, out),
            NanFormat::Null => show::json_with_nulls(array, out),
        }
    }
}

/// How NumPy prints values: its `np.printoptions`.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct PrintArgs {
    /// Print at most so many digits after the point of floats in arrays; by default 8
    #[arg(long, value_name = "DIGITS", conflicts_with_all = NOT_PRINTED)]
    precision: Option<u32>,
    /// Print all values of arrays of at most so many; by default 1000
    #[arg(
        long,
        value_name = "ITEMS",
        conflicts_with_all = NOT_PRINTED,
        conflicts_with = "full"
    )]
    threshold: Option<usize>,
    /// Break lines after so many characters; by default 75
    #[arg(long, value_name = "CHARACTERS", conflicts_with_all = NOT_PRINTED)]
    width: Option<usize>,
    /// Print small floats without exponents, as 0 if necessary
    #[arg(long, conflicts_with_all = NOT_PRINTED)]
    suppress: bool,
}

/// The options for values that NumPy does not print.
const NOT_PRINTED: [&str; 3] = ["json", "raw", "sep"];

impl PrintArgs {
    fn options(self, full: bool) -> show::Options {
        let mut options = show::Options::new();
        if full {
            // Unlike `Options::full`, as `str(arr)` of a 0-d array.
            options = options.threshold(usize::MAX);
        }
        if let Some(digits) = self.precision {
            options = options.precision(digits as usize);
        }
        if let Some(items) = self.threshold {
            options = options.threshold(items);
        }
        if let Some(characters) = self.width {
            options = options.line_width(characters);
        }
        if self.suppress {
            options = options.suppress();
        }
        options
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct ConvertArgs {
    #[command(flatten)]
    pub(crate) values: ArrayArgs,
    #[command(flatten)]
    pub(crate) salvage: SalvageArgs,
    /// The file to write: .npy, .txt, .csv, .tsv, .json, .safetensors or .npz::MEMBER; - is standard output, and needs
    /// --to. Other members of an existing archive are kept; by default MEMBER is the input's name without its suffix. A
    /// file whose name ends in .gz, .bz2, .xz or .zst after that is compressed
    #[arg(value_name = "OUT")]
    pub(crate) output: Address,
    /// The dtype of the output; by default, or if it is auto, that of the input, and of objects the one that holds them
    #[arg(
        long,
        value_name = "DTYPE",
        value_parser = words::dtype_or_auto::<WantedDType>(),
        hide_possible_values = true
    )]
    pub(crate) dtype: Option<WantedDType>,
    /// Which casts --dtype may make, as in np.can_cast: no, equiv, safe, same_kind, unsafe
    #[arg(
        long,
        value_name = "RULE",
        default_value = "same_kind",
        value_parser = words::casting::<Casting>(),
        hide_possible_values = true
    )]
    pub(crate) casting: Casting,
    /// The memory order of the output
    #[arg(long, value_name = "ORDER", default_value = "keep", ignore_case = true)]
    pub(crate) order: MemoryOrder,
    /// The byte order of the output
    #[arg(long, value_name = "ORDER", default_value = "keep")]
    pub(crate) byteorder: ByteOrder,
    /// Give the output this shape, whose items are in C order: 3,4, or 3,-1 to infer one length
    #[arg(long, value_name = "SHAPE", allow_hyphen_values = true, value_parser = new_shape)]
    pub(crate) shape: Option<NewShape>,
    /// Reverse the axes or, with AXES, put them in this order: --transpose=1,0,2. A new shape is that of the result
    #[arg(
        long,
        value_name = "AXES",
        num_args = 0..=1,
        require_equals = true,
        allow_hyphen_values = true,
        default_missing_value = "",
        value_parser = axis_order
    )]
    pub(crate) transpose: Option<AxisOrder>,
    #[command(flatten)]
    pub(crate) write: WriteArgs,
}

/// A shape in which one length may be -1.
#[derive(Clone, Debug)]
pub(crate) struct NewShape(pub(crate) Vec<isize>);

fn new_shape(text: &str) -> Result<NewShape, String> {
    let shape = super::axes(text).map_err(|error| error.to_string())?;
    Ok(NewShape(shape))
}

/// The order of the axes; all of them reversed if there is none.
#[derive(Clone, Debug)]
pub(crate) struct AxisOrder(pub(crate) Option<Vec<isize>>);

fn axis_order(text: &str) -> Result<AxisOrder, String> {
    if text.is_empty() {
        return Ok(AxisOrder(None));
    }
    let axes = super::axes(text);
    let axes = axes.map_err(|_| format!("expected axes such as 1,0, found {}", excerpt(text)))?;
    Ok(AxisOrder(Some(axes)))
}

/// How one array is written.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct WriteArgs {
    #[command(flatten)]
    pub(crate) compress: Compress,
    /// Read and write text as a flat sequence with this separator between items; by default text is a table
    #[arg(
        long,
        value_name = "SEPARATOR",
        allow_hyphen_values = true,
        conflicts_with = "delimiter"
    )]
    pub(crate) sep: Option<String>,
    /// The format of each item of text, as for Python's % operator: %d, %8.3f, %.6e; by default the shortest text
    /// that reads back as the same value
    #[arg(long, value_name = "FORMAT", allow_hyphen_values = true)]
    pub(crate) format: Option<String>,
    #[command(flatten)]
    pub(crate) table: TableArgs,
    /// The encoding of text in the output: latin-1, utf-16, windows-1252, shift_jis, …; by default utf-8
    #[arg(long, value_name = "LABEL")]
    pub(crate) out_encoding: Option<Encoding>,
    /// What NaN and infinities are in JSON
    #[arg(long, value_name = "AS", default_value = "nan")]
    pub(crate) nan: NanFormat,
    /// The output's format, if its name does not give it: npy, npz, safetensors, raw, txt, csv, tsv,
    /// json
    #[arg(
        long,
        value_name = "EXT",
        value_parser = words::output_format::<String>(),
        hide_possible_values = true
    )]
    pub(crate) to: Option<String>,
    /// Replace an existing file or member, and write binary data even to a terminal
    #[arg(long)]
    pub(crate) force: bool,
}

/// How tables are written.
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct TableArgs {
    /// The delimiter between the fields of a table, one character or \t; by default a space in .txt, a comma in .csv,
    /// and a tab in .tsv
    #[arg(long, value_name = "C", value_parser = delimiter, conflicts_with = "sep")]
    out_delimiter: Option<char>,
    /// The quote around fields of a table that need one, or none; by default " in .csv and .tsv. In .txt it makes the
    /// fields those of .csv
    #[arg(long, value_name = "C", value_parser = quote, conflicts_with = "sep")]
    out_quote: Option<Quote>,
    /// The decimal point of numbers in a table; with a comma, the delimiter of .csv is a semicolon
    #[arg(long, value_name = "C", conflicts_with = "sep")]
    out_decimal: Option<char>,
    /// Write the field names of a record as the first line of a table, as .csv and .tsv have them by default
    #[arg(long, overrides_with = "no_names")]
    names: bool,
    /// Do not write field names
    #[arg(long)]
    no_names: bool,
}

impl TableArgs {
    /// Whether an option is given that only tables have.
    pub(crate) fn has_dialect(&self) -> bool {
        self.out_delimiter.is_some() || self.out_quote.is_some() || self.out_decimal.is_some()
    }

    /// The same options as the user wants them, in a format with this delimiter.
    pub(crate) fn apply(
        &self,
        mut options: table::WriteOptions,
        delimiter: Option<char>,
    ) -> table::WriteOptions {
        if let Some(decimal) = self.out_decimal {
            options = options.decimal(decimal);
        }
        match (self.out_delimiter, delimiter, self.out_decimal) {
            (Some(delimiter), ..) => options = options.delimiter(delimiter),
            (None, Some(','), Some(',')) => options = options.delimiter(';'),
            _ => {}
        }
        options = match self.out_quote {
            // NumPy's tables have none.
            Some(Quote(None)) if delimiter.is_none() => options,
            Some(Quote(quote)) => options.quotechar(quote),
            None => options,
        };
        if self.names {
            options.names()
        } else if self.no_names {
            options.no_names()
        } else {
            options
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MemoryOrder {
    #[value(name = "C", help = "The last index varies fastest")]
    C,
    #[value(name = "F", help = "The first index varies fastest")]
    Fortran,
    #[value(help = "The order of the input")]
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
    /// The arrays to pack; by default NAME is that of the file without its suffix; - is standard input. FILE.npz is all
    /// members of an archive, and FILE.npz::MEMBER one of them or, as a pattern, several: they are copied as they are, and
    /// keep their names, or NAME is a folder for them
    #[arg(required = true, value_name = "[NAME=]FILE")]
    pub(crate) sources: Vec<NamedInput>,
    #[command(flatten)]
    pub(crate) raw: super::RawArgs,
    /// Convert long doubles (f16, c32) from this format to x87; by default they are copied unchanged
    #[arg(long, value_name = "FORMAT")]
    pub(crate) longdouble: Option<super::LongDouble>,
    /// Pack only this field of records, x['NAME'], or the records of several, x[['A', 'B']]
    #[arg(long, value_name = "NAME[,NAME…]", allow_hyphen_values = true)]
    pub(crate) field: Option<FieldIndex>,
    #[command(flatten)]
    pub(crate) compress: Compress,
    /// Keep the members that the archive has, and add to them; with --force also replace those of the same names
    #[arg(long)]
    pub(crate) add: bool,
    /// Add to the archive's file itself, which writes only what is new. A program that is killed meanwhile leaves no
    /// archive, until the next update or npio verify --repair restores the old one
    #[arg(long, requires = "add")]
    pub(crate) in_place: bool,
    /// Wait up to this many seconds while another process is updating the archive [default: 0]
    #[arg(long, requires = "add", value_name = "SECONDS", value_parser = super::seconds)]
    pub(crate) wait: Option<Duration>,
    /// Replace an existing file, and write binary data even to a terminal
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, clap::Args)]
pub(crate) struct RmArgs {
    /// The archive
    #[arg(value_name = "FILE.npz")]
    pub(crate) file: FileArg,
    /// The members to remove, or patterns of their names: layer*
    #[arg(required = true, value_name = "MEMBER")]
    pub(crate) members: Vec<String>,
}

#[derive(Debug, clap::Args)]
pub(crate) struct MvArgs {
    /// The archive
    #[arg(value_name = "FILE.npz")]
    pub(crate) file: FileArg,
    /// The member to rename
    #[arg(value_name = "OLD")]
    pub(crate) from: String,
    /// Its new name; an array stays one, with or without .npy
    #[arg(value_name = "NEW")]
    pub(crate) to: String,
}

#[derive(Debug, clap::Args)]
pub(crate) struct UnpackArgs {
    /// The archive; - is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: FileArg,
    /// The folder to write to; no file is written outside of it
    #[arg(short = 'd', value_name = "DIR", default_value = ".")]
    pub(crate) folder: PathBuf,
    /// Extract only these members; by default all of them
    #[arg(value_name = "MEMBER")]
    pub(crate) members: Vec<String>,
    #[command(flatten)]
    pub(crate) duplicates: DuplicatesArgs,
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
    /// Align stored members, each of which begins with its header, to multiples of N bytes; by default 64
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=1 << 15))]
    align: Option<u16>,
    #[command(flatten)]
    compress: Compress,
    #[command(flatten)]
    duplicates: DuplicatesArgs,
    /// Save the members that are whole in a damaged archive: one that was cut off, that is between other bytes, or that
    /// is too large for its format. Their CRC-32 is checked. If any are lost, the exit status is 1
    #[arg(long)]
    salvage: bool,
    /// Replace an existing file, and write binary data even to a terminal
    #[arg(long)]
    force: bool,
}

impl From<&RepackArgs> for RepackOptions {
    fn from(args: &RepackArgs) -> RepackOptions {
        RepackOptions {
            align: args.align,
            compression: args.compress.compression(),
            recompress: args.compress.recompresses(),
            last_of_duplicates: args.duplicates.is_last(),
            salvage: args.salvage,
            force: args.force,
        }
    }
}
