//! Arrays of the ndarray crate through every entry point: they are saved like npio's own.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use cap::Cap;
use npio::ndarray::cow_strided;
use npio::ndarray::ndarray::{Array2, ArrayD, Axis, s};
use npio::{Array, Order, SaveOptions};
use std::alloc::System;
use std::path::Path;

#[global_allocator]
static ALLOCATOR: Cap<System> = Cap::new(System, usize::MAX);

const MIB: usize = 1 << 20;

/// The limit applies to the whole program, so one test does everything in turn.
#[test]
fn arrays_of_ndarray_are_loaded_once_and_saved_the_same() {
    let folder = tempfile::tempdir().unwrap();
    saved_the_same(folder.path());
    loaded_in_place(folder.path());
}

fn saved_the_same(folder: &Path) {
    let x = Array2::from_shape_fn((5, 6), |(i, j)| (i * 6 + j) as f64 / 4.0);
    let mut reversed = x.view();
    reversed.invert_axis(Axis(0));
    let views = [
        x.view(),
        x.t(),
        reversed,
        x.slice(s![1..;2, ..;-3]),
        x.slice(s![..0, ..]),
    ];
    for view in views {
        let is_fortran = !view.is_standard_layout() && view.t().is_standard_layout();
        let own = Array::from_vec(view.iter().copied().collect(), view.shape()).unwrap();
        let own = if is_fortran {
            own.to_order(Order::Fortran).unwrap()
        } else {
            own
        };
        let from = cow_strided(&view).unwrap();
        let path = |name: &str| folder.join(name);
        let same = |name: &str| {
            let files = [format!("own{name}"), format!("nd{name}")];
            let [own, nd] = files.map(|name| std::fs::read(folder.join(name)).unwrap());
            assert_eq!(own, nd, "{name} of {view}");
        };
        npio::save(path("own.npy"), &own).unwrap();
        npio::save(path("nd.npy"), &from).unwrap();
        same(".npy");
        let back: ArrayD<f64> = npio::load_ndarray(path("nd.npy")).unwrap();
        assert_eq!(back, view.into_dyn());
        npio::savez(path("own.npz"), [("x", &own)]).unwrap();
        npio::savez(path("nd.npz"), [("x", &from)]).unwrap();
        same(".npz");
        npio::savez_compressed(path("own.c.npz"), [("x", &own)]).unwrap();
        npio::savez_compressed(path("nd.c.npz"), [("x", &from)]).unwrap();
        same(".c.npz");
        let back: Array2<f64> = npio::load_npz(path("nd.c.npz"))
            .unwrap()
            .load_ndarray("x")
            .unwrap();
        assert_eq!(back, view);
        npio::tofile(path("own.raw"), &own).unwrap();
        npio::tofile(path("nd.raw"), &from).unwrap();
        same(".raw");
        npio::savetxt(path("own.txt"), &own).unwrap();
        npio::savetxt(path("nd.txt"), &from).unwrap();
        same(".txt");
        npio::tofile_sep(path("own.sep"), &own, ",").unwrap();
        npio::tofile_sep(path("nd.sep"), &from, ",").unwrap();
        same(".sep");
    }
}

/// 32 MiB of numbers take 32 MiB and the readers' own memory, in either order.
fn loaded_in_place(folder: &Path) {
    let array = Array::from_vec(vec![0.5f64; 4 * MIB], [2048, 2048]).unwrap();
    let (npy, npz) = (folder.join("large.npy"), folder.join("large.npz"));
    for order in [Order::C, Order::Fortran] {
        SaveOptions::new().order(order).save(&npy, &array).unwrap();
        npio::SavezOptions::new()
            .order(order)
            .savez(&npz, [("x", &array)])
            .unwrap();
        let archive = npio::load_npz(&npz).unwrap();
        ALLOCATOR
            .set_limit(ALLOCATOR.allocated() + 40 * MIB)
            .unwrap();
        let x: ArrayD<f64> = npio::load_ndarray(&npy).unwrap();
        let is_fortran = x.t().is_standard_layout();
        drop(x);
        let y: Array2<f64> = archive.load_ndarray("x").unwrap();
        ALLOCATOR.set_limit(usize::MAX).unwrap();
        assert_eq!(
            (is_fortran, y.sum()),
            (order == Order::Fortran, 2.0 * MIB as f64)
        );
    }
}

#[test]
fn errors_say_the_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x.npy");
    npio::save(&path, Array::from_slice(&[1i32, 2], [2]).unwrap()).unwrap();
    let file = path.display();
    assert_eq!(
        npio::load_ndarray::<i32, npio::ndarray::ndarray::Ix2>(&path)
            .unwrap_err()
            .to_string(),
        format!("{file}: the array has another number of axes: expected 2, found 1")
    );
    assert_eq!(
        npio::load_ndarray::<f64, npio::ndarray::ndarray::Ix1>(&path)
            .unwrap_err()
            .to_string(),
        format!("{file}: the items are of another type: expected '<f8', found '<i4'")
    );
}
