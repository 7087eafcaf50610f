//! Metrics for Prometheus.

use std::fmt;

use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::encoding::text::encode;
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use wechatpay::{Observation, Outcome};

/// What attempts are told apart by. Each of these has few values: never a number of an order, nor a `Request-ID`.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Labels {
    mchid: String,
    host: String,
    method: String,
    template: String,
    /// `ok`, or the kind of the error.
    result: &'static str,
    /// Empty, or what to do next depends on it.
    outcome: &'static str,
}

/// What times are told apart by: each line here becomes eight in what Prometheus fetches.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Endpoint {
    method: String,
    template: String,
}

/// How many attempts there were, and how long they took.
pub struct Metrics {
    registry: Registry,
    attempts: Family<Labels, Counter>,
    seconds: Family<Endpoint, Histogram>,
}

impl Default for Metrics {
    fn default() -> Metrics {
        let attempts = Family::<Labels, Counter>::default();
        let seconds =
            Family::<Endpoint, Histogram>::new_with_constructor(|| Histogram::new([0.1, 0.3, 1.0, 3.0, 10.0]));
        let mut registry = Registry::default();
        registry.register("wechatpay_attempts", "Attempts of calls to WeChat Pay", attempts.clone());
        registry.register("wechatpay_attempt_seconds", "How long they took", seconds.clone());
        Metrics { registry, attempts, seconds }
    }
}

impl Metrics {
    /// Counts an attempt.
    pub fn count(&self, attempt: &Observation) {
        let labels = Labels {
            mchid: attempt.mchid().into(),
            host: attempt.host().into(),
            method: attempt.method().into(),
            template: attempt.template().into(),
            result: attempt.kind().unwrap_or("ok"),
            outcome: match attempt.outcome() {
                None => "",
                Some(Outcome::NotSent) => "not_sent",
                Some(Outcome::Rejected) => "rejected",
                Some(Outcome::Unknown) => "unknown",
            },
        };
        let endpoint = Endpoint { method: labels.method.clone(), template: labels.template.clone() };
        self.attempts.get_or_create(&labels).inc();
        self.seconds.get_or_create(&endpoint).observe(attempt.total().as_secs_f64());
    }

    /// The text that Prometheus fetches.
    pub fn text(&self) -> Result<String, fmt::Error> {
        let mut text = String::new();
        encode(&mut text, &self.registry)?;
        Ok(text)
    }
}
