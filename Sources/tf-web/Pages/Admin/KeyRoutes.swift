import TFDefinition
import TFEngine
import TFStore

/// The API keys of programs, which an admin makes and revokes.
struct KeyRoutes: Sendable {
    private static let keys = "/admin/users/{login}/keys"

    let site: Site

    func add(to routes: inout RouteTable) {
        // Its answer shows the key, so it is not stored with the request's id, as that of a change would be.
        routes.own(.post, Self.keys, .administer, on: .user, body: NewKey.self) { request, new, own in
            let account = request.user.account
            let text = APIKeyText.make()
            guard let key = APIKeyText(text) else { throw Failure.notFound }
            own.noteSecretInAnswer()
            do {
                try await own.write {
                    try $0.addAPIKey(id: key.id, hash: key.hash, name: new.name, of: account, now: site.now)
                }
            } catch StoreError.conflict(let sentence) {
                throw Failure.invalid([FieldError(field: "name", message: sentence)])
            }
            return .page(KeyPage(text: text, name: new.name, account: account).page)
        }
        routes.change("\(Self.keys)/{key}/revocation", .administer, on: .user, body: NoFields.self) {
            request, _, session in
            let account = request.user.account
            try session.revokeAPIKey(APIKeyID(request.parts["key"] ?? ""), of: account, now: request.now)
            return .seen(
                "/admin/users/\(account.login)", saying: "The key is revoked: programs with it are refused now.")
        }
    }
}

/// The form that makes a key.
struct NewKey: RequestFields {
    let name: String

    init(_ fields: inout FieldReader) {
        name = fields.required("name", .text(1, .name), ask: "Say what the key is for, such as Nightly import")
    }
}
