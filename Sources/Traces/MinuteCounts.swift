internal import Foundation

/// The minute counts of Azure's trace of 2019 as invocations.
///
/// A function's invocations are spread evenly over their minute, each function with its own phase,
/// so that they do not arrive in step. Durations follow the recorded percentiles in a sequence
/// that fills the distribution evenly. Nothing is drawn: the same file is the same invocations.
struct MinuteCounts {
  private struct Function {
    /// Duration at the percentiles, in nanoseconds.
    let quantiles: [Double]?
    let memoryMB: Int?
    var madeCount = 0
  }

  private static let minute = 60e9
  /// Multiples of the golden ratio fill an interval evenly (Weyl).
  private static let goldenRatio = 0.6180339887498949
  private static let percentiles = [0, 0.01, 0.25, 0.5, 0.75, 0.99, 1]

  private var functions: [Function] = []
  /// By minute, the functions that were invoked and how often.
  private var minutes: [[(function: Int, count: Int)]] = []
  private var minute = 0
  private var ready: [InvocationRecord] = []
  private let duration: Int64

  init(_ table: TableReader, _ companions: InvocationTrace.Companions) throws(TraceError) {
    duration = companions.duration ?? 1_000_000_000
    var durations: [String: [Double]] = [:]
    if let file = companions.durations { durations = try MinuteCounts.durations(file) }
    var memory: [String: Double] = [:]
    if let file = companions.memory { memory = try MinuteCounts.memory(file) }
    var table = table
    let key = [
      try table.index(of: "HashOwner"), try table.index(of: "HashApp"),
      try table.index(of: "HashFunction"),
    ]
    let counted = table.columns.enumerated().compactMap { index, name in
      Int(name).map { (index: index, minute: $0 - 1) }
    }.filter { (0..<525_600).contains($0.minute) }
    minutes = Array(repeating: [], count: (counted.map(\.minute).max() ?? -1) + 1)
    while let row = try table.next() {
      let names = key.map { row.fields[$0] }
      let name = names.joined(separator: "/")
      let application = names.prefix(2).joined(separator: "/")
      let megabytes = (memory[name] ?? memory[application]).map { Int($0.rounded(.up)) }
      for (index, minute) in counted where row.fields[index] != "0" {
        let count = try table.number(row, index, in: 0...100_000_000)
        guard count == count.rounded() else {
          throw table.error("'\(row.fields[index])' is not a whole number", row, index)
        }
        if count > 0 { minutes[minute].append((functions.count, Int(count))) }
      }
      functions.append(Function(quantiles: durations[name], memoryMB: megabytes))
    }
  }

  /// The next invocation; nil at the end.
  mutating func next() -> InvocationRecord? {
    while ready.isEmpty {
      guard minute < minutes.count else { return nil }
      ready = minutes[minute].flatMap { invocations(of: $0.function, count: $0.count) }
      // From the last to the first, to be taken from the end.
      ready.sort { ($0.start, $0.function) > ($1.start, $1.function) }
      minute += 1
    }
    return ready.popLast()
  }

  private mutating func invocations(of function: Int, count: Int) -> [InvocationRecord] {
    let phase = MinuteCounts.fraction(Double(function))
    return (0..<count).map { index in
      let part = (Double(index) + phase) / Double(count)
      let made = functions[function].madeCount
      functions[function].madeCount += 1
      return InvocationRecord(
        function: function, start: Int64((Double(minute) + part) * MinuteCounts.minute),
        duration: functions[function].quantiles.map { quantiles in
          MinuteCounts.duration(at: MinuteCounts.fraction(Double(made), from: 0.5), quantiles)
        } ?? duration, memoryMB: functions[function].memoryMB)
    }
  }

  private static func fraction(_ index: Double, from start: Double = 0) -> Double {
    (start + index * goldenRatio).truncatingRemainder(dividingBy: 1)
  }

  /// The quantile of a probability, linear between the recorded ones.
  private static func duration(at probability: Double, _ quantiles: [Double]) -> Int64 {
    let high = percentiles.firstIndex { $0 > probability } ?? percentiles.count - 1
    let part = (probability - percentiles[high - 1]) / (percentiles[high] - percentiles[high - 1])
    return Int64((quantiles[high - 1] * (1 - part) + quantiles[high] * part).rounded())
  }

  // MARK: Other files

  /// Percentiles of durations by owner, application and function, in nanoseconds.
  private static func durations(_ file: String) throws(TraceError) -> [String: [Double]] {
    var table = try TableReader(path: file, name: file)
    var key: [Int] = []
    for column in ["HashOwner", "HashApp", "HashFunction"] {
      key.append(try table.index(of: column))
    }
    var indices: [Int] = []
    for percentile in percentiles {
      indices.append(try table.index(of: "percentile_Average_\(Int(percentile * 100))"))
    }
    var durations: [String: [Double]] = [:]
    while let row = try table.next() {
      var quantiles: [Double] = []
      for index in indices {
        let milliseconds = try table.number(row, index, in: 0...864_000_000)
        if let last = quantiles.last, milliseconds * 1e6 < last {
          throw table.error("the percentiles do not rise", row, index)
        }
        quantiles.append(milliseconds * 1e6)
      }
      durations[key.map { row.fields[$0] }.joined(separator: "/")] = quantiles
    }
    return durations
  }

  /// Average memory by owner and application, and function where the file has it, in megabytes.
  private static func memory(_ file: String) throws(TraceError) -> [String: Double] {
    var table = try TableReader(path: file, name: file)
    var key = [try table.index(of: "HashOwner"), try table.index(of: "HashApp")]
    if let function = table.columns.firstIndex(of: "HashFunction") { key.append(function) }
    let average = try table.index(of: "AverageAllocatedMb")
    var memory: [String: Double] = [:]
    while let row = try table.next() {
      let name = key.map { row.fields[$0] }.joined(separator: "/")
      memory[name] = max(1, try table.number(row, average, in: 0...1_048_576))
    }
    return memory
  }
}
