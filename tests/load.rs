//! The loader on real files: `tests/load/`.

#![expect(clippy::unwrap_used, clippy::panic, reason = "the helpers of tests may fail")]

#[path = "load/anchors.rs"]
mod anchors;
#[path = "load/attributes.rs"]
mod attributes;
#[path = "load/bad.rs"]
mod bad;
#[path = "load/binding.rs"]
mod binding;
#[path = "load/canonical.rs"]
mod canonical;
#[path = "load/case.rs"]
mod case;
#[path = "load/cast.rs"]
mod cast;
#[path = "load/checks.rs"]
mod checks;
#[path = "load/consistency.rs"]
mod consistency;
#[path = "load/deliberate.rs"]
mod deliberate;
#[path = "load/directory.rs"]
mod directory;
#[path = "load/discovery.rs"]
mod discovery;
#[path = "load/dotenv.rs"]
mod dotenv;
#[path = "load/environment.rs"]
mod environment;
#[path = "load/extends.rs"]
mod extends;
#[path = "load/generate.rs"]
mod generate;
#[path = "load/generated.rs"]
mod generated;
#[path = "load/hostile.rs"]
mod hostile;
#[path = "load/include.rs"]
mod include;
#[path = "load/interpolation.rs"]
mod interpolation;
#[path = "load/limits.rs"]
mod limits;
#[path = "load/many.rs"]
mod many;
#[path = "load/merge.rs"]
mod merge;
#[path = "load/model.rs"]
mod model;
#[path = "load/mutated.rs"]
mod mutated;
#[path = "load/normalise.rs"]
mod normalise;
#[path = "load/order.rs"]
mod order;
#[path = "load/other_reader.rs"]
mod other_reader;
#[path = "load/paths.rs"]
mod paths;
#[path = "load/printed.rs"]
mod printed;
#[path = "load/profiles.rs"]
mod profiles;
#[path = "load/project.rs"]
mod project;
#[path = "load/project_name.rs"]
mod project_name;
#[path = "load/reference.rs"]
mod reference;
#[path = "load/reload.rs"]
mod reload;
#[path = "load/reset.rs"]
mod reset;
#[path = "load/round_trip.rs"]
mod round_trip;
#[path = "load/same.rs"]
mod same;
#[path = "load/schema.rs"]
mod schema;
#[path = "load/seeds.rs"]
mod seeds;
#[path = "load/service_files.rs"]
mod service_files;
#[path = "load/uniqueness.rs"]
mod uniqueness;
#[path = "load/windows_paths.rs"]
mod windows_paths;
#[path = "load/yaml.rs"]
mod yaml;
#[path = "load/yaml_limits.rs"]
mod yaml_limits;
