//! Arrays that are pictures: [`Image`].

use crate::colormap::{Colormap, Rgb};
use crate::error::Error;
use crate::pixels::Pixels;
use crate::plot::Plot;
use crate::png;
use crate::range::{Limits, Ramp, Scale};
use crate::sample::Grid;
use crate::values::{Meaning, Values};
use ::png::ColorType;

/// The pixels of an array: as they are stored if they are `uint8`, truth values as black and white, and other numbers from
/// their least to their greatest value; floats from 0 to 1 are taken as parts of the brightest.
#[derive(Clone, Debug)]
pub struct Image {
    width: usize,
    height: usize,
    color: ColorType,
    samples: Vec<u8>,
}

/// The most memory that the values of an image may take.
const MAX_BYTES: usize = 1 << 30;

impl Image {
    /// Exactly the pixels of these values: two axes, or three with 1, 3 or 4 values a pixel.
    ///
    /// # Errors
    /// Another shape; what the array's reader says.
    pub fn of(plot: &Plot, values: &Values<'_, '_>) -> Result<Image, Error> {
        let values = &values.squeezed();
        Image::check(values)?;
        let (height, width) = values.rows_and_columns();
        let depth = values.depth();
        // What is stored as bytes is kept as bytes.
        let is_direct = is_direct(plot, values);
        let most = if is_direct { MAX_BYTES } else { MAX_BYTES / 8 };
        if values.count() > most {
            return Err(Error::unsuitable(format!(
                "an image of {width} × {height} pixels is too large: select some of it with --slice, or draw a heatmap"
            )));
        }
        let mut numbers = vec![0.0; if is_direct { 0 } else { values.count() }];
        let mut bytes = vec![0; if is_direct { values.count() } else { 0 }];
        let factor = if values.meaning() == Meaning::Bool {
            255.0
        } else {
            1.0
        };
        values.for_each_block(|block| {
            let length = (block.columns.len() * depth).max(1);
            for (row, read) in block.rows.clone().zip(block.values.chunks_exact(length)) {
                let start = (row * width + block.columns.start) * depth;
                if is_direct {
                    let row = bytes.get_mut(start..start + length).unwrap_or_default();
                    row.iter_mut()
                        .zip(read)
                        .for_each(|(byte, value)| *byte = (value * factor) as u8);
                } else {
                    numbers
                        .get_mut(start..start + length)
                        .unwrap_or_default()
                        .copy_from_slice(read);
                }
            }
            Ok(())
        })?;
        if is_direct {
            return Ok(Image::new((width, height), depth, bytes));
        }
        Image::of_numbers(plot, values, (width, height), &numbers)
    }

    /// The pixels of cells that are fewer.
    pub(crate) fn of_grid(
        plot: &Plot,
        values: &Values<'_, '_>,
        grid: &Grid,
    ) -> Result<Image, Error> {
        let size = (grid.width, grid.height);
        if is_direct(plot, values) {
            let factor = if values.meaning() == Meaning::Bool {
                255.0
            } else {
                1.0
            };
            let bytes = grid
                .values
                .iter()
                .map(|value| (value * factor).round() as u8);
            return Ok(Image::new(size, grid.depth, bytes.collect()));
        }
        Image::of_numbers(plot, values, size, &grid.values)
    }

    fn of_numbers(
        plot: &Plot,
        values: &Values<'_, '_>,
        size: (usize, usize),
        numbers: &[f64],
    ) -> Result<Image, Error> {
        let ramp = match plot.limits {
            Limits::All if values.meaning() == Meaning::Float && numbers.iter().all(is_part) => {
                Ramp::between(Some((0.0, 1.0)), Scale::Linear)
            }
            limits => Ramp::new(
                numbers,
                limits,
                if plot.log[2] {
                    Scale::Log
                } else {
                    Scale::Linear
                },
            )?,
        };
        let depth = values.depth();
        let has_nan = numbers.iter().any(|value| value.is_nan());
        if depth == 1 && (plot.colormap.is_some() || has_nan) {
            let colormap = plot.colormap.unwrap_or(Colormap::Gray);
            let colors = numbers
                .iter()
                .map(|value| colormap.color(ramp.place(*value)));
            let samples = colors.flat_map(|color| [color.0, color.1, color.2]);
            return Ok(Image::new(size, 3, samples.collect()));
        }
        let byte = |value: &f64| (ramp.place(*value).clamp(0.0, 1.0) * 255.0).round() as u8;
        let mut samples: Vec<u8> = numbers.iter().map(byte).collect();
        if has_nan {
            let nan = [Rgb::NAN.0, Rgb::NAN.1, Rgb::NAN.2, 255];
            for (pixel, numbers) in samples.chunks_mut(depth).zip(numbers.chunks(depth)) {
                if numbers.iter().any(|value| value.is_nan()) {
                    pixel
                        .iter_mut()
                        .zip(nan)
                        .for_each(|(sample, nan)| *sample = nan);
                }
            }
        }
        Ok(Image::new(size, depth, samples))
    }

    fn new((width, height): (usize, usize), depth: usize, samples: Vec<u8>) -> Image {
        let color = match depth {
            3 => ColorType::Rgb,
            4 => ColorType::Rgba,
            _ => ColorType::Grayscale,
        };
        Image {
            width,
            height,
            color,
            samples,
        }
    }

    /// Whether the values have the shape of a picture.
    pub(crate) fn check(values: &Values<'_, '_>) -> Result<(), Error> {
        match values.shape() {
            [_, _] | [_, _, 1 | 3 | 4] => Ok(()),
            shape => Err(Error::unsuitable(format!(
                "an image has the shape (h, w), (h, w, 3) or (h, w, 4), and the shape is {}: select some of it with --slice",
                npio::dtype::shape_tuple(shape)
            ))),
        }
    }

    /// The picture as a PNG.
    ///
    /// # Errors
    /// A picture that is too large for one.
    pub fn png(&self) -> Result<Vec<u8>, Error> {
        png::encode((self.width, self.height), self.color, &self.samples)
    }

    /// The picture in colours; what is transparent is on white.
    pub fn pixels(&self) -> Pixels {
        let colors = self.samples.chunks_exact(self.color.samples());
        let colors = colors.map(|samples| match *samples {
            [red, green, blue] => Rgb(red, green, blue),
            [red, green, blue, alpha] => {
                Rgb::WHITE.mix(Rgb(red, green, blue), f64::from(alpha) / 255.0)
            }
            [gray, ..] => Rgb(gray, gray, gray),
            [] => Rgb::WHITE,
        });
        Pixels::from_colors(self.width, self.height, colors.collect())
    }
}

/// Whether the values are the brightness of pixels as they are.
fn is_direct(plot: &Plot, values: &Values<'_, '_>) -> bool {
    let is_stored = matches!(values.meaning(), Meaning::Byte | Meaning::Bool);
    is_stored
        && plot.limits == Limits::All
        && !plot.log[2]
        && (plot.colormap.is_none() || values.depth() > 1)
}

fn is_part(value: &f64) -> bool {
    value.is_nan() || (0.0..=1.0).contains(value)
}
