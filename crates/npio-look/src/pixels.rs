//! Pictures of equal points: in colours ([`Pixels`]), or set and not set ([`Dots`]).

use crate::colormap::Rgb;

/// A picture of coloured points.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pixels {
    width: usize,
    height: usize,
    colors: Vec<Rgb>,
}

impl Pixels {
    /// A picture of one colour.
    pub fn new(width: usize, height: usize, color: Rgb) -> Pixels {
        let colors = vec![color; width.saturating_mul(height)];
        Pixels {
            width,
            height,
            colors,
        }
    }

    /// A picture with these colours, row by row from the top.
    ///
    /// # Panics
    /// If there are not `width × height` of them.
    pub fn from_colors(width: usize, height: usize, colors: Vec<Rgb>) -> Pixels {
        assert_eq!(colors.len(), width * height, "one color for each pixel");
        Pixels {
            width,
            height,
            colors,
        }
    }

    /// The number of points in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// The colours, row by row from the top.
    pub fn colors(&self) -> &[Rgb] {
        &self.colors
    }

    /// The colour of a point; `None` outside of the picture.
    pub fn get(&self, x: usize, y: usize) -> Option<Rgb> {
        (x < self.width)
            .then(|| self.colors.get(y * self.width + x).copied())
            .flatten()
    }

    /// Gives a point a colour; nothing happens outside of the picture.
    pub fn set(&mut self, x: usize, y: usize, color: Rgb) {
        if x < self.width
            && let Some(place) = self.colors.get_mut(y * self.width + x)
        {
            *place = color;
        }
    }

    /// The same picture with another number of points: each has the colour of the nearest one.
    #[must_use]
    pub fn resized(&self, width: usize, height: usize) -> Pixels {
        let mut resized = Pixels::new(width, height, Rgb::WHITE);
        for y in 0..height {
            for x in 0..width {
                let from = (
                    x * self.width / width.max(1),
                    y * self.height / height.max(1),
                );
                if let Some(color) = self.get(from.0, from.1) {
                    resized.set(x, y, color);
                }
            }
        }
        resized
    }
}

/// A picture of points that are set or not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Dots {
    width: usize,
    height: usize,
    dots: Vec<bool>,
}

impl Dots {
    /// A picture in which no point is set.
    pub fn new(width: usize, height: usize) -> Dots {
        let dots = vec![false; width.saturating_mul(height)];
        Dots {
            width,
            height,
            dots,
        }
    }

    /// The number of points in a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// The number of rows.
    pub fn height(&self) -> usize {
        self.height
    }

    /// Whether a point is set; those outside of the picture are not.
    pub fn get(&self, x: usize, y: usize) -> bool {
        x < self.width && self.dots.get(y * self.width + x).copied().unwrap_or(false)
    }

    /// Sets a point; nothing happens outside of the picture.
    pub fn set(&mut self, x: usize, y: usize) {
        if x < self.width
            && let Some(dot) = self.dots.get_mut(y * self.width + x)
        {
            *dot = true;
        }
    }

    /// Sets the points of a straight line between two of them.
    pub fn line(&mut self, from: (f64, f64), to: (f64, f64)) {
        let steps = (to.0 - from.0)
            .abs()
            .max((to.1 - from.1).abs())
            .ceil()
            .clamp(1.0, 1e6);
        for step in 0..=steps as usize {
            let part = step as f64 / steps;
            let at = |from: f64, to: f64| from + (to - from) * part;
            self.set_at(at(from.0, to.0), at(from.1, to.1));
        }
    }

    /// Sets the point that has these coordinates in it; nothing happens outside of the picture.
    pub fn set_at(&mut self, x: f64, y: f64) {
        if x >= 0.0 && y >= 0.0 {
            self.set(x as usize, y as usize);
        }
    }
}
