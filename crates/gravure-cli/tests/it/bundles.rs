//! Bundles on the command line: built, looked at, checked, rendered from.

use crate::Folder;

const SITE: [(&str, &[u8]); 4] = [
    (
        "site/page.html",
        b"{% extends 'base.html' %}{% block body %}{{ name | upper }}{% end %}",
    ),
    ("site/base.html", b"<main>{% block body %}{% end %}</main>"),
    (
        "site/parts/card.html",
        b"{% def card(a, b=1, *c) %}{{ a }}{% end %}{{ now() }}",
    ),
    ("site/picture.png", b"\x89PNG"),
];

#[test]
fn a_bundle_is_built_and_rendered_from() {
    let folder = Folder::new(&SITE);
    let run = folder.run("bundle site -o site.gvb --number 3 --functions now");
    assert_eq!((run.code, run.out.as_str()), (Some(0), ""), "{run:?}");
    assert!(run.err.starts_with("3 templates, "), "{run:?}");
    let run = folder.run("render page.html --bundle site.gvb --set name=ada --functions now");
    assert_eq!(
        (run.code, run.out.as_str()),
        (Some(0), "<main>ADA</main>\n"),
        "{run:?}"
    );
    let run = folder.run("disasm page.html --bundle site.gvb --functions now");
    assert_eq!(run.code, Some(0), "{run:?}");
    let plain = folder.run("disasm site/page.html --functions now");
    assert_eq!(run.out, plain.out);
    // What it needs is not there.
    let run = folder.run("render page.html --bundle site.gvb");
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("there is no function `now`"), "{run:?}");
    let run = folder.run("render none.html --bundle site.gvb --functions now");
    assert_eq!(run.code, Some(2));
    assert!(run.err.contains("K-TPL-001"), "{run:?}");
}

#[test]
fn a_bundle_says_what_is_in_it() {
    let folder = Folder::new(&SITE);
    folder.run("bundle site -o site.gvb --functions now");
    let run = folder.run("inspect site.gvb");
    assert_eq!(run.code, Some(0), "{run:?}");
    for part in [
        "version    0\n",
        "signed     no\n",
        "edition    kida-0.12\n",
        "filter     upper\n",
        "function   now (of the program)\n",
        "option     block_start = \"{%\"\n",
        "page.html Html\n",
        "  extends    base.html at line 1\n",
        "  def        card(a, b=…, *c)\n",
        "  block      body\n",
    ] {
        assert!(run.out.contains(part), "{part}\n{}", run.out);
    }
    let run = folder.run("inspect site.gvb --json");
    let json: serde_json::Value = serde_json::from_str(&run.out).unwrap();
    assert_eq!(json["templates"][1]["name"], "page.html");
    assert_eq!(
        json["templates"][1]["dependencies"][0]["target"],
        "base.html"
    );
    assert_eq!(json["templates"][1]["needs"][0], "upper");
    assert_eq!(json["options"]["trim_blocks"], "false");
    assert_eq!(json["signer"], serde_json::Value::Null);
}

#[test]
fn a_bundle_is_signed_and_checked() {
    let folder = Folder::new(&SITE);
    let run = folder.run("keygen -o key");
    assert_eq!(run.code, Some(0), "{run:?}");
    assert_eq!(run.out, folder.read("key.pub"));
    assert!(folder.read("key").starts_with("gravure-secret-"));
    folder.run("keygen -o other");
    // A key that is there is never written over.
    assert_eq!(folder.run("keygen -o key").code, Some(2));
    let built = folder.run("bundle site -o site.gvb --sign key --strip --number 7 --functions now");
    assert_eq!(built.code, Some(0), "{built:?}");
    let verify = |args: &str| folder.run(&format!("verify site.gvb {args}"));
    let good = verify("--key key.pub --least-version 7");
    assert_eq!(good.code, Some(0), "{good:?}");
    assert!(
        good.out
            .starts_with("3 templates are as they were built; version 7; signed with")
    );
    assert_eq!(
        verify(&format!("--key {}", folder.read("key.pub").trim())).code,
        Some(0)
    );
    let other = verify("--key other.pub");
    assert_eq!(other.code, Some(1));
    assert!(other.err.contains("a key that is not trusted"), "{other:?}");
    let old = verify("--key key.pub --least-version 8");
    assert!(
        old.err.contains("has version 7, at least 8 is wanted"),
        "{old:?}"
    );
    assert!(verify("").out.contains("nobody was asked about"));
    assert_eq!(verify("--key key").code, Some(2));
    assert_eq!(
        folder.run("bundle site -o x.gvb --sign key.pub").code,
        Some(2)
    );
}

#[test]
fn what_is_wrong_is_told_and_nothing_is_written() {
    let folder = Folder::new(&[("site/a.html", b"ok\n{% include 'none.html' %}")]);
    let run = folder.run("bundle site -o site.gvb");
    assert_eq!(run.code, Some(1), "{run:?}");
    assert!(run.err.contains("K-TPL-001"), "{run:?}");
    assert!(run.err.contains("a.html:2:4"), "{run:?}");
    assert!(!folder.0.join("site.gvb").exists());
}

#[test]
fn damage_is_told() {
    let folder = Folder::new(&SITE);
    folder.run("bundle site -o site.gvb --functions now --strip");
    let file = folder.0.join("site.gvb");
    let good = std::fs::read(&file).unwrap();
    let at = good.windows(6).position(|it| it == b"<main>").unwrap();
    for (at, said) in [
        (at, "error: `base.html` is not what its hash was made of"),
        (
            40,
            "error: the bundle is not what its root hash was made of",
        ),
        (0, "error: no bundle: it begins as something else"),
    ] {
        let mut bytes = good.clone();
        bytes[at] ^= 1;
        std::fs::write(&file, bytes).unwrap();
        let run = folder.run("verify site.gvb");
        assert_eq!((run.code, run.err.trim()), (Some(1), said));
    }
    let run = folder.run("verify none.gvb");
    assert_eq!(run.code, Some(2));
}

#[test]
fn strangers_have_bounds_and_friends_do_not() {
    let big = b"{% for a in range(200) %}{% for b in range(9000) %}{% end %}{% end %}done";
    let folder = Folder::new(&[("site/a.html", big)]);
    folder.run("keygen -o key");
    folder.run("bundle site -o site.gvb --sign key");
    let run = folder.run("render a.html --bundle site.gvb");
    assert_eq!(run.code, Some(1));
    assert!(run.err.contains("loop rounds"), "{run:?}");
    let run = folder.run("render a.html --bundle site.gvb --key key.pub");
    assert_eq!((run.code, run.out.as_str()), (Some(0), "done\n"), "{run:?}");
}
