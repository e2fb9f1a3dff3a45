use bollard::container::LogOutput;
use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use bollard::query_parameters::{
    AttachContainerOptions, LogsOptions, ResizeContainerTTYOptions, WaitContainerOptions,
};
use futures_util::future::BoxFuture;
use futures_util::stream::BoxStream;
use futures_util::{Stream, StreamExt, TryStreamExt};

use super::failed;
use crate::control_plane::kubelet::runtime::{
    LogOptions, Output, RuntimeError, Session, Streams, Terminal,
};
use crate::engine::{Engine, reason, status_code};

/// What a container has written.
pub(super) async fn logs(
    engine: &Engine,
    id: &str,
    options: LogOptions,
) -> Result<BoxStream<'static, Result<Output, RuntimeError>>, RuntimeError> {
    let LogOptions { follow, timestamps, since, tail } = options;
    known(engine, id).await?;
    let options = LogsOptions {
        follow,
        timestamps,
        stdout: true,
        stderr: true,
        since: since.map_or(0, |since| i32::try_from(since.as_second()).unwrap_or(i32::MAX)),
        until: 0,
        tail: tail.map_or_else(|| "all".to_owned(), |tail| tail.to_string()),
    };
    Ok(outputs(engine.docker().logs(id, Some(options))))
}

/// Runs a command in a container.
pub(super) async fn exec(
    engine: &Engine,
    id: &str,
    command: &[String],
    streams: Streams,
) -> Result<Session, RuntimeError> {
    let Streams { stdin, stdout, stderr, tty } = streams;
    let options = CreateExecOptions {
        attach_stdin: Some(stdin),
        attach_stdout: Some(stdout),
        attach_stderr: Some(stderr),
        tty: Some(tty),
        cmd: Some(command.to_vec()),
        ..CreateExecOptions::default()
    };
    let docker = engine.docker();
    let exec = match docker.create_exec(id, options).await {
        Err(error) if status_code(&error) == Some(404) => {
            return Err(RuntimeError::ContainerNotFound { id: id.to_owned() });
        }
        other => other.map_err(failed("run a command"))?.id,
    };
    let start = StartExecOptions { detach: false, tty, output_capacity: None };
    let started = match docker.start_exec(&exec, Some(start)).await {
        Err(error) if status_code(&error).is_some() => {
            return Err(RuntimeError::Start { id: id.to_owned(), reason: reason(&error) });
        }
        other => other.map_err(failed("run a command"))?,
    };
    let StartExecResults::Attached { output, input } = started else {
        let reason = "the engine has not attached to it".to_owned();
        return Err(RuntimeError::Engine { action: "run a command".to_owned(), reason });
    };
    let terminal = Box::new(ExecTerminal { engine: engine.clone(), exec: exec.clone() });
    let engine = engine.clone();
    let exit = Box::pin(async move {
        let exec =
            engine.docker().inspect_exec(&exec).await.map_err(failed("look at a command"))?;
        Ok(code(exec.exit_code))
    });
    Ok(Session { input, output: outputs(output), terminal, exit })
}

/// Joins the streams of a container's own process.
pub(super) async fn attach(
    engine: &Engine,
    id: &str,
    streams: Streams,
) -> Result<Session, RuntimeError> {
    let Streams { stdin, stdout, stderr, tty: _ } = streams;
    known(engine, id).await?;
    let options = AttachContainerOptions {
        stream: true,
        stdin,
        stdout,
        stderr,
        ..AttachContainerOptions::default()
    };
    let attached = engine.docker().attach_container(id, Some(options)).await;
    let attached = attached.map_err(failed("attach to a container"))?;
    let terminal = Box::new(OwnTerminal { engine: engine.clone(), id: id.to_owned() });
    let (engine, id) = (engine.clone(), id.to_owned());
    let exit = Box::pin(async move {
        let mut waited = engine.docker().wait_container(&id, None::<WaitContainerOptions>);
        match waited.next().await {
            Some(Ok(ended)) => Ok(code(Some(ended.status_code))),
            Some(Err(bollard::errors::Error::DockerContainerWaitError { code: ended, .. })) => {
                Ok(code(Some(ended)))
            }
            Some(Err(error)) => Err(failed("wait for a container")(error)),
            None => Ok(0),
        }
    });
    let bollard::container::AttachContainerResults { output, input } = attached;
    Ok(Session { input, output: outputs(output), terminal, exit })
}

async fn known(engine: &Engine, id: &str) -> Result<(), RuntimeError> {
    match engine.docker().inspect_container(id, None).await {
        Ok(_) => Ok(()),
        Err(error) if status_code(&error) == Some(404) => {
            Err(RuntimeError::ContainerNotFound { id: id.to_owned() })
        }
        Err(error) => Err(failed("look at a container")(error)),
    }
}

fn outputs(
    stream: impl Stream<Item = Result<LogOutput, bollard::errors::Error>> + Send + 'static,
) -> BoxStream<'static, Result<Output, RuntimeError>> {
    let outputs = stream.map_ok(|output| match output {
        LogOutput::StdErr { message } => Output::Stderr(message),
        LogOutput::StdOut { message }
        | LogOutput::Console { message }
        | LogOutput::StdIn { message } => Output::Stdout(message),
    });
    outputs.map_err(failed("read what a container writes")).boxed()
}

fn code(code: Option<i64>) -> i32 {
    code.and_then(|code| i32::try_from(code).ok()).unwrap_or_default()
}

/// The terminal of a command.
struct ExecTerminal {
    engine: Engine,
    exec: String,
}

impl Terminal for ExecTerminal {
    fn resize(&self, width: u16, height: u16) -> BoxFuture<'_, Result<(), RuntimeError>> {
        let options = bollard::exec::ResizeExecOptions { height, width };
        Box::pin(async move {
            let resized = self.engine.docker().resize_exec(&self.exec, options).await;
            resized.map_err(failed("resize a terminal"))
        })
    }
}

/// The terminal of a container.
struct OwnTerminal {
    engine: Engine,
    id: String,
}

impl Terminal for OwnTerminal {
    fn resize(&self, width: u16, height: u16) -> BoxFuture<'_, Result<(), RuntimeError>> {
        let options = ResizeContainerTTYOptions { h: height.into(), w: width.into() };
        Box::pin(async move {
            let resized = self.engine.docker().resize_container_tty(&self.id, options).await;
            resized.map_err(failed("resize a terminal"))
        })
    }
}
