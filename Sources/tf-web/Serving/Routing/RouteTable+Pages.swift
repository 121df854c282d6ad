import HTTPTypes
import Hummingbird
import TFDefinition
import TFStore

extension RouteTable {
    /// Adds a page, read from one snapshot.
    /// - Parameters:
    ///   - query: the query parameters; the page says which are invalid, and does not follow them.
    ///   - navigation: its entry in the navigation of every page; nil for none.
    ///   - isLive: whether its page has a part that the script keeps up to date, served alone at the address + `/rows`.
    mutating func page<Kind: RouteSubject, Query: RequestFields>(
        _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>, query: Query.Type,
        navigation: NavigationEntry? = nil, needsSecondFactor: Bool = true, isLive: Bool = false,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Query, Kind.Reading) throws -> Page
    ) {
        let rules = FieldRules(query)
        let server = server
        add(
            Route(
                method: .get, path: path, access: Kind.kind == .none ? .open : .cookie, action: action,
                resource: Kind.kind, navigation: navigation, needsSecondFactor: needsSecondFactor
            ) { request, context in
                let query = rules.read(request.uri.query)
                var context = context
                context.passedOver = query.passedOver
                do {
                    return try await server.show(request, context, on: kind) { proved, session in
                        try handler(proved, Query(query), session)
                    }
                } catch let instead as ShownInstead {
                    return try await server.shown(instead.page, request, context)
                }
            })
        guard isLive else { return }
        add(
            Route(method: .get, path: path + LivePart.suffix, access: .cookie, action: action, resource: Kind.kind) {
                request, context in
                if let page = LivePart.page(of: request) { return page }
                let query = rules.read(request.uri.query)
                return try await server.showPart(request, context, on: kind) { proved, session in
                    try handler(proved, Query(query), session)
                }
            })
    }

    mutating func page<Kind: RouteSubject>(
        _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>, navigation: NavigationEntry? = nil,
        needsSecondFactor: Bool = true, isLive: Bool = false,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> Page
    ) {
        page(
            path, action, on: kind, query: NoFields.self, navigation: navigation,
            needsSecondFactor: needsSecondFactor, isLive: isLive
        ) { proved, _, session in try handler(proved, session) }
    }

    /// Adds a route that a page's script calls while somebody types; it reads from one snapshot and changes nothing.
    mutating func question<Kind: RouteSubject, Body: RequestFields>(
        _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>, body: Body.Type,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Body, Kind.Reading) throws -> Reply
    ) {
        let rules = FieldRules(body)
        let server = server
        add(
            Route(
                method: .post, path: path, access: .cookie, action: action, resource: Kind.kind, isQuestion: true
            ) { request, context in
                let body = Result {
                    guard context.form.nulErrors.isEmpty else { throw Failure.invalid(context.form.nulErrors) }
                    return try Body(posted: context.form, rules, isWhole: false)
                }
                return try await server.read(request, context, on: kind) { proved, session in
                    try handler(proved, try body.get(), session)
                }.value.response
            })
    }

    /// Adds a page or an action that takes several transactions on purpose: it writes files, waits, hashes a password
    /// or sends a file. Its rights are checked first, in a snapshot.
    /// - Parameters:
    ///   - query: the query parameters of a page, which says which of them it does not follow.
    ///   - isLive: whether its page has a part that the script keeps up to date, served alone at the address + `/rows`.
    ///   - isFile: whether it sends a file instead of a page.
    ///   - files: the files that the page's form accepts; nil for none. A form with files has no idempotency key: a
    ///     visitor who goes back and sends another text expects a new result.
    mutating func own<Kind: RouteSubject>(
        _ method: HTTPRequest.Method, _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>,
        query: any RequestFields.Type = NoFields.self, formOn formPage: String? = nil, needsSecondFactor: Bool = true,
        navigation: NavigationEntry? = nil, isLive: Bool = false, isFile: Bool = false,
        files: (@Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> FilesOfForm)? = nil,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, OwnRequest) async throws -> OwnAnswer
    ) {
        let server = server
        let rules = FieldRules(query)
        add(
            Route(
                method: method, path: path, access: Kind.kind == .none ? .open : .cookie, action: action,
                resource: Kind.kind, formPage: formPage, navigation: navigation, takesFiles: files != nil,
                isFile: isFile,
                needsSecondFactor: needsSecondFactor
            ) { request, context in
                var context = context
                if method == .get { context.passedOver = rules.read(request.uri.query).passedOver }
                if context.unreadBody != nil, let files {
                    do { context.form = try await server.form(request, context, on: kind, files) } catch let unproved
                        as UnprovedForm
                    { return try await server.shown(unproved, request, context) }
                }
                return try await server.showingAgain(request, context) { context in
                    try await server.own(request, context, on: kind, handler)
                }
            })
        guard isLive else { return }
        add(
            Route(method: .get, path: path + LivePart.suffix, access: .cookie, action: action, resource: Kind.kind) {
                request, context in
                if let page = LivePart.page(of: request) { return page }
                return try await server.own(request, context, on: kind, isPart: true, handler)
            })
    }

    /// The same with a form of declared fields.
    mutating func own<Kind: RouteSubject, Body: RequestFields>(
        _ method: HTTPRequest.Method, _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>,
        body: Body.Type, needsSecondFactor: Bool = true,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Body, OwnRequest) async throws -> OwnAnswer
    ) {
        let rules = FieldRules(body)
        own(method, path, action, on: kind, needsSecondFactor: needsSecondFactor) { proved, own in
            try await handler(proved, try Body(posted: own.form, rules), own)
        }
    }
}
