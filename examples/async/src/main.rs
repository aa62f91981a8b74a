//! Pages that wait for what they show, on tokio.
//!
//! `fetch` begins its work when a template calls it, and the template awaits
//! the handle later: so two waits take as long as one. `log` gives lines one
//! by one. The engine knows nothing of tokio.

use gravure::{Data, Environment, Error, async_items, awaitable, context, embed_templates};
use std::{
    io::Write as _,
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::{sync::mpsc, task::JoinSet, time};
use tokio_stream::wrappers::ReceiverStream;

/// What takes its time: a database, another server.
async fn slow_answer(what: String) -> Result<String, &'static str> {
    time::sleep(Duration::from_millis(50)).await;
    match &*what {
        "user" => Ok("Ada & Co".to_owned()),
        "news" => Ok("All is well.".to_owned()),
        _ => Err("nobody knows"),
    }
}

fn environment() -> Environment {
    let mut environment = Environment::with_loader(embed_templates!("templates"));
    environment.add_function("fetch", |what: String| {
        // Spawned now, awaited by the template. A page that is dropped stops
        // waiting; its task runs on, unless it is aborted.
        let task = tokio::spawn(slow_answer(what));
        awaitable(async move {
            match task.await {
                Ok(answer) => answer.map_err(str::to_owned),
                Err(lost) => Err(lost.to_string()),
            }
        })
    });
    environment.add_function("log", |n: u64| -> Data<'static> {
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(async move {
            for line in 1..=n {
                time::sleep(Duration::from_millis(10)).await;
                // Whoever asked may have gone.
                if sender.send(format!("line {line}")).await.is_err() {
                    return;
                }
            }
        });
        async_items(ReceiverStream::new(receiver))
    });
    environment
}

#[tokio::main]
async fn main() -> Result<(), Error> {
    let template = Arc::new(environment().get_template("page.html")?);

    // Piece by piece: what is there is shown while the rest is awaited.
    let started = Instant::now();
    let data = context! {};
    let mut pieces = template.render_stream_async(&data);
    while let Some(piece) = pieces.next().await {
        print!("{}", piece?);
        let _ = std::io::stdout().flush();
    }
    println!("one page after {} ms", started.elapsed().as_millis());

    // Many at once, on a few threads.
    let started = Instant::now();
    let mut pages = JoinSet::new();
    for _ in 0..1_000 {
        let template = template.clone();
        pages.spawn(async move { template.render_async(&context! {}).await });
    }
    let mut n_bytes = 0;
    for page in pages.join_all().await {
        n_bytes += page?.len();
    }
    let took = started.elapsed().as_millis();
    println!("1000 pages, {n_bytes} bytes, after {took} ms");

    // What takes too long is given up.
    let late = time::timeout(Duration::from_millis(5), template.render_async(&data));
    assert!(late.await.is_err(), "it is not there yet");
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn two_waits_take_as_long_as_one() {
        let template = environment().get_template("page.html").unwrap();
        assert!(template.is_async());
        let started = Instant::now();
        let page = template.render_async(&context! {}).await.unwrap();
        assert!(page.contains("<h1>Hello Ada &amp; Co</h1>"), "{page}");
        assert!(page.contains("<p>All is well.</p>"), "{page}");
        assert!(page.contains("  <li>3: line 3</li>"), "{page}");
        assert!(started.elapsed() < Duration::from_millis(50 + 3 * 10 + 100));
    }
}
