//! The names of dtypes.

use flatfile::dtype::DType;

/// A dtype of safetensors: its name, the number of bits of an item, and the dtype of one item in whole bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct TensorDType(usize);

/// In the order in which the reference implementation sorts them: by alignment.
const DTYPES: &[(&str, u32, Option<DType>)] = &[
    ("BOOL", 8, Some(DType::Bool)),
    // Several in a byte; nothing says in which order.
    ("F4", 4, None),
    ("F6_E2M3", 6, None),
    ("F6_E3M2", 6, None),
    ("U8", 8, Some(DType::U8)),
    ("I8", 8, Some(DType::I8)),
    ("F8_E5M2", 8, Some(DType::F8E5M2)),
    ("F8_E4M3", 8, Some(DType::F8E4M3FN)),
    ("F8_E8M0", 8, Some(DType::F8E8M0FNU)),
    ("F8_E4M3FNUZ", 8, Some(DType::F8E4M3FNUZ)),
    ("F8_E5M2FNUZ", 8, Some(DType::F8E5M2FNUZ)),
    ("I16", 16, Some(DType::I16)),
    ("U16", 16, Some(DType::U16)),
    ("F16", 16, Some(DType::F16)),
    ("BF16", 16, Some(DType::BF16)),
    ("I32", 32, Some(DType::I32)),
    ("U32", 32, Some(DType::U32)),
    ("F32", 32, Some(DType::F32)),
    ("C64", 64, Some(DType::C64)),
    ("F64", 64, Some(DType::F64)),
    ("I64", 64, Some(DType::I64)),
    ("U64", 64, Some(DType::U64)),
];

impl TensorDType {
    pub(super) fn from_name(name: &str) -> Option<TensorDType> {
        let found = DTYPES.iter().position(|(known, ..)| *known == name);
        found.map(TensorDType)
    }

    /// The one whose items are of this dtype, byte order aside.
    pub(super) fn of(dtype: &DType) -> Option<TensorDType> {
        let native = Some(dtype.with_byte_order(flatfile::dtype::ByteOrder::NATIVE));
        let found = DTYPES.iter().position(|(.., known)| *known == native);
        found.map(TensorDType)
    }

    /// Its place among all.
    pub(super) fn rank(self) -> usize {
        self.0
    }

    fn row(self) -> (&'static str, u32, Option<DType>) {
        DTYPES.get(self.0).cloned().unwrap_or_default()
    }

    pub(super) fn name(self) -> &'static str {
        self.row().0
    }

    pub(super) fn bits(self) -> u32 {
        self.row().1
    }

    /// In native byte order; `None` if several items are in one byte.
    pub(super) fn dtype(self) -> Option<DType> {
        self.row().2
    }
}
