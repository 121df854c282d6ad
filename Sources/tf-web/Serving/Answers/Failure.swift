import TFDefinition
import TFStore

/// Why a request fails: each case is one status, shown as a page or as problem+json.
enum Failure: Error, Sendable {
    case badRequest(String)
    case unauthorized
    /// Does not say which of login, password and code is wrong.
    case wrongCredentials
    /// A refresh token that is none, or whose session has ended.
    case wrongRefreshToken
    /// The user may see the resource but not do this; the sentence says what is missing.
    case forbidden(String)
    case notFound
    case methodNotAllowed([String])
    /// A method that no server knows, or that is not written in capitals.
    case unknownMethod
    case conflict(String)
    /// What `If-Match` or `If-None-Match` says is not so.
    /// - current: the ETag of what is there; nil: there is nothing, or nothing with a tag.
    case preconditionFailed(current: String?)
    /// - limit: how many bytes the request, or the part of it that is too large, may have; nil: nobody has said.
    case tooLarge(limit: Int?)
    case unsupportedMediaType(String)
    case invalid([FieldError])
    case diagnostics([Diagnostic])
    case misdirected
    /// Seconds to wait.
    case tooMany(Int)
    case busy
    /// A disk is full or refuses to be written to, or the store's server is away.
    case unavailable

    /// For a request that cannot be parsed, or whose body is cut off.
    static let unreadable = Failure.badRequest("The request cannot be read.")

    /// The failure that a store's error is to a visitor; nil if the error is unexpected.
    init?(_ error: any Error) {
        if let failure = error as? Failure {
            self = failure
            return
        }
        if error is SecondFactorIsMissing {
            self = .forbidden("Admins need a second factor here; set it up at /account/second-factor.")
            return
        }
        switch error as? StoreError {
        case .notFound: self = .notFound
        case .conflict(let sentence): self = .conflict(sentence)
        case .forbidden(let sentence): self = .forbidden(sentence)
        case .invalid(let errors): self = .invalid(errors)
        case .otherRequest?:
            self = .invalid([
                FieldError(
                    field: "Idempotency-Key",
                    message: "This id was used before, for another request; send a new one")
            ])
        case .formChanged?: self = .conflict("the form was changed while it was filled in; read it again")
        case .notLeader, nil: return nil
        }
    }

    var status: Int {
        switch self {
        case .badRequest: 400
        case .unauthorized, .wrongCredentials, .wrongRefreshToken: 401
        case .forbidden: 403
        case .notFound: 404
        case .methodNotAllowed, .unknownMethod: 405
        case .conflict: 409
        case .preconditionFailed: 412
        case .tooLarge: 413
        case .unsupportedMediaType: 415
        case .invalid, .diagnostics: 422
        case .misdirected: 421
        case .tooMany: 429
        case .busy, .unavailable: 503
        }
    }

    var title: String {
        switch self {
        case .badRequest: "The request cannot be read"
        case .unauthorized: "Sign in first"
        case .wrongCredentials, .wrongRefreshToken: "Not signed in"
        case .forbidden: "Not allowed"
        case .notFound: "There is nothing at this address"
        case .methodNotAllowed: "This address does not take that method"
        case .unknownMethod: "This server does not know that method"
        case .conflict: "Nothing was changed"
        case .preconditionFailed: "It was changed meanwhile"
        case .tooLarge: "Too large"
        case .unsupportedMediaType: "Not this kind of content"
        case .invalid: "There is a problem"
        case .diagnostics: "The definition has errors"
        case .misdirected: "This server does not answer for that host"
        case .tooMany: "Too many tries"
        case .busy, .unavailable: "Try again in a moment"
        }
    }

    var detail: String {
        switch self {
        case .badRequest(let sentence), .forbidden(let sentence), .conflict(let sentence): sentence
        case .unauthorized: "A valid access token is needed."
        case .wrongCredentials: "The login, the password or the code is wrong."
        case .wrongRefreshToken: "The refresh token does not hold, or not any more. Sign in again."
        case .notFound:
            "It may belong to another company, or the address is mistyped."
        case .methodNotAllowed(let methods): "It takes \(methods.joined(separator: ", "))."
        case .unknownMethod: "Methods are written in capitals, such as GET and POST."
        case .preconditionFailed: "Read it again, then repeat the change."
        case .tooLarge(let limit):
            limit.map { "What is sent here may have \(ByteSize.text($0)) at most." }
                ?? "The request is larger than is read here."
        case .unsupportedMediaType(let wanted): "Send it as \(wanted)."
        case .invalid(let errors): Self.sentences(errors.prefix(FieldError.limit).map(\.message))
        case .diagnostics(let problems):
            problems.count == 1 ? "1 problem was found." : "\(problems.count) problems were found."
        case .misdirected: "Use the site's own address."
        case .tooMany(let seconds): "Wait \(Words.count(seconds, "second")), then try again."
        case .busy: "The server has too much to do at present. Nothing was lost."
        case .unavailable:
            "The site cannot save anything at present. Nothing that was saved is lost; if it stays so, tell those who run it."
        }
    }

    /// Joins messages with full stops, except after one that ends in its own mark.
    private static func sentences(_ messages: [String]) -> String {
        messages.reduce("") { text, message in
            text.isEmpty ? message : text + (text.last.map(".?!".contains) == true ? " " : ". ") + message
        }
    }
}
