//! What PHP means: its operators and functions by their names, for code that was ported from PHP. With the feature `php`.
//!
//! Where PHP and Rust differ, ported code calls PHP's operation instead of Rust's:
//!
//! ```
//! use wechatpay::{json, php};
//!
//! let order = json!({ "price": "19.90", "count": "3", "coupon": "0" });
//! let mut total = php::multiply(&order["price"], &order["count"])?;     // $total = $order['price'] * $order['count'];
//! if php::is_true(&order["coupon"]) {                                   // if ($order['coupon']) {
//!     total = php::subtract(&total, 5)?;                                //     $total -= 5; }
//! }
//! let mut bill = json!([]);
//! php::set(&mut bill, "fee", php::text(&total));                        // $bill['fee'] = (string) $total;
//! php::push(php::entry(&mut bill, "lines"), "tea");                     // $bill['lines'][] = 'tea';
//! assert_eq!(php::json_encode(&bill, 0), r#"{"fee":"59.7","lines":["tea"]}"#);
//! # Ok::<_, php::Error>(())
//! ```
//!
//! # Values
//!
//! * Values are JSON: [`Value`](serde_json::Value). Functions take them and plain types of Rust alike, by value or by reference:
//!   whatever is an [`Operand`]. `()` and `None` are `null`.
//! * An array is a list while its keys are 0, 1 and so on in this order, and otherwise an object in the order in which it was
//!   made, with texts as keys: `"5"` stands for the key 5. What functions return keeps to that; what they take need not.
//! * Numbers are PHP's integers of 64 bits and its floats. An integer beyond 64 bits with a sign is a float.
//! * Texts are UTF-8. What would cut a character in two, or give other bytes, is an [`Error`]; what is bytes by nature is
//!   a `Vec<u8>`, or taken as `AsRef<[u8]>`.
//!
//! # Errors
//!
//! * Where PHP throws, there is an [`Error`] of the same class and message. So there is where the result would be infinite or
//!   not a number, which JSON does not have.
//! * Where PHP warns and goes on, these go on.
//! * Where a text is asked for, anything is cast to one as by [`text`](fn@text). An array becomes `Array`, as it does between PHP's
//!   operators, where most of PHP's functions would throw.
//!
//! # What it is compared with
//!
//! PHP 8.2, in its default settings: the tests run some hundred thousand cases both here and there. Of optional arguments, the last
//! ones are often a function of their own: `sort` and `sort_with`, `strpos` and `strpos_from`.
//!
//! Time zones, locales, references between arrays and objects of classes are not here.
mod argument;
mod arithmetic;
mod array;
mod calendar;
mod characters;
mod choice;
mod classes;
mod compare;
mod comparing;
mod date;
mod digits;
mod encode;
mod error;
mod exceptions;
mod fallible;
mod format;
mod functional;
mod going;
mod json;
mod key;
mod letters;
mod limit;
mod making;
mod math;
mod natural;
mod numbers;
mod numeric;
mod operand;
mod order;
mod parts;
mod paths;
mod print;
mod query;
mod recursive;
mod sets;
mod sort;
mod split;
mod strings;
mod strtotime;
mod tags;
mod text;
mod url;
mod widths;

pub use argument::{float_argument, integer_argument};
pub use arithmetic::{add, decrement, divide, increment, intdiv, multiply, negate, power, remainder, subtract};
pub use array::{
    at, count, count_recursive, each, entry, get, has, is_set, keys, next_entry, object, push, set, unset, values,
    values_mut,
};
pub use characters::{chr, chunk_split, levenshtein, ord, quotemeta, similar_text, str_word_count, stripslashes};
pub use choice::{coalesce, elvis, get_debug_type, is_array, or_false, present};
pub use compare::{compare, equals, greater, greater_or_equal, identical, less, less_or_equal};
pub use comparing::{
    ctype_alnum, ctype_alpha, ctype_digit, ctype_lower, ctype_punct, ctype_space, ctype_upper, ctype_xdigit,
    strcasecmp, strcmp, strnatcasecmp, strnatcmp, strncasecmp, strncmp,
};
pub use date::{
    DATE_ATOM, DATE_COOKIE, DATE_ISO8601, DATE_RFC822, DATE_RFC850, DATE_RFC2822, DATE_RFC3339, DATE_RFC3339_EXTENDED,
    DATE_RFC7231, checkdate, date, mktime,
};
pub use encode::{
    addslashes, base64_decode, base64_encode, bin2hex, crc32, hash, hash_bytes, hash_equals, hash_hmac,
    hash_hmac_bytes, hex2bin, htmlspecialchars, http_build_query, http_build_query_rfc3986, md5, rawurldecode,
    rawurlencode, sha1, urldecode, urlencode,
};
pub use error::Error;
pub use exceptions::{class_of, code_of, is_a};
pub use fallible::{
    array_reduce, try_array_filter, try_array_filter_both, try_array_filter_key, try_array_map_two, try_array_reduce,
    try_uasort, try_uksort, try_usort,
};
pub use format::{number_format, sprintf, vsprintf};
pub use functional::{
    array_filter, array_filter_both, array_filter_key, array_filter_true, array_map, array_map_two, array_product,
    array_sum, larger, max, min, smaller, try_array_map,
};
pub use going::{each_mut, end, fields, items, reset};
pub use json::{
    JSON_FORCE_OBJECT, JSON_HEX_AMP, JSON_HEX_APOS, JSON_HEX_QUOT, JSON_HEX_TAG, JSON_NUMERIC_CHECK,
    JSON_PRESERVE_ZERO_FRACTION, JSON_PRETTY_PRINT, JSON_THROW_ON_ERROR, JSON_UNESCAPED_LINE_TERMINATORS,
    JSON_UNESCAPED_SLASHES, JSON_UNESCAPED_UNICODE, json_decode, json_decode_object, json_decode_strict, json_encode,
    json_last_error, json_last_error_msg,
};
pub use letters::{
    Pad, lcfirst, ltrim, ltrim_with, mb_strtolower, mb_strtoupper, nl2br, rtrim, rtrim_with, str_pad, str_repeat,
    strtolower, strtoupper, trim, trim_with, ucfirst, ucwords, ucwords_with, wordwrap,
};
pub use making::{
    array_change_key_case, array_chunk, array_combine, array_fill, array_fill_keys, array_flip, array_merge, array_pad,
    array_replace, array_reverse, range, union,
};
pub use math::{abs, ceil, floor, round};
pub use numbers::{base_convert, bindec, decbin, dechex, decoct, fmod, hexdec, microtime, octdec, random_int};
pub use operand::Operand;
pub use parts::{
    array_column, array_is_list, array_key_first, array_key_last, array_keys, array_keys_of, array_pop, array_push,
    array_shift, array_slice, array_splice, array_unshift, array_values,
};
pub use paths::{basename, basename_without, dirname, pathinfo};
pub use print::{print_r, var_dump, var_export};
pub use query::parse_str;
pub use recursive::{array_merge_recursive, array_replace_recursive};
pub use sets::{
    array_count_values, array_diff, array_diff_assoc, array_diff_key, array_intersect, array_intersect_assoc,
    array_intersect_key, array_search, array_unique, in_array,
};
pub use sort::{
    Sort, arsort, arsort_with, asort, asort_with, krsort, krsort_with, ksort, ksort_with, rsort, rsort_with, sort,
    sort_with, uasort, uksort, usort,
};
pub use split::{explode, implode, lines, mb_str_split, str_ireplace, str_replace, str_split, strtr, strtr_pairs};
pub use strings::{
    char_at, mb_strlen, mb_strpos, mb_strrpos, mb_substr, stripos, strlen, strpos, strpos_from, strrchr, strrev,
    strrpos, strstr, substr, substr_count, substr_replace,
};
pub use strtotime::strtotime;
pub use tags::strip_tags;
pub use text::{array, float, gettype, integer, intval, is_numeric, is_true, text};
pub use url::parse_url;
pub use widths::mb_strwidth;
