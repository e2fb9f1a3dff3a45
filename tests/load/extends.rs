//! Section 8: a service over another one.

#[path = "extends/inherited.rs"]
mod inherited;
#[path = "extends/other_file.rs"]
mod other_file;
#[path = "extends/paths.rs"]
mod paths;
#[path = "extends/refused.rs"]
mod refused;
#[path = "extends/services.rs"]
mod services;

use crate::case::Case;

fn case<'a>(
    name: &'a str,
    files: &'a [(&'a str, &'a str)],
    values: &'a [(&'a str, &'a str)],
) -> Case<'a> {
    Case { name, files, values, ..Case::default() }
}

/// A base with all that tests want from another file.
const BASE: (&str, &str) = (
    "lib/base.yaml",
    "
services:
  base: {image: base}
  another: {extends: base}
  with-port: {image: base, ports: ['8000:8000']}
  with-ulimits: {image: base, ulimits: {nproc: 65535, nofile: {soft: 20000, hard: 40000}}}
  with-build: {extends: {file: sibling.yaml, service: test}}
  empty:
",
);
const SIBLING: (&str, &str) = ("lib/sibling.yaml", "services: {test: {build: .}}");
