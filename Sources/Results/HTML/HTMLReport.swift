/// Stored runs as one HTML file that needs nothing else: no script, no font, no network.
public struct HTMLReport: Sendable {
  private let runs: [StoredRun]

  /// A report of `runs`.
  public init(_ runs: [StoredRun]) { self.runs = runs }

  /// The file's text.
  public var text: String {
    """
    <!doctype html>
    <html lang="en"><head><meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>\(title.escaped)</title>
    <style>\(Self.css)</style></head><body>
    <h1>\(title.escaped)</h1>
    \(content)
    </body></html>

    """
  }

  /// What the report says, for a page that has `css` and a title of its own.
  package var content: String {
    let groups = RunGroup.groups(of: runs.map(\.record))
    return """
      \(failures)
      <div class="charts">\(curves(groups))</div>
      \(bars(groups))
      \(table(groups))
      \(runs.map(jobs).joined())
      \(list("Faults of the scenario", runs.flatMap(\.record.faults)))
      \(list("Notes", runs.flatMap(\.record.notes)))
      \(list("Assumed, not measured", runs.flatMap(\.record.assumptions)))
      \(origins)
      """
  }

  private var title: String {
    var seen: Set<String> = []
    return runs.map(\.scenario.name).filter { seen.insert($0).inserted }.joined(separator: "; ")
  }

  private func name(_ group: RunGroup) -> String {
    group.parameters.isEmpty ? group.framework : "\(group.framework), \(group.parametersText)"
  }

  /// The curves of the first replication of each group, over time and over cost.
  private func curves(_ groups: [RunGroup]) -> String {
    func chart(
      _ title: String, _ xLabel: String, _ yLabel: String,
      _ point: (RunRecord.CurvePoint) -> (x: Double, y: Double)?
    ) -> String {
      let series = groups.enumerated().compactMap { index, group in
        group.runs.first.map { run in
          LineChart.Series(
            name: name(group), points: run.curve.compactMap(point), colour: index % Palette.count)
        }
      }
      return LineChart(title: title, xLabel: xLabel, yLabel: yLabel, series: series).svg
    }
    let legend = groups.enumerated().map { index, group in
      "<span class=\"key\"><i class=\"c\(index % Palette.count)\"></i>\(name(group).escaped)</span>"
    }
    return """
      <p class="legend">\(legend.joined(separator: " "))</p>
      \(chart("Accuracy over virtual time", "seconds since job submission", "accuracy") { point in
        point.accuracy.map { (Double(point.nanoseconds) / 1e9, $0) }
      })
      \(chart("Accuracy over cost", "USD", "accuracy") { point in
        point.accuracy.map { (Double(point.picoUSD) / 1e12, $0) }
      })
      \(chart("Loss over virtual time", "seconds since job submission", "loss") { point in
        point.loss.map { (Double(point.nanoseconds) / 1e9, $0) }
      })
      """
  }

  private func bars(_ groups: [RunGroup]) -> String {
    func bars(_ parts: (RunRecord) -> [(name: String, value: Double)]) -> [BarChart.Bar] {
      groups.compactMap { group in
        group.runs.first.map { BarChart.Bar(name: name(group), parts: parts($0)) }
      }
    }
    let phases = bars { run in run.phases.map { ($0.name, Double($0.value) / 1e9) } }
    let services = bars { run in
      run.bill.map { ("\($0.service) \($0.item)", Double($0.picoUSD) / 1e12) }
    }
    return BarChart(
      title: "Time by phase of the worker that ends last", bars: phases,
      word: { Wording.time(seconds: $0) }
    ).svg + BarChart(title: "Bill", bars: services, word: { "\(Wording.usd($0)) USD" }).svg
  }

  private func table(_ groups: [RunGroup]) -> String {
    let comparison = Comparison(groups)
    let header = zip(comparison.headings, groups).map { heading, group in
      let point =
        group.parameters.isEmpty ? "" : "<br><small>\(group.parametersText.escaped)</small>"
      return "<th>\(heading.escaped)\(point)</th>"
    }
    let sections = comparison.sections.map { section in
      let rows = section.rows.map { row in
        let cells = row.cells.enumerated().map { column, cell in
          "<td\(row.best.contains(column) ? " class=\"best\"" : "")>\(cell.escaped)</td>"
        }
        return "<tr><th>\(row.label.escaped)</th>\(cells.joined())</tr>"
      }
      return "<tr class=\"section\"><th colspan=\"\(groups.count + 1)\">"
        + "\(section.title.escaped)</th></tr>\n" + rows.joined(separator: "\n")
    }
    return """
      <div class="scroll"><table><thead><tr><th></th>\(header.joined())</tr></thead>
      <tbody>\(sections.joined(separator: "\n"))</tbody></table></div>
      """
  }

  /// The jobs of a run that is a pipeline.
  private func jobs(_ run: StoredRun) -> String {
    if run.record.jobs.isEmpty { return "" }
    let table = JobTable(run.record)
    func row(_ cells: [String], _ element: String, isBest: Bool = false) -> String {
      let tag = element + (isBest ? " class=\"best\"" : "")
      return "<tr>\(cells.map { "<\(tag)>\($0.escaped)</\(element)>" }.joined())</tr>"
    }
    let rows = table.rows.enumerated().map { row($1, "td", isBest: $0 == table.best) }
    return """
      <h2>Jobs of run \(run.id), \(run.record.framework.escaped)</h2><div class="scroll"><table>
      <thead>\(row(table.header, "th"))</thead>
      <tbody>\(rows.joined(separator: "\n"))</tbody></table></div>
      """
  }

  private var failures: String {
    let items = runs.compactMap { run in
      run.record.failureText.map { "<li>\("\(run.record.framework) \($0)".escaped)</li>" }
    }
    return items.isEmpty ? "" : "<ul class=\"failures\">\(items.joined())</ul>"
  }

  private func list(_ title: String, _ texts: [String]) -> String {
    var seen: Set<String> = []
    let items = texts.filter { seen.insert($0).inserted }.map { "<li>\($0.escaped)</li>" }
    return items.isEmpty ? "" : "<h2>\(title)</h2><ul>\(items.joined(separator: "\n"))</ul>"
  }

  private var origins: String {
    let items = runs.map { run in
      "<tr><td>\(run.id)</td><td>\(run.record.framework.escaped)</td><td>\(run.record.seed)</td>"
        + "<td><code>\(run.record.digest)</code></td><td>\(run.environment.version.escaped)</td>"
        + "<td><code>\(run.environment.command.escaped)</code></td></tr>"
    }
    return """
      <h2>Where the numbers come from</h2><div class="scroll"><table class="origins">
      <tr><th>run</th><th>framework</th><th>seed</th><th>digest</th><th>version</th>\
      <th>command</th></tr>
      \(items.joined(separator: "\n"))</table></div>
      """
  }

  /// The looks of what a report says.
  package static let css = """
    :root { color-scheme: light dark; --rule: #8884; --quiet: #777 }
    body { font: 15px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; \
    padding: 0 1rem }
    h1 { font-size: 1.6rem } h2 { font-size: 1.1rem; margin-top: 2rem }
    .charts { display: flex; flex-wrap: wrap; gap: 1rem } .charts .legend { width: 100% }
    figure { margin: 0; flex: 1 1 22rem } figure.wide { margin: 1.5rem 0 }
    figcaption { font-weight: 600 } svg { width: 100%; height: auto }
    svg text { font-size: 13px; fill: currentColor }
    .line { fill: none; stroke-width: 2.5 } .grid { stroke: var(--rule) }
    .key { margin-right: 1rem; white-space: nowrap }
    .key i { display: inline-block; width: .8em; height: .8em; border-radius: 2px; \
    margin-right: .35em }
    .scroll { overflow-x: auto } table { border-collapse: collapse; width: 100% }
    th, td { padding: .2rem .6rem; border-bottom: 1px solid var(--rule) }
    tbody th { text-align: left; font-weight: 400 } thead th, td { text-align: right }
    .section th { font-weight: 600; padding-top: 1rem } .best { font-weight: 700 }
    .origins td, .origins th { text-align: left; font-size: .85em } .failures { color: #c22 }
    td { font-variant-numeric: tabular-nums }
    \(Palette.css)
    """
}
