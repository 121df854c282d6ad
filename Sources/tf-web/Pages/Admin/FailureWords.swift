import TFDefinition
import TFEngine
import TFStore

/// What is said of a workflow that failed to those who may not read its data.
extension InstanceView {
    /// The step that failed, as people read it; nil: the workflow failed as a whole, or did not fail.
    var failedStep: String? {
        let reference = stopped?.reference ?? error?.instance ?? ""
        return reference.split(separator: "/").last.map { ReadableName.title(String($0)) }
    }
}

extension WorkflowError {
    /// The kind of the error in words, without anything from the data.
    var cause: String {
        switch kind {
        case .configuration: "A setting is missing or wrong"
        case .validation: "Data was not as the definition wants it"
        case .expression: "An expression could not be computed"
        case .authentication: "A server did not accept who we are"
        case .authorization: "A server did not allow it"
        case .timeout: "It took too long"
        case .communication: "A server did not answer as it should"
        case .runtime: "The workflow could not go on"
        case nil: "An error that the workflow names itself"
        }
    }
}
