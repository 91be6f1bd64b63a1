//! Every block of docs/cookbook.md, as it stands there: the Rust ones are copied to `blocks.rs`, and compared with the document.

#![cfg(unix)]
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod blocks;

use npio::meta::Dict;
use npio::{Array, Value};
use std::error::Error;
use std::path::Path;
use std::process::Command;
use std::{env, fs};

/// What a block comes to.
type Outcome = Result<(), Box<dyn Error>>;

/// The files that the blocks begin with.
fn prepare(folder: &Path) -> Outcome {
    env::set_current_dir(folder)?;
    let x = Array::from_slice(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [2, 3])?;
    npio::save("x.npy", &x)?;
    npio::save("row.npy", &Array::from_slice(&[7.0, 8.0, 9.0], [1, 3])?)?;
    npio::save("y.npy", &Array::from_slice(&[1i64, 2], [2])?)?;
    npio::savetxt("x.csv", &Array::from_slice(&[1.0, 2.0], [2])?)?;
    let other = Array::from_vec((1..=20).map(f64::from).collect(), [20])?;
    npio::savez("x.npz", [("x", &x), ("other", &other)])?;
    let mdata: Dict = [("author", Value::from("Emma"))].into_iter().collect();
    npio::save_value("mdata.npy", &mdata.into())?;
    fs::write("sensor.bin", b"HEADER..\x00\x01\x00\x02\x00\x03")?;
    fs::write("fish.csv", "name,length\ncod,90.5\neel,120\n")?;
    Ok(())
}

/// One test, since the folder is the whole program's.
#[test]
fn every_block() {
    let document = concat!(env!("CARGO_MANIFEST_DIR"), "/../docs/cookbook.md");
    let document = fs::read_to_string(document).unwrap();
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cookbook/blocks.rs");
    let squeezed = |code: &str| -> String { code.split_whitespace().collect() };
    let here = squeezed(&fs::read_to_string(here).unwrap());
    let blocks = |kind: &str| -> Vec<String> {
        let begin = format!("```{kind}\n");
        let blocks = document.split(begin.as_str()).skip(1);
        blocks
            .map(|block| block.split("```").next().unwrap().to_owned())
            .collect()
    };
    let rust = blocks("rust");
    for block in &rust {
        // Formatting may add commas and brackets around what is long.
        assert!(
            here.contains(&squeezed(block)),
            "not in tests/cookbook/blocks.rs:\n{block}"
        );
    }
    assert_eq!(rust.len(), BLOCKS.len());
    for (i, block) in BLOCKS.iter().enumerate() {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path()).unwrap();
        block().unwrap_or_else(|error| panic!("block {i}: {error}"));
    }
    let path = conformance::command_path();
    let path = Path::new(&path).parent().unwrap();
    let path = format!("{}:{}", path.display(), env::var("PATH").unwrap());
    for script in blocks("sh") {
        let folder = tempfile::tempdir().unwrap();
        prepare(folder.path()).unwrap();
        let ran = Command::new("sh")
            .args(["-ec", &script])
            .env("PATH", &path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&ran.stderr).into_owned();
        assert!(ran.status.success() && said.is_empty(), "{script}\n{said}");
    }
}

const BLOCKS: &[fn() -> Outcome] = &[
    blocks::load_an_array_when_you_know_its_type,
    blocks::load_an_array_when_you_do_not,
    blocks::see_what_a_file_is_without_reading_its_data,
    blocks::read_some_rows_of_a_large_file,
    blocks::go_through_an_array_that_is_larger_than_memory,
    blocks::map_a_file_instead_of_loading_it,
    blocks::change_some_items_of_a_file_in_place,
    blocks::let_a_file_grow_row_by_row,
    blocks::write_an_array_whose_number_of_rows_is_not_known_yet,
    blocks::read_what_came_over_the_network_and_write_what_goes_there,
    blocks::convert_while_loading_another_type_order_byte_order,
    blocks::read_a_raw_binary_file_that_has_a_header_of_its_own,
    blocks::put_the_layout_into_the_name_of_a_raw_file,
    blocks::read_a_csv_file_with_names_and_different_types,
    blocks::write_text_that_other_programs_read,
    blocks::keep_several_arrays_in_one_file_and_get_one_of_them_back,
    blocks::load_the_arrays_of_an_archive_in_parallel,
    blocks::use_an_array_of_an_archive_without_copying_it,
    blocks::replace_rename_or_remove_one_array_of_a_large_archive,
    blocks::keep_facts_beside_the_data,
    blocks::read_a_pickled_dict_without_running_anything,
    blocks::read_the_same_bytes_as_another_type,
    blocks::know_how_large_a_file_becomes_before_it_is_written,
    blocks::find_out_whether_files_are_whole_and_whether_two_are_the_same,
];
