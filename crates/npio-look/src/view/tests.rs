//! The viewer by its keys and its frames, without a terminal.

use super::catalog::{Catalog, Details, Opened, Viewed, Work};
use super::draw::draw;
use super::frame::text;
use super::keys::Key;
use super::session::{Flow, Session};
use super::{Contents, Options};
use crate::cells::Palette;
use npio::flatfile::Reader;
use npio::meta::Objects;
use npio::{Array, DType, Layout, Order, Value};
use ratatui_core::buffer::Buffer;
use ratatui_core::layout::Rect;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

fn items(array: Array) -> Contents {
    let (layout, bytes) = array.into_parts();
    Contents::items(Reader::raw(bytes, layout, 0).in_file("x.npy"), None)
}

fn viewed(contents: Contents) -> Opened {
    Opened::Array(Box::new(Viewed {
        title: "x.npy".to_owned(),
        stem: "x".to_owned(),
        storage: "in place".to_owned(),
        contents,
        command: ["npio", "dump", "x.npy"].map(str::to_owned).to_vec(),
    }))
}

/// `np.arange(2 * 3 * 4.0).reshape(2, 3, 4)`, with a NaN at `[1, 2, 0]`.
fn cube(order: Order) -> Array {
    let mut values: Vec<f64> = (0..24).map(f64::from).collect();
    values[20] = f64::NAN;
    let array = Array::from_vec(values, [2, 3, 4]).unwrap();
    array.to_order(order).unwrap()
}

fn session_of(opened: Opened) -> Session {
    let mut session = Session::new(Options::default(), move |_| Ok(opened));
    settle(&mut session);
    session
}

fn settle(session: &mut Session) {
    while session.is_working() {
        session.poll(Duration::from_secs(1));
    }
}

/// Each character is a key, but `^` is Enter.
fn press(session: &mut Session, keys: &str) {
    for c in keys.chars() {
        let key = if c == '^' { Key::Enter } else { Key::Char(c) };
        session.key(key);
        settle(session);
    }
}

/// The frame at this moment.
fn frame_now(session: &mut Session, width: u16, height: u16) -> String {
    let mut buffer = Buffer::empty(Rect::new(0, 0, width, height));
    draw(session, &mut buffer);
    text(&buffer, false)
}

/// The frame once what a picture needs is read, which begins when it is drawn.
fn frame(session: &mut Session, width: u16, height: u16) -> String {
    frame_now(session, width, height);
    settle(session);
    frame_now(session, width, height)
}

/// The bar, without the mode, and the line about the item under the cursor.
fn place(session: &mut Session) -> (String, String) {
    let frame = frame(session, 60, 10);
    let lines: Vec<&str> = frame.lines().collect();
    let bar = lines[1].rsplit_once("  ").unwrap().0;
    (bar.to_owned(), lines[8].to_owned())
}

#[test]
fn a_plane_of_an_array() {
    for order in [Order::C, Order::Fortran] {
        let mut session = session_of(viewed(items(cube(order))));
        let expected = "\
x.npy  (2, 3, 4)  192 bytes  in place  <f8
[0/2, :, :]  table
    0   1    2    3
0  0.  1.   2.   3.
1  4.  5.   6.   7.
2  8.  9.  10.  11.
[0, 0, 0] = 0.0
[ ] plane  v mode  s statistics  n NaN  : go
";
        assert_eq!(frame(&mut session, 44, 8), expected);
        press(&mut session, "]jl");
        let expected = "\
x.npy  (2, 3, 4)  192 bytes  in place  <f8
[1/2, :, :]  table
     0    1    2    3
0  12.  13.  14.  15.
1  16.  17.  18.  19.
2  nan  21.  22.  23.
[1, 1, 1] = 17.0
[ ] plane  v mode  s statistics  n NaN  : go
";
        assert_eq!(frame(&mut session, 44, 8), expected);
    }
}

#[test]
fn the_cursor_stays_within_the_array() {
    let mut session = session_of(viewed(items(cube(Order::C))));
    for (keys, expected) in [
        ("hk[", "[0, 0, 0]"),
        ("jjjjlllllll]]]", "[1, 2, 3]"),
        ("g", "[1, 0, 3]"),
        ("G", "[1, 2, 3]"),
        ("0", "[1, 2, 0]"),
        ("$", "[1, 2, 3]"),
    ] {
        press(&mut session, keys);
        assert!(place(&mut session).1.starts_with(expected), "{keys}");
    }
}

#[test]
fn axes_are_chosen_and_swapped() {
    let values: Vec<u16> = (0..120).collect();
    let array = Array::from_vec(values, [2, 3, 4, 5]).unwrap();
    let mut session = session_of(viewed(items(array)));
    let bar = |session: &mut Session, keys: &str| {
        press(session, keys);
        place(session).0
    };
    assert_eq!(bar(&mut session, ""), "[0/2, 0/3, :, :]");
    assert_eq!(bar(&mut session, "]"), "[0/2, 1/3, :, :]");
    assert_eq!(bar(&mut session, "{]"), "[1/2, 1/3, :, :]");
    // The chosen axis becomes that of the rows, and the one of the rows is chosen.
    assert_eq!(bar(&mut session, "r"), "[:, 1/3, 0/4, :]");
    assert_eq!(bar(&mut session, "]]"), "[:, 1/3, 2/4, :]");
    press(&mut session, "x");
    let shown = frame(&mut session, 40, 10);
    // Rows are the last axis, columns the first.
    assert_eq!(shown.lines().nth(3), Some("0  30  90"), "{shown}");
    assert_eq!(shown.lines().nth(4), Some("1  31  91"), "{shown}");
}

#[test]
fn slices_and_indices_are_those_of_the_array() {
    let mut session = session_of(viewed(items(cube(Order::C))));
    for (keys, bar, item) in [
        (":1,2,3^", "[1/2, :, :]", "[1, 2, 3] = 23.0"),
        (":-2^", "[0/2, :, :]", "[0, 2, 3] = 11.0"),
        (":1, ::-1, 1:3^", "[1, 2::-1, 1:3]", "[1, 2, 1] = 21.0"),
        ("jl", "[1, 2::-1, 1:3]", "[1, 1, 2] = 18.0"),
        // What is not in the slice is shown in the whole array.
        (":0,0,0^", "[0/2, :, :]", "[0, 0, 0] = 0.0"),
        (":..., 3^", "[:, :, 3]", "[0, 0, 3] = 3.0"),
        (":^", "[0/2, :, :]", "[0, 0, 0] = 0.0"),
        (":0:0^", "[:, 0/3, :]", ""),
    ] {
        press(&mut session, keys);
        let (found, line) = place(&mut session);
        if item.is_empty() {
            assert!(frame(&mut session, 60, 10).contains("no items"), "{keys}");
            press(&mut session, ":^");
            continue;
        }
        assert_eq!((found.as_str(), line.as_str()), (bar, item), "{keys}");
    }
    press(&mut session, ":7^");
    let message = session.model.message.clone().unwrap();
    assert!(message.contains("axis 0 has length 2"), "{message}");
    press(&mut session, ":a^");
    assert!(
        session
            .model
            .message
            .clone()
            .unwrap()
            .contains("invalid slice 'a'")
    );
}

#[test]
fn columns_scroll_with_the_cursor() {
    let values: Vec<i32> = (0..3000).collect();
    let array = Array::from_vec(values, [3, 1000]).unwrap();
    let mut session = session_of(viewed(items(array)));
    press(&mut session, "$");
    let shown = frame(&mut session, 40, 8);
    let header = shown.lines().nth(2).unwrap();
    assert!(header.ends_with(" 999") && header.len() <= 40, "{shown}");
    assert!(shown.contains("[0, 999] = 999\n"), "{shown}");
    press(&mut session, "hhhhhhhhhhhh");
    let shown = frame(&mut session, 40, 8);
    assert!(shown.lines().nth(2).unwrap().contains(" 987"), "{shown}");
    press(&mut session, "0");
    assert!(
        frame(&mut session, 40, 8)
            .lines()
            .nth(2)
            .unwrap()
            .starts_with("      0")
    );
}

#[test]
fn any_size_of_screen() {
    let records = Layout::new("[('a', 'i4'), ('b', 'U3')]".parse().unwrap(), [5], Order::C);
    let records = Array::new(records.unwrap(), npio::flatfile::Buffer::from(vec![0; 80]));
    for contents in [items(cube(Order::C)), items(records.unwrap())] {
        let mut session = session_of(viewed(contents));
        for keys in ["", "v", "v", "v", "s", "?"] {
            press(&mut session, keys);
            for width in [0, 1, 2, 3, 7, 13, 14, 31, 200] {
                for height in [0, 1, 2, 3, 4, 5, 8, 60] {
                    let text = frame(&mut session, width, height);
                    assert_eq!(
                        text.lines().count(),
                        usize::from(height.min(width * height))
                    );
                }
            }
        }
    }
}

#[test]
fn fields_are_columns() {
    let dtype: DType =
        "[('id', '<u2'), ('at\u{1b}', '<f4', (2,)), ('name', 'S3'), ('t', '<M8[D]')]"
            .parse()
            .unwrap();
    let layout = Layout::new(dtype, [2], Order::C).unwrap();
    let mut bytes = Vec::new();
    for (id, at, name, day) in [
        (1u16, [0.5f32, 1.0], b"ab\0", 0i64),
        (300, [f32::NAN; 2], b"\x1b[m", i64::MIN),
    ] {
        bytes.extend(id.to_le_bytes());
        bytes.extend(at.iter().flat_map(|x| x.to_le_bytes()));
        bytes.extend(name);
        bytes.extend(day.to_le_bytes());
    }
    let array = Array::new(layout, npio::flatfile::Buffer::from(bytes)).unwrap();
    let mut session = session_of(viewed(items(array)));
    let shown = frame(&mut session, 60, 7);
    let table: Vec<&str> = shown.lines().skip(2).take(3).collect();
    assert_eq!(
        table,
        [
            r"    id  at\u{1b}   name                t",
            r"0    1  [0.5 1. ]  b'ab'      1970-01-01",
            r"1  300  [nan nan]  b'\x1b[m'         NaT",
        ],
        "{shown}"
    );
    // NaN is found in a field, and NaT.
    press(&mut session, "n");
    assert_eq!(place(&mut session).1, "[1]['at\\x1b'] = [nan nan]");
    press(&mut session, "x");
    assert_eq!(
        session.model.message.as_deref(),
        Some("the columns are the fields")
    );
}

#[test]
fn objects_show_their_texts() {
    let texts = ["a\nb", "\u{1b}[31m"].map(Value::from);
    let list = Value::from(vec![Value::from(1), Value::None]);
    let values = texts.into_iter().chain([list, Value::None]).collect();
    let objects = Objects::new([2, 2], values).unwrap();
    let mut session = session_of(viewed(Contents::Objects(objects)));
    let shown = frame(&mut session, 60, 6);
    let table: Vec<&str> = shown.lines().skip(2).take(2).collect();
    assert_eq!(table, ["   0       1", r"0  'a\nb'  '\x1b[31m'"], "{shown}");
    press(&mut session, "s");
    assert!(session.model.message.is_some());
    press(&mut session, "x");
    let shown = frame(&mut session, 60, 7);
    assert_eq!(
        shown.lines().nth(3),
        Some(r"0  'a\nb'      [1, None]"),
        "{shown}"
    );
}

#[test]
fn nan_is_found_in_either_direction() {
    for order in [Order::C, Order::Fortran] {
        let mut values = vec![0f32; 1 << 21];
        let marked = [3usize, 1 << 20, (1 << 21) - 1];
        for (number, value) in marked
            .into_iter()
            .zip([f32::NAN, f32::INFINITY, f32::NEG_INFINITY])
        {
            values[number] = value;
        }
        let array = Array::from_vec(values, [1 << 10, 1 << 11]).unwrap();
        let array = array.to_order(order).unwrap();
        let mut session = session_of(viewed(items(array)));
        let mut found = Vec::new();
        for key in ["n", "n", "n", "n", "N", "N", "N"] {
            press(&mut session, key);
            let index = session.model.plane.as_ref().unwrap().cursor().to_vec();
            found.push(match session.model.message.as_deref() {
                None => index[0] << 11 | index[1],
                Some(message) => {
                    assert_eq!(message, "no NaN or infinity there");
                    0
                }
            });
        }
        let [a, b, c] = marked;
        // In Fortran order the last one is the last as well, and the first axis varies fastest.
        let expected = match order {
            Order::C => [a, b, c, 0, b, a, 0],
            Order::Fortran => [b, a, c, 0, a, b, 0],
        };
        assert_eq!(found, expected, "{order:?}");
    }
}

#[test]
fn statistics_are_of_the_plane_or_of_everything() {
    let mut session = session_of(viewed(items(cube(Order::Fortran))));
    press(&mut session, "]s");
    let lines = session.model.panel.clone().unwrap().lines;
    assert_eq!(lines[0], "count 11");
    assert_eq!(lines[1], "nan   1");
    assert_eq!(lines[4..6], ["min   12.0", "max   23.0"]);
    press(&mut session, "q");
    assert!(session.model.panel.is_none());
    press(&mut session, "S");
    assert_eq!(session.model.panel.clone().unwrap().lines[0], "count 23");
}

#[test]
fn the_slice_is_saved_and_never_silently_over_another() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("part");
    let name = path.to_str().unwrap();
    let mut session = session_of(viewed(items(cube(Order::Fortran))));
    press(&mut session, "]w");
    // The name that is proposed has the index of the plane.
    assert_eq!(session.model.prompt.clone().unwrap().text, "x_1.npy");
    session.key(Key::Erase);
    press(&mut session, &format!("{name}^"));
    let saved = folder.path().join("part.npy");
    let load = |path: &Path| npio::load_vec::<f64>(path).unwrap();
    let (values, shape) = load(&saved);
    assert_eq!((values[0], values[11], shape), (12.0, 23.0, vec![3, 4]));
    press(&mut session, "[w");
    session.key(Key::Erase);
    press(&mut session, &format!("{name}.npy^n"));
    assert_eq!(session.model.message.as_deref(), Some("not saved"));
    assert_eq!(load(&saved).0[0], 12.0);
    press(&mut session, "w");
    session.key(Key::Erase);
    press(&mut session, &format!("{name}.npy^y"));
    assert_eq!(load(&saved).0[0], 0.0);
    assert_eq!(folder.path().read_dir().unwrap().count(), 1);
}

#[test]
fn the_command_that_prints_the_same() {
    let mut session = session_of(viewed(items(cube(Order::C))));
    press(&mut session, "]y");
    assert_eq!(
        session.command.as_deref(),
        Some("npio dump '--slice=1, :, :' x.npy")
    );
}

#[test]
fn pictures_without_colours() {
    let mut session = session_of(viewed(items(cube(Order::C))));
    press(&mut session, "v");
    let expected = "\
x.npy  (2, 3, 4)  192 bytes  in place  <f8
[0/2, :, :]  heatmap
   ░
░▒▒▓
▓███


viridis: 0 … 11
[ ] plane  v mode  s statistics  n NaN  : go
";
    assert_eq!(frame(&mut session, 44, 9), expected);
    // Rows and columns are swapped here, too.
    press(&mut session, "x");
    let shown = frame(&mut session, 44, 9);
    assert_eq!(shown.lines().nth(2), Some(" ░▓"), "{shown}");
    press(&mut session, "xv");
    let shown = frame(&mut session, 44, 9);
    assert!(
        shown.contains("line") && shown.contains("          3 "),
        "{shown}"
    );
    press(&mut session, "v");
    assert!(frame(&mut session, 44, 9).contains("histogram"));
    press(&mut session, "v");
    assert!(frame(&mut session, 44, 9).contains("table"));
    let texts = Layout::new(DType::Bytes(2), [3], Order::C).unwrap();
    let texts = Array::new(texts, npio::flatfile::Buffer::from(vec![b'a'; 6])).unwrap();
    let mut session = session_of(viewed(items(texts)));
    press(&mut session, "v");
    let message = session.model.message.clone().unwrap();
    assert_eq!(message, "items of |S2 are only shown in a table");
}

#[test]
fn images_have_the_colours_of_their_pixels() {
    let pixels = vec![255u8, 0, 0, 0, 255, 0, 0, 0, 255, 9, 9, 9];
    let array = Array::from_vec(pixels, [2, 2, 3]).unwrap();
    let mut session = session_of(viewed(items(array)));
    session.options.palette = Palette::True;
    press(&mut session, "vv");
    let mut buffer = Buffer::empty(Rect::new(0, 0, 2, 5));
    draw(&mut session, &mut buffer);
    settle(&mut session);
    draw(&mut session, &mut buffer);
    let shown = text(&buffer, true);
    let line = shown.lines().nth(2).unwrap();
    let red_over_blue = "\x1b[38;2;255;0;0;48;2;0;0;255m▀";
    assert!(line.contains(red_over_blue), "{line:?}");
}

/// Names, and one array.
struct Names(Vec<String>);

impl Catalog for Names {
    fn title(&self) -> String {
        "names".to_owned()
    }

    fn len(&self) -> usize {
        self.0.len()
    }

    fn name(&self, entry: usize) -> String {
        self.0[entry].clone()
    }

    fn details(&self, entry: usize) -> Result<Details, String> {
        match entry {
            1 => Err("it is broken".to_owned()),
            entry => Ok(Details {
                dtype: "<f8".to_owned(),
                shape: "(2, 3, 4)".to_owned(),
                nbytes: Some(100 + entry as u64),
                storage: "stored".to_owned(),
            }),
        }
    }

    fn open(&self, entry: usize, work: &Work) -> Result<Opened, String> {
        match entry {
            0 => Ok(viewed(items(cube(Order::C)))),
            2 => Ok(Opened::Catalog(Arc::new(Names(vec!["inner".to_owned()])))),
            3 => {
                // Until it is cancelled.
                while work.check().is_ok() {
                    std::thread::sleep(Duration::from_millis(1));
                }
                Err("stopped".to_owned())
            }
            _ => Err("it is broken".to_owned()),
        }
    }
}

fn names() -> Session {
    let names = ["alpha", "beta", "gamma", "delta"].map(str::to_owned);
    let catalog: Arc<dyn Catalog> = Arc::new(Names(names.to_vec()));
    session_of(Opened::Catalog(catalog))
}

#[test]
fn lists_open_filter_and_go_back() {
    let mut session = names();
    let expected = "\
names
4 entries
alpha  <f8           (2, 3, 4)  100  stored
beta   it is broken
gamma  <f8           (2, 3, 4)  102  stored
delta  <f8           (2, 3, 4)  103  stored
Enter open  / filter  q quit  ? help
";
    assert_eq!(frame(&mut session, 60, 7), expected);
    press(&mut session, "^");
    assert!(frame(&mut session, 60, 7).starts_with("x.npy  (2, 3, 4)"));
    // In a wide terminal the list stays.
    assert!(frame(&mut session, 120, 7).starts_with("names        "));
    assert_eq!(session.key(Key::Char('q')), Flow::Continue);
    press(&mut session, "/MM");
    assert!(frame(&mut session, 60, 7).contains("1 of 4 entries with MM\ngamma "));
    press(&mut session, "^^");
    assert!(frame(&mut session, 60, 7).contains("1 entry\ninner"));
    session.key(Key::Backspace);
    session.key(Key::Escape);
    assert!(frame(&mut session, 60, 7).contains("4 entries\n"));
    press(&mut session, "k^");
    assert_eq!(session.model.message.as_deref(), Some("it is broken"));
    assert_eq!(session.key(Key::Char('q')), Flow::Quit);
}

#[test]
fn work_is_cancelled_and_the_viewer_goes_on() {
    let mut session = names();
    session.key(Key::Char('G'));
    session.key(Key::Enter);
    assert!(session.is_working());
    session.poll(Duration::from_millis(10));
    let shown = frame_now(&mut session, 60, 7);
    assert!(shown.contains("opening 0 bytes  (Esc stops it)"), "{shown}");
    for key in [Key::Char('g'), Key::Interrupt] {
        assert_eq!(session.key(key), Flow::Continue);
    }
    settle(&mut session);
    assert_eq!(session.model.message.as_deref(), Some("opening: cancelled"));
    assert_eq!(session.key(Key::Interrupt), Flow::Quit);
}

#[test]
fn what_cannot_be_opened_ends_the_viewer() {
    let mut session = Session::new(Options::default(), |_| Err("no such file".to_owned()));
    settle(&mut session);
    assert_eq!(session.failure.as_deref(), Some("no such file"));
    let options = Options {
        slice: Some("5".parse().unwrap()),
        ..Options::default()
    };
    let mut session = Session::new(options, |_| Ok(viewed(items(cube(Order::C)))));
    settle(&mut session);
    let failure = session.failure.unwrap();
    assert!(failure.starts_with("x.npy: slice 5: axis 0"), "{failure}");
}
