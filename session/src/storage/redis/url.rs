//! Addresses of servers.

use std::time::Duration;

use fred::types::config::{ClusterDiscoveryPolicy, Config, Server, ServerConfig};
use rocket::http::RawStr;

use super::builder::InvalidRedis;

/// What an address says.
#[derive(Default)]
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) pool: Option<usize>,
    pub(super) prefix: Option<String>,
    pub(super) connect_timeout: Option<Duration>,
    pub(super) cache: Option<usize>,
}

/// The parts of an address, as they are written.
struct Parts<'u> {
    scheme: &'u str,
    user: &'u str,
    password: &'u str,
    host: &'u str,
    database: &'u str,
    options: Vec<(&'u str, String)>,
}

impl<'u> Parts<'u> {
    fn of(url: &'u str) -> Result<Self, InvalidRedis> {
        let (scheme, rest) = url.split_once("://").ok_or(InvalidRedis("an address such as `redis://host:6379`"))?;
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (rest, database) = rest.split_once('/').unwrap_or((rest, ""));
        let (login, host) = rest.rsplit_once('@').unwrap_or(("", rest));
        let (user, password) = login.split_once(':').unwrap_or((login, ""));
        let options = query.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            decoded(value).map(|value| (name, value))
        });
        Ok(Self { scheme, user, password, host, database, options: options.collect::<Result<_, _>>()? })
    }

    fn option(&mut self, name: &str) -> Option<String> {
        let at = self.options.iter().position(|(own, _)| *own == name)?;
        Some(self.options.remove(at).1)
    }
}

fn decoded(text: &str) -> Result<String, InvalidRedis> {
    let decoded = RawStr::new(text).percent_decode();
    decoded.map(std::borrow::Cow::into_owned).map_err(|_| InvalidRedis("an address of percent-encoded UTF-8"))
}

impl Address {
    pub(super) fn parse(url: &str) -> Result<Self, InvalidRedis> {
        let mut parts = Parts::of(url)?;
        let scheme = parts.scheme;
        let (plain, tls) = match scheme.strip_prefix("rediss") {
            Some(rest) => (format!("redis{rest}"), true),
            None => (scheme.to_owned(), false),
        };
        let server = match plain.as_str() {
            "redis" => ServerConfig::Centralized { server: server(parts.host, 6379)? },
            "redis-cluster" => clustered(&mut parts)?,
            "redis-sentinel" => sentinels(&mut parts)?,
            _ => {
                return Err(InvalidRedis(
                    "an address that begins with `redis://`, `redis-sentinel://` or `redis-cluster://`",
                ));
            }
        };
        let mut config = Config { server, ..Config::default() };
        config.username = Some(decoded(parts.user)?).filter(|user| !user.is_empty());
        config.password = Some(decoded(parts.password)?).filter(|password| !password.is_empty());
        config.database = database(&config, parts.database)?;
        if tls {
            secure(&mut config)?;
        }
        Self::with(config, parts)
    }

    fn with(config: Config, mut parts: Parts<'_>) -> Result<Self, InvalidRedis> {
        let pool = parts
            .option("pool")
            .map(|pool| pool.parse().map_err(|_| InvalidRedis("a number as `pool` of the address")));
        let cache = parts
            .option("cache")
            .map(|cache| cache.parse().map_err(|_| InvalidRedis("a number of sessions as `cache` of the address")));
        let connect_timeout = parts.option("connect_timeout").map(|text| crate::config::duration::parse(&text));
        let connect_timeout = connect_timeout
            .map(|parsed| parsed.ok_or(InvalidRedis("a duration such as `500ms` as `connect_timeout` of the address")));
        let address = Self {
            config,
            pool: pool.transpose()?,
            prefix: parts.option("prefix"),
            connect_timeout: connect_timeout.transpose()?,
            cache: cache.transpose()?,
        };
        if parts.options.is_empty() {
            Ok(address)
        } else {
            Err(InvalidRedis(
                "no other options of the address than `pool`, `prefix`, `connect_timeout`, `cache`, `node`, `name`, `sentinel_user`, `sentinel_password`, where they apply",
            ))
        }
    }
}

fn server(host: &str, port: u16) -> Result<Server, InvalidRedis> {
    const INVALID: InvalidRedis = InvalidRedis("servers as `host` or `host:port`");
    let (host, port) = match host.rsplit_once(':') {
        Some((host, digits)) if !digits.ends_with(']') => (host, digits.parse().map_err(|_| INVALID)?),
        _ => (host, port),
    };
    let host = host.trim_start_matches('[').trim_end_matches(']');
    if host.is_empty() { Err(INVALID) } else { Ok(Server::new(host.to_owned(), port)) }
}

fn hosts(parts: &mut Parts<'_>, port: u16) -> Result<Vec<Server>, InvalidRedis> {
    let mut hosts = vec![server(parts.host, port)?];
    while let Some(node) = parts.option("node") {
        hosts.push(server(&node, port)?);
    }
    Ok(hosts)
}

fn clustered(parts: &mut Parts<'_>) -> Result<ServerConfig, InvalidRedis> {
    let hosts = hosts(parts, 6379)?;
    Ok(ServerConfig::Clustered { hosts, policy: ClusterDiscoveryPolicy::UseCache })
}

fn sentinels(parts: &mut Parts<'_>) -> Result<ServerConfig, InvalidRedis> {
    let hosts = hosts(parts, 26379)?;
    let named = parts.option("name").ok_or(InvalidRedis("the `name` of the primary in an address of Sentinels"))?;
    let (username, password) = (parts.option("sentinel_user"), parts.option("sentinel_password"));
    Ok(ServerConfig::Sentinel { hosts, service_name: named, username, password })
}

fn database(config: &Config, text: &str) -> Result<Option<u8>, InvalidRedis> {
    match (text, text.parse()) {
        ("", _) => Ok(None),
        (_, Ok(_)) if config.server.is_clustered() => Err(InvalidRedis("an address of a Cluster without a database")),
        (_, Ok(database)) => Ok(Some(database)),
        _ => Err(InvalidRedis("a number as the database of the address")),
    }
}

#[cfg(feature = "redis-tls")]
fn secure(config: &mut Config) -> Result<(), InvalidRedis> {
    let connector = fred::types::config::TlsConnector::default_rustls();
    config.tls = Some(connector.map_err(|_| InvalidRedis("TLS only with certificates on this machine"))?.into());
    Ok(())
}

#[cfg(not(feature = "redis-tls"))]
fn secure(_config: &mut Config) -> Result<(), InvalidRedis> {
    Err(InvalidRedis("TLS only with the feature `redis-tls` of `rocket_typed_session`"))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::*;

    fn parsed(url: &str) -> Address {
        Address::parse(url).unwrap()
    }

    fn refused(url: &str) -> &'static str {
        Address::parse(url).err().unwrap().0
    }

    #[test]
    fn one_server() {
        let address = parsed("redis://ada:p%40ss@db.example:7000/3?pool=8&prefix=shop:&connect_timeout=500ms&cache=9");
        assert_eq!(address.config.server.hosts(), [Server::new("db.example", 7000)]);
        assert_eq!(address.config.username.as_deref(), Some("ada"));
        assert_eq!(address.config.password.as_deref(), Some("p@ss"));
        assert_eq!(address.config.database, Some(3));
        assert_eq!((address.pool, address.prefix.as_deref()), (Some(8), Some("shop:")));
        assert_eq!((address.connect_timeout, address.cache), (Some(Duration::from_millis(500)), Some(9)));
    }

    #[test]
    fn a_password_alone() {
        let address = parsed("redis://:secret@[::1]");
        assert_eq!(address.config.server.hosts(), [Server::new("::1", 6379)]);
        assert_eq!((address.config.username, address.config.password.as_deref()), (None, Some("secret")));
    }

    #[test]
    fn a_cluster() {
        let address = parsed("redis-cluster://a:1?node=b:2&node=c");
        assert!(address.config.server.is_clustered());
        assert_eq!(address.config.server.hosts(), [Server::new("a", 1), Server::new("b", 2), Server::new("c", 6379)]);
    }

    #[test]
    fn sentinels_name_a_primary() {
        let address = parsed("redis-sentinel://a?name=main&node=b:1&sentinel_user=u&sentinel_password=p");
        assert!(address.config.server.is_sentinel());
        assert_eq!(address.config.server.hosts(), [Server::new("a", 26379), Server::new("b", 1)]);
        assert!(refused("redis-sentinel://a").contains("`name`"));
    }

    #[test]
    fn what_is_wrong_is_said_without_what_was_written() {
        for url in
            ["", "redis", "http://a", "redis://", "redis://a:b", "redis://a/b", "redis://a?pol=3", "redis://a?pool=x"]
        {
            let refused = refused(url);
            assert!(!refused.is_empty(), "{url}");
        }
        assert!(refused("redis://a?cache=-1").contains("`cache`"));
        assert!(refused("redis-cluster://a/1").contains("Cluster"));
    }

    #[cfg(not(feature = "redis-tls"))]
    #[test]
    fn tls_needs_its_feature() {
        assert!(refused("rediss://a").contains("`redis-tls`"));
    }
}
