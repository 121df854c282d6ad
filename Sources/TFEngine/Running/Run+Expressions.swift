import TFDefinition
import TFExpression

import struct Foundation.Date

/// Where an expression stands, which decides its variables.
struct Place {
    /// The step's JSON Pointer, for errors.
    let reference: String
    /// The step's name; nil for the workflow itself.
    let step: String?
    /// Variables of the lists around it: loop elements, caught errors.
    var variables: JSONObject = [:]
    var input: JSON = .null
    var output: JSON = .null
    var startedAt: Int64 = 0
    var allowsSecrets = false
    /// `$authorization`: how the step's call signs in; null for any other step.
    var authorization: JSON = .null
    /// The key whose expression it is, for errors; nil: there are several.
    var key: String?

    static let workflow = Place(reference: "/", step: nil)

    func with(input: JSON? = nil, output: JSON? = nil) -> Place {
        var copy = self
        if let input { copy.input = input }
        if let output { copy.output = output }
        return copy
    }

    /// The same for the expression of a key.
    func at(_ key: String) -> Place {
        var copy = self
        copy.key = key
        return copy
    }

    /// The same for a member of the key.
    func below(_ member: String) -> Place { at(key.map { "\($0).\(member)" } ?? member) }

    /// So many characters of an expression are told when it fails.
    private static let longestTold = 80

    /// Which of the workflow's expressions it is: `"when" of the step "approve": .outcome == "yes"`.
    fileprivate func words(for expression: Expression) -> String {
        let source = expression.source.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let told = source.count > Self.longestTold ? "\(source.prefix(Self.longestTold))…" : source
        let what = key.map { "\"\($0)\"" } ?? "an expression"
        let whose = step.map { " of the step \"\($0)\"" } ?? (reference == "/" ? " of the workflow" : "")
        return "\(what)\(whose): \(told)"
    }
}

/// Evaluating expressions with the variables of the DSL; a failure is a workflow error at the step.
extension Run {
    func place(_ step: WorkflowStep, _ branch: Int, reference: String? = nil, startedAt: Int64? = nil) -> Place {
        Place(
            reference: reference ?? self.reference(of: branch), step: step.name, variables: variables(branch),
            startedAt: startedAt ?? now)
    }

    /// The variables that the lists around a branch bind; the innermost wins.
    func variables(_ branch: Int) -> JSONObject {
        var variables = JSONObject()
        for frame in state.branches[position(branch)].frames where !frame.variables.isEmpty {
            variables.merge(frame.variables) { _, inner in inner }
        }
        return variables
    }

    func evaluate(
        _ expression: Expression, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> JSON {
        var variables: [String: JSON] = [:]
        for name in expression.globals { variables[name] = variable(name, place) }
        var limits = ExpressionLimits()
        limits.offset = surroundings.company.offset
        if place.allowsSecrets { limits.demand = demandForSecrets }
        do {
            return try meter.value(expression, input, variables: variables, limits: limits)
        } catch {
            if case .missing(let secret) = error { throw Self.notSet(secret, at: place.reference) }
            throw .expression(error, in: place.words(for: expression), at: place.reference)
        }
    }

    private func variable(_ name: String, _ place: Place) -> JSON {
        if let bound = place.variables[name] { return bound }
        // A variable of a loop is none outside it.
        guard let known = WorkflowVariable(rawValue: name) else { return .null }
        switch known {
        case .context: return state.context
        case .input: return place.input
        case .output: return place.output
        case .ticket: return surroundings.ticket
        case .tasks: return .object(state.tasks)
        case .authorization: return place.authorization
        case .secrets: return place.allowsSecrets ? surroundings.company.secrets : .null
        case .runtime: return ["name": "ticketflower", "version": "1", "metadata": [:]]
        case .workflow:
            return [
                "id": .string(surroundings.instance),
                "definition": [
                    "document": program.workflow.document, "name": .string(program.workflow.name),
                    "version": .string(program.workflow.version),
                ],
                "input": state.input, "startedAt": Self.moment(state.startedAt),
            ]
        case .task:
            guard let step = place.step else { return .null }
            return [
                "name": .string(step), "reference": .string(place.reference), "input": place.input,
                "output": place.output, "startedAt": Self.moment(place.startedAt),
            ]
        }
    }

    private static func moment(_ milliseconds: Int64) -> JSON {
        [
            "iso8601": .string(Moment.iso8601(milliseconds)),
            "epoch": ["seconds": .int(milliseconds / 1000), "milliseconds": .int(milliseconds)],
        ]
    }

    // MARK: Values

    func value(
        _ expression: ValueExpression?, of input: JSON, _ place: Place
    ) throws(WorkflowError) -> JSON {
        guard let expression else { return input }
        return try expression.evaluate { (expression) throws(WorkflowError) in
            try evaluate(expression, input, place)
        }
    }

    func object(
        _ members: [ValueExpression.Member], of input: JSON, _ place: Place
    ) throws(WorkflowError) -> JSONObject {
        var object = JSONObject()
        for member in members { object[member.name] = try value(member.value, of: input, place.below(member.name)) }
        return object
    }

    /// Whether a condition holds; true if there is none.
    func holds(_ condition: Expression?, _ input: JSON, _ place: Place) throws(WorkflowError) -> Bool {
        guard let condition else { return true }
        return try evaluate(condition, input, place).isTruthy
    }

    func text(
        _ expression: ValueExpression?, of input: JSON, _ place: Place, _ what: String
    ) throws(WorkflowError) -> String? {
        guard let expression else { return nil }
        let value = try value(expression, of: input, place.below(what))
        switch value {
        case .null: return nil
        case .string(let text): return text
        case .bool, .number: return value.text
        case .array, .object: throw .runtime("\"\(what)\" gave \(value.typeName), not text", at: place.reference)
        }
    }

    func text(
        _ template: Template, _ input: JSON, _ place: Place, escape: (String) -> String = { $0 }
    ) throws(WorkflowError) -> String {
        try template.render(escape: escape) { (expression) throws(WorkflowError) in
            try evaluate(expression, input, place)
        }
    }

    /// A duration in milliseconds.
    func duration(
        _ rule: DurationRule, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> Int64 {
        switch rule {
        case .fixed(let span): return span.milliseconds
        case .computed(let expression):
            let value = try evaluate(expression, input, place)
            guard let span = value.stringValue.flatMap({ TimeSpan($0) }) else {
                throw .runtime("a duration gave \(value.text), not one such as 4h or PT4H", at: place.reference)
            }
            return span.milliseconds
        }
    }

    func deadline(
        _ rule: DurationRule?, _ input: JSON, _ place: Place
    ) throws(WorkflowError) -> Int64? {
        guard let rule else { return nil }
        return now.later(by: try duration(rule, input, place))
    }

    // MARK: Data flow

    /// The input of a step or workflow: its raw input checked against `input.schema`, then `input.from`.
    func enter(
        _ transformation: DataTransformation?, _ raw: JSON, _ place: Place
    ) throws(WorkflowError) -> JSON {
        guard let transformation else { return raw }
        try check(raw, transformation.schema, "input", place)
        var place = place.with(input: raw)
        place.allowsSecrets = true
        do throws(WorkflowError) {
            return try value(transformation.value, of: raw, place.at("input.from"))
        } catch {
            throw error.hiding(surroundings.company.secrets.secretTexts)
        }
    }

    /// The output after `output.as`, checked against `output.schema`.
    func leave(
        _ transformation: DataTransformation?, _ output: JSON, _ place: Place
    ) throws(WorkflowError) -> JSON {
        guard let transformation else { return output }
        let shaped = try value(transformation.value, of: output, place.with(output: output).at("output.as"))
        try check(shaped, transformation.schema, "output", place)
        return shaped
    }

    mutating func export(
        _ transformation: DataTransformation?, _ output: JSON, _ place: Place
    ) throws(WorkflowError) {
        guard let transformation else { return }
        let context = try value(transformation.value, of: output, place.with(output: output).at("export.as"))
        try check(context, transformation.schema, "context", place)
        state.context = context
    }

    private func check(
        _ value: JSON, _ schema: JSONSchema?, _ what: String, _ place: Place
    ) throws(WorkflowError) {
        guard let schema else { return }
        var fuel = meter.left
        let found = schema.problem(of: value, fuel: &fuel)
        // The check of the schema is paid from the step's fuel.
        guard meter.pays(meter.left - fuel) else {
            throw .expression(.exhausted("checking the \(what) took too many steps"), at: place.reference)
        }
        guard let problem = found else { return }
        let at = problem.pointer.isEmpty ? "" : " at \(problem.pointer)"
        throw WorkflowError(
            .validation, status: 400, title: "The \(what) is not what its schema asks for",
            detail: "the \(what)\(at) \(problem.reason)", at: place.reference)
    }
}
