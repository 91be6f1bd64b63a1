//! Names that a pickle imports from Python's modules: a closed list of those with a meaning, and all others.

use crate::{Error, ErrorKind};
use flatfile::dtype::Number;
use std::sync::LazyLock;

/// A name on the list.
#[derive(Debug)]
pub(super) struct Known {
    /// The modules that have it, the newest first.
    modules: &'static [&'static str],
    name: &'static str,
    pub(super) meaning: Meaning,
}

/// What a name on the list stands for. None is ever called: `call` defines the value that each makes of its
/// arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Meaning {
    Reconstruct,
    Scalar,
    FromBuffer,
    /// `ndarray`, or a subclass of it that adds no data.
    NdArray,
    DType,
    /// The scalar type of records with attributes, as the name of a dtype.
    RecordType,
    /// A scalar type of ml_dtypes, as the name of a dtype.
    MlDType,
    StringType,
    Encode,
    Set,
    FrozenSet,
    List,
    Tuple,
    Dict,
    Bytes,
    ByteArray,
    Complex,
    /// A type that only occurs as the default of a `defaultdict`, or as a class by itself.
    TypeOnly,
    Range,
    Slice,
    /// A name in something that has a name: a method of a class.
    GetAttr,
    /// The class of its first argument, of an object without arguments.
    Reconstructor,
    /// The class of its first argument, of an object of the other arguments.
    NewObject,
    OrderedDict,
    DefaultDict,
    Counter,
    Deque,
    Date,
    Time,
    DateTime,
    Delta,
    Zone,
    Decimal,
    PosixPath,
    WindowsPath,
}

const fn known(modules: &'static [&'static str], name: &'static str, meaning: Meaning) -> Known {
    Known {
        modules,
        name,
        meaning,
    }
}

static KNOWN: [Known; 47] = [
    known(MULTIARRAY, "_reconstruct", Meaning::Reconstruct),
    known(MULTIARRAY, "scalar", Meaning::Scalar),
    known(NUMERIC, "_frombuffer", Meaning::FromBuffer),
    known(&["numpy"], "ndarray", Meaning::NdArray),
    known(
        &["numpy", "numpy.matrixlib.defmatrix", "numpy.core.defmatrix"],
        "matrix",
        Meaning::NdArray,
    ),
    known(RECORDS, "recarray", Meaning::NdArray),
    known(
        &["numpy", "numpy._core.memmap", "numpy.core.memmap"],
        "memmap",
        Meaning::NdArray,
    ),
    known(CHARS, "chararray", Meaning::NdArray),
    known(&["numpy"], "dtype", Meaning::DType),
    known(RECORDS, "record", Meaning::RecordType),
    known(
        INTERNAL,
        "_convert_to_stringdtype_kwargs",
        Meaning::StringType,
    ),
    known(&["_codecs"], "encode", Meaning::Encode),
    known(BUILTINS, "set", Meaning::Set),
    known(BUILTINS, "frozenset", Meaning::FrozenSet),
    known(BUILTINS, "list", Meaning::List),
    known(BUILTINS, "tuple", Meaning::Tuple),
    known(BUILTINS, "dict", Meaning::Dict),
    known(BUILTINS, "bytes", Meaning::Bytes),
    known(BUILTINS, "bytearray", Meaning::ByteArray),
    known(BUILTINS, "complex", Meaning::Complex),
    known(BUILTINS, "int", Meaning::TypeOnly),
    known(BUILTINS, "long", Meaning::TypeOnly),
    known(BUILTINS, "float", Meaning::TypeOnly),
    known(BUILTINS, "bool", Meaning::TypeOnly),
    known(BUILTINS, "str", Meaning::TypeOnly),
    known(BUILTINS, "unicode", Meaning::TypeOnly),
    known(BUILTINS, "object", Meaning::TypeOnly),
    known(BUILTINS, "range", Meaning::Range),
    known(BUILTINS, "xrange", Meaning::Range),
    known(BUILTINS, "slice", Meaning::Slice),
    known(BUILTINS, "getattr", Meaning::GetAttr),
    known(
        &["copyreg", "copy_reg"],
        "_reconstructor",
        Meaning::Reconstructor,
    ),
    known(&["copyreg", "copy_reg"], "__newobj__", Meaning::NewObject),
    known(&["collections"], "OrderedDict", Meaning::OrderedDict),
    known(&["collections"], "defaultdict", Meaning::DefaultDict),
    known(&["collections"], "Counter", Meaning::Counter),
    known(&["collections"], "deque", Meaning::Deque),
    known(&["datetime"], "date", Meaning::Date),
    known(&["datetime"], "time", Meaning::Time),
    known(&["datetime"], "datetime", Meaning::DateTime),
    known(&["datetime"], "timedelta", Meaning::Delta),
    known(&["datetime"], "timezone", Meaning::Zone),
    known(&["decimal", "_decimal"], "Decimal", Meaning::Decimal),
    known(PATHLIB, "PosixPath", Meaning::PosixPath),
    known(PATHLIB, "PurePosixPath", Meaning::PosixPath),
    known(PATHLIB, "WindowsPath", Meaning::WindowsPath),
    known(PATHLIB, "PureWindowsPath", Meaning::WindowsPath),
];

const MULTIARRAY: &[&str] = &["numpy._core.multiarray", "numpy.core.multiarray"];
const NUMERIC: &[&str] = &["numpy._core.numeric", "numpy.core.numeric"];
const INTERNAL: &[&str] = &["numpy._core._internal", "numpy.core._internal"];
const RECORDS: &[&str] = &[
    "numpy.rec",
    "numpy",
    "numpy._core.records",
    "numpy.core.records",
];
const CHARS: &[&str] = &[
    "numpy.char",
    "numpy",
    "numpy._core.defchararray",
    "numpy.core.defchararray",
];
const ML_DTYPES: &[&str] = &["ml_dtypes", "ml_dtypes._ml_dtypes_ext"];
const BUILTINS: &[&str] = &["builtins", "__builtin__"];
const PATHLIB: &[&str] = &["pathlib", "pathlib._local"];

/// The scalar types of ml_dtypes.
static ML_KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let numbers = Number::ALL.iter().filter(|number| number.is_extension());
    let known = numbers.map(|number| known(ML_DTYPES, number.info().name, Meaning::MlDType));
    known.collect()
});

/// The class whose state is an integer: it is created without arguments, so that its meaning is known at the end.
pub(super) const UUID: &str = "uuid.UUID";

/// The entry of this name. Names with dots, which Python would follow, are not on the list.
pub(super) fn find(module: &str, name: &str) -> Option<&'static Known> {
    let is_it = |known: &&Known| known.name == name && known.modules.contains(&module);
    let found = KNOWN.iter().find(is_it);
    found.or_else(|| ML_KNOWN.iter().find(is_it))
}

/// The name of a module in Python 3, which also writes the old ones in its protocols 0 to 2.
///
/// Source: `Lib/_compat_pickle.py` of CPython, but only the modules that are always loaded.
pub(super) fn module_name(module: &str) -> &str {
    match module {
        "__builtin__" | "exceptions" => "builtins",
        "copy_reg" => "copyreg",
        other => other,
    }
}

/// The error of a name that is not on the list.
pub(super) fn unknown(module: &str, name: &str) -> Error {
    // For a name of megabytes the beginning is enough.
    let [module, name] = [module, name].map(|word| word.chars().take(MAX_SHOWN).collect());
    ErrorKind::Global { module, name }.into()
}

impl Known {
    /// Its name in messages.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Its module and name, as Python 3 and NumPy 2 have them.
    pub(super) fn full_name(&self) -> String {
        let name = match self.name {
            "long" => "int",
            "unicode" => "str",
            "xrange" => "range",
            name => name,
        };
        format!("{}.{name}", self.modules.first().unwrap_or(&""))
    }

    /// Whether it is only used for objects of classes that are not on the list.
    pub(super) fn is_for_opaque(&self) -> bool {
        matches!(
            self.meaning,
            Meaning::GetAttr | Meaning::Reconstructor | Meaning::NewObject
        )
    }

    /// Whether it takes any number of arguments.
    pub(super) fn takes_any_number(&self) -> bool {
        matches!(
            self.meaning,
            Meaning::NewObject | Meaning::PosixPath | Meaning::WindowsPath
        )
    }

    /// The error of using it with arguments that it never has.
    pub(super) fn call_error(&self, expected: &'static str) -> Error {
        let global = self.name;
        ErrorKind::Call { global, expected }.into()
    }
}

/// The number of characters of a name that an error shows.
const MAX_SHOWN: usize = 80;
