import Foundation
import Hummingbird
import TFEngine
import TFExpression
import TFStore
import TFSystem

/// Forms whose session has ended: what was typed is stored for its person and shown again, filled in.
extension PageSession {
    /// Above the form that is filled in again. No «Done»: nothing was sent.
    private static func keptNotice(_ files: [String]) -> HTML {
        let again =
            files.isEmpty
            ? "" : " Files are not kept: choose \(files.map(Words.quoted).joined(separator: ", ")) again."
        return """
            <div class="banner work" role="alert"><p><b>You were signed out while you typed.</b> What you had typed is here \
            again; check it, then send it.\(again)</p></div>
            """
    }
    private static let notSent = "You were signed out meanwhile, so nothing was done. Do it again."
    private static let tooLarge =
        "You were signed out while you typed, and nothing was sent. What you had typed is more than is kept for you "
        + "(\(Store.limitParkedBytes >> 20) MB): go back in your browser to copy it."
    /// The key under which a parked form's address is stored with its fields; page fields never begin with this mark.
    private static let action = "_action"
    /// The same for the name of a file that was chosen, and is to be chosen again.
    private static let file = "_file"

    /// The parameter of a page's address that names what is to be filled into its form.
    static let parkedName = "parked"

    /// Stores what was typed in another session, only for that session's person. They get the page again, filled in, at
    /// once or after they have signed in; it is never sent automatically.
    func park(_ form: FormOfOtherSession, _ request: Request, _ context: WebContext) async throws -> Response {
        let signedIn = try await site.signedIn(context)
        // Requests of the page's script while somebody types are not forms.
        guard context.route?.isQuestion != true, !request.uri.path.hasSuffix("/validation"),
            let owner = try await site.store.read({ try $0.personOfSession(form.session) })
        else {
            guard signedIn == nil else { throw Self.foreign }
            return .seeOther("/login")
        }
        // Hidden fields, secrets and the content of files are not stored.
        let typed = form.form.presentable.filter { $0.name != "file" }
        let files = form.form.filesNotKept.map { (name: Self.file, value: $0) }
        let found = table.page(of: form.form, sentTo: request.uri.path)
        guard let found, !files.isEmpty || form.form.typed.contains(where: { $0.name != "file" }) else {
            return answer(owner, signedIn, found?.address ?? "/", .nothing, request, context)
        }
        let page = found.path
        let id = Random.token()
        let fields = [(name: Self.action, value: request.uri.path)] + typed + files
        let isKept = try await site.store.writeAside { session in
            try session.park(
                id: id, account: owner, page: page,
                fields: .array(fields.map { .array([.string($0.name), .string($0.value)]) }), now: site.now)
        }
        guard isKept else { return answer(owner, signedIn, found.address, .tooLarge, request, context) }
        return answer(owner, signedIn, Self.address(found.address, with: id), .kept, request, context)
    }

    /// The address of a page into whose form the fields that are kept under `id` are filled.
    static func address(_ page: String, with id: String) -> String {
        "\(page)\(page.contains("?") ? "&" : "?")\(parkedName)=\(id)"
    }

    /// What happened to the typed text.
    private enum Parked {
        case kept
        case tooLarge
        /// Nothing was typed.
        case nothing
    }

    /// Sends the same person back to their page; another person learns only that nothing was sent, and sees none of the
    /// text.
    private func answer(
        _ owner: AccountID, _ signedIn: SignedIn?, _ page: String, _ parked: Parked, _ request: Request,
        _ context: WebContext
    ) -> Response {
        guard let signedIn else {
            let login = LocalPath.login(leadingTo: page)
            return parked == .tooLarge ? site.seeOther(login, saying: Self.tooLarge) : .seeOther(login)
        }
        if signedIn.account.id == owner {
            switch parked {
            case .kept: return .seeOther(page)
            case .tooLarge: return site.seeOther(page, saying: Self.tooLarge)
            case .nothing: return site.seeOther(page, saying: Self.notSent)
            }
        }
        let kept: HTML =
            switch parked {
            case .kept:
                """
                <p>What was typed is kept for a day, for that account alone: sign in with it, and the form is filled in again.</p>
                """
            case .tooLarge: "<p>\(Self.tooLarge)</p>"
            case .nothing: .empty
            }
        let title = "You are signed in as somebody else"
        let token = site.tags(context).token
        var response = RouteServer(site: site).framed(
            Page(
                title,
                """
                <h1>\(title)</h1><p>You are signed in as \(signedIn.account.name), and this form was filled in \
                under another account. Nothing was sent.</p>\(kept)\
                <form method="post" action="/logout"><input type="hidden" name="_csrf" value="\(token)">\
                <input type="hidden" name="next" value="\(page)">\
                <button>Sign in with the other account</button></form>
                """), for: Viewer(signedIn: signedIn, company: nil, figures: nil), request, context)
        response.status = .conflict
        return response
    }

    /// Restores what the same person had typed on this page, or on one that leads here; it is never sent automatically.
    /// - Returns: what to fill into the page's form; nil if nothing is stored for this person and page.
    func unpark(
        _ id: String, _ request: Request, _ context: inout WebContext
    ) async throws -> TypedForm? {
        guard case .token(let token) = context.credential else { return nil }
        let fields = try await site.store.read {
            try $0.parkedForm(id, account: token.accountID, page: request.uri.path, now: site.now)
        }
        guard let fields = fields?.arrayValue else { return nil }
        var typed = TypedForm(action: request.uri.path)
        var files: [String] = []
        for field in fields {
            guard let pair = field.arrayValue, pair.count == 2, let name = pair[0].stringValue,
                let value = pair[1].stringValue
            else { continue }
            if name == Self.action {
                typed.action = value
            } else if name == Self.file {
                files.append(value)
            } else {
                context.form.append(name, value)
                typed.fields.append((name, value))
            }
        }
        context.typed = TypedInput(form: context.form, reason: .parked)
        typed.kept = Self.keptNotice(files)
        return typed
    }
}
