import TFDefinition
import TFStore

/// Which of a company's definitions use which others, read from their texts in force.
struct DefinitionUses {
    struct Name: Hashable, Comparable {
        let kind: DefinitionKind
        let name: String

        static func < (left: Name, right: Name) -> Bool {
            (left.kind.rawValue, left.name) < (right.kind.rawValue, right.name)
        }
    }

    /// The titles of what is in force, and of the newest version of what is not any more.
    private(set) var titles: [Name: String] = [:]
    private var inForce: Set<Name> = []
    /// The newest version of what is out of force; of a name in `inForce` it is another version.
    private var retired: [Name: DefinitionRow] = [:]
    private var uses: [Name: Set<Name>] = [:]
    /// The workflows that open tickets of a type which is computed: nobody can tell which before they run.
    private var openers: Set<Name> = []
    /// The company roles that a definition names.
    private var roles: [Name: Set<String>] = [:]

    init(_ rows: [DefinitionRow], _ session: CompanyReadSession) throws {
        for row in rows {
            let name = Name(kind: row.kind, name: row.name)
            guard row.state != .retired else {
                if let known = retired[name], SemanticVersion.isLower(row.version, known.version) { continue }
                retired[name] = row
                continue
            }
            let definition = try session.revision(row.revisionID)
            titles[name] = definition.shownTitle
            inForce.insert(name)
            add(definition)
        }
        for (name, row) in retired where !inForce.contains(name) {
            titles[name] = try session.title(of: row.revisionID)
        }
    }

    /// Adds what a definition uses. It may be a text that is not published.
    mutating func add(_ definition: Definition) {
        let name = Name(kind: definition.kind, name: definition.name)
        uses[name, default: []].formUnion(Self.used(definition))
        roles[name, default: []].formUnion(Self.roles(definition))
        if case .workflow(let workflow) = definition, workflow.opensComputedType { openers.insert(name) }
    }

    /// The title of a definition; its name in words if there is none.
    func title(of row: DefinitionRow) -> String {
        titles[Name(kind: row.kind, name: row.name)] ?? ReadableName.title(row.name)
    }

    func used(by name: Name) -> [Name] { (uses[name] ?? []).sorted() }

    func users(of name: Name) -> [Name] {
        uses.filter { $0.key != name && $0.value.contains(name) }.map(\.key).sorted()
    }

    /// A definition with all that it is connected with, however far: what it uses, what uses it, and so on. That is what a
    /// run of it needs and what its check depends on: a task is right or wrong by all of its callers and their forms.
    func connected(with name: Name) -> Set<Name> {
        var neighbours = uses
        for (user, used) in uses {
            for one in used { neighbours[one, default: []].insert(user) }
        }
        var connected: Set = [name]
        var waiting = [name]
        while let next = waiting.popLast() {
            for one in neighbours[next] ?? [] where connected.insert(one).inserted { waiting.append(one) }
        }
        return connected.isDisjoint(with: openers) ? connected : connected.union(uses.keys)
    }

    /// The definition that a name meant until it was retired; nil: one is in force, or there was none.
    func retired(_ name: Name) -> DefinitionRow? { inForce.contains(name) ? nil : retired[name] }

    func roles(of name: Name) -> [String] { (roles[name] ?? []).sorted() }

    private static func used(_ definition: Definition) -> Set<Name> {
        switch definition {
        case .ticket(let ticket):
            return Set(ticket.workflow.map { [Name(kind: .workflow, name: $0.name)] } ?? [])
        case .task: return []
        case .workflow(let workflow):
            var used = Set(workflow.calledTasks.map { Name(kind: .task, name: $0.name) })
            for step in workflow.allSteps {
                switch step.kind {
                case .run(let run): used.insert(Name(kind: .workflow, name: run.workflow.name))
                case .ticket(let function):
                    if let type = function.openedType { used.insert(Name(kind: .ticket, name: type)) }
                case .do, .set, .switch, .for, .fork, .try, .raise, .wait, .emit, .listen, .call, .http, .openAPI,
                    .function:
                    break
                }
            }
            if let type = workflow.ticketType { used.insert(Name(kind: .ticket, name: type)) }
            return used
        }
    }

    private static func roles(_ definition: Definition) -> Set<String> {
        switch definition {
        case .ticket(let ticket):
            Set(ticket.submitRoles + ticket.viewRoles + (ticket.handle?.assign.role).map { [$0] }.orEmpty)
        case .task(let task): Set(task.assign.role.map { [$0] } ?? [])
        case .workflow(let workflow):
            Set(
                workflow.allSteps.compactMap { step in
                    if case .call(let call) = step.kind { call.assign?.role } else { nil }
                })
        }
    }
}

extension WorkflowDefinition {
    fileprivate var opensComputedType: Bool {
        allSteps.contains { step in
            guard case .ticket(let function) = step.kind, function.name == .open else { return false }
            return function.openedType == nil
        }
    }
}

extension TicketFunction {
    /// The type of ticket that it opens; nil: it opens none, or one of a type that is computed.
    fileprivate var openedType: String? {
        guard name == .open, case .literal(let type)? = arguments.first(where: { $0.name == "type" })?.value else {
            return nil
        }
        return type.stringValue
    }
}

extension [String]? {
    fileprivate var orEmpty: [String] { self ?? [] }
}

extension CompanyReadSession {
    /// The names that a new definition cannot have.
    func namesInForce() throws -> Set<DefinitionUses.Name> {
        Set(try publishedFiles().map { DefinitionUses.Name(kind: $0.kind, name: $0.name) })
    }
}
