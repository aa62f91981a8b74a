//! The real world: clocks, chance, kept fragments.

use crate::{Options, cache::CacheStats, check::Warnings, sync::Mutex};
use gravure_source::{Code, RandomState};
use gravure_value::{Data, Fragment, RenderWarning, World};
use jiff::tz::TimeZone;
use lru::LruCache;
use std::{
    collections::BTreeSet,
    hash::BuildHasher as _,
    num::NonZeroUsize,
    sync::atomic::{AtomicU64, Ordering},
    sync::{Arc, OnceLock},
    thread,
    time::{Duration, Instant},
};

/// What a render may ask of the process it runs in.
pub(crate) struct System {
    terminal: gravure_value::TerminalSettings,
    started: Instant,
    seeds: RandomState,
    drawn: AtomicU64,
    fragments: Mutex<Fragments>,
    life: Duration,
    max_bytes: usize,
    max_fragments: usize,
    debug: Option<crate::options::DebugSink>,
    warn: Option<crate::options::WarningSink>,
    quiet: BTreeSet<Code>,
}

struct Fragments {
    kept: LruCache<Box<str>, (Arc<Fragment>, Option<Instant>), RandomState>,
    bytes: usize,
    hits: u64,
    misses: u64,
}

impl System {
    /// A world for an environment.
    pub(crate) fn new(options: &Options) -> Self {
        let hasher = RandomState::new();
        Self {
            terminal: terminal(options),
            started: Instant::now(),
            seeds: RandomState::new(),
            drawn: AtomicU64::new(0),
            fragments: Mutex::new(Fragments {
                kept: match NonZeroUsize::new(options.fragment_cache_size) {
                    Some(n) => LruCache::with_hasher(n, hasher),
                    None => LruCache::unbounded_with_hasher(hasher),
                },
                bytes: 0,
                hits: 0,
                misses: 0,
            }),
            life: options.fragment_ttl,
            max_bytes: options.fragment_cache_bytes,
            max_fragments: options.fragment_cache_size,
            debug: options.debug_sink.clone(),
            warn: options
                .warning_sink
                .clone()
                .filter(|_| options.warnings != Warnings::Off),
            quiet: quiet(options),
        }
    }

    /// Is this warning told?
    fn tells(&self, code: Code) -> bool {
        !self.quiet.contains(&code)
    }

    /// Forget all kept fragments.
    pub(crate) fn clear_fragments(&self) {
        let mut store = self.fragments.lock();
        store.kept.clear();
        (store.bytes, store.hits, store.misses) = (0, 0, 0);
    }

    /// How the cache of fragments has done so far.
    pub(crate) fn fragment_stats(&self) -> CacheStats {
        let store = self.fragments.lock();
        CacheStats {
            size: store.kept.len(),
            max_size: self.max_fragments,
            hits: store.hits,
            misses: store.misses,
        }
    }
}

/// Warnings that are not told.
fn quiet(options: &Options) -> BTreeSet<Code> {
    let mut quiet = options.silenced.clone();
    if !options.conversion_warnings {
        quiet.insert(Code::WarnConversion);
    }
    quiet
}

/// The terminal as the options say, or as the surroundings do.
fn terminal(options: &Options) -> gravure_value::TerminalSettings {
    use std::io::IsTerminal;
    let tty = std::io::stdout().is_terminal();
    let mut found =
        gravure_value::TerminalSettings::guess(|name| std::env::var(name).ok(), tty, None);
    if let Some(color) = options.terminal_color {
        found.color = match color {
            crate::options::ColorDepth::None => gravure_value::ColorDepth::None,
            crate::options::ColorDepth::Basic => gravure_value::ColorDepth::Basic,
            crate::options::ColorDepth::Extended => gravure_value::ColorDepth::Extended,
            crate::options::ColorDepth::TrueColor => gravure_value::ColorDepth::TrueColor,
        };
    }
    if let Some(width) = options.terminal_width.filter(|&it| it > 0) {
        found.width = width;
    }
    found.unicode = options.terminal_unicode.unwrap_or(found.unicode);
    found.ambiguous_width = options.ambiguous_width.unwrap_or(found.ambiguous_width);
    found
}

/// The time zone of this machine. Reading it takes more native stack than the
/// thread of a render may have, so a thread of its own does that, once.
fn zone() -> &'static TimeZone {
    static ZONE: OnceLock<TimeZone> = OnceLock::new();
    ZONE.get_or_init(|| {
        let reader = thread::Builder::new().stack_size(1 << 20);
        let read = reader.spawn(TimeZone::system).ok();
        read.and_then(|thread| thread.join().ok())
            .unwrap_or(TimeZone::UTC)
    })
}

/// A function that translates a message.
type Gettext = dyn Fn(&str) -> String + Send + Sync;
/// A function that translates a message with a number.
type Ngettext = dyn Fn(&str, &str, i64) -> String + Send + Sync;

/// The world as one edition of an environment sees it.
#[derive(Clone)]
pub(crate) struct Scene {
    pub(crate) system: Arc<System>,
    pub(crate) translations: Option<(Arc<Gettext>, Arc<Ngettext>)>,
}

impl World for Scene {
    fn monotonic(&self) -> Duration {
        self.system.started.elapsed()
    }

    fn local_offset(&self, unix_seconds: i64) -> i32 {
        let Ok(moment) = jiff::Timestamp::from_second(unix_seconds) else {
            return 0;
        };
        zone().to_offset(moment).seconds()
    }

    fn random(&self) -> u64 {
        let n = self.system.drawn.fetch_add(1, Ordering::Relaxed);
        self.system.seeds.hash_one(n)
    }

    fn meta(&self, _: &str) -> Option<Data<'static>> {
        None
    }

    fn terminal(&self) -> gravure_value::TerminalSettings {
        self.system.terminal
    }

    fn warn(&self, warning: &RenderWarning) {
        if let Some(sink) = &self.system.warn
            && self.system.tells(warning.code)
        {
            sink(warning);
        }
    }

    fn debug(&self, text: &str) {
        if let Some(sink) = &self.system.debug {
            sink(text);
        }
    }

    fn gettext(&self, message: &str) -> Option<String> {
        let (gettext, _) = self.translations.as_ref()?;
        Some(gettext(message))
    }

    fn ngettext(&self, singular: &str, plural: &str, n: i64) -> Option<String> {
        let (_, ngettext) = self.translations.as_ref()?;
        Some(ngettext(singular, plural, n))
    }

    fn fragment(&self, key: &str) -> Option<Arc<Fragment>> {
        self.system.fragment(key)
    }

    fn keep_fragment(&self, key: &str, made: Fragment, seconds: Option<f64>) -> Arc<Fragment> {
        self.system.keep_fragment(key, made, seconds)
    }
}

impl System {
    fn fragment(&self, key: &str) -> Option<Arc<Fragment>> {
        let mut store = self.fragments.lock();
        let found = store.current(key);
        match found {
            Some(_) => store.hits += 1,
            None => store.misses += 1,
        }
        found
    }

    fn keep_fragment(&self, key: &str, made: Fragment, seconds: Option<f64>) -> Arc<Fragment> {
        let life = match seconds {
            Some(seconds) => Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX),
            None => self.life,
        };
        if life.is_zero() || made.bytes() > self.max_bytes {
            return Arc::new(made);
        }
        let made = Arc::new(made);
        let until = Instant::now().checked_add(life);
        let mut store = self.fragments.lock();
        // Another render may have kept one since; the first one counts.
        if let Some(kept) = store.current(key) {
            return kept;
        }
        store.bytes += made.bytes();
        if let Some((_, (old, _))) = store.kept.push(key.into(), (made.clone(), until)) {
            store.bytes -= old.bytes().min(store.bytes);
        }
        while store.bytes > self.max_bytes {
            match store.kept.pop_lru() {
                Some((_, (old, _))) => store.bytes -= old.bytes().min(store.bytes),
                None => break,
            }
        }
        made
    }
}

impl Fragments {
    /// The fragment of a key, unless its time is over.
    fn current(&mut self, key: &str) -> Option<Arc<Fragment>> {
        let (kept, until) = self.kept.get(key)?;
        if until.is_none_or(|until| Instant::now() <= until) {
            return Some(kept.clone());
        }
        if let Some((old, _)) = self.kept.pop(key) {
            self.bytes -= old.bytes().min(self.bytes);
        }
        None
    }
}
