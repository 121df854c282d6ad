import HTTPTypes
import Hummingbird
import TFDefinition
import TFStore

/// The API operation that makes the same change as a page's form.
struct SameOperation: Sendable {
    let method: HTTPRequest.Method
    /// The path after `/api/v1`.
    let path: String
    let operation: Operation
    /// Whether an admin without a required second factor must set it up first.
    private(set) var needsSecondFactor = true

    /// The same, which everybody may do who has signed in.
    var withoutSecondFactor: SameOperation {
        var same = self
        same.needsSecondFactor = false
        return same
    }

    static func post(_ path: String, _ operation: Operation) -> SameOperation {
        SameOperation(method: .post, path: path, operation: operation)
    }

    static func patch(_ path: String, _ operation: Operation) -> SameOperation {
        SameOperation(method: .patch, path: path, operation: operation)
    }

    static func put(_ path: String, _ operation: Operation) -> SameOperation {
        SameOperation(method: .put, path: path, operation: operation)
    }

    static func delete(_ path: String, _ operation: Operation) -> SameOperation {
        SameOperation(method: .delete, path: path, operation: operation)
    }
}

/// Carries out a route's change. Why a body could not be read is told only after the rights were checked.
private typealias Work<Body> = @Sendable (Request, WebContext, Result<Body, any Error>) async throws -> Reply

extension RouteTable {
    /// Adds a change that is one transaction, made by a page's form, an API operation, or both.
    /// - Parameters:
    ///   - path: where the form is sent; nil if only programs make this change.
    ///   - formPage: the page with the form; nil: this address, or the nearest page above it.
    ///   - api: the same change for programs; nil if only people make it.
    mutating func change<Kind: RouteSubject, Body: RequestFields>(
        _ path: String?, _ action: Action, on kind: RouteSubjectKind<Kind>, body: Body.Type,
        formOn formPage: String? = nil,
        api: SameOperation? = nil,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Body, Kind.Writing) throws -> Done
    ) {
        let server = server
        add(path, formPage, action, Kind.kind, body, api, files: nil) { request, context, body in
            try await server.change(request, context, on: kind) { proved, session in
                try handler(proved, try body.get(), session)
            }
        }
    }

    /// Adds a change that is validated on a snapshot first.
    /// - Parameters:
    ///   - files: the files that the page's form accepts; nil for none.
    ///   - change: validates and returns the change to make; throws `ShownInstead` to ask for confirmation first.
    ///   - outcome: builds the outcome from the result.
    mutating func change<Kind: RouteSubject, Body: RequestFields, Value: Sendable>(
        _ path: String?, _ action: Action, on kind: RouteSubjectKind<Kind>, body: Body.Type,
        api: SameOperation? = nil, files: (@Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> FilesOfForm)? = nil,
        checking change:
            @escaping @Sendable (ProvedRequest<Kind>, Body, CompanyReadSession) throws -> CompanyChange<Value>,
        _ outcome: @escaping @Sendable (ProvedRequest<Kind>, Value, CompanyWriteSession) throws -> Done
    ) where Kind.Reading == CompanyReadSession, Kind.Writing == CompanyWriteSession {
        let server = server
        let read = files.map { files in
            { @Sendable request, context in try await server.form(request, context, on: kind, files) }
        }
        add(path, nil, action, Kind.kind, body, api, files: read) { request, context, body in
            try await server.change(
                request, context, on: kind,
                CheckedChange(change: { try change($0, try body.get(), $1) }, outcome: outcome))
        }
    }

    /// Adds a change that only programs make, with a body of its own media types.
    /// - Parameter body: reads the body, before the transaction.
    mutating func change<Kind: RouteSubject, Body: Sendable>(
        _ action: Action, on kind: RouteSubjectKind<Kind>, api: SameOperation,
        reading body: @escaping @Sendable (Request) async throws -> Body,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Body, Kind.Writing) throws -> Done
    ) {
        let server = server
        add(api, api.operation, action, Kind.kind, reading: body) { request, context, body in
            try await server.change(request, context, on: kind) { proved, session in
                try handler(proved, try body.get(), session)
            }
        }
    }

    private mutating func add<Body: RequestFields>(
        _ path: String?, _ formPage: String?, _ action: Action, _ resource: ResourceKind, _ type: Body.Type,
        _ api: SameOperation?, files: (@Sendable (Request, WebContext) async throws -> PostedForm)?,
        _ work: @escaping Work<Body>
    ) {
        let rules = FieldRules(type)
        let server = server
        if let path {
            add(
                Route(
                    method: .post, path: path, access: resource == .none ? .open : .cookie, action: action,
                    resource: resource, formPage: formPage, takesFiles: files != nil
                ) { request, context in
                    var context = context
                    if context.unreadBody != nil, let files {
                        do { context.form = try await files(request, context) } catch let unproved as UnprovedForm {
                            return try await server.shown(unproved, request, context)
                        }
                        context.sentKey = server.site.sentKey(context.form, request, context)
                    }
                    context.typed.form = context.form
                    return try await server.showingAgain(request, context) { context in
                        let body = Result { try Body(posted: context.form, rules) }
                        return try await server.site.afterStep(try await work(request, context, body))
                    }
                })
        }
        guard let api else { return }
        switch api.method {
        case .delete:
            // A body of a DELETE has no meaning (RFC 9110, 9.3.5).
            add(api, api.operation, action, resource, reading: { _ in Body(nothing: rules) }, work)
        default:
            // A PATCH must say what to change; an action may have an empty body.
            let rules = api.method == .patch ? rules.ofSentBody : rules
            add(
                api, api.operation.taking(rules), action, resource, reading: { try await Body(json: $0, rules) }, work)
        }
    }

    private mutating func add<Body: Sendable>(
        _ api: SameOperation, _ operation: Operation, _ action: Action, _ resource: ResourceKind,
        reading read: @escaping @Sendable (Request) async throws -> Body, _ work: @escaping Work<Body>
    ) {
        let server = server
        add(
            Route(
                method: api.method, path: "/api/v1" + api.path, access: resource == .none ? .open : .bearer,
                action: action, resource: resource, operation: operation, needsSecondFactor: api.needsSecondFactor
            ) { request, context in
                let body: Result<Body, any Error>
                do { body = .success(try await read(request)) } catch { body = .failure(error) }
                return try await server.site.afterStep(try await work(request, context, body))
            })
    }
}
