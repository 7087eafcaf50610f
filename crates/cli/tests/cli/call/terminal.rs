//! On a terminal: a QR code, and a question before money moves.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{NATIVE, ORDER, sandbox};
use crate::runs::on_a_terminal;

#[test]
fn a_qr_code() {
    let (_sandbox, home) = sandbox("qr");
    let Some(run) = on_a_terminal(&home, &["post", NATIVE, "-d", ORDER], "") else { return };
    let run = run.ends(0);
    assert!(
        run.stdout.contains("code_url") && run.stdout.contains('▀') && run.stdout.contains("\u{1b}["),
        "{}",
        run.stdout
    );
    // Not elsewhere, and not for machines.
    assert!(!home.run(&["post", NATIVE, "-d", ORDER]).ends(0).stdout.contains('▀'));
    let run = on_a_terminal(&home, &["--json", "post", NATIVE, "-d", ORDER], "").unwrap().ends(0);
    assert!(!run.stdout.contains('▀'));
}

#[test]
fn money_is_asked_about() {
    let (_sandbox, mut home) = sandbox("asking");
    home.set("WECHATPAY_BASE_URI", "");
    // A proxy that hangs up, so that nothing gets to the platform.
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    home.set("WECHATPAY_PROXY", &format!("http://{}", proxy.local_addr().unwrap()));
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    std::thread::spawn(move || {
        proxy.incoming().for_each(|_| {
            counted.fetch_add(1, Ordering::SeqCst);
        })
    });
    let is_called = || calls.swap(0, Ordering::SeqCst) > 0;
    let order = ["post", NATIVE, "-d", ORDER];
    let Some(run) = on_a_terminal(&home, &order, "n\n") else { return };
    let run = run.ends(3);
    for text in [
        NATIVE,
        "1900000109",
        "https://api.mch.weixin.qq.com/",
        "100 in the smallest unit",
        "Send it? [y/N]",
        "you did not say yes",
        "--yes",
    ] {
        assert!(run.stdout.contains(text), "{text} is not in {}", run.stdout);
    }
    assert!(!is_called());
    on_a_terminal(&home, &order, "\n").unwrap().ends(3);
    assert!(!is_called());
    let run = on_a_terminal(&home, &order, "yes\n").unwrap();
    assert!(is_called(), "{}", run.stdout);
    let run = on_a_terminal(&home, &[&order[..], &["--yes"]].concat(), "").unwrap();
    assert!(is_called() && !run.stdout.contains("Send it?"), "{}", run.stdout);
    // What asks, is not asked about.
    for call in [&["get", "v3/certificates"][..], &["post", "v2/pay/orderquery", "mch_id=1900000109", "out_trade_no=A"]]
    {
        let run = on_a_terminal(&home, call, "").unwrap();
        assert!(is_called() && !run.stdout.contains("Send it?"), "{}", run.stdout);
    }
    // Nobody is there to ask.
    home.run(&order);
    assert!(is_called());
}

#[test]
fn a_file_that_comes_and_one_that_goes() {
    let (sandbox, home) = sandbox("progress");
    sandbox
        .inject(wechatpay_sandbox::Fault::Delay(std::time::Duration::from_millis(400)).on("v3/merchant/media/upload"));
    home.write("a.png", b"\x89PNG");
    let upload = ["post", "v3/merchant/media/upload", "--upload", "a.png"];
    let Some(run) = on_a_terminal(&home, &upload, "") else { return };
    assert!(run.ends(0).stdout.contains("sending 4 B"));
    assert!(!home.run(&upload).ends(0).stderr.contains("sending"));
    assert!(
        !on_a_terminal(&home, &[&["--json"], &upload[..]].concat(), "").unwrap().ends(0).stdout.contains("sending")
    );
}
