//! HTML, addresses, base64, digests.

use wechatpay::{Value, json, php};

use crate::oracle::{Cases, literal, quoted};
use crate::values::{Random, scalars};

#[test]
fn texts() {
    let mut cases = Cases::default();
    let mut random = Random::new(71);
    let special = [
        "<a href='x'>\"&amp;\"</a>",
        "it's \\ \0",
        "a+b%20c%zz%e8%8c%b6%",
        "~!@#$%^&*()_-=+[]{}|;:,./?",
        "6Iy2",
        "YQ==",
        "YWI",
        "YQ= =",
        "a",
        "A===",
        "Y*Q",
        "=YQ",
    ];
    let values: Vec<Value> =
        special.map(Value::from).into_iter().chain(scalars()).filter(|value| !value.is_null()).collect();
    let more = (0..1500).map(|_| Value::from(random.text() + &random.text())).collect::<Vec<_>>();
    for value in values.into_iter().chain(more) {
        let (code, text) = (literal(&value), php::text(&value));
        cases.expression(format!("htmlspecialchars({code})"), php::htmlspecialchars(&value));
        cases.expression(format!("addslashes({code})"), php::addslashes(&value));
        cases.expression(format!("urlencode({code})"), php::urlencode(&value));
        cases.expression(format!("rawurlencode({code})"), php::rawurlencode(&value));
        cases.expression(format!("urldecode({code})"), php::urldecode(&value));
        cases.expression(format!("rawurldecode({code})"), php::rawurldecode(&value));
        cases.expression(format!("base64_encode({code})"), php::base64_encode(&text));
        for strict in [true, false] {
            let decoded = php::base64_decode(&value, strict).map(php::bin2hex);
            cases.statements(
                format!("$b = base64_decode({code}, {strict}); return $b === false ? false : bin2hex($b);"),
                decoded,
            );
        }
        cases.expression(format!("bin2hex({code})"), php::bin2hex(&text));
        let bytes = php::hex2bin(&value).map(php::bin2hex);
        cases.statements(format!("$b = hex2bin({code}); return $b === false ? false : bin2hex($b);"), bytes);
        cases.expression(format!("md5({code})"), php::md5(&text));
        cases.expression(format!("sha1({code})"), php::sha1(&text));
        cases.expression(format!("crc32({code})"), php::crc32(&text));
    }
    for algorithm in [
        "md5",
        "SHA1",
        "sha224",
        "sha256",
        "sha384",
        "sha512",
        "sha512/256",
        "sha512/224",
        "sha3-256",
        "crc32b",
        "ripemd160",
        "x",
    ] {
        cases.expression(format!("hash('{algorithm}', '茶')"), php::hash(algorithm, "茶"));
        cases.expression(format!("hash_hmac('{algorithm}', '茶', 'k')"), php::hash_hmac(algorithm, "茶", "k"));
        let bytes = php::hash_hmac_bytes(algorithm, "茶", "k").map(php::base64_encode);
        cases.expression(format!("base64_encode(hash_hmac('{algorithm}', '茶', 'k', true))"), bytes);
    }
    cases.expression("hash_equals('a', 'b')", php::hash_equals("a", "b"));
    cases.check(15_000);
}

#[test]
fn queries() {
    let mut cases = Cases::default();
    let mut random = Random::new(72);
    for _ in 0..2000 {
        let array = random.array(2);
        let code = literal(&array);
        cases.expression(format!("http_build_query({code})"), php::http_build_query(&array));
        let rfc3986 = format!("http_build_query({code}, '', '&', PHP_QUERY_RFC3986)");
        cases.expression(rfc3986, php::http_build_query_rfc3986(&array));
    }
    cases.expression(
        "http_build_query([true, false, 1.0, 0.1 + 0.2, 1e25])",
        php::http_build_query(json!([true, false, 1.0, 0.1 + 0.2, 1e25])),
    );
    cases.check(4000);
}

#[test]
fn addresses() {
    let mut cases = Cases::default();
    let mut random = Random::new(73);
    let written = [
        "",
        "/",
        "/a/b?c=d#e",
        "https://example.com",
        "https://example.com/",
        "http://user:pass@example.com:8080/a/b?c=d&e=f#g",
        "//example.com/a",
        "example.com:80",
        "example.com:80/a",
        "example.com/a:b",
        "mailto:a@example.com",
        "http:///a",
        "file:///etc/x",
        "file:///c:/x",
        "http://[::1]:80/",
        "http://[::1]",
        "http://a:b:c@d",
        "http://a@b@c/",
        "?a=b",
        "#a",
        "a?b#c?d",
        "http://a?b",
        "http://a#b",
        "http://a:99999/",
        "http://a:0/",
        "http://a:/",
        "http://a:x/",
        "http://:80",
        ":80",
        ":",
        "a:",
        "a:80x",
        "x:0/",
        "http:/a",
        "http:a",
        "http://茶.cn/店",
        "weixin://wxpay/bizpayurl?pr=x",
        "/a:80",
        "/a:b",
        "//a:80/b",
        "a b:80",
        "http://a/b\u{1}c",
        "http://user@a",
        "http://:p@a",
        "http://a:123456/",
        "a:123456",
        "data:text/plain,x",
        "//",
        "///",
        "http://",
        "http://?",
        "http://a/?",
        "http://a/#",
        "a#",
        "a?",
        "1:2",
        "1.2.3.4:5?x",
        "x://::abc/?",
    ];
    let parts =
        ["http", "https", ":", "//", "/", "a", "b.cn", "@", "?", "#", "80", ":8", "[", "]", "=", "&", "-", "_", "茶"];
    let made =
        (0..3000).map(|_| (0..random.below(8)).map(|_| *random.of(&parts)).collect::<String>()).collect::<Vec<_>>();
    for url in written.map(str::to_owned).into_iter().chain(made) {
        cases.expression(format!("parse_url({})", quoted(&url)), php::parse_url(&url));
    }
    cases.check(3000);
}
