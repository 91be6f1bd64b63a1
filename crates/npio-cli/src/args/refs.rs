//! Arguments of `npio refs`.

use super::RawArgs;
use crate::address::{Address, ErrorContext, FileArg, from_bytes};
use crate::interrupt::cancellable;
use crate::source::Input;
use clap::ValueEnum;
use std::fs::File;
use std::io::{self, BufRead, BufReader};

#[derive(Debug, clap::Args)]
pub(crate) struct RefsArgs {
    /// The files to refer to: FILE, FILE.npz for all of its arrays, FILE.npz::MEMBER, FILE.npz::PATTERN, or FILE.npy::1
    /// for the second of several arrays
    #[arg(required_unless_present = "files_from", value_name = "FILE")]
    pub(crate) files: Vec<Address>,
    /// Also refer to the files whose names are in LIST, one on a line: there may be more than a command line takes. - is
    /// standard input
    #[arg(long, value_name = "LIST")]
    files_from: Option<FileArg>,
    /// The file to write, in the JSON of kerchunk; - is standard output
    #[arg(short, long, value_name = "OUT", default_value = "-")]
    pub(crate) output: FileArg,
    /// Where the files are for those who read them: FILE is at URL/FILE or, if it is an absolute path, at URL/ and its
    /// last name; by default at file:// and its absolute path
    #[arg(long, value_name = "URL")]
    pub(crate) prefix: Option<String>,
    /// Make one array of this name of all of them, concatenated along the first axis in the order in which they are given
    #[arg(long, value_name = "NAME", conflicts_with = "name")]
    pub(crate) concat: Option<String>,
    /// The name of the array, once for each FILE, in the order of the files; arrays of a whole archive are in a group of
    /// this name. By default arrays have the name of their member, or of their file without its suffix
    #[arg(long, value_name = "NAME")]
    pub(crate) name: Vec<String>,
    /// How large chunks should be, about; what it is exactly depends on the divisors of the number of rows
    #[arg(long, value_name = "SIZE", default_value = "8MiB", value_parser = size)]
    pub(crate) chunk: u64,
    /// The version of Zarr's metadata
    #[arg(long, value_name = "VERSION", default_value = "2")]
    pub(crate) zarr: ZarrVersion,
    /// Replace an existing file
    #[arg(long)]
    pub(crate) force: bool,
    #[command(flatten)]
    raw: RawArgs,
}

impl RefsArgs {
    pub(crate) fn inputs(&self) -> anyhow::Result<Vec<Input>> {
        let listed = match &self.files_from {
            Some(list) => listed(list)?,
            None => Vec::new(),
        };
        let files = self.files.iter().chain(&listed);
        files.map(|file| self.raw.input(file)).collect()
    }
}

/// The addresses in a list, one on a line. Empty lines are left out.
fn listed(list: &FileArg) -> anyhow::Result<Vec<Address>> {
    let lines: Box<dyn BufRead> = if list.is_stdio() {
        Box::new(BufReader::new(cancellable(io::stdin())))
    } else {
        let file = File::open(list.path()).map_err(|error| list.error(error))?;
        Box::new(BufReader::new(file))
    };
    let mut addresses = Vec::new();
    for line in lines.split(b'\n') {
        let line = line.map_err(|error| list.error(error))?;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        if line.is_empty() {
            continue;
        }
        let Some(name) = from_bytes(line) else {
            return Err(list.error("a name in it is not Unicode"));
        };
        addresses.push(name.into());
    }
    Ok(addresses)
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ZarrVersion {
    #[value(name = "2", help = "Version 2, which all readers of references take")]
    V2,
    #[value(name = "3", help = "Version 3; records are little-endian there")]
    V3,
}

impl From<ZarrVersion> for npio::refs::ZarrFormat {
    fn from(version: ZarrVersion) -> npio::refs::ZarrFormat {
        match version {
            ZarrVersion::V2 => npio::refs::ZarrFormat::V2,
            ZarrVersion::V3 => npio::refs::ZarrFormat::V3,
        }
    }
}

/// A number of bytes: 8388608, 8MiB, 500kB or 1G.
fn size(text: &str) -> Result<u64, String> {
    let invalid = || "expected a number of bytes such as 8MiB, 500kB or 65536".to_owned();
    let end = text.find(|c: char| !c.is_ascii_digit());
    let (number, unit) = text.split_at(end.unwrap_or(text.len()));
    let number: u64 = number.parse().map_err(|_| invalid())?;
    let unit = unit.trim_start().to_ascii_lowercase();
    let factor: u64 = match unit.as_str() {
        "" | "b" => 1,
        "k" | "kib" => 1 << 10,
        "m" | "mib" => 1 << 20,
        "g" | "gib" => 1 << 30,
        "kb" => 1_000,
        "mb" => 1_000_000,
        "gb" => 1_000_000_000,
        _ => return Err(invalid()),
    };
    let bytes = number.checked_mul(factor).filter(|bytes| *bytes > 0);
    bytes.ok_or_else(invalid)
}

#[cfg(test)]
mod tests {
    use super::size;

    #[test]
    fn sizes() {
        assert_eq!(size("8MiB"), Ok(8 << 20));
        assert_eq!(size("500kB"), Ok(500_000));
        assert_eq!(size("1 G"), Ok(1 << 30));
        assert_eq!(size("65536"), Ok(65536));
        for wrong in [
            "",
            "MiB",
            "0",
            "1.5M",
            "-1",
            "8 miles",
            "99999999999999999999",
            "99999999999G",
        ] {
            assert!(size(wrong).is_err(), "{wrong}");
        }
    }
}
