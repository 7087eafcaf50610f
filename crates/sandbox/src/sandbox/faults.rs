//! Faults on demand.

use crate::faults::FaultRule;
use crate::faults::json::FaultError;
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
    #[track_caller]
    #[expect(clippy::panic, reason = "documented as a panic: of a sandbox, in a test")]
    pub fn inject(&self, fault: impl Into<FaultRule>) {
        if let Err(why) = self.try_inject(fault) {
            panic!("{why}");
        }
    }

    /// As [`inject`](Sandbox::inject), for faults that someone else has named; returns the number under which the fault can be
    /// [removed](Sandbox::remove_fault).
    ///
    /// # Errors
    /// If the fault is impossible.
    ///
    /// ```
    /// use wechatpay::json;
    /// use wechatpay_sandbox::{Fault, FaultRule};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let number = sandbox.try_inject(FaultRule::try_from(&json!({ "fault": "bad_signature", "times": 2 }))?)?;
    /// let faults = sandbox.faults();
    /// assert_eq!((faults[0].0, faults[0].1.left()), (number, Some(2)));
    /// assert!(sandbox.remove_fault(number));
    /// assert!(sandbox.faults().is_empty());
    /// assert!(sandbox.try_inject(Fault::Rotation).is_err(), "there is no certificate to rotate");
    /// # Ok(()) }
    /// ```
    pub fn try_inject(&self, fault: impl Into<FaultRule>) -> Result<u64, FaultError> {
        self.platform.faults().inject(fault.into(), self.mode()).map_err(FaultError::from)
    }

    /// The injected faults that can still strike, in order, each with its number.
    pub fn faults(&self) -> Vec<(u64, FaultRule)> {
        self.platform.faults().all()
    }

    /// Removes the injected fault with this number; returns false if there is none.
    pub fn remove_fault(&self, number: u64) -> bool {
        self.platform.faults().remove(number)
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
