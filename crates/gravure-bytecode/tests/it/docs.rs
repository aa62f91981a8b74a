//! `docs/bytecode.md` says what the table says.

#[test]
fn the_reference_is_fresh() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/bytecode.md");
    let made = gravure_bytecode::docs();
    if std::env::var_os("UPDATE").is_some() {
        std::fs::write(path, &made).expect("the reference can be written");
    }
    let kept = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        kept == made,
        "docs/bytecode.md is stale: run this test with UPDATE=1"
    );
}

#[test]
fn every_instruction_is_described() {
    let made = gravure_bytecode::docs();
    for opcode in gravure_bytecode::Opcode::ALL {
        assert!(made.contains(&format!("### `{}`\n", opcode.name())));
        assert!(!opcode.doc().trim().is_empty());
    }
    assert!(
        made.contains("Opcode 0, `text: Text` in bits 8 to 31."),
        "{made}"
    );
}
