//! Where everything is in a picture of shapes.

use crate::axis::{Axis, Tick};
use crate::chart::{Body, Chart, LINES, Marks, colors};
use crate::colormap::{Colormap, Rgb};
use crate::font;
use crate::pixels::Pixels;
use crate::sample::{Column, Grid};
use crate::scene::{Anchor, Scene, Shape};

const INK: Rgb = Rgb(0x22, 0x26, 0x2b);
const FAINT: Rgb = Rgb(0x60, 0x67, 0x70);
const GRID: Rgb = Rgb(0xe4, 0xe7, 0xeb);
const EDGE: Rgb = Rgb(0x9a, 0xa1, 0xaa);

const TITLE: f64 = 15.0;
const LABEL: f64 = 12.0;
const MARGIN: f64 = 16.0;

/// The width of the scale of colours, and of the room between it and the picture.
const SCALE: f64 = 14.0;
const GAP: f64 = 18.0;

/// Left, top, width, height.
type Rect = [f64; 4];

/// The picture, of this width and height.
pub(crate) fn scene(chart: &Chart, width: usize, height: usize) -> Scene {
    let mut scene = Scene {
        width,
        height,
        background: Rgb::WHITE,
        shapes: Vec::new(),
    };
    let top = heading(&mut scene, chart);
    let (wide, high) = (width as f64, height as f64);
    let inner = [MARGIN, top, wide - 2.0 * MARGIN, high - top - MARGIN];
    match &chart.body {
        Body::Plot { x, y, marks } => {
            let area = room_between_axes(inner, x, y);
            axes(&mut scene, area, x, y, true);
            draw_marks(&mut scene, area, x, y, marks);
        }
        Body::Heat {
            grid,
            size,
            x,
            y,
            scale,
            colormap,
        } => {
            let pixels = colors(grid, scale, *colormap);
            let right = scale_width(scale, inner[3]);
            let inner = [inner[0], inner[1], inner[2] - right, inner[3]];
            let room = room_between_axes(inner, x, y);
            let area = fit(room, *size);
            scene.shapes.push(Shape::Image(area, pixels));
            axes(&mut scene, area, x, y, false);
            let left = area[0] + area[2] + GAP;
            let place = [left, area[1], SCALE, area[3]];
            draw_scale(&mut scene, place, (scale, *colormap), has_nan(grid));
        }
        Body::Image { pixels, size } => {
            let area = fit(inner, *size);
            scene.shapes.push(Shape::Image(area, pixels.clone()));
            outline(&mut scene, area);
        }
        Body::Montage {
            tiles,
            across,
            size,
            scale,
            colormap,
        } => {
            let right = scale_width(scale, inner[3]);
            let down = tiles.len().div_ceil(*across).max(1);
            let caption = LABEL + 4.0;
            let (wide, high) = ((inner[2] - right) / *across as f64, inner[3] / down as f64);
            for (i, tile) in tiles.iter().enumerate() {
                let (column, row) = ((i % across) as f64, (i / across) as f64);
                let (left, top) = (inner[0] + column * wide, inner[1] + row * high);
                let room = [left + 3.0, top + caption, wide - 6.0, high - caption - 4.0];
                let area = fit(room, *size);
                let label = tile.index.to_string();
                scene.text(
                    (area[0], area[1] - 4.0),
                    &label,
                    LABEL - 1.0,
                    Anchor::Start,
                    FAINT,
                );
                scene
                    .shapes
                    .push(Shape::Image(area, colors(&tile.grid, scale, *colormap)));
            }
            let left = inner[0] + inner[2] - right + GAP;
            let place = [left, inner[1] + caption, SCALE, inner[3] - caption - 4.0];
            let has_nan = tiles.iter().any(|tile| has_nan(&tile.grid));
            draw_scale(&mut scene, place, (scale, *colormap), has_nan);
        }
    }
    scene
}

/// Title and notes; returns where the picture begins.
fn heading(scene: &mut Scene, chart: &Chart) -> f64 {
    let room = scene.width as f64 - 2.0 * MARGIN;
    let mut top = MARGIN;
    if !chart.title.is_empty() {
        let title = shortened(&chart.title, TITLE, room);
        scene.text((MARGIN, top + 11.0), &title, TITLE, Anchor::Start, INK);
        top += 22.0;
    }
    if !chart.notes.is_empty() {
        let notes = shortened(&chart.notes.join("  ·  "), LABEL, room);
        scene.text((MARGIN, top + 8.0), &notes, LABEL, Anchor::Start, FAINT);
        top += 18.0;
    }
    top + 6.0
}

/// A text that is not wider than the room for it.
fn shortened(text: &str, size: f64, room: f64) -> String {
    if font::width(text, size) <= room {
        return text.to_owned();
    }
    let mut short = text.to_owned();
    while short.pop().is_some() && font::width(&short, size) + size > room {}
    short + "…"
}

/// Where a picture is, of which these axes are at the left and below.
fn room_between_axes([left, top, width, height]: Rect, x: &Axis, y: &Axis) -> Rect {
    let bottom = LABEL + 10.0 + if x.name.is_empty() { 0.0 } else { LABEL + 6.0 };
    let name = if y.name.is_empty() { 0.0 } else { LABEL + 6.0 };
    let labels = y
        .ticks(most_ticks(height, 40.0))
        .iter()
        .map(|tick| font::width(&tick.label, LABEL))
        .fold(0.0, f64::max);
    let before = name + labels + 10.0;
    [
        (left + before).round(),
        top.round(),
        (width - before).max(1.0).round(),
        (height - bottom).max(1.0).round(),
    ]
}

/// The width of the widest label.
fn widest(ticks: &[Tick]) -> f64 {
    let widths = ticks.iter().map(|tick| font::width(&tick.label, LABEL));
    widths.fold(0.0, f64::max)
}

/// How many marks have room on an axis.
fn most_ticks(length: f64, each: f64) -> usize {
    ((length / each) as usize).clamp(2, 12)
}

/// The marks of a horizontal axis whose labels do not touch.
fn ticks_across(axis: &Axis, width: f64) -> Vec<Tick> {
    let mut most = most_ticks(width, 70.0);
    loop {
        let ticks = axis.ticks(most);
        let touch = ticks.windows(2).any(|pair| {
            let [a, b] = pair else { return false };
            let half = (font::width(&a.label, LABEL) + font::width(&b.label, LABEL)) / 2.0;
            (b.place - a.place) * width < half + 10.0
        });
        if !touch || most <= 2 {
            return ticks;
        }
        most -= 1;
    }
}

fn axes(scene: &mut Scene, area: Rect, x: &Axis, y: &Axis, has_grid: bool) {
    let [left, top, width, height] = area;
    let bottom = top + height;
    for tick in ticks_across(x, width) {
        let at = (left + tick.place * width).round();
        if has_grid {
            scene.shapes.push(Shape::Rect([at, top, 1.0, height], GRID));
        }
        scene.shapes.push(Shape::Rect([at, bottom, 1.0, 4.0], EDGE));
        scene.text(
            (at, bottom + LABEL + 5.0),
            &tick.label,
            LABEL,
            Anchor::Middle,
            INK,
        );
    }
    for tick in y.ticks(most_ticks(height, 40.0)) {
        let at = (bottom - tick.place * height).round();
        if has_grid {
            scene.shapes.push(Shape::Rect([left, at, width, 1.0], GRID));
        }
        scene
            .shapes
            .push(Shape::Rect([left - 4.0, at, 4.0, 1.0], EDGE));
        scene.text((left - 7.0, at + 4.5), &tick.label, LABEL, Anchor::End, INK);
    }
    if has_grid {
        scene
            .shapes
            .push(Shape::Rect([left, top, 1.0, height + 1.0], EDGE));
        scene
            .shapes
            .push(Shape::Rect([left, bottom, width, 1.0], EDGE));
    } else {
        outline(scene, area);
    }
    scene.text(
        (left + width / 2.0, bottom + 2.0 * LABEL + 11.0),
        &x.name,
        LABEL,
        Anchor::Middle,
        FAINT,
    );
    if !y.name.is_empty() {
        scene.shapes.push(Shape::Text {
            at: (MARGIN + 9.0, top + height / 2.0),
            text: y.name.clone(),
            size: LABEL,
            anchor: Anchor::Middle,
            color: FAINT,
            is_turned: true,
        });
    }
}

fn outline(scene: &mut Scene, [left, top, width, height]: Rect) {
    let sides = [
        [left - 1.0, top - 1.0, width + 2.0, 1.0],
        [left - 1.0, top + height, width + 2.0, 1.0],
        [left - 1.0, top, 1.0, height],
        [left + width, top, 1.0, height],
    ];
    scene
        .shapes
        .extend(sides.map(|side| Shape::Rect(side, EDGE)));
}

/// The largest rectangle in a room whose cells are squares, unless it would leave most of the room empty.
fn fit([left, top, width, height]: Rect, (rows, columns): (usize, usize)) -> Rect {
    let (rows, columns) = (rows.max(1) as f64, columns.max(1) as f64);
    let side = (width / columns).min(height / rows);
    let (wide, high) = (side * columns, side * rows);
    if wide < width / 4.0 || high < height / 4.0 {
        return [left, top, width, height];
    }
    [left, top, wide.round(), high.round()]
}

/// The width of the scale of colours with its labels.
fn scale_width(scale: &Axis, height: f64) -> f64 {
    let ticks = scale.ticks(most_ticks(height, 40.0));
    let labels = widest(&ticks).max(font::width("NaN", LABEL));
    GAP + SCALE
        + 8.0
        + labels
        + if scale.name.is_empty() {
            0.0
        } else {
            LABEL + 6.0
        }
}

fn has_nan(grid: &Grid) -> bool {
    grid.values.iter().any(|value| value.is_nan())
}

/// The colours with their values, and below them that of what is no number.
fn draw_scale(scene: &mut Scene, area: Rect, (scale, colormap): (&Axis, Colormap), has_nan: bool) {
    let [left, top, width, mut height] = area;
    if has_nan {
        height -= SCALE + 14.0;
        let swatch = [left, top + height + 14.0, width, SCALE];
        scene.shapes.push(Shape::Rect(swatch, Rgb::NAN));
        outline(scene, swatch);
        let at = (left + width + 7.0, swatch[1] + SCALE - 3.0);
        scene.text(at, "NaN", LABEL, Anchor::Start, INK);
    }
    let area = [left, top, width, height];
    let colors = colormap.table().iter().rev().copied().collect::<Vec<_>>();
    scene.shapes.push(Shape::Image(
        area,
        Pixels::from_colors(1, colors.len(), colors),
    ));
    outline(scene, area);
    let ticks = scale.ticks(most_ticks(height, 40.0));
    for tick in &ticks {
        let at = (top + height - tick.place * height).round();
        scene
            .shapes
            .push(Shape::Rect([left + width, at, 4.0, 1.0], EDGE));
        scene.text(
            (left + width + 7.0, at + 4.5),
            &tick.label,
            LABEL,
            Anchor::Start,
            INK,
        );
    }
    if !scale.name.is_empty() {
        let labels = widest(&ticks);
        scene.shapes.push(Shape::Text {
            at: (
                left + width + 8.0 + labels + LABEL + 2.0,
                top + height / 2.0,
            ),
            text: scale.name.clone(),
            size: LABEL,
            anchor: Anchor::Middle,
            color: FAINT,
            is_turned: true,
        });
    }
}

fn draw_marks(
    scene: &mut Scene,
    [left, top, width, height]: Rect,
    x: &Axis,
    y: &Axis,
    marks: &Marks,
) {
    // What is beyond an axis is at its end: the picture does not cut shapes.
    let across = |value: f64| left + x.place(value).clamp(0.0, 1.0) * width;
    let up = |value: f64| top + height - y.place(value).clamp(0.0, 1.0) * height;
    match marks {
        Marks::Lines(lines) => {
            for (line, color) in lines.iter().zip(LINES.iter().cycle()) {
                let parts = parts(
                    line,
                    |value| !x.place(value).is_nan(),
                    |value| !y.place(value).is_nan(),
                );
                for part in parts {
                    let points: Vec<_> = part.iter().map(|(x, y)| (across(*x), up(*y))).collect();
                    if let [point] = points[..] {
                        scene.shapes.push(Shape::Circle {
                            center: point,
                            radius: 1.5,
                            color: *color,
                        });
                    } else {
                        scene.shapes.push(Shape::Line {
                            points,
                            color: *color,
                            width: 1.4,
                        });
                    }
                }
                if let [single] = &line[..] {
                    let center = (across(single.0), up(single.1.ends.0));
                    scene.shapes.push(Shape::Circle {
                        center,
                        radius: 3.0,
                        color: *color,
                    });
                }
            }
            if lines.len() > 1 {
                keys(scene, [left, top, width, height], lines.len());
            }
        }
        Marks::Points(points) => draw_points(scene, [left, top, width, height], x, y, points),
        Marks::Bars(counts) => {
            let wide = width / counts.len().max(1) as f64;
            let bottom = top + height;
            for (i, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
                let at = left + i as f64 * wide;
                let upper = up(*count as f64);
                let bar = [at + 0.5, upper, (wide - 1.0).max(0.5), bottom - upper];
                scene.shapes.push(Shape::Rect(bar, LINES[0]));
            }
        }
    }
}

/// Most points that are drawn as circles; more are a picture of how many there are in each place.
const MAX_CIRCLES: usize = 5000;

fn draw_points(scene: &mut Scene, area: Rect, x: &Axis, y: &Axis, points: &[(f64, f64)]) {
    let [left, top, width, height] = area;
    let places = points.iter().map(|(a, b)| (x.place(*a), y.place(*b)));
    let places = places.filter(|(x, y)| (0.0..=1.0).contains(x) && (0.0..=1.0).contains(y));
    if points.len() <= MAX_CIRCLES {
        let radius = if points.len() > 500 { 1.5 } else { 2.5 };
        scene.shapes.extend(places.map(|(x, y)| Shape::Circle {
            center: (left + x * width, top + height - y * height),
            radius,
            color: LINES[0],
        }));
        return;
    }
    let (wide, high) = (width.max(1.0) as usize, height.max(1.0) as usize);
    let mut counts = vec![0u32; wide * high];
    for (x, y) in places {
        let column = ((x * wide as f64) as usize).min(wide - 1);
        let row = (((1.0 - y) * high as f64) as usize).min(high - 1);
        if let Some(count) = counts.get_mut(row * wide + column) {
            *count += 1;
        }
    }
    let most = f64::from(counts.iter().copied().max().unwrap_or(1)).ln_1p();
    let color = |count: &u32| match count {
        0 => Rgb::WHITE,
        count => Rgb::WHITE.mix(LINES[0], 0.35 + 0.65 * f64::from(*count).ln_1p() / most),
    };
    // Marks of the grid are hidden only where there are points.
    let pixels = Pixels::from_colors(wide, high, counts.iter().map(color).collect());
    scene.shapes.push(Shape::Image(area, pixels));
}

/// Which line has which colour.
fn keys(scene: &mut Scene, [left, top, width, _]: Rect, lines: usize) {
    let mut at = left + width;
    for (line, color) in (0..lines).zip(LINES).rev() {
        let label = line.to_string();
        at -= font::width(&label, LABEL) + 6.0;
        scene.text((at, top - 6.0), &label, LABEL, Anchor::Start, INK);
        at -= 16.0;
        scene
            .shapes
            .push(Shape::Rect([at, top - 11.0, 12.0, 3.0], color));
        at -= 4.0;
    }
}

/// The points of a line, in parts between values that are no numbers.
pub(crate) fn parts(
    line: &[(f64, Column)],
    is_on_x: impl Fn(f64) -> bool,
    is_on_y: impl Fn(f64) -> bool,
) -> Vec<Vec<(f64, f64)>> {
    let mut parts = vec![Vec::new()];
    for (x, column) in line {
        let (first, last) = column.ends;
        if first.is_nan() || !is_on_x(*x) {
            parts.push(Vec::new());
            continue;
        }
        let values = [first, column.range.0, column.range.1, last];
        if let Some(part) = parts.last_mut() {
            let mut before = None;
            for value in values.into_iter().filter(|value| is_on_y(*value)) {
                if before != Some(value) {
                    part.push((*x, value));
                }
                before = Some(value);
            }
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}
