import TFExpression
import TFQueue

/// A Redis server as `tf-daemon status` shows it.
struct ServerStatus {
    let name: String
    let address: RedisAddress
    /// The server that Sentinel names at present; nil without Sentinel, or while none is reached.
    let primary: RedisAddress?
    /// How many companies are on it.
    let companies: Int
    /// Why it cannot be used; nil: it answers.
    var error: String?
    /// Why the queues cannot rely on it.
    let complaints: [String]

    /// Asks a server.
    /// - Parameter companies: how many are on it.
    static func read(_ server: QueueServer, companies: Int) async -> ServerStatus {
        var error: String?
        var complaints: [String] = []
        do throws(QueueError) {
            complaints = try await server.queues.server().complaints
        } catch let problem {
            error = problem.description
        }
        var primary: RedisAddress?
        if case .sentinel = server.client.address { primary = await server.client.server }
        return ServerStatus(
            name: server.name, address: server.client.address, primary: primary, companies: companies, error: error,
            complaints: complaints)
    }

    /// What it does, in words: `answers`, with Sentinel its primary, or the error.
    var text: String { error.map(Self.predicate) ?? primary.map { "answers, primary \($0)" } ?? "answers" }

    /// Of a sentence what it says of Redis, which the line names already.
    private static func predicate(_ sentence: String) -> String {
        sentence.hasPrefix("Redis ") ? String(sentence.dropFirst("Redis ".count)) : sentence
    }

    var json: JSON {
        [
            "name": .string(name), "address": .string(address.description),
            "primary": .optional(primary?.description), "companies": .int(companies), "error": .optional(error),
            "complaints": .strings(complaints),
        ]
    }
}

extension [ServerStatus] {
    /// Of one server what it does; of several who does not answer.
    var text: String {
        guard count > 1 else { return first?.text ?? "" }
        let silent = filter { $0.error != nil }
        guard !silent.isEmpty else { return "\(count) servers answer" }
        return "\(silent.count) of \(count) servers cannot be used"
    }

    /// Why the queues cannot rely on them; of several, with their names.
    var complaints: [String] {
        flatMap { server in server.complaints.map { count > 1 ? "\(server.name): \($0)" : $0 } }
    }

    /// One line for each server if there are several.
    var lines: [String] {
        guard count > 1 else { return [] }
        return map { server in
            let companies = server.companies == 1 ? "1 company" : "\(server.companies) companies"
            return "  \(server.name), \(companies): \(server.text)"
        }
    }
}
