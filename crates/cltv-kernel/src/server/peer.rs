//! Which user a connection from this machine belongs to.
//!
//! A kernel publishes outputs to whoever connects, without a key. Other users of the machine must not read them.

use anyhow::{Result, anyhow};
use std::net::{IpAddr, SocketAddr};
use tokio::net::TcpStream;

use crate::private::own_id;

/// The system's lists of connections, by address family.
const LISTS: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

/// Refuses a connection that a program of another user of this machine has made; the superuser's is let in.
///
/// A connection from another machine is let in, because whoever opens the kernel's ports to other machines wants that.
/// So is every connection on a system that does not list them.
pub(super) fn check(client: &TcpStream) -> Result<()> {
    let (from, to) = (client.peer_addr()?, client.local_addr()?);
    let lists: Vec<String> = LISTS.iter().filter_map(|list| std::fs::read_to_string(list).ok()).collect();
    if lists.is_empty() {
        return Ok(());
    }
    match lists.iter().find_map(|list| owner(list, from, to)) {
        Some(user) if user == own_id() || user == 0 => Ok(()),
        Some(user) => Err(anyhow!("user {user} made it, and this kernel answers the user who runs it alone")),
        // It has been closed since, or comes from another machine.
        None if from.ip().is_loopback() => Err(anyhow!("the system does not say which user made it")),
        None => Ok(()),
    }
}

/// The user of the connection between two addresses, as a list of the system names it.
///
/// The columns are those of `proc_pid_net(5)`: number, local address, remote address, state, queues, timer,
/// retransmissions, user.
fn owner(list: &str, from: SocketAddr, to: SocketAddr) -> Option<u32> {
    let (from, to) = (names(from), names(to));
    list.lines().find_map(|line| {
        let mut columns = line.split_ascii_whitespace().skip(1);
        let (local, remote) = (columns.next()?, columns.next()?);
        let is_it = from.iter().any(|name| name == local) && to.iter().any(|name| name == remote);
        if is_it { columns.nth(4)?.parse().ok() } else { None }
    })
}

/// An address as the lists write it: words of 32 bits in the machine's order of bytes, and the port. An address of
/// version 4 stands in the list of version 6 where the program uses a socket of version 6.
fn names(address: SocketAddr) -> Vec<String> {
    let port = address.port();
    let words = |bytes: &[u8]| -> String {
        let words =
            bytes.chunks_exact(4).map(|word| u32::from_ne_bytes([word[0], word[1], word[2], word[3]]));
        words.map(|word| format!("{word:08X}")).collect()
    };
    match address.ip().to_canonical() {
        IpAddr::V4(ip) => {
            let mapped = words(&ip.to_ipv6_mapped().octets());
            vec![format!("{}:{port:04X}", words(&ip.octets())), format!("{mapped}:{port:04X}")]
        }
        IpAddr::V6(ip) => vec![format!("{}:{port:04X}", words(&ip.octets()))],
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Ipv6Addr;
    use tokio::net::TcpListener;

    const LIST: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 101 1
   1: 0100007F:1F90 0100007F:A0C2 01 00000000:00000000 00:00000000 00000000     0        0 102 1
   2: 0100007F:A0C2 0100007F:1F90 01 00000000:00000000 00:00000000 00000000  1000        0 103 1
";
    const LIST6: &str = "  sl  local_address                         remote_address                        st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0000000000000000FFFF00000100007F:A0C3 0000000000000000FFFF00000100007F:1F90 01 00000000:00000000 00:00000000 00000000  1001        0 104 1
   1: 00000000000000000000000001000000:A0C4 00000000000000000000000001000000:1F90 01 00000000:00000000 00:00000000 00000000  1002        0 105 1
";

    #[test]
    #[cfg(target_endian = "little")]
    fn the_owner_is_the_one_at_the_clients_end() {
        let v4 = |port: u16| SocketAddr::from(([127, 0, 0, 1], port));
        let v6 = |port: u16| SocketAddr::from((Ipv6Addr::LOCALHOST, port));
        assert_eq!(owner(LIST, v4(0xA0C2), v4(8080)), Some(1000));
        assert_eq!(owner(LIST, v4(8080), v4(0xA0C2)), Some(0));
        assert_eq!(owner(LIST, v4(0xA0C2), v4(8081)), None);
        assert_eq!(owner(LIST6, v4(0xA0C3), v4(8080)), Some(1001));
        assert_eq!(owner(LIST6, v6(0xA0C4), v6(8080)), Some(1002));
        assert_eq!(owner("", v4(1), v4(2)), None);
    }

    #[tokio::test]
    async fn a_connection_of_this_user_is_let_in() {
        for address in ["127.0.0.1:0", "[::1]:0"] {
            // A machine can be without addresses of version 6.
            let Ok(listener) = TcpListener::bind(address).await else { continue };
            let client = TcpStream::connect(listener.local_addr().unwrap());
            let (client, accepted) = tokio::join!(client, listener.accept());
            check(&accepted.unwrap().0).unwrap();
            drop(client);
        }
    }
}
