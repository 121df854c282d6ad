import Foundation
import Logging
import TFConfiguration
import TFMetrics
import TFQueue
import TFStore
import TFWatch
import TestSupport
import Testing

@testable import tf_daemon

/// The list of servers changes; on a real store and real Redis servers.
@Suite struct MovedCompanyTests {
    /// A store with companies, and the keepers of a list of servers.
    private struct Site {
        let store: Store
        let leader: Leadership
        let companies: [Company]

        static func make(companies count: Int) async throws -> Site {
            let store = try Store(directory: TestFolder.path("moved"), baseURL: "http://localhost:1")
            let leader = try await store.write { try $0.lead(as: "test", now: 1) }
            var companies: [Company] = []
            for number in 0..<count {
                companies.append(
                    try await store.write {
                        try $0.addCompany(slug: "c\(number)", name: "C", timezone: "UTC", now: 1)
                    })
            }
            return Site(store: store, leader: try #require(leader), companies: companies)
        }

        /// Does what the keepers of these servers do when they begin.
        func settle(_ servers: QueueServers) async throws {
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let keepers = QueueKeepers(
                servers: servers, store: store, figures: QueueFigures(registry: MetricRegistry()), mayTouch: {},
                shares: FairShares(), logger: logger)
            for keeper in keepers.all {
                try await keeper.checkEpochs(leader)
                try await keeper.removeMoved(leader)
            }
        }

        func epoch(of company: Company) async throws -> String? {
            try await store.read(in: company.id) { try $0.queueEpoch() }?.epoch
        }

        /// Each company is where it belongs, in the store's epoch, and nowhere else.
        func expectPlaces(_ servers: QueueServers) async throws {
            let slugs = companies.map(\.slug)
            for server in servers.all {
                let held = try await server.queues.companiesHeld(slugs)
                #expect(Set(held) == Set(slugs.filter { servers.isOn(server, company: $0) }))
            }
            for company in companies {
                let state = try await servers.queues(of: company.slug).state(company: company.slug)
                #expect(try await epoch(of: company) == state.epoch)
            }
        }
    }

    private static func servers(_ all: [TestRedis]) throws -> QueueServers {
        QueueServers(
            try all.map { try RedisAddress($0.address) }, logger: Logger(label: "test"), deadline: .seconds(600))
    }

    @Test func `only what belongs to the new server moves, and back again`() async throws {
        try await TestRedis.with { first in
            try await TestRedis.with { second in
                let site = try await Site.make(companies: 16)
                let (one, both) = (try Self.servers([first]), try Self.servers([first, second]))
                try await site.settle(one)
                try await site.expectPlaces(one)
                var before: [String: String?] = [:]
                for company in site.companies { before[company.slug] = try await site.epoch(of: company) }

                try await site.settle(both)
                try await site.expectPlaces(both)
                for company in site.companies {
                    let hasMoved = both.server(of: company.slug).name == second.socket
                    #expect(try await (site.epoch(of: company) != before[company.slug]) == hasMoved)
                }

                try await site.settle(one)
                try await site.expectPlaces(one)
                for servers in [one, both] { await servers.close() }
                try site.store.close()
            }
        }
    }
}
