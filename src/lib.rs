//! longshore: from `compose.yaml` to Kubernetes, with Kubernetes included.
//!
//! ```text
//! compose files ─load─▶ Project ─┬─translate─▶ contexts ─render─▶ patch ─▶ Objects ─┬─(chart)─▶ output ─▶ files | stdout
//!                 │              ├─compose_file─▶ one canonical Compose file         └─ deploy ─▶ API server: bundled | any kubeconfig
//!                 └─── Report ───┴─migration─▶ one page: what is lost, and what to do
//! ```
//!
//! The modules below stand in the order in which data flows; read them from top to bottom.
//! [`diagnostic`], [`model`], [`yaml`], [`kubernetes`] and [`engine`] are leaves: they import nothing of ours
//! (but `model` uses `diagnostic`). `tests/layering.rs` holds the import rules.
//!
//! Where a container [`engine`] answers, the bundled [`control_plane`] runs its pods on it, and [`build`] its images.
//!
//! # Who owns which file on disk
//!
//! | module | files |
//! |---|---|
//! | [`load`] | reads the compose files, `.env`, `env_file`s, files of configs and secrets, and what is bind-mounted of the project |
//! | [`render`] | reads the templates that `--templates` overrides |
//! | [`patch`] | reads the files of `--patch` |
//! | [`build`] | reads contexts of builds, with their Dockerfiles and `.dockerignore` |
//! | [`containers`] | what `cp` copies from and to |
//! | [`output`] | writes manifests, and replaces only files that it wrote itself; the product of `config` |
//! | [`control_plane`] | the data directory: store, certificates, kubeconfig, process id, log, and what pods mount |

pub mod diagnostic;
pub mod model;
pub mod yaml;

pub mod load;

pub mod compose_file;

pub mod migration;

pub mod kubernetes;

pub mod translate;

pub mod render;

pub mod patch;

pub mod chart;

pub mod output;

pub mod deploy;

pub mod containers;

pub mod engine;

pub mod build;

pub mod control_plane;

pub mod cli;
