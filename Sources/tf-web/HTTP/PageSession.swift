import Foundation
import HTTPTypes
import Hummingbird
import TFExpression
import TFStore

/// Who is at the pages: reads the cookies, refreshes the session inside the request, checks unsafe requests.
struct PageSession: RouterMiddleware {
    typealias Context = WebContext

    let site: Site
    let table: RouteTable

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        var request = request
        var setCookies: [String] = []
        (context.signedIn, setCookies) = try await signedIn(request, context)
        if context.signedIn != nil { context.notes.caller = context.caller }
        context.flash = flash(request)
        if context.flash != nil { setCookies.append(site.cookies.deletion(.flash)) }
        // Any other method has no handler and is refused as such.
        if request.method == .post {
            try checkOrigin(request)
            if takesFiles(request, context) {
                context.unreadBody = request
            } else if context.signedIn == nil, let parked = try await park(request, context) {
                return parked
            } else {
                context.form = try await form(&request)
                try site.checkToken(context.form["_csrf"], request, context)
                context.submission = site.submission(context.form, request)
            }
        } else if let account = context.signedIn?.account, let id = request.uri.queryParameters["parked"] {
            try await unpark(String(id), account, request, &context)
        }
        let inner = context
        let sent = request
        var response = try await Repetition(site: site).answer(inner) { try await next(sent, inner) }
        for cookie in setCookies where !response.headers[values: .setCookie].contains(where: { Self.same($0, cookie) })
        {
            response.headers.append(HTTPField(name: .setCookie, value: cookie))
        }
        return response
    }

    /// The handler's own cookie wins over ours of the same name.
    private static func same(_ left: String, _ right: String) -> Bool {
        left.prefix { $0 != "=" } == right.prefix { $0 != "=" }
    }

    private func signedIn(_ request: Request, _ context: WebContext) async throws -> (SignedIn?, [String]) {
        let desk = SessionDesk(site: site)
        if let token = site.cookies.value(.access, request), let signedIn = try await desk.person(access: token) {
            return (signedIn, [])
        }
        guard let token = site.cookies.value(.refresh, request) else { return (nil, []) }
        guard let (tokens, signedIn) = try await desk.refresh(token, use: .web, address: context.address) else {
            return (nil, [])
        }
        return (signedIn, site.sessionCookies(tokens))
    }

    private func takesFiles(_ request: Request, _ context: WebContext) -> Bool {
        guard context.signedIn != nil, request.headers[.contentType]?.lowercased().hasPrefix("multipart/") == true
        else {
            return false
        }
        return FormIntake.paths.contains(context.endpointPath ?? "")
    }

    private func form(_ request: inout Request) async throws -> PostedForm {
        let type = request.headers[.contentType]?.split(separator: ";").first?.lowercased() ?? ""
        guard type == "application/x-www-form-urlencoded" else {
            throw Failure.unsupportedMediaType("application/x-www-form-urlencoded")
        }
        let body = try await request.collectBody(upTo: PostedForm.maximumBytes)
        return try PostedForm(Array(body.readableBytesView))
    }

    /// The browser says where a post comes from: `Sec-Fetch-Site`, else the exact `Origin`; one of them must.
    private func checkOrigin(_ request: Request) throws {
        if let site = request.headers[SecurityHeaders.name("Sec-Fetch-Site")] {
            guard site == "same-origin" || site == "none" else { throw Self.foreign }
            return
        }
        guard let origin = request.headers[.origin], let authority = request.head.authority,
            origin == "\(site.cookies.isSecure ? "https" : "http")://\(authority)"
        else { throw Self.foreign }
    }

    fileprivate static let foreign = Failure.forbidden(
        "This form did not come from this site, or the session changed. Load the page again and repeat it.")

    private func flash(_ request: Request) -> String? {
        guard let value = site.cookies.value(.flash, request) else { return nil }
        let parts = value.split(separator: ".", maxSplits: 1)
        guard parts.count == 2, MAC.areEqual(site.keys.mac(String(parts[0]), for: "flash"), String(parts[1])),
            let bytes = Base64URL.decode(parts[0])
        else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}

// MARK: Forms whose session died

extension PageSession {
    private static let parkedNotice =
        "You were signed out while you typed. What you had typed is here again; check it, then send it."

    /// Keeps what somebody typed whose session has died, and sends him to sign in: it comes back afterwards.
    /// - Returns: nil where the cookies and the form do not prove whose it is, or no page shows the form.
    private func park(_ request: Request, _ context: WebContext) async throws -> Response? {
        guard let page = table.page(ofForm: request.uri.path), page != "/account", page != "/",
            let owner = try await SessionDesk(site: site).pastOwner(
                access: site.cookies.value(.access, request), refresh: site.cookies.value(.refresh, request))
        else { return nil }
        var copy = request
        let form =
            request.headers[.contentType]?.lowercased().hasPrefix("multipart/") == true
            ? try await FormIntake.texts(request, site) : try await form(&copy)
        guard let token = form["_csrf"], MAC.areEqual(site.keys.mac(owner.session, for: "csrf"), token) else {
            throw Self.foreign
        }
        let kept = form.fields.filter { $0.name != "_csrf" && !Self.secrets.contains($0.name) }
        // The body has been read: from here on there is always an answer.
        guard !kept.isEmpty else {
            return .seeOther("/login?next=\(page.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? "")")
        }
        let id = Random.token()
        try await site.store.park(
            id: id, account: owner.account, page: page,
            fields: .array(kept.map { .array([.string($0.name), .string($0.value)]) }), now: site.now)
        let next = "\(page)?parked=\(id)".addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return .seeOther("/login?next=\(next)")
    }

    private static let secrets: Set<String> = ["password", "new", "otp"]

    /// Puts back what the same person had typed on this page; it is never sent by itself.
    private func unpark(
        _ id: String, _ account: Account, _ request: Request, _ context: inout WebContext
    ) async throws {
        let fields = try await site.store.parkedForm(id, account: account.id, page: request.uri.path, now: site.now)
        guard let fields = fields?.arrayValue else { return }
        for field in fields {
            guard let pair = field.arrayValue, pair.count == 2, let name = pair[0].stringValue,
                let value = pair[1].stringValue
            else { continue }
            context.form.append(name, value)
        }
        context.isParked = true
        context.flash = Self.parkedNotice
    }
}

extension Site {
    /// What tells a form that is sent twice; nil where it says nothing, or only asks.
    func submission(_ form: PostedForm, _ request: Request) -> Submission? {
        guard let id = form.text("_submission"), !request.uri.path.hasSuffix("/validation") else { return nil }
        return Submission(name: "page \(id)", request: "POST \(request.uri.path)", at: now)
    }

    /// The same of a form that its page has read, since it may carry files.
    func submission(_ context: WebContext) -> Submission? {
        context.submission ?? context.unreadBody.flatMap { submission(context.form, $0) }
    }

    /// The value of `_csrf`: bound to the session and stable through it; before sign-in bound to the pre-login cookie.
    func csrf(_ signedIn: SignedIn?, preLogin: String?) -> String? {
        if let signedIn { return keys.mac(signedIn.session, for: "csrf") }
        return preLogin.map { keys.mac($0, for: "csrf before sign-in") }
    }

    func checkToken(_ given: String?, _ request: Request, _ context: WebContext) throws {
        // Without a session only signing in does anything; every other post is sent there.
        guard context.signedIn != nil || Self.isOpenForm(request.uri.path) else { return }
        let expected = csrf(context.signedIn, preLogin: cookies.value(.preLogin, request))
        guard let expected, let given, MAC.areEqual(expected, given) else { throw PageSession.foreign }
    }

    /// Whether a form is for people who are not signed in.
    private static func isOpenForm(_ path: String) -> Bool {
        path == "/login" || path.hasPrefix("/invite/") || path.hasPrefix("/reset/")
    }

    func sessionCookies(_ tokens: TokenPair) -> [String] {
        [
            cookies.header(.access, tokens.access, maxAge: AccessToken.lifetime),
            cookies.header(.refresh, tokens.refresh, maxAge: 30 * 86_400),
        ]
    }

    /// A redirect that shows a sentence once on the page it leads to.
    func seeOther(_ location: String, saying flash: String) -> Response {
        var response = Response.seeOther(location)
        let text = Base64URL.encode(flash.utf8)
        let value = "\(text).\(keys.mac(text, for: "flash"))"
        response.headers.append(HTTPField(name: .setCookie, value: cookies.header(.flash, value, maxAge: 60)))
        return response
    }
}

/// Lets only signed-in people through; others are sent to sign in and come back.
struct SignInRequired: RouterMiddleware {
    typealias Context = WebContext

    let site: Site

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        if let signedIn = context.signedIn {
            // Whoever must have a second factor and has none may only set it up, or leave.
            let isFree = ["/account/second-factor", "/logout"].contains(request.uri.path)
            guard site.lacksSecondFactor(signedIn), !isFree else { return try await next(request, context) }
            return .seeOther("/account/second-factor")
        }
        let back = request.method == .get ? request.uri.description : "/"
        let next = back.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
        return .seeOther("/login?next=\(next)")
    }
}

extension WebContext {
    /// Who is signed in, behind `SignInRequired` and `BearerRequired`.
    func requireSignedIn() throws -> SignedIn {
        guard let signedIn else { throw Failure.unauthorized }
        return signedIn
    }
}
