import TFExpression

/// State that the readers of all three kinds share: the problems and references found so far.
struct DefinitionReader {
    let file: String
    /// The slug of the directory's company; nil for a file checked by itself.
    let company: String?
    var diagnostics: Diagnostics
    var references: [Reference] = []
    /// The kind; nil for a file that is not a definition.
    var kind: DefinitionKind?
    var namePosition = Position.start
    var versionPosition = Position.start
    /// The ids of form elements that could not be read.
    var refusedFields: Set<String> = []
    /// Variables for expressions at the present position, beyond those of every definition.
    var variables = WorkflowDefinition.variables
    /// The secrets that a workflow's `use` names; nil outside workflows.
    var secrets: [String] = []
    /// `use.authentications` of the workflow that is being read.
    var authentications: [String: YAMLNode] = [:]
    /// Outcomes that fields of a task's form name in `required_for`: the outcome, the field's label, the position.
    var outcomes: [(outcome: String, label: String, position: Position)] = []
    /// The expressions read so far.
    var uses: [ExpressionUse] = []
    /// The step that is being read, and which part of it.
    var site = StepSite()
    /// The types of errors that are raised and caught.
    var errorTypes = ErrorTypes()
    /// The names of steps, by JSON Pointer.
    var stepPositions: [String: Position] = [:]

    mutating func refer(to target: Reference.Target, at position: Position) {
        references.append(Reference(target: target, position: position))
    }

    /// Reads a part in which expressions may use more variables.
    mutating func with<Value>(_ names: Set<String>, _ read: (inout DefinitionReader) -> Value) -> Value {
        let outer = variables
        variables.formUnion(names)
        defer { variables = outer }
        return read(&self)
    }

    /// Reads a part of a step.
    mutating func reading<Value>(_ part: StepSite.Part, _ read: (inout DefinitionReader) -> Value) -> Value {
        let outer = site
        site.part = part
        defer { site = outer }
        return read(&self)
    }

    /// Notes what an expression reads, to be checked where it comes from.
    mutating func refer(to expression: Expression, at position: Position) {
        let use = ExpressionUse(expression, position: position, site: site)
        uses.append(use)
        for reading in use.readings { checkMembers(of: reading, at: position) }
        for field in expression.references {
            if let name = formField(field) { refer(to: .formField(name), at: position) }
        }
        for field in expression.numberComparisons {
            if let name = formField(field) { refer(to: .numberComparison(field: name), at: position) }
        }
    }

    mutating func refer(to template: Template, at position: Position) {
        for expression in template.expressions { refer(to: expression, at: position) }
    }

    /// The form field that a path names. In a workflow, `.form` is the ticket's form too; in a task, `.` is the input.
    private func formField(_ field: FieldReference) -> String? {
        guard field.variable == "ticket" || (field.variable == nil && kind == .workflow), field.path.count >= 2,
            field.path[0].name == "form"
        else { return nil }
        return field.path[1].name
    }

    /// Reports a member that a variable of known members lacks, such as `$ticket.nubmer`.
    private mutating func checkMembers(of reading: Reading, at position: Position) {
        guard let variable = reading.reference.variable, var shape = VariableShape.known[variable] else { return }
        var path = "$" + variable
        for member in reading.reference.path {
            guard case .members(let members) = shape else { return }
            guard let inner = members[member.name] else {
                let names = members.keys.sorted()
                diagnostics.error(
                    "\(path) has no \"\(member.name)\"; it has \(listed(names))", at: position,
                    suggestion: nearestName(to: member.name, among: names))
                return
            }
            path += "." + member.name
            shape = inner
        }
    }
}

/// Where in a workflow an expression stands.
struct StepSite: Hashable {
    /// JSON Pointer of the step; empty outside steps.
    var step = ""
    var part = Part.body

    /// The part of a step, which decides what `.` is.
    enum Part {
        /// The step's raw input, before `input.from`.
        case raw
        /// The step's input.
        case body
        /// The step's raw output, before `output.as`.
        case output
        /// The step's output.
        case export
        /// An error, an event or a loop's rounds: the flow of data does not tell what it is.
        case other
    }
}

/// An expression with its position and its step.
struct ExpressionUse {
    let readings: [Reading]
    let comparisons: [TextComparison]
    let position: Position
    let site: StepSite

    init(_ expression: Expression, position: Position, site: StepSite) {
        readings = expression.readings
        comparisons = expression.textComparisons
        self.position = position
        self.site = site
    }
}

extension Fields {
    /// The expression of a member that is one whole `${ }`; nil for any other member, which is read as a literal.
    func computed(
        _ key: String, variables: Set<String>, _ reader: inout DefinitionReader
    ) -> Expression? {
        guard let node = value(key), case .scalar(let text, _) = node.content, Expression.unwrapped(text) != nil,
            let expression = node.expression(text, variables: variables, &reader.diagnostics)
        else { return nil }
        reader.refer(to: expression, at: node.position)
        return expression
    }
}

/// All members that a variable can have.
indirect enum VariableShape {
    case open
    case members([String: VariableShape])

    private static let moment = VariableShape.members([
        "iso8601": .open, "epoch": .members(["seconds": .open, "milliseconds": .open]),
    ])

    static let known: [String: VariableShape] = [
        "ticket": names("number", "type", "title", "url", "priority", "labels", "status", "requester", "form"),
        "task": .members([
            "name": .open, "reference": .open, "input": .open, "output": .open, "startedAt": moment,
        ]),
        "workflow": .members(["id": .open, "definition": .open, "input": .open, "startedAt": moment]),
        "runtime": names("name", "version", "metadata"), "authorization": names("scheme", "parameter"),
    ]

    static func names(_ names: String...) -> VariableShape {
        .members(names.reduce(into: [:]) { $0[$1] = .open })
    }
}
