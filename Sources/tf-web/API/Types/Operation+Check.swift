#if DEBUG
    import HTTPTypes
    import Hummingbird
    import TFDefinition
    import TFExpression

    /// An answer that does not match the document: a bug of ours, which builds for tests detect.
    struct AnswerMismatch: Error, CustomStringConvertible {
        let operation: String
        let errors: [FieldError]

        var description: String {
            "the answer of \(operation) is not of its schema: "
                + errors.map { "\($0.field): \($0.message)" }.joined(separator: "; ")
        }
    }

    extension Operation {
        /// - Throws: `AnswerMismatch` for a JSON answer that does not match the declared shape.
        func checked(_ response: Response) async throws -> Response {
            guard response.status.code < 300, response.headers[.contentType] == "application/json",
                let shape = answer.shape
            else { return response }
            let bytes = try await BodyCollector.bytes(of: response.body)
            let errors = shape.errors(in: try JSON(parsing: Array(bytes.readableBytesView)))
            guard errors.isEmpty else { throw AnswerMismatch(operation: id, errors: errors) }
            var response = response
            response.body = .init(byteBuffer: bytes)
            return response
        }
    }

    extension Operation.Content {
        fileprivate var shape: Shape? {
            switch self {
            case .json(let shape): shape
            case .table(let shape): .page(of: shape)
            case .none, .yaml, .file: nil
            }
        }
    }
#endif
