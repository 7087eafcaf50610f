//! The journal beside the sandbox: what is on the disk and when, what is sent and what is not, and what is found out afterwards.

mod crashes;
mod database;
mod files;
mod intents;
mod many;
mod numbers;
mod receiving;
mod settling;
mod shop;
