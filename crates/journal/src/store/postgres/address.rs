//! Where the database is, and how it is reached.

use std::fmt::Write as _;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use openssl::ssl::{SslConnector, SslMethod};
use percent_encoding::percent_decode_str;
use postgres::config::{Host, SslMode};
use postgres::error::SqlState;
use postgres::{Client, Config};
use postgres_openssl::MakeTlsConnector;

use crate::error::{Error, Result};

/// How long a connection may take, and how long what was sent may stay without an acknowledgement.
const PATIENCE: Duration = Duration::from_secs(10);

/// What holds for each connection, so that neither side waits for ever for one that is gone: the other side of a broken one is
/// noticed in half a minute, and its locks are released. A `synchronous_commit` that means more than `on` stays.
const SETTINGS: &str = "
    SET application_name = 'wechatpay-journal';
    SET client_min_messages = warning;
    SET default_transaction_isolation = 'read committed';
    SET statement_timeout = '10s';
    SET lock_timeout = '10s';
    SET idle_in_transaction_session_timeout = '30s';
    SET tcp_keepalives_idle = 10;
    SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 3;
    SET tcp_user_timeout = '25s';
    SET plan_cache_mode = force_custom_plan;
    SELECT set_config('synchronous_commit', 'on', false)
        WHERE current_setting('synchronous_commit') NOT IN ('on', 'remote_apply');";

/// The address of a database.
#[derive(Clone)]
pub(super) struct Address {
    config: Config,
    tls: MakeTlsConnector,
}

impl Address {
    /// Reads a URL as PostgreSQL's own programs have it.
    ///
    /// # Errors
    /// If it is not one.
    pub(super) fn of(url: &str) -> Result<Address> {
        let is_url = ["postgres://", "postgresql://"].iter().any(|scheme| url.starts_with(scheme));
        if !is_url {
            return Err(invalid("the address does not begin with `postgres://`"));
        }
        let (url, roots) = without_roots(url);
        let mut config: Config = url.parse().map_err(Error::storage)?;
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(invalid("the address has no host"));
        }
        let is_local =
            config.get_hosts().iter().all(is_local) && config.get_hostaddrs().iter().all(IpAddr::is_loopback);
        if config.get_ssl_mode() == SslMode::Prefer {
            // With either, whoever can refuse TLS could read along.
            config.ssl_mode(if is_local { SslMode::Disable } else { SslMode::Require });
        }
        config.connect_timeout(*config.get_connect_timeout().unwrap_or(&PATIENCE)).tcp_user_timeout(PATIENCE);
        config.keepalives_idle(PATIENCE).keepalives_interval(PATIENCE).keepalives_retries(3);
        let mut tls = SslConnector::builder(SslMethod::tls_client()).map_err(Error::storage)?;
        if let Some(roots) = roots {
            tls.set_ca_file(roots).map_err(Error::storage)?;
        }
        postgres_openssl::set_postgresql_alpn(&mut tls).map_err(Error::storage)?;
        Ok(Address { config, tls: MakeTlsConnector::new(tls.build()) })
    }

    /// Connects.
    ///
    /// # Errors
    /// If there is no connection, or nothing that is written would be durable.
    pub(super) fn connect(&self) -> Result<Client> {
        let at = |error| self.failed(error);
        let mut client = self.config.connect(self.tls.clone()).map_err(at)?;
        client.batch_execute(SETTINGS).map_err(at)?;
        let row = client.query_one("SELECT current_setting('fsync') = 'on'", &[]).map_err(at)?;
        match row.try_get(0).map_err(at)? {
            true => Ok(client),
            false => Err(invalid("`fsync` of this PostgreSQL is off, so that nothing would be durable")),
        }
    }

    /// Host, port and database, without user and password.
    pub(super) fn place(&self) -> PathBuf {
        let mut place = "postgres://".to_owned();
        for (nth, host) in self.config.get_hosts().iter().enumerate() {
            let comma = if nth == 0 { "" } else { "," };
            let _ = match host {
                Host::Tcp(name) => write!(place, "{comma}{name}"),
                #[cfg(unix)]
                Host::Unix(path) => write!(place, "{comma}{}", path.display()),
            };
            let ports = self.config.get_ports();
            if let Some(port) = ports.get(nth).or(ports.first()) {
                let _ = write!(place, ":{port}");
            }
        }
        place.push('/');
        place.push_str(self.config.get_dbname().or(self.config.get_user()).unwrap_or_default());
        place.into()
    }

    /// What an error of the database says about the journal.
    pub(super) fn failed(&self, error: postgres::Error) -> Error {
        let damaged = [
            &SqlState::UNDEFINED_TABLE,
            &SqlState::UNDEFINED_COLUMN,
            &SqlState::INVALID_SCHEMA_NAME,
            &SqlState::INVALID_COLUMN_REFERENCE,
            &SqlState::DATA_CORRUPTED,
            &SqlState::INDEX_CORRUPTED,
        ];
        match error.as_db_error() {
            Some(what) if damaged.contains(&what.code()) => {
                Error::Damaged { path: self.place(), what: what.message().to_owned() }
            }
            _ => Error::storage(error),
        }
    }
}

fn is_local(host: &Host) -> bool {
    match host {
        Host::Tcp(name) => name == "localhost" || name.parse().is_ok_and(|address: IpAddr| address.is_loopback()),
        #[cfg(unix)]
        Host::Unix(_) => true,
    }
}

/// The URL without what the client does not know: `sslrootcert`, and the modes of TLS that check the certificate, as here each
/// does.
fn without_roots(url: &str) -> (String, Option<String>) {
    let Some((url, query)) = url.split_once('?') else { return (url.to_owned(), None) };
    let mut roots = None;
    let mut rest = Vec::new();
    for parameter in query.split('&') {
        match parameter.split_once('=') {
            Some(("sslrootcert", path)) => roots = Some(percent_decode_str(path).decode_utf8_lossy().into_owned()),
            Some(("sslmode", "verify-ca" | "verify-full")) => rest.push("sslmode=require"),
            _ => rest.push(parameter),
        }
    }
    (format!("{url}?{}", rest.join("&")), roots)
}

fn invalid(what: &'static str) -> Error {
    Error::storage(std::io::Error::other(what))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_shown_without_user_and_password() {
        let address = Address::of("postgres://shop:secret@db.example:5433/payments?connect_timeout=3").unwrap();
        assert_eq!(address.place().to_str(), Some("postgres://db.example:5433/payments"));
        let address = Address::of("postgresql:///payments?user=shop&host=/var/run/postgresql").unwrap();
        assert_eq!(address.place().to_str(), Some("postgres:///var/run/postgresql/payments"));
        for wrong in ["payments.journal", "postgres://", "postgres://h/d?unheard=of"] {
            let error = Address::of(wrong).err().unwrap();
            assert!(matches!(error, Error::Storage(_)), "{error:?}");
        }
    }

    #[test]
    fn tls_is_left_out_on_the_same_machine_or_when_told() {
        let mode = |url: &str| Address::of(url).unwrap().config.get_ssl_mode();
        assert_eq!(mode("postgres://u@db.example/d"), SslMode::Require);
        assert_eq!(mode("postgres://u@localhost,db.example/d"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/d?sslmode=verify-full"), SslMode::Require);
        assert_eq!(mode("postgres://u@db.example/d?sslmode=disable"), SslMode::Disable);
        assert_eq!(mode("postgres://u@127.0.0.1/d"), SslMode::Disable);
        assert_eq!(mode("postgres://u@127.0.0.1/d?sslmode=require"), SslMode::Require);
        assert_eq!(mode("postgres://u@%2Frun%2Fpostgresql/d"), SslMode::Disable);
        let error = Address::of("postgres://u@db.example/d?sslrootcert=%2Fnot%2Fthere.pem").err().unwrap();
        assert!(matches!(error, Error::Storage(_)));
    }
}
