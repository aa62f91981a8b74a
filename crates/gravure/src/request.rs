//! What one render is told besides its context.

use gravure_value::{Data, Limits};
use gravure_vm::CachedBlocks;
use std::{collections::BTreeMap, sync::Arc, time::Duration};

/// What one render is told besides its context: facts about the request, and
/// bounds of its own.
///
/// ```
/// use gravure::{Environment, RenderOptions, context};
/// let environment = Environment::new();
/// let template = environment.from_string("{{ csrf_token() }}")?;
/// let options = RenderOptions::default().meta("csrf_token", "t0k3n");
/// let page = template.render_with(&context! {}, &options)?;
/// assert!(page.contains(r#"value="t0k3n""#));
/// # Ok::<(), gravure::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct RenderOptions {
    /// What the request helpers read: `csrf_token`, `csp_nonce`, `hx_request`,
    /// `hx_boosted`, `hx_target`, `hx_trigger`. Templates see nothing else of it.
    pub meta: BTreeMap<String, Data<'static>>,
    /// Bounds for this render. They can only lower those of the environment.
    pub limits: Option<Limits>,
    /// How long it may take; again, only less than the environment allows.
    pub max_time: Option<Duration>,
    /// Finished markup for blocks whose text does not depend on the page: where
    /// a whole page shows such a block, the markup is printed as it is, and
    /// the block does not run. Names that a page does not have do no harm.
    pub cached_blocks: Option<Arc<CachedBlocks>>,
}

impl RenderOptions {
    /// With one more fact about the request.
    #[must_use]
    pub fn meta(mut self, key: impl Into<String>, value: impl Into<Data<'static>>) -> Self {
        self.meta.insert(key.into(), value.into());
        self
    }
}

impl std::fmt::Debug for RenderOptions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        // Values of a request may be secret.
        f.debug_struct("RenderOptions")
            .field("meta", &self.meta.keys())
            .field("limits", &self.limits)
            .field("max_time", &self.max_time)
            .field("cached_blocks", &self.cached_blocks)
            .finish()
    }
}
