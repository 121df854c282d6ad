extension Failure {
    /// What a person does next, behind `detail` on a page; nil: that says it, or only programs get it.
    var advice: String? {
        switch self {
        case .badRequest: "Go back to the page and try it again; if it stays so, tell those who run the site."
        case .notFound: "Check the address, or look for it from the start page."
        case .methodNotAllowed: "Go on from the start page."
        case .conflict: "Load the page again to see how it stands now."
        case .tooLarge: "Send less at once: smaller files, or fewer."
        case .invalid: "Go back to the page and correct it."
        case .busy: "Wait a moment, then load the page again."
        // The sentence of a refusal says who may, or what to do.
        case .forbidden, .unauthorized, .wrongCredentials, .wrongRefreshToken, .unknownMethod, .preconditionFailed,
            .unsupportedMediaType, .diagnostics, .misdirected, .tooMany, .unavailable:
            nil
        }
    }
}
