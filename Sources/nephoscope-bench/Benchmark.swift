#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A piece of work of which the time for each item is of interest.
struct Benchmark: Sendable {
  /// How it is called on the command line and in reports.
  let name: String
  /// Does the work, and tells what it was.
  let work: @Sendable () throws -> Work

  /// How many items were done, and what else is worth telling.
  struct Work {
    let items: Int
    var figures: [(name: String, value: Double)] = []
  }

  /// A benchmark of which only the number of items is of interest.
  init(_ name: String, _ work: @escaping @Sendable () throws -> Int) {
    self.init(measuring: name) { Work(items: try work()) }
  }

  init(measuring name: String, _ work: @escaping @Sendable () throws -> Work) {
    self.name = name
    self.work = work
  }

  /// Does the work `runs` times; the least CPU time counts, the largest memory.
  func measure(runs: Int) throws -> Measurement {
    var best = Double.infinity
    var done = Work(items: 0)
    resetPeakMemory()
    for _ in 0..<runs {
      let start = processorSeconds()
      done = try work()
      best = min(best, processorSeconds() - start)
    }
    return Measurement(name: name, work: done, seconds: best, peakBytes: peakMemory())
  }
}

/// What a benchmark took.
struct Measurement {
  let name: String
  let work: Benchmark.Work
  /// CPU time of all items.
  let seconds: Double
  /// The most memory the process had at once, while this benchmark ran.
  let peakBytes: Int

  var items: Int { work.items }
  var nanosecondsPerItem: Double { seconds * 1e9 / Double(items) }
  var itemsPerSecond: Double { Double(items) / seconds }

  static let heading = padded("name", -16, "items", 10, "ns/item", 10, "items/s", 12, "peak MB", 9)

  var row: String {
    Measurement.padded(
      name, -16, "\(items)", 10, fixed(nanosecondsPerItem, 1), 10, fixed(itemsPerSecond, 0), 12,
      fixed(Double(peakBytes) / 1e6, 1), 9)
      + work.figures.map { "  \($0.name) \(fixed($0.value, 3))" }.joined()
  }

  var json: String {
    """
    {"name": "\(name)", "items": \(items), "ns_per_item": \(fixed(nanosecondsPerItem, 3)), \
    "items_per_second": \(fixed(itemsPerSecond, 1)), "peak_rss_bytes": \(peakBytes)\
    \(work.figures.map { ", \"\($0.name)\": \(fixed($0.value, 3))" }.joined())}
    """
  }

  /// Texts in columns: each is followed by its width, negative to start at the left.
  private static func padded(_ cells: Any...) -> String {
    stride(from: 0, to: cells.count, by: 2).map { i in
      let (text, width) = ("\(cells[i])", cells[i + 1] as? Int ?? 0)
      let space = String(repeating: " ", count: max(0, abs(width) - text.count))
      return width < 0 ? text + space : space + text
    }.joined(separator: "  ")
  }

  private func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1.0
    for _ in 0..<digits { scale *= 10 }
    let scaled = Int((value * scale).rounded())
    if digits == 0 { return "\(scaled)" }
    let fraction = "\(scaled % Int(scale))"
    return "\(scaled / Int(scale))." + String(repeating: "0", count: digits - fraction.count)
      + fraction
  }
}

/// CPU seconds this process has used.
func processorSeconds() -> Double {
  var time = timespec()
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// Lets `peakMemory` start anew, where the system can do that (Linux).
func resetPeakMemory() {
  guard let file = fopen("/proc/self/clear_refs", "w") else { return }
  fputs("5", file)
  fclose(file)
}

/// The most bytes of memory this process has had at once.
func peakMemory() -> Int {
  #if os(Linux)
    // ru_maxrss cannot be reset; the high-water mark of the status can.
    if let file = fopen("/proc/self/status", "r") {
      defer { fclose(file) }
      var line = [CChar](repeating: 0, count: 256)
      while fgets(&line, 256, file) != nil {
        let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init), as: UTF8.self)
        let words = text.split { $0 == " " || $0 == "\t" }
        if words.first == "VmHWM:", words.count > 1 { return (Int(words[1]) ?? 0) * 1024 }
      }
    }
    return 0
  #else
    var usage = rusage()
    getrusage(RUSAGE_SELF, &usage)
    return usage.ru_maxrss
  #endif
}
