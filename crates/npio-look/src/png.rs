//! Pictures as PNG.

use crate::error::Error;
use crate::pixels::Pixels;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use png::{BitDepth, ColorType, Compression, Encoder, EncodingError, Filter};
use std::io;

/// The samples of a picture: one, three or four bytes a pixel.
pub(crate) fn encode(
    size: (usize, usize),
    color: ColorType,
    samples: &[u8],
) -> Result<Vec<u8>, Error> {
    encode_with(size, color, samples, None)
}

/// A picture with one byte a pixel, which is the number of a colour in the table.
pub(crate) fn encode_indexed(
    size: (usize, usize),
    table: Vec<u8>,
    samples: &[u8],
) -> Result<Vec<u8>, Error> {
    encode_with(size, ColorType::Indexed, samples, Some(table))
}

fn encode_with(
    (width, height): (usize, usize),
    color: ColorType,
    samples: &[u8],
    table: Option<Vec<u8>>,
) -> Result<Vec<u8>, Error> {
    let size = |length: usize| {
        u32::try_from(length)
            .ok()
            .filter(|length| (1..=1 << 31).contains(length))
            .ok_or_else(|| {
                Error::unsuitable(format!(
                    "a PNG of {width} × {height} pixels: expected 1 to 2147483648 in each direction"
                ))
            })
    };
    let mut out = Vec::new();
    let mut encoder = Encoder::new(&mut out, size(width)?, size(height)?);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    if let Some(table) = table {
        encoder.set_palette(table);
    }
    encoder.set_compression(Compression::Balanced);
    encoder.set_filter(Filter::Adaptive);
    let written = encoder.write_header().and_then(|mut writer| {
        writer.write_image_data(samples)?;
        writer.finish()
    });
    written.map_err(|error| match error {
        EncodingError::IoError(error) => Error::Write(error),
        error => Error::Write(io::Error::other(error)),
    })?;
    Ok(out)
}

/// A picture in colours.
pub(crate) fn rgb(pixels: &Pixels) -> Result<Vec<u8>, Error> {
    let samples: Vec<u8> = pixels
        .colors()
        .iter()
        .flat_map(|color| [color.0, color.1, color.2])
        .collect();
    encode((pixels.width(), pixels.height()), ColorType::Rgb, &samples)
}

/// The bytes of a PNG as an address that holds them.
pub(crate) fn data_uri(png: &[u8]) -> String {
    format!("data:image/png;base64,{}", STANDARD.encode(png))
}
