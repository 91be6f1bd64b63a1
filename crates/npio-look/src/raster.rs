//! A picture as pixels, with smooth edges.

use crate::colormap::Rgb;
use crate::error::Error;
use crate::font;
use crate::pixels::Pixels;
use crate::scene::{Anchor, Scene, Shape};

/// The picture with `scale` pixels in each direction for one of the scene.
pub(crate) fn pixels(scene: &Scene, scale: usize) -> Result<Pixels, Error> {
    let mut canvas = Canvas {
        pixels: Pixels::new(scene.width * scale, scene.height * scale, scene.background),
        scale: scale as f64,
    };
    for shape in &scene.shapes {
        canvas.draw(shape)?;
    }
    Ok(canvas.pixels)
}

struct Canvas {
    pixels: Pixels,
    scale: f64,
}

impl Canvas {
    fn draw(&mut self, shape: &Shape) -> Result<(), Error> {
        match shape {
            Shape::Rect(rect, color) => self.rect(*rect, *color),
            Shape::Line {
                points,
                color,
                width,
            } => self.line(points, *width, *color),
            Shape::Circle {
                center,
                radius,
                color,
            } => self.line(&[*center, *center], 2.0 * radius, *color),
            Shape::Text {
                at,
                text,
                size,
                anchor,
                color,
                is_turned,
            } => {
                let size = size * self.scale;
                let width = font::width(text, size);
                let before = match anchor {
                    Anchor::Start => 0.0,
                    Anchor::Middle => width / 2.0,
                    Anchor::End => width,
                };
                let (x, y) = (at.0 * self.scale, at.1 * self.scale);
                font::draw(text, size, (-before, 0.0), |dx, dy, covered| {
                    let (dx, dy) = (dx as f64, dy as f64);
                    let (x, y) = if *is_turned {
                        (x + dy, y - dx - 1.0)
                    } else {
                        (x + dx, y + dy)
                    };
                    self.blend(x.round() as i64, y.round() as i64, *color, covered);
                })?;
            }
            Shape::Image(rect, pixels) => self.image(*rect, pixels),
        }
        Ok(())
    }

    fn blend(&mut self, x: i64, y: i64, color: Rgb, part: f64) {
        let (Ok(x), Ok(y)) = (usize::try_from(x), usize::try_from(y)) else {
            return;
        };
        if let Some(old) = self.pixels.get(x, y) {
            self.pixels.set(x, y, old.mix(color, part));
        }
    }

    fn rect(&mut self, rect: [f64; 4], color: Rgb) {
        let [left, top, width, height] = rect.map(|length| length * self.scale);
        let (right, bottom) = (left + width, top + height);
        let part = |pixel: i64, from: f64, to: f64| {
            ((pixel as f64 + 1.0).min(to) - (pixel as f64).max(from)).clamp(0.0, 1.0)
        };
        let (columns, rows) = self.inside((left, right), (top, bottom));
        for y in rows {
            let high = part(y, top, bottom);
            for x in columns.clone() {
                self.blend(x, y, color, high * part(x, left, right));
            }
        }
    }

    /// The pixels of the picture that are between these coordinates.
    fn inside(&self, x: (f64, f64), y: (f64, f64)) -> (std::ops::Range<i64>, std::ops::Range<i64>) {
        let range = |(from, to): (f64, f64), length: usize| {
            from.floor().max(0.0) as i64..to.ceil().min(length as f64) as i64
        };
        (
            range(x, self.pixels.width()),
            range(y, self.pixels.height()),
        )
    }

    fn image(&mut self, rect: [f64; 4], pixels: &Pixels) {
        let [left, top, width, height] = rect.map(|length| length * self.scale);
        let (columns, rows) = self.inside(
            (left.round(), (left + width).round()),
            (top.round(), (top + height).round()),
        );
        for y in rows {
            for x in columns.clone() {
                let place = |at: i64, start: f64, length: f64, count: usize| {
                    (((at as f64 + 0.5 - start) / length * count as f64).max(0.0) as usize)
                        .min(count.saturating_sub(1))
                };
                let from = (
                    place(x, left, width, pixels.width()),
                    place(y, top, height, pixels.height()),
                );
                if let Some(color) = pixels.get(from.0, from.1) {
                    self.blend(x, y, color, 1.0);
                }
            }
        }
    }

    /// A polyline with round ends, each pixel of which is blended once.
    fn line(&mut self, points: &[(f64, f64)], width: f64, color: Rgb) {
        let points: Vec<_> = points
            .iter()
            .map(|(x, y)| (x * self.scale, y * self.scale))
            .collect();
        let radius = width * self.scale / 2.0;
        let around = |coordinate: fn(&(f64, f64)) -> f64| {
            let coordinates = points.iter().map(coordinate);
            coordinates.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), at| {
                (low.min(at - radius - 1.0), high.max(at + radius + 1.0))
            })
        };
        let (columns, rows) = self.inside(around(|point| point.0), around(|point| point.1));
        let wide = columns.clone().count();
        let mut covered = vec![0f32; wide * rows.clone().count()];
        for ends in points.windows(2) {
            let &[from, to] = ends else { continue };
            let reach = radius + 1.0;
            let (xs, ys) = self.inside(
                (from.0.min(to.0) - reach, from.0.max(to.0) + reach),
                (from.1.min(to.1) - reach, from.1.max(to.1) + reach),
            );
            for y in ys {
                for x in xs.clone() {
                    let distance = distance((x as f64 + 0.5, y as f64 + 0.5), from, to);
                    let part = (radius + 0.5 - distance).clamp(0.0, 1.0) as f32;
                    let place = (y - rows.start) as usize * wide + (x - columns.start) as usize;
                    if let Some(most) = covered.get_mut(place) {
                        *most = most.max(part);
                    }
                }
            }
        }
        for (y, parts) in rows.zip(covered.chunks(wide.max(1))) {
            for (x, part) in columns.clone().zip(parts) {
                if *part > 0.0 {
                    self.blend(x, y, color, f64::from(*part));
                }
            }
        }
    }
}

/// From a point to a straight line between two others.
fn distance(point: (f64, f64), from: (f64, f64), to: (f64, f64)) -> f64 {
    let along = (to.0 - from.0, to.1 - from.1);
    let square = along.0 * along.0 + along.1 * along.1;
    let part = ((point.0 - from.0) * along.0 + (point.1 - from.1) * along.1) / square;
    let part = if square > 0.0 {
        part.clamp(0.0, 1.0)
    } else {
        0.0
    };
    (point.0 - from.0 - part * along.0).hypot(point.1 - from.1 - part * along.1)
}
