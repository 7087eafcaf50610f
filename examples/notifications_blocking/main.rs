//! Notifications in a plain server, with a thread for each connection and no async runtime.
//!
//! ```text
//! cargo run --example notifications_blocking
//! ```

mod platform;
mod shop;

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use platform::Platform;
use shop::Shop;
use wechatpay::Builder;

/// The maximum size of a request in bytes; a notification has a few thousand.
const LONGEST: usize = 1 << 20;

fn main() -> anyhow::Result<()> {
    let platform = Platform::new()?;
    let shop = Arc::new(Shop::new(Builder::factory(platform.config()?)?));
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
    // The exact bytes of the body.
    let received = shop.instance.notification(headers, bytes.get(head..).unwrap_or_default());
    let reply = received.and_then(|notification| shop.book(&notification)).unwrap_or_else(|error| {
        println!("{error}");
        error.reply()
    });
    let (status, body) = (reply.status(), reply.body());
    write!(
        stream,
        "HTTP/1.1 {status}\r\nContent-Type: {}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        reply.content_type(),
        body.len(),
    )?;
    Ok(())
}

/// Reads the whole request: its head, and as many bytes after it as `Content-Length` says.
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
