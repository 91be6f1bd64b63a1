//! A web server for one object, which misbehaves as it is told.

use std::io::{BufRead, BufReader, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// What the server does.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    pub(crate) ranges: RangeSupport,
    pub(crate) etags: Etags,
    /// How long each answer takes.
    pub(crate) delay: Duration,
    /// The length that it declares, in place of the true one; bytes after that are made up, and never sent.
    pub(crate) declared: Option<u64>,
    /// Of a hundred answers, how many are cut off somewhere, late, or by a server that has a new version since.
    pub(crate) cuts: u64,
    pub(crate) delays: u64,
    pub(crate) changes: u64,
    /// Whether conditions of requests are ignored.
    pub(crate) ignores_conditions: bool,
    /// Whether every answer is that the server has failed.
    pub(crate) fails: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RangeSupport {
    All,
    NoSuffix,
    None,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Etags {
    Strong,
    Weak,
    None,
}

impl Default for Behaviour {
    fn default() -> Behaviour {
        Behaviour {
            ranges: RangeSupport::All,
            etags: Etags::Strong,
            delay: Duration::ZERO,
            declared: None,
            cuts: 0,
            delays: 0,
            changes: 0,
            ignores_conditions: false,
            fails: false,
        }
    }
}

struct State {
    /// All versions that there will be; the last one stays.
    versions: Vec<Vec<u8>>,
    version: AtomicUsize,
    behaviour: Behaviour,
    random: Mutex<u64>,
    requests: AtomicUsize,
    in_flight: AtomicUsize,
    most_in_flight: AtomicUsize,
    is_over: AtomicBool,
}

/// The server, until it is dropped.
pub(crate) struct Server {
    port: u16,
    state: Arc<State>,
}

impl Server {
    pub(crate) fn new(object: Vec<u8>) -> Server {
        Server::with(vec![object], Behaviour::default(), 1)
    }

    pub(crate) fn with(versions: Vec<Vec<u8>>, behaviour: Behaviour, seed: u64) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            versions,
            version: AtomicUsize::new(0),
            behaviour,
            random: Mutex::new(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1),
            requests: AtomicUsize::new(0),
            in_flight: AtomicUsize::new(0),
            most_in_flight: AtomicUsize::new(0),
            is_over: AtomicBool::new(false),
        });
        let accepting = Arc::clone(&state);
        thread::spawn(move || {
            for stream in listener.incoming() {
                if accepting.is_over.load(Ordering::Relaxed) {
                    return;
                }
                let state = Arc::clone(&accepting);
                // A connection that is cut off ends its thread.
                thread::spawn(move || stream.and_then(|stream| state.serve(stream)));
            }
        });
        Server { port, state }
    }

    /// The object's address, with this name.
    pub(crate) fn url(&self, name: &str) -> String {
        format!("http://127.0.0.1:{}/{name}", self.port)
    }

    /// The number of requests since it was last asked.
    pub(crate) fn requests(&self) -> usize {
        self.state.requests.swap(0, Ordering::Relaxed)
    }

    pub(crate) fn most_in_flight(&self) -> usize {
        self.state.most_in_flight.load(Ordering::Relaxed)
    }

    /// Replaces the object by its next version.
    pub(crate) fn change(&self) {
        self.state.change();
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.state.is_over.store(true, Ordering::Relaxed);
        // The thread waits for a connection.
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

struct Request {
    range: Option<String>,
    condition: Option<String>,
    is_head: bool,
}

fn read_request(stream: &mut impl BufRead) -> std::io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut request = Request {
        range: None,
        condition: None,
        is_head: line.starts_with("HEAD"),
    };
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.trim().split_once(": ") else {
            return Ok(Some(request));
        };
        match name.to_ascii_lowercase().as_str() {
            "range" => request.range = Some(value.to_owned()),
            "if-match" => request.condition = Some(value.to_owned()),
            _ => {}
        }
    }
}

impl State {
    fn change(&self) {
        let last = self.versions.len() - 1;
        let next = |version: usize| Some((version + 1).min(last));
        let _ = self
            .version
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, next);
    }

    /// A number below this.
    fn random(&self, below: u64) -> u64 {
        let mut state = self.random.lock().unwrap();
        *state ^= *state << 13;
        *state ^= *state >> 7;
        *state ^= *state << 17;
        *state % below.max(1)
    }

    fn serve(&self, mut stream: TcpStream) -> std::io::Result<()> {
        stream.set_nodelay(true)?;
        let mut reader = BufReader::new(stream.try_clone()?);
        while let Some(request) = read_request(&mut reader)? {
            self.requests.fetch_add(1, Ordering::Relaxed);
            let now = self.in_flight.fetch_add(1, Ordering::Relaxed) + 1;
            self.most_in_flight.fetch_max(now, Ordering::Relaxed);
            let answered = self.answer(&request, &mut stream);
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            if !answered? {
                return stream.shutdown(Shutdown::Both);
            }
        }
        Ok(())
    }

    /// Whether the connection goes on.
    fn answer(&self, request: &Request, stream: &mut TcpStream) -> std::io::Result<bool> {
        let behaviour = &self.behaviour;
        thread::sleep(behaviour.delay);
        if self.random(100) < behaviour.delays {
            thread::sleep(Duration::from_millis(self.random(20)));
        }
        if self.random(100) < behaviour.changes {
            self.change();
        }
        let version = self.version.load(Ordering::Relaxed);
        let object = &self.versions[version];
        let etag = format!("\"v{version}\"");
        let mut headers = match behaviour.etags {
            Etags::Strong => format!("ETag: {etag}\r\n"),
            Etags::Weak => format!("ETag: W/{etag}\r\n"),
            Etags::None => String::new(),
        };
        let matches = request
            .condition
            .as_ref()
            .is_none_or(|wanted| *wanted == etag);
        let length = object.len() as u64;
        let declared = behaviour.declared.unwrap_or(length);
        let range = request
            .range
            .as_deref()
            .and_then(|range| self.range(range, declared));
        let (status, body) = match range {
            _ if behaviour.fails => ("500 Internal Server Error", 0..0),
            _ if !matches && !behaviour.ignores_conditions => ("412 Precondition Failed", 0..0),
            None => ("200 OK", 0..declared),
            Some(range) if range.is_empty() => ("416 Range Not Satisfiable", 0..0),
            Some(range) => {
                let (first, last) = (range.start, range.end - 1);
                headers += &format!("Content-Range: bytes {first}-{last}/{declared}\r\n");
                ("206 Partial Content", range)
            }
        };
        headers += &format!("Content-Length: {}\r\n", body.end - body.start);
        write!(stream, "HTTP/1.1 {status}\r\n{headers}\r\n")?;
        if request.is_head {
            return Ok(true);
        }
        let there = body.start.min(length) as usize..body.end.min(length) as usize;
        let is_whole = body.end <= length;
        let mut bytes = &object[there];
        let is_cut = self.random(100) < behaviour.cuts;
        if is_cut {
            bytes = &bytes[..self.random(bytes.len() as u64) as usize];
        }
        stream.write_all(bytes)?;
        Ok(!is_cut && is_whole)
    }

    /// The bytes that a range means; none if it is not served.
    fn range(&self, range: &str, length: u64) -> Option<std::ops::Range<u64>> {
        let (first, last) = range.strip_prefix("bytes=")?.split_once('-')?;
        match self.behaviour.ranges {
            RangeSupport::None => None,
            RangeSupport::NoSuffix if first.is_empty() => None,
            _ if first.is_empty() => {
                let suffix: u64 = last.parse().unwrap();
                Some(length.saturating_sub(suffix)..length)
            }
            _ => {
                let first = first.parse::<u64>().unwrap().min(length);
                let last = last.parse::<u64>().map_or(length, |last| last + 1);
                Some(first..last.min(length))
            }
        }
    }
}
