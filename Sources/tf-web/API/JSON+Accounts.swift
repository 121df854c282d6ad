import TFEngine
import TFExpression
import TFStore

extension Identity {
    /// What `User` is in the document.
    var members: JSONObject {
        [
            "id": .id(account.id), "login": .string(account.login), "name": .string(account.name),
            "email": .optional(account.email), "kind": .string(account.kind.rawValue),
            "roles": .strings(systemRoles.map(\.rawValue).sorted()), "companies": companies,
            "disabled": .bool(account.isDisabled), "second_factor": .bool(account.hasSecondFactor),
            "created": .time(account.createdAtMs), "version": .int(account.version),
        ]
    }

    /// The memberships by company.
    var companies: JSON {
        .array(
            memberships.sorted { $0.key < $1.key }.map { slug, member in
                [
                    "company": .string(slug), "name": .string(member.company.name),
                    "roles": .strings(member.systemRoles.map(\.rawValue).sorted()),
                    "company_roles": .strings(member.companyRoles.sorted()), "available": .bool(member.isAvailable),
                ]
            })
    }

    /// What `Member` is in the document.
    func member(of company: Company) -> JSON {
        let membership = memberships[company.slug]
        return [
            "login": .string(account.login), "name": .string(account.name), "kind": .string(account.kind.rawValue),
            "roles": .strings((membership?.systemRoles ?? []).map(\.rawValue).sorted()),
            "company_roles": .strings((membership?.companyRoles ?? []).sorted()),
            "available": .bool(membership?.isAvailable ?? false), "disabled": .bool(account.isDisabled),
        ]
    }
}

extension Company {
    var json: JSON {
        [
            "slug": .string(slug), "name": .string(name), "timezone": .string(timezone), "version": .int(version),
        ]
    }
}

extension AuditEntry {
    var json: JSON {
        [
            "id": .id(id), "at": .time(atMs), "actor": .string(actor), "action": .string(action.rawValue),
            "subject": .string(subject), "company": .optional(company), "old": old ?? .null, "new": new ?? .null,
            "address": .string(address),
        ]
    }
}

extension NotificationRow {
    var json: JSON {
        [
            "id": .id(id), "company": .string(company), "kind": .string(kind.rawValue), "ticket": .int(ticket),
            "title": .string(title), "task": task.map { .id($0) } ?? .null, "created": .time(createdAtMs),
            "read": .time(readAtMs),
        ]
    }
}
