//! The hosts: their names, connections and TLS, with times.

use std::io::{self, ErrorKind};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::time::{Duration, Instant};

use openssl::ssl::{HandshakeError, SslConnector, SslMethod};
use wechatpay::http::Uri;

use super::report::Report;
use crate::settings::Settings;

/// The usual host.
const HOST: &str = "https://api.mch.weixin.qq.com/";

/// The hosts of the platform that another one takes over for, as the client's option `failover` has them.
const SPARE: [(&str, &str); 3] = [
    ("api.mch.weixin.qq.com", "https://api2.mch.weixin.qq.com/"),
    ("api.wechatpay.cn", "https://api2.wechatpay.cn/"),
    ("apihk.mch.weixin.qq.com", HOST),
];

/// How long a connection may take, and each step of TLS, if no `timeout` is set.
const PATIENCE: f64 = 5.0;

/// How long one may take before it is warned about.
const SLOW: Duration = Duration::from_secs(1);

/// Where a connection goes to.
struct Place {
    host: String,
    port: u16,
    is_tls: bool,
}

impl Place {
    /// `None` if it is not an address with a scheme and a host.
    fn of(address: &str) -> Option<Place> {
        let uri: Uri = address.parse().ok()?;
        let (port, is_tls) = match uri.scheme_str()? {
            "https" => (443, true),
            "http" => (80, false),
            _ => (1080, false),
        };
        let host = uri.host()?.trim_matches(['[', ']']).to_owned();
        Some(Place { host, port: uri.port_u16().unwrap_or(port), is_tls })
    }
}

/// Whether a text is an address that calls can go to.
pub fn is_address(text: &str) -> bool {
    Place::of(text).is_some()
}

/// An address without the name and the password that may be in it.
pub fn shown(address: &str) -> String {
    match address.split_once("://") {
        Some((scheme, rest)) => format!("{scheme}://{}", rest.rsplit_once('@').map_or(rest, |(_, place)| place)),
        None => address.rsplit_once('@').map_or(address, |(_, place)| place).to_owned(),
    }
}

pub fn check(settings: &Settings, report: &mut Report<'_>) {
    let base = settings.base_uri.as_ref().map_or(HOST, |given| given.value.as_str());
    let Some(place) = Place::of(base) else {
        return report.open("host", "there is no address");
    };
    let proxy = settings.proxy.as_ref().map(|proxy| proxy.value.clone()).or_else(|| proxy_of_environment(&place));
    if let Some(proxy) = proxy.filter(|proxy| !proxy.is_empty()) {
        // Without a scheme it is one of HTTP.
        let proxy = if proxy.contains("://") { proxy } else { format!("http://{proxy}") };
        match Place::of(&proxy) {
            Some(place) => one("proxy", &place, settings, false, report),
            None => report.failed("proxy", "this is not an address", &["such as http://10.0.0.1:3128".to_owned()]),
        }
        return report.open("host", "calls go through the proxy, which looks up the platform's names");
    }
    one("host", &place, settings, false, report);
    let spare = SPARE.iter().find(|(host, _)| *host == place.host).and_then(|(_, spare)| Place::of(spare));
    if let Some(spare) = spare {
        one("host", &spare, settings, true, report);
    }
}

/// The proxy that the client takes from the environment.
fn proxy_of_environment(place: &Place) -> Option<String> {
    const NAMES: [&str; 6] = ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
    let set = |name: &&str| std::env::var(name).ok().filter(|value| !value.is_empty());
    // `example.com`, `.example.com` for what is below it, or `*` for all.
    let is_exception = |known: &str| {
        let known = known.trim();
        let below = known.strip_prefix('*').filter(|rest| rest.starts_with('.')).unwrap_or(known);
        known == "*" || place.host == known || (below.starts_with('.') && place.host.ends_with(below))
    };
    let exceptions = ["NO_PROXY", "no_proxy"].iter().find_map(set).unwrap_or_default();
    if exceptions.split(',').any(is_exception) { None } else { NAMES.iter().find_map(set) }
}

/// Looks at a host; one that is spare is only warned about.
fn one(name: &'static str, place: &Place, settings: &Settings, is_spare: bool, report: &mut Report<'_>) {
    let seconds = settings.timeout.as_ref().map_or(PATIENCE, |given| given.value);
    let patience = Duration::try_from_secs_f64(seconds).ok().filter(|patience| !patience.is_zero());
    let patience = patience.unwrap_or(Duration::from_secs_f64(PATIENCE));
    match look(place, settings, patience) {
        Ok(times) => {
            let total: Duration = times.iter().map(|(_, time)| *time).sum();
            let times = times.iter().map(|(step, time)| format!("{step} {} ms", time.as_millis()));
            let line = format!("{}:{}, {}", place.host, place.port, times.collect::<Vec<_>>().join(", "));
            if total > SLOW {
                report.warning(
                    name,
                    line,
                    &["this is slow: is the network, or a name server, far away or busy?".to_owned()],
                );
            } else {
                report.ok(name, line);
            }
        }
        Err(Trouble { step, why, fix }) => {
            let line = format!("{}:{}, {step}: {why}", place.host, place.port);
            if is_spare {
                report.warning(
                    name,
                    line,
                    &[fix, "this host is only used if the other one cannot be reached".to_owned()],
                );
            } else {
                report.failed(name, line, &[fix]);
            }
        }
    }
}

/// Which step has failed, why, and what to do.
struct Trouble {
    step: &'static str,
    why: String,
    fix: String,
}

/// The time of each step.
type Times = Vec<(&'static str, Duration)>;

fn look(place: &Place, settings: &Settings, patience: Duration) -> Result<Times, Trouble> {
    let mut times = Vec::new();
    let begin = Instant::now();
    let found: Vec<SocketAddr> = match (place.host.as_str(), place.port).to_socket_addrs() {
        Ok(found) => found.collect(),
        Err(error) => {
            let fix = format!("can this machine look up names? `getent hosts {}` must print an address", place.host);
            return Err(Trouble { step: "name", why: error.to_string(), fix });
        }
    };
    times.push(("name", begin.elapsed()));
    let begin = Instant::now();
    let stream = connect(&found, patience).map_err(|error| {
        let fix = format!("a firewall must let this machine connect to {}:{}", place.host, place.port);
        Trouble { step: "connection", why: error.to_string(), fix }
    })?;
    times.push(("connection", begin.elapsed()));
    if place.is_tls {
        let begin = Instant::now();
        shake_hands(place, settings, stream, patience).map_err(|why| {
            let fix = "a proxy that reads along has a certificate of its own: give its authority by --verify FILE; is the clock right?";
            Trouble { step: "TLS", why, fix: fix.to_owned() }
        })?;
        times.push(("TLS", begin.elapsed()));
    }
    Ok(times)
}

fn connect(found: &[SocketAddr], patience: Duration) -> io::Result<TcpStream> {
    let mut last = io::Error::new(ErrorKind::NotFound, "the name has no address");
    for address in found {
        match TcpStream::connect_timeout(address, patience) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn shake_hands(place: &Place, settings: &Settings, stream: TcpStream, patience: Duration) -> Result<(), String> {
    let told = |error: &dyn std::fmt::Display| error.to_string();
    stream.set_read_timeout(Some(patience)).map_err(|error| told(&error))?;
    stream.set_write_timeout(Some(patience)).map_err(|error| told(&error))?;
    let mut builder = SslConnector::builder(SslMethod::tls_client()).map_err(|error| told(&error))?;
    if let Some(verify) = &settings.verify {
        builder.set_ca_file(&verify.value).map_err(|error| format!("{}: {error}", verify.value.display()))?;
    }
    match builder.build().connect(&place.host, stream) {
        Ok(_) => Ok(()),
        Err(HandshakeError::SetupFailure(error)) => Err(told(&error)),
        Err(HandshakeError::WouldBlock(_)) => Err(format!("no answer in {} s", patience.as_secs_f64())),
        Err(HandshakeError::Failure(broken)) => Err(match broken.ssl().verify_result() {
            openssl::x509::X509VerifyResult::OK => told(broken.error()),
            refused => format!("its certificate is not trusted: {}", refused.error_string()),
        }),
    }
}
