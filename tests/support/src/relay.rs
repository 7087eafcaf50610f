//! A stretch of the way to a server: hands on what comes, and counts the connections.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

pub struct Relay {
    pub address: SocketAddr,
    connections: Arc<AtomicUsize>,
}

impl Relay {
    /// To this host and port.
    pub fn to(target: &str) -> Relay {
        Relay::beginning(target, |_| ())
    }

    /// The same, which begins each connection with something of its own.
    pub fn beginning(target: &str, begin: impl Fn(&TcpStream) + Send + Sync + 'static) -> Relay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let connections = Arc::new(AtomicUsize::new(0));
        let (target, begin, count) = (target.to_owned(), Arc::new(begin), Arc::clone(&connections));
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                count.fetch_add(1, Ordering::SeqCst);
                let Ok(server) = TcpStream::connect(&target) else { return };
                let (to_server, to_client) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                let begin = Arc::clone(&begin);
                thread::spawn(move || {
                    begin(&client);
                    thread::spawn(move || copy(server, to_client));
                    copy(client, to_server);
                });
            }
        });
        Relay { address, connections }
    }

    /// How many there have been.
    pub fn connections(&self) -> usize {
        self.connections.load(Ordering::SeqCst)
    }
}

fn copy(mut from: TcpStream, mut to: TcpStream) {
    let _ = io::copy(&mut from, &mut to);
    let _ = to.shutdown(Shutdown::Write);
}
