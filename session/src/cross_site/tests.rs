use rocket::http::Header;
use rocket::local::blocking::Client;

use super::*;

fn rules(config: &CrossSiteConfig, secure: bool) -> CrossSite {
    CrossSite::new(config, secure).unwrap()
}

/// Returns whether a request is refused that was sent to a host, under rules for a cookie that is `Secure`.
fn refused(rules: &CrossSite, host: &str, headers: &[(&'static str, &str)]) -> bool {
    let client = Client::untracked(rocket::custom(rocket::Config::debug_default())).unwrap();
    let mut request = client.post("/orders/7").header(Header::new("Host", host.to_owned()));
    for (name, value) in headers {
        request.add_header(Header::new(*name, (*value).to_owned()));
    }
    rules.refuses(request.inner())
}

fn foreign(host: &str, origin: &str) -> bool {
    refused(&rules(&CrossSiteConfig::default(), true), host, &[("Origin", origin)])
}

#[test]
fn an_origin_is_a_scheme_a_host_and_a_port() {
    let origin = Origin::parse("https://app.example.com").unwrap();
    for same in ["HTTPS://App.Example.COM", "https://app.example.com:443"] {
        assert_eq!(Origin::parse(same).as_ref(), Some(&origin), "{same}");
    }
    for other in
        ["http://app.example.com", "https://example.com", "https://app.example.com:8443", "app://app.example.com"]
    {
        assert!(Origin::parse(other).is_some_and(|other| other != origin), "{other}");
    }
    assert_eq!(Origin::parse("http://app.example.com"), Origin::parse("http://app.example.com:80"));
}

#[test]
fn what_is_more_or_less_is_no_origin() {
    for text in [
        "",
        "null",
        "*",
        "example.com",
        "//example.com",
        "https:",
        "https://",
        "https:///",
        "https://example.com/",
        "https://example.com/a",
        "https://example.com?a",
        "https://user@example.com",
        "https://*.example.com",
        "https://example.com:port",
        "https://example.com:65536",
        "https://a.example https://b.example",
        "https://exämple.com",
        "https://ex%61mple.com",
        "https://[::1",
        "mailto:somebody@example.com",
    ] {
        assert_eq!(Origin::parse(text), None, "{text}");
    }
}

#[test]
fn a_page_of_the_host_that_is_asked_passes() {
    for (host, origin) in [
        ("example.com", "https://example.com"),
        ("Example.com", "https://example.COM"),
        ("example.com:443", "https://example.com"),
        ("example.com:8443", "https://example.com:8443"),
        ("localhost:8000", "http://localhost:8000"),
        ("app.localhost", "http://app.localhost"),
        ("127.0.0.1:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8000"),
        ("[2001:db8::7]", "https://[2001:db8::7]"),
        ("[2001:DB8::7]:8443", "https://[2001:db8::7]:8443"),
    ] {
        assert!(!foreign(host, origin), "{origin} at {host}");
    }
}

#[test]
fn a_page_of_another_host_or_port_does_not() {
    for (host, origin) in [
        ("example.com", "https://evil.example"),
        ("example.com", "https://www.example.com"),
        ("example.com", "https://example.com.evil.example"),
        ("example.com", "https://example.com@evil.example"),
        ("example.com", "https://example.com:8443"),
        ("example.com:8443", "https://example.com"),
        ("localhost:8000", "http://localhost:8001"),
        ("localhost:8000", "http://127.0.0.1:8000"),
        ("[::1]:8000", "http://[::1]:8001"),
        ("[::1]:8000", "http://[::2]:8000"),
        ("example.com", "null"),
        ("example.com", ""),
        ("null", "null"),
        ("", "https://"),
        ("example.com/", "https://example.com"),
    ] {
        assert!(foreign(host, origin), "{origin} at {host}");
    }
}

/// The cookie shows what `Host` does not: that the request came over HTTPS.
#[test]
fn a_page_from_plain_http_passes_only_where_the_cookie_is_sent_there() {
    let headers = [("Origin", "http://example.com")];
    let config = CrossSiteConfig::default();
    assert!(refused(&rules(&config, true), "example.com", &headers));
    for host in ["example.com", "example.com:80"] {
        assert!(!refused(&rules(&config, false), host, &headers), "{host}");
    }
    assert!(refused(&rules(&config, false), "example.com:443", &headers));
}

#[test]
fn fetch_metadata_goes_before_the_origin() {
    let rules = rules(&CrossSiteConfig::default(), true);
    for (site, origin, expected) in [
        ("same-origin", "null", false),
        ("none", "https://evil.example", false),
        ("same-site", "https://example.com", true),
        ("cross-site", "https://example.com", true),
        ("Same-Origin", "https://example.com", true),
        ("", "https://example.com", true),
    ] {
        let headers = [("Sec-Fetch-Site", site), ("Origin", origin)];
        assert_eq!(refused(&rules, "example.com", &headers), expected, "{site}");
    }
}

/// Anybody may send it, unless a proxy replaces it, and whether one does is not known.
#[test]
fn a_forwarded_host_is_not_looked_at() {
    let rules = rules(&CrossSiteConfig::default(), true);
    let headers = [("Origin", "https://evil.example"), ("X-Forwarded-Host", "evil.example")];
    assert!(refused(&rules, "example.com", &headers));
}

#[test]
fn trusted_origins_pass_and_exempt_paths_too() {
    let own = |trusted: &[&str], exempt: &[&str]| {
        let texts = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let config = CrossSiteConfig { trusted: texts(trusted), exempt: texts(exempt), insecure_allow: false };
        let headers = [("Sec-Fetch-Site", "cross-site"), ("Origin", "https://app.example.com:8443")];
        refused(&rules(&config, true), "example.com", &headers)
    };
    assert!(!own(&["https://a.example", "https://APP.example.com:8443"], &[]));
    assert!(own(&["https://app.example.com", "http://app.example.com:8443"], &[]));
    for path in ["/orders", "/orders/", "/orders/7", "/%6frders"] {
        assert!(!own(&[], &[path]), "{path}");
    }
    for path in ["/order", "/orders/7/items", "/orders/8", "/Orders"] {
        assert!(own(&[], &[path]), "{path}");
    }
}

#[test]
fn an_exempt_path_is_below_the_root() {
    for path in ["", "/", "//", "orders", "/orders?a=b", "/örders", "https://example.com/orders", "/a b"] {
        assert_eq!(exempt(path), None, "{path}");
    }
}
