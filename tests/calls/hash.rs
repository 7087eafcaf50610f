//! The hashes of APIv2 where PHP's recordings do not reach: empty keys, unknown functions, unequal lengths.

use wechatpay::{Error, Hash};

#[test]
fn hashes_of_unusual_keys_and_functions() {
    // HMAC under an empty key, by RFC 2104: that of `&key=`.
    let empty = Hash::hmac("", "", "sha256").unwrap();
    assert_eq!(empty, Hash::hmac("", "", "SHA256").unwrap());
    assert_eq!(empty, "619d703845349a7b411e7b7bd69588b1309209bd1ca6d9695a02200bc3194809");
    assert_eq!(Hash::hmac("a", "k", "sha512").unwrap().len(), 128);
    assert_eq!(Hash::hmac("a", "k", "md5").unwrap().len(), 32);
    for algo in ["", "sha", "sha-257", "sha256\0", "中", "null", "shake128"] {
        let error = Hash::hmac("a", "k", algo).unwrap_err();
        assert!(matches!(error, Error::Crypto(_)), "{algo:?}: {error:?}");
    }
    assert_eq!(Hash::md5("", "", false), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(Hash::md5("", "", true), "d41d8cd98f00b204e9800998ecf8427e");
    assert_eq!(Hash::sign("md5", "a", "k"), None);
    assert_eq!(Hash::sign("", "a", "k"), None);
    assert_eq!(Hash::sign(Hash::ALGO_HMAC_SHA256, "", ""), Some(empty.to_uppercase()));
    for (known, user, same) in [
        ("a", Some("a"), true),
        ("a", Some("A"), false),
        ("a", Some("ab"), false),
        ("", Some(""), true),
        ("", None, false),
    ] {
        assert_eq!(Hash::equals(known, user), same, "{known:?} {user:?}");
    }
}
