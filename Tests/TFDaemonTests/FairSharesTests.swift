import TFEngine
import TFStore
import Testing

@testable import tf_daemon

/// Which company rests, at moments that the test chooses.
@Suite struct FairSharesTests {
    private let shares = FairShares()
    private let start = ContinuousClock.now
    private let acme = CompanyID(1)
    private let globex = CompanyID(2)
    private let initech = CompanyID(3)

    /// Companies that work one after the other, as the engine lets them, each with a turn's length.
    /// - Returns: the part of the time that each took.
    private func work(_ turns: [CompanyID: Duration], for length: Duration) -> [CompanyID: Double] {
        var now = start
        var taken: [CompanyID: Duration] = [:]
        while now < start + length {
            let resting = shares.resting(at: now).companies
            let awake = turns.filter { !resting.contains($0.key) }
            for (company, turn) in awake {
                now += turn
                taken[company, default: .zero] += turn
                shares.note([company: turn], at: now)
            }
            if awake.isEmpty { now += .milliseconds(1) }
        }
        return taken.mapValues { $0 / start.duration(to: now) }
    }

    @Test func `who is alone rests for nobody`() {
        #expect(work([acme: .milliseconds(20)], for: .seconds(5)) == [acme: 1])
    }

    @Test func `companies that have as much to do share the time and do not rest`() throws {
        let taken = work([acme: .milliseconds(20), globex: .milliseconds(15)], for: .seconds(5))
        #expect(taken.values.reduce(0, +) > 0.99)
        #expect(try #require(taken[globex]) > 0.4)
    }

    @Test func `beside a company with little to do, all costly ones together take a third of the time`() throws {
        shares.note([initech: .milliseconds(1)], at: start)
        let taken = work([acme: .milliseconds(20), globex: .milliseconds(15)], for: .seconds(10))
        #expect(taken.values.reduce(0, +) < 0.4)
        #expect(try #require(taken[acme]) > 0.1)
        #expect(try #require(taken[globex]) > 0.1)
    }

    @Test func `a company is costly until it has had little to do for some seconds`() {
        shares.note([acme: .milliseconds(1)], at: start)
        shares.note([globex: .milliseconds(500)], at: start)
        #expect(shares.resting(at: start).companies == [globex])
        #expect(shares.resting(at: start).end == start + .seconds(1))
        #expect(shares.resting(at: start + .seconds(1)).companies.isEmpty)
        shares.note([globex: .milliseconds(20)], at: start + .seconds(8))
        #expect(shares.resting(at: start + .seconds(8)).companies.isEmpty)
    }

    @Test func `others count for a minute after their last turn`() {
        shares.note([acme: .milliseconds(1), globex: .milliseconds(1)], at: start)
        #expect(shares.hasOthers(than: globex, at: start + .seconds(59)))
        #expect(!shares.hasOthers(than: globex, at: start + .seconds(61)))
        shares.note([globex: .seconds(1)], at: start + .seconds(61))
        #expect(shares.resting(at: start + .seconds(61)).companies.isEmpty)
    }
}
