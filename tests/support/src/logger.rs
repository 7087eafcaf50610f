//! A logger that a parent process can search: this crate's records, and of others all but `trace`.

struct ToStandardError;

impl log::Log for ToStandardError {
    fn enabled(&self, metadata: &log::Metadata) -> bool {
        metadata.target().starts_with("wechatpay") || metadata.level() <= log::Level::Debug
    }
    fn log(&self, record: &log::Record) {
        if self.enabled(record.metadata()) {
            eprintln!("LOG {} {}", record.target(), record.args());
        }
    }
    fn flush(&self) {}
}

/// Writes what is logged from now on to standard error, each behind `LOG `.
pub fn log_to_standard_error() {
    log::set_logger(&ToStandardError).unwrap();
    log::set_max_level(log::LevelFilter::Trace);
}
