import TFDefinition

/// What a form's page needs beside the form and its answers.
struct FormSurroundings: Sendable {
    /// More people than this are typed, not listed.
    static let mostListedPeople = 100

    let context: FormContext
    /// The company's, by its IANA name.
    let timezone: String
    /// By field: whom a `user` field offers; no entry: too many.
    let people: [String: [FormPerson]]
    /// Files that were sent already, by id.
    let files: [String: FormUpload]
    /// Fields that this person may not see.
    let unseen: Set<String>
}
