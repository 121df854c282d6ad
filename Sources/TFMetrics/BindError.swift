import Glibc
import NIOCore

/// An address that a program cannot listen on, with what to do.
package struct BindError: Error, CustomStringConvertible {
    package let description: String

    /// nil: the error is another one.
    /// - Parameter setting: that the address comes from, with its place (`Settings.place`).
    package init?(_ error: any Error, setting: String, _ address: (host: String, port: Int)) {
        let place = "\(address.host):\(address.port)"
        if let unknown = error as? SocketAddressError.UnknownHost {
            description =
                "there is no host \(address.host) (\(unknown.errorDescription)); write a name or an address of this machine, "
                + "such as 127.0.0.1:\(address.port), or 0.0.0.0 for all, into the setting \(setting)"
            return
        }
        switch (error as? IOError)?.errnoCode {
        case EADDRINUSE:
            description =
                "\(place) is taken by another program; end that one (`ss -ltnp 'sport = :\(address.port)'` names it), or "
                + "choose another with the setting \(setting)"
        case EADDRNOTAVAIL:
            description =
                "this machine has no address \(address.host); write one that `ip address` shows, or 0.0.0.0 for all, into "
                + "the setting \(setting)"
        case EACCES, EPERM:
            description =
                "this account may not listen on \(place); choose a port from 1024 on with the setting \(setting), behind a "
                + "proxy"
        default: return nil
        }
    }
}
