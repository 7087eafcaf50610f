//! Which calls a program makes, as far as its text says so.

use std::collections::BTreeSet;

/// What sends a request, without `_async`.
const VERBS: [&str; 5] = ["get", "post", "put", "patch", "delete"];

/// A method, and an expression of Rust for the path, of a variable `instance`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Call {
    pub method: String,
    pub path: String,
}

/// The calls of APIv3 whose whole path is in the text, each once.
pub fn calls(rust: &str) -> BTreeSet<Call> {
    let code: Vec<_> = rust.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let rust = code.join("\n");
    let macros = rust.match_indices("chain!(").filter_map(|(at, begin)| of_macro(rust.get(at..)?, begin.len()));
    let methods = rust.match_indices(".chain(\"").filter_map(|(at, begin)| of_text(rust.get(at..)?, begin.len(), ")"));
    let indices = rust.match_indices("[\"").filter_map(|(at, begin)| of_text(rust.get(at..)?, begin.len(), "]"));
    macros.chain(methods).chain(indices).collect()
}

/// `chain!(instance->v3->a->_x_).get(`
fn of_macro(text: &str, begin: usize) -> Option<Call> {
    let inside = text.get(begin..)?;
    let (arrows, rest) = inside.split_once(')')?;
    let (_, segments) = arrows.split_once("->")?;
    let is_name = |name: &str| {
        let name = name.strip_prefix("{\"").and_then(|name| name.strip_suffix("\"}")).unwrap_or(name);
        !name.is_empty() && name.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'))
    };
    let mut names = segments.split("->").map(str::trim);
    if !segments.starts_with("v3->") || !names.all(is_name) {
        return None;
    }
    Some(Call { method: method(rest)?, path: format!("chain!(instance->{segments})") })
}

/// `.chain("v3/a/{x}").get(`
fn of_text(text: &str, begin: usize, end: &str) -> Option<Call> {
    let (path, rest) = text.get(begin..)?.split_once('"')?;
    let rest = rest.strip_prefix(end)?;
    let is_plain = |letter: char| letter.is_ascii_alphanumeric() || "_-/{}.".contains(letter);
    let is_path = (path.starts_with("v3/") || path.starts_with("v3.")) && path.chars().all(is_plain);
    is_path.then_some(())?;
    Some(Call { method: method(rest)?, path: format!("instance.chain({path:?})") })
}

/// `.get(`, `.get_async(`, in this line or the next.
fn method(rest: &str) -> Option<String> {
    let (name, _) = rest.trim_start().strip_prefix('.')?.split_once('(')?;
    let name = name.strip_suffix("_async").unwrap_or(name);
    VERBS.contains(&name).then(|| name.to_uppercase())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_three_ways_to_write_a_path() {
        let found = calls(
            r#"
            let placed = chain!(client->v3->pay->transactions->native).post(json!({ "json": body }))?;
            chain!(self.client->v3->pay->transactions->outTradeNo->_out_trade_no_->close)
                .post_async(json!({}))
            chain!(client->v3->{"merchant-service"}->complaintsV2).get(())?;
            client.chain("v3/bill/tradebill").get(())?;
            client["v3/refund/domestic/refunds"].post(json!({}))?;
            "#,
        );
        let found: Vec<_> = found.iter().map(|call| format!("{} {}", call.method, call.path)).collect();
        let expected = [
            "GET chain!(instance->v3->{\"merchant-service\"}->complaintsV2)",
            "GET instance.chain(\"v3/bill/tradebill\")",
            "POST chain!(instance->v3->pay->transactions->native)",
            "POST chain!(instance->v3->pay->transactions->outTradeNo->_out_trade_no_->close)",
            "POST instance.chain(\"v3/refund/domestic/refunds\")",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_not_a_call_with_a_known_path() {
        let text = r#"
            // chain!(client->v3->certificates).get(())?;
            let pay = chain!(client->v3->pay);
            chain!(client->v3->pay->{action}).post(())?;
            chain!(client->v2->pay->orderquery).post(json!({}))?;
            prefix.chain("native").post(())?;
            client.chain("v3/certificates").pathname();
            json!({ "v3/certificates": 1 })["v3/certificates"].as_i64();
            client.chain("v3/\"").get(());
            chain!(
            "#;
        assert_eq!(calls(text), BTreeSet::new());
    }
}
