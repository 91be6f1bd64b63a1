//! NumPy's `longdouble` on each system: C's `long double`.

use crate::dtype::DType;

/// `longdouble` and `clongdouble` on the system that this is compiled for.
pub(super) const LONGDOUBLE: (DType, DType) =
    longdouble(std::env::consts::OS, std::env::consts::ARCH);

/// `longdouble` and `clongdouble` on a system, by Rust's name for it. Only the size is part of a dtype: 80 bits of
/// the x87 and IEEE quads in 16 bytes are both spelled `f16`.
const fn longdouble(os: &str, arch: &str) -> (DType, DType) {
    match size(os.as_bytes(), arch.as_bytes()) {
        8 => (DType::F64, DType::C128),
        12 => (DType::F96, DType::C192),
        _ => (DType::F128, DType::C256),
    }
}

/// The size in bytes of a `long double` in the C compiler that NumPy is built with there.
const fn size(os: &[u8], arch: &[u8]) -> usize {
    match (os, arch) {
        // Microsoft's compiler, on every processor.
        (b"windows", _) => 8,
        // Apple's own processors, on every Apple system. On Intel processors it is the x87's, as elsewhere.
        (b"macos" | b"ios" | b"tvos" | b"watchos" | b"visionos", b"aarch64" | b"arm") => 8,
        // Android's 32-bit systems have nothing longer than a double, not even those with an x87.
        (b"android", b"x86" | b"arm") => 8,
        // The x87's 80 bits in three words. (macOS aligned them to 16 bytes while it was 32-bit.)
        (b"macos", b"x86") => 16,
        (_, b"x86" | b"m68k") => 12,
        // Nothing is longer than a double.
        (_, b"arm" | b"mips" | b"mips32r6") => 8,
        // The x87's 80 bits in two words (x86_64), IEEE quads (aarch64, riscv64, s390x, loongarch64, mips64,
        // sparc64), or pairs of doubles (powerpc). On wasm32 clang has quads, and so has Pyodide's NumPy. A wasm
        // target without a system gets the same, so that a name means one thing on every wasm.
        _ => 16,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_system_that_numpy_has_wheels_for() {
        for (os, arch, long, complex) in [
            ("linux", "x86_64", "<f16", "<c32"),
            ("linux", "x86", "<f12", "<c24"),
            ("linux", "aarch64", "<f16", "<c32"),
            ("linux", "arm", "<f8", "<c16"),
            ("linux", "riscv64", "<f16", "<c32"),
            ("linux", "s390x", "<f16", "<c32"),
            ("linux", "powerpc64", "<f16", "<c32"),
            ("linux", "loongarch64", "<f16", "<c32"),
            ("freebsd", "x86_64", "<f16", "<c32"),
            ("freebsd", "x86", "<f12", "<c24"),
            ("macos", "x86_64", "<f16", "<c32"),
            ("macos", "aarch64", "<f8", "<c16"),
            ("ios", "aarch64", "<f8", "<c16"),
            ("windows", "x86_64", "<f8", "<c16"),
            ("windows", "x86", "<f8", "<c16"),
            ("windows", "aarch64", "<f8", "<c16"),
            ("android", "x86", "<f8", "<c16"),
            ("android", "aarch64", "<f16", "<c32"),
            ("emscripten", "wasm32", "<f16", "<c32"),
            ("unknown", "wasm32", "<f16", "<c32"),
        ] {
            let (found, found_complex) = longdouble(os, arch);
            let spelled = |dtype: DType| dtype.to_string().replacen(['<', '>'], "<", 1);
            let found = (spelled(found), spelled(found_complex));
            assert_eq!(found, (long.to_owned(), complex.to_owned()), "{os} {arch}");
        }
    }

    #[test]
    fn the_names_are_those_of_this_system() {
        let (long, complex) = longdouble(std::env::consts::OS, std::env::consts::ARCH);
        for name in ["longdouble", "g"] {
            assert_eq!(name.parse::<DType>().unwrap(), long);
        }
        for name in ["clongdouble", "G"] {
            assert_eq!(name.parse::<DType>().unwrap(), complex);
        }
        #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
        assert_eq!(long.itemsize(), 16);
    }
}
