// swift-tools-version:6.2
import PackageDescription

// One rule for every target of ours: a warning does not build.
let strict: [SwiftSetting] = [.treatAllWarnings(as: .error)]

let package = Package(
    name: "TicketFlower",
    products: [
        .library(name: "TFQueue", targets: ["TFQueue"]),
        .executable(name: "tf-daemon", targets: ["tf-daemon"]),
        .executable(name: "tf-web", targets: ["tf-web"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(
            url: "https://github.com/apple/swift-configuration", from: "1.4.0",
            traits: ["JSON", "CommandLineArguments"]),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        .systemLibrary(name: "CHiredis"),
        .systemLibrary(name: "CLibYAML"),
        .systemLibrary(name: "COpenSSL"),
        .systemLibrary(name: "CCmark"),
        .systemLibrary(name: "CPQ"),
        .systemLibrary(name: "CQREncode"),
        .systemLibrary(name: "CSQLite"),
        .systemLibrary(name: "CThread"),
        .systemLibrary(name: "CTime"),
        .systemLibrary(name: "CZlib"),
        // RE2 is C++: a shim of a few functions stands before it.
        .target(name: "CRE2", linkerSettings: [.linkedLibrary("re2")]),
        .target(name: "TFSystem", dependencies: ["COpenSSL", "CThread"], swiftSettings: strict),
        .target(
            name: "TFExpression",
            dependencies: ["CRE2", "CTime", .product(name: "OrderedCollections", package: "swift-collections")],
            swiftSettings: strict),
        .target(
            name: "TFDefinition", dependencies: ["TFExpression", "TFSystem", "CLibYAML"],
            swiftSettings: strict),
        .target(name: "TFEngine", dependencies: ["TFDefinition"], swiftSettings: strict),
        .target(
            name: "TFStore",
            dependencies: ["TFEngine", "TFSystem", "CPQ", "CSQLite", .product(name: "GRDB", package: "GRDB.swift")],
            resources: [
                "accounts", "definitions", "tickets", "engine", "events", "tasks", "timeline", "followers", "queues",
                "requests", "diagrams", "usage", "views", "daemons", "retention",
                "keys", "sqlite", "postgres",
            ].map { .embedInCode("Schema/\($0).sql") },
            swiftSettings: strict),
        .target(
            name: "TFQueue",
            dependencies: [
                "CHiredis",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
            ],
            swiftSettings: strict),
        .target(
            name: "TFProcess",
            dependencies: [
                "TFConfiguration", "TFDefinition", .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
        .target(
            name: "TFWatch",
            dependencies: [
                "TFQueue", "TFStore",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .target(
            name: "TFConfiguration",
            dependencies: [
                "TFExpression", "TFQueue", "TFSystem",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Configuration", package: "swift-configuration"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: strict),
        .target(
            name: "TFMetrics",
            dependencies: [
                "TFConfiguration", "TFSystem",
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tf-daemon",
            dependencies: [
                "TFSystem", "TFConfiguration", "TFStore", "TFQueue", "TFWatch", "TFProcess", "TFMetrics", "COpenSSL",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
        .executableTarget(
            name: "tf-web",
            dependencies: [
                "TFSystem", "TFConfiguration", "TFStore", "TFQueue", "TFWatch", "TFProcess", "TFMetrics", "COpenSSL",
                "CCmark", "CQREncode", "CZlib",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "HummingbirdTLS", package: "hummingbird"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            resources: ["site.css", "site.js", "favicon.svg"].map { .embedInCode("Assets/\($0)") },
            swiftSettings: strict),
        .executableTarget(
            name: "tf-bench",
            dependencies: [
                "TFSystem", "TFQueue", "TFStore",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
        .target(
            name: "TestSupport", dependencies: ["TFStore", .product(name: "Logging", package: "swift-log")],
            path: "Tests/TestSupport", swiftSettings: strict),
        .testTarget(name: "TestSupportTests", dependencies: ["TestSupport"], swiftSettings: strict),
        .testTarget(name: "TFSystemTests", dependencies: ["TFSystem", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "TFProcessTests",
            dependencies: ["TFProcess", .product(name: "Subprocess", package: "swift-subprocess")],
            swiftSettings: strict),
        .testTarget(
            name: "TFExpressionTests",
            dependencies: [
                "TFExpression", "TFProcess", "TestSupport", .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
        .testTarget(name: "TFDefinitionTests", dependencies: ["TFDefinition", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "TFConfigurationTests", dependencies: ["TFConfiguration", "TestSupport"], swiftSettings: strict),
        .testTarget(name: "TFEngineTests", dependencies: ["TFEngine", "TestSupport"], swiftSettings: strict),
        .testTarget(
            name: "TFStoreTests",
            dependencies: [
                "TFStore", "CSQLite", "TestSupport", .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            exclude: ["Stores"],
            swiftSettings: strict),
        .testTarget(
            name: "TFQueueTests",
            dependencies: [
                "TFQueue", "TFEngine", "TestSupport", .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TFWebTests",
            dependencies: [
                "tf-web", "TFProcess", "TestSupport",
                .product(name: "NIOEmbedded", package: "swift-nio"),
                .product(name: "HummingbirdTesting", package: "hummingbird"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
        .testTarget(
            name: "TFDaemonTests",
            dependencies: ["tf-daemon", "TestSupport", .product(name: "Hummingbird", package: "hummingbird")],
            swiftSettings: strict),
        .testTarget(
            name: "SystemTests",
            dependencies: [
                "TFExpression", "TFProcess", "TFQueue", "TFStore", "TestSupport",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Subprocess", package: "swift-subprocess"),
            ],
            swiftSettings: strict),
    ],
    swiftLanguageModes: [.v6]
)
