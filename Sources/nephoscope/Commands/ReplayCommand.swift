import ArgumentParser
import Cloud
import Foundation
import Results
import Scenarios
import SimulationKernel
import Traces

/// `nephoscope replay TRACE`: runs recorded invocations against the function platform.
struct ReplayCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "replay", abstract: "Run a trace of invocations against the function platform.",
    discussion: """
      Reads the minute counts of Azure's trace of 2019, the invocations of Azure's trace of 2021, \
      or a table with the columns func, start_s, duration_s and mem; plain or compressed with \
      gzip. Durations in the trace are execution times: a cold start adds its own.
      """)

  @Argument(help: "The trace.")
  var trace: String

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long an idle environment lives: 600s, half-life=380s, or none.",
      discussion: "With a half-life, half of the idle environments end every time it has passed.",
      valueName: "time"))
  var keepAlive = KeepAliveChoice(.fixed(.seconds(600)))

  @Option(name: .long, help: "What the environments' lifetimes are drawn from, with a half-life.")
  var seed: UInt64 = 1

  @Option(name: .long, help: "The idle environment that an invocation gets.")
  var idleRule = IdleRuleName.newest

  @Option(name: .long, help: "The most invocations at the same time; more are rejected.")
  var concurrency = 1000

  @Option(name: .long, help: "What a cold start adds to an invocation.")
  var coldExtra = Length(nanoseconds: 500_000_000)

  @Option(name: .long, help: "The memory of functions of which the trace does not say it.")
  var memory = MemorySize(megabytes: 3008)

  @Option(name: .long, help: "Azure 2019: the file of durations by function.")
  var durations: String?

  @Option(name: .long, help: "Azure 2019: the file of memory by application.")
  var memoryUse: String?

  @Option(
    name: .long,
    help: "Azure 2019: the duration of functions of which no file says it (default: 1 s).")
  var duration: Length?

  @Option(
    name: .long, help: "The provider whose prices and rules of billing hold, or a provider file.")
  var provider = "aws/us-east-1"

  @Flag(name: .long, help: "Print one JSON object (docs/json.md) instead of a table.")
  var json = false

  func validate() throws {
    guard concurrency >= 1 else { throw ValidationError("--concurrency must be at least 1") }
  }

  func run() throws {
    try Fault.reporting {
      for file in [trace, durations, memoryUse].compactMap({ $0 })
      where !FileManager.default.fileExists(atPath: file) {
        throw Fault(.noInput, "\(file): there is no such file")
      }
      let provider = try Provider.load(provider)
      let report = try replay(by: provider)
      let summary = ReplaySummary(
        report, cost: provider.priceBook.bill(try usage(of: report, by: provider)).total,
        rules: "keep-alive \(keepAlive.description), idle rule \(idleRule.rawValue), "
          + "concurrency \(concurrency), cold start \(coldExtra.description), "
          + "prices \(self.provider)")
      try Terminal.write(json ? summary.json : summary.text)
    }
  }

  private func replay(by provider: Provider) throws -> ReplayReport {
    var companions = InvocationTrace.Companions()
    companions.durations = durations
    companions.memory = memoryUse
    companions.duration = duration?.nanoseconds
    let records = try InvocationTrace(path: trace, companions: companions)
    var options = ReplayOptions()
    options.keepAlive = keepAlive.keepAlive
    options.idleRule = idleRule.rule
    options.concurrencyLimit = concurrency
    options.coldStart = .nanoseconds(coldExtra.nanoseconds)
    options.billingGranularity = try provider.duration("function.billing-granularity")
    // Not every provider has the next two.
    if provider["function.billing-minimum"] != nil {
      options.billingMinimum = try provider.duration("function.billing-minimum")
    }
    let step =
      provider["function.billed-memory-step"] == nil
      ? 1 : try provider.bytes("function.billed-memory-step") / 1_048_576
    // No function is smaller than the platform's smallest.
    let smallest = try provider.bytes("function.memory-min") / 1_048_576
    let simulation = Simulation(seed: seed, log: EventLog(.counted))
    return try InvocationReplay.run(simulation, options: options) {
      try records.next().map { record in
        let memoryMB = max(smallest, record.memoryMB ?? memory.megabytes)
        return RecordedInvocation(
          function: record.function, start: record.start, duration: record.duration,
          memoryMB: (memoryMB + step - 1) / step * step)
      }
    }
  }

  /// What was used, with processors where the provider bills them beside memory.
  private func usage(
    of report: ReplayReport, by provider: Provider
  ) throws -> [UsageMeter.Usage] {
    guard provider.priceBook["function", "vcpu-x86_64"] != nil,
      let time = report.usage.first(where: { $0.item == "duration-x86_64" })
    else { return report.usage }
    // Thousandths of a processor are to megabytes as a processor is to its memory.
    let megabytesPerProcessor = Int64(try provider.bytes("function.memory-per-vcpu") / 1_048_576)
    return report.usage + [
      UsageMeter.Usage(
        service: "function", item: "vcpu-x86_64",
        quantity: time.quantity * 1000 / megabytesPerProcessor)
    ]
  }
}
