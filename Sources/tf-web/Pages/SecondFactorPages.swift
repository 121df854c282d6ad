import Hummingbird
import TFDefinition
import TFStore
import TFSystem

/// Setting up the second factor, and taking it away.
struct SecondFactorPages: Sendable {
    let desk: PageDesk

    func addRoutes(to routes: inout RouteTable) {
        routes.page(.get, "/account/second-factor", .useSite, on: .account, show)
        routes.page(.post, "/account/second-factor", .useSite, on: .account, confirm)
        routes.page(.post, "/account/second-factor/removal", .useSite, on: .account, remove)
    }

    @Sendable private func show(_ request: Request, _ context: WebContext) async throws -> Response {
        try await page(request, context, errors: [])
    }

    private func page(
        _ request: Request, _ context: WebContext, errors: [FieldError]
    ) async throws -> Response {
        let site = desk.site
        let account = try context.requireSignedIn().account
        var factor = try await site.store.read { try $0.secondFactor(of: account.id) }
        if factor == nil {
            try await site.store.writeAside { try $0.beginSecondFactor(of: account.id, nonce: Random.token()) }
            factor = try await site.store.read { try $0.secondFactor(of: account.id) }
        }
        guard let factor else { throw Failure.notFound }
        let frame = desk.frame(context, request, title: "Second factor", isError: !errors.isEmpty)
        let content =
            factor.confirmedAtMs == nil
            ? setUp(site.secondFactorSecret(factor.nonce), account, frame.csrf, errors)
            : manage(factor, frame.csrf, errors)
        return desk.respond(frame, "\(Elements.errorSummary(errors))<h1>Second factor</h1>\(content)")
    }

    private func setUp(_ secret: [UInt8], _ account: Account, _ csrf: String, _ errors: [FieldError]) -> HTML {
        let uri = SecondFactorCode.uri(secret, login: account.login, issuer: "TicketFlower")
        return """
            <p>Add this key to your authenticator, or <a href="\(uri)">open the authenticator of this device</a>.</p>\
            <p><code>\(SecondFactorCode.base32(secret))</code></p>\
            <form method="post" action="/account/second-factor" novalidate>\(Elements.hidden(csrf: csrf))\
            \(Elements.field("otp", label: "Code", hint: "The six digits that it shows now.", errors: errors) { attributes in
                #"<input type="text" name="otp" inputmode="numeric" autocomplete="one-time-code"\#(attributes)>"#
            })<button>Turn it on</button></form>
            """
    }

    private func manage(_ factor: SecondFactor, _ csrf: String, _ errors: [FieldError]) -> HTML {
        """
        <p>It is on. \(factor.recoveryCodesLeft) recovery codes are left.</p>\
        <form method="post" action="/account/second-factor/removal" novalidate>\(Elements.hidden(csrf: csrf))\
        \(Elements.field("password", label: "Password", errors: errors) { attributes in
            #"<input type="password" name="password" autocomplete="current-password"\#(attributes)>"#
        })\
        \(Elements.field("otp", label: "Code", hint: "Six digits of your authenticator, or a recovery code.", errors: errors) { attributes in
            #"<input type="text" name="otp" inputmode="numeric" autocomplete="one-time-code"\#(attributes)>"#
        })<button class="second">Turn it off</button></form>
        """
    }

    @Sendable private func confirm(_ request: Request, _ context: WebContext) async throws -> Response {
        let site = desk.site
        let account = try context.requireSignedIn().account
        guard let factor = try await site.store.read({ try $0.secondFactor(of: account.id) }),
            let step = try await SessionDesk(site: site).step(
                of: context.form["otp"] ?? "", nonce: factor.nonce, account, address: context.address)
        else {
            return try await page(
                request, context,
                errors: [FieldError(field: "otp", message: "The code is not right; enter the next one")])
        }
        context.notes.answerHoldsSecret = true
        let codes = SecondFactorCode.newRecoveryCodes()
        let hashes = codes.compactMap { code in
            SecondFactorCode.recoveryCode(code).map { site.keys.mac("\(account.id) \($0)", for: "recovery code") }
        }
        try await desk.access.store(context).write {
            try $0.confirmSecondFactor(
                of: account, step: step, recoveryCodes: hashes, now: site.now)
        }
        let frame = desk.frame(context, request, title: "Recovery codes")
        return desk.respond(
            frame,
            """
            <h1>The second factor is on</h1>\
            <p>Keep these codes where you find them without your authenticator. Each signs you in once, and they are shown \
            only now.</p><ul>\(codes.map { code -> HTML in "<li><code>\(code)</code></li>" })</ul>\
            <p><a class="button" href="/account">I have kept them</a></p>
            """)
    }

    @Sendable private func remove(_ request: Request, _ context: WebContext) async throws -> Response {
        let site = desk.site
        let account = try context.requireSignedIn().account
        let mismatch = try await SessionDesk(site: site).confirm(
            account, password: context.form["password"] ?? "", code: context.form["otp"] ?? "",
            address: context.address)
        switch mismatch {
        case nil: break
        case .password:
            return try await page(
                request, context, errors: [FieldError(field: "password", message: "The password is not right")])
        case .code:
            return try await page(
                request, context,
                errors: [FieldError(field: "otp", message: "The code is not right; enter the next one")])
        }
        try await desk.access.store(context).write { try $0.removeSecondFactor(of: account, now: site.now) }
        return site.seeOther("/account", saying: "The second factor is off.")
    }
}
