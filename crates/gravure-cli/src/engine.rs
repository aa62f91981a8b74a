//! The only file of the command that asks the library to work.

use crate::{
    failure::{Failed, remark, wants_color},
    settings::Keep,
    site::Site,
};
use gravure::{
    Code, Context, DiskCache, DiskOptions, Environment, Error, Options, RenderWarning,
    bundle::BundleBuilder,
    check::{Checked, Finding},
    options::AutoReload,
};
use gravure_testkit::{Engine, Runner};
use std::{path::PathBuf, sync::Arc};

/// The page of a template, with compiled templates kept in a cache.
pub(crate) fn render(
    site: &Site,
    name: &str,
    context: &Context,
    cache: &Keep,
) -> Result<String, Failed> {
    let environment = with(
        site,
        Options {
            disk_cache: self::cache(cache)?.map(Arc::new),
            warning_sink: Some(Arc::new(tell)),
            // One page is made of what the files hold when they are first read.
            auto_reload: AutoReload::Never,
            ..site.options()
        },
    )?;
    environment
        .get_template(name)
        .and_then(|template| template.render(context))
        .map_err(|error| failed(&error))
}

/// The instructions of a template.
pub(crate) fn listing(site: &Site, name: &str) -> Result<String, Failed> {
    environment(site)?
        .get_template(name)
        .map(|template| template.disassemble())
        .map_err(|error| failed(&error))
}

/// What is wrong with a template and those it names.
pub(crate) fn check_one(site: &Site, name: &str) -> Result<Checked, Failed> {
    environment(site)?
        .check_templates(&[name])
        .map_err(|error| failed(&error))
}

/// What is wrong with all templates of a site that `is_wanted`.
pub(crate) fn check_all(site: &Site, is_wanted: impl Fn(&str) -> bool) -> Result<Checked, Failed> {
    let environment = environment(site)?;
    let mut names = environment.list_templates().unwrap_or_default();
    names.retain(|name| is_wanted(name));
    environment
        .check_templates(&names)
        .map_err(|error| failed(&error))
}

/// The bytes of a bundle of all templates of a site that `is_wanted`, as `asked`
/// for; or what is wrong with them.
pub(crate) fn bundle(
    site: &Site,
    is_wanted: impl Fn(&str) -> bool,
    asked: impl FnOnce(BundleBuilder<'_>) -> BundleBuilder<'_>,
) -> Result<Result<Vec<u8>, Vec<Finding>>, Failed> {
    let environment = environment(site)?;
    let mut names = environment.list_templates().unwrap_or_default();
    names.retain(|name| is_wanted(name));
    Ok(asked(BundleBuilder::new(&environment)).build_templates(&names))
}

/// Runs cases of the corpus.
pub(crate) fn runner() -> impl Runner {
    Engine
}

/// A cache, made if it is not there.
pub(crate) fn cache(keep: &Keep) -> Result<Option<DiskCache>, Failed> {
    let opened = match keep {
        Keep::Off => return Ok(None),
        Keep::Auto => DiskCache::auto(DiskOptions::default()),
        Keep::In(folder) => DiskCache::new(folder, DiskOptions::default()),
    };
    let opened = opened.map_err(|error| Failed::unusable(&error, error.help()));
    opened.map(Some)
}

/// The folder of a cache, if there can be one.
pub(crate) fn cache_folder(keep: &Keep) -> Option<PathBuf> {
    match keep {
        Keep::Off => None,
        Keep::Auto => DiskCache::auto_folder(),
        Keep::In(folder) => Some(folder.clone()),
    }
}

/// Of what renders are warned of only what the command itself brings: the
/// others are for `--warnings` and `check`.
fn tell(warning: &RenderWarning) {
    if matches!(warning.code, Code::CacheRejected | Code::CacheWrite) {
        remark(&format!(
            "warning[{}]: {}",
            warning.code.as_str(),
            warning.message
        ));
    }
}

fn environment(site: &Site) -> Result<Environment, Failed> {
    with(site, site.options())
}

fn with(site: &Site, options: Options) -> Result<Environment, Failed> {
    let mut environment = Environment::with_options(options)
        .map_err(|error| Failed::refused(error.report().color(wants_color()).to_string()))?;
    for name in &site.settings.filters {
        environment.declare_filter(name);
    }
    for name in &site.settings.tests {
        environment.declare_test(name);
    }
    for name in &site.settings.functions {
        environment.declare_function(name);
    }
    if let Some(bundle) = &site.bundle {
        let added = environment.add_bundle(bundle.clone());
        added.map_err(|error| Failed::refused(error.report().color(wants_color()).to_string()))?;
    }
    Ok(environment)
}

fn failed(error: &Error) -> Failed {
    let report = error.report().color(wants_color()).to_string();
    // A template that nobody but the command line asked for is missing input.
    if error.code().as_str() == "K-TPL-001" && error.template().is_none() {
        Failed::refused(report)
    } else {
        Failed::template(report)
    }
}
