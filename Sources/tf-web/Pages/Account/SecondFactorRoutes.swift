import Hummingbird
import TFDefinition
import TFStore
import TFSystem

/// Sets up and removes the second factor.
struct SecondFactorRoutes: Sendable {
    private static let page = "/account/second-factor"

    let site: Site

    func add(to routes: inout RouteTable) {
        routes.page(Self.page, .useSite, on: .account, needsSecondFactor: false, show)
        routes.own(
            .post, "\(Self.page)/beginning", .useSite, on: .account, body: NoFields.self, needsSecondFactor: false,
            begin)
        routes.own(
            .post, Self.page, .useSite, on: .account, body: FirstCode.self, needsSecondFactor: false, confirm)
        routes.own(.post, "\(Self.page)/removal", .useSite, on: .account, body: SecondFactorRemoval.self, remove)
    }

    @Sendable private func show(_ request: ProvedRequest<OwnAccount>, _ session: ReadSession) throws -> Page {
        let page = SecondFactorPage(errors: request.typed.errors, tags: request.tags)
        guard let factor = try session.secondFactor(of: request.account.id) else { return page.beginning }
        guard factor.confirmedAtMs == nil else { return page.managing(factor) }
        return page.settingUp(site.secondFactorSecret(factor.nonce), of: request.account)
    }

    /// Makes the key that the page then shows. A set-up that has begun in another tab goes on.
    @Sendable private func begin(
        _ request: ProvedRequest<OwnAccount>, _: NoFields, _ own: OwnRequest
    ) async throws -> OwnAnswer {
        let account = request.account.id
        try await own.write { try $0.beginSecondFactor(of: account, nonce: Random.token()) }
        return .seeOther(Self.page)
    }

    @Sendable private func confirm(
        _ request: ProvedRequest<OwnAccount>, _ typed: FirstCode, _ own: OwnRequest
    ) async throws -> OwnAnswer {
        let account = request.account
        let check = Reauthentication(site: site, of: account, address: own.address)
        guard SecondFactorCode.isWhole(typed.code) else {
            throw Failure.invalid([FieldError(field: "otp", message: "Enter the six digits that the app shows")])
        }
        guard let factor = try await own.read({ try $0.secondFactor(of: account.id) }),
            let step = try await check.step(ofFirst: typed.code, nonce: factor.nonce)
        else { throw Self.wrongCode }
        let codes = SecondFactorCode.newRecoveryCodes()
        let hashes = codes.compactMap { code in
            SecondFactorCode.recoveryCode(code).map { site.recoveryHash($0, of: account.id) }
        }
        own.noteSecretInAnswer()
        try await own.write {
            try $0.confirmSecondFactor(of: account, step: step, recoveryCodes: hashes, now: site.now)
        }
        return .page(SecondFactorPage.recoveryCodes(codes))
    }

    private static let wrongCode = Failure.invalid([
        FieldError(field: "otp", message: "The code is not right; enter the next one")
    ])

    @Sendable private func remove(
        _ request: ProvedRequest<OwnAccount>, _ typed: SecondFactorRemoval, _ own: OwnRequest
    ) async throws -> OwnAnswer {
        let account = request.account
        let check = Reauthentication(site: site, of: account, address: own.address)
        switch try await check.mismatch(password: typed.password, code: typed.code) {
        case nil: break
        case .password:
            // A code is tried only with the right password: it is good for once.
            let unsaid = typed.code.isEmpty ? [FieldError(field: "otp", message: "Enter the code")] : []
            throw Failure.invalid([FieldError(field: "password", message: "The password is not right")] + unsaid)
        case .code: throw Self.wrongCode
        case .usedCode: throw Failure.invalid([FieldError(field: "otp", message: SecondFactorCode.usedAlready)])
        }
        try await own.write { try $0.removeSecondFactor(of: account, now: site.now) }
        return .response(site.seeOther("/account", saying: "The second factor is off."))
    }
}
