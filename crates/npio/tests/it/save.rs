//! Replacing files: permissions that are kept, links that are followed, and files that a failure leaves.

use npio::{Array, DType, ErrorClass, Layout, SaveOptions};
use std::fs;
use std::path::Path;

fn array(items: &[f64]) -> Array {
    Array::from_slice(items, [items.len()]).unwrap()
}

fn items(path: &Path) -> Vec<f64> {
    npio::load_vec(path).unwrap().0
}

/// Every way to save replaces the existing file, and leaves nothing else in the folder.
#[test]
fn every_way_replaces() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    for (i, options) in [
        SaveOptions::new().create_new(),
        SaveOptions::new(),
        SaveOptions::new().durable(),
        SaveOptions::new().in_place(),
        SaveOptions::new().in_place().durable(),
    ]
    .into_iter()
    .enumerate()
    {
        let new = vec![i as f64; i + 1];
        options.save(&path, array(&new)).unwrap();
        assert_eq!(items(&path), new);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

#[test]
fn what_is_there_stays_where_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, array(&[1.0])).unwrap();
    for options in [SaveOptions::new(), SaveOptions::new().in_place()] {
        let error = options.create_new().save(&path, array(&[2.0])).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Io);
    }
    assert_eq!(items(&path), [1.0]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn a_failure_leaves_the_old_file_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, array(&[1.0])).unwrap();
    // A header that version 1.0 cannot hold.
    let dtype: DType = "[('ж', '<f8')]".parse().unwrap();
    let layout = Layout::new(dtype, [1], npio::Order::C).unwrap();
    let record = Array::new(layout, vec![0u8; 8]).unwrap();
    let options = SaveOptions::new().version(npio::header::Version::V1);
    let error = options.save(&path, &record).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Unsupported);
    assert!(
        error
            .to_string()
            .ends_with("x.npy: npy version 1.0 cannot hold this header")
    );
    assert_eq!(items(&path), [1.0]);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);

    let nowhere = folder.path().join("no/x.npy");
    let error = npio::save(&nowhere, array(&[1.0])).unwrap_err();
    assert_eq!(
        (error.class(), error.path()),
        (ErrorClass::NotFound, Some(nowhere.as_path()))
    );
    let error = npio::save(folder.path(), array(&[1.0])).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Io);
}

#[cfg(unix)]
mod unix {
    use super::*;
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

    #[test]
    fn links_are_followed() {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir(folder.path().join("deep")).unwrap();
        let real = folder.path().join("deep/real.npy");
        let link = folder.path().join("link.npy");
        symlink("deep/chain.npy", &link).unwrap();
        symlink("real.npy", folder.path().join("deep/chain.npy")).unwrap();
        // First to a new file, then to an existing one.
        for new in [[1.0], [2.0]] {
            npio::save(&link, array(&new)).unwrap();
            assert_eq!(items(&real), new);
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        }
        symlink("round.npy", folder.path().join("round.npy")).unwrap();
        assert!(npio::save(folder.path().join("round.npy"), array(&[1.0])).is_err());
    }

    #[test]
    fn permissions_stay_but_for_setuid() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.npy");
        npio::save(&path, array(&[1.0])).unwrap();
        for (before, after) in [(0o640, 0o640), (0o4755, 0o755)] {
            fs::set_permissions(&path, fs::Permissions::from_mode(before)).unwrap();
            npio::save(&path, array(&[2.0])).unwrap();
            assert_eq!(fs::metadata(&path).unwrap().mode() & 0o7777, after);
        }
    }

    #[test]
    fn a_pipe_is_written_in_place() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&path).status();
        if !made.is_ok_and(|status| status.success()) {
            return;
        }
        let reader = std::thread::spawn({
            let path = path.clone();
            move || npio::load_vec::<f64>(path).unwrap().0
        });
        npio::save(&path, array(&[1.0, 2.0])).unwrap();
        assert_eq!(reader.join().unwrap(), [1.0, 2.0]);
    }
}

/// Items in every form, saved alike.
#[test]
fn items_of_slices_vectors_and_arrays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    let vector = vec![1i16, 2, 3];
    let check = |shape: &[usize]| {
        let saved = npio::load(&path).unwrap();
        assert_eq!(
            (saved.shape(), saved.to_vec::<i16>().unwrap()),
            (shape, vec![1, 2, 3])
        );
    };
    npio::save(&path, &vector).unwrap();
    check(&[3]);
    npio::save(&path, &vector[..]).unwrap();
    check(&[3]);
    npio::save(&path, [1i16, 2, 3]).unwrap();
    check(&[3]);
    npio::save(&path, [[1i16, 2, 3]]).unwrap();
    check(&[1, 3]);
    npio::save(&path, Array::from_vec(vector, [3, 1]).unwrap()).unwrap();
    check(&[3, 1]);
    let mut rows = SaveOptions::new().rows(&path, DType::I16, []).unwrap();
    rows.push([1i16]).unwrap();
    rows.push(vec![2i16, 3]).unwrap();
    rows.finish().unwrap();
    check(&[3]);
    let empty: [f64; 0] = [];
    npio::save(&path, empty).unwrap();
    assert_eq!(npio::load(&path).unwrap().shape(), [0]);
}
