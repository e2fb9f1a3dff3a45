use std::collections::HashMap;
use std::net::{IpAddr, SocketAddrV4};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use super::super::table::Service;

/// Clients that are remembered before those are forgotten whose time has passed.
const CLIENTS: usize = 1024;

/// What is behind one listener.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(in super::super) struct Backends {
    pub(in super::super) endpoints: Vec<SocketAddrV4>,
    /// How long a client keeps its endpoint after its last connection.
    pub(in super::super) affinity: Option<Duration>,
}

/// Chooses an endpoint for each connection.
#[derive(Debug)]
pub(in super::super) struct Balancer(Mutex<State>);

#[derive(Debug)]
struct State {
    backends: Backends,
    next: usize,
    clients: HashMap<IpAddr, (SocketAddrV4, Instant)>,
}

impl Backends {
    /// These endpoints, by the rules of their Service.
    pub(in super::super) fn of(service: &Service, endpoints: &[SocketAddrV4]) -> Self {
        let affinity = service.affinity_seconds.map(|seconds| Duration::from_secs(seconds.into()));
        Self { endpoints: endpoints.to_vec(), affinity }
    }
}

impl Balancer {
    pub(in super::super) fn new(backends: Backends) -> Self {
        Self(Mutex::new(State { backends, next: 0, clients: HashMap::new() }))
    }

    /// From now on, these are behind it.
    pub(in super::super) fn update(&self, backends: &Backends) {
        let mut state = self.lock();
        if state.backends == *backends {
            return;
        }
        state.backends = backends.clone();
        let State { backends, clients, .. } = &mut *state;
        clients.retain(|_, (endpoint, _)| {
            backends.affinity.is_some() && backends.endpoints.contains(endpoint)
        });
    }

    /// Whether an endpoint is behind it.
    pub(super) fn has(&self, endpoint: SocketAddrV4) -> bool {
        self.lock().backends.endpoints.contains(&endpoint)
    }

    /// All endpoints, in the order in which a client tries them.
    pub(in super::super) fn candidates(&self, client: IpAddr) -> Vec<SocketAddrV4> {
        let mut state = self.lock();
        let mut candidates = state.backends.endpoints.clone();
        if candidates.is_empty() {
            return candidates;
        }
        let kept = state.kept(client);
        let first = kept.and_then(|kept| candidates.iter().position(|one| *one == kept));
        let first = first.unwrap_or_else(|| {
            state.next = state.next.wrapping_add(1);
            state.next.wrapping_sub(1) % candidates.len()
        });
        candidates.rotate_left(first);
        candidates
    }

    /// A client was connected to an endpoint.
    pub(in super::super) fn keep(&self, client: IpAddr, endpoint: SocketAddrV4) {
        let mut state = self.lock();
        let Some(timeout) = state.backends.affinity else { return };
        if state.clients.len() >= CLIENTS {
            state.clients.retain(|_, (_, last)| last.elapsed() < timeout);
        }
        state.clients.insert(client, (endpoint, Instant::now()));
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn kept(&self, client: IpAddr) -> Option<SocketAddrV4> {
        let timeout = self.backends.affinity?;
        let (endpoint, last) = self.clients.get(&client)?;
        (last.elapsed() < timeout).then_some(*endpoint)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn backends(ports: &[u16], affinity: Option<u64>) -> Backends {
        let endpoints = ports.iter().map(|port| format!("10.0.0.1:{port}").parse().unwrap());
        Backends { endpoints: endpoints.collect(), affinity: affinity.map(Duration::from_secs) }
    }

    fn client(last: u8) -> IpAddr {
        IpAddr::from([10, 0, 1, last])
    }

    /// The endpoint that a client tries first, and gets.
    fn first(balancer: &Balancer, from: u8) -> u16 {
        let endpoint = balancer.candidates(client(from))[0];
        balancer.keep(client(from), endpoint);
        endpoint.port()
    }

    #[test]
    fn endpoints_take_turns_and_all_are_tried() {
        let balancer = Balancer::new(backends(&[1, 2, 3], None));
        let firsts: Vec<u16> = (0..6).map(|_| first(&balancer, 1)).collect();
        assert_eq!(firsts, [1, 2, 3, 1, 2, 3]);
        let ports = |from| {
            let all = balancer.candidates(client(from));
            all.iter().map(SocketAddrV4::port).collect::<Vec<_>>()
        };
        assert_eq!([ports(1), ports(1)], [[1, 2, 3], [2, 3, 1]]);
        balancer.update(&Backends::default());
        assert!(balancer.candidates(client(1)).is_empty());
    }

    #[tokio::test(start_paused = true)]
    async fn a_client_keeps_its_endpoint_while_it_comes_back_in_time() {
        let balancer = Balancer::new(backends(&[1, 2], Some(10)));
        assert_eq!([first(&balancer, 1), first(&balancer, 2)], [1, 2]);
        for _ in 0..3 {
            tokio::time::advance(Duration::from_secs(9)).await;
            assert_eq!([first(&balancer, 1), first(&balancer, 2)], [1, 2]);
        }
        balancer.update(&backends(&[2, 3], Some(10)));
        assert_eq!([first(&balancer, 2), first(&balancer, 2)], [2, 2]);
        tokio::time::advance(Duration::from_secs(11)).await;
        assert_eq!([first(&balancer, 2), first(&balancer, 3)], [2, 3]);
    }
}
