//! Sources from a function of the host.

use super::{LoadError, Loader, Source};

/// Asks a function; its `None` is "not found". It cannot list names.
///
/// ```
/// use gravure::loader::{FunctionLoader, Loader, Source};
/// let loader = FunctionLoader::new(|name: &str| {
///     Ok(name.strip_prefix("echo/").map(Source::new))
/// });
/// let source = loader.load("echo/hi").unwrap();
/// assert_eq!((&*source.text, source.file.as_deref()), ("hi", Some("<function>")));
/// assert!(loader.load("other").unwrap_err().is_not_found());
/// ```
pub struct FunctionLoader<F>(F);

impl<F> FunctionLoader<F>
where
    F: Fn(&str) -> Result<Option<Source>, LoadError> + Send + Sync,
{
    /// A loader that asks `function`.
    pub fn new(function: F) -> Self {
        Self(function)
    }
}

impl<F> std::fmt::Debug for FunctionLoader<F> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FunctionLoader")
    }
}

impl<F> Loader for FunctionLoader<F>
where
    F: Fn(&str) -> Result<Option<Source>, LoadError> + Send + Sync,
{
    fn load(&self, name: &str) -> Result<Source, LoadError> {
        let mut source = (self.0)(name)?.ok_or_else(LoadError::not_found)?;
        source.file.get_or_insert_with(|| "<function>".to_owned());
        Ok(source)
    }
}
