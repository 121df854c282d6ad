import Glibc

/// Starts something that listens on a port. What was free a moment ago may be taken now, so that another port is tried
/// when it does not start.
/// - Parameter start: is given a port which is free together with the next one. nil: it ended at once.
package func onFreePort<Value>(_ start: (Int) async throws -> Value?) async throws -> Value {
    for _ in 0..<20 {
        // Even ones, below those that the kernel gives to clients.
        let port = 2 * Int.random(in: 5_000..<16_000)
        guard isFree(port), isFree(port + 1) else { continue }
        if let value = try await start(port) { return value }
    }
    throw NeverHappened(what: "something listens on a free port", tries: 20, lastError: nil)
}

/// Whether nobody listens on a port of this machine, by either family of addresses.
package func isFree(_ port: Int) -> Bool {
    var ipv4 = sockaddr_in()
    ipv4.sin_family = sa_family_t(AF_INET)
    ipv4.sin_port = in_port_t(port).bigEndian
    ipv4.sin_addr.s_addr = in_addr_t(INADDR_LOOPBACK).bigEndian
    var ipv6 = sockaddr_in6()
    ipv6.sin6_family = sa_family_t(AF_INET6)
    ipv6.sin6_port = in_port_t(port).bigEndian
    ipv6.sin6_addr = in6addr_loopback
    return canBind(&ipv4, AF_INET) && canBind(&ipv6, AF_INET6)
}

private func canBind<Address>(_ address: inout Address, _ family: Int32) -> Bool {
    let descriptor = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    // A machine without IPv6 has nobody who listens there.
    guard descriptor >= 0 else { return true }
    defer { close(descriptor) }
    // As servers do: closed connections that linger on the port are no hindrance.
    var isOn: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
    let done = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
            bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size))
        }
    }
    return done == 0 || errno == EADDRNOTAVAIL
}
