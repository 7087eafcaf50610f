//! The demo: a shop that is killed between sending an order and reading the answer.

use std::fs;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, ensure};
use wechatpay::{Fields, Value, json};
use wechatpay_journal::{Journal, State};
use wechatpay_sandbox::{Entry, Fault, NotificationFault, Sandbox};

use crate::config;
use crate::orders::{self, Order};

const PATIENCE: Duration = Duration::from_secs(30);

/// What there is in the end: what the platform believes has happened, and what the shop does.
#[derive(Debug)]
pub struct Outcome {
    pub ledger: Vec<Entry>,
    pub orders: Vec<Order>,
    /// The orders of which parcels are to be sent, with repetitions if there are any.
    pub parcels: Vec<String>,
}

/// Runs the demo. The shop is a process of its own, of this program.
pub fn run(program: &Path) -> anyhow::Result<Outcome> {
    let sandbox = Sandbox::start()?;
    let folder = Folder::new()?;
    let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let config =
        json!({ "listen": format!("{address}"), "appid": "wxd678efh567hg6787", "wechatpay": wechatpay(&sandbox) });
    fs::write(folder.0.join("config.json"), format!("{config}"))?;

    say("the shop is installed, and started");
    ensure!(Command::new(program).arg("install").arg(&folder.0).status()?.success(), "it cannot be installed");
    let shop = Shop::start(program, &folder.0, address)?;
    let order = shop.order("order-1", 2900)?;
    println!("{order}");
    ensure!(order.text_at("/state")? == "placed");

    say("order-2: the platform has it, and takes its time to answer; the shop is killed with SIGKILL");
    sandbox.inject(Fault::Delay(PATIENCE).on("v3/pay/transactions/native").times(1));
    thread::scope(|scope| {
        let customer = scope.spawn(|| shop.order("order-2", 100));
        until("order-2 does not arrive", || Ok(sandbox.ledger().iter().any(|entry| entry.name() == "order-2")))?;
        shop.kill()?;
        ensure!(customer.join().is_ok_and(|answer| answer.is_err()), "the customer has an answer");
        anyhow::Ok(())
    })?;
    ensure!(look(&folder.0)? == [State::Answered, State::Sending], "the journal does not remember order-2");

    say("the shop is started again: it settles its journal, and goes on with the order");
    let shop = Shop::start(program, &folder.0, address)?;
    until("order-2 is not placed", || Ok(shop.show("order-2")?.text_at("/state")? == "placed"))?;
    println!("{}", shop.show("order-2")?);
    // The customer presses the button once more, and sees the same order.
    println!("{}", shop.order("order-2", 100)?);
    ensure!(look(&folder.0)?.into_iter().all(State::is_settled), "order-2 is not settled");

    say("both are paid; the platform tells one of them twice");
    sandbox.inject_notification_fault(NotificationFault::Duplicate);
    for number in ["order-1", "order-2"] {
        sandbox.pay(number).with_context(|| format!("{number} cannot be paid"))?;
    }
    ensure!(sandbox.wait_for_notifications(PATIENCE), "the notifications are not answered");
    ensure!(sandbox.sent_notifications().iter().all(|sent| sent.is_acknowledged()), "a notification is not taken");
    print!("{}", shop.get("/metrics")?);
    shop.kill()?;
    look(&folder.0)?;

    say("what the platform has done, each once");
    for entry in sandbox.ledger() {
        println!("{:?} {} {}", entry.effect(), entry.name(), entry.amount().unwrap_or_default());
    }
    let shops = orders::open(&config::journal(&folder.0))?;
    let (orders, parcels) = (orders::all(&shops)?, orders::parcels(&shops)?);
    println!("parcels: {}", parcels.join(", "));
    Ok(Outcome { ledger: sandbox.ledger(), orders, parcels })
}

/// What the shop's `Builder` takes to call the sandbox.
fn wechatpay(sandbox: &Sandbox) -> Value {
    json!({
        "mchid": sandbox.mchid(),
        "serial": sandbox.merchant_serial(),
        "privateKey": sandbox.merchant_private_key_pem(),
        "certs": { sandbox.platform_serial(): sandbox.platform_public_key_pem() },
        "apiv3Key": sandbox.apiv3_key(),
        "base_uri": sandbox.base_uri(),
        "proxy": "",
    })
}

/// What the journal says of each order; printed beside the shop's table. Anyone can look at them with `sqlite3`.
fn look(folder: &Path) -> anyhow::Result<Vec<State>> {
    let path = config::journal(folder);
    let journal = Journal::open(&path)?;
    let mut states = Vec::new();
    for order in orders::all(&orders::open(&path)?)? {
        for entry in journal.under(&order.number)? {
            println!("{}: the table says {}, the journal {}", order.number, order.state, entry.state().name());
            states.push(entry.state());
        }
    }
    Ok(states)
}

/// A shop that runs.
struct Shop {
    process: Mutex<Child>,
    address: SocketAddr,
}

impl Shop {
    fn start(program: &Path, folder: &Path, address: SocketAddr) -> anyhow::Result<Shop> {
        let mut process = Command::new(program).arg("serve").arg(folder).stdout(Stdio::piped()).spawn()?;
        let output = process.stdout.take().context("it has no output")?;
        let shop = Shop { process: Mutex::new(process), address };
        let mut lines = BufReader::new(output).lines();
        // What it says until it listens, and afterwards beside the demo.
        for line in lines.by_ref() {
            let line = line?;
            println!("shop: {line}");
            if line.starts_with("listens at ") {
                thread::spawn(move || lines.map_while(Result::ok).for_each(|line| println!("shop: {line}")));
                return Ok(shop);
            }
        }
        anyhow::bail!("the shop has ended")
    }

    /// SIGKILL, as `kill -9` sends it.
    fn kill(&self) -> anyhow::Result<()> {
        let mut process = self.process.lock().unwrap_or_else(PoisonError::into_inner);
        process.kill()?;
        process.wait()?;
        Ok(())
    }

    fn order(&self, number: &str, total: u32) -> anyhow::Result<Value> {
        let order = json!({ "number": number, "description": "a cup of coffee", "total": total });
        let answer = agent().post(format!("http://{}/orders", self.address)).send(format!("{order}"))?;
        Ok(serde_json::from_str(&answer.into_body().read_to_string()?)?)
    }

    fn show(&self, number: &str) -> anyhow::Result<Value> {
        Ok(serde_json::from_str(&self.get(&format!("/orders/{number}"))?)?)
    }

    fn get(&self, path: &str) -> anyhow::Result<String> {
        Ok(agent().get(format!("http://{}{path}", self.address)).call()?.into_body().read_to_string()?)
    }
}

impl Drop for Shop {
    fn drop(&mut self) {
        let _ = self.kill();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder().proxy(None).build().new_agent()
}

fn say(what: &str) {
    println!("\n--- {what}");
}

fn until(what: &str, mut is_so: impl FnMut() -> anyhow::Result<bool>) -> anyhow::Result<()> {
    let end = Instant::now() + PATIENCE;
    while !is_so()? {
        ensure!(Instant::now() < end, "{what}");
        thread::sleep(Duration::from_millis(10));
    }
    Ok(())
}

/// A folder of the demo's own, removed with all it holds.
struct Folder(PathBuf);

impl Folder {
    fn new() -> anyhow::Result<Folder> {
        let path = std::env::temp_dir().join(format!("wechatpay-shop-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("{} cannot be made", path.display()))?;
        Ok(Folder(path))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}
