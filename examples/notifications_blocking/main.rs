//! Notifications in a plain server: a thread for each connection, and no runtime.
//!
//! ```text
//! cargo run --example notifications_blocking
//! ```

mod platform;

use std::collections::HashSet;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use platform::Platform;
use wechatpay::{Builder, Chain, Notification, Reply};

/// The most bytes of a request that are read; a notification has a few thousand.
const LONGEST: usize = 1 << 20;

fn main() -> anyhow::Result<()> {
    let platform = Platform::new()?;
    let shop = Arc::new(Shop { instance: Builder::factory(platform.config()?)?, paid: Mutex::default() });
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?;
    println!("listens at http://{address}/notify");
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let shop = Arc::clone(&shop);
            thread::spawn(move || {
                if let Err(error) = serve(stream, &shop) {
                    println!("{error:#}");
                }
            });
        }
    });
    platform.send_all(address)
}

struct Shop {
    instance: Chain,
    /// The orders that have been booked; a table with a unique key, in a real shop.
    paid: Mutex<HashSet<String>>,
}

impl Shop {
    /// The same notification may come several times: only the first one changes anything, all are answered alike.
    fn book(&self, notification: &Notification) -> Reply {
        let order = notification.resource();
        let Some(out_trade_no) = order["out_trade_no"].as_str() else {
            return Reply::failure("out_trade_no is missing");
        };
        let mut paid = self.paid.lock().unwrap_or_else(PoisonError::into_inner);
        if order["trade_state"] == "SUCCESS" && paid.insert(out_trade_no.to_owned()) {
            println!("{out_trade_no} is paid: {}", order["amount"]["total"]);
        }
        notification.reply()
    }
}

/// One request, and its answer.
fn serve(mut stream: TcpStream, shop: &Shop) -> anyhow::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let bytes = read(&mut stream)?;
    let mut headers = [httparse::EMPTY_HEADER; 64];
    let mut request = httparse::Request::new(&mut headers);
    let httparse::Status::Complete(head) = request.parse(&bytes)? else {
        anyhow::bail!("the request ended within its head");
    };
    let headers = request.headers.iter().map(|header| (header.name, header.value));
    // The bytes of the body, as they came.
    let reply = match shop.instance.notification(headers, bytes.get(head..).unwrap_or_default()) {
        Ok(notification) => shop.book(&notification),
        Err(error) => {
            println!("{error}");
            error.reply()
        }
    };
    let (status, body) = (reply.status(), reply.body());
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        reply.content_type(),
        body.len(),
    )?;
    Ok(())
}

/// The whole request: its head, and as much after it as `Content-Length` says.
fn read(stream: &mut TcpStream) -> anyhow::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let mut part = [0; 4096];
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 64];
        let mut request = httparse::Request::new(&mut headers);
        if let httparse::Status::Complete(head) = request.parse(&bytes)? {
            let length = request.headers.iter().find(|header| header.name.eq_ignore_ascii_case("content-length"));
            let length: usize = length.map_or(Ok("0"), |header| std::str::from_utf8(header.value))?.parse()?;
            let end = head.saturating_add(length);
            if bytes.len() >= end {
                bytes.truncate(end);
                return Ok(bytes);
            }
        }
        match stream.read(&mut part)? {
            0 => anyhow::bail!("the connection ended within a request"),
            count => bytes.extend_from_slice(&part[..count]),
        }
        anyhow::ensure!(bytes.len() <= LONGEST, "the request has more than {LONGEST} bytes");
    }
}
