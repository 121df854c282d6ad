import Dispatch
import Glibc
import TestSupport
import Testing

@testable import TFStore

/// The servers that an address names.
@Suite struct PostgresServerTests {
    private static func settings(_ url: String) -> [[String]] {
        PostgresServer.all(in: url).map { $0.settings.map { "\($0.name)=\($0.value)" } }
    }

    @Test func `an address names its servers one by one`() {
        #expect(
            Self.settings("postgresql://u@a:1,b:2/d?target_session_attrs=read-write")
                == [["host=a", "port=1"], ["host=b", "port=2"]])
        #expect(
            Self.settings("postgresql:///d?host=a,b,/run&port=7&user=u").map(\.last) == ["port=7", "port=7", "port=7"])
        #expect(Self.settings("host=a,b hostaddr=10.0.0.1,10.0.0.2").map(\.count) == [2, 2])
    }

    @Test(arguments: ["postgresql:///d", "postgresql://a:1/d", "host=a,b port=1,2,3", "no address at all ="])
    func `an address of one server, or none that can be read, is left as it is`(_ url: String) {
        #expect(Self.settings(url) == [[]])
    }
}

/// A server behind something that takes connections and ends them.
@Suite(.onPostgres, .timeLimit(.minutes(5))) struct DeadProxyTests {
    /// A socket on loopback that ends what it accepts.
    private final class Door: Sendable {
        let port: UInt16
        private let listener: Int32

        init() throws {
            let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var address = sockaddr_in()
            address.sin_family = sa_family_t(AF_INET)
            address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
            var length = socklen_t(MemoryLayout<sockaddr_in>.size)
            let port = try withUnsafeMutableBytes(of: &address) { bytes -> UInt16 in
                let pointer = bytes.baseAddress?.assumingMemoryBound(to: sockaddr.self)
                let isOpen = bind(listener, pointer, length) == 0 && listen(listener, 16) == 0
                try #require(isOpen && getsockname(listener, pointer, &length) == 0)
                return bytes.load(as: sockaddr_in.self).sin_port.bigEndian
            }
            (self.port, self.listener) = (port, listener)
            // Ends with the listener.
            DispatchQueue(label: "door").async {
                while case let visitor = accept(listener, nil, nil), visitor >= 0 { close(visitor) }
            }
        }

        deinit { shutdown(listener, Int32(SHUT_RDWR)) }
    }

    @Test func `the servers behind it in the address are tried all the same`() async throws {
        try await TestPostgres.with { server in
            let door = try Door()
            let url = server.url(of: "postgres")
                .replacing("host=", with: "host=127.0.0.1,").appending("&port=\(door.port),5432")
            try await withCheckedThrowingContinuation { continuation in
                DispatchQueue(label: "blocking test").async {
                    continuation.resume(
                        with: Result { _ = try PostgresConnection(url).run("SELECT 1", []) })
                }
            }
            withExtendedLifetime(door) {}
        }
    }
}
