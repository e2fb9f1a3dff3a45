//! What the schema cannot say: attributes that exclude each other, and names that lead nowhere.

mod container_name;
mod cycle;
mod members;
mod project;
mod reference;
mod service;
mod tree;

pub use container_name::check_container_names;
pub use members::Members;
pub use project::check_project;
pub use tree::check_tree;
