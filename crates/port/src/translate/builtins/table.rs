//! The functions of PHP for which `wechatpay::php` has one of the same arguments and the same meaning.

use crate::translate::types::Type;

/// A function of PHP, and what stands for it.
pub struct Function {
    pub php: &'static str,
    /// Its name in `wechatpay::php`.
    pub path: &'static str,
    pub takes: &'static [Take],
    pub gives: Gives,
    /// Whether it gives a `Result`.
    pub fails: bool,
}

/// What a parameter takes.
#[derive(Debug, PartialEq, Eq)]
pub enum Take {
    /// `impl Operand`
    Any,
    Integer,
    Float,
    Boolean,
    /// `impl AsRef<[u8]>`
    Bytes,
    /// `impl Into<Option<i64>>`
    Length,
    /// `&mut Value`
    Place,
    /// All that is left, as `&[impl Operand]`.
    Rest,
    /// May be left out; then this stands for it.
    Or(&'static Take, &'static str),
}

/// What a function gives.
#[derive(Debug, Clone, Copy)]
pub enum Gives {
    Nothing,
    Boolean,
    Integer,
    Float,
    Text,
    Json,
    /// `Option<i64>`: `int|false`.
    IntegerOrFalse,
    /// `Option<String>`: `string|false`.
    TextOrFalse,
    /// `Option<Value>`.
    JsonOrFalse,
}

impl Gives {
    pub fn ty(self) -> Type {
        match self {
            Gives::Nothing => Type::Null,
            Gives::Boolean => Type::Boolean,
            Gives::Integer => Type::Integer,
            Gives::Float => Type::Float,
            Gives::Text => Type::Text,
            Gives::Json => Type::Json,
            Gives::IntegerOrFalse => Type::OrFalse(Box::new(Type::Integer)),
            Gives::TextOrFalse => Type::OrFalse(Box::new(Type::Text)),
            Gives::JsonOrFalse => Type::OrFalse(Box::new(Type::Json)),
        }
    }
}

const ANY: Take = Take::Any;
const INTEGER: Take = Take::Integer;
const BOOLEAN: Take = Take::Boolean;
const BYTES: Take = Take::Bytes;
const LENGTH: Take = Take::Length;
const PLACE: Take = Take::Place;
const REST: Take = Take::Rest;

const fn or(take: &'static Take, default: &'static str) -> Take {
    Take::Or(take, default)
}

/// One that cannot fail.
const fn sure(php: &'static str, takes: &'static [Take], gives: Gives) -> Function {
    Function { php, path: php, takes, gives, fails: false }
}

/// One that gives a `Result`.
const fn fails(php: &'static str, takes: &'static [Take], gives: Gives) -> Function {
    Function { php, path: php, takes, gives, fails: true }
}

pub fn find(name: &str) -> Option<&'static Function> {
    [ARRAYS, TEXTS, VALUES].into_iter().flatten().find(|function| function.php == name)
}

const ARRAYS: &[Function] = &[
    fails("array_change_key_case", &[ANY, or(&BOOLEAN, "false")], Gives::Json),
    fails("array_chunk", &[ANY, INTEGER, or(&BOOLEAN, "false")], Gives::Json),
    fails("array_column", &[ANY, ANY, or(&ANY, "()")], Gives::Json),
    fails("array_combine", &[ANY, ANY], Gives::Json),
    fails("array_count_values", &[ANY], Gives::Json),
    fails("array_diff", &[ANY, REST], Gives::Json),
    fails("array_diff_assoc", &[ANY, REST], Gives::Json),
    fails("array_diff_key", &[ANY, REST], Gives::Json),
    fails("array_fill", &[INTEGER, INTEGER, ANY], Gives::Json),
    fails("array_fill_keys", &[ANY, ANY], Gives::Json),
    fails("array_flip", &[ANY], Gives::Json),
    fails("array_intersect", &[ANY, REST], Gives::Json),
    fails("array_intersect_assoc", &[ANY, REST], Gives::Json),
    fails("array_intersect_key", &[ANY, REST], Gives::Json),
    fails("array_is_list", &[ANY], Gives::Boolean),
    fails("array_key_first", &[ANY], Gives::Json),
    fails("array_key_last", &[ANY], Gives::Json),
    fails("array_keys", &[ANY], Gives::Json),
    fails("array_merge", &[REST], Gives::Json),
    fails("array_merge_recursive", &[REST], Gives::Json),
    fails("array_pad", &[ANY, INTEGER, ANY], Gives::Json),
    fails("array_pop", &[PLACE], Gives::Json),
    fails("array_product", &[ANY], Gives::Json),
    fails("array_push", &[PLACE, REST], Gives::Integer),
    fails("array_replace", &[REST], Gives::Json),
    fails("array_replace_recursive", &[REST], Gives::Json),
    fails("array_reverse", &[ANY, or(&BOOLEAN, "false")], Gives::Json),
    fails("array_search", &[ANY, ANY, or(&BOOLEAN, "false")], Gives::JsonOrFalse),
    fails("array_shift", &[PLACE], Gives::Json),
    fails("array_slice", &[ANY, INTEGER, or(&LENGTH, "None"), or(&BOOLEAN, "false")], Gives::Json),
    fails("array_splice", &[PLACE, INTEGER, or(&LENGTH, "None"), or(&ANY, "()")], Gives::Json),
    fails("array_sum", &[ANY], Gives::Json),
    fails("array_unique", &[ANY], Gives::Json),
    fails("array_unshift", &[PLACE, REST], Gives::Integer),
    fails("array_values", &[ANY], Gives::Json),
    fails("in_array", &[ANY, ANY, or(&BOOLEAN, "false")], Gives::Boolean),
    fails("range", &[ANY, ANY, or(&ANY, "1")], Gives::Json),
    // They go on with the array that they sort.
    fails("sort", &[PLACE], Gives::Nothing),
    fails("rsort", &[PLACE], Gives::Nothing),
    fails("asort", &[PLACE], Gives::Nothing),
    fails("arsort", &[PLACE], Gives::Nothing),
    fails("ksort", &[PLACE], Gives::Nothing),
    fails("krsort", &[PLACE], Gives::Nothing),
];

const TEXTS: &[Function] = &[
    sure("addslashes", &[ANY], Gives::Text),
    sure("base64_encode", &[BYTES], Gives::Text),
    sure("basename", &[ANY], Gives::Text),
    sure("bin2hex", &[BYTES], Gives::Text),
    fails("chr", &[INTEGER], Gives::Text),
    fails("chunk_split", &[ANY, or(&INTEGER, "76"), or(&ANY, "\"\\r\\n\"")], Gives::Text),
    sure("crc32", &[BYTES], Gives::Integer),
    sure("ctype_alnum", &[ANY], Gives::Boolean),
    sure("ctype_alpha", &[ANY], Gives::Boolean),
    sure("ctype_digit", &[ANY], Gives::Boolean),
    sure("ctype_lower", &[ANY], Gives::Boolean),
    sure("ctype_punct", &[ANY], Gives::Boolean),
    sure("ctype_space", &[ANY], Gives::Boolean),
    sure("ctype_upper", &[ANY], Gives::Boolean),
    sure("ctype_xdigit", &[ANY], Gives::Boolean),
    sure("dirname", &[ANY], Gives::Text),
    fails("explode", &[ANY, ANY, or(&LENGTH, "None")], Gives::Json),
    fails("hash", &[ANY, BYTES], Gives::Text),
    fails("hash_hmac", &[ANY, BYTES, BYTES], Gives::Text),
    sure("htmlspecialchars", &[ANY], Gives::Text),
    fails("implode", &[ANY, ANY], Gives::Text),
    sure("lcfirst", &[ANY], Gives::Text),
    sure("levenshtein", &[ANY, ANY], Gives::Integer),
    sure("ltrim", &[ANY], Gives::Text),
    fails("mb_str_split", &[ANY, or(&INTEGER, "1")], Gives::Json),
    sure("mb_strlen", &[ANY], Gives::Integer),
    sure("mb_strpos", &[ANY, ANY], Gives::IntegerOrFalse),
    sure("mb_strrpos", &[ANY, ANY], Gives::IntegerOrFalse),
    sure("mb_strwidth", &[ANY], Gives::Integer),
    sure("mb_substr", &[ANY, INTEGER, or(&LENGTH, "None")], Gives::Text),
    sure("nl2br", &[ANY], Gives::Text),
    sure("ord", &[ANY], Gives::Integer),
    sure("print_r", &[ANY], Gives::Text),
    sure("quotemeta", &[ANY], Gives::Text),
    fails("rawurldecode", &[ANY], Gives::Text),
    sure("rawurlencode", &[ANY], Gives::Text),
    sure("rtrim", &[ANY], Gives::Text),
    sure("sha1", &[BYTES], Gives::Text),
    sure("similar_text", &[ANY, ANY], Gives::Integer),
    sure("str_ireplace", &[ANY, ANY, ANY], Gives::Text),
    sure("str_replace", &[ANY, ANY, ANY], Gives::Text),
    fails("str_split", &[ANY, or(&INTEGER, "1")], Gives::Json),
    sure("str_word_count", &[ANY], Gives::Integer),
    sure("strcasecmp", &[ANY, ANY], Gives::Integer),
    sure("strcmp", &[ANY, ANY], Gives::Integer),
    sure("strip_tags", &[ANY], Gives::Text),
    sure("stripos", &[ANY, ANY], Gives::IntegerOrFalse),
    sure("stripslashes", &[ANY], Gives::Text),
    sure("strlen", &[ANY], Gives::Integer),
    sure("strnatcasecmp", &[ANY, ANY], Gives::Integer),
    sure("strnatcmp", &[ANY, ANY], Gives::Integer),
    fails("strncasecmp", &[ANY, ANY, INTEGER], Gives::Integer),
    fails("strncmp", &[ANY, ANY, INTEGER], Gives::Integer),
    sure("strpos", &[ANY, ANY], Gives::IntegerOrFalse),
    fails("strrchr", &[ANY, ANY], Gives::TextOrFalse),
    fails("strrev", &[ANY], Gives::Text),
    sure("strrpos", &[ANY, ANY], Gives::IntegerOrFalse),
    sure("strstr", &[ANY, ANY, or(&BOOLEAN, "false")], Gives::TextOrFalse),
    sure("strtolower", &[ANY], Gives::Text),
    sure("strtoupper", &[ANY], Gives::Text),
    fails("strtr", &[ANY, ANY, ANY], Gives::Text),
    fails("substr", &[ANY, INTEGER, or(&LENGTH, "None")], Gives::Text),
    fails("substr_count", &[ANY, ANY], Gives::Integer),
    fails("substr_replace", &[ANY, ANY, INTEGER, or(&LENGTH, "None")], Gives::Text),
    sure("trim", &[ANY], Gives::Text),
    sure("ucfirst", &[ANY], Gives::Text),
    sure("ucwords", &[ANY], Gives::Text),
    fails("urldecode", &[ANY], Gives::Text),
    sure("urlencode", &[ANY], Gives::Text),
    fails("wordwrap", &[ANY, or(&INTEGER, "75"), or(&ANY, "\"\\n\""), or(&BOOLEAN, "false")], Gives::Text),
];

const VALUES: &[Function] = &[
    fails("base_convert", &[ANY, INTEGER, INTEGER], Gives::Text),
    sure("bindec", &[ANY], Gives::Json),
    sure("checkdate", &[INTEGER, INTEGER, INTEGER], Gives::Boolean),
    sure("decbin", &[INTEGER], Gives::Text),
    sure("dechex", &[INTEGER], Gives::Text),
    sure("decoct", &[INTEGER], Gives::Text),
    sure("fmod", &[Take::Float, Take::Float], Gives::Float),
    sure("get_debug_type", &[ANY], Gives::Text),
    sure("gettype", &[ANY], Gives::Text),
    sure("hexdec", &[ANY], Gives::Json),
    fails("http_build_query", &[ANY], Gives::Text),
    fails("intdiv", &[ANY, ANY], Gives::Integer),
    sure("intval", &[ANY, INTEGER], Gives::Integer),
    sure("is_numeric", &[ANY], Gives::Boolean),
    fails("number_format", &[ANY, or(&INTEGER, "0"), or(&ANY, "\".\""), or(&ANY, "\",\"")], Gives::Text),
    sure("octdec", &[ANY], Gives::Json),
    sure("parse_url", &[ANY], Gives::JsonOrFalse),
    fails("random_int", &[INTEGER, INTEGER], Gives::Integer),
    fails("round", &[ANY, or(&INTEGER, "0")], Gives::Float),
    sure("mktime", &[INTEGER, INTEGER, INTEGER, INTEGER, INTEGER, INTEGER], Gives::IntegerOrFalse),
    sure("var_export", &[ANY], Gives::Text),
];
