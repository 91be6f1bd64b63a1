//! Arguments of `npio head` and `npio tail`.

use super::{ArrayArgs, NanFormat, SalvageArgs};
use crate::dump::DumpFormat;
use crate::source::Input;
use crate::text::TextOutput;
use npio::flatfile::show;

#[derive(Debug, clap::Args)]
pub(crate) struct HeadArgs {
    #[command(flatten)]
    pub(crate) values: ArrayArgs,
    /// The number of rows
    #[arg(short = 'n', value_name = "N", default_value_t = 10)]
    pub(crate) rows: usize,
    #[command(flatten)]
    format: RowFormat,
    /// What NaN and infinities are in JSON
    #[arg(long, value_name = "AS", default_value = "nan", requires = "json")]
    nan: NanFormat,
    #[command(flatten)]
    salvage: SalvageArgs,
}

/// How rows are printed: by default as NumPy does, none of them left out, but long ones shortened.
#[derive(Clone, Debug, clap::Args)]
#[group(multiple = false)]
struct RowFormat {
    /// Print long rows with all of their values
    #[arg(long)]
    full: bool,
    /// Print JSON on one line, nested like arr.tolist()
    #[arg(long)]
    json: bool,
    /// Print text with this separator between items; text input is read with the same one, unless --in-sep is another
    #[arg(
        long,
        value_name = "SEPARATOR",
        allow_hyphen_values = true,
        conflicts_with = "delimiter"
    )]
    sep: Option<String>,
}

impl HeadArgs {
    pub(crate) fn input(&self) -> anyhow::Result<Input> {
        let separator = self.format.sep.as_deref();
        self.values.salvaged_input(self.salvage, separator)
    }

    pub(crate) fn format(&self) -> anyhow::Result<DumpFormat> {
        let options = show::Options::new().all_rows();
        Ok(match &self.format {
            RowFormat { sep: Some(sep), .. } => DumpFormat::Text(TextOutput::flat(sep, None)?),
            RowFormat { json: true, .. } => DumpFormat::Json(self.nan),
            RowFormat { full: true, .. } => DumpFormat::Summary(options.threshold(usize::MAX)),
            _ => DumpFormat::Summary(options),
        })
    }
}
