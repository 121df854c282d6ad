/// Members of a variable that must be there when they are used (`ExpressionLimits.Demand`). Only what is used while the
/// program runs counts: a branch that is not taken needs nothing.
extension Evaluator {
    func isThere(_ member: String, _ demand: ExpressionLimits.Demand) -> Bool {
        variables[demand.variable]?.objectValue?[member] != nil
    }

    /// - Returns: the variable from which a member is taken; nil: the node is no variable whose members must be there.
    /// - Throws: `ExpressionError.missing` if the member is not there.
    func demanded(_ member: String, of base: Syntax) throws(ExpressionError) -> JSON? {
        guard let demand = limits.demand, base.isGlobal(demand.variable) else { return nil }
        guard isThere(member, demand) else { throw .missing(member: member) }
        return variables[demand.variable]
    }

    /// Nobody can tell which members are taken of a variable that is used as a whole: each may be one.
    func demandAll(of variable: String) throws(ExpressionError) {
        guard let demand = limits.demand, demand.variable == variable else { return }
        for member in demand.members where !isThere(member, demand) { throw .missing(member: member) }
    }
}

extension Syntax {
    fileprivate func isGlobal(_ variable: String) -> Bool {
        if case .global(let name) = self { name == variable } else { false }
    }

    /// The member of a variable with which a path begins, such as `token` of `$secrets.token.password`; nil for what is
    /// no such path.
    func firstMember(of variable: String) -> String? {
        switch self {
        case .field(let base, let name, _), .index(let base, .literal(.string(let name))):
            base.isGlobal(variable) ? name : base.firstMember(of: variable)
        case .index(let base, .literal), .iterate(let base): base.firstMember(of: variable)
        case .attempt(let body, nil): body.firstMember(of: variable)
        default: nil
        }
    }
}
