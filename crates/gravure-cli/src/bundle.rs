//! `gravure bundle`, `gravure verify` and `gravure keygen`, and which bundle a
//! command means.

use crate::{
    args, check, engine,
    failure::{Failed, print, remark, wants_color},
    site,
};
use gravure::bundle::{Bundle, BundleError, PublicKey, SecretKey, Trust};
use std::{
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Put the templates of a site into a bundle.
pub(crate) fn bundle(args: &args::Bundle) -> Result<(), Failed> {
    let key = args.sign.as_deref().map(secret_key).transpose()?;
    let site = site::of_roots(&args.roots, &args.around)?;
    let endings = check::endings(&args.ext, &site)?;
    let built = engine::bundle(
        &site,
        |name| check::is_template(name, &endings),
        |builder| {
            let builder = builder.version(args.number);
            let builder = if args.strip { builder.strip() } else { builder };
            match &key {
                Some(key) => builder.sign(key),
                None => builder,
            }
        },
    )?;
    let bytes = built.map_err(|found| {
        let shown = found.iter().map(|it| it.text().color(wants_color()));
        let shown: Vec<String> = shown.map(|it| format!("{it}\n")).collect();
        Failed::template(shown.join("\n"))
    })?;
    let bundle = Bundle::open(bytes.clone(), &Trust::Own).map_err(|error| refused(&error))?;
    write(&args.output, &bytes)?;
    remark(&format!(
        "{} templates, {} bytes, root {}",
        bundle.templates().len(),
        bytes.len(),
        gravure::bundle::hex(bundle.root())
    ));
    Ok(())
}

/// Look at every byte of a bundle.
pub(crate) fn verify(args: &args::Verify) -> Result<(), Failed> {
    let bundle = open(&args.file, &args.trust)?;
    if let Err(found) = bundle.verify() {
        let shown: Vec<String> = found.iter().map(ToString::to_string).collect();
        return Err(Failed::template(format!(
            "error: {}",
            shown.join("\nerror: ")
        )));
    }
    let signed = match (bundle.signer(), args.trust.keys.is_empty()) {
        (None, _) => "not signed".to_owned(),
        (Some(key), true) => format!("signed with {key}, which nobody was asked about"),
        (Some(key), false) => format!("signed with {key}"),
    };
    print(&format!(
        "{} templates are as they were built; version {}; {signed}\n",
        bundle.templates().len(),
        bundle.manifest().version
    ))
}

/// Write a new pair of keys.
pub(crate) fn keygen(args: &args::Keygen) -> Result<(), Failed> {
    let key = SecretKey::generate().map_err(|error| {
        Failed::unusable(format!("there are no random numbers: {error}"), "try again")
    })?;
    let mut public = args.output.clone().into_os_string();
    public.push(".pub");
    create(&args.output, &key.to_text())?;
    create(&PathBuf::from(public), &key.public().to_string())?;
    print(&format!("{}\n", key.public()))
}

/// Open a bundle, as far as it is trusted.
pub(crate) fn open(file: &Path, trust: &args::Trusted) -> Result<Bundle, Failed> {
    let keys: Vec<PublicKey> = trust
        .keys
        .iter()
        .map(|key| public_key(key))
        .collect::<Result<_, _>>()?;
    let trust = match keys.is_empty() {
        true => Trust::Untrusted,
        false => Trust::Signed {
            keys,
            least_version: trust.least,
        },
    };
    Bundle::open_file(file, &trust).map_err(|error| match error {
        BundleError::Io(_) => Failed::unusable(
            format!("`{}`: {error}", file.display()),
            "name a file that `gravure bundle` wrote",
        ),
        error => refused(&error),
    })
}

fn refused(error: &BundleError) -> Failed {
    Failed::template(format!("error: {error}"))
}

/// A key, or the file that it is in.
fn public_key(text: &str) -> Result<PublicKey, Failed> {
    let read = || fs::read_to_string(text).ok();
    let key = PublicKey::parse(text).ok();
    key.or_else(|| PublicKey::parse(&read()?).ok())
        .ok_or_else(|| {
            Failed::unusable(
                format!("`{text}` is no public key"),
                "name the file with `.pub` behind it that `gravure keygen` wrote, or write what is in it",
            )
        })
}

fn secret_key(file: &Path) -> Result<SecretKey, Failed> {
    let no_key = |said: String| {
        Failed::unusable(
            format!("`{}` is no secret key: {said}", file.display()),
            "name a file that `gravure keygen` wrote",
        )
    };
    let text = fs::read_to_string(file).map_err(|error| no_key(error.to_string()))?;
    SecretKey::parse(&text).map_err(|_| no_key("it has something else in it".to_owned()))
}

fn unwritten(file: &Path, error: &std::io::Error) -> Failed {
    Failed::unusable(
        format!("`{}` cannot be written: {error}", file.display()),
        "name a file in a folder that exists",
    )
}

fn write(file: &Path, bytes: &[u8]) -> Result<(), Failed> {
    fs::write(file, bytes).map_err(|error| unwritten(file, &error))
}

/// A new file that nobody else reads; one that is there stays.
fn create(file: &Path, text: &str) -> Result<(), Failed> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let written = options
        .open(file)
        .and_then(|mut file| writeln!(file, "{text}"));
    written.map_err(|error| unwritten(file, &error))
}
