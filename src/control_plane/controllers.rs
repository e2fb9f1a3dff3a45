//! Controllers: `reconcile` functions on keyed queues, woken by events.
