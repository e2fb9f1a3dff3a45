//! Pods and their network on a real container engine; without one the tests say so and pass.

#![expect(clippy::unwrap_used, reason = "a test may fail")]
#![expect(clippy::indexing_slicing, reason = "a test may fail")]
#![expect(clippy::panic, reason = "a test may fail")]
#![expect(clippy::print_stdout, reason = "tests say what they skip")]

mod engine {
    mod build;
    mod cluster;
    mod conformance;
    mod image;
    mod kill;
    mod machine;
    mod network;
    mod pods;
    mod push;
    mod server;
    mod site;
    mod streams;
    mod up;
    mod volumes;
}
