import HTTPTypes
import HummingbirdTesting
import TFExpression
import Testing

@testable import tf_web

/// The REST API's description of itself.
@Suite struct OpenAPITests {
    private func operations(_ document: JSON) -> [(path: String, method: String, operation: JSON)] {
        (document["paths"].objectValue ?? [:]).flatMap { path, item in
            (item.objectValue ?? [:]).map { method, operation in (path, method, operation) }
        }
    }

    @Test func `every route of the API is described once, and nothing else`() async throws {
        let fixture = try await WebFixture()
        let routes = buildRoutes(fixture.site)
        let operations = operations(OpenAPI(routes, baseURL: "http://localhost").document)
        let described = operations.map { "\($0.method) \($0.path)" }.sorted()
        let served = routes.routes.filter(\.isOfAPI).map { "\($0.method.rawValue.lowercased()) \($0.path)" }.sorted()
        #expect(described == served)
        let ids = operations.compactMap { $0.operation["operationId"].stringValue }
        #expect(ids.count == operations.count)
        #expect(Set(ids).count == ids.count)
    }

    @Test func `every parameter of a path is declared, and every operation says what it answers`() async throws {
        let fixture = try await WebFixture()
        let document = OpenAPI(buildRoutes(fixture.site), baseURL: "http://localhost").document
        for (path, method, operation) in operations(document) {
            let named = path.split(separator: "/").filter { $0.hasPrefix("{") }.map {
                String($0.dropFirst().dropLast())
            }
            let declared = (operation["parameters"].arrayValue ?? []).filter { $0["in"] == "path" }
                .compactMap { $0["name"].stringValue }
            #expect(declared == named, "\(method) \(path)")
            let codes = (operation["responses"].objectValue ?? [:]).map(\.key)
            #expect(codes.contains { $0.hasPrefix("2") }, "\(method) \(path)")
            let isOpen = operation["security"].arrayValue?.isEmpty == true
            #expect(isOpen || codes.contains("401"), "\(method) \(path)")
        }
    }

    @Test func `a submission says that its answer may be without a body`() async throws {
        let fixture = try await WebFixture()
        let document = OpenAPI(buildRoutes(fixture.site), baseURL: "http://localhost").document
        let submission = document["paths"]["/api/v1/companies/{company}/tickets"]["post"]
        let told = try #require(submission["responses"]["201"]["description"].stringValue)
        #expect(told.hasPrefix("It is made. Without a body if the ticket is none that you may see"), "\(told)")
    }

    @Test func `a parameter of a query may be left empty where there need not be one`() async throws {
        let fixture = try await WebFixture()
        let document = OpenAPI(buildRoutes(fixture.site), baseURL: "http://localhost").document
        var count = 0
        for (path, method, operation) in operations(document) {
            for parameter in operation["parameters"].arrayValue ?? [] where parameter["in"] == "query" {
                let mayBeEmpty = parameter["schema"]["anyOf"].arrayValue?.last?["pattern"] == "^\\s*$"
                #expect(mayBeEmpty == (parameter["required"] == false), "\(method) \(path) \(parameter["name"])")
                count += 1
            }
        }
        #expect(count > 20)
    }

    @Test func `a text that is checked has a kind and a name, or errors by line`() async throws {
        let fixture = try await WebFixture()
        let document = OpenAPI(buildRoutes(fixture.site), baseURL: "http://localhost").document
        let check = document["paths"]["/api/v1/companies/{company}/definitions/check"]["post"]
        #expect(check["responses"]["422"]["description"].stringValue?.contains("line by line") == true)
        let properties = document["components"]["schemas"]["Check"]["properties"]
        for name in ["kind", "name"] { #expect(properties[name]["type"] == "string", "\(name)") }
    }

    @Test func `what is made has its address, an upload may be repeated, and a table promises no ETag`() async throws {
        let fixture = try await WebFixture()
        let document = OpenAPI(buildRoutes(fixture.site), baseURL: "http://localhost").document
        var made = 0
        for (path, method, operation) in operations(document) where operation["responses"]["201"] != .null {
            made += 1
            #expect(operation["responses"]["201"]["headers"]["Location"] != .null, "\(method) \(path)")
        }
        #expect(made > 8)
        let paths = document["paths"]
        func headers(_ operation: JSON) -> [String] {
            (operation["parameters"].arrayValue ?? []).filter { $0["in"] == "header" }
                .compactMap { $0["name"].stringValue }
        }
        let company = "/api/v1/companies/{company}"
        for path in ["uploads", "tickets/{number}/attachments"] {
            #expect(headers(paths["\(company)/\(path)"]["post"]).contains("Idempotency-Key"), "\(path)")
        }
        #expect(!headers(paths["/api/v1/auth/introspect"]["post"]).contains("Idempotency-Key"))
        let list = paths["\(company)/tasks"]["get"]["responses"]
        #expect(list["304"]["description"].stringValue?.hasSuffix("A CSV table has no ETag.") == true)
        #expect(list["200"]["headers"]["X-Next"] != .null)
    }

    @Test func `what takes the version that was read may answer that it is stale`() async throws {
        let fixture = try await WebFixture()
        let document = OpenAPI(buildRoutes(fixture.site), baseURL: "http://localhost").document
        var paths: [String] = []
        for (path, method, operation) in operations(document) {
            let schema = operation["requestBody"]["content"]["application/json"]["schema"]
            let name = schema["$ref"].stringValue?.split(separator: "/").last.map(String.init)
            let body = name.map { document["components"]["schemas"][$0] } ?? schema
            guard body["properties"]["version"] != .null else { continue }
            paths.append(path)
            #expect(operation["responses"]["409"] != .null, "\(method) \(path)")
        }
        #expect(paths.contains("/api/v1/companies/{company}/roles/{role}"))
    }

    @Test func `every reference leads to a schema, and every schema is referred to`() async throws {
        let fixture = try await WebFixture()
        let document = OpenAPI(buildRoutes(fixture.site), baseURL: "http://localhost").document
        var references: Set<String> = []
        func collect(_ value: JSON) {
            if let reference = value["$ref"].stringValue { references.insert(reference) }
            for (_, member) in value.objectValue ?? [:] { collect(member) }
            for element in value.arrayValue ?? [] { collect(element) }
        }
        collect(document)
        let schemas = (document["components"]["schemas"].objectValue ?? [:]).map { "#/components/schemas/\($0.key)" }
        #expect(references == Set(schemas))
    }

    @Test func `it is served to everybody as the command prints it`() async throws {
        let fixture = try await WebFixture()
        let printed = OpenAPI(buildRoutes(fixture.site), baseURL: fixture.site.settings.baseURL).document
        try await fixture.test { browser in
            let served = try await browser.get("/api/openapi.json")
            #expect(served.status == .ok)
            #expect(try JSON(parsing: served.html) == printed)
        }
    }
}
