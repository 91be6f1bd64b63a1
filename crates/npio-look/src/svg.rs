//! A picture as SVG.

use crate::colormap::Rgb;
use crate::error::Error;
use crate::escape::html;
use crate::png;
use crate::scene::{Anchor, Scene, Shape};
use std::fmt::{self, Write};

const FONT: &str = "Roboto, 'Helvetica Neue', Arial, 'Liberation Sans', sans-serif";

/// The picture as a document of its own, or to be put into a page.
pub(crate) fn svg(scene: &Scene) -> Result<String, Error> {
    let Scene {
        width,
        height,
        background,
        ..
    } = scene;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"{FONT}\">\n<rect width=\"{width}\" height=\"{height}\" fill=\"{background}\"/>\n"
    );
    for shape in &scene.shapes {
        match shape {
            Shape::Image([x, y, width, height], pixels) => {
                let data = png::data_uri(&png::rgb(pixels)?);
                let [x, y, width, height] = [*x, *y, *width, *height].map(Number);
                // Writing to a String does not fail.
                let _ = writeln!(
                    text,
                    "<image x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" preserveAspectRatio=\"none\" \
                     style=\"image-rendering:pixelated\" href=\"{data}\"/>"
                );
            }
            shape => {
                let _ = push(&mut text, shape);
            }
        }
    }
    text += "</svg>\n";
    Ok(text)
}

fn push(out: &mut String, shape: &Shape) -> fmt::Result {
    match shape {
        Shape::Rect([x, y, width, height], color) => {
            let [x, y, width, height] = [*x, *y, *width, *height].map(Number);
            writeln!(
                out,
                "<rect x=\"{x}\" y=\"{y}\" width=\"{width}\" height=\"{height}\" fill=\"{color}\"/>"
            )
        }
        Shape::Line {
            points,
            color,
            width,
        } => {
            write!(out, "<path d=\"")?;
            for (i, (x, y)) in points.iter().enumerate() {
                let command = if i == 0 { 'M' } else { 'L' };
                write!(out, "{command}{} {}", Number(*x), Number(*y))?;
            }
            let width = Number(*width);
            writeln!(
                out,
                "\" fill=\"none\" stroke=\"{color}\" stroke-width=\"{width}\" stroke-linejoin=\"round\"/>"
            )
        }
        Shape::Circle {
            center,
            radius,
            color,
        } => {
            let [x, y, radius] = [center.0, center.1, *radius].map(Number);
            writeln!(
                out,
                "<circle cx=\"{x}\" cy=\"{y}\" r=\"{radius}\" fill=\"{color}\"/>"
            )
        }
        Shape::Text {
            at,
            text,
            size,
            anchor,
            color,
            is_turned,
        } => {
            let [x, y, size] = [at.0, at.1, *size].map(Number);
            let anchor = match anchor {
                Anchor::Start => "start",
                Anchor::Middle => "middle",
                Anchor::End => "end",
            };
            let fill = if *color == Rgb::BLACK {
                String::new()
            } else {
                format!(" fill=\"{color}\"")
            };
            let turned = if *is_turned {
                format!(" transform=\"rotate(-90 {x} {y})\"")
            } else {
                String::new()
            };
            let text = html(text);
            writeln!(
                out,
                "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" text-anchor=\"{anchor}\"{fill}{turned}>{text}</text>"
            )
        }
        Shape::Image(..) => Ok(()),
    }
}

/// A coordinate, to a hundredth of a pixel.
#[derive(Clone, Copy)]
struct Number(f64);

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}
