import Cloud
import SimulationKernel
import Testing

@Suite("Private network") struct PrivateNetworkTests {
  /// Half an hour with 1 MiB to a queue, 3 MiB to an object store and 512 MiB to a cache.
  private func run(_ network: PrivateNetwork?, logs: Bool = false) throws -> Region {
    var options = RegionOptions()
    options.privateNetwork = network
    options.billsLogs = logs
    return try simulate(options: options) { region in
      try await region.queue("q").send(Payload(byteCount: 1 << 20))
      try await region.objectStore("b").put(Payload(byteCount: 3 << 20), at: "k")
      try await region.memoryStore("m").set(Payload(byteCount: 512 << 20), at: "k")
      try await region.simulation.sleep(for: .seconds(1800))
    }
  }

  private func amounts(_ region: Region, _ charge: StandingCharge = .job) -> [String: String] {
    let lines = region.bill(standing: charge).lines.filter { $0.service == "network" }
    return Dictionary(lines.map { ($0.item, $0.amount.decimalUSD) }) { first, _ in first }
  }

  @Test("has an endpoint for each service without a gateway endpoint, in each zone")
  func endpoints() throws {
    // One begun hour in two zones at 0.01 USD, and 1/1024 GB at 0.01 USD.
    let region = try run(PrivateNetwork(.endpoints, zones: 2))
    #expect(
      amounts(region) == [
        "endpoint-hours": "0.020000000000", "endpoint-bytes": "0.000009765625",
      ])
  }

  @Test("sends everything through one NAT gateway")
  func nat() throws {
    // An hour at 0.045 USD, and 4/1024 GB at 0.045 USD.
    let region = try run(PrivateNetwork(.nat))
    #expect(
      amounts(region) == ["nat-hours": "0.045000000000", "nat-bytes": "0.000175781250"])
    let hours = try #require(amounts(region, .shared)["nat-hours"]).prefix(6)
    #expect(hours == "0.0225")
  }

  @Test("is billed for bytes that cross zones, on both sides")
  func crossing() throws {
    // Half of 0.5 GB, twice, at 0.01 USD.
    let region = try run(PrivateNetwork(.nat, crossZoneShare: 0.5))
    #expect(amounts(region)["cross-zone"] == "0.005000000000")
  }

  @Test("costs nothing where there is none")
  func none() throws { #expect(amounts(try run(nil)).isEmpty) }

  @Test("logs are billed by the line, where they are")
  func logs() throws {
    var options = RegionOptions()
    options.billsLogs = true
    let region = try simulate(options: options) { region in
      let function = try region.functions.register(.small("f"))
      for _ in 0..<64 { try await region.functions.invoke(function) { _ in } }
    }
    // 64 times 400 bytes are 25 KB at 0.50 USD for 1,048,576 KB.
    let line = try #require(region.bill().lines.first { $0.service == "logs" })
    #expect(line.quantity == 25)
    #expect(abs(line.amount.inUSD - 25 * 0.5 / 1_048_576) < 1e-12)
    #expect(!(try run(nil)).bill().lines.contains { $0.service == "logs" })
  }

  @Test("takes a provider's own machine in the place of another's")
  func machines() throws {
    let changes: [String: ProviderValue] = [
      "virtual-machine.instead-of.t3.large": .text("m5.large"),
      "memory-store.instead-of.cache.t3.large": .text("cache.m5.large"),
    ]
    let region = try simulate(changes) { region in
      #expect(try region.virtualMachine("vm", type: "t3.large").type == "m5.large")
      _ = try region.memoryStore("m", on: .elasticache("cache.t3.large"))
      #expect(throws: ProviderError.self) { try region.virtualMachine("x", type: "t3.huge") }
    }
    #expect(region.bill().lines.map(\.item).sorted() == ["cache.m5.large", "m5.large"])
  }
}
