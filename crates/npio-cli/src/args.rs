//! The command line: every command, option and their help.

use crate::input::{Input, Name};
use crate::text;
use anyhow::Context;
use clap::{Parser, Subcommand, ValueEnum};
use clap_complete::Shell;
use npio::dtype::python::quoted;
use npio::flatfile::Slice;
use npio::flatfile::text::Separator;
use npio::{Casting, DType, Order, RawFormat};
use std::num::ParseIntError;
use std::str::FromStr;

/// NumPy's files without Python: list, show, convert and append to arrays
#[derive(Debug, Parser)]
#[command(name = "npio", version, max_term_width = 100)]
pub(crate) struct Args {
    /// Colours: NO_COLOR and the terminal decide unless told
    #[arg(long, value_name = "WHEN", default_value = "auto", global = true)]
    pub(crate) color: Color,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// One line an array: name, dtype, shape, order, bytes, storage
    Ls {
        /// Files; - is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<Name>,
        #[command(flatten)]
        raw: Raw,
    },
    /// Everything the header says, and where the bytes go
    Info {
        /// One JSON object a line and file
        #[arg(long)]
        json: bool,
        /// Files; - is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<Name>,
        #[command(flatten)]
        raw: Raw,
    },
    /// The values, as NumPy prints them
    Dump {
        /// A file; - is standard input
        #[arg(value_name = "FILE")]
        input: Name,
        #[command(flatten)]
        raw: Raw,
        /// Only these items, as NumPy slices them: '0:5, ::2, -1'
        #[arg(long, value_name = "SLICE", allow_hyphen_values = true)]
        slice: Option<Slice>,
        #[command(flatten)]
        form: Form,
        /// How each item is written, as Python's % does: %d, %8.3f, %.6e
        #[arg(
            long,
            value_name = "FORMAT",
            requires = "sep",
            allow_hyphen_values = true
        )]
        format: Option<String>,
        /// Write raw bytes to a terminal, too
        #[arg(long)]
        force: bool,
    },
    /// The first rows
    Head {
        /// A file; - is standard input
        #[arg(value_name = "FILE")]
        input: Name,
        #[command(flatten)]
        raw: Raw,
        /// Only these items, as NumPy slices them: '0:5, ::2, -1'
        #[arg(long, value_name = "SLICE", allow_hyphen_values = true)]
        slice: Option<Slice>,
        /// How many rows
        #[arg(short = 'n', default_value_t = 10)]
        rows: usize,
    },
    /// Count, least and greatest value, mean and standard deviation; NaN is counted and left out
    Stats {
        /// A file; - is standard input
        #[arg(value_name = "FILE")]
        input: Name,
        #[command(flatten)]
        raw: Raw,
        /// Only these items, as NumPy slices them: '0:5, ::2, -1'
        #[arg(long, value_name = "SLICE", allow_hyphen_values = true)]
        slice: Option<Slice>,
    },
    /// Whether two arrays are the same: dtype, shape and values; exit status 1 where they are not
    Diff {
        /// A file
        a: Name,
        /// Another file
        b: Name,
        #[command(flatten)]
        raw: Raw,
        /// Only these items of both, as NumPy slices them: '0:5, ::2, -1'
        #[arg(long, value_name = "SLICE", allow_hyphen_values = true)]
        slice: Option<Slice>,
        /// How far numbers may be apart, as a part of B's
        #[arg(long, default_value_t = 0.0)]
        rtol: f64,
        /// How far numbers may be apart at all
        #[arg(long, default_value_t = 0.0)]
        atol: f64,
    },
    /// The same array with another dtype, byte order or memory order
    Convert(Convert),
    /// Append rows to a .npy file, in place: all of them, or after a failure none
    Append {
        /// The .npy file that grows
        #[arg(value_name = "DEST")]
        destination: Name,
        /// Files with rows like those of DEST; - is standard input
        #[arg(required = true, value_name = "SRC")]
        sources: Vec<Name>,
        #[command(flatten)]
        raw: Raw,
        /// Only these items of each SRC, as NumPy slices them: '0:5, ::2, -1'
        #[arg(long, value_name = "SLICE", allow_hyphen_values = true)]
        slice: Option<Slice>,
        /// Wait until the storage has the rows, so that not even a power cut loses the old ones
        #[arg(long)]
        durable: bool,
    },
    /// What is wrong with files, and where; exit status 1 where something is
    Verify {
        /// Make a file's header and data agree: which of them is right?
        #[arg(long, value_name = "TRUST")]
        repair: Option<Repair>,
        /// .npy files; - is standard input
        #[arg(required = true, value_name = "FILE")]
        files: Vec<Name>,
    },
    /// How many bytes an array will take in memory and in each format
    Size {
        /// A dtype as NumPy spells it: f8, int32, "<U5", "i4,f8", "[('x', '<f4')]"
        dtype: String,
        /// Lengths of the axes: 3,4 or 3x4; '' is 0-d
        shape: String,
    },
    /// A script that completes this command's words in your shell
    Completions {
        /// For which shell
        shell: Shell,
    },
}

/// What input holds that is raw items, without a header. A name may say it, too: x_int32_4_5.dat
#[derive(Clone, Debug, clap::Args)]
#[command(next_help_heading = "Raw and text input")]
pub(crate) struct Raw {
    /// The dtype of the items, as NumPy spells it: f8, int32, "<U5"
    #[arg(long, value_name = "DTYPE")]
    in_dtype: Option<DType>,
    /// The lengths of the axes: 3,4 or -1,4; '' is 0-d
    #[arg(
        long,
        value_name = "SHAPE",
        requires = "in_dtype",
        allow_hyphen_values = true
    )]
    in_shape: Option<String>,
    /// The memory order
    #[arg(long, value_name = "ORDER", requires = "in_dtype", ignore_case = true)]
    in_order: Option<RawOrder>,
    /// The byte at which the items begin
    #[arg(long, value_name = "BYTES", requires = "in_dtype")]
    in_offset: Option<u64>,
    /// The first line of a text has the names of a record's fields
    #[arg(long)]
    in_names: bool,
}

impl Raw {
    /// The input of this name.
    pub(crate) fn input(&self, name: &Name) -> anyhow::Result<Input> {
        self.input_with(name, None)
    }

    /// The same; text has this separator between its items.
    pub(crate) fn input_with(&self, name: &Name, separator: Option<&str>) -> anyhow::Result<Input> {
        let name = name.clone();
        let axes = |shape: &String| axes(shape).with_context(|| format!("shape {}", quoted(shape)));
        let text = text::Input {
            dtype: self.in_dtype.clone(),
            shape: self.in_shape.as_ref().map(axes).transpose()?,
            separator: separator.map(Separator::new).transpose()?,
            has_names: self.in_names,
        };
        let Some(dtype) = &self.in_dtype else {
            let raw = None;
            return Ok(Input { name, raw, text });
        };
        let mut format = RawFormat::new(dtype.clone()).exact();
        if let Some(shape) = &text.shape {
            format = format.shape(shape.clone());
        }
        if let Some(RawOrder::Fortran) = self.in_order {
            format = format.order(Order::Fortran);
        }
        let raw = Some(format.offset(self.in_offset.unwrap_or(0)));
        Ok(Input { name, raw, text })
    }

    /// The inputs of these names.
    pub(crate) fn inputs(&self, names: &[Name]) -> anyhow::Result<Vec<Input>> {
        names.iter().map(|name| self.input(name)).collect()
    }
}

/// `3,4`, `3x4` or `(3, 4)`; nothing is 0-d.
pub(crate) fn axes<T: FromStr<Err = ParseIntError>>(text: &str) -> anyhow::Result<Vec<T>> {
    let text = text.trim();
    let inside = text
        .strip_prefix('(')
        .and_then(|text| text.strip_suffix(')'));
    let inside = inside.unwrap_or(text).trim();
    if inside.is_empty() {
        return Ok(Vec::new());
    }
    let inside = inside.strip_suffix(',').unwrap_or(inside);
    inside
        .split([',', 'x'])
        .map(|axis| {
            let axis = axis.trim();
            axis.parse()
                .with_context(|| format!("{} is no length of an axis", quoted(axis)))
        })
        .collect()
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RawOrder {
    #[value(name = "C", help = "The last index runs fastest")]
    C,
    #[value(name = "F", help = "The first index runs fastest")]
    Fortran,
}

/// How `dump` writes the values.
#[derive(Clone, Debug, clap::Args)]
#[group(multiple = false)]
pub(crate) struct Form {
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

impl Form {
    /// What stands between items where they are text.
    pub(crate) fn separator(&self) -> Option<&str> {
        self.sep.as_deref()
    }
}

impl From<Form> for crate::dump::Form {
    fn from(form: Form) -> crate::dump::Form {
        match form {
            Form { raw: true, .. } => crate::dump::Form::Raw,
            Form { json: true, .. } => crate::dump::Form::Json,
            Form { full: true, .. } => crate::dump::Form::Full,
            _ => crate::dump::Form::Summary,
        }
    }
}

#[derive(Debug, clap::Args)]
pub(crate) struct Convert {
    /// A file; - is standard input
    #[arg(value_name = "IN")]
    pub(crate) input: Name,
    #[command(flatten)]
    pub(crate) raw: Raw,
    /// The file to write: .npy, .txt, .csv, .tsv, .json; - is standard output, with --to
    #[arg(value_name = "OUT")]
    pub(crate) output: Name,
    /// Only these items, as NumPy slices them: '0:5, ::2, -1'
    #[arg(long, value_name = "SLICE", allow_hyphen_values = true)]
    pub(crate) slice: Option<Slice>,
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
    /// Text as a flat sequence with this between items, in and out; without it text is a table
    #[arg(long, value_name = "SEPARATOR", allow_hyphen_values = true)]
    pub(crate) sep: Option<String>,
    /// How each item of a text is written, as Python's % does: %d, %8.3f, %.6e
    #[arg(long, value_name = "FORMAT", allow_hyphen_values = true)]
    pub(crate) format: Option<String>,
    /// Write the names of a record's fields above a table
    #[arg(long)]
    pub(crate) names: bool,
    /// The output's format, where its name does not say it: npy, raw, txt, csv, tsv, json
    #[arg(long, value_name = "EXT")]
    pub(crate) to: Option<String>,
    /// Replace an existing file; write to a terminal
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

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Repair {
    #[value(help = "The header: cut off what stands behind the array")]
    Header,
    #[value(help = "The data: count the rows that are there, and cut off a part of one")]
    Data,
}

impl From<Repair> for npio::Trust {
    fn from(repair: Repair) -> npio::Trust {
        match repair {
            Repair::Header => npio::Trust::Header,
            Repair::Data => npio::Trust::Data,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Color {
    Auto,
    Always,
    Never,
}

impl Color {
    /// Makes it the choice for everything that this program prints.
    pub(crate) fn write_global(self) {
        match self {
            Color::Auto => anstream::ColorChoice::Auto,
            Color::Always => anstream::ColorChoice::Always,
            Color::Never => anstream::ColorChoice::Never,
        }
        .write_global();
    }
}
