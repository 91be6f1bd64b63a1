//! Evidence about the long doubles of one array, whose items may be read in several parts.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether some item has shown that the items are x87 numbers: shared by the blocks of one array.
pub(crate) type Proof = Arc<AtomicBool>;

/// The evidence so far about the format of an array's long doubles; several threads may check parts of the array.
#[derive(Debug, Default)]
pub(crate) struct Evidence {
    proof: Proof,
    is_suspect: AtomicBool,
    is_strict: AtomicBool,
}

impl Evidence {
    /// For an array whose parts are read in sequence: a part that has only likely quads, like all before it, is an
    /// error at once.
    pub(crate) fn in_sequence(proof: Option<&Proof>) -> Evidence {
        let evidence = Evidence::in_any_order(proof);
        evidence.is_strict.store(true, Ordering::Relaxed);
        evidence
    }

    /// For an array whose parts are read in any order: see [`is_undecided`](Evidence::is_undecided).
    pub(crate) fn in_any_order(proof: Option<&Proof>) -> Evidence {
        Evidence {
            proof: proof.cloned().unwrap_or_default(),
            ..Evidence::default()
        }
    }

    /// Whether the parts had likely quads and nothing else. Then they must be checked again, after
    /// [`be_strict`](Evidence::be_strict), so that the error names the item.
    pub(crate) fn is_undecided(&self) -> bool {
        self.is_suspect.load(Ordering::Relaxed) && !self.is_proven()
    }

    /// Makes the next part that has likely quads an error.
    pub(crate) fn be_strict(&self) {
        self.is_strict.store(true, Ordering::Relaxed);
    }

    pub(super) fn prove(&self) {
        self.proof.store(true, Ordering::Relaxed);
    }

    pub(super) fn is_proven(&self) -> bool {
        self.proof.load(Ordering::Relaxed)
    }

    /// Records a part that had likely quads and nothing else, and returns whether that is an error.
    pub(super) fn suspect(&self) -> bool {
        self.is_suspect.store(true, Ordering::Relaxed);
        self.is_strict.load(Ordering::Relaxed) && !self.is_proven()
    }
}
