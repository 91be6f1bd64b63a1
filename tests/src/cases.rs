//! The fixtures with NumPy's results for each.

use dtype::DType;
use serde::{Deserialize, Deserializer};
use sha2::{Digest, Sha256};
use std::ffi::c_long;
use std::fs;

/// One file of the fixtures.
#[derive(Debug, Deserialize)]
pub struct Case {
    /// Unique in its folder.
    pub name: String,
    /// Its file, in the same folder as the manifest.
    pub file: String,
    /// NumPy's result.
    #[serde(flatten)]
    pub answer: Answer,
    /// NumPy's result without its limit on the header's length, if that matters.
    pub without_limit: Option<Answer>,
    #[serde(skip)]
    folder: String,
}

/// NumPy's result for a file: an array, or an error.
#[derive(Clone, Debug, Deserialize)]
pub struct Answer {
    /// NumPy's error, if it cannot load the file.
    pub error: Option<serde_json::Value>,
    /// The descriptor that NumPy writes for the array's dtype.
    pub descr: Option<String>,
    /// The array's shape.
    #[serde(default, deserialize_with = "lengths")]
    pub shape: Vec<usize>,
    /// The header's flag.
    pub fortran_order: Option<bool>,
    /// The header's version.
    pub version: Option<String>,
    /// The offset of the data.
    pub data_offset: Option<u64>,
    /// Bytes of data; none for objects.
    pub nbytes: Option<u64>,
    /// Bytes after the array.
    pub trailing_bytes: Option<u64>,
    /// SHA-256 of `arr.tobytes("C")`.
    pub sha256_c: Option<String>,
    /// `str(arr)`
    pub str: Option<String>,
    /// `np.array2string(arr, threshold=sys.maxsize)`
    pub full: Option<String>,
    /// `arr.tolist()` as JSON.
    pub tolist_json: Option<String>,
}

#[derive(Deserialize)]
struct Manifest {
    cases: Vec<Case>,
}

impl Case {
    /// The path of the file.
    pub fn path(&self) -> std::path::PathBuf {
        crate::fixtures().join(&self.folder).join(&self.file)
    }

    /// The contents of the file.
    ///
    /// # Panics
    /// If it cannot be read.
    pub fn bytes(&self) -> Vec<u8> {
        fs::read(self.path()).unwrap_or_else(|error| panic!("{}: {error}", self.name))
    }

    /// Whether NumPy answers the same on this system. The answers are from x86-64 Linux, and a header may name a type
    /// of C's whose size is the system's: `l` and `g` are shorter on Windows. `golden` determines their sizes here
    /// itself.
    ///
    /// # Panics
    /// If `longdouble` is not the name of a dtype.
    pub fn is_alike_here(&self) -> bool {
        match self.name.as_str() {
            // These have as many bits as an address.
            "code-int" | "code-p" => size_of::<usize>() == 8,
            "code-l" => size_of::<c_long>() == 8,
            "code-g" | "code-longdouble" => {
                let long: DType = "longdouble".parse().expect("NumPy's name");
                long.itemsize() == 16
            }
            _ => true,
        }
    }

    /// NumPy's answer without its limit on the header's length, which npio does not have.
    pub fn numpy(&self) -> &Answer {
        self.without_limit.as_ref().unwrap_or(&self.answer)
    }
}

/// Lengths of axes. One that exceeds this machine's address space becomes [`TOO_LONG`].
pub(crate) fn lengths<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<usize>, D::Error> {
    let lengths: Vec<u64> = Vec::deserialize(deserializer)?;
    let lengths = lengths.into_iter().map(usize::try_from);
    Ok(lengths.map(|length| length.unwrap_or(TOO_LONG)).collect())
}

/// A length that no array has.
pub(crate) const TOO_LONG: usize = usize::MAX;

/// All cases of one folder, `generated`, `foreign` or `hostile`, except arrays that are too long for this machine.
///
/// # Panics
/// If the manifest cannot be read.
pub fn cases(folder: &str) -> Vec<Case> {
    let path = crate::fixtures().join(folder).join("MANIFEST.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|e| panic!("{}: {e}", path.display()));
    let manifest: Result<Manifest, _> = serde_json::from_str(&text);
    let mut cases = manifest
        .unwrap_or_else(|e| panic!("{}: {e}", path.display()))
        .cases;
    for case in &mut cases {
        folder.clone_into(&mut case.folder);
    }
    cases.retain(|case| !case.numpy().shape.contains(&TOO_LONG));
    cases
}

/// SHA-256 in hexadecimal.
pub fn sha256(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
