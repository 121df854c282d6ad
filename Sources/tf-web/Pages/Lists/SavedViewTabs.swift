import TFDefinition
import TFEngine
import TFStore

/// The saved views of a list: tabs, and the menu to save, rename and delete one.
struct SavedViewTabs {
    private let list: SavedView.List
    private let address: ListAddress
    private let views: [SavedView]
    private let request: ProvedRequest<InCompany>

    init(
        _ list: SavedView.List, at address: ListAddress, _ request: ProvedRequest<InCompany>,
        _ session: CompanyReadSession
    ) throws {
        self.list = list
        self.address = address
        self.request = request
        let actor = request.actor
        views = try session.savedViews(
            of: list, for: request.account.id, roles: actor.membership?.companyRoles ?? [])
    }

    /// The one that the list shows.
    var shown: SavedView? { views.first { list.address(address.path, $0.query) == address } }

    /// - Parameter count: how many rows a view's query selects; nil: too costly to count.
    func tabs(count: (String) throws -> Int?) throws -> [Tab] {
        try views.map { view in
            let path = list.address(address.path, view.query)
            return Tab(
                label: view.name,
                path: address.isOfPage ? address.view(path.items.map { ($0.name, $0.value) }).href : path.text,
                count: try count(view.query), isCurrent: path == address)
        }
    }

    /// The menu beside the filter: to save what is shown, or to change the view that it is.
    /// - Parameter isBuiltIn: whether the list shows one of the views that everybody has.
    func menu(isBuiltIn: Bool, _ session: CompanyReadSession) throws -> HTML {
        if let view = shown {
            return view.accountID == request.account.id ? change(view, try roles(session)) : .empty
        }
        guard !isBuiltIn else { return .empty }
        return menu(
            "Save as a view",
            form("/c/\(request.company.slug)/views", name: nil, sharing: (try roles(session), nil), button: "Save"))
    }

    /// The company roles with which a view can be shared.
    private func roles(_ session: CompanyReadSession) throws -> [CompanyRole] {
        request.actor.has(.ticketAdmin) ? try session.declaredRoles() : []
    }

    private func change(_ view: SavedView, _ roles: [CompanyRole]) -> HTML {
        let path = "/c/\(request.company.slug)/views/\(view.id)"
        return menu(
            "This view",
            """
            <div>\(form(path, name: view.name, sharing: (roles, view.role), button: "Change"))\
            <form class="filter" method="post" action="\(path)/deletion">\(request.tags.hidden())\
            <input type="hidden" name="list" value="\(list.rawValue)">\
            <button class="danger">Delete the view</button></form></div>
            """)
    }

    private func menu(_ label: String, _ content: HTML) -> HTML {
        #"<details class="pop"><summary><b>\#(label)</b></summary>\#(content)</details>"#
    }

    /// - Parameter sharing: the roles to choose from, and the one chosen.
    private func form(
        _ action: String, name: String?, sharing: (roles: [CompanyRole], role: String?), button: String
    ) -> HTML {
        let options = sharing.roles.map { role in
            FilterField.Option(
                value: role.name, label: "me and ticket admins with the role \(Words.insideSentence(role.label))")
        }
        return """
            <form class="filter" method="post" action="\(action)">\(request.tags.hidden())\
            <input type="hidden" name="list" value="\(list.rawValue)">\
            <input type="hidden" name="query" value="\(address.query)">\
            \(FilterField.text("name", "Name", name))\
            \(FilterField.select("role", "For", any: "me alone", options, sharing.role))\
            <button class="primary">\(button)</button></form>
            """
    }
}
