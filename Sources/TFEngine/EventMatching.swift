import TFDefinition
import TFExpression

extension Engine {
    /// Whether an event fits a filter outside any instance: one of a schedule.
    /// - Parameter meter: the fuel of all filters of one schedule; once it is empty, the event fits none.
    package static func matches(_ filter: EventFilter, _ event: JSON, _ meter: inout ExpressionMeter) -> Bool {
        // An event that lacks what it is to be correlated by belongs to nothing.
        for correlation in filter.correlations {
            guard let value = try? meter.value(correlation.from, event), value != .null else { return false }
        }
        for attribute in filter.attributes {
            let value = event[attribute.name]
            let isMet: Bool?
            if case .expression(let expression) = attribute.value {
                // An event of another shape is no error: it just does not fit.
                isMet = try? meter.value(expression, value).isTruthy
            } else {
                isMet = try? attribute.value.evaluate { (expression) throws(ExpressionError) in
                    try meter.value(expression, value)
                }.equals(value)
            }
            guard isMet == true else { return false }
        }
        return true
    }
}
