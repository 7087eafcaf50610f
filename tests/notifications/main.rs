//! What the platform sends by itself.

mod apiv2;
mod apiv3;
mod made;
mod registry;
