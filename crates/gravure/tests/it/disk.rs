//! Templates that are compiled once for many processes: whatever lies in the
//! folder, and whatever the disk does, pages are those of an environment
//! without a cache.

use gravure::{
    AutoEscape, Code, Delimiters, DiskCache, DiskOptions, Environment, Limits, Options,
    SyntaxLimits, context,
    loader::MapLoader,
    options::{AutoReload, ColorDepth, Mode},
    unstable::{Chunk, Optimize},
};
use gravure_bundle::disk::seal;
use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

/// A folder of a test, gone when the test is over.
pub(crate) struct Folder(PathBuf);

impl Folder {
    pub(crate) fn new() -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let n = COUNT.fetch_add(1, Ordering::Relaxed);
        let folder = env::temp_dir().join(format!("gravure-disk-{}-{n}", process::id()));
        let _ = fs::remove_dir_all(&folder);
        Self(folder)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All files below a folder.
pub(crate) fn files_below(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.file_type().unwrap().is_dir() {
            true => files.append(&mut files_below(&entry.path())),
            false => files.push(entry.path()),
        }
    }
    files
}

pub(crate) fn cache(folder: &Path) -> Arc<DiskCache> {
    Arc::new(DiskCache::new(folder, DiskOptions::default()).unwrap())
}

fn with(cache: &Arc<DiskCache>, options: Options) -> Environment {
    Environment::with_options(Options {
        disk_cache: Some(cache.clone()),
        ..options
    })
    .unwrap()
}

type Told = Arc<Mutex<Vec<(Code, String)>>>;

/// An environment, and what it was warned of.
fn listening(cache: &Arc<DiskCache>) -> (Environment, Told) {
    let told = Told::default();
    let sink = told.clone();
    let options = Options {
        warning_sink: Some(Arc::new(move |it| {
            sink.lock().unwrap().push((it.code, it.message.clone()));
        })),
        ..Options::default()
    };
    (with(cache, options), told)
}

const NAME: &str = "page.html";
const SOURCE: &str = "<h1>{{ title | upper }}</h1>\n{% for x in xs %}{{ x }}{% if not loop.last %}, \
                      {% end %}{% end %}\n{{ a ?? b | lower }}";
const PAGE: &str = "<h1>&lt;T&gt;</h1>\n1, 2, 3\nb";

fn page(environment: &Environment) -> String {
    let template = environment.from_named_string(NAME, SOURCE).unwrap();
    let context = context! { title => "<t>", xs => [1, 2, 3], b => "B" };
    template.render(&context).unwrap()
}

#[test]
fn the_next_process_finds_what_this_one_compiled() {
    let folder = Folder::new();
    let loader = Arc::new(MapLoader::from([(NAME, SOURCE)]));
    let environment = || {
        let options = Options {
            loader: Some(loader.clone()),
            ..Options::default()
        };
        with(&cache(folder.path()), options)
    };
    let (first, second) = (environment(), environment());
    let template = first.get_template(NAME).unwrap();
    let again = second.get_template(NAME).unwrap();
    assert_eq!(page(&first), PAGE);
    assert_eq!(page(&second), PAGE);
    assert_eq!(again.source(), Some(SOURCE));
    assert_eq!(again.disassemble(), template.disassemble());
    assert_eq!(again.warnings(), template.warnings());
    assert_eq!(again.warnings().len(), 1);

    let info = first.cache_info();
    let disk = info.disk.unwrap();
    assert_eq!((disk.file_count, disk.hits, disk.misses), (1, 1, 1));
    assert_eq!((info.templates.size, info.templates.misses), (1, 1));
    assert_eq!(second.cache_info().disk.unwrap().hits, 2);
    assert_eq!(Environment::new().cache_info().disk, None);

    // What is made on the spot is not kept.
    let unnamed = first.from_string("{{ 1 }}").unwrap();
    assert_eq!(unnamed.render(&context! {}).unwrap(), "1");
    assert_eq!(first.cache_info().disk.unwrap().file_count, 1);
}

#[test]
fn fragments_are_counted() {
    let environment = Environment::new();
    let template = environment
        .from_string("{% cache 'a' %}x{% end %}")
        .unwrap();
    for _ in 0..3 {
        assert_eq!(template.render(&context! {}).unwrap(), "x");
    }
    let fragments = environment.cache_info().fragments;
    assert_eq!(
        (fragments.size, fragments.hits, fragments.misses),
        (1, 2, 1)
    );
    assert_eq!(fragments.max_size, 1_000);
}

/// What an option has to do with what lies on the disk.
enum Matter {
    /// Another value is another key.
    Key,
    /// It is the same chunk, for this reason.
    Same(&'static str),
}

/// Each option with another value than the default.
fn other_options() -> BTreeMap<&'static str, (Options, Matter)> {
    use Matter::{Key, Same};
    let mut all = BTreeMap::new();
    let mut row = |name: &'static str, matter: Matter, change: &dyn Fn(&mut Options)| {
        let mut options = Options::default();
        change(&mut options);
        assert!(all.insert(name, (options, matter)).is_none(), "{name}");
    };
    let static_context = || {
        let mut builder = gravure::TreeBuilder::default();
        let (key, value) = (builder.text("site"), builder.text("Ink"));
        let root = builder.map(&[(key, value)]);
        Some(Arc::new(builder.finish(root)))
    };
    row("autoescape", Key, &|it| {
        it.autoescape = AutoEscape::from(false)
    });
    row("autoescape by name", Key, &|it| {
        it.autoescape = AutoEscape::by_name(|_| Mode::Markdown);
    });
    row("strict_undefined", Key, &|it| it.strict_undefined = false);
    row("strict_none", Key, &|it| it.strict_none = true);
    row("delimiters.block_start", Key, &|it| {
        it.delimiters.block_start = "<%".to_owned()
    });
    row("delimiters.block_end", Key, &|it| {
        it.delimiters.block_end = "%>".to_owned()
    });
    row("delimiters.variable_start", Key, &|it| {
        it.delimiters.variable_start = "<<".to_owned();
    });
    row("delimiters.variable_end", Key, &|it| {
        it.delimiters.variable_end = ">>".to_owned()
    });
    row("delimiters.comment_start", Key, &|it| {
        it.delimiters.comment_start = "<#".to_owned()
    });
    row("delimiters.comment_end", Key, &|it| {
        it.delimiters.comment_end = "#>".to_owned()
    });
    row("trim_blocks", Key, &|it| it.trim_blocks = true);
    row("lstrip_blocks", Key, &|it| it.lstrip_blocks = true);
    row("static_context", Key, &|it| {
        it.static_context = static_context()
    });
    row("source_limits.max_bytes", Key, &|it| {
        it.source_limits.max_bytes += 1
    });
    row("source_limits.max_tokens", Key, &|it| {
        it.source_limits.max_tokens += 1
    });
    row("source_limits.max_nesting", Key, &|it| {
        it.source_limits.max_nesting += 1
    });
    row("source_limits.max_filter_chain", Key, &|it| {
        it.source_limits.max_filter_chain += 1
    });
    row("enable_htmx_helpers", Key, &|it| {
        it.enable_htmx_helpers = false
    });
    row("keep_source", Key, &|it| it.keep_source = false);
    let on = Optimize::default();
    row("optimize.fold", Key, &|it| {
        it.optimize = Optimize { fold: false, ..on }
    });
    row("optimize.print", Key, &|it| {
        it.optimize = Optimize { print: false, ..on }
    });
    row("optimize.branches", Key, &|it| {
        it.optimize = Optimize {
            branches: false,
            ..on
        }
    });
    row("optimize.merge_text", Key, &|it| {
        it.optimize = Optimize {
            merge_text: false,
            ..on
        }
    });
    row("optimize.loops", Key, &|it| {
        it.optimize = Optimize { loops: false, ..on }
    });
    row("optimize.paths", Key, &|it| {
        it.optimize = Optimize { paths: false, ..on }
    });

    row("policy", Key, &|it| {
        it.policy.filters = gravure::policy::Policy::only(["upper"]);
    });

    let of_renders = || Same("asked by renders");
    row("loader", Same("the source itself is in the key"), &|it| {
        it.loader = Some(Arc::new(MapLoader::from([("a", "b")])));
    });
    row(
        "template_aliases",
        Same("names in tags are kept as written"),
        &|it| {
            it.template_aliases = BTreeMap::from([("ui".to_owned(), "parts".to_owned())]);
        },
    );
    row("limits", of_renders(), &|it| {
        it.limits = Limits::untrusted()
    });
    row("max_time", of_renders(), &|it| {
        it.max_time = Some(Duration::from_secs(9))
    });
    let of_memory = || Same("what is kept in memory, and for how long");
    row("cache_size", of_memory(), &|it| it.cache_size = 1);
    row("auto_reload", of_memory(), &|it| {
        it.auto_reload = AutoReload::Hash
    });
    row("disk_cache", of_memory(), &|_| ());
    row("fragment_cache_size", of_memory(), &|it| {
        it.fragment_cache_size = 1
    });
    row("fragment_cache_bytes", of_memory(), &|it| {
        it.fragment_cache_bytes = 1
    });
    row("fragment_ttl", of_memory(), &|it| {
        it.fragment_ttl = Duration::ZERO
    });
    row("fragment_per_template", of_renders(), &|it| {
        it.fragment_per_template = true
    });
    row("terminal_color", of_renders(), &|it| {
        it.terminal_color = Some(ColorDepth::Basic)
    });
    row("terminal_width", of_renders(), &|it| {
        it.terminal_width = Some(40)
    });
    row("terminal_unicode", of_renders(), &|it| {
        it.terminal_unicode = Some(false)
    });
    row("ambiguous_width", of_renders(), &|it| {
        it.ambiguous_width = Some(2)
    });
    row("debug_sink", of_renders(), &|it| {
        it.debug_sink = Some(Arc::new(|_| ()))
    });
    row("warning_sink", of_renders(), &|it| {
        it.warning_sink = Some(Arc::new(|_| ()))
    });
    row("conversion_warnings", of_renders(), &|it| {
        it.conversion_warnings = true
    });
    let all_kept = || Same("all warnings are kept, these say which are told");
    row("warnings", all_kept(), &|it| {
        it.warnings = gravure::check::Warnings::Off
    });
    row("silenced", all_kept(), &|it| {
        it.silenced.insert(Code::WarnCoalesce);
    });
    row(
        "probe",
        Same("changes chunks after they were read"),
        &|it| {
            it.probe.is_plain = true;
        },
    );
    all
}

#[test]
fn every_option_is_in_the_key_or_does_not_matter() {
    // Whoever adds an option adds a row; the key does not compile without it.
    let Options {
        loader: _,
        autoescape: _,
        strict_undefined: _,
        strict_none: _,
        delimiters: Delimiters { .. },
        trim_blocks: _,
        lstrip_blocks: _,
        template_aliases: _,
        static_context: _,
        source_limits: SyntaxLimits { .. },
        limits: _,
        max_time: _,
        cache_size: _,
        auto_reload: _,
        disk_cache: _,
        fragment_cache_size: _,
        fragment_cache_bytes: _,
        fragment_ttl: _,
        fragment_per_template: _,
        enable_htmx_helpers: _,
        terminal_color: _,
        terminal_width: _,
        terminal_unicode: _,
        ambiguous_width: _,
        keep_source: _,
        debug_sink: _,
        warning_sink: _,
        conversion_warnings: _,
        warnings: _,
        silenced: _,
        optimize: _,
        policy: _,
        probe: _,
    } = Options::default();
    let docs = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cache.md");
    let docs = fs::read_to_string(docs).unwrap();

    let folder = Folder::new();
    let disk = cache(folder.path());
    // A source that means something with any delimiters.
    let compile = |options: Options| {
        let environment = with(&disk, options);
        environment.from_named_string(NAME, "plain").unwrap();
        disk.stats().file_count
    };
    let mut n_files = compile(Options::default());
    assert_eq!(n_files, 1);
    for (name, (options, matter)) in other_options() {
        let option = name.split(['.', ' ']).next().unwrap();
        assert!(
            docs.contains(&format!("`{option}`")),
            "docs/cache.md has no {option}"
        );
        let before = disk.stats().hits;
        let after = compile(options);
        match matter {
            Matter::Key => assert_eq!(after, n_files + 1, "{name} has no key of its own"),
            Matter::Same(why) => {
                assert!(!why.is_empty());
                assert_eq!((after, disk.stats().hits), (n_files, before + 1), "{name}");
            }
        }
        n_files = after;
    }
    // Names and sources as well.
    let environment = with(&disk, Options::default());
    for (name, source) in [
        ("other.html", "plain"),
        (NAME, "plain "),
        ("a.txt.gravure", "plain"),
    ] {
        environment.from_named_string(name, source).unwrap();
        n_files += 1;
        assert_eq!(disk.stats().file_count, n_files, "{name}");
    }
}

#[test]
fn the_same_chunk_is_told_of_as_each_environment_wants() {
    let folder = Folder::new();
    let disk = cache(folder.path());
    assert_eq!(page(&with(&disk, Options::default())), PAGE);
    let warned = |options: Options| {
        let template = with(&disk, options).from_named_string(NAME, SOURCE);
        template
            .map(|it| it.warnings().len())
            .map_err(|it| it.code())
    };
    assert_eq!(warned(Options::default()), Ok(1));
    let mut options = Options::default();
    options.silenced.insert(Code::WarnCoalesce);
    assert_eq!(warned(options), Ok(0));
    let options = Options {
        warnings: gravure::check::Warnings::Error,
        ..Options::default()
    };
    assert_eq!(warned(options), Err(Code::WarnCoalesce));
    assert_eq!(disk.stats().misses, 1);
}

#[test]
fn closures_without_a_version_are_never_kept() {
    let folder = Folder::new();
    let disk = cache(folder.path());
    let sources = [
        ("a.html", "{{ 'a' | shout }}"),
        ("b.html", "{{ 'b' is loud }}"),
        ("c.html", "c"),
    ];
    let run = |prepare: &dyn Fn(&mut Environment)| {
        let mut environment = with(&disk, Options::default());
        environment.add_filter("shout", |text: &str| text.to_uppercase());
        environment.add_test("loud", |text: &str| text == "B");
        prepare(&mut environment);
        let before = disk.stats();
        let mut pages = String::new();
        for (name, source) in sources {
            let template = environment.from_named_string(name, source).unwrap();
            pages += &template.render(&context! {}).unwrap();
        }
        assert_eq!(pages, "AFalsec");
        let after = disk.stats();
        (
            after.file_count - before.file_count,
            after.hits - before.hits,
        )
    };
    assert_eq!(run(&|_| ()), (1, 0));
    assert_eq!(run(&|_| ()), (0, 1));
    let filter = |it: &mut Environment| it.set_filter_version("shout", "1").unwrap();
    let both = |it: &mut Environment| {
        filter(it);
        it.set_test_version("loud", "1").unwrap();
    };
    assert_eq!(run(&filter), (2, 0));
    assert_eq!(run(&filter), (0, 2));
    assert_eq!(run(&both), (3, 0));
    assert_eq!(run(&both), (0, 3));
    // Another version is another key, whatever the template uses.
    let newer = |it: &mut Environment| it.set_filter_version("shout", "2").unwrap();
    assert_eq!(run(&newer), (2, 0));
    // So is another filter in place of one of ours.
    let hidden = |it: &mut Environment| {
        it.add_filter("upper", |text: &str| text.to_owned());
        it.set_filter_version("upper", "1").unwrap();
    };
    assert_eq!(run(&hidden), (1, 0));
    // What is declared is nobody's.
    let declared = |it: &mut Environment| it.declare_filter("money");
    assert_eq!(run(&declared), (1, 0));

    let mut environment = Environment::new();
    for name in ["upper", "nobody"] {
        let refused = environment.set_filter_version(name, "1").unwrap_err();
        assert_eq!(refused.code(), Code::Config, "{name}");
    }
    assert!(environment.set_test_version("odd", "1").is_err());
}

#[test]
fn a_filter_that_is_gone_is_an_error_with_a_full_cache_too() {
    let folder = Folder::new();
    let disk = cache(folder.path());
    let mut environment = with(&disk, Options::default());
    environment.add_filter("shout", |text: &str| text.to_uppercase());
    environment.set_filter_version("shout", "1").unwrap();
    let source = "{{ 'a' | shout }}";
    environment.from_named_string(NAME, source).unwrap();
    let without = with(&disk, Options::default());
    let error = without.from_named_string(NAME, source).unwrap_err();
    assert_eq!(error.code(), Code::ParFilter);
    assert_eq!(disk.stats().rejected, 0);
}

#[test]
fn every_damage_is_a_compilation_and_one_warning() {
    let folder = Folder::new();
    let disk = cache(folder.path());
    let (environment, told) = listening(&disk);
    assert_eq!(page(&environment), PAGE);
    let files = files_below(folder.path());
    let [file] = files.as_slice() else {
        panic!("{files:?}");
    };
    let whole = fs::read(file).unwrap();
    let mut n_damaged = 0;
    let cuts = (0..whole.len()).map(|len| whole[..len].to_vec());
    let changes = (0..whole.len()).map(|at| {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x20;
        bytes
    });
    for bytes in cuts.chain(changes) {
        fs::write(file, bytes).unwrap();
        assert_eq!(page(&environment), PAGE);
        n_damaged += 1;
        // It was compiled and written again.
        assert_eq!(fs::read(file).unwrap(), whole);
    }
    let stats = disk.stats();
    assert_eq!((stats.rejected, stats.misses), (n_damaged, n_damaged + 1));
    let told = told.lock().unwrap();
    let [(code, message)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(*code, Code::CacheRejected);
    assert!(message.contains("rejected"), "{message}");
}

#[test]
fn a_forged_entry_is_refused_or_runs_within_its_limits() {
    let folder = Folder::new();
    let disk = cache(folder.path());
    let options = Options {
        limits: Limits {
            fuel: 20_000,
            memory: 4 << 20,
            output: 100_000,
            ..Limits::untrusted()
        },
        ..Options::default()
    };
    let environment = with(&disk, options);
    assert_eq!(page(&environment), PAGE);
    let files = files_below(folder.path());
    let file = &files[0];
    let whole = fs::read(file).unwrap();
    let context = context! { title => "<t>", xs => [1, 2, 3], b => "B" };
    let (mut n_refused, mut n_run) = (0, 0);
    for at in 40..whole.len() {
        for flip in [0x01, 0x06, 0x80] {
            let mut forged = whole.clone();
            forged[at] ^= flip;
            seal(&mut forged, None);
            fs::write(file, forged).unwrap();
            let before = disk.stats().rejected;
            let template = environment.from_named_string(NAME, SOURCE).unwrap();
            let page = template.render(&context);
            if disk.stats().rejected > before {
                assert_eq!(page.unwrap(), PAGE);
                n_refused += 1;
            } else {
                // It is what somebody with the right to write has made of it:
                // any page, or an error, but no more than a template may.
                assert_eq!(
                    (template.name(), template.source()),
                    (Some(NAME), Some(SOURCE))
                );
                assert!(page.map_or(0, |page| page.len()) <= 100_000);
                n_run += 1;
            }
        }
    }
    assert!(n_refused > 1_000 && n_run > 100, "{n_refused} {n_run}");
}

#[test]
fn a_forged_entry_cannot_change_how_a_template_escapes() {
    let folder = Folder::new();
    let disk = cache(folder.path());
    let source = "{{ x }}";
    let compile = |options: Options| {
        let template = with(&disk, options)
            .from_named_string(NAME, source)
            .unwrap();
        template.render(&context! { x => "<" }).unwrap()
    };
    assert_eq!(compile(Options::default()), "&lt;");
    let html = files_below(folder.path());
    let plain = || Options {
        autoescape: AutoEscape::from(false),
        ..Options::default()
    };
    assert_eq!(compile(plain()), "<");
    let all = files_below(folder.path());
    let other = all.iter().find(|file| !html.contains(file)).unwrap();
    // The chunk that does not escape, under the address of the one that does.
    let mut forged = fs::read(other).unwrap();
    forged[40..72].copy_from_slice(&fs::read(&html[0]).unwrap()[40..72]);
    seal(&mut forged, None);
    fs::write(&html[0], forged).unwrap();
    assert_eq!(compile(Options::default()), "&lt;");
    assert_eq!(disk.stats().rejected, 1);
}

#[test]
fn a_folder_that_is_not_to_be_trusted_is_a_bad_option() {
    let folder = Folder::new();
    fs::write(folder.path(), "a file").unwrap();
    let refused = || -> Result<DiskCache, gravure::Error> {
        Ok(DiskCache::new(folder.path(), DiskOptions::default())?)
    };
    let error = refused().unwrap_err();
    assert_eq!(error.code(), Code::Config);
    assert!(error.message().contains("is no folder"), "{error}");
    fs::remove_file(folder.path()).unwrap();
}

#[test]
fn a_folder_that_is_removed_comes_back() {
    let folder = Folder::new();
    let disk = cache(folder.path());
    let (environment, told) = listening(&disk);
    for _ in 0..3 {
        assert_eq!(page(&environment), PAGE);
        fs::remove_dir_all(folder.path()).unwrap();
        assert_eq!(page(&environment), PAGE);
        assert_eq!(page(&environment), PAGE);
    }
    let stats = disk.stats();
    assert_eq!((stats.file_count, stats.misses, stats.hits), (1, 4, 5));
    assert_eq!(*told.lock().unwrap(), []);
}

/// Renders many templates; nothing is kept, and that is told once.
fn nothing_can_be_written(folder: &Path, disk: &Arc<DiskCache>) {
    let (environment, told) = listening(disk);
    for n in 0..30 {
        let source = format!("{{{{ x + {n} }}}}{}", "text ".repeat(2_000));
        let template = environment.from_named_string(NAME, &source).unwrap();
        let page = template.render(&context! { x => 1 }).unwrap();
        assert!(page.starts_with(&format!("{}text", n + 1)));
    }
    let told = told.lock().unwrap();
    let [(code, message)] = told.as_slice() else {
        panic!("{told:?}");
    };
    assert_eq!(*code, Code::CacheWrite);
    assert!(message.contains("cannot be written"), "{message}");
    let stats = disk.stats();
    assert!(stats.write_errors > 0, "{stats:?}");
    assert_eq!(disk.verify().damaged, []);
    assert_eq!(disk.verify().unfinished, 0, "{:?}", files_below(folder));
}

#[cfg(unix)]
#[test]
fn a_folder_that_cannot_be_written_is_told_once() {
    use std::os::unix::fs::PermissionsExt as _;
    let folder = Folder::new();
    fs::create_dir(folder.path()).unwrap();
    let set = |mode| fs::set_permissions(folder.path(), fs::Permissions::from_mode(mode));
    set(0o500).unwrap();
    let probe = folder.path().join("probe");
    if fs::write(&probe, "").is_err() {
        nothing_can_be_written(folder.path(), &cache(folder.path()));
    }
    set(0o700).unwrap();
    // An administrator may write anywhere, but not below a file.
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let below = file.join("cache");
    nothing_can_be_written(&below, &cache(&below));
}

/// Told to the child that runs with a bound on the size of files.
const FULL: &str = "GRAVURE_TEST_FULL_DISK";

#[cfg(unix)]
#[test]
fn a_full_disk_is_told_once() {
    if let Some(folder) = env::var_os(FULL) {
        let folder = PathBuf::from(folder);
        nothing_can_be_written(&folder, &cache(&folder));
        return;
    }
    let folder = Folder::new();
    let child = process::Command::new("sh")
        // Files of 4 blocks; writing more fails as on a full disk, half way.
        .args(["-c", "trap '' XFSZ; ulimit -f 4; exec \"$0\" \"$@\""])
        .arg(env::current_exe().unwrap())
        .args([
            "--exact",
            "disk::a_full_disk_is_told_once",
            "--test-threads=1",
        ])
        .env(FULL, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout);
    assert!(
        child.status.success() && said.contains("1 passed"),
        "{said}"
    );
}

#[test]
fn chunks_of_the_disk_are_those_of_the_compiler() {
    thread_local! {
        static SEEN: std::cell::RefCell<Vec<Vec<u8>>> = const { std::cell::RefCell::new(Vec::new()) };
    }
    fn remember(chunk: Chunk) -> Chunk {
        SEEN.with_borrow_mut(|seen| seen.push(chunk.encode()));
        chunk
    }
    let folder = Folder::new();
    let disk = cache(folder.path());
    for keep_source in [true, false] {
        let options = || {
            let mut options = Options {
                keep_source,
                ..Options::default()
            };
            options.probe.transform = Some(remember);
            options
        };
        let plain = Environment::with_options(options()).unwrap();
        for environment in [plain, with(&disk, options()), with(&disk, options())] {
            assert_eq!(page(&environment), PAGE);
        }
        let seen = SEEN.take();
        let [fresh, missed, hit] = seen.as_slice() else {
            panic!("{}", seen.len());
        };
        assert!(fresh == missed && fresh == hit, "{keep_source}");
    }
    assert_eq!((disk.stats().hits, disk.stats().misses), (2, 2));
}
