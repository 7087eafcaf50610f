//! Uploads and downloads of 200 MB do not stay in memory. Alone in its process, whose memory it measures.
#![cfg(target_os = "linux")]

use std::io::{BufReader, Read, Write};

use openssl::sha::{Sha1, Sha256};
use support::bare::{Answer, Bare, connect};
use wechatpay::json;
use wechatpay_sandbox::Sandbox;

const SIZE: usize = 200_000_000;

/// The most memory that the process has had so far, in bytes.
fn peak() -> usize {
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<usize>().unwrap() * 1024
}

#[test]
fn nothing_grows_with_the_size() {
    let sandbox = Sandbox::start().unwrap();
    upload(&sandbox, SIZE / 100);
    download(&sandbox, SIZE / 100);
    let before = peak();
    upload(&sandbox, SIZE);
    download(&sandbox, SIZE);
    let grown = peak() - before;
    assert!(grown < 8_000_000, "{grown} bytes");
}

fn upload(sandbox: &Sandbox, size: usize) {
    let pieces = || (0..size).step_by(100_000).map(|start| vec![(start / 100_000) as u8; 100_000]);
    let mut hash = Sha256::new();
    pieces().for_each(|piece| hash.update(&piece));
    let sha256: String = hash.finish().iter().map(|byte| format!("{byte:02x}")).collect();
    let meta = json!({ "filename": "video.mp4", "sha256": sha256 }).to_string();

    let head = format!(
        "--b\r\nContent-Disposition: form-data; name=\"meta\"\r\n\r\n{meta}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"video.mp4\"\r\n\r\n"
    );
    let target = "/v3/merchant/media/video_upload";
    let request = Bare::signed(sandbox, "POST", target, "", meta.as_bytes());
    let request = request.with("Content-Type", "multipart/form-data; boundary=b");
    let mut stream = connect(sandbox, None);
    stream.write_all(&request.head(head.len() + size + b"\r\n--b--\r\n".len())).unwrap();
    stream.write_all(head.as_bytes()).unwrap();
    pieces().for_each(|piece| stream.write_all(&piece).unwrap());
    stream.write_all(b"\r\n--b--\r\n").unwrap();
    let answer = Answer::read(&mut stream);
    assert!(answer.json(sandbox)["media_id"].is_string());

    let request = sandbox.requests().pop().unwrap();
    assert!(request.body().is_empty() && request.body_length() > size as u64);
}

fn download(sandbox: &Sandbox, size: usize) {
    sandbox.set_bill_size(size as u64);
    let applied = Bare::get(sandbox, "/v3/bill/tradebill?bill_date=2018-01-30").send(sandbox).json(sandbox);
    let target = applied["download_url"].as_str().unwrap().strip_prefix(sandbox.base_uri()).unwrap();

    let mut stream = BufReader::new(connect(sandbox, None));
    stream.get_mut().write_all(&Bare::get(sandbox, &format!("/{target}")).head(0)).unwrap();
    Answer::read_head(&mut stream);
    let (mut hash, mut length, mut buffer) = (Sha1::new(), 0, vec![0; 65_536]);
    loop {
        match stream.read(&mut buffer).unwrap() {
            0 => break,
            read => {
                hash.update(&buffer[..read]);
                length += read;
            }
        }
    }
    assert!((size..size + 1000).contains(&length));
    let sha1: String = hash.finish().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(applied["hash_value"], sha1);
}
