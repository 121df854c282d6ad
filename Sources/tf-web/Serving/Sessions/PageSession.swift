import Foundation
import HTTPTypes
import Hummingbird
import TFEngine
import TFStore
import TFSystem

/// Authenticates page requests: reads the cookies, refreshes the session if needed, and checks unsafe requests.
struct PageSession: RouterMiddleware {
    typealias Context = WebContext

    let site: Site
    let table: RouteTable

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        if let tidy = Self.tidied(request) { return .seeOther(tidy) }
        var context = context
        try await noteCredential(request, context)
        context.credential = context.notes.credential
        var setCookies = context.notes.cookies
        // Refusals before the account is looked up are logged under this name.
        if case .token(let token) = context.credential {
            context.notes.caller = Caller(name: token.login, account: token.accountID, address: context.address)
        }
        context.preLogin =
            site.cookies.value(.preLogin, request) ?? (context.route?.access == .open ? Random.token() : nil)
        // Only a page that is shown tells it; a form's own answer has a sentence of its own.
        if request.method == .get { context.flash = flash(request) }
        var response: Response
        do {
            response = try await answer(request, context, next)
        } catch let form as FormOfOtherSession {
            response = try await park(form, request, context)
        } catch is SecondFactorIsMissing {
            response = .seeOther("/account/second-factor")
        }
        if let flash = context.flash {
            // A page that leads on shows nothing: the sentence goes along.
            let location = response.status == .seeOther ? response.headers[.location] : nil
            setCookies.append(location.map { site.cookie(flash, at: $0) } ?? site.cookies.deletion(.flash))
        }
        for cookie in setCookies where !response.headers[values: .setCookie].contains(where: { Self.same($0, cookie) })
        {
            response.headers.append(HTTPField(name: .setCookie, value: cookie))
        }
        return response
    }

    /// The address of a page without slashes that stand for nothing: links that are relative to it would lead elsewhere.
    /// - Returns: nil if it has none, or is not a page's.
    private static func tidied(_ request: Request) -> String? {
        let path = request.uri.path
        guard request.method == .get || request.method == .head, path != "/",
            path.hasSuffix("/") || path.utf8.contains("//".utf8)
        else { return nil }
        let query = request.uri.query.map { "?" + $0 } ?? ""
        return "/" + path.split(separator: "/").joined(separator: "/") + query
    }

    private func answer(
        _ request: Request, _ context: WebContext, _ next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        // Only a POST changes something: no handler takes another unsafe method, so the router refuses it.
        guard request.method == .post else { return try await shown(request, context, next) }
        var context = context
        var request = request
        try checkOrigin(request)
        if takesFiles(request, context) {
            context.unreadBody = request
        } else {
            let form = try await form(&request, context)
            do { try site.checkToken(form[PostedForm.token], request, context) { form } } catch is Failure
                where request.uri.path == "/login" && context.credential != nil
            {
                // Another tab has already signed in.
                return .seeOther(table.page(after: LocalPath.checked(form["next"])))
            }
            context.form = form
            context.sentKey = site.sentKey(context.form, request, context)
        }
        let (sent, inner) = (request, context)
        do {
            return try await next(sent, inner)
        } catch is SessionIsOver {
            var form = context.form
            if let body = context.unreadBody {
                form = try await FormTexts.read(body) { form in
                    try site.checkToken(form[PostedForm.token], body, context) { form }
                }
            }
            throw FormOfOtherSession(session: context.credential?.session ?? .absent, form: form)
        }
    }

    /// Shows a page, filled in with what was typed before the session ended.
    private func shown(
        _ request: Request, _ context: WebContext, _ next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        var parked: (id: String, form: TypedForm)?
        if let id = request.uri.queryParameters[Substring(Self.parkedName)],
            let form = try await unpark(String(id), request, &context)
        {
            parked = (String(id), form)
        }
        do {
            var response = try await next(request, context)
            guard let parked else { return response }
            // A page that is of no use any more leads to one above it: what was typed goes along.
            if response.status == .seeOther {
                response.headers[.location] = response.headers[.location].map { Self.address($0, with: parked.id) }
                return response
            }
            var typed = parked.form
            // Who gets a task's page may know what the task asks.
            if response.status == .ok {
                let path = request.uri.path
                let account: AccountID? =
                    if case .token(let token) = context.credential { token.accountID } else { nil }
                // Without it, what was typed is shown under the names of its fields.
                let task = try? await site.store.read { try TaskOfForm(onPage: path, $0) }
                (typed.known, typed.standing) = (task?.form, task?.standing(for: account))
            } else {
                typed.known = await site.formerForm(onPage: request.uri.path, context)
            }
            return try await typed.filled(in: response)
        } catch is SessionIsOver {
            return .seeOther(LocalPath.login(leadingTo: request.uri.description, hasEnded: true))
        } catch {
            // The page of the error shows it.
            guard let parked, RefusedForm.isEnd(error) else { throw error }
            throw RefusedForm(cause: error, typed: parked.form.texts)
        }
    }

    /// Whether two `Set-Cookie` values set the same cookie; the handler's own wins over ours.
    private static func same(_ left: String, _ right: String) -> Bool {
        left.prefix { $0 != "=" } == right.prefix { $0 != "=" }
    }

    /// Notes what the request's cookies show, and the new cookies if its session had to be refreshed.
    func noteCredential(_ request: Request, _ context: WebContext) async throws {
        (context.notes.credential, context.notes.cookies) = try await credential(request, context)
    }

    private func credential(_ request: Request, _ context: WebContext) async throws -> (Credential?, [String]) {
        // Whatever a bearer header holds, the cookies beside it do not count.
        guard !request.hasBearer else { return (nil, []) }
        let sessions = Sessions(site: site)
        if let token = site.cookies.value(.access, request).flatMap(sessions.page(access:)) {
            return (.token(token), [])
        }
        guard let token = site.cookies.value(.refresh, request),
            let tokens = try await sessions.refresh(token, use: .web, address: context.address),
            let access = sessions.page(access: tokens.access)
        else { return (nil, []) }
        return (.token(access), site.sessionCookies(tokens))
    }

    private func takesFiles(_ request: Request, _ context: WebContext) -> Bool {
        context.credential != nil && isMultipart(request, context)
    }

    private func isMultipart(_ request: Request, _ context: WebContext) -> Bool {
        request.mediaType?.hasPrefix("multipart/") == true && context.route?.takesFiles == true
    }

    private func form(_ request: inout Request, _ context: WebContext) async throws -> PostedForm {
        if isMultipart(request, context) {
            // Nobody is signed in: only the texts are read; without a valid token, those before the first file.
            let head = request
            return try await FormTexts.read(request) { form in
                try site.checkToken(form[PostedForm.token], head, context) { form }
            }
        }
        try request.demand("application/x-www-form-urlencoded")
        let body = try await request.wholeBody()
        return try PostedForm(Array(body.readableBytesView))
    }

    /// Checks the origin of a post by `Sec-Fetch-Site`, else by the exact `Origin`; one of them must be sent.
    private func checkOrigin(_ request: Request) throws {
        if let site = request.headers[SecurityHeaders.name("Sec-Fetch-Site")] {
            guard site == "same-origin" || site == "none" else { throw Self.foreign }
            return
        }
        let scheme = site.cookies.isSecure ? "https" : "http"
        guard let origin = request.headers[.origin], let authority = request.head.authority,
            HostCheck.plain(origin, scheme: scheme) == "\(scheme)://\(HostCheck.plain(authority, scheme: scheme))"
        else { throw Self.foreign }
    }

    static let foreign = Failure.forbidden(
        "This form did not come from this site, or the session changed. Load the page again and repeat it.")

    /// The sentence that is to be shown once at this address; at another one it waits.
    private func flash(_ request: Request) -> Flash? {
        guard let value = site.cookies.value(.flash, request) else { return nil }
        let parts = value.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, ConstantTime.areEqual(site.keys.mac(String(parts[0]), for: "flash"), String(parts[1])),
            let bytes = Base64URL.decode(parts[0])
        else { return nil }
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", maxSplits: 1)
        guard lines.count == 2, lines[0] == Site.path(of: request.uri.path) else { return nil }
        return Flash(text: String(lines[1]))
    }
}

extension Site {
    func sessionCookies(_ tokens: TokenPair) -> [String] {
        [
            cookies.header(.access, tokens.access, maxAge: AccessToken.lifetime),
            cookies.header(.refresh, tokens.refresh, maxAge: 30 * 86_400),
        ]
    }

    /// A redirect to a page that shows a sentence once.
    func seeOther(_ location: String, saying sentence: String) -> Response {
        seen(location, saying: Flash(sentence)).response
    }

    /// The same as a `Reply`, which can be stored for replay. The sentence shows at that address alone: other tabs of
    /// the browser load pages too.
    func seen(_ location: String, saying flash: Flash) -> Reply {
        var answer = Reply.seeOther(location)
        answer.headers.append(HTTPField(name: .setCookie, value: cookie(flash, at: location)))
        return answer
    }

    /// The `Set-Cookie` value of a sentence that is to be shown once at an address.
    fileprivate func cookie(_ flash: Flash, at location: String) -> String {
        let text = Base64URL.encode("\(Self.path(of: location))\n\(flash.text)".utf8)
        return cookies.header(.flash, "\(text).\(keys.mac(text, for: "flash"))", maxAge: 60)
    }
}

extension Site {
    /// An address without query and fragment, the same however it was escaped.
    fileprivate static func path(of address: String) -> String {
        let path = String(address.prefix { $0 != "?" && $0 != "#" })
        return path.percentDecoded ?? path
    }
}

/// Lets only signed-in people through; others are redirected to the sign-in page and come back afterwards.
struct SignInRequired: RouterMiddleware {
    typealias Context = WebContext

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard context.credential == nil else { return try await next(request, context) }
        let back = request.method == .get ? request.uri.description : "/"
        return .seeOther(LocalPath.login(leadingTo: back))
    }
}
