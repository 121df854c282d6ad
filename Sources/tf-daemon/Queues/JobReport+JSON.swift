import TFExpression
import TFStore

/// `{jid, worker, attempt, status: "completed" | "failed", output?, outcome?, error?: {title, detail}, retry?}`
extension JobReport {
    private enum Problem: Error, CustomStringConvertible {
        case lacks(String)
        case status(String)
        case nul(String)

        var description: String {
            switch self {
            case .lacks(let member): "it has no \"\(member)\""
            case .nul(let path): "its \"\(path)\" holds the character U+0000"
            case .status(let text): "its status is \"\(text)\", not completed or failed"
            }
        }
    }

    /// Reads an element of `results`.
    init(_ text: String) throws {
        let json = try JSON(parsing: text)
        if let path = json.pathOfNUL { throw Problem.nul(path) }
        guard let job = json["jid"].stringValue else { throw Problem.lacks("jid") }
        guard let worker = json["worker"].stringValue else { throw Problem.lacks("worker") }
        guard let attempt = json["attempt"].intValue else { throw Problem.lacks("attempt") }
        let result: JobResult
        switch json["status"].stringValue {
        case "completed":
            result = .completed(output: json["output"].objectValue ?? [:], outcome: json["outcome"].stringValue)
        case "failed":
            result = .failed(
                title: json["error"]["title"].stringValue ?? "The program failed",
                detail: json["error"]["detail"].stringValue, retry: json["retry"].boolValue ?? true)
        case let status: throw Problem.status(status ?? "")
        }
        self.init(job: job, worker: worker, attempt: attempt, result: result)
    }
}
