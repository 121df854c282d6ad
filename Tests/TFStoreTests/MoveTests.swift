import Foundation
import TFEngine
import TFSystem
import TestSupport
import Testing

@testable import TFStore

/// A record moved from one engine to the other is the same record, or it was not moved.
@Suite struct MoveTests {
    private let directory = TestFolder.path("store")
    private let masterKey = TestFolder.path("master", suffix: ".key")
    /// The site's keys.
    private static let keys = [
        "secret": "0123456789abcdef", "secrets.key": "\u{0}\u{1}", "states.json": "{}", "k_1-a.pem": "a key",
    ]

    /// A data directory with rows in every table.
    private func fill() throws {
        let text = ProjectFolder.url("Tests/TFStoreTests/Stores/\(Migration.newest).sql")
        try FileManager.default.createDirectory(
            atPath: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        let database = try SQLite(path: directory + "/store.db")
        try database.migrate()
        try database.pool.write { db in try db.execute(sql: try String(contentsOf: text, encoding: .utf8)) }
        try database.close()
        try FileManager.default.createDirectory(atPath: directory + "/attachments", withIntermediateDirectories: true)
        for (id, size) in [("f00d", CompanyStore.chunkBytes * 2 + 7), ("stray", 3), ("feed", 0)] {
            let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31) }
            try Data(bytes).write(to: URL(fileURLWithPath: "\(directory)/attachments/\(id)"))
        }
        for (name, text) in Self.keys { try write(text, to: "\(directory)/keys/\(name)") }
        try write("0123456789abcdef0123456789abcdef", to: directory + "/metrics.token")
        // What somebody else keeps there.
        try write("a note", to: directory + "/keys/note.txt")
    }

    private func write(_ text: String, to path: String) throws {
        try PrivateFile.makeDirectory((path as NSString).deletingLastPathComponent)
        try PrivateFile.write(Array(text.utf8), to: path)
    }

    private func move(_ source: MovePlace, _ target: MovePlace) throws -> [TableProof] {
        var proofs: [TableProof] = []
        try StoreMove.run(from: source, to: target, masterKey: masterKey) { step in
            if let proof = step.proof { proofs.append(proof) }
        }
        return proofs
    }

    private static func store(_ directory: String, _ url: String? = nil) throws -> Store {
        try Store(directory: directory, at: StoreLocation(url), baseURL: "http://localhost:1")
    }

    // MARK: The same

    @Test func `a record with rows in every table goes to PostgreSQL and back, and is equal table by table`()
        async throws
    {
        try fill()
        let (url, back) = (try await TestDatabases.shared.bare(), TestFolder.path("back"))
        let there = try move(.directory(directory), .server(url: url))
        #expect(there.map(\.table) == (try RecordTable.all()).map(\.name))
        #expect(there.filter { $0.rows == 0 } == [])
        let here = try move(.server(url: url), .directory(back))
        #expect(here == there)
        // Read by SQLite itself, also the index of words and the last numbers.
        let (old, new) = (try contents(of: directory), try contents(of: back))
        // Every part of the file is there; what is no attachment's, or empty, stays behind.
        #expect(there.first { $0.table == MovedAttachments.table }?.rows == 3)
        #expect(try FileManager.default.contentsOfDirectory(atPath: back + "/attachments") == ["f00d"])
        #expect(
            FileManager.default.contentsEqual(
                atPath: directory + "/attachments/f00d", andPath: back + "/attachments/f00d"))
        for (name, text) in Self.keys {
            #expect(try PrivateFile.read("\(back)/keys/\(name)") == Array(text.utf8), "\(name)")
        }
        #expect(
            FileManager.default.contentsEqual(atPath: directory + "/metrics.token", andPath: back + "/metrics.token"))
        let files = try FileManager.default.contentsOfDirectory(atPath: back + "/keys")
        #expect(Set(files) == Set(Self.keys.keys))
        #expect(!FileManager.default.fileExists(atPath: back + "/keys.moving"))
        #expect(old == new)
        #expect(old["search_index"]?.isEmpty == false)
        #expect(old["sqlite_sequence"]?.isEmpty == false)
        let store = try Self.store(back)
        #expect(try await store.faults() == [])
        #expect(try await store.read(in: 1) { try $0.ticket(number: 2) }?.title == "Again")
    }

    /// All rows of every table, as texts; of the index, which rows a word is in.
    private func contents(of directory: String) throws -> [String: [String]] {
        let database = try SQLite(path: directory + "/store.db")
        defer { try? database.close() }
        return try database.pool.read { db in
            let connection = SQLiteConnection(db: db)
            var all: [String: [String]] = [:]
            let aside = [MovedAttachments.table, MovedKeys.table]
            for table in try RecordTable.all() where !aside.contains(table.name) {
                all[table.name] = try connection.rows(table.select, [], limit: nil).map { "\($0)" }
            }
            for (name, sql) in [
                ("search_index", "SELECT rowid FROM search_index WHERE search_index MATCH 'key'"),
                ("sqlite_sequence", "SELECT * FROM sqlite_sequence ORDER BY name"),
            ] {
                all[name] = try connection.rows(sql, [], limit: nil).map { "\($0)" }
            }
            return all
        }
    }

    @Test func `every table of the store is moved, with every column that PostgreSQL has`() async throws {
        let tables = try RecordTable.all()
        #expect(Set(tables.map(\.name)) == Set(StoreTable.allCases.map(\.rawValue)))
        let url = try await TestDatabases.shared.bare()
        try Postgres(url: url).migrate()
        let columns = try PostgresConnection(url).run(
            """
            SELECT CAST(table_name AS TEXT), string_agg(column_name || ' ' || data_type, ', ' ORDER BY ordinal_position)
            FROM information_schema.columns
            WHERE table_schema = 'public' AND table_name NOT IN ('migration', 'commit_mark', 'counting_role', 'worker')
            GROUP BY table_name ORDER BY table_name
            """, []
        ).rows.map { ($0[0] as String, $0[1] as String) }
        let names: [RecordTable.Column.Kind: String] = [.integer: "bigint", .text: "text", .bytes: "bytea"]
        #expect(columns.map(\.0) == tables.map(\.name))
        for (table, (_, list)) in zip(tables, columns) {
            let own = table.columns.map { "\($0.name) \(names[$0.kind] ?? "")" }.joined(separator: ", ")
            #expect(own == list, "\(table.name)")
        }
    }

    @Test func `work goes on behind the last number that was given, and words are found`() async throws {
        let site = try await TestStore()
        try await site.publish(TestStore.files)
        for number in 1...3 { #expect(try await site.submit("a chair \(number)") == number) }
        try await site.advance()
        // The newest row of a table goes; its number is not given again.
        let last = try await site.store.write { session in
            try session.run(
                "INSERT INTO company (slug, name, timezone, created_at_ms) VALUES ('gone', 'Gone', 'UTC', 1)")
            let id = try session.first(Int64.self, "SELECT MAX(id) FROM company")
            try session.run("DELETE FROM company WHERE id = ?", [id])
            return id ?? 0
        }
        try site.store.close()
        let url = try await TestDatabases.shared.bare()
        _ = try move(.directory(site.directory), .server(url: url))
        let data = TestFolder.path("data")
        let back = TestFolder.path("back")
        do {
            let store = try Self.store(data, url)
            let company = try await store.write { try $0.addCompany(slug: "next", name: "N", timezone: "UTC", now: 1) }
            #expect(company.id.rawValue == last + 1)
            try await Self.expectFound("chair", 3, in: store, site.company.id)
            let tasks = try await store.read(in: site.company.id) { session in
                try session.tasks(scope: everything, filter: TaskFilter()).rows.count
            }
            #expect(tasks == 3)
            await store.disconnect()
        }
        _ = try move(.server(url: url), .directory(back))
        let store = try Self.store(back)
        let company = try await store.write { try $0.addCompany(slug: "later", name: "L", timezone: "UTC", now: 1) }
        #expect(company.id.rawValue == last + 2)
        try await Self.expectFound("chair", 3, in: store, site.company.id)
    }

    private static func expectFound(_ word: String, _ count: Int, in store: Store, _ company: CompanyID) async throws {
        let hits = try await store.read(in: company) { session in
            try session.all(
                Row.self,
                """
                SELECT s.id FROM \(TextIndex(session.site.connection.dialect).source)
                WHERE \(TextIndex(session.site.connection.dialect).matches) AND s.kind = 'title'
                """, [TextIndex(session.site.connection.dialect).pattern([word])])
        }
        #expect(hits.count == count)
    }

    // MARK: Not the same

    /// Changes one value on the way.
    private struct Tampering: RecordTarget {
        let target: any RecordTarget
        let table: String

        func rows(of table: RecordTable, _ row: ([SQLValue]) throws -> Void) throws { try target.rows(of: table, row) }
        func count(_ table: RecordTable) throws -> Int { try target.count(table) }
        func lastNumbers(of tables: [RecordTable]) throws -> [String: Int64] { try target.lastNumbers(of: tables) }
        func complete(after numbers: [String: Int64]) throws { try target.complete(after: numbers) }

        func add(to table: RecordTable, _ give: ((([SQLValue]) throws -> Void)) throws -> Void) throws {
            try target.add(to: table) { add in
                try withoutActuallyEscaping(add) { add in
                    var count = 0
                    try give { row in
                        count += 1
                        try add(table.name == self.table && count == 2 ? Self.tampered(row) : row)
                    }
                }
            }
        }

        private static func tampered(_ row: [SQLValue]) -> [SQLValue] {
            var row = row
            if let place = row.indices.last(where: { row[$0].isText }) { row[place] = .text("other") }
            return row
        }
    }

    @Test(arguments: ["ticket", "history", "audit", "comment"])
    func `a value that arrives changed is noticed, and nothing is moved`(_ table: String) async throws {
        try fill()
        let url = try await TestDatabases.shared.bare()
        let tables = try RecordTable.all()
        let error = try SQLiteRecord.held(directory) { source in
            #expect(throws: MoveError.self) {
                try PostgresRecord.made(in: url, masterKey: masterKey) { target in
                    try StoreMove.copy(from: source, to: Tampering(target: target, table: table), tables) { _ in }
                }
            }
        }
        let told = error?.description ?? ""
        #expect(told.contains("\(table) has ") && told.contains(" rows with the hash "), "\(told)")
        #expect(try Postgres(url: url).tables(PostgresConnection(url)) == [])
        // It is the record as before.
        #expect(try await Self.store(directory).read { try $0.companies().count } == 2)
    }

    @Test func `the proof of a table tells apart what is kept differently`() throws {
        let table = try #require(try RecordTable.all().first { $0.name == "comment" })
        func proof(_ rows: [[SQLValue]]) -> TableProof {
            var sum = TableSum()
            for row in rows { sum.add(row) }
            return sum.end(table)
        }
        let proofs = [
            proof([]), proof([[.null]]), proof([[.integer(0)]]), proof([[.text("")]]), proof([[.text("0")]]),
            proof([[.blob([48])]]), proof([[.text("ab"), .text("c")]]), proof([[.text("a"), .text("bc")]]),
            proof([[.text("a")], [.text("b")]]), proof([[.text("b")], [.text("a")]]), proof([[.real(0)]]),
        ]
        #expect(Set(proofs.map(\.sha256)).count == proofs.count)
        #expect(proof([[.text("ü")]]) == proof([[.text("ü")]]))
    }

    @Test func `a text that PostgreSQL cannot hold is told with its row, and nothing is moved`() async throws {
        try fill()
        let database = try SQLite(path: directory + "/store.db")
        try await database.pool.write { db in
            try db.execute(sql: "UPDATE comment SET text = 'a' || char(0) || 'b' WHERE id = 2")
        }
        try database.close()
        let url = try await TestDatabases.shared.bare()
        let error = #expect(throws: MoveError.self) { try move(.directory(directory), .server(url: url)) }
        #expect(
            error?.description.contains("row 2 of comment cannot be kept there: a text has a zero character") == true)
        #expect(try Postgres(url: url).tables(PostgresConnection(url)) == [])
    }

    @Test func `a move that was interrupted can be begun again`() async throws {
        try fill()
        let (url, back) = (try await TestDatabases.shared.bare(), TestFolder.path("back"))
        struct Interrupted: Error {}
        func interrupted(_ source: MovePlace, _ target: MovePlace) throws {
            #expect(throws: Interrupted.self) {
                try StoreMove.run(from: source, to: target, masterKey: masterKey) { step in
                    if step.proof != nil { throw Interrupted() }
                }
            }
        }
        try interrupted(.directory(directory), .server(url: url))
        let there = try move(.directory(directory), .server(url: url))
        try interrupted(.server(url: url), .directory(back))
        // As a process leaves it that was killed.
        try Data("half".utf8).write(to: URL(fileURLWithPath: back + "/store.db.moving"))
        #expect(try move(.server(url: url), .directory(back)) == there)
        #expect(!FileManager.default.fileExists(atPath: back + "/store.db.moving"))
    }

    // MARK: Refusals

    private func refusal(_ source: MovePlace, _ target: MovePlace) -> String {
        do {
            _ = try StoreMove.look(from: source, to: target, masterKey: masterKey)
            return "it could be moved"
        } catch { return "\(error)" }
    }

    @Test func `a record that somebody has open is not moved`() async throws {
        try fill()
        let url = try await TestDatabases.shared.bare()
        let program = try Self.store(directory)
        #expect(refusal(.directory(directory), .server(url: url)).contains("is in use; stop tf-daemon and tf-web"))
        try program.close()
        #expect(refusal(.directory(directory), .server(url: url)) == "it could be moved")
        _ = try move(.directory(directory), .server(url: url))
        let (data, back) = (TestFolder.path("data"), TestFolder.path("back"))
        let served = try Self.store(data, url)
        #expect(try await served.read { try $0.companies().count } == 2)
        #expect(refusal(.server(url: url), .directory(back)).contains("is in use"))
        await served.disconnect()
        #expect(refusal(.server(url: url), .directory(back)) == "it could be moved")
        #expect(!FileManager.default.fileExists(atPath: back), "looking makes no directory")
        try PrivateFile.makeDirectory(back)
        #expect(refusal(.server(url: url), .directory(back)) == "it could be moved")
        #expect(try PrivateFile.names(in: back).isEmpty, "nor a lock in one")
    }

    @Test func `nothing is mixed with what is there already`() async throws {
        try fill()
        let (url, newer) = (try await TestDatabases.shared.bare(), try await TestDatabases.shared.bare())
        try Postgres(url: url).migrate()
        #expect(
            refusal(.directory(directory), .server(url: url)).contains(
                "is not empty, and a move mixes with nothing; make the database anew with dropdb and createdb"))
        #expect(refusal(.server(url: url), .directory(directory)).contains("store.db is not empty"))
        try Postgres(url: newer).migrate()
        try PostgresConnection(newer).command("INSERT INTO migration VALUES (\(Migration.newest + 1), 'a')")
        #expect(refusal(.directory(directory), .server(url: newer)).contains("was made by a newer version"))
        let other = try await TestDatabases.shared.bare("TEMPLATE template0 LOCALE 'C.UTF-8'")
        #expect(refusal(.directory(directory), .server(url: other)).contains("would sort texts in another order"))
        #expect(
            refusal(.directory(directory), .server(url: "postgresql://localhost:1/x")).contains(
                "cannot be reached"))
        #expect(refusal(.directory(directory), .directory(directory)).contains("`tf-daemon backup`"))
        #expect(refusal(.server(url: url), .server(url: url)).contains("pg_dump"))
        #expect(refusal(.directory(directory + "x"), .server(url: url)).contains("there is no store in"))
        let empty = try await TestDatabases.shared.bare()
        #expect(refusal(.server(url: empty), .directory(directory)).contains("there is no store in"))
    }

    @Test func `where there is no room nothing is begun`() throws {
        let back = TestFolder.path("back")
        let error = #expect(throws: MoveError.self) { try SQLiteRecord.made(in: back, bytes: .max) { _ in } }
        #expect(error?.description.contains("there is no room in \(back)") == true)
        #expect(!FileManager.default.fileExists(atPath: back))
    }

    @Test func `keys are sealed where they arrive, and do not take the place of others`() async throws {
        try fill()
        let url = try await TestDatabases.shared.bare()
        #expect(refusal(.directory(directory), .server(url: url)) == "it could be moved")
        #expect(!FileManager.default.fileExists(atPath: masterKey), "looking makes no key")
        _ = try move(.directory(directory), .server(url: url))
        let sealed = try PostgresConnection(url).run("SELECT name, sealed FROM site_key", []).rows
        #expect(Set(sealed.map { $0[0] as String }) == Set(Self.keys.keys).union(["metrics.token"]))
        for row in sealed {
            let text = Data(base64Encoded: row[1] as String).map { String(decoding: $0, as: UTF8.self) } ?? ""
            #expect(!text.contains("0123456789abcdef"))
        }
        // The keys of a former site, some of them the same.
        let back = TestFolder.path("back")
        try write("0123456789abcdef", to: back + "/keys/secret")
        try write("{\"a\":1}", to: back + "/keys/states.json")
        #expect(refusal(.server(url: url), .directory(back)).contains("keys/states.json is not empty"))
        #expect(try PrivateFile.read(back + "/keys/states.json") == Array("{\"a\":1}".utf8))
        try FileManager.default.removeItem(atPath: back + "/keys/states.json")
        let original = try PrivateFile.read(masterKey)
        try PrivateFile.write(Random.bytes(32), to: masterKey)
        #expect(refusal(.server(url: url), .directory(back)).contains("sealed with another master key"))
        try PrivateFile.write(original, to: masterKey)
        _ = try move(.server(url: url), .directory(back))
        #expect(try PrivateFile.read(back + "/keys/states.json") == Array("{}".utf8))
    }

    @Test func `a record that was moved is opened by nobody, until somebody says so`() async throws {
        try fill()
        let (url, back) = (try await TestDatabases.shared.bare(), TestFolder.path("back"))
        #expect(try StoreMove.reopen(.directory(directory)) == nil)
        _ = try move(.directory(directory), .server(url: url))
        let error = #expect(throws: StoreOpenError.self) { try Self.store(directory) }
        #expect(error?.description.contains("was moved to \(url) by `tf-daemon move`") == true)
        #expect(throws: StoreOpenError.self) { try Store(reading: directory, baseURL: "http://localhost:1") }
        #expect(refusal(.directory(directory), .server(url: url)).contains("was moved to"))
        _ = try move(.server(url: url), .directory(back))
        #expect(throws: StoreOpenError.self) { try Self.store(TestFolder.path("data"), url) }
        #expect(try StoreMove.reopen(.server(url: url)) == "sqlite:\(back)")
        #expect(try StoreMove.reopen(.directory(directory)) == url)
        #expect(try await Self.store(directory).read { try $0.companies().count } == 2)
        try Postgres(url: url).demandNewestSchema()
    }
}

extension SQLValue {
    fileprivate var isText: Bool { if case .text = self { true } else { false } }
}

extension Store {
    /// As the end of a program does.
    fileprivate func disconnect() async {
        if case .postgres(let server) = engine { await server.close() }
    }
}
