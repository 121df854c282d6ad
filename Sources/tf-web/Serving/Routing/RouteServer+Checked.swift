import Hummingbird
import TFDefinition
import TFEngine
import TFStore

/// A change that is validated on a snapshot first, because forms, expressions and the like may take long.
struct CheckedChange<Kind: RouteSubject, Value: Sendable>: Sendable
where Kind.Reading == CompanyReadSession, Kind.Writing == CompanyWriteSession {
    /// Validates, and returns the change to make.
    let change: @Sendable (ProvedRequest<Kind>, CompanyReadSession) throws -> CompanyChange<Value>
    /// Builds the outcome from the result of the change.
    let outcome: @Sendable (ProvedRequest<Kind>, Value, CompanyWriteSession) throws -> Done
}

extension RouteServer {
    /// Validates on one snapshot, then changes in one transaction; the rights are checked in both.
    func change<Kind, Value>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>,
        _ checked: CheckedChange<Kind, Value>
    ) async throws -> Reply {
        try await site.store.untilChecked {
            let check = try await check(request, context, on: kind, checked)
            switch check {
            case .answered(let earlier): return earlier
            case .passed(let body):
                return try await change(request, context, on: kind) { proved, session in
                    try checked.outcome(proved, try body(session), session)
                }
            }
        }
    }

    /// The errors about refused files, followed by all other errors of fields that are not among them.
    private static func all(_ refused: [FieldError], _ errors: [FieldError]) -> [FieldError] {
        let fields = Set(refused.map(\.field))
        return refused + errors.filter { !fields.contains($0.field) }
    }

    private enum Check<Value: Sendable>: Sendable {
        /// A change that was already made is not validated again: it has changed what it would be validated against.
        case answered(Reply)
        case passed(@Sendable (CompanyWriteSession) throws -> Value)
    }

    private func check<Kind, Value>(
        _ request: Request, _ context: WebContext, on kind: RouteSubjectKind<Kind>,
        _ checked: CheckedChange<Kind, Value>
    ) async throws -> Check<Value> {
        try await site.store.read { session in
            let credential = try credential(context, session)
            if let key = key(credential, context), let earlier = try Reply(earlier: key, session) {
                try Kind.demandReader(visitor(credential?.signedIn, request, context), in: session)
                return .answered(earlier)
            }
            let proved = try prove(kind, credential, request, context, session).request
            try demandMatch(request, context, credential, session)
            let inside = proved.subject.reading(session)
            let refused = context.typed.form.fileErrors
            do {
                let body = try checked.change(proved, inside).checked(in: inside)
                guard refused.isEmpty else { throw StoreError.invalid([]) }
                return .passed(body)
            } catch is ShownInstead where !refused.isEmpty {
                // A visitor who confirms would not learn that a file is missing.
                throw StoreError.invalid(refused)
            } catch StoreError.invalid(let errors) where !refused.isEmpty {
                throw StoreError.invalid(Self.all(refused, errors))
            } catch Failure.invalid(let errors) where !refused.isEmpty {
                throw StoreError.invalid(Self.all(refused, errors))
            }
        }
    }
}
