import Logging
import TestSupport
import Testing

@testable import TFQueue

/// Which of several servers has a company.
@Suite(.onItsOwnThread) struct RendezvousTests {
    private static let companies = (0..<500).map { "company-\($0)" }

    private static func owners(_ names: [String]) -> [String: String] {
        let choice = Rendezvous(names)
        return companies.reduce(into: [:]) { $0[$1] = names[choice.index(for: $1)] }
    }

    @Test(arguments: 1...8)
    func `one more or less of n servers moves its own share, and no other company`(_ count: Int) {
        let names = (0...count).map { "10.0.0.\($0):6379" }
        let (all, without) = (Self.owners(names), Self.owners(Array(names.dropLast())))
        let moved = Self.companies.filter { all[$0] != without[$0] }
        #expect(moved.allSatisfy { all[$0] == names[count] })
        #expect(Set(moved) == Set(Self.companies.filter { all[$0] == names[count] }))
        // A fair share, and five standard deviations.
        let share = Double(Self.companies.count) / Double(count + 1)
        #expect(abs(Double(moved.count) - share) < 5 * share.squareRoot(), "\(moved.count) of \(share)")
    }

    @Test func `the order of the list says nothing`() {
        let names = ["main", "a:6379", "/var/redis.sock", "b:6379"]
        let owners = Self.owners(names)
        for _ in 0..<20 { #expect(Self.owners(names.shuffled()) == owners) }
    }

    @Test func `a company is where it was in every earlier run`() {
        // As written by the first version: a change of the function would move every company of every site.
        let choice = Rendezvous(["a:6379", "b:6379", "c:6379"])
        #expect(["acme", "globex", "initech", "hooli"].map(choice.index) == [0, 2, 1, 1])
    }

    @Test func `servers are found by a company's slug`() throws {
        let addresses = try RedisAddress.list("redis://a redis://b redis://c")
        let servers = QueueServers(addresses, logger: Logger(label: "test"))
        for company in Self.companies {
            #expect(
                servers.all.filter { servers.isOn($0, company: company) }.map(\.name) == [
                    servers.server(of: company).name
                ])
        }
    }
}
