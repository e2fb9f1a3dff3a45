use std::collections::BTreeSet;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::sync::mpsc;

use super::{BuildError, BuildKit, Event, Image, Plan, Progress, State, classic};
use crate::engine::{Engine, refused, status_code};

/// How many images are built at a time: each build takes processors of its own.
const AT_ONCE: usize = 4;

/// Where a build says what it does.
pub struct Lines {
    service: String,
    image: String,
    events: mpsc::Sender<Event>,
}

impl Lines {
    /// Says a line.
    pub async fn say(&self, line: &str) {
        if !line.is_empty() {
            self.tell(State::Output, line).await;
        }
    }

    async fn tell(&self, state: State, detail: &str) {
        let event = Event {
            service: self.service.clone(),
            image: self.image.clone(),
            state,
            detail: detail.to_owned(),
        };
        // Nobody listens any more when another build has failed.
        let _ = self.events.send(event).await;
    }
}

/// Builds the images of a plan, some at a time; the first failure stops the others.
pub async fn execute(
    engine: &Engine,
    plan: &Plan,
    progress: &mut dyn Progress,
) -> Result<(), BuildError> {
    let buildkit = BuildKit::find(engine).await;
    let (events, mut told) = mpsc::channel(64);
    let mut waiting: Vec<&Image> = plan.images.iter().collect();
    let mut running = FuturesUnordered::new();
    let mut outstanding: BTreeSet<&str> =
        plan.images.iter().map(|image| image.service.as_str()).collect();
    while !outstanding.is_empty() {
        let is_free =
            |image: &&Image| !image.after.iter().any(|it| outstanding.contains(it.as_str()));
        while running.len() < AT_ONCE
            && let Some(at) = waiting.iter().position(is_free)
        {
            let image = waiting.remove(at);
            let lines = Lines {
                service: image.service.clone(),
                image: image.name.clone(),
                events: events.clone(),
            };
            running.push(build(engine, buildkit.as_ref(), image, lines));
        }
        tokio::select! {
            biased;
            Some(event) = told.recv() => progress.event(&event),
            Some(built) = running.next() => {
                while let Ok(event) = told.try_recv() {
                    progress.event(&event);
                }
                outstanding.remove(built?);
            }
        }
    }
    Ok(())
}

async fn build<'a>(
    engine: &Engine,
    buildkit: Option<&BuildKit>,
    image: &'a Image,
    lines: Lines,
) -> Result<&'a str, BuildError> {
    lines.tell(State::Building, "").await;
    let built = match buildkit {
        Some(buildkit) => buildkit.build(image, &lines).await,
        None => classic::build(engine, image, &lines).await,
    };
    let state = if built.is_ok() { State::Built } else { State::Failed };
    lines.tell(state, "").await;
    built.map(|()| image.service.as_str())
}

/// The services whose images are not on the engine, or are built each time.
pub async fn missing(engine: &Engine, plan: &Plan) -> Result<BTreeSet<String>, BuildError> {
    let mut missing = BTreeSet::new();
    for image in &plan.images {
        let is_there = match engine.docker().inspect_image(&image.name).await {
            Ok(_) => true,
            Err(error) if status_code(&error) == Some(404) => false,
            Err(error) => {
                return Err(refused(format!("look for the image `{}`", image.name))(error).into());
            }
        };
        if image.is_always_built || !is_there {
            missing.insert(image.service.clone());
        }
    }
    Ok(missing)
}
