import Logging
import TestSupport
import Testing

@testable import TFQueue

/// How `redis.url` is read.
@Suite struct RedisAddressTests {
    @Test(arguments: [
        ("redis://localhost", "redis://localhost:6379", false),
        ("redis://u:p@example.com:1", "redis://example.com:1", false),
        ("redis://:p@example.com:1", "redis://example.com:1", false),
        ("redis://example.com:1", "redis://example.com:1", true),
        ("redis+unix:///a/b.sock", "redis+unix:///a/b.sock", false),
        ("rediss://example.com", "rediss://example.com:6379", false),
        ("rediss://u:p%40ss@[::1]:7/0?ca=/etc/ca.pem", "rediss://[::1]:7", false),
        ("redis://[2001:db8::1]", "redis://[2001:db8::1]:6379", true),
        ("redis+sentinel://a,b:1,[::1]/main", "redis+sentinel://a:26379,b:1,[::1]:26379/main", true),
        (
            "redis+sentinel://127.0.0.1,localhost:2/main?db=0", "redis+sentinel://127.0.0.1:26379,localhost:2/main",
            false
        ),
        ("redis+sentinel://u:p@a/main", "redis+sentinel://a:26379/main", false),
        ("redis+sentinel://a/main?sentinel_password=s", "redis+sentinel://a:26379/main", true),
        ("rediss+sentinel://a/main?ca=/ca.pem", "rediss+sentinel://a:26379/main", false),
    ])
    func `addresses are read and shown without the password`(_ text: String, _ shown: String, _ isOpen: Bool) throws {
        let address = try RedisAddress(text)
        #expect(address.description == shown)
        #expect(address.isOpenToTheNetwork == isOpen)
    }

    @Test func `servers and sentinels have credentials of their own`() throws {
        let text = "rediss+sentinel://u:p%40@a,b:7/main?sentinel_user=s&sentinel_password=q%26&ca=/ca.pem"
        guard case .sentinel(let sentinels) = try RedisAddress(text) else { throw Unexpected(description: text) }
        #expect(sentinels.credentials == .init(user: "u", password: "p@"))
        #expect(sentinels.sentinels.map(\.port) == [26_379, 7])
        #expect(sentinels.sentinels.allSatisfy { $0.credentials == .init(user: "s", password: "q&") })
        #expect(sentinels.sentinels.allSatisfy { $0.tls?.authorities == "/ca.pem" })
        #expect(sentinels.tls?.authorities == "/ca.pem")
    }

    @Test(arguments: [
        ("", "begins with none of"), ("http://x", "begins with none of"), ("redis://", "a host is missing"),
        ("redis://x:99999", "1 to 65535"), ("redis+unix://", "path is missing"), ("redis+unix://a", "path is missing"),
        ("redis+unix:///" + String(repeating: "s", count: 103), "103 bytes at most"),
        ("redis://a@b@c", "more than one @"), ("redis://a@b", "no password"), ("redis://x/1", "database 0"),
        ("redis://x?db=3", "database 0"), ("redis://[::1", "has no ]"), ("redis://x?ca=/y", "means nothing here"),
        ("rediss://x?ca=", "has no value"), ("redis://[::1]x", "behind ]"), ("redis://a,b", "2 servers"),
        ("redis://a,redis://b", "separated by spaces"), ("redis://a:1,redis://b", "separated by spaces"),
        ("redis://::1", "in [ ]"), ("redis+sentinel://a,b", "name of the primary"),
        ("redis+sentinel://a/", "name of the primary"), ("redis+sentinel://a/x/y", "name of the primary"),
        ("redis+sentinel://a,/main", "a host is missing"), ("redis+sentinel://a/main?ca=/y", "means nothing here"),
        ("redis+sentinel://a/main?db=1", "database 0"), ("redis+sentinel://a/m?sentinel_user=s", "sentinel_password"),
    ])
    func `other texts are no address, and the error says why`(_ text: String, _ reason: String) {
        let error = #expect(throws: QueueError.self) { try RedisAddress(text) }
        #expect(error?.description.contains(reason) == true, "\(String(describing: error))")
    }

    @Test(arguments: ["redis://u:secret@a:x", "redis+sentinel://u:secret@a,b", "redis://a?sentinel_password=secret"])
    func `an error shows no password`(_ text: String) {
        let error = #expect(throws: QueueError.self) { try RedisAddress(text) }
        #expect(error?.description.contains("secret") == false, "\(String(describing: error))")
    }

    @Test func `a list is separated by white space, and its names differ`() throws {
        let list = try RedisAddress.list(" redis://a:1  redis+sentinel://b,c/main\nredis+unix:///d.sock ")
        #expect(list.map(\.name) == ["a:1", "main", "/d.sock"])
        for text in ["", "  ", "redis://a redis://u:p@a:6379", "redis+sentinel://a/main redis+sentinel://b/main"] {
            #expect(throws: QueueError.self) { try RedisAddress.list(text) }
        }
    }
}
