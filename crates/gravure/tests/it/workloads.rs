//! The benchmark workloads render to their expected pages, byte for byte.

use gravure::{Context, Environment, loader::FileLoader};
use std::{fs, path::Path};

fn check(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../benches/workloads")
        .join(name);
    let read = |file: &str| fs::read_to_string(folder.join(file)).unwrap();
    let data: serde_json::Value = serde_json::from_str(&read("data.json")).unwrap();
    let expected = read("expected.html");
    let environment = Environment::with_loader(FileLoader::new(&folder));
    let template = environment.get_template("main.html").unwrap();
    assert!(
        template.render(&data).unwrap() == expected,
        "{name}, borrowed JSON"
    );
    let prepared = Context::from_serialize(&data).unwrap();
    assert!(
        template.render(&prepared).unwrap() == expected,
        "{name}, prepared"
    );
    let pieces: Result<String, _> = template.render_stream(&data).collect();
    assert!(pieces.unwrap() == expected, "{name}, stream");
    let mut sink = Vec::new();
    template.render_to(&data, &mut sink).unwrap();
    assert!(sink == expected.as_bytes(), "{name}, sink");
}

#[test]
fn table_int() {
    check("table-int");
}

#[test]
fn table_str() {
    check("table-str");
}

#[test]
fn teams() {
    check("teams");
}

#[test]
fn page() {
    check("page");
}

#[test]
fn escape() {
    check("escape");
}

#[test]
fn deep() {
    check("deep");
}

#[test]
fn corpus() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../benches/workloads/corpus");
    let environment = Environment::with_loader(FileLoader::new(&folder));
    for entry in fs::read_dir(&folder).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        if name.ends_with(".html") && name != "expected.html" {
            environment.get_template(&name).unwrap();
        }
    }
}

#[test]
fn default_pair() {
    check("default-present");
    check("default-missing");
}
