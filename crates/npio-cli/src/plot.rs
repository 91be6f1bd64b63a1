//! `npio plot`: a picture of an array, in the terminal or in a file.

use crate::address::{ErrorContext, FileArg};
use crate::args::PlotArgs;
use crate::array::{open_array, parsed_reader};
use crate::output::{escaped, is_terminal, library_error, with_stdout};
use crate::progress::Progress;
use crate::source::Input;
use crate::table::{has_color, window_size};
use crate::target::{Target, check_overwrite, write_result};
use crate::{Outcome, Status};
use npio::flatfile::Slice;
use npio::{OpenArray, Order};
use npio_look::cells::Palette;
use npio_look::{Abscissa, Error, Graphics, Image, Kind, Plot, Terminal, Values};
use std::env;
use std::io::Write;

/// The size of a picture in a file, in pixels, and of one in a pipe, in characters.
const FILE_SIZE: (u16, u16) = (800, 500);
const PIPE_SIZE: (u16, u16) = (80, 24);

/// What a picture is written as.
#[derive(Clone, Copy)]
enum Form {
    Png,
    Svg,
    /// Text, and what a terminal takes for pictures.
    Terminal(Terminal),
}

pub(crate) fn run(args: &PlotArgs) -> Outcome {
    let input = args.reading.input(&args.input)?;
    let form = match &args.output {
        Some(output) => {
            check_overwrite(output, args.force)?;
            form_of(output)?
        }
        None => Form::Terminal(terminal(args)),
    };
    let (picture, status) = draw(args, &input, form)?;
    match (&args.output, form) {
        (None, _) | (_, Form::Terminal(_)) => with_stdout(|out| Ok(out.write_all(&picture)?))?,
        (Some(output), form) => {
            let is_text = matches!(form, Form::Svg);
            let mut target = Target::create(output, args.force || (is_text && output.is_stdio()))?;
            write_result(output, target.write_all(&picture))?;
            target.finish(())?;
        }
    }
    Ok(status)
}

/// The form of a file with this name; standard output gets a PNG.
fn form_of(name: &FileArg) -> anyhow::Result<Form> {
    let suffix = name
        .path()
        .extension()
        .map(|suffix| suffix.to_ascii_lowercase());
    match suffix.as_ref().and_then(|suffix| suffix.to_str()) {
        Some("png") => Ok(Form::Png),
        Some("svg") => Ok(Form::Svg),
        _ if name.is_stdio() => Ok(Form::Png),
        _ => Err(name.error("expected a name that ends with .png or .svg")),
    }
}

fn draw(args: &PlotArgs, input: &Input, form: Form) -> anyhow::Result<(Vec<u8>, Status)> {
    let title = match &input.fields {
        Some(fields) => format!("{input} {}", escaped(&fields.to_string())),
        None => input.to_string(),
    };
    let plot = args.plot(title);
    let mut source = input.open()?;
    let array = open_array(&mut source, input)?;
    let status = array.report_missing();
    let mut array = array.reader(input.value_conversion())?;
    let mut slice = args.reading.slice.clone().unwrap_or_default();
    if plot.kind == Kind::Montage && !array.has_random_access() {
        // Each plane would be read from the beginning.
        let planes = array.slice(&slice).map_err(library_error)?;
        array = parsed_reader(input, planes.to_order(Order::C).map_err(library_error)?);
        slice = Slice::default();
    }
    let abscissa = abscissa(args, &array, &slice)?;
    let progress = Progress::growing();
    let on_read = |bytes| progress.add(bytes);
    let in_input = |error| look_error(error, input);
    let values = Values::new(&array, &slice).map_err(in_input)?;
    let values = values.part(args.complex.into()).on_read(&on_read);
    progress.expect(values.nbytes().min(plot.whole));
    let picture = picture(&plot, &values, abscissa.as_ref(), args, form);
    Ok((picture.map_err(in_input)?, status))
}

/// The values from left to right. The slice selects some of them, too, if there are as many as rows of the array.
fn abscissa(
    args: &PlotArgs,
    array: &OpenArray<'_>,
    slice: &Slice,
) -> anyhow::Result<Option<Abscissa>> {
    let Some(address) = &args.x else {
        return Ok(None);
    };
    // The field is that of the values that are drawn.
    let input = Input {
        fields: None,
        ..args.reading.input(address)?
    };
    let mut source = input.open()?;
    let reader = open_array(&mut source, &input)?.reader(input.value_conversion())?;
    let is_sliced = reader.layout().shape() == array.layout().shape();
    let all = Slice::default();
    let read = Values::new(&reader, if is_sliced { slice } else { &all }).and_then(|values| {
        if values.shape().len() != 1 {
            let shape = npio::dtype::shape_tuple(values.shape());
            return Err(Error::Unsuitable(format!(
                "--x has one axis, and the shape is {shape}"
            )));
        }
        let name = address.stem().unwrap_or_default();
        let meaning = values.meaning();
        Ok(Abscissa {
            values: values.read(&[])?,
            meaning,
            name,
        })
    });
    read.map(Some).map_err(|error| look_error(error, &input))
}

fn picture(
    plot: &Plot,
    values: &Values<'_, '_>,
    abscissa: Option<&Abscissa>,
    args: &PlotArgs,
    form: Form,
) -> Result<Vec<u8>, Error> {
    let kind = plot.kind_of(values)?;
    if kind == Kind::Image && matches!(form, Form::Png) {
        if args.width.is_some() || args.height.is_some() {
            let why = "the PNG of an image has exactly the pixels of the array: -W and -H are for other kinds, and for .svg";
            return Err(Error::Unsuitable(why.to_owned()));
        }
        return Image::of(plot, values)?.png();
    }
    let (width, height) = size(args, FILE_SIZE);
    let room = match form {
        Form::Png | Form::Svg => (width, height),
        Form::Terminal(terminal) => {
            terminal.room(matches!(kind, Kind::Heat | Kind::Image | Kind::Montage))
        }
    };
    let chart = plot.chart(values, abscissa, room)?;
    match form {
        Form::Png => chart.png(width, height),
        Form::Svg => chart.svg(width, height).map(String::into_bytes),
        Form::Terminal(terminal) => terminal.text(&chart).map(String::into_bytes),
    }
}

/// The size that is asked for, or else this one.
fn size(args: &PlotArgs, default: (u16, u16)) -> (usize, usize) {
    let (width, height) = (
        args.width.unwrap_or(default.0),
        args.height.unwrap_or(default.1),
    );
    (width.into(), height.into())
}

/// What standard output is: a terminal, or a pipe without colours.
fn terminal(args: &PlotArgs) -> Terminal {
    let variable = |name: &str| env::var(name).ok();
    let window = window_size().map(|(width, height)| (width, height.saturating_sub(1)));
    let detected = window.unwrap_or(PIPE_SIZE);
    let (columns, rows) = size(args, detected);
    let graphics = args.graphics.asked();
    let graphics = graphics.unwrap_or_else(|| {
        if is_terminal() {
            Graphics::detect(variable)
        } else {
            Graphics::Braille
        }
    });
    let palette = if has_color() {
        Palette::detect(variable)
    } else {
        Palette::None
    };
    Terminal {
        graphics,
        palette,
        columns,
        rows,
    }
}

/// An error about an array: one of the library names the file itself.
pub(crate) fn look_error(error: Error, input: &Input) -> anyhow::Error {
    match error {
        Error::Read(error) => library_error(*error),
        Error::Unsuitable(why) => input.escaped_error(why),
        Error::Write(error) => error.into(),
    }
}
