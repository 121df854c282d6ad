import Foundation
import TFConfiguration

/// A listening socket that another program has opened and that this process serves: systemd, or whatever replaces one
/// tf-web by the next. As long as somebody holds it, connections wait in it and none is refused, also while no tf-web
/// runs; two of them may serve it at the same time.
///
/// It comes by the protocol of sd_listen_fds(3): `LISTEN_PID` names this process, `LISTEN_FDS` says how many sockets
/// there are, from descriptor 3 on.
enum InheritedSocket {
    private static let first: Int32 = 3

    /// - Returns: the descriptor; nil if there is none for this process.
    /// - Throws: `SettingsError` if it is more than one, or nothing that can be listened on.
    static func take() throws -> Int32? {
        let environment = ProcessInfo.processInfo.environment
        // Programs that this one starts must not take it for theirs.
        defer { for name in ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"] { unsetenv(name) } }
        guard environment["LISTEN_PID"].flatMap({ Int32($0) }) == getpid(),
            let count = environment["LISTEN_FDS"].flatMap({ Int($0) }), count > 0
        else { return nil }
        guard count == 1 else {
            throw SettingsError(description: "LISTEN_FDS hands over \(count) sockets; tf-web serves one address")
        }
        var (isListening, length): (Int32, socklen_t) = (0, socklen_t(MemoryLayout<Int32>.size))
        guard getsockopt(first, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0, isListening == 1 else {
            throw SettingsError(
                description: "descriptor 3 is no socket that listens, though LISTEN_FDS hands it over; "
                    + "the unit of systemd needs ListenStream=")
        }
        _ = fcntl(first, F_SETFD, FD_CLOEXEC)
        return first
    }
}
