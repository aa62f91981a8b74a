//! The identity of the compiler: the same wherever and whenever its sources are
//! checked out, another one as soon as any of them changes.

#[allow(dead_code)]
#[path = "../build.rs"]
mod build;

use std::{fs, path::PathBuf};

/// A package with these files, written in this order.
struct Package(PathBuf);

impl Package {
    fn new(name: &str, files: &[(&str, &str)]) -> Self {
        let root = std::env::temp_dir().join(format!("gravure-{}-{name}", std::process::id()));
        for (name, text) in files {
            let file = root.join(name);
            fs::create_dir_all(file.parent().expect("a folder")).unwrap();
            fs::write(file, text).unwrap();
        }
        Self(root)
    }

    fn hash(&self) -> u128 {
        build::hash("package 0.1.0", &self.0).unwrap()
    }
}

impl Drop for Package {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[test]
fn checkouts_have_one_identity() {
    let one = Package::new("one", &[("a.rs", "x\ny\n"), ("m/b.rs", "z\n")]);
    let other = Package::new("other", &[("m/b.rs", "z\r\n"), ("a.rs", "x\r\ny\r\n")]);
    assert_eq!(one.hash(), other.hash());
    assert_eq!(one.hash(), one.hash());
}

#[test]
fn every_change_changes_it() {
    let files = [("a.rs", "x\n"), ("m/b.rs", "z\n")];
    let hash = Package::new("first", &files).hash();
    for (at, changed) in [
        [("a.rs", "y\n"), ("m/b.rs", "z\n")],
        [("a.rs", "x"), ("m/b.rs", "z\n")],
        [("a.rs", "x\rz\n"), ("m/b.rs", "")],
        [("c.rs", "x\n"), ("m/b.rs", "z\n")],
        [("a.rs", "x\n"), ("mb.rs", "z\n")],
    ]
    .iter()
    .enumerate()
    {
        let package = Package::new(&format!("changed-{at}"), changed);
        assert_ne!(package.hash(), hash, "{changed:?}");
    }
    let package = Package::new("named", &files);
    assert_ne!(build::hash("package 0.2.0", &package.0).unwrap(), hash);
}

#[test]
fn the_compiler_has_one() {
    let origin = gravure_compiler::origin();
    assert_eq!(origin.edition, "kida-0.12");
    assert_ne!(origin.build, [0; 32]);
    assert_eq!(gravure_compiler::SOURCES.len(), 32);
    assert_ne!(gravure_compiler::SOURCES, gravure_bytecode::SOURCES);
}
