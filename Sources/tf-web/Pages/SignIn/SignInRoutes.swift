import HTTPTypes
import Hummingbird
import TFDefinition
import TFStore

/// Signing in and out on the pages. Passwords are hashed outside of any transaction; the answers set cookies.
struct SignInRoutes: Sendable {
    let site: Site

    func add(to routes: inout RouteTable) {
        routes.page("/login", .signIn, on: .anybody, query: NextPage.self, SignInPage.make)
        routes.own(.post, "/login", .signIn, on: .anybody, body: SignInForm.self, signIn)
        routes.own(
            .post, "/logout", .useSite, on: .account, body: NextPage.self, needsSecondFactor: false, signOut)
    }

    @Sendable private func signIn(
        _ request: ProvedRequest<Anybody>, _ typed: SignInForm, _ own: OwnRequest
    ) async throws -> OwnAnswer {
        let outcome: SignInOutcome
        do { outcome = try await self.outcome(of: typed, own) } catch Failure.tooMany(let seconds) {
            return .page(try await waiting(seconds, typed, tags: request.tags, own))
        }
        switch outcome {
        case .accepted(let identity): return .response(try await begin(for: identity, next: typed.next, own))
        case .needsCode(let identity):
            let secondStep = SecondStep(identity.account, browser: own.browser, keys: site.keys, now: site.now)
            return .page(
                SignInPage.code(challenge: secondStep.text, next: typed.next, errors: [], tags: request.tags))
        case .usedCode, .refused: throw Self.refusal("login", "The user name or password is not right")
        }
    }

    /// - Throws: `Failure.invalid` for a wrong code, or one that came too late.
    private func outcome(of typed: SignInForm, _ own: OwnRequest) async throws -> SignInOutcome {
        let check = SignInCheck(site: site)
        guard let challenge = typed.challenge else {
            return try await check.outcome(
                of: SignInAttempt(
                    login: typed.login, password: typed.password, code: typed.code, address: own.address))
        }
        guard let identity = try await own.read({ try $0.identity(SecondStep.login(in: challenge)) }),
            SecondStep(challenge, identity.account, browser: own.browser, keys: site.keys, now: site.now) != nil
        else { throw Self.refusal("login", "That took too long; sign in again") }
        // What was sent without a code is no try at one.
        guard let code = typed.code, !code.allSatisfy(\.isWhitespace) else {
            throw Self.refusal("otp", "Enter the six digits, or a recovery code")
        }
        let outcome = try await check.outcome(of: code, by: identity, address: own.address)
        switch outcome {
        case .refused: throw Self.refusal("otp", "The code is not right")
        case .usedCode: throw Self.refusal("otp", SecondFactorCode.usedAlready)
        case .accepted, .needsCode: return outcome
        }
    }

    /// Asks to wait, and then for what is to be typed then: the code alone, if the password still counts.
    private func waiting(
        _ seconds: Int, _ typed: SignInForm, tags: FormTags, _ own: OwnRequest
    ) async throws -> Page {
        guard let challenge = typed.challenge,
            let identity = try await own.read({ try $0.identity(SecondStep.login(in: challenge)) })
        else { return SignInPage.wait(seconds, login: typed.login, next: typed.next, tags: tags) }
        let then = site.now + Int64(seconds) * 1000
        let isLeft =
            SecondStep(challenge, identity.account, browser: own.browser, keys: site.keys, now: then) != nil
        return isLeft
            ? SignInPage.wait(seconds, challenge: challenge, next: typed.next, tags: tags)
            : SignInPage.waitAndBegin(seconds, login: identity.account.login, next: typed.next, tags: tags)
    }

    private static func refusal(_ field: String, _ sentence: String) -> Failure {
        .invalid([FieldError(field: field, message: sentence)])
    }

    /// - Parameter asked: a path of this site, which may be none of a page: the form says it.
    private func begin(for identity: Identity, next asked: String, _ own: OwnRequest) async throws -> Response {
        own.noteSecretInAnswer()
        let next = own.context.table?.page(after: asked) ?? "/"
        let (tokens, hasNotice) = try await Sessions(site: site).start(
            for: identity, use: .web, agent: own.agent, address: own.address)
        var response =
            hasNotice
            ? site.seeOther(
                next,
                saying: "An earlier session of yours was ended, since an old token of it was used again: somebody may "
                    + "have a copy. Look at your sessions in your account, and change the password if in doubt.")
            : Response.seeOther(next)
        response.setCookies(site.sessionCookies(tokens) + [site.cookies.deletion(.preLogin)])
        return response
    }

    @Sendable private func signOut(
        _ request: ProvedRequest<OwnAccount>, _ target: NextPage, _ own: OwnRequest
    ) async throws -> OwnAnswer {
        let signedIn = request.signedIn
        try await own.write {
            try $0.endSession(signedIn.session, of: signedIn.account, because: .signedOut, now: site.now)
        }
        var response = site.seeOther(
            target.next == "/" ? "/login" : LocalPath.login(leadingTo: target.next), saying: "You are signed out.")
        response.setCookies([site.cookies.deletion(.access), site.cookies.deletion(.refresh)])
        response.headers[SecurityHeaders.name("Clear-Site-Data")] = "\"cache\""
        return .response(response)
    }
}

extension OwnRequest {
    /// The cookie that identifies a browser before anybody has signed in; empty if there is none.
    fileprivate var browser: String { context.preLogin ?? "" }
}

extension Response {
    fileprivate mutating func setCookies(_ cookies: [String]) {
        for cookie in cookies { headers.append(HTTPField(name: .setCookie, value: cookie)) }
    }
}
