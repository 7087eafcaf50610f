//! What goes wrong on demand.

use crate::faults::FaultRule;
use crate::sandbox::Sandbox;

/// Faults on demand.
impl Sandbox {
    /// From now on calls go wrong in this way: [all](crate::Fault), or those that the [rule](FaultRule) names. A call
    /// suffers one fault, the first that was injected for it.
    ///
    /// # Panics
    /// When the fault cannot happen: a status that is none, a header that no answer has, a
    /// [`Rotation`](crate::Fault::Rotation) where there are no certificates, a share that is not from 0 to 1.
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
    /// assert!(matches!(instance.chain("v3/any/path").get(()), Err(Error::Server(_))));
    /// assert!(instance.chain("v3/any/path").get(()).is_ok());
    /// assert!(instance.chain("v3/slow").get(json!({ "timeout": 0.1 })).unwrap_err().is_timeout());
    /// # Ok(()) }
    /// ```
    pub fn inject(&self, fault: impl Into<FaultRule>) {
        self.platform.faults().inject(fault.into(), self.mode());
    }

    /// Nothing goes wrong any more.
    ///
    /// ```
    /// use wechatpay::Builder;
    /// use wechatpay_sandbox::Fault;
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// sandbox.inject(Fault::BadSignature);
    /// assert!(instance.chain("v3/any/path").get(()).is_err());
    /// sandbox.clear_faults();
    /// assert!(instance.chain("v3/any/path").get(()).is_ok());
    /// # Ok(()) }
    /// ```
    pub fn clear_faults(&self) {
        self.platform.faults().clear();
    }
}
