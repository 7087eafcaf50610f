//! `wechatpay::php` beside PHP itself: thousands of cases, each run by both. Without PHP the tests say that they were skipped.

mod arguments;
mod arrays;
mod choices;
mod dates;
mod encodings;
mod formats;
mod operators;
mod oracle;
mod pieces;
mod printing;
mod sorting;
mod texts;
mod values;
