import TFDefinition
import TFExpression

/// `$secrets`: a secret that is not set stops the step, so that no request goes out without it.
extension Run {
    /// Makes sure that the secrets are set which an expression reads. One that has something else to take, written
    /// behind `//`, may be missing.
    /// - Throws: a configuration error that names the first one that is not set.
    func checkSecrets(of expression: Expression, _ place: Place) throws(WorkflowError) {
        for reading in expression.readings where reading.reference.variable == WorkflowVariable.secrets.rawValue {
            if reading.isGuarded { continue }
            // Which secrets are taken of the whole object is not told before: each that the workflow names may be one.
            var needed = program.workflow.secrets
            if let name = reading.reference.path.first?.name, name != FieldReference.element { needed = [name] }
            for name in needed { _ = try secret(name, at: place.reference) }
        }
    }

    /// The value of one of the company's secrets.
    func secret(_ name: String, at reference: String) throws(WorkflowError) -> JSON {
        guard let value = surroundings.company.secrets.objectValue?[name] else {
            throw WorkflowError(
                .configuration, status: 500, title: "The secret \"\(name)\" is not set",
                detail:
                    "\"tf-daemon secret set COMPANY \(name)\" sets it; in a dry run it stands among the script's \"secrets\"",
                at: reference)
        }
        return value
    }
}
