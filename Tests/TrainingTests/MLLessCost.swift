import Cloud
import Foundation
import Learning
import Scenarios
import SimulationKernel
import Testing
import Training

/// The bill against the formula with which MLLess's authors computed theirs.
@Suite struct MLLessCost {
  static let papers = URL(filePath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "scenarios/papers")
  static let provider = Result {
    try ProviderReader(library: TraceLibrary(directories: [])).provider(
      file: papers.appending(path: "providers/mlless.yaml").path)
  }

  @Test(
    "The paper's set-ups are without a mistake, at the prices its authors paid",
    arguments: [("mlless-pmf.yaml", 6), ("mlless-lr.yaml", 4)])
  func setUps(name: String, runs: Int) throws {
    let path = Self.papers.appending(path: name).path
    let scenario = try ScenarioReader(vocabulary: .program).read(file: path)
    try ScenarioReferences.check(scenario, library: TraceLibrary(beside: path))
    #expect(scenario.points.count * scenario.frameworks.count == runs)
    let provider = try ProviderReader(library: TraceLibrary(beside: path)).provider(for: scenario)
    let price = try provider.price(service: "function", item: "duration-x86_64")
    #expect(price.tiers.first?.perUnit == Money(decimalUSD: "0.000017"))
  }

  @Test(
    "(worker seconds + supervisor seconds) x 3.4e-5 + T x 0.32 / 3600", arguments: [1, 4, 24])
  func followsTheFormula(w: Int) throws {
    var trial = try Trial.timing(
      MLLess.self, workers: w, parameters: 100_000, steps: 50,
      options: FrameworkOptions(["density": .real(0.05)]))
    trial.provider = Self.provider
    trial.configuration.function.memoryMB = 2048
    var functionSeconds = 0.0
    let outcome = try trial.run { span, log in
      guard log.text(span.operation) == "function/run" else { return }
      functionSeconds += (span.end - span.start).inSeconds
    }
    #expect(outcome.failure == nil)
    let bill = outcome.job.region.bill(standing: .shared)
    let time = (outcome.job.simulation.now - outcome.job.submission).inSeconds
    let formula = functionSeconds * 3.4e-5 + time * 0.32 / 3600
    // Functions are billed by whole milliseconds, and the two servers by whole seconds.
    let rounding = Double(w + 1) * 0.001 * 3.4e-5 + 1.1 * 0.32 / 3600
    #expect(abs(bill.total.inUSD - formula) <= rounding)
    #expect(abs(bill.total(of: "function").inUSD / (functionSeconds * 3.4e-5) - 1) < 1e-3)
    #expect(formula > 10 * rounding)
  }

  @Test("24 workers cost 9.389e-4 USD a second, so that 0.09 USD last for 96 s")
  func printedBudgets() throws {
    // The paper's budgets, computed from its rates and not from a run; see the test above for one.
    let provider = try Self.provider.get()
    func rate(_ service: String, _ item: String, unitsASecond: Double) throws -> Double {
      let price = try provider.price(service: service, item: item)
      return try #require(price.tiers.first).perUnit.inUSD * unitsASecond
    }
    let function = try rate("function", "duration-x86_64", unitsASecond: 2)
    let servers =
      try rate("memory-store", "cache.m5.large", unitsASecond: 1 / 3600.0)
      + rate("broker", "mq.m5.large", unitsASecond: 1 / 3600.0)
    let perSecond = 25 * function + servers
    #expect(abs(perSecond - 9.389e-4) < 5e-8)
    for (budget, seconds) in [(0.09, 96), (0.18, 192), (0.36, 385)] {
      #expect(abs(budget / perSecond - Double(seconds)) < 2)
    }
  }
}
