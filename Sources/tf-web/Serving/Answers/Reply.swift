import HTTPTypes
import Hummingbird
import NIOCore
import TFEngine
import TFExpression
import TFStore

/// An answer to a change, with all that it tells as of the change's transaction. It can be stored there for repeated
/// requests.
struct Reply: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    private var content: Content
    /// The ticket for whose next step the answer waits a moment.
    var moved: TicketID?

    /// What it consists of. A value is written when somebody needs the bytes: behind the transaction, in which others
    /// wait, unless the answer is stored.
    private enum Content {
        case bytes(ByteBuffer)
        case value(@Sendable () -> JSON)

        var bytes: ByteBuffer {
            switch self {
            case .bytes(let bytes): bytes
            case .value(let json): ByteBuffer(bytes: json().bytes)
            }
        }
    }

    init(status: HTTPResponse.Status, headers: HTTPFields = [:], body: ByteBuffer = ByteBuffer()) {
        self.status = status
        self.headers = headers
        content = .bytes(body)
    }

    static func json(_ value: JSON) -> Reply { json(200) { value } }

    /// 201, with the address of the new resource in `Location`.
    static func created(_ value: some Answer, at location: String) -> Reply {
        var answer = json(value, status: 201)
        answer.headers[.location] = location
        return answer
    }

    static func json(_ value: some Answer, status: Int = 200) -> Reply { json(status) { value.json } }

    private static func json(_ status: Int, _ value: @escaping @Sendable () -> JSON) -> Reply {
        var reply = Reply(status: .init(code: status), headers: [.contentType: "application/json"])
        reply.content = .value(value)
        return reply
    }

    /// `{items, next}`.
    static func page(_ items: [some Answer], next: String? = nil) -> Reply {
        json(["items": .array(items.map(\.json)), "next": .optional(next)])
    }

    /// A page of a list that is read as a whole, ordered by what names its items.
    static func page<Item: Answer>(_ items: [Item], _ paging: Paging, by name: (Item) -> String) -> Reply {
        let part = paging.part(of: items, by: name)
        return page(part.items, next: part.next)
    }

    /// 303 after a POST.
    static func seeOther(_ location: String) -> Reply {
        Reply(status: .seeOther, headers: [.location: location])
    }

    /// 204: done, without a body.
    static let noContent = Reply(status: .noContent)

    /// The same with its bytes, which are then made once.
    var written: Reply {
        var reply = self
        reply.content = .bytes(content.bytes)
        return reply
    }

    var bytes: ByteBuffer { content.bytes }

    var response: Response {
        let body = content.bytes
        return Response(
            status: status, headers: headers,
            body: body.readableBytes == 0 ? .init() : .init(byteBuffer: body))
    }
}

extension Reply {
    /// The form in which it is stored for repeated requests.
    var stored: JSON {
        [
            "status": .int(status.code),
            "headers": .array(headers.map { .strings([$0.name.rawName, $0.value]) }),
            "body": .string(String(buffer: content.bytes)),
        ]
    }

    /// The stored answer to the first request with this key; nil if there was none.
    /// - Throws: `StoreError.conflict` if there was one whose answer cannot be read any more.
    init?(earlier key: IdempotencyKey, _ session: ReadSession) throws {
        guard let stored = try session.answer(to: key) else { return nil }
        guard let reply = Reply(stored: stored) else {
            throw StoreError.conflict("this was done already; read it again")
        }
        self = reply
    }

    /// nil if the stored form is not one that this program writes.
    private init?(stored: JSON) {
        guard let status = stored["status"].intValue, let body = stored["body"].stringValue else { return nil }
        self.status = .init(code: status)
        content = .bytes(ByteBuffer(string: body))
        for header in stored["headers"].arrayValue ?? [] {
            guard let pair = header.arrayValue, pair.count == 2, let name = pair[0].stringValue,
                let field = HTTPField.Name(name), let value = pair[1].stringValue
            else { return nil }
            headers.append(HTTPField(name: field, value: value))
        }
    }

    /// Collects a handler's response; nil if it is a stream or longer than `limit` bytes.
    init?(_ response: Response, limit: Int) async throws {
        guard let length = response.body.contentLength, length <= limit else { return nil }
        status = response.status
        headers = response.headers
        content = .bytes(try await BodyCollector.bytes(of: response.body))
    }
}
