//! How fast a web server is: requests addresses over one plain socket, reads the answers into one buffer, and forgets
//! them: `discard http://host:port/path...`. What no client can be faster than, for `cargo xtask servers throughput`.
//!
//! It understands just enough HTTP for a server that declares lengths and keeps connections open.

use std::error::Error;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::Instant;

/// Small enough for a processor's cache.
const BUFFER: usize = 256 << 10;

struct Connection {
    host: String,
    socket: BufReader<TcpStream>,
    buffer: Vec<u8>,
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut connection: Option<Connection> = None;
    for url in std::env::args().skip(1) {
        let start = Instant::now();
        let rest = url.strip_prefix("http://").ok_or("expected http://")?;
        let (host, path) = rest.split_once('/').ok_or("expected a path")?;
        let mut open = match connection.take().filter(|open| open.host == host) {
            Some(open) => open,
            None => Connection::new(host)?,
        };
        let bytes = open.get(path)?;
        let took = start.elapsed().as_secs_f64();
        println!("{took:.6}  {bytes} bytes  {url}");
        connection = Some(open);
    }
    Ok(())
}

impl Connection {
    fn new(host: &str) -> Result<Connection, Box<dyn Error>> {
        let socket = TcpStream::connect(host)?;
        socket.set_nodelay(true)?;
        Ok(Connection {
            host: host.to_owned(),
            socket: BufReader::new(socket),
            buffer: vec![0; BUFFER],
        })
    }

    /// The length of the object at this path, which is read to its end.
    fn get(&mut self, path: &str) -> Result<u64, Box<dyn Error>> {
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {}\r\n\r\n", self.host);
        self.socket.get_mut().write_all(request.as_bytes())?;
        let length = self.head()?;
        let mut missing = length;
        while missing > 0 {
            let most = self.buffer.len().min(missing.try_into().unwrap_or(BUFFER));
            let space = self.buffer.get_mut(..most).unwrap_or_default();
            let count = self.socket.read(space)?;
            if count == 0 {
                return Err(format!("the answer ends {missing} bytes early").into());
            }
            missing -= count as u64;
        }
        Ok(length)
    }

    /// Reads the head of an answer. Returns the length of its body.
    fn head(&mut self) -> Result<u64, Box<dyn Error>> {
        let mut line = String::new();
        self.socket.read_line(&mut line)?;
        if !line.starts_with("HTTP/1.1 200 ") {
            return Err(format!("expected 200 OK, found {:?}", line.trim_end()).into());
        }
        let mut length = None;
        loop {
            line.clear();
            self.socket.read_line(&mut line)?;
            match line.trim_end().split_once(':') {
                Some((name, value)) if name.eq_ignore_ascii_case("content-length") => {
                    length = Some(value.trim().parse()?);
                }
                Some(_) => {}
                None => return length.ok_or_else(|| "the answer declares no length".into()),
            }
        }
    }
}
