use std::time::Duration;

use rocket::http::{Header, SameSite};
use rocket::local::blocking::Client;

use super::read::{choose, values};
use super::write::TooLong;
use super::*;
use crate::config::CookieConfig;
use crate::seal::{Keyring, Purpose, Refused, Seal, Secret};
use crate::token::{Key, Tag, Token};

const NAME: &str = "__Host-session";

fn seal() -> Seal {
    let ring = Keyring { current: Secret::from_bytes([1; 32]).unwrap(), previous: Vec::new() };
    Seal::new(&ring, Purpose::Token, NAME, "session")
}

fn cookie(seal: &Seal) -> (String, Key) {
    let token = Token::random(Tag::random().unwrap()).unwrap();
    (seal.seal_token(&token).unwrap(), token.key())
}

/// Returns the attributes of a cookie that other sites embed.
fn embedded() -> CookieConfig {
    CookieConfig {
        domain: Some("example.com".into()),
        path: "/app".into(),
        same_site: SameSite::None,
        partitioned: true,
        ..CookieConfig::default()
    }
}

/// Returns what header values that stand for many requests present.
fn chosen<'r>(headers: &'r [String], seal: &Seal) -> Presented<'r> {
    choose(headers.iter().flat_map(|header| values(header, NAME)), seal)
}

#[test]
fn a_value_is_found_by_its_exact_name() {
    let header = "_session_old=1; __Host-session_old=2; x__Host-session=3; __host-session=4; __Host-session=5; __Host-session2=6; __Host-session";
    assert_eq!(values(header, NAME).collect::<Vec<_>>(), ["5"]);
}

#[test]
fn a_header_is_split_at_each_semicolon_wherever_it_stands() {
    for length in 0..200 {
        let value = "v".repeat(length);
        let header = format!("{NAME}={value};a=b; {NAME}=é{value};;{NAME}={value}");
        assert_eq!(values(&header, NAME).collect::<Vec<_>>(), [&*value, &format!("é{value}"), &value]);
    }
}

#[test]
fn spaces_around_a_pair_and_quotes_around_a_value_are_tolerated() {
    let header =
        "a=b;__Host-session=1;\t__Host-session=\"2\" ; __Host-session=\"; __Host-session=\"\"; __Host-session=";
    assert_eq!(values(header, NAME).collect::<Vec<_>>(), ["1", "2", "\"", "", ""]);
}

#[test]
fn a_request_without_the_cookie_presents_none() {
    let seal = seal();
    assert_eq!(chosen(&[], &seal), Presented::None);
    assert_eq!(chosen(&[String::new(), ";;=;a=b; =__Host-session".into()], &seal), Presented::None);
}

#[test]
fn a_sealed_token_presents_its_session_and_its_bytes() {
    let seal = seal();
    let (value, key) = cookie(&seal);
    let headers = [format!("theme=dark; {NAME}={value}; lang=en")];
    assert_eq!(chosen(&headers, &seal), Presented::Session { opened: key, value: &value });
}

/// C-09
#[test]
fn c_09_the_one_value_that_opens_is_taken_wherever_it_stands() {
    let seal = seal();
    let (value, key) = cookie(&seal);
    let session = Presented::Session { opened: key, value: &value };
    let forged = "A".repeat(124);
    for headers in [
        vec![format!("{NAME}=junk; {NAME}={value}")],
        vec![format!("{NAME}={value}; {NAME}=junk")],
        vec![format!("{NAME}={forged}"), "a=b".into(), format!("{NAME}={value}"), format!("{NAME}=")],
    ] {
        assert_eq!(chosen(&headers, &seal), session);
    }
}

/// C-09
#[test]
fn c_09_the_same_value_several_times_is_one() {
    let seal = seal();
    let (value, key) = cookie(&seal);
    let headers = [format!("{NAME}={value}; {NAME}=\"{value}\""), format!("{NAME}={value}")];
    assert_eq!(chosen(&headers, &seal), Presented::Session { opened: key, value: &value });
}

/// C-09
#[test]
fn c_09_two_values_that_open_are_no_session() {
    let seal = seal();
    let (one, two) = (cookie(&seal).0, cookie(&seal).0);
    for headers in [
        vec![format!("{NAME}={one}; {NAME}={two}")],
        vec![format!("{NAME}={one}"), format!("{NAME}={two}; {NAME}={one}")],
        vec![format!("{NAME}={one}; {NAME}={two}; {NAME}=junk; {NAME}={one}")],
    ] {
        assert_eq!(chosen(&headers, &seal), Presented::Ambiguous);
    }
}

/// C-09
#[test]
fn c_09_more_than_four_cookies_of_the_name_are_no_session() {
    let seal = seal();
    let (value, key) = cookie(&seal);
    let header = format!("{NAME}=1; {NAME}=2; {NAME}=3; {NAME}={value}; {NAME}_=5");
    let more = format!("{header}; {NAME}={value}");
    assert_eq!(chosen(&[header], &seal), Presented::Session { opened: key, value: &value });
    assert_eq!(chosen(&[more], &seal), Presented::Refused(Refused::TooMany));
}

/// T-03
#[test]
fn t_03_malformed_values_are_refused() {
    let seal = seal();
    let long = "A".repeat(64 * 1024);
    for value in ["", "../../etc/passwd", "*", "session:*", "' OR ''='", "é", "%00", "\0", "{\"id\":1}", &long] {
        let headers = [format!("{NAME}={value}")];
        assert_eq!(chosen(&headers, &seal), Presented::Refused(Refused::Malformed), "{value:.20}");
    }
}

/// C-09: percent-encoding in a name would get past the `__Host-` prefix.
#[test]
fn c_09_the_headers_of_a_request_are_read_without_decoding() {
    let seal = seal();
    let (value, key) = cookie(&seal);
    let client = Client::untracked(rocket::custom(rocket::Config::debug_default())).unwrap();
    let plain = client.get("/").header(Header::new("Cookie", format!("{NAME}={value}")));
    assert_eq!(presented(plain.inner(), NAME, &seal), Presented::Session { opened: key, value: &value });
    let encoded = client.get("/").header(Header::new("Cookie", format!("__%48ost-session={value}")));
    assert_eq!(presented(encoded.inner(), NAME, &seal), Presented::None);
    let beside = client.get("/").header(Header::new("Cookie", "a=b")).cookie((NAME, value.clone()));
    assert_eq!(presented(beside.inner(), NAME, &seal), Presented::None);
}

#[test]
fn the_cookies_of_rockets_local_client_are_read_from_its_jar() {
    let seal = seal();
    let (value, key) = cookie(&seal);
    let client = Client::untracked(rocket::custom(rocket::Config::debug_default())).unwrap();
    let request = client.get("/").cookie((NAME, value.clone()));
    assert_eq!(presented(request.inner(), NAME, &seal), Presented::Session { opened: key, value: &value });
    assert_eq!(presented(client.get("/").inner(), NAME, &seal), Presented::None);
}

/// C-01, C-02, C-03, L-08
#[test]
fn c_01_the_default_cookie_has_every_protection_and_no_age() {
    let cookie = SetCookie::new(NAME, &CookieConfig::default());
    assert_eq!(cookie.set("v", None).unwrap(), "__Host-session=v; Path=/; HttpOnly; Secure; SameSite=Lax");
    assert_eq!(cookie.name(), NAME);
}

/// C-02, C-03
#[test]
fn c_02_every_attribute_is_written_as_configured() {
    let config = CookieConfig { insecure_script_access: true, ..embedded() };
    let cookie = SetCookie::new("sid", &config);
    let expected = "sid=v; Path=/app; Domain=example.com; Secure; SameSite=None; Partitioned";
    assert_eq!(cookie.set("v", None).unwrap(), expected);
    let config = CookieConfig { secure: false, same_site: SameSite::Strict, ..CookieConfig::default() };
    let expected = "sid=v; Path=/; HttpOnly; SameSite=Strict";
    assert_eq!(SetCookie::new("sid", &config).set("v", None).unwrap(), expected);
}

/// C-06
#[test]
fn c_06_an_age_is_in_seconds_and_at_most_400_days() {
    let cookie = SetCookie::new(NAME, &CookieConfig::default());
    let age = |age| cookie.set("v", Some(age)).unwrap().split("; Max-Age=").nth(1).unwrap().to_owned();
    assert_eq!(age(Duration::from_secs(90)), "90");
    assert_eq!(age(Duration::from_millis(90_999)), "90");
    assert_eq!(age(Duration::from_millis(1)), "1");
    assert_eq!(age(MAX_AGE), "34560000");
    assert_eq!(age(MAX_AGE + Duration::from_secs(1)), "34560000");
    assert_eq!(age(Duration::MAX), "34560000");
}

/// C-07
#[test]
fn c_07_the_removal_repeats_every_attribute() {
    for config in [embedded(), CookieConfig::default()] {
        let cookie = SetCookie::new("sid", &config);
        let set = cookie.set("", None).unwrap();
        assert_eq!(cookie.removal(), format!("{set}; Max-Age=0; Expires=Thu, 01 Jan 1970 00:00:00 GMT"));
    }
}

#[test]
fn rocket_reads_what_is_written() {
    let cookie = SetCookie::new(NAME, &CookieConfig::default());
    let text = cookie.set("v", Some(Duration::from_mins(1))).unwrap();
    let parsed = rocket::http::Cookie::parse(text).unwrap();
    assert_eq!((parsed.name(), parsed.value(), parsed.path()), (NAME, "v", Some("/")));
    assert_eq!(
        (parsed.http_only(), parsed.secure(), parsed.same_site()),
        (Some(true), Some(true), Some(SameSite::Lax))
    );
    assert_eq!(parsed.max_age().unwrap().whole_seconds(), 60);
    let removal = rocket::http::Cookie::parse(cookie.removal()).unwrap();
    assert!(removal.max_age().unwrap().is_zero());
    assert_eq!(removal.expires_datetime().unwrap().unix_timestamp(), 0);
}

/// C-05
#[test]
fn c_05_a_name_and_value_beyond_4096_octets_are_an_error() {
    let cookie = SetCookie::new("sid", &CookieConfig::default());
    cookie.set(&"v".repeat(4093), None).unwrap();
    assert_eq!(cookie.set(&"v".repeat(4094), None), Err(TooLong { size: 4097 }));
}
