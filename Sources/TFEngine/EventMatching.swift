import TFDefinition
import TFExpression

extension Engine {
    /// Whether an event fits a filter of a schedule, outside any instance.
    /// - Parameter meter: the fuel of all filters of one schedule; once it is empty, the event fits no filter.
    package static func matches(_ filter: EventFilter, _ event: JSON, _ meter: inout ExpressionMeter) -> Bool {
        // An event without the value to correlate by does not fit.
        for correlation in filter.correlations {
            guard let value = try? meter.value(correlation.from, event), value != .null else { return false }
        }
        for attribute in filter.attributes {
            let value = event[attribute.name]
            let isMet: Bool?
            if case .expression(let expression) = attribute.value {
                // An expression may fail on an event of another shape: that event just does not fit.
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
