//! Any bytes as a template: read or refused, and what is read is well-formed.

use super::{
    input::Input,
    report::{in_range, say_everything},
    stage::{self, Way, environment},
};
use gravure::unstable::{Chunk, disassemble};

/// Parse, compile, verify, list, encode, decode, check.
pub fn source(bytes: &[u8]) {
    let input = Input::of(bytes);
    for way in [Way::Usual, Way::Plain] {
        let environment = environment(&input, way);
        match stage::compile(&environment, input.main()) {
            Ok(chunk) => {
                disassemble(&chunk);
                let written = chunk.encode();
                let read = Chunk::decode(&written).expect("what was written can be read");
                assert!(
                    read == chunk,
                    "a chunk is not what it was before it was written"
                );
                assert!(read.encode() == written, "a chunk has two spellings");
            }
            Err(error) => {
                assert!(
                    !error.message().starts_with("internal error"),
                    "the compiler made what the verifier refuses: {error}"
                );
                in_range(&error, &input);
                say_everything(&error);
            }
        }
    }
}
