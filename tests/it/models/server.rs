//! A web server on this machine for one file, with the faults of the real ones.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// What the server does with a request.
#[derive(Debug, Clone)]
pub(super) enum Answer {
    /// The file, from where the request asks on.
    File(Vec<u8>),
    /// The whole file, whatever part the request asks for.
    WholeFile(Vec<u8>),
    /// The whole length is announced, and the line breaks after so many bytes.
    Broken(Vec<u8>, usize),
    /// A status and nothing else.
    Status(u16),
    /// The way to the file.
    Redirect(&'static str),
}

/// A running server; it ends with the test process.
#[derive(Debug)]
pub(super) struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<String>>>,
}

impl Server {
    /// Answers the first request with the first answer, and so on; the last answer stays.
    pub(super) fn start(answers: Vec<Answer>) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let stream = stream.unwrap();
                let range = read_request(&stream);
                let mut seen = seen.lock().unwrap();
                let answer = &answers[seen.len().min(answers.len() - 1)];
                seen.push(range.clone());
                drop(seen);
                reply(stream, answer, &range);
            }
        });
        Server { port, requests }
    }

    /// The address of a file.
    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}/model", self.port)
    }

    /// The `Range` of each request so far; empty where the whole file was asked for.
    pub(super) fn ranges(&self) -> Vec<String> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &TcpStream) -> String {
    let lines = BufReader::new(stream).lines().map(Result::unwrap);
    let head: Vec<String> = lines.take_while(|line| !line.is_empty()).collect();
    let range =
        head.iter().find_map(|line| Some(line.to_lowercase().strip_prefix("range: ")?.to_owned()));
    range.unwrap_or_default()
}

/// A client that hangs up early is none of the server's business.
fn reply(mut stream: TcpStream, answer: &Answer, range: &str) {
    let from: usize = range
        .strip_prefix("bytes=")
        .and_then(|range| range.trim_end_matches('-').parse().ok())
        .unwrap_or(0);
    let _ = match answer {
        Answer::File(file) if from > 0 && from < file.len() => {
            let head = format!(
                "HTTP/1.1 206 Partial Content\r\nContent-Range: bytes {from}-{}/{}\r\n",
                file.len() - 1,
                file.len()
            );
            send(&mut stream, &head, file.len() - from, &file[from..])
        }
        Answer::File(file) | Answer::WholeFile(file) => {
            send(&mut stream, "HTTP/1.1 200 OK\r\n", file.len(), file)
        }
        Answer::Broken(file, after) => {
            send(&mut stream, "HTTP/1.1 200 OK\r\n", file.len(), &file[..*after])
        }
        Answer::Status(status) => {
            send(&mut stream, &format!("HTTP/1.1 {status} Sorry\r\n"), 0, &[])
        }
        Answer::Redirect(to) => {
            send(&mut stream, &format!("HTTP/1.1 302 Found\r\nLocation: {to}\r\n"), 0, &[])
        }
    };
}

fn send(stream: &mut TcpStream, head: &str, length: usize, body: &[u8]) -> std::io::Result<()> {
    write!(stream, "{head}Content-Length: {length}\r\nConnection: close\r\n\r\n")?;
    stream.write_all(body)?;
    stream.flush()
}
