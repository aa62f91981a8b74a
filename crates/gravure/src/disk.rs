//! Compiled templates on disk, as the environment sees them: what a chunk
//! depends on, and who may be given one.
//!
//! In: the options, the registry and the surface of a template. Out: its key,
//! or none if it must not be kept. The files are `gravure-bundle`'s.
//!
//! A key has in it every option that the compiler sees, and some that only a
//! render does; [`fingerprint`] names each option, so a new one does not
//! compile before somebody has decided. It has all filters and tests that the
//! template could have named, not only those it names: which ones those are
//! is known only after compiling.
//!
//! A template without a name is not kept: it was made on the spot, is likely to
//! be another one the next time, and may hold what should not lie on a disk.

use crate::{Error, Options, environment::Shared, tables::Edition};
use gravure_bundle::disk::{DiskCache, DiskError, Entry, Fields, Fingerprint, Key, Trouble};
use gravure_bytecode::{Chunk, Escape, ImportKind};
use gravure_source::{Code, Diagnostic};
use gravure_value::{Identity, NativeId, Registry, RenderWarning, Surface, World as _, guarded};
use std::sync::OnceLock;

/// What the options and one edition come to, for each surface, once it was
/// asked for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Fingerprints([OnceLock<Fingerprint>; 4]);

/// Where one template would lie.
pub(crate) struct Place<'a> {
    cache: &'a DiskCache,
    key: Key,
    name: &'a str,
    source: &'a str,
    escape: Escape,
    registry: &'a Registry,
}

impl Shared {
    /// Where a template would lie on disk, if there is a cache and it has a
    /// name.
    pub(crate) fn place<'a>(
        &'a self,
        edition: &'a Edition,
        name: Option<&'a str>,
        source: &'a str,
        surface: Surface,
    ) -> Option<Place<'a>> {
        let cache = self.options.disk_cache.as_deref()?;
        let name = name?;
        let [text, html, markdown, terminal] = &edition.fingerprints.0;
        let (print, escape) = match surface {
            Surface::Text => (text, Escape::Text),
            Surface::Html => (html, Escape::Html),
            Surface::Markdown => (markdown, Escape::Markdown),
            Surface::Terminal => (terminal, Escape::Terminal),
        };
        let print = print.get_or_init(|| fingerprint(&self.options, &edition.registry, surface));
        Some(Place {
            cache,
            key: print.key(Some(name), source),
            name,
            source,
            escape,
            registry: &edition.registry,
        })
    }

    /// The chunk that lies there, with its source if sources are kept, and its
    /// warnings.
    pub(crate) fn fetch(
        &self,
        edition: &Edition,
        place: &Place<'_>,
    ) -> Option<(Chunk, Vec<Diagnostic>)> {
        match place.cache.get(&place.key, |entry| place.fits(entry)) {
            Ok(entry) => {
                let Entry { chunk, warnings } = entry?;
                let chunk = match self.options.keep_source {
                    true => chunk.with_source(place.source),
                    false => chunk,
                };
                Some((chunk, warnings))
            }
            Err(trouble) => {
                tell(edition, Code::CacheRejected, place, trouble);
                None
            }
        }
    }

    /// Keep a chunk there, unless it is bound to something that nobody could
    /// recognize again.
    pub(crate) fn store(
        &self,
        edition: &Edition,
        place: &Place<'_>,
        chunk: &Chunk,
        warnings: &[Diagnostic],
    ) {
        if place.binds_by_identity(chunk)
            && let Err(trouble) = place.cache.put(&place.key, chunk, warnings)
        {
            tell(edition, Code::CacheWrite, place, trouble);
        }
    }
}

/// The first trouble of its sort is a warning.
fn tell(edition: &Edition, code: Code, place: &Place<'_>, trouble: Trouble) {
    if trouble.is_first {
        let warning = RenderWarning {
            code,
            message: trouble.message,
            template: place.name.to_owned(),
            line: 1,
        };
        // The template is there all the same; what took the warning has told
        // of its panic itself.
        let _ = guarded(|| edition.scene.warn(&warning));
    }
}

impl Place<'_> {
    /// Can it be what the compiler would make? The key says so already; this
    /// holds also if somebody wrote what no compiler did.
    fn fits(&self, entry: &Entry) -> bool {
        let Entry { chunk, warnings } = entry;
        let is_within = |found: &Diagnostic| {
            found.span.start <= found.span.end && found.span.end as usize <= self.source.len()
        };
        chunk.name == self.name
            && chunk.escape == self.escape
            && self.binds_by_identity(chunk)
            && warnings.iter().all(is_within)
    }

    /// Is all that it is bound to here, and ours or of a version?
    fn binds_by_identity(&self, chunk: &Chunk) -> bool {
        chunk.imports.iter().all(|import| {
            let name = chunk.symbol(import.name);
            let id = match import.kind {
                ImportKind::Filter => self.registry.filter_on(surface(self.escape), name),
                ImportKind::Predicate => self.registry.predicate(name),
            };
            let native = id.and_then(|id| self.registry.native(id));
            native.is_some_and(|native| native.identity != Identity::Unversioned)
        })
    }
}

fn surface(escape: Escape) -> Surface {
    match escape {
        Escape::Text => Surface::Text,
        Escape::Html => Surface::Html,
        Escape::Markdown => Surface::Markdown,
        Escape::Terminal => Surface::Terminal,
    }
}

/// Everything but name and source that a chunk could depend on.
fn fingerprint(options: &Options, registry: &Registry, surface: Surface) -> Fingerprint {
    let Options {
        // Seen by the compiler.
        delimiters,
        trim_blocks,
        lstrip_blocks,
        source_limits,
        keep_source,
        optimize,
        // Asked about every template before it is compiled.
        policy,
        // Seen by renders alone; in the key so that nobody has to prove it.
        strict_undefined,
        strict_none,
        static_context,
        enable_htmx_helpers,
        // Asked for its answer about this template, which is the surface.
        autoescape: _,
        // Where the source came from; the source itself is in the key.
        loader: _,
        // Names in tags stay as they were written until a render asks.
        template_aliases: _,
        // Bounds of renders. What is folded early has bounds of its own.
        limits: _,
        max_time: _,
        // What is kept in memory, and for how long.
        cache_size: _,
        auto_reload: _,
        fragment_cache_size: _,
        fragment_cache_bytes: _,
        fragment_ttl: _,
        fragment_per_template: _,
        disk_cache: _,
        // Asked while a page is written.
        terminal_color: _,
        terminal_width: _,
        terminal_unicode: _,
        ambiguous_width: _,
        debug_sink: _,
        warning_sink: _,
        conversion_warnings: _,
        // All warnings are kept; these say which of them are told.
        warnings: _,
        silenced: _,
        // Changes chunks after they were read.
        probe: _,
    } = options;
    let gravure_syntax::Delimiters {
        block_start,
        block_end,
        variable_start,
        variable_end,
        comment_start,
        comment_end,
    } = delimiters;
    let gravure_syntax::SyntaxLimits {
        max_bytes,
        max_tokens,
        max_nesting,
        max_filter_chain,
    } = source_limits;
    let gravure_compiler::Optimize {
        fold,
        print,
        branches,
        merge_text,
        loops,
        paths,
    } = optimize;
    let mut fields = Fields::new();
    compiler(&mut fields);
    fields
        .number("surface", surface as u64)
        .text("block_start", block_start)
        .text("block_end", block_end)
        .text("variable_start", variable_start)
        .text("variable_end", variable_end)
        .text("comment_start", comment_start)
        .text("comment_end", comment_end)
        .switch("trim_blocks", *trim_blocks)
        .switch("lstrip_blocks", *lstrip_blocks)
        .number("max_bytes", *max_bytes as u64)
        .number("max_tokens", *max_tokens as u64)
        .number("max_nesting", u64::from(*max_nesting))
        .number("max_filter_chain", *max_filter_chain as u64)
        .switch("keep_source", *keep_source)
        .switch("fold", *fold)
        .switch("print", *print)
        .switch("branches", *branches)
        .switch("merge_text", *merge_text)
        .switch("loops", *loops)
        .switch("paths", *paths)
        .switch("strict_undefined", *strict_undefined)
        .switch("strict_none", *strict_none)
        .switch("enable_htmx_helpers", *enable_htmx_helpers)
        .text("policy", &policy.fingerprint());
    if let Some(tree) = static_context {
        let mut bytes = Vec::new();
        tree.feed(&mut |part| bytes.extend_from_slice(part));
        fields.bytes("static_context", &bytes);
    }
    for name in registry.filter_names_on(surface) {
        fields.text("filter", name);
        identify(&mut fields, registry, registry.filter_on(surface, name));
    }
    for name in registry.predicate_names() {
        fields.text("test", name);
        identify(&mut fields, registry, registry.predicate(name));
    }
    fields.finish()
}

/// Who compiles: no other build reads what this one wrote.
fn compiler(fields: &mut Fields) {
    let origin = gravure_compiler::origin();
    fields
        .text("edition", &origin.edition)
        .bytes("compiler", &origin.build);
}

/// Which native that is. One without a version is as good as any other of its
/// name here: what is bound to it is not kept.
fn identify(fields: &mut Fields, registry: &Registry, id: Option<NativeId>) {
    match id.and_then(|id| registry.native(id)) {
        None => fields.text("absent", ""),
        Some(native) => match &native.identity {
            Identity::Builtin => fields.text("builtin", &native.name),
            Identity::Host(version) => fields.text("host", version),
            Identity::Unversioned => fields.text("unversioned", ""),
        },
    };
}

impl From<DiskError> for Error {
    fn from(error: DiskError) -> Self {
        let help = error.help();
        Self::new(Code::Config, error.to_string()).help(help)
    }
}
