import Foundation
import Hummingbird
import TFEngine
import TFStore
import TFSystem

/// A form that was shown in another session than the one that sends it; what was typed belongs to that session's
/// person.
struct FormOfOtherSession: Error {
    let session: SessionID
    /// The form's texts; files have to be chosen again.
    let form: PostedForm
}

/// The value of a page's `_csrf`: the session in which the form was shown, with an HMAC that only this site can make.
///
/// It tells who saw the form, whatever the cookies say when it is sent: the session may have ended by then, and the
/// browser may have started another. It is sent only to the browser with that session's cookies.
struct FormToken: Sendable, Hashable {
    let session: SessionID
    let text: String

    init(session: SessionID, keys: KeyRing) {
        self.session = session
        text = "\(session).\(keys.mac(session.rawValue, for: "csrf"))"
    }

    /// Reads a token that this site made.
    /// - Returns: nil for any other text.
    init?(_ text: String, keys: KeyRing) {
        guard text.utf8.count <= 200, let dot = text.utf8.lastIndex(of: UInt8(ascii: ".")) else { return nil }
        let token = FormToken(session: SessionID(String(text[..<dot])), keys: keys)
        guard ConstantTime.areEqual(token.text, text) else { return nil }
        self = token
    }
}

extension Site {
    /// The value of `_csrf`: bound to the session and the same throughout it; before sign-in bound to the pre-login
    /// cookie.
    func csrf(_ signedIn: SignedIn, _ context: WebContext) -> String {
        context.notes.formToken(of: signedIn.session, keys: keys).text
    }

    /// The same before anybody has signed in.
    func csrf(preLogin: String?) -> String? { preLogin.map { keys.mac($0, for: "csrf before sign-in") } }

    /// Checks a form's CSRF token.
    /// - Parameter form: what was typed, for the error.
    /// - Throws: `FormOfOtherSession` if this site showed the form in another session.
    func checkToken(
        _ given: String?, _ request: Request, _ context: WebContext, _ form: () -> PostedForm
    ) throws {
        if context.route?.access == .open { return try checkOpenForm(given, request) }
        if let credential = context.credential, let given,
            ConstantTime.areEqual(context.notes.formToken(of: credential.session, keys: keys).text, given)
        {
            return
        }
        if let token = given.flatMap({ FormToken($0, keys: keys) }), token.session != context.credential?.session {
            throw FormOfOtherSession(session: token.session, form: form())
        }
        // Without a session only signing in is possible; every other post is sent there.
        guard context.credential == nil else { throw PageSession.foreign }
    }

    /// A form of an open page is bound to the browser, even if somebody has signed in meanwhile.
    private func checkOpenForm(_ given: String?, _ request: Request) throws {
        let expected = csrf(preLogin: cookies.value(.preLogin, request))
        guard let expected, let given, ConstantTime.areEqual(expected, given) else { throw PageSession.foreign }
    }

    /// The form's idempotency key; nil if it has none or only validates.
    func sentKey(_ form: PostedForm, _ request: Request, _ context: WebContext) -> SentKey? {
        guard let id = form[PostedForm.key], context.route?.isQuestion != true else { return nil }
        return SentKey(name: "page \(id)", request: "POST \(request.uri.path) \(form.content)")
    }
}
