import Foundation
import Synchronization
import TFExpression
import TestSupport
import Testing

/// One tf-web takes the place of another, on the same listening socket.
@Suite(.serialized) struct WebHandoverTests {
    private static let tickets = "/api/v1/companies/acme/tickets"
    private static let count = 200

    /// The numbers of the tickets that were acknowledged.
    private final class Taken: Sendable {
        private let state = Mutex<[Int]>([])

        var numbers: [Int] { state.withLock { $0 } }

        func add(_ number: Int) { state.withLock { $0.append(number) } }
    }

    @Test func `none of 200 tickets is reset or refused while one web takes another's place`() async throws {
        try await Processes.with(logLevel: "notice") { processes in
            processes.web.stop()
            let socket = try Self.listen(processes.port)
            let (first, second) = (ProcessBox(), ProcessBox())
            defer {
                first.stop()
                second.stop()
            }
            try processes.startWeb(first, on: socket)
            let uma = try await Program(processes.address, login: "uma")
            _ = try await eventually("purchases are offered") {
                try await uma.get("/api/v1/companies/acme/ticket-types/purchase")["name"] == "purchase" ? true : nil
            }
            let taken = Taken()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for lane in 0..<8 {
                    group.addTask {
                        // Connections are kept between tickets. Nothing is sent again: what fails fails the test.
                        for number in stride(from: lane, to: Self.count, by: 8) {
                            let form: JSON = ["item": .string("chair \(number)"), "amount": 1, "why": "to sit"]
                            let body: JSON = ["type": "purchase", "form": form]
                            let answer = try await uma.post(Self.tickets, body)
                            #expect(answer.status == 201, "\(answer.body)")
                            taken.add(answer.body["number"].intValue ?? 0)
                        }
                    }
                }
                _ = try await eventually("a quarter is taken") {
                    taken.numbers.count >= Self.count / 4 ? true : nil
                }
                try processes.startWeb(second, on: socket)
                _ = try await eventually("the second serves") {
                    try String(contentsOfFile: processes.log, encoding: .utf8)
                        .components(separatedBy: "serving").count > 3 ? true : nil
                }
                first.stop()
                try await group.waitForAll()
            }
            #expect(Set(taken.numbers).count == Self.count)
            #expect(second.isRunning)
            // Between the end of one and the start of the next, whoever comes waits.
            second.stop()
            async let late = uma.get("/api/v1/companies/acme/tickets?limit=1")
            try processes.startWeb(first, on: socket)
            #expect(try await late["items"].arrayValue?.count == 1)
        }
    }

    @Test func `what is handed over and is no socket that listens is refused with the reason`() async throws {
        let result = try await Processes.shell(
            "LISTEN_PID=$$ LISTEN_FDS=1 exec \(Processes.path("tf-web")) serve --data \(TestFolder.path("data")) 3</dev/null"
        )
        #expect(!result.status.isSuccess)
        #expect(result.error.contains("ListenStream="), "\(result.error)")
    }

    /// A socket that listens, which nobody serves yet.
    static func listen(_ port: Int) throws -> FileHandle {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var isOn: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &isOn, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = UInt16(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        let isBound = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(descriptor >= 0 && isBound == 0 && Glibc.listen(descriptor, 256) == 0)
        return FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    }
}
