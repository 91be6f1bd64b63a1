//! The closed list of names that a pickle may import from Python's modules.

use crate::{Error, ErrorKind};

/// The meaning of a name on the list. None is ever called: `call` defines the value that each makes of its
/// arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Global {
    Reconstruct,
    Scalar,
    FromBuffer,
    NdArray,
    DType,
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
    /// A type that only occurs as the default of a `defaultdict`.
    TypeOnly,
    OrderedDict,
    DefaultDict,
    Deque,
    Date,
    Time,
    DateTime,
    Delta,
    Zone,
}

/// The modules that have the name, the name in them, and its meaning.
const GLOBALS: [(&[&str], &str, Global); 29] = [
    (MULTIARRAY, "_reconstruct", Global::Reconstruct),
    (MULTIARRAY, "scalar", Global::Scalar),
    (NUMERIC, "_frombuffer", Global::FromBuffer),
    (&["numpy"], "ndarray", Global::NdArray),
    (&["numpy"], "dtype", Global::DType),
    (
        INTERNAL,
        "_convert_to_stringdtype_kwargs",
        Global::StringType,
    ),
    (&["_codecs"], "encode", Global::Encode),
    (BUILTINS, "set", Global::Set),
    (BUILTINS, "frozenset", Global::FrozenSet),
    (BUILTINS, "list", Global::List),
    (BUILTINS, "tuple", Global::Tuple),
    (BUILTINS, "dict", Global::Dict),
    (BUILTINS, "bytes", Global::Bytes),
    (BUILTINS, "bytearray", Global::ByteArray),
    (BUILTINS, "complex", Global::Complex),
    (BUILTINS, "int", Global::TypeOnly),
    (BUILTINS, "long", Global::TypeOnly),
    (BUILTINS, "float", Global::TypeOnly),
    (BUILTINS, "bool", Global::TypeOnly),
    (BUILTINS, "str", Global::TypeOnly),
    (BUILTINS, "unicode", Global::TypeOnly),
    (&["collections"], "OrderedDict", Global::OrderedDict),
    (&["collections"], "defaultdict", Global::DefaultDict),
    (&["collections"], "deque", Global::Deque),
    (&["datetime"], "date", Global::Date),
    (&["datetime"], "time", Global::Time),
    (&["datetime"], "datetime", Global::DateTime),
    (&["datetime"], "timedelta", Global::Delta),
    (&["datetime"], "timezone", Global::Zone),
];

const MULTIARRAY: &[&str] = &["numpy._core.multiarray", "numpy.core.multiarray"];
const NUMERIC: &[&str] = &["numpy._core.numeric", "numpy.core.numeric"];
const INTERNAL: &[&str] = &["numpy._core._internal", "numpy.core._internal"];
const BUILTINS: &[&str] = &["builtins", "__builtin__"];

impl Global {
    /// The meaning of this name. Names with dots, which Python would follow, are not on the list.
    pub(super) fn find(module: &str, name: &str) -> Result<Global, Error> {
        let mut globals = GLOBALS.iter();
        let found = globals.find(|(modules, known, _)| modules.contains(&module) && *known == name);
        found.map(|(.., global)| *global).ok_or_else(|| {
            // For a name of megabytes the beginning is enough.
            let [module, name] = [module, name].map(|word| word.chars().take(MAX_SHOWN).collect());
            ErrorKind::Global { module, name }.into()
        })
    }

    /// Its name in messages.
    pub(super) fn name(self) -> &'static str {
        let mut globals = GLOBALS.iter();
        globals
            .find(|(.., global)| *global == self)
            .map_or("", |(_, name, _)| name)
    }

    /// The error of using it with arguments that it never has.
    pub(super) fn call_error(self, expected: &'static str) -> Error {
        let global = self.name();
        ErrorKind::Call { global, expected }.into()
    }
}

/// The number of characters of a name that an error shows.
const MAX_SHOWN: usize = 80;
