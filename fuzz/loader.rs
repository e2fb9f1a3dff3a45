//! The loader of longshore with what it needs, and nothing else of the tool.

#![allow(dead_code, reason = "the rest of the tool uses some of it alone")]

#[path = "../src"]
mod source {
    pub mod compose_file;
    pub mod diagnostic;
    pub mod load;
    pub mod model;
    pub mod yaml;
}

pub use source::{compose_file, diagnostic, load, model, yaml};
