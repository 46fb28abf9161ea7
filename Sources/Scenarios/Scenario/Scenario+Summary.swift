extension Scenario {
  /// How many runs it makes, in words.
  public var summary: String {
    func count(_ number: Int, _ noun: String) -> String {
      "\(number) \(noun)\(number == 1 ? "" : "s")"
    }
    let points = max(1, points.count)
    let runs = frameworks.count * points * replications
    return count(frameworks.count, "framework") + ", " + count(points, "sweep point") + ", "
      + count(replications, "replication") + ": " + count(runs, "run")
      + (pipeline.map { " of \($0.jobs.count) jobs" } ?? "")
  }
}
