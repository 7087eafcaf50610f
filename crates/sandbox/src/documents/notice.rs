//! What a documented notification says.

use serde_json::{Map, Value};
use wechatpay_catalog::{Fields, Notification, catalog};

use super::chance::Seed;
use super::given::Given;
use super::samples::Reader;
use super::shape::Shape;

/// What stands before the event of a notification of APIv2, as it does before the paths of its operations.
const APIV2: &str = "v2/";

/// A documented notification, and what a test wants it to say.
#[derive(Clone)]
pub(crate) struct Notice {
    notification: Notification,
    overrides: Map<String, Value>,
}

impl Notice {
    /// The notification of an event, with what is to be said in it.
    ///
    /// # Errors
    /// Why there is no such notification.
    pub(crate) fn of(event: &str, overrides: Value) -> Result<Notice, String> {
        let notification = find(event)?;
        let overrides = match overrides {
            Value::Object(overrides) => overrides,
            Value::Null => Map::new(),
            _ => return Err("the overrides must be an object".to_owned()),
        };
        let notice = Notice { notification, overrides };
        let mut known = vec![notice.sealed().map_or_else(|| notification.body(), |(_, fields)| fields)];
        if notification.is_apiv2() {
            known.push(notification.body());
        }
        check(event, "", &known, &notice.overrides)?;
        Ok(notice)
    }

    /// The documented notification.
    pub(crate) fn notification(&self) -> Notification {
        self.notification
    }

    /// The name of the field of the body that is encrypted, or of the object with it, and what is in it.
    fn sealed(&self) -> Option<(String, Fields)> {
        self.notification.resource()
    }
}
