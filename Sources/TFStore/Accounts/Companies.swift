import TFDefinition
import TFEngine
import TFExpression

/// How many people and open tickets a company has.
package struct CompanySize: Sendable, Hashable {
    package var members = 0
    package var openTickets = 0

    package init() {}
}

/// Companies.
extension ReadSession {
    /// All companies, by slug.
    package func companies() throws -> [Company] {
        try all(Company.self, "SELECT * FROM company ORDER BY slug")
    }

    /// The first companies, by slug.
    package func companies(upTo limit: Int) throws -> [Company] {
        try all(Company.self, "SELECT * FROM company ORDER BY slug LIMIT ?", [limit])
    }

    /// A company by its slug; nil: there is none.
    package func company(_ slug: String) throws -> Company? { try Company.fetchOne(self, slug: slug) }

    /// The number of members and of open tickets of each company; one without any is left out.
    package func companySizes() throws -> [CompanyID: CompanySize] {
        var sizes: [CompanyID: CompanySize] = [:]
        let members = try all(Row.self, "SELECT company_id, COUNT(*) AS members FROM membership GROUP BY company_id")
        for row in members { sizes[row["company_id"], default: CompanySize()].members = row["members"] }
        let tickets = try all(
            Row.self,
            "SELECT company_id, COUNT(*) AS tickets FROM ticket WHERE state = 'open' GROUP BY company_id")
        for row in tickets { sizes[row["company_id"], default: CompanySize()].openTickets = row["tickets"] }
        return sizes
    }

    func company(_ id: CompanyID) throws -> Company {
        let company = try first(Company.self, "SELECT * FROM company WHERE id = ?", [id])
        guard let company else { throw StoreError.notFound }
        return company
    }
}

extension WriteSession {
    /// Creates a company.
    /// - Parameter timezone: an IANA time zone, checked by the caller.
    /// - Throws: `StoreError.conflict` if the slug is taken, `.invalid` for texts that do not fit.
    package func addCompany(slug: String, name: String, timezone: String, now: Int64) throws -> Company {
        try refuseUnfit(("slug", slug, .identifier), ("name", name, .name), ("timezone", timezone, .timezone))

        guard try Company.fetchOne(self, slug: slug) == nil else {
            throw StoreError.conflict("there is a company \"\(slug)\" already")
        }
        let company = try first(
            Company.self,
            """
            INSERT INTO company (slug, name, timezone, created_at_ms) VALUES (?, ?, ?, ?) RETURNING *
            """, [slug, name, timezone, now])
        guard let company else { throw StoreError.notFound }
        try inside(company.id).audit(
            .companyAdded, .company(slug),
            new: ["name": .string(name), "timezone": .string(timezone)], now: now)
        return company
    }

    /// Changes a company's name or time zone, unless both are as they were. nil: the value stays.
    /// - Throws: `StoreError.notFound`; `.conflict` if `version` is stale; `.invalid` for texts that do not fit.
    package func changeCompany(
        _ slug: String, name: String?, timezone: String?, version: Int?, now: Int64
    ) throws {
        try refuseUnfit(("name", name, .name), ("timezone", timezone, .timezone))

        guard let company = try Company.fetchOne(self, slug: slug) else { throw StoreError.notFound }
        guard version == nil || version == company.version else {
            throw StoreError.conflict("company \(slug) was changed meanwhile")
        }
        guard (name ?? company.name) != company.name || (timezone ?? company.timezone) != company.timezone else {
            return
        }
        try run(
            "UPDATE company SET name = ?, timezone = ?, version = version + 1 WHERE id = ?",
            [name ?? company.name, timezone ?? company.timezone, company.id])
        try inside(company.id).audit(
            .companyChanged, .company(slug),
            old: ["name": .string(company.name), "timezone": .string(company.timezone)],
            new: ["name": .string(name ?? company.name), "timezone": .string(timezone ?? company.timezone)],
            now: now)
    }
}

extension Company {
    static func fetchOne(_ db: ReadSession, slug: String) throws -> Company? {
        try db.first(Self.self, "SELECT * FROM company WHERE slug = ?", [slug])
    }
}
