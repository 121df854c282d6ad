import TFEngine
import TFStore
import TestSupport
import Testing

@testable import tf_daemon

/// Which companies each of several daemons takes and gives, as they come and go.
@Suite struct CompanyAllotmentTests {
    /// Lets all daemons look until nobody changes anything, as the store would.
    /// - Returns: how many companies changed their daemon.
    private static func settle(
        _ living: Set<String>, _ companies: inout [LedCompany], _ held: inout [String: [CompanyID: Int64]]
    ) -> Int {
        let before = companies
        for _ in 0..<2 {
            for daemon in living.sorted() {
                guard
                    let share = CompanyAllotment(of: daemon, held: held[daemon] ?? [:], among: living, companies)
                else { continue }
                var kept = share.kept
                for place in companies.indices {
                    let company = companies[place]
                    if share.given.contains(company.id) {
                        companies[place] = LedCompany(
                            id: company.id, slug: company.slug, leader: "", epoch: company.epoch)
                    } else if share.wanted.contains(company.id) {
                        companies[place] = LedCompany(
                            id: company.id, slug: company.slug, leader: daemon, epoch: company.epoch + 1)
                        kept[company.id] = company.epoch + 1
                    }
                }
                held[daemon] = kept
            }
        }
        return zip(before, companies).count { $0.leader != $1.leader }
    }

    @Test func `every company is led by one that lives, and only a part moves when one comes or goes`() {
        var companies = (1...300).map { LedCompany(id: CompanyID($0), slug: "company-\($0)", leader: "", epoch: 0) }
        var held: [String: [CompanyID: Int64]] = [:]
        var living: Set<String> = []
        for name in ["a", "b", "c", "d"] {
            living.insert(name)
            let moved = Self.settle(living, &companies, &held)
            #expect(companies.allSatisfy { living.contains($0.leader) })
            // A newcomer takes its part, give or take chance, and nothing moves between the others.
            #expect(companies.count { $0.leader == name } == moved)
            #expect(abs(moved - 300 / living.count) < 50, "\(moved) moved to \(name)")
        }
        let own = companies.filter { $0.leader == "b" }.count
        living.remove("b")
        held["b"] = nil
        #expect(Self.settle(living, &companies, &held) == own)
        #expect(companies.allSatisfy { living.contains($0.leader) })
        for daemon in living {
            #expect(Set((held[daemon] ?? [:]).keys) == Set(companies.filter { $0.leader == daemon }.map(\.id)))
        }
    }

    @Test func `a daemon that others hold for dead leads nothing, and one that lost a company notices`() {
        let company = LedCompany(id: CompanyID(1), slug: "acme", leader: "other", epoch: 7)
        #expect(CompanyAllotment(of: "me", held: [:], among: ["other"], [company]) == nil)
        let share = CompanyAllotment(of: "me", held: [company.id: 6], among: ["me", "other"], [company])
        #expect(share?.kept == [:])
        #expect(share?.isChange == true)
    }

    @Test func `a company whose daemon still has it is not taken`() {
        let companies = (1...50).map { LedCompany(id: CompanyID($0), slug: "c\($0)", leader: "old", epoch: 1) }
        let share = CompanyAllotment(of: "new", held: [:], among: ["new", "old"], companies)
        #expect(share?.wanted == [])
        let later = CompanyAllotment(of: "new", held: [:], among: ["new"], companies)
        #expect(later?.wanted.count == 50)
    }
}
