//! The journal in PostgreSQL: what is tested of it in SQLite, and what becomes of calls when the database has its troubles.

#[path = "../journal/crashes.rs"]
mod crashes;
mod database;
#[path = "../journal/intents.rs"]
mod intents;
#[path = "../journal/numbers.rs"]
mod numbers;
mod opening;
mod receiving;
#[path = "../journal/settling.rs"]
mod settling;
#[path = "../journal/shop.rs"]
mod shop;
mod troubles;
