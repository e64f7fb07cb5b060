use std::collections::HashSet;

use base64::engine::general_purpose::STANDARD;

use super::*;
use crate::token::Tag;

const COOKIE: &str = "__Host-session";

fn secret(byte: u8) -> Secret {
    Secret::from_bytes([byte; 32]).unwrap()
}

fn ring(current: u8, previous: &[u8]) -> Keyring {
    Keyring { current: secret(current), previous: previous.iter().copied().map(secret).collect() }
}

fn seal(current: u8, previous: &[u8]) -> Seal {
    Seal::new(&ring(current, previous), Purpose::Token, COOKIE, "session")
}

fn token() -> Token {
    Token::random(Tag::random().unwrap()).unwrap()
}

/// T-07
#[test]
fn t_07_a_sealed_token_is_124_characters_and_opens_to_its_key() {
    let (seal, token) = (seal(1, &[]), token());
    let text = seal.seal_token(&token).unwrap();
    assert_eq!((text.len(), LENGTH), (124, 124));
    assert!(text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)));
    assert_eq!(seal.open_token(&text), Ok(token.key()));
    assert_eq!(seal.open_token(&text), Ok(token.key()), "from the table");
    let wire = BASE64.decode(&text).unwrap();
    assert!(!wire.windows(16).any(|window| token.to_bytes().windows(16).any(|secret| secret == window)));
}

/// T-07
#[test]
fn t_07_one_token_is_never_sealed_to_the_same_text() {
    let (seal, token) = (seal(1, &[]), token());
    let texts: HashSet<_> = (0..1000).map(|_| seal.seal_token(&token).unwrap()).collect();
    assert_eq!(texts.len(), 1000);
}

/// F-09
#[test]
fn f_09_previous_keys_open_until_they_are_retired_and_the_current_one_seals() {
    let generations = [seal(1, &[]), seal(2, &[1]), seal(3, &[2, 1]), seal(3, &[2])];
    let token = token();
    let first = generations[0].seal_token(&token).unwrap();
    let second = generations[1].seal_token(&token).unwrap();
    assert_eq!(generations[1].open_token(&first), Ok(token.key()));
    assert_eq!(generations[2].open_token(&first), Ok(token.key()));
    assert_eq!(generations[2].open_token(&second), Ok(token.key()));
    assert_eq!(generations[3].open_token(&second), Ok(token.key()));
    assert_eq!(generations[3].open_token(&first), Err(Refused::UnknownKey));
    assert_eq!(generations[0].open_token(&second), Err(Refused::UnknownKey));
}

/// F-10
#[test]
fn f_10_a_change_to_any_byte_is_refused() {
    let seal = seal(1, &[2]);
    let text = seal.seal_token(&token()).unwrap();
    seal.open_token(&text).unwrap();
    let wire = BASE64.decode(&text).unwrap();
    for at in 0..wire.len() {
        for bit in 0..8 {
            let mut wire = wire.clone();
            wire[at] ^= 1 << bit;
            let expected = match at {
                0 => Refused::Malformed,
                1..5 => Refused::UnknownKey,
                _ => Refused::Forged,
            };
            assert_eq!(seal.open_token(&BASE64.encode(wire)), Err(expected), "byte {at}, bit {bit}");
        }
    }
}

/// F-10
#[test]
fn f_10_a_text_of_another_length_is_refused() {
    let seal = seal(1, &[]);
    let text = seal.seal_token(&token()).unwrap();
    seal.open_token(&text).unwrap();
    for length in 0..LENGTH {
        assert_eq!(seal.open_token(&text[..length]), Err(Refused::Malformed));
    }
    assert_eq!(seal.open_token(&format!("{text}A")), Err(Refused::Malformed));
    assert_eq!(seal.open_token(&format!("{text}====")), Err(Refused::Malformed));
}

/// F-10
#[test]
fn f_10_what_was_sealed_for_another_cookie_type_or_purpose_is_refused() {
    let (ring, token) = (ring(1, &[]), token());
    let ours = Seal::new(&ring, Purpose::Token, COOKIE, "session");
    let others = [
        (Seal::new(&ring, Purpose::Token, "__Host-guest", "session"), Refused::Forged),
        (Seal::new(&ring, Purpose::Token, COOKIE, "guest"), Refused::Forged),
        (Seal::new(&ring, Purpose::Token, "__Host-sessions", "ession"), Refused::Forged),
        (Seal::new(&ring, Purpose::Record, COOKIE, "session"), Refused::UnknownKey),
        (Seal::new(&ring, Purpose::Bearer, COOKIE, "session"), Refused::UnknownKey),
    ];
    for (other, expected) in others {
        assert_eq!(ours.open_token(&other.seal_token(&token).unwrap()), Err(expected));
    }
}

/// F-10
#[test]
fn f_10_what_is_not_sealed_is_refused() {
    let (seal, token) = (seal(1, &[]), token());
    let json = br#"{"id":1,"role":"admin"}"#;
    let mut padded = [0; WIRE];
    padded[..json.len()].copy_from_slice(json);
    let mut bare = [0; WIRE];
    bare[0] = generation::VERSION;
    bare[29..77].copy_from_slice(&token.to_bytes());
    let texts = [
        String::from_utf8(json.to_vec()).unwrap(),
        BASE64.encode(json),
        BASE64.encode(padded),
        BASE64.encode(token.to_bytes()),
        BASE64.encode(bare),
    ];
    for text in texts {
        seal.open_token(&text).unwrap_err();
    }
}

fn record_seal(current: u8, previous: &[u8]) -> RecordSeal {
    RecordSeal::new(&ring(current, previous), COOKIE, "session")
}

/// T-07
#[test]
fn t_07_a_sealed_record_opens_to_its_body_and_does_not_show_it() {
    let seal = record_seal(1, &[]);
    for body in [&b""[..], b"a", b"the role is admin", &[7; 3000]] {
        let (text, again) = (seal.seal(body).unwrap(), seal.seal(body).unwrap());
        assert_ne!(text, again);
        assert_eq!(seal.open(&text, text.len()).as_deref(), Ok(body));
        assert_eq!(seal.open(&text, text.len() - 1), Err(Refused::Malformed), "above the bound");
        let wire = BASE64.decode(&text).unwrap();
        assert!(body.len() < 8 || !wire.windows(8).any(|window| body.windows(8).any(|plain| plain == window)));
    }
}

/// F-10
#[test]
fn f_10_a_change_to_any_byte_of_a_sealed_record_is_refused() {
    let seal = record_seal(1, &[2]);
    let wire = BASE64.decode(seal.seal(b"the role is member").unwrap()).unwrap();
    for at in 0..wire.len() {
        let mut changed = wire.clone();
        changed[at] ^= 1;
        seal.open(&BASE64.encode(changed), 4096).unwrap_err();
        seal.open(&BASE64.encode(&wire[..at]), 4096).unwrap_err();
    }
}

/// F-09, F-10
#[test]
fn f_09_a_sealed_record_opens_for_its_own_cookie_type_purpose_and_keys_only() {
    let (ours, tokens) = (record_seal(1, &[]), seal(1, &[]));
    let text = ours.seal(&token().to_bytes()).unwrap();
    record_seal(2, &[1]).open(&text, 4096).unwrap();
    assert_eq!(record_seal(2, &[3]).open(&text, 4096), Err(Refused::UnknownKey));
    assert_eq!(RecordSeal::new(&ring(1, &[]), "__Host-guest", "session").open(&text, 4096), Err(Refused::Forged));
    assert_eq!(RecordSeal::new(&ring(1, &[]), COOKIE, "guest").open(&text, 4096), Err(Refused::Forged));
    assert_eq!(tokens.open_token(&text), Err(Refused::UnknownKey), "a record is no token");
    assert_eq!(ours.open(&tokens.seal_token(&token()).unwrap(), 4096), Err(Refused::UnknownKey), "nor the reverse");
}

/// T-03
#[test]
fn t_03_malformed_texts_are_refused_before_any_key_is_asked() {
    let seal = seal(1, &[]);
    let exact = |text: &str| text.chars().cycle().take(LENGTH).collect::<String>();
    let long = "A".repeat(64 * 1024);
    let given = ["", "\0", "../../etc/passwd", "*", "' OR 1=1 --", "é", "=", "KEYS *", "%00", &long];
    for text in given {
        assert_eq!(seal.open_token(text), Err(Refused::Malformed), "{text:.20}");
        if !text.is_empty() {
            let refused = seal.open_token(&exact(text)).unwrap_err();
            assert_eq!(refused, Refused::Malformed, "{text:.20} repeated");
        }
    }
}

/// T-03
#[test]
fn t_03_random_texts_of_the_right_form_never_open() {
    let seal = seal(1, &[2, 3]);
    for _ in 0..10_000 {
        let mut wire = [0; WIRE];
        getrandom::fill(&mut wire).unwrap();
        seal.open_token(&BASE64.encode(wire)).unwrap_err();
        wire[0] = generation::VERSION;
        assert_ne!(seal.open_token(&BASE64.encode(wire)), Err(Refused::Malformed));
    }
}

/// F-11: over 10⁶ seals.
#[test]
fn f_11_nonces_are_unique() {
    const SEALS: usize = 1_000_000;
    let (seal, token) = (seal(1, &[]), token());
    let mut nonces = HashSet::with_capacity(SEALS);
    for _ in 0..SEALS {
        let wire = seal.generations.current.seal(&token).unwrap();
        assert!(nonces.insert(<[u8; 24]>::try_from(&wire[5..29]).unwrap()));
    }
}

/// T-01: over 10⁵ tokens, χ² of each bit with one degree of freedom stays below 30, which a fair bit exceeds once in
/// 2 · 10⁷ times.
#[test]
fn t_01_every_bit_of_a_token_is_random() {
    const TOKENS: u32 = 100_000;
    let mut ones = [0_u32; 256];
    let mut seen = HashSet::new();
    for _ in 0..TOKENS {
        let bytes = Token::random(Tag::from_bytes([0; 16])).unwrap().to_bytes();
        for (bit, ones) in ones.iter_mut().enumerate() {
            *ones += u32::from(bytes[bit / 8] >> (bit % 8) & 1);
        }
        assert!(seen.insert(bytes));
    }
    for (bit, ones) in ones.into_iter().enumerate() {
        let off = f64::from(ones) - f64::from(TOKENS) / 2.0;
        let chi = off * off * 4.0 / f64::from(TOKENS);
        assert!(chi < 30.0, "bit {bit}: {ones} ones of {TOKENS}");
    }
}

#[test]
fn the_table_of_opened_cookies_forgets_but_never_mixes() {
    let seal = seal(1, &[]);
    let pairs: Vec<_> = (0..2_000)
        .map(|_| {
            let token = token();
            (seal.seal_token(&token).unwrap(), token.key())
        })
        .collect();
    for _ in 0..2 {
        for (text, key) in &pairs {
            assert_eq!(seal.open_token(text), Ok(*key));
            assert_eq!(seal.open_token(text), Ok(*key));
        }
    }
}

#[test]
fn a_refused_cookie_is_not_entered_into_the_table() {
    let seal = seal(1, &[]);
    let mut wire = BASE64.decode(seal.seal_token(&token()).unwrap()).unwrap();
    wire[92] ^= 1;
    let forged = BASE64.encode(wire);
    for _ in 0..3 {
        assert_eq!(seal.open_token(&forged), Err(Refused::Forged));
    }
    assert_eq!(seal.opened.get(forged.as_bytes().try_into().unwrap()), None);
}

#[test]
fn a_secret_is_written_as_rocket_writes_it() {
    let bytes: Vec<u8> = (0..64).collect();
    let same = |text: &str, length: usize| assert_eq!(text.parse::<Secret>().unwrap().as_bytes(), &bytes[..length]);
    same(&STANDARD.encode(&bytes[..32]), 32);
    same(&STANDARD.encode(&bytes[..33]), 33);
    same(&STANDARD.encode(&bytes), 64);
    same("000102030405060708090a0b0c0d0e0f101112131415161718191A1B1C1D1E1F", 32);
}

#[test]
fn what_is_no_secret_is_refused() {
    let zeros = STANDARD.encode([0; 32]);
    let short = format!("{}==", STANDARD.encode([1; 31]).trim_end_matches('='));
    let hex = "g".repeat(64);
    let letters = "é".repeat(32);
    for text in ["", "secret", &zeros, &short, &hex, &letters, &"=".repeat(44)] {
        assert_eq!(text.parse::<Secret>(), Err(InvalidSecret), "{text}");
    }
    assert_eq!(Secret::from_bytes([1; 31]), Err(InvalidSecret));
}

/// T-06
#[test]
fn t_06_nothing_prints_a_secret() {
    let printed = format!("{:?} {:?} {InvalidSecret}", ring(7, &[8]), seal(7, &[8]));
    assert!(!printed.contains('7') && !printed.contains("Bwc"), "{printed}");
}

mod keyring {
    use rocket::figment::Figment;
    use rocket::figment::providers::Serialized;

    use super::*;
    use crate::config::ConfigError;

    fn read(profile: &'static str, key: impl serde::Serialize) -> Result<Keyring, ConfigError> {
        let figment = Figment::from(Serialized::default("secret_key", key)).select(profile);
        Keyring::from_figment(&figment, &[secret(9)])
    }

    #[test]
    fn the_key_is_what_rocket_has() {
        let text = STANDARD.encode([5; 32]);
        let ring = read("release", &text).unwrap();
        assert_eq!((ring.current, ring.previous), (secret(5), vec![secret(9)]));
        assert_eq!(read("release", vec![5_u8; 32]).unwrap().current, secret(5));
        assert_eq!(read("release", "05".repeat(32)).unwrap().current, secret(5));
    }

    #[test]
    fn without_a_key_the_debug_profile_makes_one_of_its_own() {
        let keys = [read("debug", [0_u8; 32]).unwrap().current, read("debug", [0_u8; 32]).unwrap().current];
        assert_ne!(keys[0], keys[1]);
        let absent = Figment::new().select("debug");
        assert_ne!(Keyring::from_figment(&absent, &[]).unwrap().current, keys[0]);
    }

    #[test]
    fn without_a_key_other_profiles_are_refused_with_a_way_to_make_one() {
        for refused in [read("release", [0_u8; 32]), Keyring::from_figment(&Figment::new().select("staging"), &[])] {
            let error = refused.unwrap_err();
            assert!(matches!(error, ConfigError::NoSecretKey { .. }));
            assert!(error.to_string().contains("openssl rand -base64 32"));
        }
    }

    /// T-06
    #[test]
    fn t_06_a_wrong_key_is_refused_and_not_printed() {
        for profile in ["debug", "release"] {
            let error = read(profile, "hunter2").unwrap_err();
            assert!(matches!(error, ConfigError::SecretKey(_)));
            assert!(!format!("{error} {error:?}").contains("hunter2"));
        }
    }
}
