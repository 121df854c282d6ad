import NIOCore
import NIOPosix

/// A primary that Redis Sentinel looks after, and the sentinels that say which server it is.
///
/// All are asked at once. As soon as more than half have answered, or no more will, the answer of the newest configuration
/// counts. A sentinel that was cut off, or stopped, may name a primary of the past; if it is the only one that answers it
/// is believed, since Redis only delivers: what goes there is late, and not lost. So may
/// the server that it names call itself a primary until Sentinel reaches it, which is why the sentinels are asked again
/// while a connection is open (`waitForOther`).
/// Source: "Guidelines for Redis clients with support for Redis Sentinel", redis.io.
public struct Sentinels: Sendable, Hashable, CustomStringConvertible {
    /// For a sentinel's answer, and for a server that it names: whoever is stopped does not answer, and the sentinels may
    /// know another primary meanwhile.
    static let patience = TimeAmount.seconds(2)
    /// How often the sentinels are asked while a connection is open.
    private static let look = Duration.seconds(1)

    /// The name by which they know it.
    public let name: String
    /// At least one, each with its own credentials.
    public let sentinels: [RedisAddress.Server]
    /// Who signs in at the primary.
    let credentials: RedisAddress.Credentials?
    let tls: RedisAddress.TLS?

    /// The address without passwords.
    public var description: String {
        let places = sentinels.map(\.place).joined(separator: ",")
        return "\(tls == nil ? "redis" : "rediss")+sentinel://\(places)/\(name)"
    }

    /// What one sentinel says.
    private struct View {
        /// Raised with every failover.
        let epoch: Int
        let host: String
        let port: Int
    }

    /// Asks which server is the primary at present.
    func primary(_ group: any EventLoopGroup) async throws(QueueError) -> RedisAddress {
        var views: [View] = []
        var reasons: [String] = []
        await withTaskGroup(of: Result<View, QueueError>.self) { tasks in
            for sentinel in sentinels {
                tasks.addTask {
                    do throws(QueueError) { return .success(try await view(of: sentinel, group)) } catch {
                        return .failure(error)
                    }
                }
            }
            for await result in tasks {
                switch result {
                case .success(let view): views.append(view)
                case .failure(.unreachable(_, let reason)), .failure(.connectionLost(let reason)):
                    reasons.append(reason)
                case .failure(let error): reasons.append(error.description)
                }
                guard views.count <= sentinels.count / 2 else { break }
            }
            tasks.cancelAll()
        }
        guard let newest = views.max(by: { $0.epoch < $1.epoch }) else {
            let reason = Set(reasons).sorted().joined(separator: "; ")
            throw .unreachable(address: description, reason: "no sentinel names the primary (\(reason))")
        }
        return .tcp(RedisAddress.Server(host: newest.host, port: newest.port, credentials: credentials, tls: tls))
    }

    /// Returns when the sentinels name another primary than this one.
    /// - Throws: `CancellationError`.
    func waitForOther(than present: RedisAddress, _ group: any EventLoopGroup) async throws {
        while true {
            try await Task.sleep(for: Self.look)
            // While no sentinel answers, the present one stays: it may well work.
            guard let primary = try? await primary(group) else { continue }
            guard primary == present else { return }
        }
    }

    /// Asks each sentinel whether a failover could be decided now.
    /// - Returns: `host:port` of each, and what is wrong; nil: nothing.
    public func problems(
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async -> [(sentinel: String, problem: String?)] {
        var problems: [(String, String?)] = []
        for sentinel in sentinels {
            do throws(QueueError) {
                let replies = try await ask(sentinel, [["SENTINEL", "CKQUORUM", name]], group)
                if case .error(let reason) = replies[0] {
                    problems.append((sentinel.place, reason))
                } else {
                    problems.append((sentinel.place, nil))
                }
            } catch {
                problems.append((sentinel.place, error.description))
            }
        }
        return problems
    }

    private func view(of sentinel: RedisAddress.Server, _ group: any EventLoopGroup) async throws(QueueError) -> View {
        // The first one names the successor from the moment that it is promoted.
        let questions = [["SENTINEL", "GET-MASTER-ADDR-BY-NAME", name], ["SENTINEL", "MASTER", name]]
        let replies = try await ask(sentinel, questions, group)
        if case .error(let reason) = replies[0] { throw .refused(command: "SENTINEL", reason: reason) }
        let place = replies[0].elements.compactMap(\.text)
        guard place.count == 2, let port = Int(place[1]) else {
            throw .refused(command: "SENTINEL", reason: "\(sentinel.place) knows no primary \"\(name)\"")
        }
        let facts = replies[1].elements.compactMap(\.text)
        let epoch = facts.firstIndex(of: "config-epoch").flatMap { facts.dropFirst($0 + 1).first }.flatMap { Int($0) }
        return View(epoch: epoch ?? 0, host: place[0], port: port)
    }

    private func ask(
        _ sentinel: RedisAddress.Server, _ questions: [[String]], _ group: any EventLoopGroup
    ) async throws(QueueError) -> [RedisValue] {
        let connection = try await RedisConnection.open(.tcp(sentinel), group: group, deadline: Self.patience)
        defer { connection.close() }
        let result: Result<[RedisValue], QueueError> = await withTaskCancellationHandler {
            do throws(QueueError) {
                return .success(try await connection.send(questions, deadline: Self.patience))
            } catch {
                return .failure(error)
            }
        } onCancel: {
            connection.close()
        }
        return try result.get()
    }
}

extension RedisAddress {
    /// The server itself: with Sentinel, the primary that it names at present.
    public func resolved(
        group: any EventLoopGroup = MultiThreadedEventLoopGroup.singleton
    ) async throws(QueueError) -> RedisAddress {
        guard case .sentinel(let sentinels) = self else { return self }
        return try await sentinels.primary(group)
    }
}
