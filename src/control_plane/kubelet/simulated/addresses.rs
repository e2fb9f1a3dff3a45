use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use super::super::runtime::RuntimeError;

/// The addresses of a pod range.
#[derive(Debug)]
pub(super) struct Addresses {
    base: u32,
    size: u32,
    taken: BTreeSet<u32>,
    next: u32,
}

impl Addresses {
    /// The range `base/prefix`; its first two addresses (network and gateway) and its last are left out.
    pub(super) fn new(base: Ipv4Addr, prefix: u8) -> Self {
        let size = 1_u32.checked_shl(32 - u32::from(prefix.min(32))).unwrap_or(u32::MAX);
        Self { base: u32::from(base), size, taken: BTreeSet::new(), next: 2 }
    }

    /// A free address; one that was given back comes again last.
    pub(super) fn allocate(&mut self) -> Result<IpAddr, RuntimeError> {
        let last = self.size.saturating_sub(1);
        for _ in 2..last {
            let offset = self.next;
            self.next = if offset + 1 < last { offset + 1 } else { 2 };
            if self.taken.insert(offset) {
                return Ok(IpAddr::V4(Ipv4Addr::from(self.base + offset)));
            }
        }
        let range = format!("{}/{}", Ipv4Addr::from(self.base), 32 - self.size.trailing_zeros());
        Err(RuntimeError::NoAddress { range })
    }

    /// Marks an address as taken.
    pub(super) fn take(&mut self, address: IpAddr) {
        self.taken.extend(self.offset(address));
    }

    /// Gives an address back.
    pub(super) fn release(&mut self, address: IpAddr) {
        if let Some(offset) = self.offset(address) {
            self.taken.remove(&offset);
        }
    }

    fn offset(&self, address: IpAddr) -> Option<u32> {
        let IpAddr::V4(address) = address else { return None };
        u32::from(address).checked_sub(self.base).filter(|offset| *offset < self.size)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_given_once_and_run_out() {
        let mut addresses = Addresses::new(Ipv4Addr::new(10, 0, 0, 0), 29);
        addresses.take("10.0.0.3".parse().unwrap());
        let given: Vec<String> =
            (0..4).map(|_| addresses.allocate().unwrap().to_string()).collect();
        assert_eq!(given, ["10.0.0.2", "10.0.0.4", "10.0.0.5", "10.0.0.6"]);
        let error = addresses.allocate().unwrap_err();
        assert_eq!(error.to_string(), "no address is left in 10.0.0.0/29");
        addresses.release("10.0.0.4".parse().unwrap());
        assert_eq!(addresses.allocate().unwrap().to_string(), "10.0.0.4");
    }
}
