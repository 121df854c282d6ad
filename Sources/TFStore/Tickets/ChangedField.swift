/// What was changed about a ticket: the names of the facts of a history entry `updated`.
package enum ChangedField: String, Sendable, CaseIterable {
    case title
    case priority
    case labels
    case due
    case duplicateOf = "duplicate_of"
}
