//! `docs/architecture.md` names what is there, and all of it: files of rooms,
//! folders of the project, packages of others. Links of the pages lead
//! somewhere.
//!
//! What rooms may use is compared in `rooms.rs`.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(name: &str) -> String {
    let path = root().join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Words in backquotes.
fn quoted(text: &str) -> impl Iterator<Item = &str> {
    text.split('`').skip(1).step_by(2)
}

/// What lies directly in a folder; folders end in `/`.
fn entries(folder: &Path) -> BTreeSet<String> {
    let entries = fs::read_dir(folder).expect("a folder").flatten();
    entries
        .map(|entry| {
            let name = entry.file_name().into_string().expect("a name in UTF-8");
            match entry.path().is_dir() {
                true => name + "/",
                false => name,
            }
        })
        .collect()
}

#[test]
fn the_map_shows_every_file_of_every_room() {
    let page = read("docs/architecture.md");
    let mut n_rooms = 0;
    for section in page.split("\n### ").skip(1) {
        let section = section.split("\n## ").next().unwrap_or("");
        let room = section.lines().next().expect("a heading");
        let rows = section.lines().filter(|line| line.starts_with("| `"));
        let shown: BTreeSet<String> = rows
            .filter_map(|row| row.split('|').nth(1))
            .flat_map(quoted)
            .map(str::to_owned)
            .collect();
        let there = entries(&root().join("crates").join(room).join("src"));
        assert_eq!(shown, there, "{room}: left the map, right the room");
        n_rooms += 1;
    }
    assert_eq!(n_rooms, entries(&root().join("crates")).len());
}

#[test]
fn the_folders_of_the_project_are_shown() {
    let page = read("docs/architecture.md");
    for folder in [
        "grammar/",
        "conformance/",
        "docs/",
        "examples/",
        "benches/",
        "fuzz/",
    ] {
        assert!(root().join(folder).is_dir(), "{folder}");
        assert!(page.contains(&format!("`{folder}`")), "{folder}");
    }
    for file in
        quoted(&page).filter(|word| word.starts_with("docs/") || word.starts_with("grammar/"))
    {
        assert!(root().join(file).exists(), "{file}");
    }
}

/// Packages of the lock file with what each depends on; those with several
/// versions under `name version` as well, which is what then stands behind
/// those that need them.
fn lock() -> BTreeMap<String, BTreeSet<String>> {
    let mut packages: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in read("Cargo.lock").split("[[package]]").skip(1) {
        let name = package
            .lines()
            .find_map(|line| line.strip_prefix("name = \""));
        let name = name.expect("a name").trim_end_matches('"');
        let (_, list) = package.split_once("dependencies = [").unwrap_or_default();
        let names = list
            .lines()
            .filter_map(|line| line.trim().strip_prefix('"'));
        let names = names.filter_map(|line| line.split('"').next());
        let names: Vec<String> = names.map(str::to_owned).collect();
        let version = package
            .lines()
            .find_map(|it| it.strip_prefix("version = \""));
        let version = version.expect("a version").trim_end_matches('"');
        for key in [name.to_owned(), format!("{name} {version}")] {
            packages
                .entry(key)
                .or_default()
                .extend(names.iter().cloned());
        }
    }
    packages
}

/// Names in the first and the last column of the table of packages.
fn packages_of_the_page() -> (BTreeSet<String>, BTreeSet<String>) {
    let page = read("docs/architecture.md");
    let (_, section) = page
        .split_once("\n## What others wrote\n")
        .expect("the section");
    let (section, _) = section.split_once("\n## ").expect("a next section");
    let (mut direct, mut behind) = (BTreeSet::new(), BTreeSet::new());
    for row in section.lines().filter(|line| line.starts_with("| `")) {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [first, why, last] = cells.as_slice() else {
            panic!("{row} has other columns");
        };
        assert!(why.len() > 10, "{row} gives no reason");
        direct.extend(quoted(first).map(str::to_owned));
        behind.extend(quoted(last).map(str::to_owned));
    }
    (direct, behind)
}

#[test]
fn every_package_of_others_has_a_reason() {
    let lock = lock();
    let (direct, behind) = packages_of_the_page();
    let is_ours = |name: &str| name.starts_with("gravure");
    let bare = |name: &String| name.split(' ').next().unwrap_or(name).to_owned();
    // The lock file does not say what only tests use.
    let is_for_tests = |name: &str| matches!(name, "stats_alloc" | "gravure-smith" | "proptest");
    let (mut named, mut reached) = (BTreeSet::new(), BTreeSet::new());
    let mut open = vec!["gravure".to_owned()];
    while let Some(name) = open.pop() {
        for package in &lock[&name] {
            if is_ours(&name) && !is_ours(package) && !is_for_tests(package) {
                named.insert(bare(package));
            }
            if !is_for_tests(package) && reached.insert(package.clone()) {
                open.push(package.clone());
            }
        }
    }
    assert_eq!(direct, named, "left the page, right the lock file");
    let both: BTreeSet<String> = direct.union(&behind).cloned().collect();
    let mut reached: BTreeSet<String> = reached.iter().map(bare).collect();
    reached.retain(|name| !is_ours(name));
    assert_eq!(both, reached, "left the page, right the lock file");
}

/// Relative links of a page.
fn links(page: &str) -> impl Iterator<Item = &str> {
    let links = page.split("](").skip(1);
    let links = links.filter_map(|rest| rest.split(')').next());
    links.filter(|link| !link.contains("://"))
}

/// How headings of a page are linked to.
fn anchors(page: &str) -> BTreeSet<String> {
    let headings = page.lines().filter(|line| line.starts_with('#'));
    let text = |line: &str| {
        let kept = line.trim_start_matches('#').trim().to_lowercase();
        kept.chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect()
    };
    headings.map(text).collect()
}

#[test]
fn links_of_the_pages_lead_somewhere() {
    let mut n_links = 0;
    for name in [
        "README.md",
        "CHANGELOG.md",
        "docs/architecture.md",
        "docs/bundles.md",
        "docs/cache.md",
        "docs/cli.md",
        "docs/contributing.md",
        "docs/embedding.md",
        "docs/performance.md",
        "examples/README.md",
        "examples/async/README.md",
        "examples/server/README.md",
    ] {
        let page = read(name);
        let folder = Path::new(name).parent().expect("a folder");
        for link in links(&page) {
            let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => page.clone(),
                file => read(&folder.join(file).display().to_string()),
            };
            let is_there = anchor.is_empty() || anchors(&target).contains(anchor);
            assert!(is_there, "{name} links to {link}");
            n_links += 1;
        }
    }
    assert!(n_links > 20, "only {n_links} links were found");
}
