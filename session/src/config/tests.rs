use rocket::figment::Figment;
use rocket::figment::providers::{Format, Serialized, Toml};

use super::*;

fn figment(toml: &str) -> Figment {
    Figment::from(Toml::string(toml).nested()).select("debug")
}

fn read(toml: &str) -> Result<Config, ConfigError> {
    Config::from_figment(&figment(toml), "session")
}

/// Reads one line in the table `session`.
fn line(line: &str) -> Result<Config, ConfigError> {
    read(&format!("[default.session]\n{line}"))
}

fn refused(toml: &str) -> String {
    line(toml).unwrap_err().to_string()
}

#[test]
fn the_defaults_are_aal2_in_memory() {
    let config = read("").unwrap();
    assert_eq!(config.storage, "memory");
    assert_eq!((config.ttl, config.idle), (Duration::from_hours(24), Duration::from_hours(1)));
    assert_eq!((config.newborn, config.timeout), (Duration::from_mins(10), Duration::from_secs(2)));
    assert_eq!((config.renew, config.max_per_user), (None, None));
    assert_eq!((config.memory.sessions, config.memory.bytes), (1_000_000, 1.gibibytes()));
    assert_eq!(config.max_size, 4.mebibytes());
    assert_eq!(config.unavailable, Unavailable::Refuse);
    assert!(!config.clear_site_data && config.previous_keys.is_empty());
}

/// C-01
#[test]
fn the_default_cookie_is_host_only() {
    let config = read("").unwrap();
    assert_eq!(config.cookie_name("session"), "__Host-session");
    assert_eq!(config.cookie_name("guest"), "__Host-guest");
    assert!(config.cookie.secure && !config.cookie.insecure_script_access && !config.cookie.persistent);
    assert_eq!((config.cookie.domain, &*config.cookie.path), (None, "/"));
}

#[test]
fn every_key_is_read() {
    let key = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";
    let config = line(&format!(
        "storage = 'memory'\nidle = '30m'\nttl = '12h'\nnewborn = '90s'\nrenew = 3600\nmax_per_user = 3\n\
         previous_keys = ['{key}']\nunavailable = 'pass'\ntimeout = '500ms'\nclear_site_data = true\nsweep = '30s'\n\
         max_size = '64KiB'\nmemory = {{ sessions = 5, bytes = 4096 }}\n\
         cookie = {{ name = 'sid', domain = 'example.com', path = '/app', secure = true, same_site = 'none', \
         partitioned = true, persistent = true, insecure_script_access = true }}"
    ))
    .unwrap();
    assert_eq!((config.idle, config.ttl), (Duration::from_mins(30), Duration::from_hours(12)));
    assert_eq!((config.newborn, config.renew), (Duration::from_secs(90), Some(Duration::from_hours(1))));
    assert_eq!((config.timeout, config.sweep), (Duration::from_millis(500), Duration::from_secs(30)));
    assert_eq!((config.max_per_user, config.unavailable), (Some(3), Unavailable::Pass));
    assert_eq!(config.previous_keys, [Secret::from_bytes([1; 32]).unwrap()]);
    assert_eq!((config.memory.sessions, config.memory.bytes), (5, 4.kibibytes()));
    assert_eq!(config.max_size, 64.kibibytes());
    assert_eq!(config.cookie_name("session"), "sid");
    assert_eq!((config.cookie.domain.as_deref(), &*config.cookie.path), (Some("example.com"), "/app"));
    assert_eq!(config.cookie.same_site, SameSite::None);
    assert!(config.clear_site_data && config.cookie.partitioned && config.cookie.persistent);
    assert!(config.cookie.insecure_script_access);
}

#[test]
fn the_table_of_a_type_goes_before_the_shared_one_key_by_key() {
    let toml = "[default.session]\nidle = '30m'\nttl = '20h'\ncookie = { path = '/', same_site = 'Strict' }\n\
                [default.guest]\nttl = '10h'\ncookie = { persistent = true }";
    let guest = Config::from_figment(&figment(toml), "guest").unwrap();
    assert_eq!((guest.idle, guest.ttl), (Duration::from_mins(30), Duration::from_hours(10)));
    assert_eq!((guest.cookie.same_site, guest.cookie.persistent), (SameSite::Strict, true));
    let session = Config::from_figment(&figment(toml), "session").unwrap();
    assert_eq!((session.ttl, session.cookie.persistent), (Duration::from_hours(20), false));
}

#[test]
fn the_selected_profile_goes_before_the_default_and_the_global_before_both() {
    let toml = "[default.session]\nidle = '1m'\nttl = '2m'\nnewborn = '3s'\n\
                [debug.session]\nidle = '61s'\nttl = '121s'\n[release.session]\nidle = '7s'\n[global.session]\nttl = '2h'";
    let config = read(toml).unwrap();
    assert_eq!((config.idle, config.ttl), (Duration::from_secs(61), Duration::from_hours(2)));
    assert_eq!(config.newborn, Duration::from_secs(3));
}

#[test]
fn a_text_is_the_storage_and_leaves_the_rest_of_the_table() {
    let figment = figment("[default.session]\nstorage = 'sqlite://a.db'\nidle = '5m'");
    let figment = figment.merge(Serialized::global("session", "memory"));
    let config = Config::from_figment(&figment, "session").unwrap();
    assert_eq!((&*config.storage, config.idle), ("memory", Duration::from_mins(5)));
}

#[test]
fn durations_are_text_or_seconds() {
    for (text, expected) in [
        ("'500ms'", Duration::from_millis(500)),
        ("'90s'", Duration::from_secs(90)),
        ("'15m'", Duration::from_mins(15)),
        ("'12 h'", Duration::from_hours(12)),
        ("'1d'", Duration::from_hours(24)),
        ("'1h 30m'", Duration::from_mins(90)),
        ("' 1 h  30m 5s '", Duration::from_secs(5405)),
        ("45", Duration::from_secs(45)),
    ] {
        assert_eq!(line(&format!("sweep = {text}")).unwrap().sweep, expected, "{text}");
    }
    for text in [
        "''",
        "'h'",
        "'15'",
        "'15 minutes'",
        "'1h30m'",
        "'1h 30'",
        "'h 1'",
        "'1 h m'",
        "'-1s'",
        "'99999999999999999999d'",
        "'18446744073709551615ms 1ms'",
        "-5",
        "1.5",
        "true",
        "[1]",
    ] {
        let message = refused(&format!("sweep = {text}"));
        assert!(message.starts_with("`session.sweep` takes a duration such as"), "{text}: {message}");
    }
}

#[test]
fn a_duration_is_printed_as_it_is_read() {
    for millis in [1, 999, 1_000, 61_000, 900_000, 3_600_000, 86_400_000, 90_000_000] {
        let duration = Duration::from_millis(millis);
        assert_eq!(duration::parse(&duration::text(duration)), Some(duration));
    }
}

/// L-05
#[test]
fn policies_are_named_and_explicit_keys_beside_them_win() {
    let lifetimes = |toml: &str| line(toml).map(|config| (config.ttl, config.idle)).unwrap();
    let hours = Duration::from_hours;
    assert_eq!(lifetimes("policy = 'aal1'"), (hours(720), hours(720)));
    assert_eq!(lifetimes("policy = 'aal2'"), (hours(24), hours(1)));
    assert_eq!(lifetimes("policy = 'aal3'"), (hours(12), Duration::from_mins(15)));
    assert_eq!(lifetimes("policy = 'aal2-rev3'"), (hours(12), Duration::from_mins(30)));
    assert_eq!(lifetimes("policy = 'aal3'\nttl = '8h'"), (hours(8), Duration::from_mins(15)));
    assert_eq!((Config::aal3().ttl, Config::aal3().idle), (hours(12), Duration::from_mins(15)));
    assert_eq!((Config::aal1().ttl, Config::aal2().ttl), (hours(720), hours(24)));
    assert!(refused("policy = 'aal4'").starts_with("`session.policy` takes `\"aal1\"`, `\"aal2\"`"));
}

#[test]
fn a_policy_goes_before_what_a_more_general_table_says() {
    let toml = "[default.session]\nidle = '2h'\n[default.guest]\npolicy = 'aal3'\n[debug.session]\nttl = '3h'";
    let guest = Config::from_figment(&figment(toml), "guest").unwrap();
    assert_eq!((guest.ttl, guest.idle), (Duration::from_hours(12), Duration::from_mins(15)));
}

#[test]
fn unknown_keys_are_refused_with_the_nearest() {
    for (toml, expected) in [
        ("idel = '1h'", "there is no key `session.idel`: did you mean `idle`?"),
        ("polcy = 'aal1'", "there is no key `session.polcy`: did you mean `policy`?"),
        ("cookie = { samesite = 'Lax' }", "there is no key `session.cookie.samesite`: did you mean `same_site`?"),
        ("memory = { session = 1 }", "there is no key `session.memory.session`: did you mean `sessions`?"),
        ("max-per-user = 1", "there is no key `session.max-per-user`: did you mean `max_per_user`?"),
        ("zzzzzz = 1", "there is no key `session.zzzzzz`: remove it"),
    ] {
        assert_eq!(refused(toml), expected);
    }
}

#[test]
fn a_refusal_names_the_table_that_the_key_is_in() {
    let error = |toml: &str| Config::from_figment(&figment(toml), "guest").unwrap_err().to_string();
    assert!(error("[default.session]\nidel = 1").contains("`session.idel`"));
    assert!(error("[default.guest]\nidel = 1").contains("`guest.idel`"));
    assert!(error("[default.session]\ncookie = { path = 'x' }").contains("`session.cookie.path`"));
    assert!(error("[default.guest]\ncookie = { path = 'x' }").contains("`guest.cookie.path`"));
    assert!(error("[default]\nguest = 5").starts_with("`guest` takes a table"));
}

/// What a table says of a lifetime bounds what another says of the next.
#[test]
fn a_contradiction_names_the_tables_that_both_values_are_in() {
    let shared = "[default.session]\n";
    for (own, expected) in [
        (
            "idle = '1h'\n[default.guest]\nttl = '10m'",
            "`session.idle` is longer than `guest.ttl`: write `guest.idle`, at most \"10m\"",
        ),
        (
            "ttl = '10m'\n[default.guest]\nidle = '1h'",
            "`guest.idle` is longer than `session.ttl`: write at most \"10m\"",
        ),
        (
            "ttl = '10m'\nidle = '1h'\n[default.guest]",
            "`session.idle` is longer than `session.ttl`: write at most \"10m\"",
        ),
        (
            "newborn = '20m'\n[default.guest]\npolicy = 'aal3'",
            "`session.newborn` is longer than the `idle` of `guest.policy`: write `guest.newborn`, at most \"15m\"",
        ),
        (
            "policy = 'aal3'\n[default.guest]\nnewborn = '20m'",
            "`guest.newborn` is longer than the `idle` of `session.policy`: write at most \"15m\"",
        ),
        (
            "ttl = '5m'\n[default.guest]\nnewborn = '6m'",
            "`guest.newborn` is longer than `session.ttl`: write at most \"5m\"",
        ),
        (
            "renew = '1h'\n[default.guest]\nttl = '1h'",
            "`session.renew` is not shorter than `guest.ttl`: write `guest.renew`, less than \"1h\"",
        ),
        (
            "ttl = '1h'\n[default.guest]\nrenew = '1h'",
            "`guest.renew` is not shorter than `session.ttl`: write less, or leave it out",
        ),
        ("ttl = 0\n[default.guest]", "`session.ttl` takes a duration longer than zero"),
        ("[default.guest]\nttl = 0", "`guest.ttl` takes a duration longer than zero"),
    ] {
        let error = Config::from_figment(&figment(&format!("{shared}{own}")), "guest").unwrap_err();
        assert_eq!(error.to_string(), expected, "{own}");
    }
}

#[test]
fn values_of_the_wrong_kind_are_refused_with_what_the_key_takes() {
    for (toml, expected) in [
        ("storage = 5", "`session.storage` takes a text"),
        ("cookie = 5", "`session.cookie` takes a table"),
        ("cookie = { secure = 'yes' }", "`session.cookie.secure` takes true or false"),
        ("cookie = { same_site = 'Loose' }", "`session.cookie.same_site` takes `\"Lax\"`, `\"Strict\"` or `\"None\"`"),
        ("unavailable = 'ignore'", "`session.unavailable` takes `\"refuse\"` or `\"pass\"`"),
        ("max_per_user = -1", "`session.max_per_user` takes a whole number"),
        ("max_per_user = 0", "`session.max_per_user` takes a number greater than zero"),
        (
            "memory = { bytes = 'lots' }",
            "`session.memory.bytes` takes a size such as `\"4MiB\"`, or an integer, in bytes",
        ),
        ("memory = { sessions = 0 }", "`session.memory.sessions` takes a number greater than zero"),
        ("ttl = 0", "`session.ttl` takes a duration longer than zero"),
        ("timeout = 0", "`session.timeout` takes a duration longer than zero"),
        ("idle = '0s'", "`session.idle` takes a duration longer than zero"),
        ("watch = 0", "`session.watch` takes a duration longer than zero"),
        ("stamp_every = 0", "`session.stamp_every` takes a duration longer than zero"),
        ("renew = 0", "`session.renew` takes a duration longer than zero"),
    ] {
        assert_eq!(refused(toml), expected);
    }
}

/// C-01, C-03
#[test]
fn cookies_that_browsers_would_drop_are_refused() {
    for (cookie, key) in [
        ("domain = 'example.com'", "domain"),
        ("path = '/app'", "path"),
        ("secure = false", "secure"),
        ("name = '__host-x', domain = 'example.com'", "domain"),
        ("name = '__Secure-x', secure = false", "secure"),
        ("name = '__Http-x', insecure_script_access = true", "insecure_script_access"),
        ("name = '__Http-x', secure = false", "secure"),
        ("name = '__Host-Http-x', insecure_script_access = true", "insecure_script_access"),
        ("name = 'x', same_site = 'None', secure = false", "same_site"),
        ("name = 'x', partitioned = true, secure = false", "partitioned"),
        ("partitioned = true", "partitioned"),
        ("partitioned = true, same_site = 'Strict'", "partitioned"),
    ] {
        let error = line(&format!("cookie = {{ {cookie} }}")).unwrap_err();
        assert!(matches!(error, ConfigError::Contradiction { .. }), "{cookie}: {error:?}");
        assert!(error.to_string().starts_with(&format!("`session.cookie.{key}` ")), "{cookie}: {error}");
    }
}

/// C-01, C-03: every combination against what RFC 6265bis and CHIPS say of it.
#[test]
fn a_cookie_is_refused_exactly_if_browsers_drop_it() {
    let bits = |combination: u32, bit: u32| combination >> bit & 1 == 1;
    for combination in 0..4 * 3 * 16 {
        let prefix = ["", "__Host-", "__Secure-", "__Host-Http-"][combination as usize % 4];
        let same_site = [SameSite::Lax, SameSite::Strict, SameSite::None][combination as usize / 4 % 3];
        let (domain, root) = (bits(combination / 12, 0), bits(combination / 12, 1));
        let (secure, partitioned) = (bits(combination / 12, 2), bits(combination / 12, 3));
        let cookie = CookieConfig {
            name: Some(format!("{prefix}x")),
            domain: domain.then(|| "example.com".into()),
            path: if root { "/" } else { "/app" }.into(),
            secure,
            same_site,
            partitioned,
            ..CookieConfig::default()
        };
        let config = Config { cookie, ..Config::default() };
        let none = same_site == SameSite::None;
        let host = prefix.starts_with("__Host-");
        let kept = (secure || prefix.is_empty() && !none) && !(host && (domain || !root));
        let kept = kept && (!partitioned || secure && none);
        assert_eq!(config.validate("x").is_ok(), kept, "{:?}", config.cookie);
    }
}

/// C-01, C-03
#[test]
fn cookies_that_browsers_keep_are_accepted() {
    for cookie in [
        "same_site = 'Strict'",
        "same_site = 'None'",
        "same_site = 'None', partitioned = true",
        "insecure_script_access = true",
        "name = 'x', secure = false",
        "name = 'x', domain = 'example.com', path = '/app'",
        "name = '__Secure-x', domain = 'a.example.com', path = '/app'",
        "name = '__Http-x', domain = 'localhost'",
    ] {
        line(&format!("cookie = {{ {cookie} }}")).unwrap();
    }
}

/// C-01
#[test]
fn a_contradiction_says_what_to_write() {
    let expected = "`session.cookie.domain` is not allowed with the prefix `__Host-` of the cookie's name: leave it \
                    out, or set `cookie.name` without the prefix";
    assert_eq!(refused("cookie = { domain = 'example.com' }"), expected);
    assert_eq!(refused("idle = '2d'"), "`session.idle` is longer than `ttl`: write at most \"1d\"");
    assert_eq!(refused("newborn = '2h'"), "`session.newborn` is longer than `idle`: write at most \"1h\"");
    assert_eq!(refused("renew = '1d'"), "`session.renew` is not shorter than `ttl`: write less, or leave it out");
}

#[test]
fn illegal_characters_in_a_cookie_are_refused() {
    for (cookie, key) in [
        ("name = ''", "name"),
        ("name = 'a b'", "name"),
        ("name = 'a=b'", "name"),
        ("name = 'a;b'", "name"),
        ("name = 'é'", "name"),
        ("name = \"a\\r\\nb\"", "name"),
        ("name = 'x', domain = ''", "domain"),
        ("name = 'x', domain = 'a;b'", "domain"),
        ("name = 'x', domain = '.example.com'", "domain"),
        ("name = 'x', domain = 'https://example.com'", "domain"),
        ("name = 'x', path = ''", "path"),
        ("name = 'x', path = 'app'", "path"),
        ("name = 'x', path = '/a;b'", "path"),
        ("name = 'x', path = \"/a\\nb\"", "path"),
    ] {
        let error = line(&format!("cookie = {{ {cookie} }}")).unwrap_err();
        assert!(error.to_string().starts_with(&format!("`session.cookie.{key}` takes ")), "{cookie}: {error}");
    }
    let long = "n".repeat(257);
    assert!(refused(&format!("cookie = {{ name = '{long}' }}")).contains("cookie.name"));
}

#[test]
fn defaults_shorten_to_what_is_written() {
    let config = line("ttl = '20m'").unwrap();
    assert_eq!((config.idle, config.newborn), (Duration::from_mins(20), Duration::from_mins(10)));
    let config = line("idle = '5m'").unwrap();
    assert_eq!(config.newborn, Duration::from_mins(5));
}

#[test]
fn a_policy_shortens_to_what_is_written_as_a_default_does() {
    for toml in [
        "[default.session]\npolicy = 'aal2'\nttl = '5m'",
        "[default.session]\npolicy = 'aal1'\n[debug.session]\nttl = '5m'",
        "[default.session]\npolicy = 'aal1'\n[default.guest]\nttl = '5m'",
    ] {
        let config = Config::from_figment(&figment(toml), "guest").unwrap();
        let minutes = Duration::from_mins(5);
        assert_eq!((config.ttl, config.idle, config.newborn), (minutes, minutes, minutes), "{toml}");
    }
}

#[test]
fn what_is_set_in_code_shortens_the_rest() {
    let lifetimes = |mut config: Config, change: fn(&mut Config)| {
        change(&mut config);
        config.in_code("x").map(|config| (config.ttl, config.idle, config.newborn))
    };
    let minutes = Duration::from_mins;
    for config in [Config::default(), Config::aal1(), Config::aal2(), Config::aal3(), line("").unwrap()] {
        let shortened = lifetimes(config.clone(), |config| config.ttl = Duration::from_mins(5)).unwrap();
        assert_eq!(shortened, (minutes(5), minutes(5), minutes(5)));
        let shortened = lifetimes(config.clone(), |config| config.idle = Duration::from_mins(5)).unwrap();
        assert_eq!(shortened, (config.ttl, minutes(5), minutes(5)));
    }
    let error = lifetimes(line("idle = '20m'").unwrap(), |config| config.ttl = Duration::from_mins(5)).unwrap_err();
    assert_eq!(error.to_string(), "`Config::idle` is longer than `Config::ttl`: write at most \"5m\"");
}

/// C-06
#[test]
fn a_ttl_beyond_400_days_is_accepted() {
    assert_eq!(line("ttl = '730d'").unwrap().ttl, Duration::from_hours(730 * 24));
}

#[test]
fn two_types_differ_in_name_and_cookie() {
    let config = Config::default();
    let named = line("cookie = { name = '__Host-session' }").unwrap();
    config.distinct("session", &config, "guest").unwrap();
    assert_eq!(config.distinct("a", &config, "a"), Err(ConfigError::SameName("a".into())));
    let error = named.distinct("guest", &config, "session").unwrap_err();
    assert_eq!(
        error.to_string(),
        "two session types have the cookie `__Host-session`: give one another `guest.cookie.name`"
    );
}

/// F-16
#[test]
fn a_storage_that_is_not_there_is_refused() {
    for (storage, feature) in [
        #[cfg(not(feature = "redis"))]
        ("redis://:hunter2@host", "redis"),
        #[cfg(not(feature = "redis"))]
        ("redis-cluster://u:hunter2@host", "redis"),
        #[cfg(not(feature = "redis-tls"))]
        ("rediss://:hunter2@host", "redis-tls"),
        ("postgres://u:hunter2@host/db", "postgres"),
        ("sqlite://app.db?hunter2", "sqlite"),
        ("mysql://u:hunter2@host/db", "mysql"),
    ] {
        let built = [
            ("sqlite", cfg!(feature = "sqlite")),
            ("postgres", cfg!(feature = "postgres")),
            ("mysql", cfg!(feature = "mysql")),
        ];
        if built.contains(&(feature, true)) {
            continue;
        }
        let message = refused(&format!("storage = '{storage}'"));
        assert!(message.contains(&format!("the feature `{feature}`")), "{message}");
        assert!(!message.contains("hunter2"));
    }
    for storage in ["", "memcached", "memory://", "hunter2 hunter2 hunter2 hunter2", "u@hunter2/hunter2:x"] {
        let message = refused(&format!("storage = '{storage}'"));
        assert!(message.starts_with("there is no storage `"), "{message}");
        assert!(!message.contains("hunter2"), "{message}");
    }
}

#[cfg(feature = "redis")]
#[test]
fn an_address_of_redis_that_is_none_is_refused() {
    for storage in ["redis:hunter2", "redis://:hunter2@", "redis://hunter2:hunter2", "redis-cluster://hunter2/1"] {
        let config = Config { storage: storage.into(), ..Config::default() };
        let error = config.place("guest").err().unwrap().to_string();
        assert!(error.starts_with("`Config::storage` takes "), "{error}");
        assert!(!error.contains("hunter2"), "{error}");
    }
    let config = line("storage = 'redis://host'\nredis.prefix = '{'").unwrap();
    let error = config.place("guest").err().unwrap().to_string();
    assert!(error.starts_with("`session.redis` takes a prefix"), "{error}");
}

/// Without an end, a wait for replicas blocks the connection for good.
#[test]
fn a_wait_for_replicas_without_an_end_is_refused() {
    assert_eq!(refused("redis.wait = { replicas = 1 }"), "`session.redis.wait` takes a `timeout`, too");
    assert_eq!(refused("redis.wait = { timeout = '1s' }"), "`session.redis.wait` takes a `replicas`, too");
}

#[cfg(feature = "sqlite")]
#[test]
fn a_name_that_is_no_table_is_refused_where_it_was_written() {
    let said = |toml: &str| {
        let config = Config::from_figment(&figment(toml), "guest").unwrap();
        config.place("guest").err().unwrap().to_string()
    };
    let shared = "[default.session]\nstorage = 'sqlite://app.db'\n";
    let takes = "takes a name of up to 40 letters, digits and `_`, of which the first is no digit";
    for (toml, key) in [
        ("sql.table = 'a-b'\n[default.guest]\nsql.connections = 2", "session.sql.table"),
        ("sql.connections = 2\n[default.guest]\nsql.table = 'a-b'", "guest.sql.table"),
        ("sql.schema = 'a-b'", "session.sql.schema"),
    ] {
        assert_eq!(said(&format!("{shared}{toml}")), format!("`{key}` {takes}"));
    }
    let address = said("[default.session]\nstorage = 'sqlite://app.db?hunter2=1'\n[default.guest]\nidle = 60");
    assert!(address.starts_with("`session.storage` takes an address"), "{address}");
}

#[cfg(feature = "sqlite")]
#[test]
fn a_file_of_sqlite_whose_folder_is_not_there_is_refused() {
    let place = |toml: &str| line(toml).unwrap().place("session").map(drop);
    let folder = std::env::current_dir().unwrap().join("no-such-folder");
    let folder = folder.display();
    for (address, path) in [
        ("sqlite://no-such-folder/app.db".into(), folder.to_string()),
        (format!("sqlite://{folder}/deep/app.db?mode=rwc"), format!("{folder}/deep")),
    ] {
        let expected = format!("`session.storage` takes a file in a folder that is there, and `{path}` is none");
        assert_eq!(place(&format!("storage = '{address}'")).unwrap_err().to_string(), expected);
    }
    let error = line("storage = 'cookie'\ncookie.revocations = 'sqlite://no-such-folder/app.db'").unwrap();
    let error = error.revocations("session").err().unwrap().to_string();
    assert!(error.starts_with("`session.cookie.revocations` takes a file in a folder"), "{error}");
    for address in ["sqlite://app.db", "sqlite:", "sqlite://no-such-folder/x.db?mode=memory", "sqlite://file:no/x.db"] {
        place(&format!("storage = '{address}'")).unwrap();
    }
}

/// T-06
#[test]
fn previous_keys_that_are_none_are_refused_and_not_printed() {
    let zeros = "A".repeat(43) + "=";
    for keys in ["['hunter2']", "'hunter2'", "[[1, 2, 3]]", "[5]", &format!("['{zeros}']")] {
        let error = line(&format!("previous_keys = {keys}")).unwrap_err();
        assert!(error.to_string().starts_with("`session.previous_keys"), "{error}");
        assert!(!format!("{error} {error:?}").contains("hunter2"));
    }
}

/// T-06
#[test]
fn nothing_prints_a_secret() {
    let config = Config {
        storage: "postgres://user:hunter2@host/db?password=hunter2".into(),
        previous_keys: vec![Secret::from_bytes(*b"hunter2 hunter2 hunter2 hunter2 ").unwrap()],
        ..Config::default()
    };
    let printed = format!("{config:?}");
    assert!(printed.contains("\"postgres\"") && !printed.contains("hunter2"), "{printed}");
    assert!(!printed.contains("104, 117"), "{printed}");
}

#[test]
fn requests_of_other_origins_are_refused_by_default() {
    let config = read("").unwrap().cross_site;
    assert!(config.trusted.is_empty() && config.exempt.is_empty() && !config.insecure_allow);
}

#[test]
fn the_origins_that_are_trusted_and_the_paths_that_are_exempt_are_read() {
    let config = line("cross_site = { trusted = ['https://a.example', 'app://b'], exempt = ['/saml'] }").unwrap();
    assert_eq!(config.cross_site.trusted, ["https://a.example", "app://b"]);
    assert_eq!(config.cross_site.exempt, ["/saml"]);
    assert!(line("cross_site = { insecure_allow = true }").unwrap().cross_site.insecure_allow);
}

#[test]
fn what_is_no_origin_or_path_or_has_no_effect_is_refused() {
    let origins =
        "`session.cross_site.trusted` takes origins such as `https://app.example.com`, without `/` at the end";
    let paths = "`session.cross_site.exempt` takes paths such as `/callback`, in ASCII; for all paths, set \
                 `cross_site.insecure_allow`";
    let idle = "`session.cross_site.insecure_allow` leaves `cross_site.trusted` and `cross_site.exempt` without effect: \
                write false, or leave those out";
    for (toml, expected) in [
        ("trusted = ['https://a.example', 'b.example']", origins),
        ("trusted = ['https://*.example']", origins),
        ("trusted = ['https://a.example/']", origins),
        ("trusted = ['null']", origins),
        ("exempt = ['saml']", paths),
        ("exempt = ['/']", paths),
        ("insecure_allow = true, trusted = ['https://a.example']", idle),
        ("insecure_allow = true, exempt = ['/saml']", idle),
        ("exampt = []", "there is no key `session.cross_site.exampt`: did you mean `exempt`?"),
    ] {
        assert_eq!(refused(&format!("cross_site = {{ {toml} }}")), expected);
    }
}

#[test]
fn what_is_revoked_is_kept_apart_from_sessions() {
    let config = |toml: &str| Config::from_figment(&figment(toml), "guest").unwrap();
    let plain = config("");
    assert_eq!(plain.redis.revoked("guest").prefix.as_deref(), Some("guest:revoked:"));
    assert_eq!(plain.sql.revoked("guest").table.as_deref(), Some("guest_sessions_revoked"));
    let shared = config("[default.session]\nredis = { prefix = \"shop:\" }\nsql = { table = \"shop\" }");
    assert_eq!(shared.redis.revoked("guest").prefix.as_deref(), Some("shop:revoked:"));
    assert_eq!(shared.sql.revoked("guest").table.as_deref(), Some("shop_revoked"));
}

/// Returns where the types `session` and `guest` are kept.
#[cfg(any(feature = "redis", feature = "sqlite"))]
fn spots(toml: &str) -> [Option<Spot>; 2] {
    ["session", "guest"].map(|name| Config::from_figment(&figment(toml), name).unwrap().spot(name))
}

#[cfg(feature = "redis")]
#[test]
fn types_that_share_keys_of_redis_are_told_from_others() {
    let shared = "[default.session]\nstorage = 'redis://host/1?pool=8'\n";
    for (toml, same) in [
        ("redis.prefix = 'shop:'", true),
        ("redis.prefix = 'shop:'\n[default.guest]\nstorage = 'redis://host:6379/1'", true),
        ("redis.prefix = 'shop:'\n[default.guest]\nstorage = 'redis://host/2'", false),
        ("redis.prefix = 'shop:'\n[default.guest]\nredis.prefix = 'guest:'", false),
        ("[default.guest]\nstorage = 'redis://host/1?prefix=session:'", true),
        ("", false),
    ] {
        let [session, guest] = spots(&format!("{shared}{toml}"));
        assert_eq!(session == guest, same, "{toml}");
    }
    let [_, guest] = spots(&format!("{shared}redis.prefix = 'shop:'"));
    assert_eq!(
        guest.unwrap().taken("guest").to_string(),
        "the keys of two session types begin with `shop:` in one Redis: give one another `guest.redis.prefix`"
    );
}

#[cfg(feature = "sqlite")]
#[test]
fn types_that_share_the_table_of_what_is_revoked_are_told_from_others() {
    let shared = "[default.session]\nstorage = 'cookie'\ncookie.revocations = 'sqlite://ended.db'\n";
    let [session, guest] = spots(shared);
    assert!(session.is_some() && guest.is_some() && session != guest);
    let [session, guest] = spots(&format!("{shared}sql.table = 'ended'"));
    assert!(session.is_some() && session == guest);
    assert_eq!(spots("[default.session]\nsql.table = 'shop'"), [None, None]);
}
