import Foundation
import TFDefinition
import TFStore

/// What the reports are about: a period, and if wanted one type of tickets and one step.
struct ReportQuery: RequestFields {
    enum Period: String, CaseIterable {
        case week
        case month
        case quarter
        case year

        var days: Int {
            switch self {
            case .week: 7
            case .month: 28
            case .quarter: 91
            case .year: 364
            }
        }

        /// How many days a bar of a plot over time stands for.
        var stretch: Int {
            switch self {
            case .week, .month: 1
            case .quarter, .year: 7
            }
        }

        var label: String {
            switch self {
            case .week: "A week to today"
            case .month: "Four weeks to today"
            case .quarter: "Three months to today"
            case .year: "A year to today"
            }
        }
    }

    private(set) var period: Period
    private(set) var type: String?
    private(set) var step: String?
    /// The table that is asked for as CSV.
    let table: ReportTable?

    init(_ fields: inout FieldReader) {
        period =
            fields.optional("period", .choice(Period.allCases.map(\.rawValue))).flatMap(Period.init(rawValue:))
            ?? .month
        type = fields.optional("type", .text(1, .identifier))
        step = fields.optional("step", .text(1, .identifier))
        table = fields.optional("table", .choice(ReportTable.allCases.map(\.rawValue)))
            .flatMap(ReportTable.init(rawValue:))
    }

    /// The address of a page with this query.
    /// - Parameter more: other parameters.
    func address(_ path: String, _ more: [(String, String)] = []) -> String {
        let own = [("period", period == .month ? nil : period.rawValue), ("type", type), ("step", step)]
        let parts = (own.compactMap { name, value in value.map { (name, $0) } } + more).map { name, value in
            let written = value.addingPercentEncoding(
                withAllowedCharacters: .urlPathAllowed.subtracting(.init(charactersIn: "&=+;")))
            return "\(name)=\(written ?? "")"
        }
        return parts.isEmpty ? path : "\(path)?\(parts.joined(separator: "&"))"
    }

    func with(_ period: Period) -> ReportQuery {
        var query = self
        query.period = period
        return query
    }

    func with(type: String?) -> ReportQuery {
        var query = self
        query.type = type
        return query
    }

    func with(step: String?) -> ReportQuery {
        var query = self
        query.step = step
        return query
    }

    /// Which rows are counted.
    func filter(in company: Company, now: Int64) -> ReportFilter {
        let first = CalendarDate(days: company.today(now: now).days - period.days + 1)
        return ReportFilter(from: company.beginning(of: first), to: now + 1, type: type, step: step)
    }
}

/// The tables of the reports.
enum ReportTable: String, CaseIterable {
    case flow
    case age
    case times
    case shares
    case hours
    case types
    case steps
    case workers
}

extension Company {
    /// The first moment of a day in the company's time zone, in milliseconds since 1970.
    func beginning(of date: CalendarDate) -> Int64 {
        let midnight = Int64(date.days) * 86_400
        // The offset at midnight is that of a moment which depends on it; the second look has it right.
        let near = midnight - Int64(offset(midnight))
        return (midnight - Int64(offset(near))) * 1000
    }
}
