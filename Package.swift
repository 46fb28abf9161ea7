// swift-tools-version: 6.2
import PackageDescription

/// Swift 6 with the upcoming rules that keep the walls between targets and the model on one executor.
let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  // A process runs where its caller runs: the whole model stays on one executor.
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
  .treatAllWarnings(as: .error),
]

let package = Package(
  name: "Nephoscope",
  products: [
    .library(
      name: "Nephoscope",
      targets: ["SimulationKernel", "Cloud", "Learning", "Training", "Traces", "Scenarios"]),
    .executable(name: "nephoscope", targets: ["nephoscope"]),
    .executable(name: "nephoscope-bench", targets: ["nephoscope-bench"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-numerics", exact: "1.1.1"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/swhitty/FlyingFox", exact: "0.27.1"),
  ],
  targets: [
    // The model, from the ground up. An arrow never points up.
    .target(name: "CPrefetch"),
    .target(
      name: "SimulationKernel",
      dependencies: ["CPrefetch", .product(name: "RealModule", package: "swift-numerics")],
      swiftSettings: strict),
    .target(
      name: "Cloud",
      dependencies: [
        "SimulationKernel",
        .product(name: "OrderedCollections", package: "swift-collections"),
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: strict),
    .target(
      name: "Learning",
      dependencies: ["CDNNL", "CZlib", "CVectors", "CEmbedded"],
      swiftSettings: strict),
    .target(
      name: "Training",
      dependencies: [
        "SimulationKernel", "Cloud", "Learning",
        .product(name: "RealModule", package: "swift-numerics"),
      ],
      swiftSettings: strict),

    // What a user writes and reads.
    .target(name: "Traces", dependencies: ["CZlib"], swiftSettings: strict),
    .target(
      name: "Scenarios",
      dependencies: [
        "SimulationKernel", "Cloud", "Learning", "Training", "Traces", "CCrypto",
        .product(name: "Yams", package: "Yams"),
      ],
      // Provider files and the small tables they need travel in the binary.
      resources: [.embedInCode("Providers")],
      swiftSettings: strict),
    .target(
      name: "Results",
      dependencies: [
        "SimulationKernel", "Cloud", "Traces", "Scenarios",
        .product(name: "GRDB", package: "GRDB.swift"),
      ],
      swiftSettings: strict),
    .target(
      name: "Serving",
      dependencies: [
        "Learning", "Training", "Traces", "Scenarios", "Results",
        .product(name: "FlyingFox", package: "FlyingFox"),
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ],
      // The page travels in the binary: it needs no directory and no network.
      resources: [.embedInCode("Page")],
      swiftSettings: strict,
      // FlyingFox refers to Foundation's client, whose static form leaves curl to be linked.
      linkerSettings: [.linkedLibrary("curl", .when(configuration: .release))]),
    .executableTarget(
      name: "nephoscope",
      dependencies: [
        "SimulationKernel", "Cloud", "Learning", "Training", "Traces", "Scenarios", "Results",
        "Serving",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "nephoscope-bench",
      dependencies: [
        "SimulationKernel", "Cloud", "Learning", "Training", "Scenarios",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ],
      swiftSettings: strict),

    // What Swift cannot say: one vector kernel, and files that travel inside the program.
    .target(name: "CVectors"),
    .target(name: "CEmbedded", exclude: ["fashion-mnist", "worker.py"]),

    // Libraries of the system, installed from Debian's packages (see README).
    .systemLibrary(name: "CDNNL", providers: [.apt(["libdnnl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CCrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),

    // Tests: one target a library, and three that look at the whole.
    .testTarget(
      name: "SimulationKernelTests", dependencies: ["SimulationKernel"], swiftSettings: strict),
    .testTarget(
      name: "CloudTests", dependencies: ["Cloud", "SimulationKernel"], swiftSettings: strict),
    .testTarget(
      name: "LearningTests", dependencies: ["Learning"], resources: [.copy("Fixtures")],
      swiftSettings: strict),
    .testTarget(
      name: "TrainingTests",
      dependencies: ["Training", "Scenarios", "Learning", "Cloud", "SimulationKernel"],
      swiftSettings: strict),
    .testTarget(name: "TracesTests", dependencies: ["Traces"], swiftSettings: strict),
    .testTarget(
      name: "ScenariosTests",
      dependencies: ["Scenarios", "Traces", "Training", "Learning", "Cloud", "SimulationKernel"],
      swiftSettings: strict),
    .testTarget(
      name: "ResultsTests",
      dependencies: [
        "Results", "Scenarios", "Learning", "Cloud", "SimulationKernel",
        .product(name: "GRDB", package: "GRDB.swift"),
      ], swiftSettings: strict),
    .testTarget(
      name: "ServingTests",
      dependencies: [
        "Serving", "Scenarios", "Results",
        .product(name: "FlyingSocks", package: "FlyingFox"),
      ], swiftSettings: strict),
    .testTarget(
      name: "EndToEndTests",
      dependencies: ["nephoscope", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: strict),
    .testTarget(name: "TidyTests", swiftSettings: strict),
  ],
  swiftLanguageModes: [.v6]
)
