//! Scripted answers.

use std::io;

use crate::request::Request;
use crate::sandbox::Sandbox;
use crate::scripts::{AnswersLeft, ScriptedAnswer};

/// Scripted answers.
impl Sandbox {
    /// Makes the platform give this answer to an operation, whether the sandbox knows it or not. The n-th call of the
    /// operation gets the n-th answer, and the last answer repeats.
    ///
    /// The method is in any case; the path is without a query, and a segment `{name}` or `<name>` stands for any. A path of
    /// APIv2 is `v2/pay/unifiedorder`, or `pay/unifiedorder` as it is sent. If several paths match a request, the one that
    /// was scripted first counts.
    ///
    /// The answer is [JSON, text, bytes or nothing](ScriptedAnswer), signed like any other: in APIv3 in its headers. In
    /// APIv2, the fields of an object become XML with a `sign` of the request's `sign_type`, except where the platform does
    /// not sign; no other field is added.
    ///
    /// The request is checked first, as far as that does not depend on the operation: signature, clock, keys and
    /// certificate. One that is refused takes no answer away, and neither does one that a [fault](Sandbox::inject) answers.
    /// Nothing is carried out: there are no orders and no notifications behind a scripted answer. The
    /// [ledger](Sandbox::ledger) has an [`Effect::Other`](crate::Effect::Other) if it is a success.
    ///
    /// # Panics
    /// If the method is not a word, the path has a query, the status is not from 200 to 599, or there is a body with 204 or
    /// 304.
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let instance = Builder::factory(sandbox.config())?;
    /// sandbox.answer("POST", "v3/profitsharing/orders", 200, json!({ "order_id": "3008", "state": "PROCESSING" }));
    /// sandbox.answer("GET", "v3/profitsharing/orders/{out_order_no}", 200, json!({ "state": "PROCESSING" }));
    /// sandbox.answer("GET", "v3/profitsharing/orders/{out_order_no}", 200, json!({ "state": "FINISHED" }));
    ///
    /// instance.chain("v3/profitsharing/orders").post(json!({ "json": { "out_order_no": "P2015" } }))?;
    /// let query = instance.chain("v3/profitsharing/orders/{out_order_no}");
    /// assert_eq!(query.get(json!({ "out_order_no": "P2015" }))?.json()?["state"], "PROCESSING");
    /// assert_eq!(query.get(json!({ "out_order_no": "P2015" }))?.json()?["state"], "FINISHED");
    /// assert_eq!(query.get(json!({ "out_order_no": "P2015" }))?.json()?["state"], "FINISHED");
    /// # Ok(()) }
    /// ```
    #[track_caller]
    #[expect(clippy::panic, reason = "documented as a panic: of a sandbox, in a test")]
    pub fn answer(&self, method: &str, path: &str, status: u16, answer: impl Into<ScriptedAnswer>) {
        if let Err(error) = self.try_answer(method, path, status, answer) {
            panic!("{error}");
        }
    }

    /// As [`answer`](Sandbox::answer), for answers that someone else has written.
    ///
    /// # Errors
    /// Where that panics.
    ///
    /// ```
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// let error = sandbox.try_answer("GET", "v3/certificates?a=b", 200, "{}").unwrap_err();
    /// assert!(error.to_string().contains("has a query"));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn try_answer(
        &self,
        method: &str,
        path: &str,
        status: u16,
        answer: impl Into<ScriptedAnswer>,
    ) -> io::Result<()> {
        let added = self.platform.scripts().add(method, path, status, answer.into());
        added.map_err(|why| io::Error::new(io::ErrorKind::InvalidInput, why))
    }

    /// The operations whose scripted answers have not all been given, in the order in which they were scripted.
    ///
    /// ```
    /// use wechatpay::json;
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// sandbox.answer("POST", "v3/profitsharing/orders", 200, json!({ "state": "PROCESSING" }));
    /// sandbox.answer("POST", "v3/profitsharing/orders", 400, json!({ "code": "NOT_ENOUGH" }));
    ///
    /// let left = sandbox.answers_left();
    /// assert_eq!((left[0].method(), left[0].path(), left[0].count()), ("POST", "/v3/profitsharing/orders", 2));
    /// # Ok::<_, std::io::Error>(())
    /// ```
    pub fn answers_left(&self) -> Vec<AnswersLeft> {
        self.platform.scripts().left()
    }

    /// Those of the [`requests`](Sandbox::requests) that got no scripted answer, but one of the platform, a refusal or a
    /// [fault](Sandbox::inject).
    ///
    /// ```
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # let instance = Builder::factory(sandbox.config())?;
    /// sandbox.answer("POST", "v3/profitsharing/orders", 200, json!({ "state": "PROCESSING" }));
    /// instance.chain("v3/profitsharing/orders").post(json!({ "json": {} }))?;
    /// // A slip, which is refused.
    /// assert!(instance.chain("v3/profitsharing/order").post(json!({ "json": {} })).is_err());
    ///
    /// let unscripted = sandbox.unscripted_requests();
    /// assert_eq!(unscripted.len(), 1);
    /// assert_eq!(unscripted[0].target(), "/v3/profitsharing/order");
    /// # Ok(()) }
    /// ```
    pub fn unscripted_requests(&self) -> Vec<Request> {
        self.requests().into_iter().filter(|request| !request.is_scripted()).collect()
    }

    /// Checks that all scripted answers have been given; for the end of a test.
    ///
    /// # Panics
    /// If some have not. The message names them and the [requests that got no scripted
    /// answer](Sandbox::unscripted_requests), of which one is often meant.
    ///
    /// ```should_panic
    /// use wechatpay::{Builder, json};
    /// # fn main() -> anyhow::Result<()> {
    /// # let sandbox = wechatpay_sandbox::Sandbox::start()?;
    /// # let instance = Builder::factory(sandbox.config())?;
    /// sandbox.answer("POST", "v3/profitsharing/orders", 200, json!({ "state": "PROCESSING" }));
    /// instance.chain("v3/profitsharing/order").post(json!({ "json": {} }))?;
    ///
    /// // scripted answers that were not given:
    /// //   POST /v3/profitsharing/orders: 1
    /// // requests that got no scripted answer:
    /// //   POST /v3/profitsharing/order
    /// sandbox.assert_no_answers_left();
    /// # Ok(()) }
    /// ```
    #[track_caller]
    pub fn assert_no_answers_left(&self) {
        let lines = |lines: Vec<String>| lines.iter().map(|line| format!("\n  {line}")).collect::<String>();
        let left = lines(self.answers_left().iter().map(ToString::to_string).collect());
        let unscripted = self.unscripted_requests();
        let unscripted = lines(unscripted.iter().map(|it| format!("{} {}", it.method(), it.path())).collect());
        let unscripted = if unscripted.is_empty() { "\n  none" } else { &unscripted };
        assert!(
            left.is_empty(),
            "scripted answers that were not given:{left}\nrequests that got no scripted answer:{unscripted}"
        );
    }
}
