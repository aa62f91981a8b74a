//! Any bytes as a bundle, and good bundles made bad with hashes made right
//! again: refused, or run in bounds.

use super::{
    draft,
    input::CHANCE,
    render::join,
    report::say_everything,
    stage::{self, Way, agree},
};
use gravure::{
    Environment, Error, Limits, Options,
    bundle::{Bundle, BundleBuilder, BundleError, SecretKey, Trust},
    loader::MapLoader,
    unstable::Probe,
};
use gravure_bytecode::disassemble;
use std::{
    cell::RefCell,
    collections::HashMap,
    rc::Rc,
    sync::{Arc, LazyLock},
};

/// What a bundle begins with; all other bytes are edits of a good one.
const MAGIC: &[u8] = b"GVB\0";

/// How far a bundle came.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Fate {
    /// No edit changed anything.
    Same,
    /// It was refused when it was opened.
    Head,
    /// It did not fit the environment.
    Fit,
    /// A chunk had another hash than the index says.
    Hash,
    /// A chunk was no chunk by its spelling.
    Spelling,
    /// A chunk broke a rule of the verifier.
    Rule,
    /// All chunks are good, and every template ran to its end.
    Page,
    /// All chunks are good, and some template failed with an error.
    Error,
}

/// Bytes that begin as a bundle does are opened; others say which bundle to
/// build and what to change in it.
pub fn bundle(bytes: &[u8]) {
    fate(bytes);
}

/// The same, and what became of it.
pub fn fate(bytes: &[u8]) -> Fate {
    if bytes.starts_with(MAGIC) {
        // As it is, and as somebody makes it who can count.
        let first = run(bytes.to_vec());
        let second = run(forged(bytes.to_vec(), 0));
        return first.max(second);
    }
    let [which, edits @ ..] = bytes else {
        return Fate::Same;
    };
    let good = good(*which);
    let (bad, grown) = changed(&good, edits);
    match bad == *good {
        true => Fate::Same,
        false => run(forged(bad, grown)),
    }
}

fn forged(bytes: Vec<u8>, grown: isize) -> Vec<u8> {
    gravure_bundle::forge(bytes, grown, &KEY)
}

/// Who signs; to make a key is most of the work of signing a small bundle.
static KEY: LazyLock<SecretKey> = LazyLock::new(|| SecretKey::from_bytes([5; 32]));

thread_local! {
    static GOOD: RefCell<HashMap<u8, Rc<Vec<u8>>>> = RefCell::default();
}

/// A good bundle, one for each template and whether it is stripped or signed.
fn good(which: u8) -> Rc<Vec<u8>> {
    let n_templates = draft::TEMPLATES.len();
    let at = usize::from(which & 0x3f) % n_templates;
    let build = || {
        let mut templates = draft::OTHERS.to_vec();
        templates.push(("main.html", draft::TEMPLATES[at]));
        let environment = Environment::with_loader(MapLoader::from_iter(templates));
        let builder = BundleBuilder::new(&environment).lenient();
        let builder = if which & 0x40 == 0 {
            builder.strip()
        } else {
            builder
        };
        let builder = if which & 0x80 == 0 {
            builder
        } else {
            builder.sign(&KEY)
        };
        Rc::new(builder.build().expect("the templates are good"))
    };
    let key = at as u8 | which & 0xc0;
    GOOD.with_borrow_mut(|kept| kept.entry(key).or_insert_with(build).clone())
}

/// Edits of five bytes each: what, where (two), value (two). Answers too by how
/// much the manifest has grown.
fn changed(good: &[u8], edits: &[u8]) -> (Vec<u8>, isize) {
    let mut bytes = good.to_vec();
    let len_of = |at: usize| {
        let field = good.get(at..).and_then(|rest| rest.first_chunk());
        field.map_or(0, |&field| u64::from_le_bytes(field) as usize)
    };
    let manifest = 32..32 + len_of(8);
    let code_start = manifest.end + 32 + if good.get(6) == Some(&1) { 96 } else { 0 };
    let code = code_start..code_start + len_of(16);
    let text = code.end..good.len();
    let mut grown = 0;
    for edit in edits.chunks_exact(5).take(12) {
        let [what, at_high, at_low, high, low] = *edit else {
            break;
        };
        let at = usize::from(u16::from_be_bytes([at_high, at_low]));
        // Most of what matters is code.
        let part = match what >> 4 {
            0..=1 => 0..good.len(),
            2..=4 => manifest.clone(),
            5..=13 => code.clone(),
            _ => text.clone(),
        };
        let at = part.start + at % part.len().max(1);
        let is_manifest = manifest.contains(&at);
        let Some(byte) = bytes.get_mut(at) else {
            continue;
        };
        match what & 0xf {
            0..=4 => *byte = low,
            5..=8 => *byte ^= 1 << (low & 7),
            9 => *byte = byte.wrapping_add(1),
            10 => *byte = byte.wrapping_sub(1),
            11 => {
                let from = part.start + usize::from(high) % part.len().max(1);
                let left = bytes.len().saturating_sub(at.max(from));
                let n = usize::from(low & 0x1f).min(left);
                if n > 0 {
                    bytes.copy_within(from..from + n, at);
                }
            }
            // A number of several bytes in place of one.
            12 => {
                let number = [low | 0x80, high | 0x80, 0x01];
                let n = number.len() as isize - 1;
                bytes.splice(at..=at, number);
                grown += if is_manifest { n } else { 0 };
            }
            13 => {
                bytes.insert(at, low);
                grown += isize::from(is_manifest);
            }
            14 => {
                bytes.remove(at);
                grown -= isize::from(is_manifest);
            }
            _ => {
                let other = part.start + usize::from(high) % part.len().max(1);
                if other < bytes.len() {
                    bytes.swap(at, other);
                }
            }
        }
    }
    (bytes, grown)
}

/// Open it as a stranger's and render every template that can be had.
fn run(bytes: Vec<u8>) -> Fate {
    let Ok(bundle) = Bundle::open(bytes, &Trust::Untrusted) else {
        return Fate::Head;
    };
    // What is malformed there stops nobody but who looks.
    let _ = bundle.details();
    let bundle = Arc::new(bundle);
    let mut environment = match Environment::with_options(options(&bundle, Way::Usual)) {
        Ok(environment) => environment,
        Err(_) => return Fate::Fit,
    };
    if environment.add_bundle(bundle.clone()).is_err() {
        return Fate::Fit;
    }
    let names = bundle.templates().map(|it| it.name.to_owned());
    let names: Vec<String> = names.take(8).collect();
    let mut fate = Fate::Page;
    for name in &names {
        let refused = match bundle.chunk(name) {
            Some(Err(BundleError::Chunk { error, .. })) => match error {
                gravure_bytecode::DecodeError::Refused(_) => Fate::Rule,
                _ => Fate::Spelling,
            },
            Some(Err(_)) => Fate::Hash,
            _ => Fate::Page,
        };
        if refused != Fate::Page {
            fate = if fate < Fate::Page {
                fate.max(refused)
            } else {
                refused
            };
        }
        if let Some(Ok(chunk)) = bundle.chunk(name) {
            disassemble(chunk);
        }
        if let Err(error) = render(&environment, name) {
            say_everything(&error);
            if fate == Fate::Page {
                fate = Fate::Error;
            }
        }
    }
    if matches!(fate, Fate::Page | Fate::Error) {
        compare(&bundle, &names);
    }
    fate
}

/// Each template gives one page or one error, in whichever way it is rendered.
/// Each render has an environment of its own: texts that `cache` tags of another
/// one keep are no difference.
fn compare(bundle: &Arc<Bundle>, names: &[String]) {
    let page = |name: &str, way: Way| {
        let mut environment = Environment::with_options(options(bundle, way))?;
        environment.add_bundle(bundle.clone())?;
        let template = environment.get_template(name)?;
        match way {
            Way::Pieces => join(&template),
            _ => template.render(stage::context()),
        }
    };
    // What is drawn by lot differs by right.
    let is_chance = |name: &String| {
        let listing = bundle
            .chunk(name)
            .and_then(|it| it.ok().map(|it| disassemble(it)));
        listing.is_some_and(|it| CHANCE.iter().any(|word| it.contains(word)))
    };
    if names.iter().any(is_chance) {
        return;
    }
    for name in names {
        let usual = page(name, Way::Usual);
        for way in [Way::Slow, Way::Collect, Way::Pieces] {
            agree(&usual, &page(name, way), &(way, name));
        }
    }
}

fn options(bundle: &Arc<Bundle>, way: Way) -> Options {
    let low = Limits {
        // Who frees at every chance looks at everything at every chance.
        fuel: if way == Way::Collect { 5_000 } else { 50_000 },
        memory: 8 << 20,
        output: 1 << 20,
        call_depth: 60,
        include_depth: 10,
        extends_depth: 10,
        ..Limits::default()
    };
    Options {
        limits: low,
        terminal_width: Some(40),
        probe: Probe {
            collect_always: way == Way::Collect,
            is_plain: way == Way::Slow,
            piece: (way == Way::Pieces).then_some(1),
            ..Probe::default()
        },
        ..Options::for_bundle(bundle)
    }
}

fn render(environment: &Environment, name: &str) -> Result<String, Error> {
    environment.get_template(name)?.render(stage::context())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeMap;

    #[test]
    fn good_bundles_render() {
        for which in 0..=255 {
            assert_eq!(run(good(which).to_vec()), Fate::Page, "{which}");
            let good = good(which).to_vec();
            assert!(forged(good.clone(), 0) == good, "{which}");
        }
    }

    /// A small part of what `mutants` does: no panic, and no fate is missing.
    #[test]
    fn mutants_are_refused_or_run() {
        let run = || {
            let mut fates: BTreeMap<Fate, u32> = BTreeMap::new();
            let mut state = 0x9e37_79b9_7f4a_7c15u64;
            for _ in 0..4_000 {
                let input: Vec<u8> = (0..11)
                    .map(|_| {
                        state ^= state << 13;
                        state ^= state >> 7;
                        state ^= state << 17;
                        state as u8
                    })
                    .collect();
                *fates.entry(fate(&input)).or_default() += 1;
            }
            fates
        };
        let small = std::thread::Builder::new().stack_size(128 << 10);
        let fates = small.spawn(run).expect("a thread").join();
        let fates = fates.expect("no mutant panics");
        for fate in [
            Fate::Head,
            Fate::Fit,
            Fate::Spelling,
            Fate::Rule,
            Fate::Page,
            Fate::Error,
        ] {
            assert!(fates.contains_key(&fate), "{fate:?} is not among {fates:?}");
        }
    }
}
