//! A server on loopback that says exactly what it is told to, byte by byte, and keeps what arrived.

use std::io::{BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

pub use crate::http::Arrived;
use crate::http::{Arrival, Framing, write};

/// What to do after a request has been read.
pub enum Reply {
    /// Write this and wait for the next request.
    Answer(Vec<u8>),
    /// Write this, then close the connection.
    Break(Vec<u8>),
    /// Write this, then say nothing more for this long, and close.
    Stall(Vec<u8>, Duration),
    /// Write this again and again until the other side hangs up.
    Endless(Vec<u8>, Vec<u8>),
}

pub struct Server {
    pub port: u16,
    arrived: Arc<Mutex<Vec<Arrived>>>,
    connections: Arc<Mutex<usize>>,
}

impl Server {
    /// `reply` gets the number of the request (from 0) and the request.
    pub fn start(reply: impl Fn(usize, &Arrived) -> Reply + Send + Sync + 'static) -> Server {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let arrived = Arc::new(Mutex::new(Vec::new()));
        let connections = Arc::new(Mutex::new(0));
        let (all, count, reply) = (Arc::clone(&arrived), Arc::clone(&connections), Arc::new(reply));
        thread::spawn(move || {
            for stream in listener.incoming() {
                *count.lock().unwrap() += 1;
                let (all, reply) = (Arc::clone(&all), Arc::clone(&reply));
                thread::spawn(move || serve(stream.unwrap(), &all, reply.as_ref()));
            }
        });
        Server { port, arrived, connections }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/", self.port)
    }

    pub fn arrived(&self) -> Vec<Arrived> {
        self.arrived.lock().unwrap().clone()
    }

    pub fn connections(&self) -> usize {
        *self.connections.lock().unwrap()
    }
}

fn serve(stream: TcpStream, all: &Mutex<Vec<Arrived>>, reply: &(dyn Fn(usize, &Arrived) -> Reply + Send + Sync)) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut stream = stream;
    while let Arrival::Whole(request) = Arrived::read(&mut reader) {
        let number = {
            let mut all = all.lock().unwrap();
            all.push(request.clone());
            all.len() - 1
        };
        match reply(number, &request) {
            Reply::Answer(bytes) => stream.write_all(&bytes).unwrap(),
            Reply::Break(bytes) => {
                let _ = stream.write_all(&bytes);
                return;
            }
            Reply::Stall(bytes, time) => {
                let _ = stream.write_all(&bytes);
                thread::sleep(time);
                return;
            }
            Reply::Endless(head, more) => {
                let _ = stream.write_all(&head);
                while stream.write_all(&more).is_ok() {}
                return;
            }
        }
    }
}

/// The bytes of an answer.
pub fn answer(status: &str, headers: &[(&str, String)], body: &[u8]) -> Vec<u8> {
    write(status, Framing::Length, headers, body)
}
