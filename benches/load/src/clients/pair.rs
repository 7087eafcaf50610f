//! The bare pair: one RSA-2048 signature and one verification, which no client can do without.

use serde_json::Value;

use super::Task;
use super::hand::Hand;
use crate::measure;

pub fn run(task: &Task) -> anyhow::Result<Value> {
    let hand = Hand::new(task)?;
    let (message, answer) = ("x".repeat(300), "y".repeat(150));
    let platform = crate::keys::platform(&task.folder)?;
    let signed = crate::keys::sign(answer.as_bytes(), &platform)?;
    measure::one_at_a_time(task.calls, || {
        hand.sign(message.as_bytes())?;
        anyhow::ensure!(hand.verify(answer.as_bytes(), &signed)?, "it does not verify");
        Ok(())
    })
}
