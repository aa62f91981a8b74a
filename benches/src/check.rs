//! A run counts only if its page is the expected page.

use crate::contest::{Compiler, Renderer};
use crate::normalize::normalize;
use crate::workload::Workload;

/// A page that is not the expected one.
#[derive(Debug)]
pub struct Mismatch {
    /// Who made it, and of what.
    pub title: String,
    /// The place of the first difference in the normalized page.
    pub offset: usize,
    /// A few bytes of the expected page from there.
    pub expected: String,
    /// A few bytes of the page that was made.
    pub found: String,
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            title,
            offset,
            expected,
            found,
        } = self;
        write!(
            f,
            "{title} differs at byte {offset}: expected {expected:?}, found {found:?}"
        )
    }
}

/// Renders once and compares.
pub fn check_renderer(workload: &Workload, renderer: &Renderer<'_>) -> Result<(), Mismatch> {
    let title = format!(
        "{} by {} ({})",
        workload.name,
        renderer.engine,
        renderer.form.word()
    );
    compare(
        title,
        renderer.engine,
        &workload.expected,
        &(renderer.render)(),
    )
}

/// Compiles and renders the corpus once and compares.
pub fn check_compiler(workload: &Workload, compiler: &Compiler<'_>) -> Result<(), Mismatch> {
    let title = format!("{} by {}", workload.name, compiler.engine);
    compare(
        title,
        compiler.engine,
        &workload.expected,
        &(compiler.render_all)(),
    )
}

/// Gravure owes the expected page byte for byte; a peer owes it up to
/// [`normalize`].
fn compare(title: String, engine: &str, expected: &str, found: &str) -> Result<(), Mismatch> {
    if expected == found {
        return Ok(());
    }
    let (expected, found) = if engine == crate::engines::gravure::NAME {
        (expected.to_owned(), found.to_owned())
    } else {
        (normalize(expected), normalize(found))
    };
    if expected == found {
        return Ok(());
    }
    let offset = expected
        .bytes()
        .zip(found.bytes())
        .take_while(|(left, right)| left == right)
        .count();
    let excerpt = |page: &str| {
        let bytes = page.as_bytes();
        let start = offset.saturating_sub(20).min(bytes.len());
        String::from_utf8_lossy(&bytes[start..bytes.len().min(start + 80)]).into_owned()
    };
    Err(Mismatch {
        title,
        offset,
        expected: excerpt(&expected),
        found: excerpt(&found),
    })
}

#[cfg(test)]
mod tests {
    use super::compare;
    use crate::engines;

    #[test]
    fn only_a_peer_is_normalized() {
        assert!(
            compare(
                "peer".into(),
                engines::tera::NAME,
                "<p>'</p>\n",
                "<p>&#39;</p>"
            )
            .is_ok()
        );
        assert!(
            compare(
                "own".into(),
                engines::gravure::NAME,
                "<p>'</p>\n",
                "<p>&#39;</p>"
            )
            .is_err()
        );
    }

    #[test]
    fn a_difference_is_found_where_it_is() {
        let mismatch = compare(
            "peer".into(),
            engines::tera::NAME,
            "<p>abc</p>",
            "<p>abd</p>",
        )
        .expect_err("they differ");
        assert_eq!(mismatch.offset, 5);
    }
}
