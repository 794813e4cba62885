//! Ports of well-known services that do not speak HTTP: a request there can only be meant to confuse them.

/// The "bad ports" of the WHATWG Fetch standard (§2.9), ascending.
const FETCH_BAD_PORTS: [u16; 83] = [
    0, 1, 7, 9, 11, 13, 15, 17, 19, 20, 21, 22, 23, 25, 37, 42, 43, 53, 69, 77, 79, 87, 95, 101, 102, 103,
    104, 109, 110, 111, 113, 115, 117, 119, 123, 135, 137, 139, 143, 161, 179, 389, 427, 465, 512, 513, 514,
    515, 526, 530, 531, 532, 540, 548, 554, 556, 563, 587, 601, 636, 989, 990, 993, 995, 1719, 1720, 1723,
    2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, 6665, 6666, 6667, 6668, 6669, 6679, 6697, 10080,
];

/// Databases, caches, queues, directories and remote shells that the browsers' list leaves out, ascending.
const MORE: [u16; 33] = [
    88,    // Kerberos
    445,   // SMB
    873,   // rsync
    1080,  // SOCKS
    1433,  // SQL Server
    1434,  // SQL Server browser
    1521,  // Oracle
    1883,  // MQTT
    2181,  // ZooKeeper
    3268,  // LDAP global catalogue
    3269,  // the same over TLS
    3306,  // MySQL
    3389,  // RDP
    4222,  // NATS
    4369,  // Erlang port mapper
    5432,  // PostgreSQL
    5671,  // AMQP over TLS
    5672,  // AMQP
    5900,  // VNC
    6379,  // Redis
    6380,  // Redis over TLS
    6432,  // PgBouncer
    8883,  // MQTT over TLS
    9042,  // Cassandra
    9092,  // Kafka
    11211, // memcached
    26379, // Redis Sentinel
    27017, // MongoDB
    27018, // MongoDB shard
    27019, // MongoDB configuration
    33060, // MySQL X
    61613, // STOMP
    61616, // OpenWire
];

/// Whether a web server may be expected at this port.
pub(super) fn may_speak_http(port: u16) -> bool {
    FETCH_BAD_PORTS.binary_search(&port).is_err() && MORE.binary_search(&port).is_err()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_lists_are_sorted_as_the_search_needs_them() {
        assert!(FETCH_BAD_PORTS.is_sorted() && MORE.is_sorted());
    }

    #[test]
    fn web_ports_pass_and_those_of_other_services_do_not() {
        for port in [80, 443, 3000, 5000, 8000, 8080, 8443, 9000, 9999, 49152, 65535] {
            assert!(may_speak_http(port), "{port}");
        }
        for port in
            [0, 22, 25, 53, 110, 143, 389, 465, 587, 636, 2049, 3306, 5432, 5672, 6379, 9042, 11211, 27017]
        {
            assert!(!may_speak_http(port), "{port}");
        }
    }
}
