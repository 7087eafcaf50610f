//! Faults on demand.

use crate::faults::FaultRule;
use crate::sandbox::Sandbox;

/// Faults on demand.
impl Sandbox {
    /// Makes calls go wrong from now on: [all](crate::Fault), or those that match the [rule](FaultRule). A call gets
    /// one fault, the first injected one that matches it.
    ///
    /// # Panics
    /// If the fault is impossible: an invalid status, a header that no answer has, a
    /// [`Rotation`](crate::Fault::Rotation) without certificates, or a share that is not from 0 to 1.
    ///
    /// ```
    /// use std::time::Duration;
    /// use wechatpay_sandbox::{Fault, Sandbox};
    /// use wechatpay::{Builder, Error, json};
    /// # fn main() -> anyhow::Result<()> {
    /// let sandbox = Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    ///
    /// sandbox.inject(Fault::Status(503).times(1));
    /// sandbox.inject(Fault::Delay(Duration::from_secs(2)).on("v3/slow"));
    /// assert!(matches!(instance.chain("v3/marketing/partnerships").get(()), Err(Error::Server(_))));
    /// assert!(instance.chain("v3/marketing/partnerships").get(()).is_ok());
    /// assert!(instance.chain("v3/slow").get(json!({ "timeout": 0.1 })).unwrap_err().is_timeout());
    /// # Ok(()) }
    /// ```
    pub fn inject(&self, fault: impl Into<FaultRule>) {
        self.platform.faults().inject(fault.into(), self.mode());
    }

    /// Removes all injected faults.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// use wechatpay_sandbox::Fault;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// sandbox.inject(Fault::BadSignature);
    /// assert!(instance.chain("v3/marketing/partnerships").get(()).is_err());
    /// sandbox.clear_faults();
    /// assert!(instance.chain("v3/marketing/partnerships").get(()).is_ok());
    /// # Ok(()) }
    /// ```
    pub fn clear_faults(&self) {
        self.platform.faults().clear();
    }
}
