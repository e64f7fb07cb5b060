use std::collections::HashSet;

use super::*;

fn ones(counts: &mut [u32; 256], bytes: &[u8; 32]) {
    for (bit, count) in counts.iter_mut().enumerate() {
        *count += u32::from(bytes[bit / 8] >> (bit % 8) & 1);
    }
}

/// T-01 (OWASP ASVS 7.2.3, 11.5.1): 256 bits, none of them fixed, as six of a UUID are.
#[test]
fn t_01_every_bit_of_a_token_is_random() {
    const TOKENS: u32 = 100_000;
    let tag = Tag::random().unwrap();
    let mut secrets = HashSet::new();
    let mut counts = [0; 256];
    for _ in 0..TOKENS {
        let secret = Token::random(tag).unwrap().secret;
        ones(&mut counts, &secret);
        assert!(secrets.insert(secret), "a token was drawn twice");
    }
    let deviation = |count: &u32| (f64::from(*count) - f64::from(TOKENS) / 2.0) / (f64::from(TOKENS) / 4.0).sqrt();
    let chi_squared: f64 = counts.iter().map(|count| deviation(count).powi(2)).sum();
    // Of 256 degrees of freedom: the mean, and six times the standard deviation beside it.
    assert!((256.0 - 136.0..256.0 + 136.0).contains(&chi_squared), "{chi_squared}");
    assert!(counts.iter().all(|count| deviation(count).abs() < 7.0), "{counts:?}");
}

/// T-01: what names an anonymous session is random in all its bits, too.
#[test]
fn t_01_handles_are_random_but_for_the_tag_of_their_owner() {
    let tag = Identity::new("session", "7").tag();
    let handles: HashSet<Handle> = (0..10_000).map(|_| Handle::random(tag).unwrap()).collect();
    assert_eq!(handles.len(), 10_000);
    assert!(handles.iter().all(|handle| handle.tag() == tag));
    let anonymous: HashSet<Tag> = (0..10_000).map(|_| Tag::random().unwrap()).collect();
    assert_eq!(anonymous.len(), 10_000);
}

/// T-04: a storage that has the key does not have the token.
#[test]
fn t_04_a_key_is_the_hash_of_the_secret_alone() {
    let token = Token::random(Tag::random().unwrap()).unwrap();
    let hash: [u8; 32] = Sha256::digest(token.secret).into();
    assert_eq!((token.key().hash(), token.key().tag()), (&hash, token.tag));
    assert_ne!(token.secret, hash);
}

/// T-06
#[test]
fn t_06_debug_does_not_show_a_token() {
    let token = Token::random(Tag::random().unwrap()).unwrap();
    assert_eq!(format!("{token:?}"), "Token(secret)");
}

#[test]
fn an_identity_belongs_to_one_session_type() {
    assert_eq!(Identity::new("session", "7").tag(), Identity::new("session", "7").tag());
    assert_ne!(Identity::new("session", "7").tag(), Identity::new("guest", "7").tag());
    assert_ne!(Identity::new("session", "7").tag(), Identity::new("session", "77").tag());
    assert_ne!(Identity::new("a", "\0b").tag(), Identity::new("a\0", "b").tag());
}
