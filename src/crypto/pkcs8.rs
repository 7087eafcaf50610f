//! The encodings of private keys of which OpenSSL would leave copies in memory.
//!
//! OpenSSL 3 frees what it decodes from PEM and PKCS#8 without overwriting it, digits of the key included. Of PKCS#1 it
//! keeps no copy. So the layers around PKCS#1 are removed here; keys in any other encoding are left to OpenSSL.

use zeroize::Zeroizing;

use super::{SecretBytes, decode_base64};

const SEQUENCE: u8 = 0x30;
const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;

/// `rsaEncryption` and its empty parameters.
const RSA: &[u8] = &[0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01, 0x05, 0x00];

/// The DER of an unencrypted private key in a PEM block with this label; `None` if its form is unusual.
pub(crate) fn der_of_pem(pem: &[u8], label: &str) -> Option<SecretBytes> {
    let text = std::str::from_utf8(pem).ok()?;
    let (_, after) = text.split_once("-----BEGIN ")?;
    let (inside, after) = after.strip_prefix(label)?.strip_prefix("-----")?.split_once("-----END ")?;
    // The headers of an encrypted key contain a colon.
    let is_ended = after.strip_prefix(label).is_some_and(|after| after.starts_with("-----"));
    if inside.contains([':', '-']) || !is_ended {
        return None;
    }
    from_base64(inside)
}

/// Decodes base64, which may be broken into lines.
pub(crate) fn from_base64(text: &str) -> Option<SecretBytes> {
    // With its full capacity from the start: a buffer that grows leaves copies behind.
    let mut compact = Zeroizing::new(String::with_capacity(text.len()));
    text.split_ascii_whitespace().for_each(|line| compact.push_str(line));
    decode_base64(&compact).map(Zeroizing::new)
}

/// The PKCS#1 inside PKCS#8; `None` if that is not an RSA key.
pub(crate) fn pkcs1(pkcs8: &[u8]) -> Option<&[u8]> {
    let (whole, after) = element(pkcs8, SEQUENCE)?;
    let (version, rest) = element(whole, INTEGER)?;
    let (algorithm, rest) = element(rest, SEQUENCE)?;
    // Attributes may follow.
    let (key, _) = element(rest, OCTET_STRING)?;
    (after.is_empty() && version == [0] && algorithm == RSA).then_some(key)
}

/// The content of the first element, which must be of this kind, and what follows it.
fn element(der: &[u8], kind: u8) -> Option<(&[u8], &[u8])> {
    let (first, rest) = der.split_first()?;
    let (length, rest) = rest.split_first()?;
    if *first != kind {
        return None;
    }
    let (length, rest) = match length.checked_sub(0x80) {
        None => (usize::from(*length), rest),
        Some(count @ 1..=4) => {
            let (digits, rest) = rest.split_at_checked(usize::from(count))?;
            let length = digits
                .iter()
                .try_fold(0_usize, |length, digit| length.checked_mul(0x100)?.checked_add(usize::from(*digit)))?;
            (length, rest)
        }
        Some(_) => return None,
    };
    rest.split_at_checked(length)
}

#[cfg(test)]
mod tests {
    use openssl::pkey::PKey;
    use openssl::rsa::Rsa;

    use super::*;

    #[test]
    fn pkcs1_is_found_inside_of_pkcs8_and_of_nothing_else() {
        let rsa = Rsa::generate(2048).unwrap();
        let expected = rsa.private_key_to_der().unwrap();
        let key = PKey::from_rsa(rsa).unwrap();
        let pkcs8 = key.private_key_to_pkcs8().unwrap();
        assert_eq!(pkcs1(&pkcs8).unwrap(), expected);
        let pem = key.private_key_to_pem_pkcs8().unwrap();
        assert_eq!(**der_of_pem(&pem, "PRIVATE KEY").unwrap(), pkcs8);
        assert!(der_of_pem(&pem, "RSA PRIVATE KEY").is_none());

        assert!(pkcs1(&expected).is_none());
        for end in 0..pkcs8.len() {
            assert!(pkcs1(&pkcs8[..end]).is_none(), "{end}");
        }
        assert!(pkcs1(&[&pkcs8[..], &[0]].concat()).is_none());
        let another = PKey::generate_ed25519().unwrap().private_key_to_pkcs8().unwrap();
        assert!(pkcs1(&another).is_none());
        assert!(pkcs1(&[0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x02]).is_none());
    }
}
