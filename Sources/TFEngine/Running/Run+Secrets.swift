import TFDefinition
import TFExpression

/// `$secrets`: a secret that is not set stops the step, so that no request goes out without it.
extension Run {
    /// The value of one of the company's secrets.
    func secret(_ name: String, at reference: String) throws(WorkflowError) -> JSON {
        guard let value = surroundings.company.secrets.objectValue?[name] else {
            throw Self.notSet(name, at: reference)
        }
        return value
    }

    /// What an expression must find of `$secrets` as soon as it uses it. One that has something else to take, written
    /// behind `//`, may be missing.
    var demandForSecrets: ExpressionLimits.Demand {
        .init(variable: WorkflowVariable.secrets.rawValue, members: program.workflow.secrets)
    }

    static func notSet(_ name: String, at reference: String) -> WorkflowError {
        WorkflowError(
            .configuration, status: 500, title: "The secret \"\(name)\" is not set",
            detail:
                "\"tf-daemon secret set COMPANY \(name)\" sets it; in a dry run it stands among the script's \"secrets\"",
            at: reference)
    }
}
