/// Stacked horizontal bars as inline SVG: one bar a group, one part a phase or service.
struct BarChart {
  struct Bar {
    let name: String
    let parts: [(name: String, value: Double)]
  }

  let title: String
  let bars: [Bar]
  /// A value in words.
  let word: (Double) -> String

  private static let width = 1160.0
  private static let labelWidth = 200.0
  private static let barHeight = 26.0

  /// The names of the parts, in the order of first appearance.
  private var partNames: [String] {
    var seen: Set<String> = []
    return bars.flatMap { $0.parts.map(\.name) }.filter { seen.insert($0).inserted }
  }

  /// The chart; empty where there is nothing to draw.
  var svg: String {
    let totals = bars.map { $0.parts.map(\.value).reduce(0, +) }
    guard let greatest = totals.max(), greatest > 0 else { return "" }
    let names = partNames
    let scale = (Self.width - Self.labelWidth - 110) / greatest
    let rows = zip(bars, totals).enumerated().map { index, row in
      svg(row.0, total: row.1, top: Double(index) * (Self.barHeight + 8), scale, names)
    }
    let height = Double(bars.count) * (Self.barHeight + 8)
    let legend = names.enumerated().map { index, name in
      "<span class=\"key\"><i class=\"c\(index % Palette.count)\"></i>\(name.escaped)</span>"
    }
    return """
      <figure class="wide"><figcaption>\(title.escaped)</figcaption>
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(height))" role="img" aria-label="\(title.escaped)">
      \(rows.joined(separator: "\n"))
      </svg><p class="legend">\(legend.joined(separator: " "))</p></figure>
      """
  }

  private func svg(
    _ bar: Bar, total: Double, top: Double, _ scale: Double, _ names: [String]
  ) -> String {
    let middle = top + Self.barHeight / 2
    var x = Self.labelWidth
    var parts = [
      "<text x=\"\(Self.labelWidth - 10)\" y=\"\(middle)\" dy=\"5\" text-anchor=\"end\">"
        + "\(bar.name.escaped)</text>"
    ]
    for part in bar.parts where part.value > 0 {
      let width = part.value * scale
      let colour = (names.firstIndex(of: part.name) ?? 0) % Palette.count
      parts.append(
        "<rect class=\"c\(colour)\" x=\"\(x.coordinate)\" y=\"\(top)\" "
          + "width=\"\(width.coordinate)\" height=\"\(Self.barHeight)\">"
          + "<title>\(part.name.escaped): \(word(part.value).escaped)</title></rect>")
      x += width
    }
    parts.append("<text x=\"\((x + 8).coordinate)\" y=\"\(middle)\" dy=\"5\">\(word(total))</text>")
    return parts.joined(separator: "\n")
  }
}

/// The colours of series and parts, told apart also by those who see few colours.
///
/// Sources: Okabe and Ito, Color Universal Design, 2008; from the ninth on "muted" of Paul Tol,
/// Colour Schemes, 2021.
enum Palette {
  static let colours = [
    "#0072b2", "#e69f00", "#009e73", "#cc79a7", "#56b4e9", "#d55e00", "#999999", "#b5a90c",
    "#332288", "#117733", "#882255", "#ddcc77", "#44aa99", "#aa4499",
  ]
  static var count: Int { colours.count }

  /// One class a colour, for strokes and for fills.
  static var css: String {
    colours.enumerated().map { index, colour in
      ".line.c\(index) { stroke: \(colour) } rect.c\(index) { fill: \(colour) } "
        + "i.c\(index) { background: \(colour) }"
    }.joined(separator: "\n")
  }
}
