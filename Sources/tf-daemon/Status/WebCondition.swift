import AsyncHTTPClient
import Foundation
import NIOCore
import NIOPosix
import TFConfiguration
import TFExpression

/// Whether a tf-web serves pages at `http.bind`, as far as its `/healthz` tells.
struct WebCondition {
    private static let patience = TimeAmount.seconds(2)

    /// `http.bind`.
    let address: String
    /// Why no pages are served there; nil: they are.
    let problem: String?

    static func read(_ settings: Settings) async -> WebCondition {
        // What listens everywhere is asked here.
        let host = ["0.0.0.0": "127.0.0.1", "::": "::1"][settings.host] ?? settings.host
        let address = "\(settings.host.contains(":") ? "[\(settings.host)]" : settings.host):\(settings.port)"
        return WebCondition(address: address, problem: await problem(host, settings))
    }

    private static func problem(_ host: String, _ settings: Settings) async -> String? {
        var configuration = HTTPClient.Configuration()
        configuration.redirectConfiguration = .disallow
        configuration.timeout = .init(connect: patience, read: patience)
        configuration.httpVersion = .http1Only
        configuration.connectionPool.retryConnectionEstablishment = false
        // Only whether it answers is asked, not who it is: its certificate may be of an authority that is not known here.
        configuration.tlsConfiguration = .makeClientConfiguration()
        configuration.tlsConfiguration?.certificateVerification = .none
        var url = "http://\(host.contains(":") ? "[\(host)]" : host):\(settings.port)/healthz"
        // Its certificate is for the public name.
        if settings.tls != nil, let name = URLComponents(string: settings.baseURL)?.host {
            configuration.dnsOverride = [name: host]
            url = "https://\(name):\(settings.port)/healthz"
        }
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
        let problem = await answer(of: client, url)
        // It has no request any more.
        try? await client.shutdown()
        return problem
    }

    private static func answer(of client: HTTPClient, _ url: String) async -> String? {
        do {
            let response = try await client.execute(HTTPClientRequest(url: url), timeout: patience)
            return response.status == .ok ? nil : "what listens there answers \(response.status.code)"
        } catch let error as IOError where error.errnoCode == ECONNREFUSED {
            return "nothing listens there"
        } catch let error as NIOConnectionError {
            let reasons = error.connectionErrors.compactMap { ($0.error as? IOError)?.errnoCode }
            let isRefused = !reasons.isEmpty && reasons.allSatisfy { $0 == ECONNREFUSED }
            let reason = reasons.first.map { ": " + String(cString: strerror($0)) } ?? ""
            return isRefused ? "nothing listens there" : "nothing can be reached there\(reason)"
        } catch let error as HTTPClientError where error == .deadlineExceeded || error == .readTimeout {
            return "it does not answer within \(patience.nanoseconds / 1_000_000_000) s"
        } catch let error as HTTPClientError where error == .connectTimeout {
            return "nothing can be reached there within \(patience.nanoseconds / 1_000_000_000) s"
        } catch let error as HTTPClientError where error == .remoteConnectionClosed {
            return "it ends the connection without an answer"
        } catch {
            return "it cannot be asked: \(error)"
        }
    }

    var text: String { problem.map { "does not serve at \(address): \($0)" } ?? "serves at \(address)" }

    /// No fault if none is there: it may run on another machine, or at an address that only its own start names.
    var finding: Finding {
        guard problem != nil else { return .ok("tf-web", text) }
        return .note("tf-web", text, remedy: "if it should, see its log, or: systemctl start tf-web")
    }

    var json: JSON { ["address": .string(address), "serves": .bool(problem == nil), "problem": .optional(problem)] }
}
