//! stub
/// stub
pub fn hash_text(text: &str) -> u64 { text.len() as u64 }
