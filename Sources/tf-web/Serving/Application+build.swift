import Hummingbird
import ServiceLifecycle
import TFConfiguration
import TFMetrics
import TFWatch

/// Builds the web process: every part is made once, here, and passed down.
/// - Parameter socket: one that is open already; nil: the address of the settings is bound.
/// - Returns: its services, in the order in which they start; they stop in the reverse order.
func buildServices(_ site: Site, socket: Int32?) throws -> [ServiceGroupConfiguration.ServiceConfiguration] {
    let router = buildRouter(site, buildRoutes(site))
    let aside: [any Service] = [site.hints, site.steps, KeyWatch(keys: site.keys, logger: site.logger)]
    let mailer: [any Service] = NoticeMailer(site).map { [$0] } ?? []
    let server = WebServer(site: site, responder: router.buildResponder(), socket: socket)
    let services: [any Service] = aside + mailer + (try buildMetrics(site)) + [server]
    // The last to stop: while a server is gone its look takes seconds, for which the others need not wait.
    let watch = ServiceGroupConfiguration.ServiceConfiguration(
        service: UpgradeWatch(site.store), failureTerminationBehavior: .gracefullyShutdownGroup,
        serviceName: "UpgradeWatch")
    // The library names a service by everything that is in it, keys and passwords too, and logs that at debug.
    let named = services.map { service in
        ServiceGroupConfiguration.ServiceConfiguration(service: service, serviceName: "\(type(of: service))")
    }
    return [watch] + named
}

/// The server of the process's figures, if there is an address for it.
private func buildMetrics(_ site: Site) throws -> [any Service] {
    guard site.settings.webMetricsAddress != nil else { return [] }
    let gauges = WebGauges(site: site)
    let server = try MetricsServer(
        .webMetricsBind, of: site.settings, token: site.metricsToken, registry: site.metrics, logger: site.logger
    ) { try await gauges.read() }
    return [WebMetrics(server: server, logger: site.logger)]
}

/// Every route of the site.
func buildRoutes(_ site: Site) -> RouteTable {
    var table = RouteTable(site)
    WellKnown(site: site).addRoutes(to: &table)
    addPages(of: site, to: &table)
    let document = OpenAPI(table, baseURL: site.settings.baseURL).document
    table.machine(OpenAPI.path) { _, _ in
        var response = Response.json(document)
        response.headers[.cacheControl] = "max-age=300"
        return response
    }
    return table
}

private func addPages(of site: Site, to table: inout RouteTable) {
    SignInRoutes(site: site).add(to: &table)
    PasswordLinkRoutes(site: site).add(to: &table)
    TokenRoutes(site: site).add(to: &table)
    HomeRoutes.add(to: &table)
    HelpPage.add(to: &table)
    AccountRoutes(site: site).add(to: &table)
    SecondFactorRoutes(site: site).add(to: &table)
    NotificationRoutes(site: site).add(to: &table)
    FollowRoutes.add(to: &table)
    SubmissionRoutes.add(to: &table)
    TicketListRoutes.add(to: &table)
    BulkRoutes.add(to: &table)
    ViewRoutes.add(to: &table)
    SearchRoutes.add(to: &table)
    TicketRoutes.add(to: &table)
    TicketFileRoutes.add(to: &table)
    WorkRoutes.add(to: &table)
    TaskRoutes.add(to: &table)
    WorkerRoutes.add(to: &table)
    ReportRoutes.add(to: &table)
    JobRoutes.add(to: &table)
    DefinitionRoutes.add(to: &table)
    EventRoutes.add(to: &table)
    UserRoutes.add(to: &table)
    InvitationRoutes(site: site).add(to: &table)
    KeyRoutes(site: site).add(to: &table)
    CompanyRoutes(site: site).add(to: &table)
    MemberRoutes.add(to: &table)
    RoleRoutes.add(to: &table)
    QueueRoutes(site: site).add(to: &table)
    AuditRoutes.add(to: &table)
    SystemRoutes(site: site).add(to: &table)
    AccessRoutes.add(to: &table)
}

/// Registers the routes, with the middlewares of each kind.
func buildRouter(_ site: Site, _ table: RouteTable) -> Router<WebContext> {
    precondition(table.shadows.isEmpty, table.shadows.map(\.description).joined(separator: "; "))
    let router = Router(context: WebContext.self)
    router.add(middleware: KnownRoute(table: table))
    router.add(middleware: ClientAddress(proxies: site.settings.trustedProxies))
    router.add(middleware: AccessLog(table: table, logger: site.logger, metrics: site.metrics))
    router.add(middleware: SecurityHeaders(isSecure: site.cookies.isSecure))
    router.add(middleware: ErrorAnswers(site: site, table: table))
    router.add(middleware: HostCheck(baseURL: site.settings.baseURL))
    router.add(middleware: MethodCheck(table: table))

    router.group().add(table.routes(.machine))
    let pages = router.group().add(middleware: PageSession(site: site, table: table))
    pages.add(table.routes(.open))
    pages.group().add(middleware: SignInRequired()).add(table.routes(.cookie))

    router.group().add(table.routes(.open, isOfAPI: true))
    router.group().add(middleware: BearerRequired(site: site)).add(middleware: OncePerKey())
        .add(middleware: EntityTags()).add(table.routes(.bearer, isOfAPI: true))
    return router
}
