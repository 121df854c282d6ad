import ArgumentParser
import Hummingbird
import NIOCore
import NIOPosix
import ServiceLifecycle
import Subprocess
import TFConfiguration
import TFMetrics

struct ServeCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "serve", abstract: "Serve the pages and the API until SIGINT, SIGTERM or SIGHUP (default).",
        discussion: """
            Each option is a setting; `tf-web --help` says where settings come from. Log lines go to standard error. \
            Requests that are being answered when it is stopped have 30 seconds. A terminal that is closed (SIGHUP) stops it \
            in the same way, unless it was started by nohup. A listening socket that is handed over \
            as by systemd (LISTEN_FDS) is served instead of `http.bind`; several tf-web may serve it.

            Exit status: 0 stopped by a signal, 1 it could not start or go on, 2 wrong usage.
            """)

    @OptionGroup var options: SettingOptions

    func run() async throws {
        let settings = try Settings.read(options)
        try settings.demandSendmail()
        let socket = try InheritedSocket.take()
        try await Descriptors.prepare()
        NIOSingletons.groupLoopCountSuggestion = Descriptors.eventLoops(cores: System.coreCount)
        let site = try await Site(settings: settings, logger: settings.logger("tf-web"))
        // The library sets up its watch on child processes with the first one; if that fails, it never tries again.
        _ = try await Descriptors.startingProcess {
            try await Subprocess.run(.path("/bin/sh"), arguments: ["-c", ":"], output: .discarded, error: .discarded)
        }
        var configuration = ServiceGroupConfiguration(
            services: try buildServices(site, socket: socket),
            gracefulShutdownSignals: HangUp.isIgnored ? [.sigterm, .sigint] : [.sigterm, .sigint, .sighup],
            logger: site.logger)
        // Requests in progress may finish, but delay a stop by at most this time.
        configuration.maximumGracefulShutdownDuration = .seconds(30)
        do { try await ServiceGroup(configuration: configuration).run() } catch {
            throw BindError(error, setting: settings.place(of: .httpBind), (settings.host, settings.port)) ?? error
        }
        await site.servers.close()
        try site.store.close()
        site.logger.notice("stopped")
    }
}
