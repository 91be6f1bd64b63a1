//! `npio plot`: every kind, in every form.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use conformance::{failed, ran, run, stdout_of};
use npio::{Array, DType, Layout, Order, SaveOptions};
use std::fs;
use std::path::Path;

/// Saves items as an array of this dtype and shape.
fn save(here: &Path, name: &str, dtype: &str, shape: &[usize], items: &[f64]) {
    let array = Array::from_slice(items, shape).unwrap();
    let dtype = dtype.parse().unwrap();
    let array = array.astype(dtype, npio::Casting::Unsafe).unwrap();
    npio::save(here.join(name), array).unwrap();
}

/// A folder with a ramp of 8 × 16, a wave of 400 values with NaN and infinity, and a cube.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let ramp: Vec<f64> = (0..128).map(f64::from).collect();
    save(here, "ramp.npy", "<f4", &[8, 16], &ramp);
    let mut wave: Vec<f64> = (0..400).map(|i| (f64::from(i) / 40.0).sin()).collect();
    wave[100..120].fill(f64::NAN);
    wave[7] = f64::INFINITY;
    save(here, "wave.npy", "<f8", &[400], &wave);
    let cube: Vec<f64> = (0..6 * 8 * 8)
        .map(|i| f64::from(i % 64) * f64::from(i / 64))
        .collect();
    save(here, "cube.npy", "<i4", &[6, 8, 8], &cube);
    folder
}

/// Width, height, bytes a pixel and the bytes of a PNG.
fn decoded(png: &[u8]) -> (u32, u32, usize, Vec<u8>) {
    let mut reader = png::Decoder::new(std::io::Cursor::new(png))
        .read_info()
        .unwrap();
    let mut pixels = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut pixels).unwrap();
    (info.width, info.height, info.color_type.samples(), pixels)
}

/// The colours of a picture that is written to a file.
fn png_of(here: &Path, args: &[&str]) -> (u32, u32, usize, Vec<u8>) {
    let all = [&["plot", "-o", "out.png", "--force"], args].concat();
    assert_eq!(
        ran(here, &all),
        (0, String::new(), String::new()),
        "{args:?}"
    );
    decoded(&fs::read(here.join("out.png")).unwrap())
}

/// The SVG of a picture, whose elements are closed in the order in which they are opened.
fn svg_of(here: &Path, args: &[&str]) -> String {
    let all = [&["plot", "-o", "out.svg", "--force"], args].concat();
    assert_eq!(
        ran(here, &all),
        (0, String::new(), String::new()),
        "{args:?}"
    );
    let text = fs::read_to_string(here.join("out.svg")).unwrap();
    let mut open = Vec::new();
    for tag in text.split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("a tag ends");
        let name = tag.split(' ').next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{tag}"),
            None if tag.ends_with('/') => {}
            None => open.push(name),
        }
    }
    assert_eq!(open, Vec::<&str>::new());
    text
}

/// The texts of an SVG.
fn labels(svg: &str) -> Vec<&str> {
    let texts = svg
        .split("<text")
        .skip(1)
        .map(|text| text.split_once('>').unwrap().1);
    texts.map(|text| text.split_once('<').unwrap().0).collect()
}

#[test]
fn a_pipe_gets_plain_text() {
    let folder = folder();
    let here = folder.path();
    let plot = |args: &[&str]| stdout_of(here, &[&["plot", "-W", "40", "-H", "10"], args].concat());
    let lines = |args: &[&str]| plot(args).lines().map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(
        lines(&["wave.npy"]),
        [
            "wave.npy",
            "float64 (400,), -0.999923 to 0.999992",
            "20 NaN, 1 inf",
            "       1 ┤  ⣠⠖⠒⠒⢦⡀             ⣠⠖⠒⠲⢤",
            "         │⢀⠞⠁    ⠁           ⢠⠞⠁    ⠳⣄",
            "       0 ┤⠏        ⢧⡀       ⡰⠋       ⠘⢦",
            "         │          ⠹⣄    ⢀⡞⠁         ⠈⠳",
            "      -1 ┤           ⠈⠳⠤⠤⠖⠋",
            "         └┬──────┬───────┬──────┬───────",
            "          0     100     200    300",
        ]
    );
    assert_eq!(
        lines(&["wave.npy", "--graphics", "ascii"]),
        [
            "wave.npy",
            "float64 (400,), -0.999923 to 0.999992",
            "20 NaN, 1 inf",
            "       1 +  *****              *****",
            "         |***   **           ***   ***",
            "       0 +*        **       **       ***",
            "         |          ***   ***          *",
            "      -1 +            ****",
            "         ++------+-------+------+-------",
            "          0     100     200    300",
        ]
    );
    assert_eq!(
        lines(&["ramp.npy"]),
        [
            "ramp.npy",
            "float32 (8, 16), 0 to 127",
            "       0 ┤",
            "         │░░░░░░░░░░░░░░░░░░░░",
            "         │▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒▒",
            "       5 ┤▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓▓",
            "         │████████████████████",
            "         └┬─────┬──────┬─────┬",
            "          0     5     10    15",
            "        8      ░░░░░▒▒▒▒▓▓▓▓▓█████ 127",
        ]
    );
    assert_eq!(
        lines(&["wave.npy", "--kind", "hist", "--graphics", "half"]),
        [
            "wave.npy",
            "float64 (400,), -0.999923 to 0.999992",
            "20 NaN, 1 inf",
            "      40 ┤",
            "         │",
            "      20 ┤▄",
            "         │█                        ▄▄▄▄█",
            "       0 ┤█████▄████████████████████████",
            "         └───────┬──────┬───────┬───────",
            "               -0.5     0      0.5",
        ]
    );
    assert_eq!(
        lines(&["cube.npy", "--montage", "--graphics", "ascii"]),
        [
            "cube.npy",
            "int32 (6, 8, 8), 0 to 315",
            "0     1     2     3     4     5",
            "                      .   ...  ....",
            "            ..... .:::: ::--- ---==",
            "      ..... ::--- ===== ++*** ####%",
            "        0    ..::---==++***##%%@@@ 315",
        ]
    );
    for args in [
        &["wave.npy"][..],
        &["ramp.npy"],
        &["cube.npy", "--montage"],
        &["ramp.npy", "--kind", "image"],
    ] {
        let text = plot(args);
        assert!(
            !text.contains('\x1b') && text.lines().count() <= 12,
            "{text}"
        );
        assert!(
            text.lines().all(|line| line.chars().count() <= 48),
            "{text}"
        );
    }
}

#[test]
fn a_png_of_an_image_has_exactly_the_pixels() {
    let folder = folder();
    let here = folder.path();
    let bytes: Vec<f64> = (0..5 * 7 * 4).map(|i| f64::from(i * 37 % 256)).collect();
    let as_bytes = |items: &[f64]| items.iter().map(|item| *item as u8).collect::<Vec<u8>>();
    for depth in [1, 3, 4] {
        let items = &bytes[..5 * 7 * depth];
        save(here, "i.npy", "|u1", &[5, 7, depth], items);
        assert_eq!(
            png_of(here, &["i.npy", "--kind", "image"]),
            (7, 5, depth, as_bytes(items))
        );
    }
    // Colors are an image without being asked for.
    assert_eq!(png_of(here, &["i.npy"]).2, 4);
    let gray = Array::from_slice(&as_bytes(&bytes[..35]), [5, 7]).unwrap();
    SaveOptions::new()
        .order(Order::Fortran)
        .save(here.join("f.npy"), &gray)
        .unwrap();
    assert_eq!(
        png_of(here, &["f.npy", "--kind", "image"]),
        (7, 5, 1, gray.as_bytes().to_vec())
    );
    npio::savez_compressed(here.join("a.npz"), [("g", &gray)]).unwrap();
    let part = png_of(
        here,
        &["a.npz::g", "--kind", "image", "--slice", "1:3, ::-2"],
    );
    let expected: Vec<u8> = [13, 11, 9, 7, 20, 18, 16, 14]
        .map(|at: usize| gray.as_bytes()[at])
        .to_vec();
    assert_eq!(part, (4, 2, 1, expected));
    save(here, "b.npy", "|b1", &[1, 3], &[1.0, 0.0, 1.0]);
    assert_eq!(
        png_of(here, &["b.npy", "--kind", "image"]),
        (3, 1, 1, vec![255, 0, 255])
    );
    // Floats from 0 to 1 are parts of the brightest, others go from the least to the greatest.
    save(here, "p.npy", "<f4", &[1, 3], &[0.0, 0.5, 0.25]);
    assert_eq!(png_of(here, &["p.npy", "--kind", "image"]).3, [0, 128, 64]);
    save(here, "u.npy", "<u2", &[1, 3], &[1000.0, 2000.0, 3000.0]);
    assert_eq!(png_of(here, &["u.npy", "--kind", "image"]).3, [0, 128, 255]);
    assert_eq!(
        png_of(here, &["u.npy", "--kind", "image", "--range", "0,4000"]).3,
        [64, 128, 191]
    );
    // NaN has a color of its own.
    save(here, "n.npy", "<f4", &[1, 2], &[f64::NAN, 1.0]);
    assert_eq!(
        png_of(here, &["n.npy", "--kind", "image"]),
        (2, 1, 3, vec![224, 64, 160, 255, 255, 255])
    );
    let viridis = png_of(here, &["u.npy", "--kind", "image", "--colormap", "viridis"]);
    assert_eq!(viridis.3[..3], [0x44, 0x01, 0x54]);
    let error = failed(
        here,
        &[
            "plot", "u.npy", "--kind", "image", "-o", "x.png", "-W", "100",
        ],
    );
    assert!(error.contains("exactly the pixels"), "{error}");
}

#[test]
fn every_kind_is_a_png_and_an_svg() {
    let folder = folder();
    let here = folder.path();
    let pairs: Vec<f64> = (0..200).map(|i| f64::from(i * i % 97)).collect();
    save(here, "pairs.npy", "<f8", &[100, 2], &pairs);
    save(here, "mask.npy", "|b1", &[10, 12], &[1.0, 0.0].repeat(60));
    let kinds: [(&[&str], &[&str]); 9] = [
        (
            &["wave.npy"],
            &[
                "wave.npy",
                "float64 (400,)  ·  -0.999923 to 0.999992  ·  20 NaN  ·  1 inf",
                "index",
                "0",
                "100",
                "0.5",
            ],
        ),
        (
            &["ramp.npy"],
            &["float32 (8, 16)  ·  0 to 127", "axis 0", "axis 1", "120"],
        ),
        (&["mask.npy"], &["bool (10, 12)  ·  0 to 1"]),
        (
            &["cube.npy", "--montage"],
            &["int32 (6, 8, 8)  ·  0 to 315", "5"],
        ),
        (
            &["cube.npy", "--slice", "2, ::-1"],
            &["axis 1", "axis 2", "7"],
        ),
        (
            &["pairs.npy", "--kind", "scatter"],
            &["column 0", "column 1"],
        ),
        (&["pairs.npy", "--kind", "line"], &["axis 0", "1"]),
        (&["ramp.npy", "--kind", "hist"], &["count"]),
        (
            &["wave.npy", "--kind", "hist", "--log", "y"],
            &["count", "1", "10"],
        ),
    ];
    for (args, expected) in kinds {
        let (width, height, samples, pixels) = png_of(here, args);
        assert_eq!((width, height, samples), (800, 500, 3), "{args:?}");
        let dark = pixels
            .chunks(3)
            .filter(|pixel| pixel.iter().all(|level| *level < 120))
            .count();
        assert!(dark > 200, "{args:?}: {dark}");
        let svg = svg_of(here, args);
        let labels = labels(&svg);
        for label in expected {
            assert!(
                labels.contains(label),
                "{args:?}: {label} is not in {labels:?}"
            );
        }
        let size = svg_of(here, &[args, &["-W", "300", "-H", "200"]].concat());
        assert!(size.contains("viewBox=\"0 0 300 200\""));
    }
    assert_eq!(
        &png_of(here, &["wave.npy", "-W", "2500", "-H", "901"]).0,
        &2500
    );
}

#[test]
fn scales_and_ranges() {
    let folder = folder();
    let here = folder.path();
    let powers: Vec<f64> = (0..60).map(|i| 10f64.powf(f64::from(i) / 10.0)).collect();
    save(here, "powers.npy", "<f8", &[60], &powers);
    let svg = svg_of(here, &["powers.npy", "--log", "y"]);
    assert!(
        labels(&svg).contains(&"1000") && labels(&svg).contains(&"10000"),
        "{:?}",
        labels(&svg)
    );
    let svg = svg_of(here, &["powers.npy", "--log", "x,y"]);
    assert!(labels(&svg).contains(&"50"), "{:?}", labels(&svg));
    let svg = svg_of(here, &["powers.npy", "--range", "-1,1"]);
    assert!(labels(&svg).contains(&"-1.0"), "{:?}", labels(&svg));
    let svg = svg_of(
        here,
        &["ramp.npy", "--range", "0,1000", "--colormap", "rdbu"],
    );
    assert!(labels(&svg).contains(&"1000"), "{:?}", labels(&svg));
    // A robust range leaves out what is far from all others.
    let mut items = vec![1.0; 100];
    items[50] = 1e9;
    items[51] = 2.0;
    items[52..60].fill(0.0);
    save(here, "outlier.npy", "<f8", &[10, 10], &items);
    let svg = svg_of(here, &["outlier.npy", "--robust"]);
    assert!(labels(&svg).contains(&"0.8"), "{:?}", labels(&svg));
}

#[test]
fn times_and_other_axes() {
    let folder = folder();
    let here = folder.path();
    let hours: Vec<f64> = (0..100).map(|i| 473_352.0 + f64::from(i)).collect();
    save(here, "t.npy", "<M8[h]", &[100], &hours);
    save(here, "y.npy", "<f4", &[100], &hours);
    let svg = svg_of(here, &["y.npy", "--x", "t.npy"]);
    let texts = labels(&svg);
    assert!(
        texts.contains(&"01-02 00:00") && texts.contains(&"t from 2024-01-01"),
        "{texts:?}"
    );
    let svg = svg_of(here, &["y.npy", "--x", "t.npy", "--slice", "10:30"]);
    assert!(labels(&svg).contains(&"12:00"), "{:?}", labels(&svg));
    let text = stdout_of(here, &["plot", "t.npy"]);
    assert!(text.contains("2024-01-01 to 2024-01-05T03:00:00"), "{text}");
    assert!(text.contains("2024-01-03 ┤"), "{text}");
    let svg = svg_of(here, &["y.npy", "--x", "t.npy", "--kind", "scatter"]);
    assert_eq!(svg.matches("<circle").count(), 100);
    save(here, "down.npy", "<f4", &[3], &[3.0, 2.0, 1.0]);
    let error = failed(here, &["plot", "down.npy", "--x", "down.npy"]);
    assert!(error.contains("x[1] does not: --kind scatter"), "{error}");
    let error = failed(here, &["plot", "y.npy", "--x", "down.npy"]);
    assert!(
        error.contains("--x has 3 values for an array of shape (100,)"),
        "{error}"
    );
    save(here, "span.npy", "<m8[s]", &[3], &[3.0, 2.0, 1.0]);
    assert!(stdout_of(here, &["plot", "span.npy"]).contains("1 s to 3 s"));
}

#[test]
fn parts_of_complex_numbers_and_fields_of_records() {
    let folder = folder();
    let here = folder.path();
    let bytes: Vec<u8> = [3f32, -4.0, 0.0, 1.0]
        .iter()
        .flat_map(|part| part.to_le_bytes())
        .collect();
    let layout = Layout::new("<c8".parse().unwrap(), [2], Order::C).unwrap();
    npio::save(
        here.join("c.npy"),
        Array::new(layout, &bytes[..]).unwrap().strided(),
    )
    .unwrap();
    let range = |part: &str| stdout_of(here, &["plot", "c.npy", "--complex", part]);
    assert!(range("abs").contains("complex64 (2,), 1 to 5"));
    assert!(range("re").contains("0 to 3") && range("im").contains("-4 to 1"));
    assert!(range("phase").contains("-0.927295 to 1.5708"));
    let layout = Layout::new(
        "[('a', '<f4'), ('b', '<f4')]".parse().unwrap(),
        [2],
        Order::C,
    )
    .unwrap();
    npio::save(
        here.join("r.npy"),
        Array::new(layout, &bytes[..]).unwrap().strided(),
    )
    .unwrap();
    assert!(
        stdout_of(here, &["plot", "r.npy", "--field", "b"])
            .starts_with("r.npy b\nfloat32 (2,), -4 to 1\n")
    );
    let error = failed(here, &["plot", "r.npy"]);
    assert!(
        error.ends_with("state --field with one of 'a, b'"),
        "{error}"
    );
}

#[test]
fn terminals_get_pictures() {
    let folder = folder();
    let here = folder.path();
    let plot = |args: &[&str]| {
        stdout_of(
            here,
            &[&["plot", "ramp.npy", "-W", "30", "-H", "12"], args].concat(),
        )
    };
    let kitty = plot(&["--graphics", "kitty"]);
    let pieces: Vec<&str> = kitty.split("\x1b_G").skip(1).collect();
    assert!(
        pieces[0].starts_with("a=T,f=100,c=30,r=11,m="),
        "{}",
        pieces[0]
    );
    let data: String = pieces
        .iter()
        .map(|piece| {
            piece
                .split_once(';')
                .unwrap()
                .1
                .split('\x1b')
                .next()
                .unwrap()
        })
        .collect();
    assert_eq!(decoded(&STANDARD.decode(data).unwrap()).0, 300);
    assert!(pieces.iter().all(|piece| piece.len() < 4200));
    assert_eq!(
        pieces.iter().filter(|piece| piece.contains("m=0;")).count(),
        1
    );
    let iterm = plot(&["--graphics", "iterm"]);
    let data = iterm
        .split_once(':')
        .unwrap()
        .1
        .trim_end_matches(['\n', '\x07']);
    assert!(iterm.starts_with("\x1b]1337;File=inline=1;size="));
    assert_eq!(decoded(&STANDARD.decode(data).unwrap()).1, 220);
    let sixel = plot(&["--graphics", "sixel"]);
    assert!(sixel.starts_with("\x1bPq\"1;1;300;220#0;2;") && sixel.ends_with("\x1b\\\n"));
    assert_eq!(sixel.matches('-').count(), 220usize.div_ceil(6));
    let half = plot(&["--graphics", "half", "--color", "always"]);
    assert!(half.contains("▀") && half.contains("\x1b[48;5;"), "{half}");
}

#[test]
fn what_has_no_picture_says_why() {
    let folder = folder();
    let here = folder.path();
    let save_raw = |name: &str, dtype: &str, shape: &[usize]| {
        let dtype: DType = dtype.parse().unwrap();
        let layout = Layout::new(dtype, shape, Order::C).unwrap();
        let bytes = vec![0; layout.nbytes()];
        npio::save(here.join(name), Array::new(layout, bytes).unwrap()).unwrap();
    };
    save_raw("text.npy", "<U3", &[2]);
    save_raw("zero.npy", "<f8", &[]);
    save_raw("empty.npy", "<f8", &[0, 3]);
    save_raw("many.npy", "<f8", &[3, 20]);
    let error = |args: &[&str]| failed(here, &[&["plot"], args].concat());
    assert_eq!(
        error(&["text.npy"]),
        "npio: text.npy: items of dtype <U3 are not numbers, and have no picture"
    );
    assert_eq!(
        error(&["zero.npy"]),
        "npio: zero.npy: a single item has no picture: npio dump prints it"
    );
    assert_eq!(
        error(&["empty.npy"]),
        "npio: empty.npy: an array of shape (0, 3) has no items to draw"
    );
    assert!(
        error(&["cube.npy"])
            .contains("(6, 8, 8) has 3 axes: select two of them with --slice, or draw each plane")
    );
    assert!(
        error(&["many.npy", "--kind", "line"])
            .contains("20 lines in a picture: expected at most 10")
    );
    assert!(
        error(&["ramp.npy", "-o", "x.gif"])
            .contains("x.gif: expected a name that ends with .png or .svg")
    );
    assert!(error(&["ramp.npy", "--range", "1"]).contains("expected two numbers such as 0,1"));
    assert!(error(&["ramp.npy", "--range", "2,1"]).contains("the lower one first"));
    assert!(error(&["ramp.npy", "--field", "x"]).contains("the items are not records"));
    fs::write(here.join("old.png"), "old").unwrap();
    assert!(error(&["ramp.npy", "-o", "old.png"]).contains("use --force"));
    assert_eq!(fs::read(here.join("old.png")).unwrap(), b"old");
    // A constant, and nothing but NaN, are pictures.
    save(here, "same.npy", "<f8", &[5], &[2.5; 5]);
    save(here, "nan.npy", "<f8", &[2, 2], &[f64::NAN; 4]);
    assert_eq!(ran(here, &["plot", "same.npy"]).0, 0);
    assert!(stdout_of(here, &["plot", "nan.npy"]).contains("float64 (2, 2), 4 NaN"));
}

#[test]
fn from_pipes_and_archives() {
    let folder = folder();
    let here = folder.path();
    let expected = stdout_of(here, &["plot", "cube.npy", "--montage"]).replace("cube.npy", "-");
    let piped = run(
        here,
        &["plot", "-", "--montage"],
        &fs::read(here.join("cube.npy")).unwrap(),
    );
    assert_eq!(piped.text(), expected);
    let wave = npio::load(here.join("wave.npy")).unwrap();
    npio::savez_compressed(here.join("a.npz"), [("w", &wave)]).unwrap();
    let expected =
        stdout_of(here, &["plot", "wave.npy", "--kind", "hist"]).replace("wave.npy", "a.npz::w");
    assert_eq!(
        stdout_of(here, &["plot", "a.npz::w", "--kind", "hist"]),
        expected
    );
    let png = run(here, &["plot", "wave.npy", "-o", "-"], b"");
    assert_eq!(decoded(&png.stdout).0, 800);
}

/// 32-bit addresses do not reach this far.
#[cfg(all(target_os = "linux", target_pointer_width = "64"))]
#[test]
fn what_is_larger_than_memory_is_sampled() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let layout = Layout::new(DType::F64, [109_545, 109_545], Order::C).unwrap();
    let header = npio::header::Header::new(layout.clone()).encode().unwrap();
    fs::write(here.join("large.npy"), &header).unwrap();
    let file = fs::File::options()
        .write(true)
        .open(here.join("large.npy"))
        .unwrap();
    if file
        .set_len((header.len() + layout.nbytes()) as u64)
        .is_err()
    {
        // Not every file system supports such a long file, even a sparse one.
        return;
    }
    let started = std::time::Instant::now();
    let text = stdout_of(here, &["plot", "large.npy"]);
    assert!(
        text.contains("float64 (109545, 109545), 0 to 0, sampled: 1,330 of 12,000,107,025"),
        "{text}"
    );
    let png = png_of(here, &["large.npy"]);
    assert_eq!((png.0, png.1), (800, 500));
    stdout_of(here, &["plot", "large.npy", "--kind", "hist"]);
    let error = failed(
        here,
        &["plot", "large.npy", "--kind", "image", "-o", "large.png"],
    );
    assert!(
        error.contains("109545 × 109545 pixels is too large"),
        "{error}"
    );
    stdout_of(here, &["plot", "large.npy", "--slice", "7"]);
    assert!(started.elapsed().as_secs() < 60);
}
