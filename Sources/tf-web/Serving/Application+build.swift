import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import NIOCore
import NIOSSL
import TFConfiguration

/// Builds the web process: every part is made once, here, and passed down.
func buildApplication(_ site: Site) throws -> some ApplicationProtocol {
    var application = Application(
        router: buildRouter(site, buildRoutes(site)),
        server: try server(site),
        configuration: .init(
            address: .hostname(site.settings.host, port: site.settings.port), serverName: nil,
            availableConnectionsDelegate: MaximumAvailableConnections(Descriptors.connections())),
        onServerRunning: { _ in
            site.logger.notice(
                "serving",
                metadata: [
                    "address": "\(site.settings.baseURL)", "most connections": "\(Descriptors.connections())",
                    "most open files": "\(Descriptors.limit)",
                ])
        },
        logger: site.logger)
    application.addServices(site.hints, site.steps, KeyWatch(keys: site.keys, logger: site.logger))
    if let mailer = NoticeMailer(site) { application.addServices(mailer) }
    return application
}

private func server(_ site: Site) throws -> HTTPServerBuilder {
    let limits = site.limits
    // `ConnectionGuard` ends idle connections: it decides what counts as a request.
    let configuration = HTTP1Channel.Configuration(
        additionalChannelHandlers: limits.handlers() + [DepartureHandler()], idleTimeout: nil,
        httpDecoderConfiguration: .init(
            maxHeaderFieldSize: 16 << 10, maxHeaderListSize: 32 << 10, maxHeaderFieldCount: 100))
    let http = HTTPServerBuilder { responder in
        CheckedChannel(HTTP1Channel(responder: responder, configuration: configuration))
    }
    guard let (certificate, key) = site.settings.tls else { return http }
    var tls = TLSConfiguration.makeServerConfiguration(
        certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) },
        privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
    tls.minimumTLSVersion = .tlsv12
    tls.applicationProtocols = ["http/1.1"]
    return try .tls(http, tlsConfiguration: tls)
}

/// Every route of the site.
func buildRoutes(_ site: Site) -> RouteTable {
    var table = RouteTable(site)
    WellKnown(site: site).addRoutes(to: &table)
    addPages(of: site, to: &table)
    let document = OpenAPI(table, baseURL: site.settings.baseURL).document
    table.machine("/api/openapi.json") { _, _ in
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
    UserRoutes(site: site).add(to: &table)
    InvitationRoutes(site: site).add(to: &table)
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
