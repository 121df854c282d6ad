import Hummingbird
import HummingbirdCore
import NIOCore

/// Wires the web process: every part is made here, once, and handed down.
func buildApplication(_ site: Site) -> some ApplicationProtocol {
    var application = Application(
        router: buildRouter(site),
        server: .http1(configuration: .init(idleTimeout: .seconds(30))),
        configuration: .init(
            address: .hostname(site.settings.host, port: site.settings.port), serverName: nil),
        onServerRunning: { _ in
            site.logger.notice("serving", metadata: ["address": "\(site.settings.baseURL)"])
        },
        logger: site.logger)
    application.addServices(site.hints)
    return application
}

/// Every route, with what stands before it.
func buildRouter(_ site: Site) -> Router<WebContext> {
    let router = Router(context: WebContext.self)
    router.add(middleware: SecurityHeaders(isSecure: site.cookies.isSecure))
    router.add(middleware: ErrorAnswers())
    router.add(middleware: HostCheck(baseURL: site.settings.baseURL))

    var machines = Routes(router.group())
    WellKnown(site: site).addRoutes(to: &machines)
    machines.refuseOtherMethods()

    addPages(site, router)
    addAPI(site, router)
    return router
}

private func addPages(_ site: Site, _ router: Router<WebContext>) {
    let desk = PageDesk(site: site)
    let pages = router.group().add(middleware: PageSession(site: site))
    var open = Routes(pages.group())
    AccountPages(desk: desk).addPublicRoutes(to: &open)
    open.refuseOtherMethods()

    var routes = Routes(pages.group().add(middleware: SignInRequired()))
    AccountPages(desk: desk).addRoutes(to: &routes)
    CataloguePages(desk: desk).addRoutes(to: &routes)
    TicketListPages(desk: desk).addRoutes(to: &routes)
    TicketPages(desk: desk).addRoutes(to: &routes)
    WorkPages(desk: desk).addRoutes(to: &routes)
    TaskPages(desk: desk).addRoutes(to: &routes)
    TicketAdminPages(desk: desk).addRoutes(to: &routes)
    DefinitionPages(desk: desk).addRoutes(to: &routes)
    DefinitionEditPages(desk: desk).addRoutes(to: &routes)
    DryRunPages(desk: desk).addRoutes(to: &routes)
    SiteAdminPages(desk: desk).addRoutes(to: &routes)
    routes.refuseOtherMethods()
}

private func addAPI(_ site: Site, _ router: Router<WebContext>) {
    let desk = APIDesk(site: site)
    var open = Routes(router.group())
    AuthAPI(desk: desk).addPublicRoutes(to: &open)
    open.refuseOtherMethods()

    var routes = Routes(router.group().add(middleware: BearerRequired(site: site)))
    AuthAPI(desk: desk).addRoutes(to: &routes)
    TicketAPI(desk: desk).addRoutes(to: &routes)
    TaskAPI(desk: desk).addRoutes(to: &routes)
    WorkerAPI(desk: desk).addRoutes(to: &routes)
    DefinitionAPI(desk: desk).addRoutes(to: &routes)
    EventAPI(desk: desk).addRoutes(to: &routes)
    JobAPI(desk: desk).addRoutes(to: &routes)
    routes.refuseOtherMethods()
}
