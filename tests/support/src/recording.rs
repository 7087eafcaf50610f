//! What was recorded of a PHP program.

use serde_json::{Map, Value};

use crate::ordered::Ordered;
use crate::shared::{shared, shared_file, shared_json};

/// A program's recording, and what it was recorded with.
pub struct Recording {
    /// The environment variables.
    pub env: Map<String, Value>,
    /// The files, by their paths: their content in base64, or the name of a key.
    pub files: Map<String, Value>,
    /// Whether a certificate of the platform has signed the answers, instead of its public key.
    pub has_certificate: bool,
    /// The moment at which the clock stood.
    pub clock: i64,
    /// Method, path and answers of each operation.
    pub answers: Vec<Value>,
    /// None of a program that sends nothing.
    pub requests: Vec<Value>,
    pub result: Value,
    /// The same in the order in which PHP has it.
    pub ordered_result: Ordered,
}

impl Recording {
    /// None when there is no reference folder.
    pub fn of(sample: &str) -> Option<Recording> {
        let fixtures = shared_json("php-samples/fixtures.json")?;
        let answers = shared_json("php-samples/answers.json")?;
        let answers = answers.as_array().unwrap().iter().filter(|rule| rule["sample"] == sample).cloned();
        let requests = format!("php-samples/{sample}.requests.json");
        let requests = shared_file(&requests)?.exists().then(|| shared_json(&requests)).flatten();
        Some(Recording {
            env: fixtures["env"].as_object().unwrap().clone(),
            files: fixtures["paths"].as_object().unwrap().clone(),
            has_certificate: fixtures["samples"][sample]["answer_serial"]
                == fixtures["env"]["WECHATPAY_PLATFORM_SERIAL"],
            clock: fixtures["clock"].as_i64().unwrap(),
            answers: answers.collect(),
            requests: requests.map_or(Vec::new(), |requests| requests.as_array().unwrap().clone()),
            result: shared_json(&format!("php-samples/{sample}.result.json"))?,
            ordered_result: Ordered::of(&shared(&format!("php-samples/{sample}.result.json"))?).unwrap(),
        })
    }
}
