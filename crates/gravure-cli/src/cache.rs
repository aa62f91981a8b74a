//! `gravure cache`: what lies in a folder of compiled templates.
//!
//! In: a folder. Out: how much there is, that it is gone, or what of it is
//! damaged. A folder that is not there is an empty cache, and none is made.

use crate::{
    args::{self, CacheFolder, CacheWork},
    engine,
    failure::{Failed, one_line, print},
    settings::Keep,
    site,
};
use gravure::DiskCache;
use std::path::PathBuf;

/// Do what is asked.
pub(crate) fn cache(args: &args::Cache) -> Result<(), Failed> {
    match &args.work {
        CacheWork::Stats(which) => stats(which),
        CacheWork::Clear(which) => clear(which),
        CacheWork::Verify(which) => verify(which),
    }
}

fn stats(which: &CacheFolder) -> Result<(), Failed> {
    let (folder, cache) = open(which)?;
    let stats = cache.map(|cache| cache.stats()).unwrap_or_default();
    print(&format!(
        "{}\n{}, {} bytes\n",
        one_line(&folder.display().to_string()),
        entries(stats.file_count),
        stats.total_bytes,
    ))
}

fn clear(which: &CacheFolder) -> Result<(), Failed> {
    let (_, cache) = open(which)?;
    let n_removed = cache.map_or(0, |cache| cache.clear());
    let files = if n_removed == 1 { "file" } else { "files" };
    print(&format!("removed {n_removed} {files}\n"))
}

fn verify(which: &CacheFolder) -> Result<(), Failed> {
    let (_, cache) = open(which)?;
    let examined = cache.map(|cache| cache.verify()).unwrap_or_default();
    let mut text = String::new();
    for (file, why) in &examined.damaged {
        text += &format!("{file}: {why}\n");
    }
    text += &format!(
        "{}, {} damaged, {} unfinished\n",
        entries(examined.sound + examined.damaged.len() as u64),
        examined.damaged.len(),
        examined.unfinished,
    );
    print(&text)?;
    match examined.damaged.is_empty() {
        true => Ok(()),
        false => Err(Failed::told()),
    }
}

fn entries(count: u64) -> String {
    match count {
        1 => "1 entry".to_owned(),
        _ => format!("{count} entries"),
    }
}

/// The folder, and the cache in it if it is there.
fn open(which: &CacheFolder) -> Result<(PathBuf, Option<DiskCache>), Failed> {
    let keep = match &which.dir {
        Some(text) => Keep::parse(text),
        None => match site::settings(which.config.as_deref())?.cache {
            Keep::Off => Keep::Auto,
            said => said,
        },
    };
    let Some(folder) = engine::cache_folder(&keep) else {
        return Err(Failed::unusable(
            "it is not said where the cache is",
            "name its folder with `--dir DIR`",
        ));
    };
    let cache = match folder.exists() {
        true => engine::cache(&keep)?,
        false => None,
    };
    Ok((folder, cache))
}
