//! Arrays that are read in sequence, for whoever reads them more than once or out of sequence: [`spooled`].

use crate::array_blocks::ArrayBlocks;
use crate::source::{Input, io_input_error};
use npio::{Layout, OpenArray, RandomAccessFile, Reader};
use std::fs::File;
use std::io::{self, Write};

/// Arrays up to this size go into memory, larger ones into a temporary file.
const IN_MEMORY: usize = 64 << 20;

/// All items, in memory or in a temporary file that has no name. `check` gets the number of bytes in each block, and may
/// end the work.
pub(crate) fn spooled(
    input: &Input,
    mut blocks: ArrayBlocks<'_>,
    mut check: impl FnMut(u64) -> io::Result<()>,
) -> anyhow::Result<OpenArray<'static>> {
    let layout = blocks.layout()?.clone();
    let in_input = |error| io_input_error(error).in_file(&input.name);
    let mut spool = Spool::new(&layout).map_err(in_input)?;
    for block in blocks.blocks {
        let block = block?;
        let bytes = block.as_bytes();
        let written = spool.write(bytes).and_then(|()| check(bytes.len() as u64));
        written.map_err(in_input)?;
    }
    Ok(match spool {
        Spool::Memory(bytes) => Reader::raw(bytes, layout, 0).in_file(input.name.path()),
        Spool::File(file) => {
            let file = RandomAccessFile::from(file);
            Reader::raw(file, layout, 0).in_file(input.name.path())
        }
    })
}

/// Where the items go.
enum Spool {
    Memory(Vec<u8>),
    File(File),
}

impl Spool {
    fn new(layout: &Layout) -> io::Result<Spool> {
        if layout.nbytes() <= IN_MEMORY {
            return Ok(Spool::Memory(Vec::new()));
        }
        Ok(Spool::File(tempfile::tempfile()?))
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Spool::Memory(memory) => memory.extend_from_slice(bytes),
            Spool::File(file) => file.write_all(bytes)?,
        }
        Ok(())
    }
}
