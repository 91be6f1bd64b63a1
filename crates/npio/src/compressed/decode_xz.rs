//! xz data, without allocating what it declares: [`Xz`].

use lzma_rust2::{Action, Status, XzStream};
use std::io::{self, BufRead, Read};

/// Consecutive xz streams to the end of their source. The dictionary grows with the output.
pub(super) struct Xz<R> {
    input: R,
    stream: XzStream,
    is_over: bool,
}

impl<R> Xz<R> {
    pub(super) fn new(input: R) -> Xz<R> {
        Xz {
            input,
            stream: XzStream::new(true),
            is_over: false,
        }
    }

    pub(super) fn get_ref(&self) -> &R {
        &self.input
    }
}

impl<R: BufRead> Read for Xz<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while !self.is_over && !out.is_empty() {
            let input = self.input.fill_buf()?;
            let is_last = input.is_empty();
            let action = if is_last { Action::Finish } else { Action::Run };
            let result = self.stream.process(input, out, action)?;
            self.input.consume(result.bytes_consumed);
            self.is_over = result.status == Status::StreamEnd;
            if result.bytes_produced > 0 {
                return Ok(result.bytes_produced);
            }
            if is_last && !self.is_over {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(0)
    }
}
