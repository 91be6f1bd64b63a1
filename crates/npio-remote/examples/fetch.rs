//! Loads the arrays at addresses, one after the other over the same connections, and prints how long each took:
//! `fetch [--blocking] [--save FOLDER] URL...`.
//!
//! ```text
//! $ fetch https://example.org/temperature.npy
//! 0.912096  (365, 180, 360) <f4  https://example.org/temperature.npy
//! ```
//!
//! `--blocking` does it without an async runtime, and `--save` keeps each array, under the name that its address ends in.
//! The first line has the time for a connection in it.

use npio_remote::npio::{self, Array};
use npio_remote::{Remote, blocking, without_credentials};
use std::error::Error;
use std::path::PathBuf;
use std::time::{Duration, Instant};

const USAGE: &str = "usage: fetch [--blocking] [--save FOLDER] URL...";

#[derive(Default)]
struct Args {
    blocking: bool,
    save: Option<PathBuf>,
    urls: Vec<String>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = parse()?;
    if args.blocking {
        for url in &args.urls {
            let start = Instant::now();
            let array = blocking::load(url)?;
            show(&args, url, &array, start.elapsed())?;
        }
        return Ok(());
    }
    // Connections have threads of their own, so that bytes arrive while others are put into the array.
    tokio::runtime::Runtime::new()?.block_on(load(&args))
}

async fn load(args: &Args) -> Result<(), Box<dyn Error>> {
    let mut last: Option<Remote> = None;
    for url in &args.urls {
        let start = Instant::now();
        let remote = match &last {
            Some(last) => last.another(url)?,
            None => Remote::from_url(url)?,
        };
        let array = remote.load().await?;
        show(args, url, &array, start.elapsed())?;
        last = Some(remote);
    }
    Ok(())
}

fn parse() -> Result<Args, Box<dyn Error>> {
    let mut args = Args::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        match word.as_str() {
            "--blocking" => args.blocking = true,
            "--save" => args.save = Some(words.next().ok_or(USAGE)?.into()),
            option if option.starts_with('-') => return Err(USAGE.into()),
            _ => args.urls.push(word),
        }
    }
    if args.urls.is_empty() {
        return Err(USAGE.into());
    }
    Ok(args)
}

fn show(args: &Args, url: &str, array: &Array, took: Duration) -> Result<(), Box<dyn Error>> {
    let shown = without_credentials(url);
    println!("{:.6}  {}  {shown}", took.as_secs_f64(), array.layout());
    if let Some(folder) = &args.save {
        let name = shown.rsplit('/').next().unwrap_or_default();
        npio::save(folder.join(name), array)?;
    }
    Ok(())
}
