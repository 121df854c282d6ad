import TFDefinition
import TFExpression
import TFStore

/// What an entry of the audit log says of values before and after, in words.
struct AuditDifference {
    let entry: AuditEntry
    let names: AuditNames

    /// One sentence for each value that differs.
    var sentences: [HTML] {
        switch entry.action {
        case .roleMembersSet: return members
        case .refused: return entry.new.map { ["\(text($0))"] } ?? []
        case .sessionEnded:
            let reason = entry.new?.stringValue.flatMap(SessionEnd.init(rawValue:))
            return reason.map { ["\($0.sentence)"] } ?? []
        case .passwordLinkMade, .passwordChosen:
            let kind = entry.new?.stringValue.flatMap(PasswordLinkKind.init(rawValue:))
            return kind.map { ["\($0.purpose)"] } ?? []
        case .signedIn:
            switch entry.new?.stringValue.flatMap(Session.Purpose.init(rawValue:)) {
            case .api: return ["As a program, for the API"]
            case .web, nil: return []
            }
        case .definitionPublished, .definitionBroughtBack, .definitionRetired:
            return [values("Revision", entry.old.map { short($0) }, entry.new.map { short($0) })]
        case .entriesRemoved:
            return entry.new?["before"].stringValue.map { ["Those before \($0)"] } ?? []
        case .userExported: return []
        case .signInFailed, .refreshTokenReused, .passwordChanged, .secondFactorSet, .secondFactorRemoved, .keyAdded,
            .keyRevoked, .keysRotated, .keyOfTokensRevoked, .userAdded, .userChanged, .userErased, .companyAdded,
            .companyChanged,
            .assignmentPaused, .assignmentResumed, .memberAdded, .memberChanged, .memberRemoved, .roleDeclared,
            .roleRenamed, .adminReadTicket, .adminCommentTicket, .adminAttachToTicket, .adminCancelTicket,
            .adminReopenTicket, .adminEditTicket, .adminDecideFault, .adminReadTask, .adminWorkTask, .adminReleaseTask,
            .adminHoldTask, .adminHandOverTask, .adminClaimTask, .adminAssignTask, .adminPrioritizeTask,
            .adminListTickets,
            .adminListTasks, .adminExportTickets, .adminExportTasks:
            return differences
        }
    }

    private var members: [HTML] {
        func logins(_ list: JSON?) -> Set<String> { Set((list?.arrayValue ?? []).compactMap(\.stringValue)) }
        let (before, after) = (logins(entry.old), logins(entry.new))
        return [("Given to", after.subtracting(before)), ("Taken from", before.subtracting(after))].compactMap {
            label, logins in
            let people = logins.map(names.person).sorted()
            return people.isEmpty ? nil : "\(label) \(people.joined(separator: ", "))"
        }
    }

    private var differences: [HTML] {
        let (old, new) = (entry.old?.objectValue, entry.new?.objectValue)
        guard old != nil || new != nil else {
            guard entry.old != nil || entry.new != nil else { return [] }
            return [values(nil, entry.old.map { text($0) }, entry.new.map { text($0) })]
        }
        let keys = Set((old ?? [:]).keys).union((new ?? [:]).keys).sorted()
        // What is new and empty says nothing.
        return keys.filter { old?[$0] != new?[$0] && (old?[$0] != nil || new?[$0] != []) }.map { key in
            let isRole = key == "company_roles"
            return values(
                label(key), old?[key].map { text($0, isRole: isRole) }, new?[key].map { text($0, isRole: isRole) })
        }
    }

    private func values(_ label: String?, _ old: String?, _ new: String?) -> HTML {
        let change: HTML =
            switch (old, new) {
            case (let old?, let new?):
                #"\#(old) <span aria-hidden="true">→</span><span class="vh">became</span> \#(new)"#
            case (let old?, nil): "was \(old)"
            case (nil, let new?): "\(new)"
            case (nil, nil): .empty
            }
        return label.map { l -> HTML in "\(l): \(change)" } ?? change
    }

    private func label(_ key: String) -> String {
        switch key {
        case "company_roles": "Company roles"
        case "email": "E-mail"
        case "timezone": "Time zone"
        default: key.prefix(1).uppercased() + key.dropFirst()
        }
    }

    /// - Parameter isRole: whether it names a company role.
    private func text(_ value: JSON, isRole: Bool = false) -> String {
        if let list = value.arrayValue {
            let words = list.map { text($0, isRole: isRole) }
            return words.isEmpty ? "none" : words.joined(separator: ", ")
        }
        if let isTrue = value.boolValue { return isTrue ? "yes" : "no" }
        if value == .null { return "none" }
        let word = value.displayText
        if let role = SystemRole(rawValue: word) { return role.label }
        return isRole ? names.role(word, of: entry) : word
    }

    /// The beginning of a revision's digest, which tells it from others.
    private func short(_ value: JSON) -> String { String(value.displayText.prefix(7)) }
}

extension PasswordLinkKind {
    fileprivate var purpose: String {
        switch self {
        case .invite: "For the first password"
        case .reset: "For a new password"
        }
    }
}

extension SessionEnd {
    fileprivate var sentence: String {
        switch self {
        case .signedOut: "They signed out"
        case .endedByPerson: "Ended by its owner"
        case .endedByAdmin: "Ended by an admin"
        case .passwordChanged: "The password was changed"
        case .accountDisabled: "The account was disabled"
        case .tokenReused: "An old token was used again"
        }
    }
}
