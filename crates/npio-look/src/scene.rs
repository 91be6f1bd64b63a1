//! A picture as a list of shapes, from which pixels and SVG are made: [`Scene`].

use crate::colormap::Rgb;
use crate::pixels::Pixels;

/// Where a text is, of which one point is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Anchor {
    Start,
    Middle,
    End,
}

/// A piece of a picture; later ones are on top of earlier ones. The unit of all coordinates is a pixel, and the first
/// pixel is between 0 and 1.
#[derive(Clone, Debug)]
pub(crate) enum Shape {
    /// A filled rectangle: left, top, width, height.
    Rect([f64; 4], Rgb),
    /// Straight lines from point to point.
    Line {
        points: Vec<(f64, f64)>,
        color: Rgb,
        width: f64,
    },
    /// A filled circle.
    Circle {
        center: (f64, f64),
        radius: f64,
        color: Rgb,
    },
    /// A line of text, whose baseline begins, ends or has its middle at a point; if it is turned, it goes upwards.
    Text {
        at: (f64, f64),
        text: String,
        size: f64,
        anchor: Anchor,
        color: Rgb,
        is_turned: bool,
    },
    /// A picture of equal rectangles in a larger one: left, top, width, height.
    Image([f64; 4], Pixels),
}

/// A picture as shapes.
#[derive(Clone, Debug)]
pub(crate) struct Scene {
    pub(crate) width: usize,
    pub(crate) height: usize,
    pub(crate) background: Rgb,
    pub(crate) shapes: Vec<Shape>,
}

impl Scene {
    pub(crate) fn text(
        &mut self,
        at: (f64, f64),
        text: &str,
        size: f64,
        anchor: Anchor,
        color: Rgb,
    ) {
        let (text, is_turned) = (text.to_owned(), false);
        self.shapes.push(Shape::Text {
            at,
            text,
            size,
            anchor,
            color,
            is_turned,
        });
    }
}
