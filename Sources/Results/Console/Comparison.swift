/// Groups of runs side by side: one column a group, rows in sections.
struct Comparison {
  /// Rows under a heading.
  struct Section {
    let title: String
    let rows: [Row]
  }

  /// One quantity of every group.
  struct Row {
    let label: String
    let cells: [String]
    /// The columns that are better than the others, where better means something.
    var best: Set<Int> = []
  }

  let groups: [RunGroup]
  let headings: [String]
  let sections: [Section]

  /// The comparison of `groups`; means over replications where there are several.
  ///
  /// - Parameter alternative: What the total by the other rule for standing servers is called.
  init(_ groups: [RunGroup], alternative: String = "cost by the other rule") {
    self.groups = groups
    let variants = Set(groups.map(\.variant))
    headings = groups.map { group in
      let remarks = [
        variants.count > 1 ? group.variant : nil, group.completed.isEmpty ? "failed" : nil,
      ].compactMap { $0 }
      return group.framework + (remarks.isEmpty ? "" : " (\(remarks.joined(separator: ", ")))")
    }
    let rows = ComparisonRows(groups: groups, alternative: alternative)
    sections = [
      Section(title: "Outcome", rows: rows.outcome),
      Section(title: "Bill, USD", rows: rows.bill),
      Section(title: "Billed quantities", rows: rows.quantities),
      Section(title: "Time by phase of the worker that ends last", rows: rows.phases),
      Section(title: "Requests", rows: rows.requests),
      Section(title: "Bytes moved", rows: rows.bytes),
    ].filter { !$0.rows.isEmpty }
  }
}

/// Makes the rows of a comparison.
private struct ComparisonRows {
  let groups: [RunGroup]
  let alternative: String

  var outcome: [Comparison.Row] {
    let learned = [
      row("accuracy", best: .greatest, RunGroup.Metric.accuracy.value) { Wording.percent($0) },
      row("loss", best: .least, RunGroup.Metric.loss.value) { Wording.loss($0) },
    ]
    let spent = [
      row("virtual time", best: .least, RunGroup.Metric.timeSeconds.value) {
        Wording.time(seconds: $0)
      },
      row("cost, USD", best: .least, RunGroup.Metric.costUSD.value, Wording.usd),
      row(alternative, { Double($0.alternativePicoUSD) / 1e12 }, Wording.usd),
      row("provisioning", { Double($0.provisioningNanoseconds) / 1e9 }) {
        Wording.time(seconds: $0)
      },
      row("model updates", { Double($0.updates) }, Wording.count),
      row("samples seen", { Double($0.samples) }, Wording.count),
      row("cold starts", { Double($0.coldStarts) }, Wording.count),
      row("most functions at once", { Double($0.peakConcurrency) }, Wording.count),
    ]
    // Where nobody learns there is nothing to compare.
    let isLearning = groups.flatMap(\.runs).contains { $0.accuracy != nil }
    return (isLearning ? learned : []) + spent
  }

  var bill: [Comparison.Row] {
    let rows = byService(names { $0.bill.map { "\($0.service) \($0.item)" } }).map { name in
      sumRow(
        name,
        { $0.sum(over: { "\($0.service) \($0.item)" == name }) { Double($0.picoUSD) / 1e12 } },
        Wording.usd)
    }
    return rows.isEmpty
      ? [] : rows + [row("total", { Double($0.picoUSD) / 1e12 }, Wording.usd)]
  }

  var quantities: [Comparison.Row] {
    byService(names { $0.bill.map(\.quantityName) }).map { name in
      sumRow(
        name,
        { $0.sum(over: { $0.quantityName == name }) { Double($0.exactQuantity.text) ?? 0 } },
        Wording.quantity)
    }
  }

  var phases: [Comparison.Row] {
    names { $0.phases.filter { $0.value > 0 }.map(\.name) }.map { name in
      sumRow(
        name, { run in run.phases.value(of: name).map { Double($0) / 1e9 } },
        { Wording.time(seconds: $0) })
    }
  }

  var requests: [Comparison.Row] {
    byService(names { $0.requests.map(\.name) }).map { name in
      sumRow(name, { $0.requests.value(of: name).map(Double.init) }, Wording.count)
    }
  }

  var bytes: [Comparison.Row] {
    byService(names { $0.bytes.map(\.name) }).map { name in
      sumRow(name, { $0.bytes.value(of: name).map(Double.init) }, Wording.bytes)
    }
  }

  private enum Best { case greatest, least, none }

  private func row(
    _ label: String, best: Best = .none, _ value: (RunRecord) -> Double?,
    _ text: (Double) -> String
  ) -> Comparison.Row {
    let means = groups.map { group -> Double? in
      let runs = group.completed.isEmpty ? group.runs : group.completed
      return Statistic(of: runs.compactMap(value))?.mean
    }
    return row(label, means, best, text)
  }

  /// As `row`, for what a run may have none of: that counts as zero beside runs that have some.
  private func sumRow(
    _ label: String, _ value: (RunRecord) -> Double?, _ text: (Double) -> String
  ) -> Comparison.Row {
    let means = groups.map { group -> Double? in
      let runs = group.completed.isEmpty ? group.runs : group.completed
      let values = runs.map(value)
      return values.contains { $0 != nil } ? Statistic(of: values.map { $0 ?? 0 })?.mean : nil
    }
    return row(label, means, .none, text)
  }

  private func row(
    _ label: String, _ means: [Double?], _ best: Best, _ text: (Double) -> String
  ) -> Comparison.Row {
    let cells = means.map { $0.map(text) ?? "-" }
    return Comparison.Row(label: label, cells: cells, best: columns(means, best))
  }

  /// The columns that hold the best mean of groups that completed.
  private func columns(_ means: [Double?], _ best: Best) -> Set<Int> {
    let candidates = means.indices.filter { means[$0] != nil && !groups[$0].completed.isEmpty }
    let values = candidates.compactMap { means[$0] }
    guard let least = values.min(), let greatest = values.max(), least < greatest else { return [] }
    switch best {
    case .greatest: return Set(candidates.filter { means[$0] == greatest })
    case .least: return Set(candidates.filter { means[$0] == least })
    case .none: return []
    }
  }

  /// Names that begin with a service, those of one service together.
  private func byService(_ names: [String]) -> [String] {
    func service(_ name: String) -> Substring { name.prefix { $0 != " " && $0 != "." } }
    var services: [Substring] = []
    for name in names where !services.contains(service(name)) { services.append(service(name)) }
    return services.flatMap { wanted in names.filter { service($0) == wanted } }
  }

  /// The names that any run has, in the order of first appearance.
  private func names(_ names: (RunRecord) -> [String]) -> [String] {
    var seen: Set<String> = []
    return groups.flatMap(\.runs).flatMap(names).filter { seen.insert($0).inserted }
  }
}

extension RunRecord {
  /// The sum of a quantity over some lines of the bill; nil where there is no such line.
  fileprivate func sum(
    over isWanted: (BillLine) -> Bool, _ value: (BillLine) -> Double
  ) -> Double? {
    let lines = bill.filter(isWanted)
    return lines.isEmpty ? nil : lines.map(value).reduce(0, +)
  }
}

extension RunRecord.BillLine {
  /// What is counted: `function request, requests`.
  fileprivate var quantityName: String { "\(service) \(item), \(exactQuantity.unit)" }
}

extension [RunRecord.Named<Int64>] {
  func value(of name: String) -> Int64? { first { $0.name == name }?.value }
}
