/// The views of a list that everybody has, as tabs. What a filter narrows stays narrowed in each of them; out of a saved
/// view they lead to the whole list.
struct ListTabs {
    private let address: ListAddress
    /// The list without what one view has and another has not.
    private let narrowed: ListAddress
    /// Whether a saved view is shown, which has a tab of its own.
    private let isSaved: Bool

    init(_ address: ListAddress, isSaved: Bool) {
        self.address = address
        self.isSaved = isSaved
        narrowed = isSaved ? address.view([]) : address.without("state", "sort", "overdue", "unassigned", "stuck")
    }

    /// Whether more is asked for than a view.
    var isNarrowed: Bool { !narrowed.items.isEmpty }

    /// - Parameters:
    ///   - condition: what the view's rows have in common.
    ///   - others: conditions that none of its rows could meet.
    ///   - count: how many rows it has; not told of a view that is narrowed.
    func tab(
        _ label: String, _ condition: (name: String, value: String)? = nil, without others: [String] = [],
        count: Int? = nil, isHot: Bool = false
    ) -> Tab {
        var view = others.reduce(narrowed) { $0.without($1) }
        if let condition { view = view.with(condition.name, condition.value) }
        return Tab(
            label: label, path: view.href, count: isNarrowed ? nil : count, isHot: isHot && !isNarrowed,
            isCurrent: !isSaved && view.isSame(as: address.without("sort")))
    }
}
