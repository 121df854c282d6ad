import TFEngine
import Testing

@testable import TFStore

/// The order in which the engine handles what is due.
@Suite struct TurnPlanTests {
    @Test func `a plan parts into one for each company, in their turn, and each has something that must be handled`() {
        let places: [(company: Int64, instance: Int64)] = [(2, 1), (1, 2), (2, 3), (2, 4), (1, 5)]
        let woken = places.map { InstanceKey(company: CompanyID($0.company), id: InstanceID($0.instance)) }
        var whole = TurnPlan(events: [], woken: woken)
        #expect(whole.byCompany.map { $0.company } == [CompanyID(2), CompanyID(1)])
        for (company, plan) in whole.byCompany {
            var plan = plan
            #expect(Array(plan.rest) == woken.filter { $0.company == company }.map(TurnPlan.Item.wake))
            #expect(plan.mustGoOn)
            _ = plan.next(except: [])
            #expect(!plan.mustGoOn)
        }
        // What is handled already is in none of them.
        for _ in 0..<3 { _ = whole.next(except: []) }
        #expect(whole.byCompany.map { $0.plan.rest.count } == [1, 1])
        #expect(TurnPlan(events: [], woken: []).byCompany.isEmpty)
    }
}
