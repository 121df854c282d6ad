import Foundation
import Hummingbird
import TFStore

/// Lists, creates and changes companies.
struct CompanyRoutes: Sendable {
    private static let one = "/companies/{company}"

    let site: Site

    func add(to routes: inout RouteTable) {
        routes.read(
            "/companies", .administer, on: .site,
            Operation("listCompanies", "All companies", answer: .page(of: Company.answer))
        ) { _, session in .page(try session.companies()) }
        routes.own(
            .post, "/companies", .administer, on: .site, body: NewCompany.self,
            Operation(
                "addCompany", "Make a company and its directory of definitions", status: 201,
                answer: .object(Company.answer), failures: [409]), addCompany)
        routes.read(
            Self.one, .listDefinitionNames, on: .company,
            Operation("readCompany", "One company", answer: .object(Company.answer))
        ) { request, _ in .json(request.company) }
        routes.change(
            nil, .giveCompanyRoles, on: .company, body: CompanySettings.self,
            api: .patch(
                Self.one,
                Operation(
                    "changeCompany", "Change the time zone, and as an admin the name",
                    answer: .object(Company.answer), failures: [409])), Self.change)
    }

    @Sendable private func addCompany(
        _ request: ProvedRequest<OnSite>, _ new: NewCompany, _ own: OwnRequest
    ) async throws -> Response {
        let timezone = try new.timezone?.known() ?? "UTC"
        let company = try await own.write {
            try $0.addCompany(slug: new.slug, name: new.name, timezone: timezone, now: request.now)
        }
        try FileManager.default.createDirectory(
            atPath: "\(site.settings.definitions)/\(new.slug)", withIntermediateDirectories: true)
        return Reply.created(company, at: "/api/v1/companies/\(new.slug)").response
    }

    @Sendable private static func change(
        _ request: ProvedRequest<InCompany>, _ settings: CompanySettings, _ session: CompanyWriteSession
    ) throws -> Done {
        guard settings.name == nil || request.actor.isAdmin else {
            throw Failure.forbidden("Only admins change a company's name.")
        }
        let slug = request.company.slug
        try session.site.changeCompany(
            slug, name: settings.name, timezone: try settings.timezone?.known(), version: settings.version,
            now: request.now)
        return .answered {
            guard let company = try session.site.company(slug) else { throw Failure.notFound }
            return .json(company)
        }
    }
}
