import HTTPTypes
import Hummingbird
import TFStore

extension RouteTable {
    /// Adds an API operation that only reads, in one snapshot.
    /// - Parameters:
    ///   - path: the path after `/api/v1`.
    ///   - query: the query parameters; others are refused.
    mutating func read<Kind: RouteSubject, Query: RequestFields>(
        _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>, query: Query.Type, _ operation: Operation,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Query, Kind.Reading) throws -> Reply
    ) {
        let rules = FieldRules(query)
        let server = server
        var route = Route(
            method: .get, path: "/api/v1" + path, access: Kind.kind == .none ? .open : .bearer, action: action,
            resource: Kind.kind, operation: operation.asking(rules)
        ) { request, context in
            let query = Result { try Query(query: request, rules) }
            return try await server.read(request, context, on: kind) { proved, session in
                try handler(proved, try query.get(), session)
            }.value.response
        }
        route.tag = { request, context, credential, session in
            let proved = try server.prove(kind, credential, request, context, session).request
            return EntityTags.tag(
                of: try handler(proved, Query(fitting: ""), proved.subject.reading(session)))
        }
        add(route)
    }

    mutating func read<Kind: RouteSubject>(
        _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>, _ operation: Operation,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Kind.Reading) throws -> Reply
    ) {
        read(path, action, on: kind, query: NoFields.self, operation) { proved, _, session in
            try handler(proved, session)
        }
    }

    /// Adds an API operation that only reads but takes its parameters as a posted form (RFC 7662), in one snapshot.
    mutating func ask<Kind: RouteSubject, Form: RequestFields>(
        _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>, form: Form.Type, _ operation: Operation,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Form, Kind.Reading) throws -> Reply
    ) {
        let rules = FieldRules(form)
        let server = server
        add(
            Route(
                method: .post, path: "/api/v1" + path, access: Kind.kind == .none ? .open : .bearer, action: action,
                resource: Kind.kind, operation: operation.asking(form: rules)
            ) { request, context in
                let form: Result<Form, any Error>
                do { form = .success(try await Form(form: request, rules)) } catch { form = .failure(error) }
                return try await server.read(request, context, on: kind) { [form] proved, session in
                    try handler(proved, try form.get(), session)
                }.value.response
            })
    }

    /// Adds an API operation that takes several transactions on purpose: it writes files, waits, hashes a password or
    /// sends a file. Its rights are checked first, in a snapshot.
    /// - Parameters:
    ///   - path: the path after `/api/v1`.
    ///   - query: as for `read`.
    mutating func own<Kind: RouteSubject, Query: RequestFields>(
        _ method: HTTPRequest.Method, _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>,
        query: Query.Type, _ operation: Operation,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Query, OwnRequest) async throws -> Response
    ) {
        let rules = FieldRules(query)
        let server = server
        add(
            Route(
                method: method, path: "/api/v1" + path, access: Kind.kind == .none ? .open : .bearer, action: action,
                resource: Kind.kind, operation: operation.asking(rules)
            ) { request, context in
                try await server.own(request, context, on: kind) { proved, own in
                    .response(try await handler(proved, try Query(query: request, rules), own))
                }
            })
    }

    /// The same with a JSON body.
    mutating func own<Kind: RouteSubject, Body: RequestFields>(
        _ method: HTTPRequest.Method, _ path: String, _ action: Action, on kind: RouteSubjectKind<Kind>,
        body: Body.Type, _ operation: Operation,
        _ handler: @escaping @Sendable (ProvedRequest<Kind>, Body, OwnRequest) async throws -> Response
    ) {
        let rules = FieldRules(body)
        let server = server
        add(
            Route(
                method: method, path: "/api/v1" + path, access: Kind.kind == .none ? .open : .bearer, action: action,
                resource: Kind.kind, operation: operation.taking(rules)
            ) { request, context in
                try await server.own(request, context, on: kind) { proved, own in
                    .response(try await handler(proved, try await Body(json: request, rules), own))
                }
            })
    }
}

extension Operation {
    /// The operation with these query parameters.
    func asking(_ rules: FieldRules) -> Operation {
        var operation = self
        operation.query = rules.parameters
        return operation
    }

    /// The operation with a body of an HTML form's media type.
    func asking(form rules: FieldRules) -> Operation {
        var operation = self
        operation.body = .form(rules.shape)
        return operation
    }

    /// The operation with a JSON body.
    func taking(_ rules: FieldRules) -> Operation {
        var operation = self
        operation.body = rules.isOptional ? .optional(rules.shape) : .json(rules.shape)
        return operation
    }
}
