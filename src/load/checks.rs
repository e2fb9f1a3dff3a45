//! What the schema cannot say: attributes that exclude each other, and names that lead nowhere.

mod cycle;
mod project;
mod tree;

pub use project::check_project;
pub use tree::check_tree;
