import TFDefinition
import TFExpression

extension Engine {
    /// Whether an event fits a filter outside any instance: one of a schedule.
    package static func matches(_ filter: EventFilter, _ event: JSON) -> Bool {
        // An event that lacks what it is to be correlated by belongs to nothing.
        let isCorrelated = filter.correlations.allSatisfy { correlation in
            ((try? correlation.from.value(event)) ?? .null) != .null
        }
        return isCorrelated
            && filter.attributes.allSatisfy { attribute in
                let value = event[attribute.name]
                guard case .expression(let expression) = attribute.value else {
                    return
                        (try? attribute.value.evaluate { (expression) throws(ExpressionError) in
                            try expression.value(value)
                        })?.equals(value) ?? false
                }
                // An event of another shape is no error: it just does not fit.
                return (try? expression.value(value).isTruthy) ?? false
            }
    }
}
