import TFDefinition

/// Why a body is not `multipart/form-data`.
enum MultipartError: Error, Equatable, CustomStringConvertible {
    case badBoundary
    case badHeaders(String)
    case headersTooLong
    case tooManyParts
    /// A field's name contains U+0000.
    case nul(field: String)
    case truncated

    var description: String {
        switch self {
        case .badBoundary: "the Content-Type has no boundary of 1 to 70 characters"
        case .badHeaders(let why): "a part's headers cannot be read: \(why)"
        case .headersTooLong: "a part's headers are longer than 16 KiB"
        case .tooManyParts: "the form has too many fields"
        case .nul(let field): FieldError.nul(in: field).message
        case .truncated: "the body ends in the middle of a part"
        }
    }
}

extension Failure {
    init(_ error: MultipartError) {
        switch error {
        case .nul(let field): self = .invalid([.nul(in: field)])
        case .badBoundary, .badHeaders, .headersTooLong, .tooManyParts, .truncated:
            self = .badRequest("The form cannot be read: \(error).")
        }
    }
}
