// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "GossipFramework",
  dependencies: [.package(name: "Nephoscope", path: "../..")],
  targets: [
    .executableTarget(
      name: "gossip",
      dependencies: [.product(name: "Nephoscope", package: "Nephoscope")],
      swiftSettings: [
        // A framework's code runs where the simulation that calls it runs, and nowhere else.
        .enableUpcomingFeature("NonisolatedNonsendingByDefault")
      ])
  ],
  swiftLanguageModes: [.v6]
)
