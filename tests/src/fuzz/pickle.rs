//! Any bytes as a pickle.

/// A valid pickle is written as one that reads back as the same value, and its value can be printed; an error's
/// position is in the pickle. None of this takes more memory or levels than the bytes allow.
///
/// # Panics
/// If that does not hold.
pub fn pickle(data: &[u8]) {
    let (value, length) = match npmeta::pickle::parse(data) {
        Ok(parsed) => parsed,
        Err(error) => {
            assert!(
                error.offset().is_none_or(|at| at <= data.len() as u64),
                "{error}"
            );
            return;
        }
    };
    assert!(length <= data.len());
    let written = npmeta::pickle::to_bytes(&value).expect("as deep as what was read");
    let (again, length) = npmeta::pickle::parse(&written).expect("what was written");
    assert_eq!(length, written.len());
    assert_eq!(npmeta::pickle::to_bytes(&again).ok(), Some(written));
    // One text can occur as often as there are bytes.
    if data.len() < 1024 {
        assert_eq!(value.to_string(), again.to_string());
        if let Ok(text) = npmeta::json::Style::Compact.to_string(&value) {
            npmeta::json::parse(&text).expect("JSON");
        }
    }
}
