//! Nothing is lost silently: statements and comments are taken out of the recorded programs and put in, by chance, and what is in
//! there according to PHP is in the Rust.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use support::php;
use support::random::Random;
use support::shared::shared;
use wechatpay_port::{FindingKind, Ported, Refusal};

use crate::mutants::Mutant;
use crate::scan::Scan;

const SAMPLES: [&str; 12] = [
    "01_bookstore_native",
    "02_TeaJsapiCashier",
    "04_TravelRefundService",
    "05_mall_combine_partner",
    "07_busifavor_coupons",
    "09_RewardTransfer",
    "10_ComplaintDesk",
    "12_sub_merchant_apply",
    "14_legacy_v2_orders",
    "16_NotifyController",
    "17_v2_notify_and_signs",
    "18_custom_stack_probe",
];

/// A number from the environment.
fn number(name: &str) -> Option<u64> {
    std::env::var(name).ok().map(|text| text.parse().unwrap_or_else(|_| panic!("{name} is no number")))
}

/// The recorded programs by their names.
pub fn samples() -> Option<Vec<(String, String)>> {
    let texts = SAMPLES.iter().map(|name| Some(((*name).to_owned(), shared(&format!("php-samples/{name}.php"))?)));
    texts.collect()
}

/// What PHP says of sources: why one is not PHP, or its comments with their places.
fn judged<'a>(sources: impl Iterator<Item = &'a str>) -> Vec<Result<Vec<(usize, String)>, String>> {
    let sources: Vec<&str> = sources.collect();
    let printed = php::run(include_str!("comments.php"), &json!(sources).to_string());
    let judge = |line: &str| {
        let judged: Value = line.parse().unwrap();
        if let Some(error) = judged["error"].as_str() {
            return Err(error.to_owned());
        }
        let comments = judged["comments"].as_array().unwrap().iter();
        let comment = |pair: &Value| (pair[0].as_u64().unwrap() as usize, pair[1].as_str().unwrap().to_owned());
        Ok(comments.map(comment).collect())
    };
    let judged: Vec<_> = printed.lines().map(judge).collect();
    assert_eq!(judged.len(), sources.len());
    judged
}

#[test]
fn nothing_is_lost_whatever_is_taken_out_or_put_in() {
    let Some(samples) = samples() else { return };
    if !php::is_there() {
        return;
    }
    // The same in each run, so that a change is judged by what it changed; others by hand.
    let seed = number("WECHATPAY_SEED").unwrap_or(1);
    let count = number("WECHATPAY_MUTANTS").unwrap_or(500) as usize;
    println!("WECHATPAY_SEED={seed} WECHATPAY_MUTANTS={count}");
    let mut random = Random::new(seed);
    let mutants: Vec<Mutant> = (0..count).map(|_| Mutant::make(&samples, &mut random)).collect();
    let judged = judged(mutants.iter().map(|mutant| mutant.php.as_str()));
    let is_php = judged.iter().filter(|judged| judged.is_ok()).count();
    assert!(is_php * 10 > count * 7, "only {is_php} of {count} are PHP: the test makes too many that are not");

    let mut failures: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, (mutant, judged)) in mutants.iter().zip(&judged).enumerate() {
        let wrong = check(mutant, judged).err();
        // What is no error of grammar, such as a class that is there twice, PHP says only when it compiles.
        if let Some(what) = wrong.filter(|_| judged.is_err() || php::lint_text(&mutant.php).is_ok()) {
            failures.entry(what).or_default().push(at);
        }
    }
    let shown = failures.iter().take(8).map(|(what, all)| {
        let smallest = all.iter().map(|at| &mutants[*at]).min_by_key(|mutant| mutant.php.len()).unwrap();
        format!("{what}, {} times, such as in {}:\n{}\n", all.len(), smallest.sample, smallest.php)
    });
    assert!(
        failures.is_empty(),
        "{} ways to fail, with the seed {seed}:\n{}",
        failures.len(),
        shown.collect::<String>()
    );
}

fn check(mutant: &Mutant, judged: &Result<Vec<(usize, String)>, String>) -> Result<(), String> {
    let ported = match (wechatpay_port::port(mutant.php.as_bytes()), judged) {
        (Ok(ported), Ok(_)) => ported,
        (Err(Refusal::Syntax { .. }), Err(_)) => return Ok(()),
        (Err(refusal), Ok(_)) => return Err(format!("PHP takes it, the porter does not: {refusal}")),
        (Err(refusal), Err(_)) => return Err(format!("it is not PHP, and is refused otherwise: {refusal}")),
        (Ok(_), Err(error)) => {
            let (_, message) = error.split_once(": ").unwrap();
            return Err(format!("it is not PHP, and is ported all the same: {message}"));
        }
    };
    let comments = judged.as_ref().unwrap();
    check_comments(&mutant.php, comments, &ported.rust)?;
    check_markers(mutant, &ported.rust)?;
    check_texts(&mutant.php, &ported.rust)?;
    check_reported(&mutant.php, &ported)?;
    let lines = ported.rust.lines().count();
    let php_lines = mutant.php.lines().count();
    let in_order = ported.origins.is_sorted_by_key(|(rust, _)| *rust);
    let inside = ported.origins.iter().all(|(rust, php)| (1..=lines).contains(rust) && (1..=php_lines).contains(php));
    let found = ported.findings.iter().all(|finding| (1..=php_lines).contains(&finding.position.line));
    if in_order && inside && found { Ok(()) } else { Err("lines that are not there".to_owned()) }
}

/// Each line of each comment is in a comment of the Rust, and those of one function are in their order.
fn check_comments(php: &str, comments: &[(usize, String)], rust: &str) -> Result<(), String> {
    let scan = Scan::of(php);
    let written: Vec<&str> = rust.lines().filter_map(|line| line.find("//").map(|at| &line[at..])).collect();
    let mut places: BTreeMap<Option<usize>, usize> = BTreeMap::new();
    let mut used = vec![Vec::new(); written.len()];
    for (offset, comment) in comments {
        let function = scan.function(*offset);
        for words in lines_of(comment) {
            let known = places.get(&function).filter(|_| function.is_some());
            let from = known.copied().unwrap_or(0);
            // Two comments with the same words are two comments.
            let place = (from..written.len()).find(|at| {
                written[*at].matches(words).count() > used[*at].iter().filter(|used| **used == words).count()
            });
            let Some(place) = place else {
                let known = written.iter().any(|line| line.contains(words));
                let kind = words.split(char::is_whitespace).next().filter(|word| *word == "remark").unwrap_or(words);
                return Err(format!("a comment is {}: {kind}", if known { "out of order" } else { "lost" }));
            };
            used[place].push(words);
            places.insert(function, place);
        }
    }
    Ok(())
}

/// What a comment says, line by line.
fn lines_of(comment: &str) -> impl Iterator<Item = &str> {
    let inner = comment
        .strip_prefix("/*")
        .map_or(comment.trim_start_matches(['/', '#']), |inner| inner.strip_suffix("*/").unwrap_or(inner));
    inner
        .lines()
        .map(|line| line.trim().trim_start_matches('*').trim_end_matches('*').trim())
        .filter(|line| !line.is_empty())
}

/// Each of the statements that were put in is there, once, and in its order.
fn check_markers(mutant: &Mutant, rust: &str) -> Result<(), String> {
    let lines: Vec<&str> = rust.lines().filter(|line| !line.contains("TODO(port)")).collect();
    let statement = |marker: &str| {
        let line = mutant.php.lines().find(|line| line.contains(marker)).unwrap_or_default();
        line.trim().replace(|c: char| c.is_ascii_digit(), "N")
    };
    let mut last = 0;
    for marker in &mutant.markers {
        let places: Vec<usize> = (0..lines.len()).filter(|at| lines[*at].contains(marker)).collect();
        match places[..] {
            [place] if place >= last => last = place,
            // PHP that stays as a comment stands before what surrounds it.
            [place] if lines[place].trim_start().starts_with("//") => {}
            [] => return Err(format!("a statement is lost: {}", statement(marker))),
            [_] => return Err(format!("a statement is out of order: {}", statement(marker))),
            _ => return Err(format!("a statement is there {} times: {}", places.len(), statement(marker))),
        }
    }
    Ok(())
}

/// Each run of Chinese, in a text or in a comment, is in the Rust as often at least.
fn check_texts(php: &str, rust: &str) -> Result<(), String> {
    let is_chinese = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    let mut runs: Vec<&str> = php.split(|c| !is_chinese(c)).filter(|run| run.chars().count() > 1).collect();
    runs.sort_unstable();
    for same in runs.chunk_by(|one, other| one == other) {
        let count = rust.split(|c| !is_chinese(c)).filter(|run| run == &same[0]).count();
        if count < same.len() {
            return Err(format!("a text is lost: {}", same[0]));
        }
    }
    Ok(())
}

/// What is left to do stands there as PHP; of a default or a member, its declaration may stand there in Rust.
fn check_reported(php: &str, ported: &Ported) -> Result<(), String> {
    let scan = Scan::of(php);
    let lines: Vec<&str> = php.lines().collect();
    let offset = |line: usize| lines[..line - 1].iter().map(|line| line.len() + 1).sum::<usize>();
    let written: Vec<&str> = ported.rust.lines().filter_map(|line| line.find("// ").map(|at| &line[at..])).collect();
    for finding in ported.findings.iter().filter(|finding| finding.kind == FindingKind::Todo) {
        let rest: String = lines[finding.position.line - 1].chars().skip(finding.position.column - 1).collect();
        // A comment on the line may stand elsewhere.
        let code = rest.split("//").next().unwrap().split(['#', ';', ']']).next().unwrap();
        let code = code.split("/*").next().unwrap().trim_end_matches([' ', ',', '{', '(', '[']);
        let mark = format!("TODO(port) {}:{}: ", finding.position.line, finding.position.column);
        let in_function = scan.function(offset(finding.position.line) + 1).is_some();
        let is_there = match in_function {
            true => written.iter().any(|line| !line.contains("TODO(port)") && line.contains(code)),
            false => written.iter().any(|line| line.contains(&mark)),
        };
        if !is_there {
            return Err(format!("what is left to do does not stand there: {}: {code}", finding.message));
        }
    }
    Ok(())
}

/// What the mutants are made with finds the comments that PHP finds, and statements and places for more.
#[test]
fn the_scan_agrees_with_php() {
    let Some(samples) = samples() else { return };
    if !php::is_there() {
        return;
    }
    let judged = judged(samples.iter().map(|(_, php)| php.as_str()));
    for ((name, php), judged) in samples.iter().zip(judged) {
        let scan = Scan::of(php);
        let found: Vec<(usize, String)> =
            scan.comments.iter().map(|range| (range.start, php[range.clone()].to_owned())).collect();
        assert_eq!(Ok(found), judged, "{name}");
        assert!(
            scan.statements().len() > 15 && scan.places().len() > 10,
            "{name}: {} {}",
            scan.statements().len(),
            scan.places().len()
        );
    }
}
