import HTTPTypes
import Hummingbird
import NIOCore
import TFExpression

/// An answer whose bytes are known when it is made, so that it can be kept with the change that it tells of.
struct KeptAnswer: Sendable {
    var status: HTTPResponse.Status
    var headers: HTTPFields = [:]
    var body = ""

    static func json(_ value: JSON, status: Int = 200) -> KeptAnswer {
        KeptAnswer(status: .init(code: status), headers: [.contentType: "application/json"], body: value.text)
    }

    /// What was made stands at this address (201).
    static func created(_ value: some Answer, at location: String) -> KeptAnswer {
        var answer = json(value.json, status: 201)
        answer.headers[.location] = location
        return answer
    }

    /// After a POST: see the other page (303).
    static func seeOther(_ location: String) -> KeptAnswer {
        KeptAnswer(status: .seeOther, headers: [.location: location])
    }

    /// Done, and nothing is to be said of it (204).
    static let noContent = KeptAnswer(status: .noContent)

    var response: Response {
        Response(
            status: status, headers: headers,
            body: body.isEmpty ? .init() : .init(byteBuffer: ByteBuffer(string: body)))
    }
}

extension KeptAnswer {
    /// As it is kept for a repeated request.
    var stored: JSON {
        [
            "status": .int(status.code),
            "headers": .array(headers.map { .strings([$0.name.rawName, $0.value]) }), "body": .string(body),
        ]
    }

    /// nil: this was not kept by this program.
    init?(stored: JSON) {
        guard let status = stored["status"].intValue, let body = stored["body"].stringValue else { return nil }
        self.status = .init(code: status)
        self.body = body
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
        body = String(buffer: try await BodyCollector.bytes(of: response.body))
    }
}
