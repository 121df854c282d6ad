import Foundation
import HTTPTypes
import Hummingbird

/// Who is at the pages: reads the cookies, refreshes the session inside the request, checks unsafe requests.
struct PageSession: RouterMiddleware {
    typealias Context = WebContext

    let site: Site

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        var context = context
        var request = request
        var setCookies: [String] = []
        (context.signedIn, setCookies) = try await signedIn(request)
        context.flash = flash(request)
        if context.flash != nil { setCookies.append(site.cookies.deletion(.flash)) }
        // Any other method has no handler and is refused as such.
        if request.method == .post {
            try checkOrigin(request)
            if takesFiles(request, context) {
                context.unreadBody = request
            } else {
                context.form = try await form(&request)
                try site.checkToken(context.form["_csrf"], request, context)
            }
        }
        var response = try await next(request, context)
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

    private func signedIn(_ request: Request) async throws -> (SignedIn?, [String]) {
        let desk = SessionDesk(site: site)
        if let token = site.cookies.value(.access, request),
            let signedIn = try await desk.signedIn(access: token, use: .web)
        {
            return (signedIn, [])
        }
        guard let token = site.cookies.value(.refresh, request) else { return (nil, []) }
        guard let (tokens, signedIn) = try await desk.refresh(token, use: .web) else {
            return (nil, [site.cookies.deletion(.access), site.cookies.deletion(.refresh)])
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

extension Site {
    /// The value of `_csrf`: bound to the session and stable through it; before sign-in bound to the pre-login cookie.
    func csrf(_ signedIn: SignedIn?, preLogin: String?) -> String? {
        if let signedIn { return keys.mac(signedIn.session, for: "csrf") }
        return preLogin.map { keys.mac($0, for: "csrf before sign-in") }
    }

    func checkToken(_ given: String?, _ request: Request, _ context: WebContext) throws {
        // Without a session only signing in does anything; every other post is sent there.
        guard context.signedIn != nil || request.uri.path == "/login" else { return }
        let expected = csrf(context.signedIn, preLogin: cookies.value(.preLogin, request))
        guard let expected, let given, MAC.areEqual(expected, given) else { throw PageSession.foreign }
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

    func handle(
        _ request: Request, context: WebContext, next: (Request, WebContext) async throws -> Response
    ) async throws -> Response {
        guard context.signedIn == nil else { return try await next(request, context) }
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
