import NIOCore
import TFConfiguration
import Testing

@testable import tf_daemon

/// Which addresses workflows may call.
@Suite struct AddressPolicyTests {
    private static func bytes(_ text: String) throws -> [UInt8] { try #require(AddressRange.bytes(of: text)) }

    @Test(arguments: [
        "127.0.0.1", "127.255.0.1", "10.0.0.1", "172.16.0.1", "172.31.255.255", "192.168.1.1", "169.254.169.254",
        "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fd00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::10.0.0.1", "2002:7f00:1::", "::127.0.0.1", "2001:db8::1",
    ])
    func `an address that is not public is refused, in every spelling`(_ address: String) throws {
        #expect(!AddressPolicy(allowed: []).allows(try Self.bytes(address)))
    }

    @Test(arguments: [
        "1.1.1.1", "93.184.215.14", "172.32.0.1", "2606:4700::1111", "::ffff:1.1.1.1", "64:ff9b::1.1.1.1",
    ])
    func `a public address is allowed`(_ address: String) throws {
        #expect(AddressPolicy(allowed: []).allows(try Self.bytes(address)))
    }

    @Test func `an operator opens a range, and no more`() throws {
        let policy = AddressPolicy(allowed: [try #require(AddressRange("10.1.0.0/16"))])
        #expect(policy.allows(try Self.bytes("10.1.2.3")))
        #expect(!policy.allows(try Self.bytes("10.2.0.1")))
    }

    @Test func `who is cancelled does not wait for a name server, whose answer comes too late`() async {
        let answer = LateAnswer<[String]>()
        let waiting = Task {
            try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { answer.wait($0) }
            } onCancel: {
                answer.give(.failure(CancellationError()))
            }
        }
        waiting.cancel()
        await #expect(throws: CancellationError.self) { try await waiting.value }
        answer.give(.success(["192.0.2.1"]))
    }

    @Test func `a host is not looked up for longer than its request may take`() async throws {
        let policy = AddressPolicy(allowed: ["127.0.0.0/8", "::1/128"].compactMap { AddressRange($0) })
        #expect(try await !policy.resolve("localhost", before: .now() + .seconds(30)).isEmpty)
        do {
            _ = try await policy.resolve("localhost", before: .now() - .seconds(1))
            Issue.record("it was looked up")
        } catch CallFailure.unreachable(let reason) { #expect(reason.contains("in time")) }
    }

    @Test func `a host is refused when its name leads inside`() async {
        await #expect(throws: CallFailure.self) {
            try await AddressPolicy(allowed: []).resolve("localhost", before: .now() + .seconds(30))
        }
        await #expect(throws: CallFailure.self) {
            try await AddressPolicy(allowed: []).resolve("::1", before: .now() + .seconds(30))
        }
        // An old spelling of 127.0.0.1 that resolvers still take.
        await #expect(throws: CallFailure.self) {
            try await AddressPolicy(allowed: []).resolve("2130706433", before: .now() + .seconds(30))
        }
    }
}
