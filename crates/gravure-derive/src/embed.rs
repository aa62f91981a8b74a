//! `embed_templates!("folder")`: the files below a folder of the package, put
//! into the program.
//!
//! Each file becomes an `include_str!`, so the compiler reads it and watches
//! it. Here only names are listed. Links to files are followed as long as they
//! stay inside; folders that are links are not entered, so there is no way
//! round and round.

use proc_macro2::TokenStream;
use quote::quote;
use std::{
    fs,
    path::{Component, Path},
};
use syn::{Error, LitStr, Result};

pub(crate) fn expand(input: TokenStream) -> Result<TokenStream> {
    let folder: LitStr = syn::parse2(input)?;
    let Some(package) = std::env::var_os("CARGO_MANIFEST_DIR") else {
        let message = "`CARGO_MANIFEST_DIR` is not set: build with cargo";
        return Err(Error::new(folder.span(), message));
    };
    let path = relative(&folder.value()).map_err(|said| Error::new(folder.span(), said))?;
    let names = names_below(&Path::new(&package).join(&path))
        .map_err(|said| Error::new(folder.span(), said))?;
    let entries = names.iter().map(|name| {
        let file = match path.as_str() {
            "" => format!("/{name}"),
            path => format!("/{path}/{name}"),
        };
        quote! {
            (
                #name,
                ::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"), #file)),
            )
        }
    });
    Ok(quote! {
        ::gravure::loader::EmbeddedLoader::new(const { &[#(#entries),*] })
    })
}

/// The folder with `/` between its parts, without `.`.
fn relative(folder: &str) -> std::result::Result<String, String> {
    let mut parts = Vec::new();
    for component in Path::new(folder).components() {
        match (component, component.as_os_str().to_str()) {
            (Component::Normal(_), Some(part)) => parts.push(part),
            (Component::CurDir, _) => {}
            _ => {
                return Err(format!(
                    "`{folder}` leaves the package: a folder below its Cargo.toml would do"
                ));
            }
        }
    }
    Ok(parts.join("/"))
}

/// Names of all files below a folder, sorted.
fn names_below(root: &Path) -> std::result::Result<Vec<String>, String> {
    let told = |path: &Path, error| format!("cannot read `{}`: {error}", path.display());
    let real_root = fs::canonicalize(root).map_err(|error| told(root, error))?;
    let mut names = Vec::new();
    let mut open = vec![(root.to_owned(), String::new())];
    while let Some((folder, prefix)) = open.pop() {
        let entries = fs::read_dir(&folder).map_err(|error| told(&folder, error))?;
        for entry in entries {
            let entry = entry.map_err(|error| told(&folder, error))?;
            let path = entry.path();
            let kind = entry.file_type().map_err(|error| told(&path, error))?;
            let file_name = entry.file_name();
            let Some(segment) = file_name.to_str() else {
                return Err(format!("the name of `{}` is no UTF-8", path.display()));
            };
            if segment.starts_with('.') {
                continue;
            }
            let name = format!("{prefix}{segment}");
            if kind.is_dir() {
                if !segment.starts_with("__") {
                    open.push((path, format!("{name}/")));
                }
            } else if kind.is_file() || is_inside(&path, &real_root) {
                let bytes = fs::read(&path).map_err(|error| told(&path, error))?;
                if std::str::from_utf8(&bytes).is_err() {
                    return Err(format!(
                        "`{name}` is no UTF-8: only templates can be embedded"
                    ));
                }
                names.push(name);
            }
        }
    }
    names.sort_unstable();
    Ok(names)
}

/// Does a link lead to a file below the root?
fn is_inside(link: &Path, real_root: &Path) -> bool {
    fs::canonicalize(link).is_ok_and(|real| real.starts_with(real_root) && real.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::PathBuf;

    /// A folder that goes away with the test.
    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str, files: &[(&str, &[u8])]) -> Self {
            let path =
                std::env::temp_dir().join(format!("gravure-embed-{}-{name}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            for (name, bytes) in files {
                let path = path.join(name);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, bytes).unwrap();
            }
            Self(path)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    #[test]
    fn files_are_listed_sorted_and_without_hidden_ones() {
        let folder = Folder::new(
            "sorted",
            &[
                ("b.html", b""),
                ("a/z.txt", b"z"),
                ("a/deep/x", b""),
                ("a.html", b""),
                ("__draft.html", b""),
                (".hidden", b"\xff"),
                (".git/config", b""),
                ("__pycache__/x", b"\xff"),
                ("a/__old/x", b""),
            ],
        );
        assert_eq!(
            names_below(&folder.0).unwrap(),
            ["__draft.html", "a.html", "a/deep/x", "a/z.txt", "b.html"]
        );
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_only_inside() {
        use std::os::unix::fs::symlink;
        let outside = Folder::new("outside", &[("secret", b"s")]);
        let folder = Folder::new("links", &[("real/a", b"A")]);
        symlink("real/a", folder.0.join("inside")).unwrap();
        symlink(outside.0.join("secret"), folder.0.join("leaves")).unwrap();
        symlink(".", folder.0.join("again")).unwrap();
        symlink("nowhere", folder.0.join("dangling")).unwrap();
        assert_eq!(names_below(&folder.0).unwrap(), ["inside", "real/a"]);
    }

    #[test]
    fn what_cannot_be_embedded_is_told() {
        let folder = Folder::new("bytes", &[("logo.png", b"\x89PNG\xff")]);
        assert_eq!(
            names_below(&folder.0).unwrap_err(),
            "`logo.png` is no UTF-8: only templates can be embedded"
        );
        let missing = folder.0.join("missing");
        assert!(
            names_below(&missing)
                .unwrap_err()
                .starts_with("cannot read `")
        );
    }

    #[test]
    fn a_folder_lies_in_the_package() {
        assert_eq!(relative("./templates/mail/").unwrap(), "templates/mail");
        assert_eq!(relative(".").unwrap(), "");
        for folder in ["../templates", "a/../../b", "/etc"] {
            let said = relative(folder).unwrap_err();
            assert!(said.contains("leaves the package"), "{folder}: {said}");
        }
    }

    #[test]
    fn each_file_is_included_by_name() {
        let said = expand(quote!("src")).unwrap().to_string();
        let dense: String = said.split_whitespace().collect();
        assert!(
            dense.contains(
                r#"("embed.rs",::core::include_str!(::core::concat!(::core::env!("CARGO_MANIFEST_DIR"),"/src/embed.rs")),)"#
            ),
            "{said}"
        );
        assert!(expand(quote!(src)).is_err());
        assert!(expand(quote!("no such folder")).is_err());
    }
}
