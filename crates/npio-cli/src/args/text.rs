//! Arguments that describe text in the input.

use clap::ValueEnum;
use npio::encoding::Encoding;
use npio::flatfile::text::table::{Column, ReadOptions};
use std::convert::Infallible;
use std::str::FromStr;

/// clap would leave a heading of the whole struct to the options after it.
const HEADING: &str = "Text input";

/// What an input is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum InputFormat {
    Npy,
    Npz,
    #[value(help = "Arrays by name, as safetensors writes them")]
    Safetensors,
    #[value(help = "Raw items, as --in-dtype and --in-shape describe them")]
    Raw,
    #[value(help = "A table with white space between fields, as np.savetxt writes it")]
    Txt,
    Csv,
    Tsv,
    Json,
}

/// How text is read.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct TextArgs {
    /// What the input is, if neither its first bytes nor its name say so
    #[arg(long, help_heading = HEADING, value_name = "EXT")]
    pub(crate) from: Option<InputFormat>,
    /// The encoding of text: latin-1, utf-16, windows-1252, shift_jis, …; by default utf-8, and after a byte order mark
    /// utf-16
    #[arg(long, help_heading = HEADING, value_name = "LABEL")]
    pub(crate) encoding: Option<Encoding>,
    /// Read text as a flat sequence with this separator between items; by default text is a table
    #[arg(long, help_heading = HEADING, value_name = "SEPARATOR", allow_hyphen_values = true)]
    pub(crate) in_sep: Option<String>,
    /// The delimiter between the fields of a table, one character or \t; by default white space in .txt, a comma in
    /// .csv, and a tab in .tsv
    #[arg(long, help_heading = HEADING, value_name = "C", value_parser = delimiter, conflicts_with = "in_sep")]
    delimiter: Option<char>,
    /// The text that begins a comment, or none; by default # in .txt, and none in .csv and .tsv
    #[arg(
        long,
        help_heading = HEADING,
        value_name = "S",
        conflicts_with = "in_sep",
        allow_hyphen_values = true
    )]
    comments: Option<String>,
    /// The quote around fields, or none; by default " in .csv and .tsv, and none in .txt
    #[arg(long, help_heading = HEADING, value_name = "C", value_parser = quote, conflicts_with = "in_sep")]
    quote: Option<Quote>,
    /// Skip this many lines at the beginning, including comments and empty lines
    #[arg(long, help_heading = HEADING, value_name = "N", conflicts_with = "in_sep")]
    skip_rows: Option<u64>,
    /// Skip this many rows at the end
    #[arg(long, help_heading = HEADING, value_name = "N", conflicts_with = "in_sep")]
    skip_footer: Option<usize>,
    /// Read at most this many rows
    #[arg(long, help_heading = HEADING, value_name = "N", conflicts_with = "in_sep")]
    max_rows: Option<u64>,
    /// Read only these columns of a table: numbers from 0, negative ones from the end, or names
    #[arg(
        long,
        help_heading = HEADING,
        value_name = "LIST",
        value_delimiter = ',',
        value_parser = column,
        conflicts_with = "in_sep",
        allow_hyphen_values = true
    )]
    columns: Option<Vec<Column>>,
    /// Take the names of the columns from the first row of the table, or from LIST
    #[arg(
        long,
        help_heading = HEADING,
        value_name = "LIST",
        value_delimiter = ',',
        num_args = 0..,
        require_equals = true,
        conflicts_with = "in_sep"
    )]
    in_names: Option<Vec<String>>,
    /// Fields that are missing, in addition to empty ones: NaN or NaT is read in their place, or --fill
    #[arg(
        long,
        help_heading = HEADING,
        value_name = "LIST",
        value_delimiter = ',',
        conflicts_with = "in_sep",
        allow_hyphen_values = true
    )]
    missing: Option<Vec<String>>,
    /// What to read in place of missing fields
    #[arg(
        long,
        help_heading = HEADING,
        value_name = "VALUE",
        conflicts_with = "in_sep",
        allow_hyphen_values = true
    )]
    fill: Option<String>,
    /// The decimal separator of numbers; with a comma, the delimiter of .csv is a semicolon
    #[arg(long, help_heading = HEADING, value_name = "C", value_parser = ascii, conflicts_with = "in_sep")]
    decimal: Option<u8>,
    /// Read exponents as Fortran writes them: 1.0D+05, 1.0-105
    #[arg(long, help_heading = HEADING, conflicts_with = "in_sep")]
    fortran_exponents: bool,
}

/// The quote of a table, if it has one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Quote(pub(super) Option<u8>);

impl TextArgs {
    /// How a table is read from a file in the format with this delimiter; without one, fields are separated by white
    /// space.
    pub(crate) fn table(&self, delimiter: Option<char>) -> ReadOptions {
        let mut options = match delimiter {
            Some(',') if self.decimal == Some(b',') => ReadOptions::csv().delimiter(';'),
            Some(delimiter) => ReadOptions::csv().delimiter(delimiter),
            None => ReadOptions::new(),
        };
        if let Some(delimiter) = self.delimiter {
            options = options.delimiter(delimiter);
        }
        match self.comments.as_deref() {
            Some("none") => options = options.comments([""; 0]),
            Some(comment) => options = options.comments([comment]),
            None => {}
        }
        if let Some(Quote(quote)) = self.quote {
            options = options.quotechar(quote);
        }
        options = options.skiprows(self.skip_rows.unwrap_or(0));
        options = options.skip_footer(self.skip_footer.unwrap_or(0));
        if let Some(rows) = self.max_rows {
            options = options.max_rows(rows);
        }
        if let Some(columns) = &self.columns {
            options = options.usecols(columns.iter().cloned());
        }
        match self.in_names.as_deref() {
            Some([]) => options = options.names(),
            Some(names) => options = options.given_names(names),
            None => {}
        }
        if let Some(missing) = &self.missing {
            options = options.missing_values(missing);
        }
        if let Some(fill) = &self.fill {
            options = options.filling_values(fill);
        }
        if let Some(decimal) = self.decimal {
            options = options.decimal(decimal);
        }
        if self.fortran_exponents {
            options = options.fortran_exponents();
        }
        options
    }
}

/// One character, or `\t`.
pub(super) fn delimiter(text: &str) -> Result<char, String> {
    match text {
        r"\t" => Ok('\t'),
        text => {
            let delimiter = text.parse();
            delimiter.map_err(|_| r"expected one character, or \t".to_owned())
        }
    }
}

/// One ASCII character, or `none`.
pub(super) fn quote(text: &str) -> Result<Quote, String> {
    match text {
        "none" => Ok(Quote(None)),
        text => match ascii(text) {
            Ok(quote) => Ok(Quote(Some(quote))),
            Err(_) => Err("expected one ASCII character, or none".to_owned()),
        },
    }
}

/// One ASCII character.
fn ascii(text: &str) -> Result<u8, String> {
    match text.as_bytes() {
        [byte] => Ok(*byte),
        _ => Err("expected one ASCII character".to_owned()),
    }
}

/// A number, or a name.
fn column(text: &str) -> Result<Column, Infallible> {
    Ok(match isize::from_str(text) {
        Ok(index) => Column::Index(index),
        Err(_) => Column::Name(text.to_owned()),
    })
}
