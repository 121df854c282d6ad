import TFDefinition
import TFEngine
import TFStore

/// The list of all companies, with a form for a new one.
struct CompaniesPage {
    let companies: [Company]
    let sizes: [CompanyID: CompanySize]
    let paused: Set<CompanyID>
    let errors: [FieldError]
    let tags: FormTags

    @Sendable static func make(_ request: ProvedRequest<OnSite>, _ session: ReadSession) throws -> Page {
        let taken = try NewCompany.taken(request.typed, session)
        let page = CompaniesPage(
            companies: try session.companies(), sizes: try session.companySizes(),
            paused: try session.pausedCompanies(), errors: request.typed.errors + taken, tags: request.tags
        ).page
        return taken.isEmpty ? page : page.refusing(422, taken)
    }

    private var page: Page {
        Page(
            "Companies",
            """
            \(SitePage.companies.tabs)<div class="row"><h1>Companies <span class="soft">\(companies.count)</span></h1></div>\
            <div class="cols">\(companies.isEmpty ? nothing : table)\(form)</div>
            """
        ).under(.admin)
    }

    private var nothing: HTML {
        Elements.empty(
            .nothingYet, "No company yet",
            "People, tickets and workflows belong to a company. Make the first one, then add people to it.")
    }

    private var table: HTML {
        """
        <table class="rows"><caption class="vh">Companies by name</caption><thead><tr><th scope="col">Name\
        <th scope="col" class="w1 num">People<th scope="col" class="w2 num">Open tickets\
        <th scope="col" class="w2">Assignment<tbody>\(companies.sorted { $0.name < $1.name }.map(row))</table>
        """
    }

    private func row(_ company: Company) -> HTML {
        let size = sizes[company.id] ?? CompanySize()
        let state: HTML = paused.contains(company.id) ? "<td class=wait>Paused" : "<td class=done>Running"
        return """
            <tr><th scope=row><a href="/admin/companies/\(company.slug)">\(company.name)</a>\(company.timezone)\
            <td class=num data-l=People>\(size.members)<td class=num data-l="Open tickets">\(size.openTickets)\(state)
            """
    }

    private var form: HTML {
        """
        <form method="post" action="/admin/companies" class="card stack" novalidate aria-labelledby="new">\
        \(tags.hidden())<h2 id="new">New company</h2>\
        \(text("name", "Name", hint: "As people see it, such as Acme."))\
        \(text("slug", "Short name", hint: "In addresses: small letters, digits and -. It never changes."))\
        \(ZoneField(zone: nil, errors: errors).html)<button class="primary">Make the company</button></form>
        """
    }

    private func text(_ name: String, _ label: String, hint: HTML) -> HTML {
        Elements.field(name, label: label, hint: hint, errors: errors) { attributes in
            #"<input class="wide" type="text" name="\#(name)" autocomplete="off"\#(attributes)>"#
        }
    }
}

/// The field for a time zone.
struct ZoneField {
    /// nil: none was chosen.
    let zone: String?
    let errors: [FieldError]

    /// The zones that are offered while somebody types; any other name of IANA's is taken as well.
    private static let common = [
        "Europe/Berlin", "Europe/London", "Europe/Paris", "Europe/Madrid", "Europe/Warsaw", "Europe/Istanbul",
        "America/New_York", "America/Chicago", "America/Los_Angeles", "America/Sao_Paulo", "Asia/Dubai", "Asia/Kolkata",
        "Asia/Singapore", "Asia/Shanghai", "Asia/Tokyo", "Australia/Sydney", "UTC",
    ]

    var html: HTML {
        let options = Self.common.map { name -> HTML in #"<option value="\#(name)"></option>"# }
        return Elements.field(
            "timezone", label: "Time zone", hint: "Such as Europe/Berlin. Dates in forms and due dates are in it.",
            isOptional: zone == nil, errors: errors
        ) { attributes in
            """
            <input class="wide" type="text" name="timezone" value="\(zone)" list="zones" autocomplete="off"\(attributes)>\
            <datalist id="zones">\(options)</datalist>
            """
        }
    }
}
