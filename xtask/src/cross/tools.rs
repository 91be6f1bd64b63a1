//! The tools to build and run for other systems: Debian's compiler with the source of its standard library, cross
//! compilers, and emulators.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::{process, python};

/// The packages with the compiler and the standard library's source. They are unpacked and not installed: they
/// conflict with Debian's own compiler.
const COMPILER: [&str; 3] = ["rustc-web", "rust-web-src", "libstd-rust-web-dev"];

/// The prefixes of the other packages that the compiler needs. Their names end with versions.
const COMPILER_NEEDS: [&str; 2] = ["libstd-rust-web-", "libllvm"];

/// A compiler that can build the standard library for any target.
pub(crate) struct Tools {
    folder: PathBuf,
    target: PathBuf,
}

impl Tools {
    /// The compiler in `target/tools/cross`, which is made if it is missing.
    pub(crate) fn get(root: &Path) -> Result<Tools> {
        let target = python::target(root);
        let folder = target.join("tools").join("cross");
        let tools = Tools { folder, target };
        // The scripts are written last, so that an interrupted download starts again.
        if !tools.script("rustdoc").exists() {
            tools.download()?;
        }
        Ok(tools)
    }

    /// Cargo with this compiler, in a target folder of its own.
    pub(crate) fn cargo(&self, root: &Path) -> Command {
        let mut cargo = process::cargo();
        cargo.current_dir(root).envs(self.variables(root));
        cargo
    }

    /// The variables that make Cargo use this compiler.
    pub(crate) fn variables(&self, root: &Path) -> Vec<(String, OsString)> {
        let variable = |name: &str, value: &OsStr| (name.to_owned(), value.to_owned());
        vec![
            // Only the way the standard library is built is unstable here.
            variable("RUSTC_BOOTSTRAP", "1".as_ref()),
            variable("RUSTC", root.join(self.script("rustc")).as_ref()),
            variable("RUSTDOC", root.join(self.script("rustdoc")).as_ref()),
            variable("CARGO_TARGET_DIR", root.join(self.target_dir()).as_ref()),
            // Half of a program for Windows is its symbols.
            variable("CARGO_PROFILE_DEV_STRIP", "symbols".as_ref()),
        ]
    }

    /// A script that makes empty C libraries, however it is given the name.
    pub(crate) fn no_archiver(&self) -> Result<PathBuf> {
        let path = std::path::absolute(self.script("ar"))?;
        let text = "#!/bin/sh\nfor word; do case $word in\n  [-/][oO][uU][tT]:*) : > \"${word#*:}\" ;;\n  *.a) : > \"$word\" ;;\nesac; done\n";
        script(&path, text)?;
        Ok(path)
    }

    pub(crate) fn target_dir(&self) -> PathBuf {
        self.target.join("cross")
    }

    /// Wine, which runs until this is dropped.
    pub(crate) fn wine(&self) -> Result<Wine> {
        let prefix = self.wine_prefix()?;
        let wine = Wine { prefix };
        // A Wine that an interrupted run left, or that made the folder, is ended first.
        for word in ["--kill", "--wait"] {
            let _ = wine.server(word).stderr(Stdio::null()).status();
        }
        // Otherwise it would start again with each program.
        process::run(wine.server("--persistent"))?;
        // Windows' services start with the first program, and keep its standard streams open as long as they run.
        let mut first = Command::new(WINE);
        first.args(["wineboot"]).envs(wine.variables());
        first.stdin(Stdio::null());
        first.stdout(Stdio::null()).stderr(Stdio::null());
        process::run(first)?;
        Ok(wine)
    }

    /// Wine's folder, which contains Windows.
    fn wine_prefix(&self) -> Result<PathBuf> {
        let prefix = self.folder.join("wine");
        let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
        if library.exists() {
            return Ok(prefix);
        }
        println!("    making {}", prefix.display());
        let wine = |words: &[&str]| {
            let mut wine = Command::new(WINE);
            wine.args(words).env("WINEPREFIX", &prefix);
            process::run(wine.env("WINEDEBUG", "-all"))
        };
        wine(&["wineboot", "--init"])?;
        wine(&["winecfg", "-v", "win10"])?;
        let mut gcc = Command::new("x86_64-w64-mingw32-gcc");
        gcc.args(["-shared", "-O2", "-o"]).arg(&library);
        gcc.arg(concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/cross/bcryptprimitives.c"
        ));
        process::run(gcc)?;
        Ok(prefix)
    }

    fn script(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Downloads and unpacks Debian's packages, and writes scripts that call their compiler.
    fn download(&self) -> Result<()> {
        let archives = self.folder.join("debs");
        fs::create_dir_all(&archives)?;
        println!(
            "    unpacking {} in {}",
            COMPILER.join(", "),
            self.folder.display()
        );
        process::run(Command::new("apt-get").args(["update", "-qq"]))?;
        let mut packages: Vec<String> = COMPILER.map(str::to_owned).to_vec();
        let mut next = 0;
        while let Some(package) = packages.get(next) {
            let needed = needed_by(package)?;
            packages.extend(needed);
            next += 1;
        }
        packages.sort();
        packages.dedup();
        let mut download = Command::new("apt-get");
        download.args(["download", "-qq"]).args(&packages);
        process::run(download.current_dir(&archives))?;
        let root = self.folder.join("root");
        for archive in fs::read_dir(&archives)? {
            let mut unpack = Command::new("dpkg-deb");
            unpack.arg("--extract").arg(archive?.path()).arg(&root);
            process::run(unpack)?;
        }
        fs::remove_dir_all(&archives)?;
        for name in ["rustc", "rustdoc"] {
            let script = format!(
                "#!/bin/sh\nroot={}\nLD_LIBRARY_PATH=$root/usr/lib/x86_64-linux-gnu exec $root/usr/bin/{name} \"$@\"\n",
                root.display()
            );
            self::script(&self.script(name), &script)?;
        }
        Ok(())
    }
}

/// Writes an executable script.
pub(crate) fn script(path: &Path, text: &str) -> Result<()> {
    fs::write(path, text)?;
    process::run(Command::new("chmod").arg("+x").arg(path))
}

/// The linker of rustup's compiler; Debian's does not have one for WebAssembly.
pub(crate) fn lld() -> Result<PathBuf> {
    let output = Command::new("rustc").args(["--print", "sysroot"]).output();
    let output = output.context("cannot start rustc")?;
    let sysroot = String::from_utf8(output.stdout).context("the sysroot's path")?;
    let lld = "lib/rustlib/x86_64-unknown-linux-gnu/bin/rust-lld";
    Ok(Path::new(sysroot.trim()).join(lld))
}

/// A running Wine.
pub(crate) struct Wine {
    prefix: PathBuf,
}

impl Wine {
    /// The variables that its programs need.
    pub(crate) fn variables(&self) -> [(String, OsString); 2] {
        [
            ("WINEPREFIX".to_owned(), self.prefix.clone().into()),
            ("WINEDEBUG".to_owned(), "-all".into()),
        ]
    }

    fn server(&self, word: &str) -> Command {
        let mut server = Command::new("/usr/lib/wine/wineserver64");
        server.arg(word).envs(self.variables());
        server
    }
}

impl Drop for Wine {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.server("--kill").status();
    }
}

/// Debian's path of Wine's loader, which needs no wrapper.
pub(crate) const WINE: &str = "/usr/lib/wine/wine64";

/// The dependencies of this package that the compiler needs.
fn needed_by(package: &str) -> Result<Vec<String>> {
    let output = Command::new("apt-cache")
        .args(["depends", "--important", package])
        .output()
        .context("cannot start apt-cache")?;
    let lines = String::from_utf8_lossy(&output.stdout).into_owned();
    let names = lines
        .lines()
        .filter_map(|line| line.split_once("Depends: "));
    let names = names.map(|(_, name)| name.trim_matches(['<', '>', ' ']).to_owned());
    Ok(names
        .filter(|name| COMPILER_NEEDS.iter().any(|begin| name.starts_with(begin)))
        .collect())
}

/// Installs Debian's packages whose program is missing; each is given with its program.
pub(crate) fn install(programs: &[(&str, &str)]) -> Result<()> {
    let is_missing = |program: &str| {
        let mut which = Command::new("sh");
        which.args(["-c", "command -v \"$0\"", program]);
        let found = which.stdout(Stdio::null()).status();
        !found.is_ok_and(|status| status.success())
    };
    let missing = programs.iter().filter(|(program, _)| is_missing(program));
    let packages: Vec<&str> = missing.map(|(_, package)| *package).collect();
    if packages.is_empty() {
        return Ok(());
    }
    println!("    installing {}", packages.join(" "));
    let mut apt = Command::new("apt-get");
    apt.args(["install", "-qq", "--yes", "--no-install-recommends"]);
    apt.args(&packages).env("DEBIAN_FRONTEND", "noninteractive");
    let installed = apt.stdout(Stdio::null()).status();
    ensure!(
        installed.is_ok_and(|status| status.success()),
        "cannot install Debian's packages: run `apt-get install {}` as root",
        packages.join(" ")
    );
    Ok(())
}
