import Foundation
import HTTPTypes
import Hummingbird
import TFConfiguration

/// Takes the client's address from a trusted proxy.
struct ClientAddress: RouterMiddleware {
    typealias Context = WebContext

    let proxies: [AddressRange]

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard isProxy(context.address) else { return try await next(request, context) }
        var context = context
        let chain = request.headers[values: SecurityHeaders.name("X-Forwarded-For")].joined(separator: ",")
            .split(separator: ",").map { $0.trimmingCharacters(in: .whitespaces) }
        // From the right: the first address that is not one of our proxies is the client; anything before it may be
        // forged.
        if let client = chain.last(where: { !isProxy($0) }), AddressRange.bytes(of: client) != nil {
            context.address = AddressRange.plain(client)
        }
        return try await next(request, context)
    }

    private func isProxy(_ address: String) -> Bool {
        guard let bytes = AddressRange.bytes(of: AddressRange.plain(address)) else { return false }
        return proxies.contains { $0.contains(bytes) }
    }
}
