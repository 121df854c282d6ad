import HTTPTypes
import Hummingbird
import NIOCore
import TFEngine
import TFExpression
import TFStore

/// An answer whose bytes are known when it is made, so that it can be kept with the change that it tells of.
struct Reply: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    var body = ByteBuffer()
    /// The ticket for whose next step the answer waits a moment.
    var moved: TicketID?

    static func json(_ value: JSON, status: Int = 200) -> Reply {
        Reply(
            status: .init(code: status), headers: [.contentType: "application/json"],
            body: ByteBuffer(bytes: value.bytes))
    }

    /// What was made stands at this address (201).
    static func created(_ value: some Answer, at location: String) -> Reply {
        var answer = json(value.json, status: 201)
        answer.headers[.location] = location
        return answer
    }

    static func json(_ value: some Answer, status: Int = 200) -> Reply { json(value.json, status: status) }

    /// `{items, next}`.
    static func page(_ items: [some Answer], next: String? = nil) -> Reply {
        json(["items": .array(items.map(\.json)), "next": .optional(next)])
    }

    /// After a POST: see the other page (303).
    static func seeOther(_ location: String) -> Reply {
        Reply(status: .seeOther, headers: [.location: location])
    }

    /// Done, and nothing is to be said of it (204).
    static let noContent = Reply(status: .noContent)

    var response: Response {
        Response(
            status: status, headers: headers,
            body: body.readableBytes == 0 ? .init() : .init(byteBuffer: body))
    }
}

extension Reply {
    /// As it is kept for a repeated request.
    var stored: JSON {
        [
            "status": .int(status.code),
            "headers": .array(headers.map { .strings([$0.name.rawName, $0.value]) }),
            "body": .string(String(buffer: body)),
        ]
    }

    /// What the first request with this key was answered; nil: there was none.
    /// - Throws: `StoreError.conflict` where it was done, and its answer cannot be read any more.
    init?(earlier key: RequestKey, _ session: ReadSession) throws {
        guard let stored = try session.answer(to: key) else { return nil }
        guard let reply = Reply(stored: stored) else {
            throw StoreError.conflict("this was done already; read it again")
        }
        self = reply
    }

    /// nil: this was not kept by this program.
    private init?(stored: JSON) {
        guard let status = stored["status"].intValue, let body = stored["body"].stringValue else { return nil }
        self.status = .init(code: status)
        self.body = ByteBuffer(string: body)
        for header in stored["headers"].arrayValue ?? [] {
            guard let pair = header.arrayValue, pair.count == 2, let name = pair[0].stringValue,
                let field = HTTPField.Name(name), let value = pair[1].stringValue
            else { return nil }
            headers.append(HTTPField(name: field, value: value))
        }
    }

    /// The bytes of a response that a handler made; nil for one that is too long to be kept, or a stream.
    init?(_ response: Response, limit: Int) async throws {
        guard let length = response.body.contentLength, length <= limit else { return nil }
        status = response.status
        headers = response.headers
        body = try await BodyCollector.bytes(of: response.body)
    }
}
