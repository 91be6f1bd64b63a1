//! Arguments of the commands that draw.

use super::{FileArgs, ReadArgs};
use crate::address::{Address, FileArg};
use clap::ValueEnum;
use npio_look::{Colormap, ComplexPart, Graphics, Kind, Limits, Plot, WHOLE};

/// `plot`: a picture of an array.
#[derive(Debug, clap::Args)]
pub(crate) struct PlotArgs {
    /// The file to read, FILE.npz::MEMBER, or FILE.npy::1 for the second of several arrays; - is standard input
    #[arg(value_name = "FILE")]
    pub(crate) input: Address,
    #[command(flatten)]
    pub(crate) reading: ReadArgs,
    /// The picture: a .png or an .svg; - is a PNG to standard output. By default it is drawn in the terminal, and in a
    /// pipe as plain text
    #[arg(short, long, value_name = "FILE")]
    pub(crate) output: Option<FileArg>,
    /// What to draw: auto draws one axis as a line, (h, w, 3) and (h, w, 4) of uint8 as an image, and two axes as a
    /// heatmap
    #[arg(long, value_name = "KIND", default_value = "auto")]
    kind: PlotKind,
    /// Draw each index of the first of three axes as a heatmap
    #[arg(long, conflicts_with_all = ["kind", "x"])]
    montage: bool,
    /// The values from left to right, an array of one axis; by default the indices
    #[arg(long, value_name = "FILE")]
    pub(crate) x: Option<Address>,
    /// Draw powers of ten at equal distances: from left to right (x), upwards (y), or in the colors (z)
    #[arg(long, value_name = "AXES", value_delimiter = ',')]
    log: Vec<LogAxis>,
    /// Draw the values from LOW to HIGH; by default from the least to the greatest
    #[arg(long, value_name = "LOW,HIGH", value_parser = range, allow_hyphen_values = true)]
    range: Option<(f64, f64)>,
    /// Draw the values from the 2nd to the 98th percentile of what is drawn
    #[arg(long, conflicts_with = "range")]
    robust: bool,
    /// The colors of heatmaps; by default viridis, and gray for truth values
    #[arg(long, value_name = "NAME")]
    colormap: Option<Colors>,
    /// The width: columns of a terminal, or pixels of a file
    #[arg(short = 'W', long, value_name = "N", value_parser = clap::value_parser!(u16).range(8..=20_000))]
    pub(crate) width: Option<u16>,
    /// The height: rows of a terminal, or pixels of a file
    #[arg(short = 'H', long, value_name = "N", value_parser = clap::value_parser!(u16).range(4..=20_000))]
    pub(crate) height: Option<u16>,
    /// How the terminal shows pictures; auto asks its environment
    #[arg(long, value_name = "HOW", default_value = "auto")]
    pub(crate) graphics: GraphicsArg,
    /// What to draw of complex numbers
    #[arg(long, value_name = "PART", default_value = "abs")]
    pub(crate) complex: Part,
    /// Read all values, also of arrays over a GiB, of which otherwise a part is drawn
    #[arg(long)]
    pub(crate) full: bool,
    /// Replace an existing file, and write a PNG even to a terminal
    #[arg(long)]
    pub(crate) force: bool,
}

impl PlotArgs {
    /// What to draw, under this title.
    pub(crate) fn plot(&self, title: String) -> Plot {
        let is_log = |axis| self.log.contains(&axis);
        Plot {
            kind: if self.montage {
                Kind::Montage
            } else {
                self.kind.into()
            },
            title,
            log: [LogAxis::X, LogAxis::Y, LogAxis::Z].map(is_log),
            limits: match (self.range, self.robust) {
                (Some((low, high)), _) => Limits::Given(low, high),
                (None, true) => Limits::Robust,
                (None, false) => Limits::All,
            },
            colormap: self.colormap.map(Into::into),
            whole: if self.full { u64::MAX } else { WHOLE },
        }
    }
}

/// `report`: a page about files.
#[derive(Debug, clap::Args)]
pub(crate) struct ReportArgs {
    /// Files, archives, FILE.npz::MEMBER, and folders, of which all files of arrays are taken, also in folders in them
    #[command(flatten)]
    pub(crate) files: FileArgs,
    /// The page, one file of HTML that needs no other; - is standard output
    #[arg(short, long, value_name = "FILE.html")]
    pub(crate) output: FileArg,
    /// What the page is called
    #[arg(long, value_name = "TEXT")]
    pub(crate) title: Option<String>,
    /// Read all values, also of arrays over a GiB, of which otherwise a sample is taken
    #[arg(long)]
    pub(crate) full: bool,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
}

/// Two numbers with a comma between them.
fn range(text: &str) -> Result<(f64, f64), String> {
    let parsed = text
        .split_once(',')
        .map(|(low, high)| (low.trim().parse(), high.trim().parse()));
    match parsed {
        Some((Ok(low), Ok(high))) => Ok((low, high)),
        _ => Err("expected two numbers such as 0,1 or -2.5,2.5".to_owned()),
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum PlotKind {
    Auto,
    Line,
    Scatter,
    Heat,
    #[value(help = "The pixels themselves: a PNG has exactly those of the array")]
    Image,
    Hist,
}

impl From<PlotKind> for Kind {
    fn from(kind: PlotKind) -> Kind {
        match kind {
            PlotKind::Auto => Kind::Auto,
            PlotKind::Line => Kind::Line,
            PlotKind::Scatter => Kind::Scatter,
            PlotKind::Heat => Kind::Heat,
            PlotKind::Image => Kind::Image,
            PlotKind::Hist => Kind::Hist,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LogAxis {
    X,
    Y,
    Z,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Colors {
    Viridis,
    Gray,
    #[value(help = "Red, white, blue: white is 0")]
    Rdbu,
}

impl From<Colors> for Colormap {
    fn from(colors: Colors) -> Colormap {
        match colors {
            Colors::Viridis => Colormap::Viridis,
            Colors::Gray => Colormap::Gray,
            Colors::Rdbu => Colormap::RdBu,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum Part {
    #[value(help = "The absolute value")]
    Abs,
    #[value(help = "The angle")]
    Phase,
    #[value(help = "The real part")]
    Re,
    #[value(help = "The imaginary part")]
    Im,
}

impl From<Part> for ComplexPart {
    fn from(part: Part) -> ComplexPart {
        match part {
            Part::Abs => ComplexPart::Abs,
            Part::Phase => ComplexPart::Phase,
            Part::Re => ComplexPart::Real,
            Part::Im => ComplexPart::Imaginary,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum GraphicsArg {
    Auto,
    #[value(help = "The protocol of kitty, Ghostty and WezTerm")]
    Kitty,
    #[value(help = "The protocol of iTerm2")]
    Iterm,
    #[value(help = "Pictures of xterm, foot, mlterm and Windows Terminal")]
    Sixel,
    #[value(help = "Two pixels in a character")]
    Half,
    #[value(help = "Eight points in a character")]
    Braille,
    Ascii,
}

impl GraphicsArg {
    /// What is asked for; `None` to find out.
    pub(crate) fn asked(self) -> Option<Graphics> {
        match self {
            GraphicsArg::Auto => None,
            GraphicsArg::Kitty => Some(Graphics::Kitty),
            GraphicsArg::Iterm => Some(Graphics::Iterm),
            GraphicsArg::Sixel => Some(Graphics::Sixel),
            GraphicsArg::Half => Some(Graphics::Half),
            GraphicsArg::Braille => Some(Graphics::Braille),
            GraphicsArg::Ascii => Some(Graphics::Ascii),
        }
    }
}
