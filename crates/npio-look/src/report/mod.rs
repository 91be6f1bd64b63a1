//! One page about files: [`Report`].
//!
//! The page has no scripts and loads nothing, and its content security policy does not allow either.

mod html;
mod picture;

pub use picture::{Pictures, Size};

/// What is known of some files.
#[derive(Clone, Debug, Default)]
pub struct Report {
    /// What the page is called.
    pub title: String,
    /// The files, in order.
    pub files: Vec<FileReport>,
}

/// What is known of one file.
#[derive(Clone, Debug, Default)]
pub struct FileReport {
    /// Its path, as it was given.
    pub path: String,
    /// What it is: `npy archive`.
    pub kind: Option<String>,
    /// Its length.
    pub bytes: Option<u64>,
    /// What its bytes are, in the order in which they are drawn.
    pub spans: Vec<Span>,
    /// Its arrays.
    pub arrays: Vec<ArrayReport>,
    /// What is in it besides arrays, with its length.
    pub others: Vec<(String, u64)>,
    /// What cannot be read of it, or is wrong with it.
    pub errors: Vec<String>,
}

/// Some bytes of a file.
#[derive(Clone, Debug)]
pub struct Span {
    /// What they are.
    pub part: Part,
    /// The same in words.
    pub name: String,
    /// How many they are.
    pub bytes: u64,
}

/// What bytes of a file are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Headers of arrays.
    Header,
    /// Items of arrays.
    Items,
    /// Pickles.
    Pickle,
    /// What makes an archive of its members.
    Zip,
    /// Members that are no arrays, and what is unknown.
    Other,
    /// What follows the last array.
    After,
}

/// What is known of one array.
#[derive(Clone, Debug, Default)]
pub struct ArrayReport {
    /// Its name in the file, or nothing if there is just one.
    pub name: String,
    /// Its dtype, in short.
    pub dtype: String,
    /// Its shape.
    pub shape: String,
    /// Everything else that its header says, and how it is stored.
    pub facts: Vec<String>,
    /// Statistics: what is counted, and the value.
    pub stats: Vec<(String, String)>,
    /// How the statistics were made, if they are not those of all values.
    pub note: Option<String>,
    /// The fields of records.
    pub fields: Vec<[String; 5]>,
    /// Pictures of the values.
    pub pictures: Pictures,
    /// The values as NumPy prints them, in short.
    pub values: String,
    /// Why its values cannot be read.
    pub error: Option<String>,
}

impl Report {
    /// The page.
    pub fn html(&self) -> String {
        html::page(self)
    }
}
