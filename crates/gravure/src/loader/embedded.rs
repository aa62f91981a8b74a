//! Sources in the program itself.

use super::{LoadError, Loader, Source, Stamp, text::decode};

/// Finds templates that were compiled into the program.
///
/// [`embed_templates!`](crate::embed_templates) makes one from a folder; a
/// table may also be written by hand. Sources never change, so nothing is
/// checked again. As for files, a byte-order mark is dropped and line ends
/// become `\n`.
///
/// ```
/// use gravure::loader::{EmbeddedLoader, Loader};
/// let loader = EmbeddedLoader::new(&[("b.html", "B"), ("a.html", "A")]);
/// assert_eq!(loader.load("a.html").unwrap().text, "A");
/// assert_eq!(loader.list().unwrap(), ["a.html", "b.html"]);
/// ```
#[derive(Clone, Debug)]
pub struct EmbeddedLoader {
    /// Sorted by name.
    sources: Box<[(&'static str, &'static str)]>,
}

impl EmbeddedLoader {
    /// A loader of names and their texts. Of equal names the first counts.
    pub fn new(sources: &'static [(&'static str, &'static str)]) -> Self {
        let mut sources = sources.to_vec();
        sources.sort_by_key(|(name, _)| *name);
        sources.dedup_by_key(|(name, _)| *name);
        Self {
            sources: sources.into(),
        }
    }

    fn find(&self, name: &str) -> Result<&'static str, LoadError> {
        if name.split('/').any(|segment| segment == "..") {
            return Err(LoadError::NotFound {
                searched: Vec::new(),
                notes: vec!["a name has no `..`: it would leave the tree".to_owned()],
            });
        }
        self.sources
            .binary_search_by_key(&name, |(known, _)| *known)
            .ok()
            .and_then(|at| self.sources.get(at))
            .map(|(_, text)| *text)
            .ok_or_else(LoadError::not_found)
    }
}

impl Loader for EmbeddedLoader {
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        let text = self.find(name)?;
        let text = decode(text.as_bytes().to_vec()).unwrap_or_else(|_| text.to_owned());
        Ok(Source {
            text,
            file: None,
            stamp: Some(Stamp::Forever),
        })
    }

    fn stamp(&self, name: &str) -> Result<Option<Stamp>, LoadError> {
        self.find(name).map(|_| Some(Stamp::Forever))
    }

    /// Without names that start with `.`, and folders that start with `.` or
    /// `__`: they can be loaded, but nobody offers them.
    fn list(&self) -> Option<Vec<String>> {
        let shown = self.sources.iter().filter(|(name, _)| is_shown(name));
        Some(shown.map(|(name, _)| (*name).to_owned()).collect())
    }
}

fn is_shown(name: &str) -> bool {
    let (folders, last) = name.rsplit_once('/').unwrap_or(("", name));
    !last.starts_with('.')
        && folders
            .split('/')
            .all(|folder| !folder.starts_with('.') && !folder.starts_with("__"))
}

#[cfg(test)]
mod tests {
    use super::*;

    static TREE: &[(&str, &str)] = &[
        ("page.html", "page"),
        ("a/b/c.html", "\u{feff}one\r\ntwo\r"),
        (".hidden", "hidden"),
        ("a/.hidden", "hidden"),
        (".git/config", "hidden"),
        ("__old/page.html", "old"),
        ("a/__old/page.html", "old"),
        ("__main__.html", "main"),
        ("a/../page.html", "never"),
        ("..", "never"),
        ("page.html", "second"),
    ];

    fn check(name: &str, expected: &str) {
        let found = match EmbeddedLoader::new(TREE).load(name) {
            Ok(source) => {
                assert_eq!((source.file, source.stamp), (None, Some(Stamp::Forever)));
                source.text
            }
            Err(LoadError::NotFound { notes, .. }) => format!("! {}", notes.join("; ")),
            Err(error) => panic!("{name}: {error}"),
        };
        assert_eq!(found, expected, "{name}");
    }

    #[test]
    fn names_are_found_whatever_their_order() {
        check("page.html", "page");
        check("a/b/c.html", "one\ntwo\n");
        check("__main__.html", "main");
        check(".hidden", "hidden");
        check("a/__old/page.html", "old");
        for name in ["", "a", "a/b/", "/page.html", "page.htm", "PAGE.html"] {
            check(name, "! ");
        }
    }

    #[test]
    fn names_never_climb() {
        for name in ["..", "../page.html", "a/../page.html", "a/.."] {
            check(name, "! a name has no `..`: it would leave the tree");
        }
        check("a..b", "! ");
    }

    #[test]
    fn a_listing_leaves_hidden_names_out() {
        assert_eq!(
            EmbeddedLoader::new(TREE).list().unwrap(),
            ["__main__.html", "a/b/c.html", "page.html"]
        );
        assert_eq!(EmbeddedLoader::new(&[]).list().unwrap(), [""; 0]);
    }

    #[test]
    fn nothing_ever_changes() {
        let loader = EmbeddedLoader::new(TREE);
        assert_eq!(loader.stamp("page.html").unwrap(), Some(Stamp::Forever));
        assert!(loader.is_current("page.html", &Stamp::Forever));
        assert!(loader.stamp("other").unwrap_err().is_not_found());
    }
}
