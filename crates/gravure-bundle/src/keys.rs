//! Keys: who signs a bundle, and whom a host believes.
//!
//! A key is written as a word that says which it is and 64 hexadecimal digits;
//! that is what its file holds, and nothing else is.

use crate::Hash;
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use std::fmt;

const PUBLIC: &str = "gravure-public-";
const SECRET: &str = "gravure-secret-";

/// What a signature is made over, besides the root hash.
const CONTEXT: &[u8] = b"gravure bundle\0";

/// A key that signatures are checked with.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PublicKey(pub(crate) [u8; 32]);

/// A key that bundles are signed with.
#[derive(Clone)]
pub struct SecretKey(SigningKey);

/// A text is no key.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BadKey;

impl fmt::Display for BadKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("no key: one is `gravure-public-` or `gravure-secret-` and 64 digits")
    }
}

impl std::error::Error for BadKey {}

impl PublicKey {
    /// From its text.
    ///
    /// # Errors
    /// The text is no public key.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let bytes = digits(text, PUBLIC)?;
        VerifyingKey::from_bytes(&bytes).map_err(|_| BadKey)?;
        Ok(Self(bytes))
    }

    /// Has this key signed that root hash?
    pub(crate) fn has_signed(&self, root: &Hash, signature: &[u8; 64]) -> bool {
        let signature = Signature::from_bytes(signature);
        VerifyingKey::from_bytes(&self.0)
            .and_then(|key| key.verify_strict(&message(root), &signature))
            .is_ok()
    }
}

impl fmt::Display for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{PUBLIC}{}", crate::hex(&self.0))
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl SecretKey {
    /// A new one, from the system's source of random numbers.
    ///
    /// # Errors
    /// The system has none.
    pub fn generate() -> std::io::Result<Self> {
        let mut bytes = [0; 32];
        getrandom::fill(&mut bytes).map_err(std::io::Error::from)?;
        Ok(Self::from_bytes(bytes))
    }

    /// From 32 bytes that nobody can guess.
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(SigningKey::from_bytes(&bytes))
    }

    /// From its text.
    ///
    /// # Errors
    /// The text is no secret key.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        digits(text, SECRET).map(Self::from_bytes)
    }

    /// Its text, for a file that nobody else reads.
    pub fn to_text(&self) -> String {
        format!("{SECRET}{}", crate::hex(&self.0.to_bytes()))
    }

    /// The key that its signatures are checked with.
    pub fn public(&self) -> PublicKey {
        PublicKey(self.0.verifying_key().to_bytes())
    }

    pub(crate) fn sign(&self, root: &Hash) -> [u8; 64] {
        self.0.sign(&message(root)).to_bytes()
    }
}

/// Says which key it is, and never the key.
impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the secret key of {}", self.public())
    }
}

fn message(root: &Hash) -> Vec<u8> {
    [CONTEXT, root].concat()
}

fn digits(text: &str, word: &str) -> Result<[u8; 32], BadKey> {
    let digits = text.trim().strip_prefix(word).ok_or(BadKey)?;
    let is_lower = digits
        .bytes()
        .all(|it| matches!(it, b'0'..=b'9' | b'a'..=b'f'));
    match blake3::Hash::from_hex(digits) {
        Ok(hash) if is_lower => Ok(hash.into()),
        _ => Err(BadKey),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_texts() {
        let secret = SecretKey::from_bytes([7; 32]);
        let public = secret.public();
        assert_eq!(PublicKey::parse(&format!("{public}\n")), Ok(public));
        let again = SecretKey::parse(&secret.to_text()).unwrap();
        assert_eq!(again.public(), public);
        assert!(!format!("{secret:?}").contains("0707"));
        for text in [
            "",
            "gravure-public-",
            "gravure-public-zz",
            &secret.to_text(),
        ] {
            assert_eq!(PublicKey::parse(text), Err(BadKey), "{text}");
        }
        assert!(SecretKey::parse(&public.to_string()).is_err());
        let upper = public.to_string().to_uppercase();
        assert!(PublicKey::parse(&upper.replace("GRAVURE-PUBLIC", "gravure-public")).is_err());
    }

    #[test]
    fn a_signature_is_of_one_key_over_one_root() {
        let (one, other) = (
            SecretKey::from_bytes([1; 32]),
            SecretKey::from_bytes([2; 32]),
        );
        let signature = one.sign(&[3; 32]);
        assert!(one.public().has_signed(&[3; 32], &signature));
        assert!(!one.public().has_signed(&[4; 32], &signature));
        assert!(!other.public().has_signed(&[3; 32], &signature));
    }

    #[test]
    fn new_keys_differ() {
        let (one, other) = (
            SecretKey::generate().unwrap(),
            SecretKey::generate().unwrap(),
        );
        assert_ne!(one.public(), other.public());
    }
}
