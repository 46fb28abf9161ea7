import ArgumentParser

/// Measures what the simulator itself costs: CPU time for each item of every benchmark's work.
@main
struct Bench: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "nephoscope-bench",
    abstract: "Measures the CPU time the simulator takes for each item of work.",
    discussion: "Pin it to a core (taskset -c 1) and compare only what ran in the same minute.")

  /// All benchmarks; a new file of them is one more line here.
  private var benchmarks: [Benchmark] {
    Benchmark.kernel + Benchmark.links + Benchmark.queue + Benchmark.operations
      + Benchmark.scale(workers: workers) + Benchmark.learning + Benchmark.replay
  }

  @Option(help: "Run only the benchmarks whose name contains this.")
  var filter: String?

  @Option(help: "How often to run each; the least time counts.")
  var runs = 3

  @Option(help: "Workers of the scale benchmarks; by default each has its own number.")
  var workers: Int?

  @Flag(help: "Print one JSON array instead of a table.")
  var json = false

  @Flag(help: "Only print the names.")
  var list = false

  func validate() throws {
    if runs < 1 { throw ValidationError("--runs must be at least 1") }
    if let workers, workers < 1 { throw ValidationError("--workers must be at least 1") }
  }

  func run() throws {
    let chosen = benchmarks.filter { filter.map($0.name.contains) ?? true }
    if chosen.isEmpty { throw ValidationError("no benchmark has a name like \(filter ?? "")") }
    if list {
      for benchmark in chosen { print(benchmark.name) }
      return
    }
    if !json { print(Measurement.heading) }
    var measurements: [Measurement] = []
    for benchmark in chosen {
      let measurement = try benchmark.measure(runs: runs)
      if !json { print(measurement.row) }
      measurements.append(measurement)
    }
    if json {
      print("[\n" + measurements.map { "  " + $0.json }.joined(separator: ",\n") + "\n]")
    }
  }
}
