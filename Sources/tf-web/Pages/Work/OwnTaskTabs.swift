import TFEngine
import TFStore

/// The tabs of a worker's home: their own tasks by what is to be done with them, and those to claim.
struct OwnTaskTabs {
    enum Current {
        case mine
        case toClaim
        case held
        case done
    }

    let base: String
    /// nil: the visitor is no worker, and may only claim.
    let own: OwnTaskCounts?
    let claimable: Int

    init(_ request: ProvedRequest<InCompany>, _ session: CompanyReadSession) throws {
        base = "/c/\(request.company.slug)"
        own = request.actor.has(.taskWorker) ? try session.ownTaskCounts(of: request.account.id) : nil
        claimable = try session.claimableCount(scope: request.actor.tasks, request.actor.asClaimant)
    }

    func html(_ current: Current) -> HTML {
        let claim = Tab(
            label: "To claim", path: "\(base)/pool", count: claimable, isHot: true, isCurrent: current == .toClaim)
        guard let own else { return Elements.tabs("Tasks", [claim]) }
        let path = "\(base)/my/tasks"
        return Elements.tabs(
            "Tasks",
            [
                Tab(label: "Mine", path: path, count: own.open, isCurrent: current == .mine), claim,
                Tab(label: "On hold", path: "\(path)?show=held", count: own.held, isCurrent: current == .held),
                Tab(label: "Done", path: "\(path)?show=done", count: own.done, isCurrent: current == .done),
            ])
    }
}

extension Actor {
    /// The actor as somebody who claims tasks.
    var asClaimant: Claimant { Claimant(login: login, roles: membership?.companyRoles ?? []) }
}
