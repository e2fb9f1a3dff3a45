//! Objects to files or standard output.
