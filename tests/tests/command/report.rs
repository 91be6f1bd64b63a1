//! `npio report`: a page about files, and the same in a browser.

use conformance::{failed, ran, sample_archives, skipped, stdout_of};
use npio::Array;
use std::path::Path;
use std::process::Command;
use std::time::Instant;
use std::{env, fs};

const HOSTILE: &str = "</title><script>alert(1)</script>\"'&\u{202e}<img src=x onerror=alert(1)>";

/// Files of every kind, among them one that is cut off, and an archive whose members have hostile names.
fn folder() -> tempfile::TempDir {
    let folder = sample_archives();
    let here = folder.path();
    fs::create_dir_all(here.join("more/inner")).unwrap();
    let items: Vec<f64> = (0..20_000).map(|i| (f64::from(i) / 300.0).sin()).collect();
    npio::save(here.join("more/wave.npy"), &items).unwrap();
    let image: Vec<u8> = (0..60 * 80 * 3).map(|i| (i % 251) as u8).collect();
    npio::save(
        here.join("more/inner/image.npy"),
        Array::from_vec(image, [60, 80, 3]).unwrap(),
    )
    .unwrap();
    let x = Array::from_slice(&items, [200, 100]).unwrap();
    npio::savez(
        here.join("more/hostile.npz"),
        [(HOSTILE, &x), ("plain", &x)],
    )
    .unwrap();
    fs::write(here.join("more/raw_int32_2_2.dat"), [1; 16]).unwrap();
    fs::write(here.join("more/notes.txt"), "not an array").unwrap();
    fs::write(here.join("more/.hidden.npy"), "not looked at").unwrap();
    let whole = fs::read(here.join("more/wave.npy")).unwrap();
    fs::write(here.join("more/cut.npy"), &whole[..1000]).unwrap();
    folder
}

#[test]
fn a_page_of_files_and_folders() {
    let folder = folder();
    let here = folder.path();
    let (status, stdout, stderr) = ran(
        here,
        &[
            "report", "x.npy", "a.npz", "more", "none.npy", "-o", "r.html",
        ],
    );
    assert_eq!((status, stdout.as_str()), (2, ""));
    // Other files are on the page, too.
    assert_eq!(stderr.lines().count(), 2, "{stderr}");
    assert!(
        stderr.contains("cut.npy: the data is too short") && stderr.contains("none.npy: "),
        "{stderr}"
    );
    let page = fs::read_to_string(here.join("r.html")).unwrap();
    for text in [
        "<h1>Report on 8 files</h1>",
        "8 files · 10 arrays · ",
        "items: 48 bytes <span class=\"faint\">27.3 %</span>",
        "headers: 128 bytes <span class=\"faint\">72.7 %</span>",
        "zip records: ",
        "<dt>mean</dt><dd>2.5833333333333335</dd>",
        "&lt;/title&gt;&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;\\u202e&lt;img",
        "the data is too short",
        "raw_int32_2_2.dat",
        "prefers-color-scheme: dark",
        "default-src &#39;none&#39;",
    ] {
        let text = text.replace("&#39;none&#39;", "'none'");
        assert!(page.contains(&text), "{text}");
    }
    assert!(
        !page.contains("<script") && !page.contains("<img src=x") && !page.contains('\u{202e}')
    );
    assert!(!page.contains("notes.txt"));
    // Nothing is loaded from elsewhere.
    let addresses = page
        .split("src=\"")
        .skip(1)
        .chain(page.split("href=\"").skip(1));
    assert!(addresses.clone().count() > 10);
    assert!(
        addresses
            .into_iter()
            .all(|address| address.starts_with("data:") || address.starts_with('#'))
    );
    assert!(failed(here, &["report", "x.npy", "-o", "r.html"]).contains("use --force"));
    assert!(
        stdout_of(here, &["report", "x.npy", "-o", "-", "--title", "<b>"])
            .contains("<h1>&lt;b&gt;</h1>")
    );
}

#[test]
fn every_kind_of_items_is_on_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let fixtures = conformance::fixtures().join("generated");
    let mut copied = 0;
    for entry in fs::read_dir(fixtures).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|suffix| suffix == "npy") {
            fs::copy(&path, here.join(path.file_name().unwrap())).unwrap();
            copied += 1;
        }
    }
    let (status, _, stderr) = ran(here, &["report", ".", "-o", "r.html"]);
    assert!(
        status == 0
            || stderr
                .lines()
                .all(|line| line.contains("longdouble") || line.contains("quad")),
        "{stderr}"
    );
    let page = fs::read_to_string(here.join("r.html")).unwrap();
    assert_eq!(page.matches("<section").count(), copied);
}

#[test]
fn five_hundred_arrays_are_one_small_page() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mut state = 1u32;
    let mut noise = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(state >> 8)
    };
    let arrays: Vec<(String, Array)> = (0..500)
        .map(|i| {
            let items: Vec<f64> = (0..100 * 100).map(|_| noise()).collect();
            (
                format!("array{i}"),
                Array::from_vec(items, [100, 100]).unwrap(),
            )
        })
        .collect();
    let members = arrays.iter().map(|(name, array)| (name.as_str(), array));
    npio::savez(here.join("many.npz"), members).unwrap();
    let started = Instant::now();
    stdout_of(here, &["report", "many.npz", "-o", "r.html"]);
    let (took, size) = (
        started.elapsed(),
        fs::metadata(here.join("r.html")).unwrap().len(),
    );
    assert!(size < 5_000_000, "{size}");
    if !cfg!(debug_assertions) {
        assert!(took.as_secs() < 10, "{took:?}");
    }
}

/// `cargo xtask browser` runs it with a browser.
#[test]
fn a_browser_shows_it_in_light_and_dark() {
    let Some(browser) = env::var_os("NPIO_BROWSER") else {
        skipped("NPIO_BROWSER names no browser: cargo xtask browser installs one");
        return;
    };
    let folder = folder();
    let here = folder.path();
    ran(here, &["report", "x.npy", "a.npz", "more", "-o", "r.html"]);
    let screenshots = env::var_os("NPIO_SCREENSHOTS").map_or(here.to_owned(), Into::into);
    let address = format!("file://{}", here.join("r.html").display());
    let run = |options: &[&str]| {
        let profile = tempfile::tempdir().unwrap();
        let mut command = Command::new(&browser);
        command.args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
        ]);
        command.args([
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
        ]);
        command.args([
            "--enable-logging=stderr",
            "--hide-scrollbars",
            "--window-size=1100,1600",
        ]);
        command.arg(format!("--user-data-dir={}", profile.path().display()));
        let output = command
            .args(options)
            .arg(&address)
            .output()
            .expect("the browser starts");
        let log = String::from_utf8_lossy(&output.stderr).into_owned();
        // The browser's own complaints are not the page's.
        assert!(output.status.success() && !log.contains("CONSOLE"), "{log}");
        output.stdout
    };
    for (name, scheme, background) in [
        ("light", "1", [0xf6, 0xf7, 0xf9]),
        ("dark", "0", [0x14, 0x18, 0x1d]),
    ] {
        let file = screenshots.join(format!("report-{name}.png"));
        let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
        run(&[&scheme, &format!("--screenshot={}", file.display())]);
        let (width, pixels) = pixels(&file);
        assert_eq!(pixels[0], background, "{name}");
        // A page with text, bars and pictures has many colors.
        let mut colors = pixels.clone();
        colors.sort_unstable();
        colors.dedup();
        assert!(
            width == 1100 && colors.len() > 200,
            "{name}: {} colors",
            colors.len()
        );
        let others = pixels.iter().filter(|pixel| **pixel != background).count();
        assert!(others > pixels.len() / 10, "{name}: {others}");
    }
    let page = String::from_utf8(run(&["--dump-dom"])).unwrap();
    assert!(!page.contains("<script") && !page.contains("<img src=\"x\""));
    assert!(page.contains("&lt;/title&gt;&lt;script&gt;"));
}

/// The width and the pixels of a screenshot.
fn pixels(path: &Path) -> (u32, Vec<[u8; 3]>) {
    let file = std::io::BufReader::new(fs::File::open(path).unwrap());
    let mut reader = png::Decoder::new(file).read_info().unwrap();
    let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
    let info = reader.next_frame(&mut bytes).unwrap();
    let pixels = bytes[..info.buffer_size()].chunks_exact(info.color_type.samples());
    (
        info.width,
        pixels.map(|pixel| [pixel[0], pixel[1], pixel[2]]).collect(),
    )
}

/// What is read in sequence, and does not fit into memory, is on the page as any other.
#[test]
fn large_arrays_that_are_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let items: Vec<u32> = (0..17 << 20).map(|i| i % 1000).collect();
    npio::save(here.join("x.npy.gz"), &items).unwrap();
    assert_eq!(stdout_of(here, &["report", "x.npy.gz", "-o", "r.html"]), "");
    let page = fs::read_to_string(here.join("r.html")).unwrap();
    for text in [
        "<dt>max</dt><dd>999</dd>",
        "<dt>count</dt><dd>17,825,792</dd>",
    ] {
        assert!(page.contains(text), "{text}");
    }
}

/// Objects of several kinds are named on the page, whether they may be read or not.
#[test]
fn objects_without_a_picture() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let items = vec![npio::Value::from(1), npio::Value::from("a")];
    let objects = npio::meta::Objects::new([2], items).unwrap();
    npio::save_value(here.join("o.npy"), &objects.into()).unwrap();
    for args in [
        &["report", "o.npy", "-o", "a.html"][..],
        &["report", "--allow-pickle", "o.npy", "-o", "b.html"],
    ] {
        assert_eq!(ran(here, args), (0, String::new(), String::new()));
    }
    let page = fs::read_to_string(here.join("b.html")).unwrap();
    assert!(page.contains("item [1]: expected an item that goes with int64, found str"));
}
