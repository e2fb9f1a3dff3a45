//! `convert` of each sample and `config`: in-process stages and the whole process, beside Docker Compose where it is
//! installed.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::panic,
    missing_docs,
    reason = "a benchmark that cannot go on has nothing better to do than to stop"
)]

#[path = "generated.rs"]
mod generated;

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use generated::generated;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use longshore::load::{Input, load_project, load_with_contents};
use longshore::render::{Print, Templates};
use longshore::translate::{Options, translate_project};

fn samples() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("samples");
    let mut samples: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    samples.sort();
    samples
}

fn name(sample: &Path) -> String {
    sample.file_name().unwrap().to_string_lossy().into_owned()
}

fn load(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("load");
    for services in [10, 100, 1000] {
        let directory = generated(services);
        let input = Input { working_directory: directory.path().to_owned(), ..Input::default() };
        group.bench_function(BenchmarkId::from_parameter(services), |bencher| {
            bencher.iter(|| load_project(&input).0.expect("the project loads"));
        });
    }
    group.finish();
}

/// Load, translate, render; the templates are parsed once, as in a run.
fn in_process(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("in-process");
    let templates = Templates::new(Vec::new()).expect("the built-in templates are right");
    for sample in samples() {
        let input = Input { working_directory: sample.clone(), ..Input::default() };
        group.bench_function(name(&sample), |bencher| {
            bencher.iter(|| {
                let (project, contents) = load_with_contents(&input).0.expect("the sample loads");
                let (translation, _) = translate_project(&project, &contents, &Options::default());
                for manifest in &translation.manifests {
                    let objects = templates.render(Print {
                        template: manifest.template,
                        subject: manifest.source.clone(),
                        context: manifest.context.clone(),
                    });
                    assert!(objects.is_ok());
                }
            });
        });
    }
    group.finish();
}

fn whole_process(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("process");
    group.sample_size(20);
    for sample in samples() {
        group.bench_function(BenchmarkId::new("longshore", name(&sample)), |bencher| {
            bencher.iter(|| convert(&sample));
        });
    }
    for services in [10, 1000] {
        let directory = generated(services);
        group.bench_function(BenchmarkId::new("longshore", services), |bencher| {
            bencher.iter(|| convert(directory.path()));
        });
    }
    group.finish();
}

/// What Docker Compose does with the same project.
fn config(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("config");
    group.sample_size(20);
    let programs: Vec<(&str, &str, &[&str])> = vec![
        ("longshore", env!("CARGO_BIN_EXE_longshore"), &["config"]),
        ("docker-compose", "docker-compose", &["config"]),
    ];
    let programs: Vec<_> =
        programs.into_iter().filter(|(_, program, _)| is_there(program)).collect();
    for services in [10, 100, 1000] {
        let directory = generated(services);
        for (name, program, arguments) in &programs {
            group.bench_function(BenchmarkId::new(*name, services), |bencher| {
                bencher.iter(|| {
                    run(Command::new(program).args(*arguments).current_dir(directory.path()));
                });
            });
        }
    }
    group.finish();
}

/// Whether the program can be started; says so if not.
fn is_there(program: &str) -> bool {
    let output = Command::new(program).arg("version").output();
    if output.is_err() {
        println!("skipped: needs {program}");
    }
    output.is_ok()
}

fn convert(directory: &Path) {
    run(Command::new(env!("CARGO_BIN_EXE_longshore")).arg("convert").current_dir(directory));
}

fn run(command: &mut Command) {
    let status = command.stdout(Stdio::null()).stderr(Stdio::null()).status().unwrap();
    assert!(status.success(), "{command:?}");
}

criterion_group!(benches, load, in_process, whole_process, config);
criterion_main!(benches);
