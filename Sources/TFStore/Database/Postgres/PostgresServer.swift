import CPQ

/// One of the servers that an address names.
///
/// Each is tried by itself: libpq goes on to the next one if nobody listens, but gives up at one that takes the connection
/// and ends it, as a proxy does whose server is dead.
struct PostgresServer: Sendable, Hashable {
    /// As in the address; nil: not given there.
    let host: String?
    let address: String?
    let port: String?

    /// What is set behind the address, to mean this server alone.
    var settings: [(name: String, value: String)] {
        [("host", host), ("hostaddr", address), ("port", port)].compactMap { name, value in value.map { (name, $0) } }
    }

    /// Those of an address that libpq takes; one without settings if it names none, or cannot be read: libpq tells then
    /// what is wrong.
    static func all(in url: String) -> [PostgresServer] {
        guard let options = PQconninfoParse(url, nil) else {
            return [PostgresServer(host: nil, address: nil, port: nil)]
        }
        defer { PQconninfoFree(options) }
        var lists: [String: [String]] = [:]
        var option = options
        while let name = option.pointee.keyword {
            if let value = option.pointee.val {
                lists[String(cString: name)] = String(cString: value).split(
                    separator: ",", omittingEmptySubsequences: false
                ).map(String.init)
            }
            option += 1
        }
        let (hosts, addresses, ports) = (lists["host"] ?? [], lists["hostaddr"] ?? [], lists["port"] ?? [])
        let count = max(hosts.count, addresses.count)
        let isEven =
            [hosts, addresses].allSatisfy { [0, count].contains($0.count) } && [0, 1, count].contains(ports.count)
        guard count > 1, isEven else { return [PostgresServer(host: nil, address: nil, port: nil)] }
        return (0..<count).map { index in
            PostgresServer(
                host: hosts.isEmpty ? nil : hosts[index], address: addresses.isEmpty ? nil : addresses[index],
                port: ports.count > 1 ? ports[index] : ports.first)
        }
    }
}
