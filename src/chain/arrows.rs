//! The macro [`chain!`], and what it says about what PHP's habits make of it.

/// PHP's arrow chain, written as in PHP: `chain!(instance->v3->pay->transactions->native)`.
///
/// After the instance, which can be any expression, there can be, in any number and order:
/// * `->name`: any identifier, including keywords such as `return`, `try`, `use` and `type`;
/// * `->{"merchant-service"}`: any expression that gives a string;
/// * `["{openid}/coupons/{coupon_code}"]`: likewise any expression that gives a string.
///
/// The result is a [`Chain`](crate::Chain). The instance is only borrowed.
///
/// ```no_run
/// use wechatpay::{chain, json};
/// # fn main() -> anyhow::Result<()> {
/// # let instance = wechatpay::Builder::new().build()?;
/// let response = chain!(instance->v3->payscore->serviceorder->_out_order_no_->{"complete"}).post(json!({
///     "out_order_no": "1234323JKHDFE1243252",
///     "json": { "appid": "wxd678efh567hg6787" },
/// }))?;
/// # let _ = response;
/// # Ok(()) }
/// ```
#[macro_export]
macro_rules! chain {
    // `[the instance] [the segments so far, each as an expression of type &str] (the same as they were written) the rest`.
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*)) => {
        $crate::__private::extended(&($($root)+), &[$($segments),*])
    };
    // A method in PHP's place for it.
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> $method:ident ($($argument:tt)*) $($rest:tt)*) => {
        $crate::chain!(@method [$($root)+] ($($written)*) $method ($($argument)*) $($rest)*)
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> $name:ident - $($rest:tt)*) => {
        $crate::chain!(@hyphens ($($written)*) (::core::stringify!($name),) - $($rest)*)
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> $name:ident $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* $crate::__private::identifier(::core::stringify!($name)),]
            ($($written)* "->", ::core::stringify!($name),)
            $($rest)*
        )
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> { $text:literal } $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* $crate::__private::literal($text),]
            ($($written)* "->{", ::core::stringify!($text), "}",)
            $($rest)*
        )
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) -> { $segment:expr } $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* ::core::convert::AsRef::<str>::as_ref(&$segment),]
            ($($written)* "->{", ::core::stringify!($segment), "}",)
            $($rest)*
        )
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) [$text:literal] $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* $crate::__private::literal($text),]
            ($($written)* "[", ::core::stringify!($text), "]",)
            $($rest)*
        )
    };
    (@segments [$($root:tt)+] [$($segments:expr,)*] ($($written:tt)*) [$segment:expr] $($rest:tt)*) => {
        $crate::chain!(
            @segments [$($root)+]
            [$($segments,)* ::core::convert::AsRef::<str>::as_ref(&$segment),]
            ($($written)* "[", ::core::stringify!($segment), "]",)
            $($rest)*
        )
    };

    // What else is written at this place: a message with what was meant. Signs come before literals, as `-` may begin one.
    (@segments [$($root:tt)+] $segments:tt ($($written:tt)*) . $method:ident ($($argument:tt)*) $($rest:tt)*) => {
        $crate::chain!(@method [$($root)+] ($($written)*) $method ($($argument)*) $($rest)*)
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) ->) => {
        $crate::chain!(@message "nothing follows the last `->` of `", $($written)* "->`")
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) -> ($($segment:tt)*) $($rest:tt)*) => {
        $crate::chain!(
            @message "a segment made by an expression goes into braces: write `",
            $($written)* "->{", ::core::stringify!($($segment)*), "}`"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) -> $sign:tt $name:ident $($rest:tt)*) => {
        $crate::chain!(
            @message "`", ::core::stringify!($sign), "` cannot begin a segment: write `",
            $($written)* "->", ::core::stringify!($name), "` if that is its name, or `",
            $($written)* "->{", ::core::stringify!($name), "}` if it is a variable of your program"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) -> $text:literal $($rest:tt)*) => {
        $crate::chain!(
            @message "after `->`, what is not a name goes into braces: write `", $($written)* "->{\"", $text, "\"}`"
        )
    };
    (@segments [$($root:tt)+] $segments:tt ($($written:tt)*) , $($options:tt)*) => {
        $crate::chain!(
            @message "options are given to the method, after the macro: write `chain!(",
            $($written)* ").post(", ::core::stringify!($($options)*), ")`"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) { $($segment:tt)* } $($rest:tt)*) => {
        $crate::chain!(
            @message "an arrow is missing: write `", $($written)* "->{", ::core::stringify!($($segment)*), "}`"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) $name:ident $($rest:tt)*) => {
        $crate::chain!(@message "an arrow is missing: write `", $($written)* "->", ::core::stringify!($name), "`")
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) $sign:tt $name:ident $($rest:tt)*) => {
        $crate::chain!(
            @message "segments are separated by `->`, not by `", ::core::stringify!($sign), "`: write `",
            $($written)* "->", ::core::stringify!($name), "`"
        )
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) $text:literal $($rest:tt)*) => {
        $crate::chain!(@message "an arrow is missing: write `", $($written)* "->{\"", $text, "\"}`")
    };
    (@segments $root:tt $segments:tt ($($written:tt)*) $($rest:tt)+) => {
        $crate::chain!(
            @message "`", ::core::stringify!($($rest)+), "` cannot follow `", $($written)*
            "`: a segment is `->name`, `->_variable_`, `->{\"any text\"}` or `[\"any/text\"]`"
        )
    };
    (@method $root:tt ($($written:tt)*) $method:ident ($($argument:tt)*) $($rest:tt)*) => {
        $crate::chain!(
            @message "methods come after the macro: write `chain!(", $($written)*
            ").", ::core::stringify!($method), "(", ::core::stringify!($($argument)*), ")", ::core::stringify!($($rest)*), "`"
        )
    };
    // A name with hyphens, up to where it ends.
    (@hyphens ($($written:tt)*) ($($name:tt)*) - $part:ident $($rest:tt)*) => {
        $crate::chain!(@hyphens ($($written)*) ($($name)* "-", ::core::stringify!($part),) $($rest)*)
    };
    (@hyphens ($($written:tt)*) ($($name:tt)*) - $part:literal $($rest:tt)*) => {
        $crate::chain!(@hyphens ($($written)*) ($($name)* "-", $part,) $($rest)*)
    };
    (@hyphens ($($written:tt)*) ($($name:tt)*) $($rest:tt)*) => {
        $crate::chain!(
            @message "a name with hyphens goes into braces: write `", $($written)* "->{\"", $($name)*
            "\"}`, or a capital for each hyphen and the letter after it, as in PHP"
        )
    };
    (@message $($part:tt)*) => {
        ::core::compile_error!(::core::concat!($($part)*))
    };

    // The instance: everything before the first arrow.
    (@root [$($root:tt)+] -> $($rest:tt)*) => {
        $crate::chain!(@segments [$($root)+] [] (::core::stringify!($($root)+),) -> $($rest)*)
    };
    (@root [$($root:tt)+] => $($rest:tt)*) => {
        $crate::chain!(@message "the arrow is `->`, as in PHP: write `", ::core::stringify!($($root)+), "->…`")
    };
    (@root [$($root:tt)*] $next:tt $($rest:tt)*) => {
        $crate::chain!(@root [$($root)* $next] $($rest)*)
    };
    (@root [$($root:tt)+]) => {
        $crate::Chain::clone(&($($root)+))
    };

    () => {
        $crate::chain!(@message "the instance and the path are missing: write `chain!(instance->v3->…)`")
    };
    (-> $($rest:tt)*) => {
        $crate::chain!(@message "the instance is missing: write `chain!(instance->", ::core::stringify!($($rest)*), ")`")
    };
    (& $($rest:tt)+) => {
        $crate::chain!(@root [&] $($rest)+)
    };
    (* $($rest:tt)+) => {
        $crate::chain!(@root [*] $($rest)+)
    };
    // `$instance->…`: a dollar cannot be matched by itself.
    ($dollar:tt $instance:ident -> $($rest:tt)*) => {
        $crate::chain!(
            @message "variables have no `", ::core::stringify!($dollar), "` in Rust: write `chain!(",
            ::core::stringify!($instance), "->", ::core::stringify!($($rest)*), ")`"
        )
    };
    ($first:tt $($rest:tt)*) => {
        $crate::chain!(@root [$first] $($rest)*)
    };
}
