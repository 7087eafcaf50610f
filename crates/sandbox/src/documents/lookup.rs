//! Which documented operation a request calls.

use std::borrow::Cow;

use wechatpay_catalog::{Found, catalog};

use crate::request::Request;
use crate::routing::{is_apiv2, variables};

/// The path of a request as the documents write it: that of APIv2 begins with `v2/`.
pub(crate) fn path(request: &Request) -> Cow<'_, str> {
    let path = request.path().strip_prefix('/').unwrap_or_default();
    if is_apiv2(request) { format!("v2/{path}").into() } else { path.into() }
}

/// The operation of a method and a [`path`].
pub(crate) fn find<'p>(method: &str, path: &'p str) -> Option<Found<'p>> {
    catalog().find(method, path).filter(|found| is_sent_so(found.operation().template(), path))
}

/// The methods of a [`path`].
pub(crate) fn methods(path: &str) -> impl Iterator<Item = &'static str> {
    let operations = catalog().operations_at(path).into_iter();
    operations.filter(move |at| is_sent_so(at.template(), path)).map(|at| at.method())
}

/// The platform's message about a [`path`] that is not documented, with the operation that is most like it.
pub(crate) fn unknown(method: &str, path: &str) -> String {
    match catalog().nearest(method, path) {
        Some(nearest) => format!("请求的路径不存在，最接近的是{nearest}"),
        None => "请求的路径不存在".to_owned(),
    }
}

/// Whether a path is that of a template as it is sent: the catalog knows other spellings, too.
fn is_sent_so(template: &str, path: &str) -> bool {
    variables(template, path).is_some()
}
