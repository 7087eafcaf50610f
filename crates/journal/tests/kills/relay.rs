//! What lies between the children and PostgreSQL, and can lose what is on its way.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// A port of this machine behind which a socket is.
pub struct Relay {
    port: u16,
    net: Arc<Net>,
}

#[derive(Default)]
struct Net {
    links: Mutex<Vec<Arc<Link>>>,
    /// Whether there is no way to the server.
    is_down: AtomicBool,
}

struct Link {
    client: TcpStream,
    server: UnixStream,
    /// Whether what the server says is lost from the next commit on.
    loses_commits: AtomicBool,
    is_silent: AtomicBool,
    /// How long the server does not notice that the client has gone, in milliseconds.
    lingers: AtomicU64,
}

impl Relay {
    /// It relays until the program ends.
    pub fn start(socket: &Path) -> Relay {
        let (listener, socket) = (TcpListener::bind("127.0.0.1:0").unwrap(), socket.to_owned());
        let (port, net) = (listener.local_addr().unwrap().port(), Arc::<Net>::default());
        let accepting = Arc::clone(&net);
        thread::spawn(move || {
            for client in listener.incoming().map(Result::unwrap) {
                // Without a server or a way to it, the client is cut off.
                if accepting.is_down.load(Ordering::SeqCst) {
                    continue;
                }
                if let Ok(link) = Link::make(client, &socket) {
                    accepting.links.lock().unwrap().push(link);
                }
            }
        });
        Relay { port, net }
    }

    pub fn port(&self) -> u16 {
        self.port
    }

    /// For a while, loses what the server says of a commit and after it; then cuts all connections and is down for a while. The server
    /// notices so much later that they are gone.
    pub fn cut(&self, losing: Duration, down: Duration, lingers: Duration) {
        let links = std::mem::take(&mut *self.net.links.lock().unwrap());
        links.iter().for_each(|link| link.loses_commits.store(true, Ordering::SeqCst));
        thread::sleep(losing);
        self.net.is_down.store(true, Ordering::SeqCst);
        for link in links {
            link.lingers.store(lingers.as_millis() as u64, Ordering::SeqCst);
            let _ = link.client.shutdown(Shutdown::Both);
        }
        thread::sleep(down);
        self.net.is_down.store(false, Ordering::SeqCst);
    }
}

impl Link {
    fn make(client: TcpStream, socket: &Path) -> io::Result<Arc<Link>> {
        client.set_nodelay(true)?;
        let server = UnixStream::connect(socket)?;
        let (loses_commits, is_silent, lingers) = (AtomicBool::default(), AtomicBool::default(), AtomicU64::default());
        let link = Arc::new(Link { client, server, loses_commits, is_silent, lingers });
        let (there, back) = (Arc::clone(&link), Arc::clone(&link));
        thread::spawn(move || there.forward());
        thread::spawn(move || back.answer());
        Ok(link)
    }

    fn forward(&self) {
        let mut bytes = [0; 8192];
        while let Ok(length @ 1..) = (&self.client).read(&mut bytes) {
            let said = &bytes[..length];
            if self.loses_commits.load(Ordering::SeqCst) && said.windows(6).any(|word| word == b"COMMIT") {
                self.is_silent.store(true, Ordering::SeqCst);
            }
            if (&self.server).write_all(said).is_err() {
                break;
            }
        }
        thread::sleep(Duration::from_millis(self.lingers.load(Ordering::SeqCst)));
        let _ = self.server.shutdown(Shutdown::Both);
    }

    fn answer(&self) {
        let mut bytes = [0; 8192];
        while let Ok(length @ 1..) = (&self.server).read(&mut bytes) {
            if !self.is_silent.load(Ordering::SeqCst) && (&self.client).write_all(&bytes[..length]).is_err() {
                break;
            }
        }
        let _ = self.client.shutdown(Shutdown::Both);
    }
}
