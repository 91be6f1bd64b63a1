//! Arguments that describe the input.

use super::{FolderArgs, TextArgs, words};
use crate::address::Address;
use crate::source::Input;
use crate::text;
use anyhow::{Context, anyhow};
use clap::ValueEnum;
use npio::dtype::python::excerpt;
use npio::flatfile::text::Separator;
use npio::flatfile::{FieldIndex, Slice};
use npio::{DType, Order, RawLayout};
use std::num::ParseIntError;
use std::str::FromStr;

/// The heading of what all inputs without a header have.
const HEADING: &str = "Raw and text input";

/// Files to inspect.
#[derive(Debug, clap::Args)]
pub(crate) struct FileArgs {
    /// The files to read, FILE.npz::MEMBER, or FILE.npy::1 for the second of several arrays; - is standard input
    #[arg(required = true, value_name = "FILE")]
    pub(super) files: Vec<Address>,
    #[command(flatten)]
    folders: FolderArgs,
    #[command(flatten)]
    raw: RawArgs,
}

impl FileArgs {
    pub(crate) fn inputs(&self) -> anyhow::Result<Vec<Input>> {
        self.raw.inputs(&self.folders.files(&self.files))
    }
}

/// Which of several members with the same name is read.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(crate) struct DuplicatesArgs {
    /// Which of several members of an archive that have the same name is read
    #[arg(long, value_name = "WHICH", default_value = "error")]
    duplicates: Duplicates,
}

impl DuplicatesArgs {
    /// Whether it is the last, and the others do not count.
    pub(crate) fn is_last(self) -> bool {
        matches!(self.duplicates, Duplicates::Last)
    }
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Duplicates {
    #[default]
    #[value(help = "None of them: reading one by its name is an error")]
    Error,
    #[value(help = "The last one, as NumPy does")]
    Last,
}

/// What is read of a file that was cut off.
#[derive(Clone, Copy, Debug, clap::Args)]
pub(crate) struct SalvageArgs {
    /// Read the whole rows that are there of a .npy that was cut off; if any are missing, the exit status is 1
    #[arg(long)]
    pub(crate) salvage: bool,
}

/// An array to read.
#[derive(Debug, clap::Args)]
pub(crate) struct ArrayArgs {
    /// The file to read, FILE.npz::MEMBER, or FILE.npy::1 for the second of several arrays; - is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: Address,
    #[command(flatten)]
    pub(crate) reading: ReadArgs,
}

impl ArrayArgs {
    /// The input, with this separator between the items of text; of one that was cut off what is there, if that is
    /// asked for.
    pub(crate) fn salvaged_input(
        &self,
        salvage: SalvageArgs,
        separator: Option<&str>,
    ) -> anyhow::Result<Input> {
        let mut input = self.reading.input_with(&self.input, separator)?;
        input.salvage = salvage.salvage;
        Ok(input)
    }

    pub(crate) fn slice_or_all(&self) -> Slice {
        self.slice().cloned().unwrap_or_default()
    }

    pub(crate) fn slice(&self) -> Option<&Slice> {
        self.reading.slice.as_ref()
    }
}

/// Which values to read, and how.
#[derive(Debug, clap::Args)]
pub(crate) struct ReadArgs {
    #[command(flatten)]
    raw: RawArgs,
    /// The dtype of items whose file states another one of the same size, because NumPy has no name for it: bfloat16,
    /// float8_e4m3fn, or int4, one a byte
    #[arg(
        long,
        value_name = "DTYPE",
        conflicts_with = "in_dtype",
        value_parser = words::dtype::<DType>(),
        hide_possible_values = true
    )]
    as_dtype: Option<DType>,
    /// The format of long doubles (f16, c32) in the input; by default x87, with an error if they look like quad
    #[arg(long, value_name = "FORMAT")]
    longdouble: Option<LongDouble>,
    /// Read only this field of records, x['NAME'], or the records of several, x[['A', 'B']], without what is between
    /// them. p.x is the field x of the field p; NAME, with a comma is a record of one field
    #[arg(long, value_name = "NAME[,NAME…]", allow_hyphen_values = true)]
    field: Option<FieldIndex>,
    /// Read only these items, in NumPy's slice notation: '0:5, ::2, -1'
    #[arg(long, value_name = "SLICE", allow_hyphen_values = true)]
    pub(crate) slice: Option<Slice>,
}

impl ReadArgs {
    pub(crate) fn input(&self, address: &Address) -> anyhow::Result<Input> {
        self.input_with(address, None)
    }

    /// As [`input`](ReadArgs::input), with this separator between the items of text.
    pub(crate) fn input_with(
        &self,
        address: &Address,
        separator: Option<&str>,
    ) -> anyhow::Result<Input> {
        let mut input = self.raw.input(address)?;
        input.longdouble = self.longdouble.map(Into::into);
        input.as_dtype = self.as_dtype.clone();
        input.fields = self.field.clone();
        if let Some(separator) = separator
            && input.text.separator.is_none()
        {
            input.text.separator = Some(Separator::new(separator)?);
        }
        Ok(input)
    }

    pub(crate) fn inputs(&self, addresses: &[Address]) -> anyhow::Result<Vec<Input>> {
        let inputs = addresses.iter().map(|address| self.input(address));
        inputs.collect()
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LongDouble {
    #[value(help = "Extended precision (80 bits, x86-64), whatever they look like")]
    X87,
    #[value(help = "IEEE quadruple precision (aarch64 Linux), rounded to the nearest x87 number")]
    Quad,
}

impl From<LongDouble> for npio::LongDouble {
    fn from(format: LongDouble) -> npio::LongDouble {
        match format {
            LongDouble::X87 => npio::LongDouble::X87,
            LongDouble::Quad => npio::LongDouble::Quad,
        }
    }
}

/// The layout of input without a header. A file name can give it, too: x_int32_4_5.dat
#[derive(Clone, Debug, clap::Args)]
pub(crate) struct RawArgs {
    /// The dtype of the items: f8, int32, "<U5"; auto finds it out from each column of a table. By default f8 for text,
    /// and inferred for JSON
    #[arg(
        long,
        help_heading = HEADING,
        value_name = "DTYPE",
        value_parser = words::dtype_or_auto::<WantedDType>(),
        hide_possible_values = true
    )]
    in_dtype: Option<WantedDType>,
    /// The shape: 3,4, or -1,4 to infer one length; () is 0-d; by default raw items are 1-d
    #[arg(
        long,
        help_heading = HEADING,
        value_name = "SHAPE",
        allow_hyphen_values = true
    )]
    in_shape: Option<String>,
    /// The memory order of raw items; by default C
    #[arg(long, help_heading = HEADING, value_name = "ORDER", requires = "in_dtype", ignore_case = true)]
    in_order: Option<RawOrder>,
    /// The number of bytes before the raw items; by default 0
    #[arg(long, help_heading = HEADING, value_name = "BYTES", requires = "in_dtype")]
    in_offset: Option<u64>,
    #[command(flatten)]
    text: TextArgs,
    #[command(flatten)]
    duplicates: DuplicatesArgs,
    /// Also read arrays of Python objects, which are pickles; no code in them is run. Where plain items are needed, the
    /// objects must be numbers, texts, dates, or arrays of equal shapes
    #[arg(long)]
    allow_pickle: bool,
}

/// A dtype, or `auto`.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum WantedDType {
    /// What there is decides.
    Inferred,
    Given(DType),
}

impl FromStr for WantedDType {
    type Err = npio::dtype::Error;

    fn from_str(text: &str) -> Result<WantedDType, npio::dtype::Error> {
        match text {
            "auto" => Ok(WantedDType::Inferred),
            text => Ok(WantedDType::Given(text.parse()?)),
        }
    }
}

impl RawArgs {
    /// The layout of raw items, if the user gives one.
    fn format(&self) -> anyhow::Result<Option<RawLayout>> {
        let Some(WantedDType::Given(dtype)) = &self.in_dtype else {
            return Ok(None);
        };
        let mut format = RawLayout::new(dtype.clone()).exact();
        if let Some(shape) = self.shape()? {
            format = format.shape(shape);
        }
        if let Some(RawOrder::Fortran) = self.in_order {
            format = format.order(Order::Fortran);
        }
        Ok(Some(format.offset(self.in_offset.unwrap_or(0))))
    }

    /// How text is read.
    fn text(&self) -> anyhow::Result<text::TextInput> {
        let separator = self.text.in_sep.as_deref().map(Separator::new);
        Ok(text::TextInput {
            dtype: match &self.in_dtype {
                Some(WantedDType::Given(dtype)) => Some(dtype.clone()),
                _ => None,
            },
            is_inferred: self.in_dtype == Some(WantedDType::Inferred),
            shape: self.shape()?,
            option_of_raw: match (&self.in_order, self.in_offset) {
                (Some(RawOrder::Fortran), _) => Some("--in-order"),
                (_, Some(1..)) => Some("--in-offset"),
                _ => None,
            },
            separator: separator.transpose()?,
            args: self.text.clone(),
        })
    }

    fn shape(&self) -> anyhow::Result<Option<Vec<isize>>> {
        let shape = self.in_shape.as_ref();
        let axes =
            |shape: &String| axes(shape).with_context(|| format!("shape {}", excerpt(shape)));
        shape.map(axes).transpose()
    }

    /// The input at this address.
    pub(crate) fn input(&self, address: &Address) -> anyhow::Result<Input> {
        let mut input = Input::new(address, self.format()?, self.text()?);
        input.allow_pickle = self.allow_pickle;
        input.last_of_duplicates = self.duplicates.is_last();
        Ok(input)
    }

    /// The inputs at these addresses.
    pub(super) fn inputs(&self, addresses: &[Address]) -> anyhow::Result<Vec<Input>> {
        addresses
            .iter()
            .map(|address| self.input(address))
            .collect()
    }
}

/// `3,4`, `3x4` or `(3, 4)`. `()` is 0-d, and so is nothing, which PowerShell does not pass on.
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
                .map_err(|_| anyhow!("expected lengths such as 3,4, found {}", excerpt(axis)))
        })
        .collect()
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum RawOrder {
    #[value(name = "C", help = "The last index varies fastest")]
    C,
    #[value(name = "F", help = "The first index varies fastest")]
    Fortran,
}
