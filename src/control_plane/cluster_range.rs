use std::fmt;
use std::net::Ipv4Addr;
use std::str::FromStr;

/// The addresses of one cluster: `10.N.0.0/16`.
///
/// ```text
///  10.N.0.0/17     pods; .0.1 is the machine that they run on
///  10.N.128.0/17   services; .128.1 is `kubernetes`, .128.10 is DNS
///  10.N.255.254    the gateway, which answers for all services
/// ```
///
/// Two clusters on one machine have different ones.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClusterRange([u8; 2]);

/// A range of addresses: base and prefix length.
pub type Subnet = (Ipv4Addr, u8);

/// The first choice.
const FIRST: u8 = 88;

impl Default for ClusterRange {
    fn default() -> Self {
        Self([10, FIRST])
    }
}

impl ClusterRange {
    /// The first range that has no address in common with others.
    pub fn free_of(taken: &[Subnet]) -> Option<Self> {
        let others = (FIRST + 1..=u8::MAX).chain(1..FIRST);
        let mut ranges = std::iter::once(FIRST).chain(others).map(|second| Self([10, second]));
        ranges.find(|range| !taken.iter().any(|other| range.overlaps(*other)))
    }

    /// Whether it has addresses in common with another range.
    pub fn overlaps(self, (base, prefix): Subnet) -> bool {
        let bits = prefix.min(16);
        let mask = u32::MAX.checked_shl(32 - u32::from(bits)).unwrap_or(0);
        u32::from(base) & mask == u32::from(self.at(0, 0)) & mask
    }

    /// All addresses.
    pub fn all(self) -> Subnet {
        (self.at(0, 0), 16)
    }

    /// The addresses of pods.
    pub fn pods(self) -> Subnet {
        (self.at(0, 0), 17)
    }

    /// The addresses of services.
    pub fn services(self) -> Subnet {
        (self.at(128, 0), 17)
    }

    /// The machine, as pods see it.
    pub fn host(self) -> Ipv4Addr {
        self.at(0, 1)
    }

    /// The service `kubernetes`.
    pub fn kubernetes(self) -> Ipv4Addr {
        self.at(128, 1)
    }

    /// The cluster's DNS.
    pub fn dns(self) -> Ipv4Addr {
        self.at(128, 10)
    }

    /// Services that ask for no address get one from here on.
    pub fn first_free_service(self) -> Ipv4Addr {
        self.at(129, 0)
    }

    /// The last address for a service.
    pub fn last_service(self) -> Ipv4Addr {
        self.at(255, 253)
    }

    /// The gateway: outside of what is given to pods and services.
    pub fn gateway(self) -> Ipv4Addr {
        self.at(255, 254)
    }

    fn at(self, third: u8, fourth: u8) -> Ipv4Addr {
        let [first, second] = self.0;
        Ipv4Addr::new(first, second, third, fourth)
    }
}

impl fmt::Display for ClusterRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (base, prefix) = self.all();
        write!(f, "{base}/{prefix}")
    }
}

impl FromStr for ClusterRange {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let base: Option<Ipv4Addr> = text.strip_suffix("/16").and_then(|base| base.parse().ok());
        match base.map(|base| base.octets()) {
            Some([first, second, 0, 0]) => Ok(Self([first, second])),
            _ => Err(format!("`{text}` is not of the form 10.N.0.0/16")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn subnet(text: &str) -> Subnet {
        let (base, prefix) = text.split_once('/').unwrap();
        (base.parse().unwrap(), prefix.parse().unwrap())
    }

    #[test]
    fn a_second_cluster_gets_another_range() {
        let free = |taken: &[&str]| {
            let taken: Vec<Subnet> = taken.iter().map(|text| subnet(text)).collect();
            ClusterRange::free_of(&taken).map(|range| range.to_string())
        };
        assert_eq!(free(&["172.17.0.0/16"]).unwrap(), "10.88.0.0/16");
        assert_eq!(free(&["10.88.0.0/16"]).unwrap(), "10.89.0.0/16");
        assert_eq!(free(&["10.88.3.0/24", "10.89.255.254/32"]).unwrap(), "10.90.0.0/16");
        // A private network of the company takes the upper half.
        assert_eq!(free(&["10.128.0.0/9", "10.64.0.0/10"]).unwrap(), "10.1.0.0/16");
        assert_eq!(free(&["10.0.0.0/8"]), None);
        assert_eq!(free(&["0.0.0.0/0"]), None);
    }

    #[test]
    fn a_range_is_read_back() {
        let range: ClusterRange = "10.91.0.0/16".parse().unwrap();
        assert_eq!(range.to_string(), "10.91.0.0/16");
        assert_eq!(range.kubernetes().to_string(), "10.91.128.1");
        for wrong in ["", "10.91.0.0/17", "10.300.0.0/16", "10.1.1.0/16"] {
            assert!(wrong.parse::<ClusterRange>().is_err(), "{wrong}");
        }
    }
}
