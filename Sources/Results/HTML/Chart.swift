/// A line chart as inline SVG.
struct LineChart {
  struct Series {
    let name: String
    let points: [(x: Double, y: Double)]
    let colour: Int
  }

  let title: String
  let xLabel: String
  let yLabel: String
  let series: [Series]

  private static let width = 560.0
  private static let height = 320.0
  private static let left = 64.0
  private static let right = 16.0
  private static let top = 16.0
  private static let bottom = 48.0

  /// The chart; empty where there is nothing to draw.
  var svg: String {
    let points = series.flatMap(\.points)
    guard !points.isEmpty else { return "" }
    let x = Axis(points.map(\.x), from: Self.left, to: Self.width - Self.right)
    let y = Axis(points.map(\.y), from: Self.height - Self.bottom, to: Self.top)
    return """
      <figure><figcaption>\(title.escaped)</figcaption>
      <svg viewBox="0 0 \(Int(Self.width)) \(Int(Self.height))" role="img" \
      aria-label="\(title.escaped)">
      \(grid(x, y))
      \(series.map { line($0, x, y) }.joined(separator: "\n"))
      </svg></figure>
      """
  }

  private func grid(_ x: Axis, _ y: Axis) -> String {
    let floor = Self.height - Self.bottom
    let horizontal = y.ticks.map { tick in
      let at = y.pixel(tick).coordinate
      return """
        <line class="grid" x1="\(Self.left)" x2="\(Self.width - Self.right)" y1="\(at)" y2="\(at)"/>
        <text x="\(Self.left - 8)" y="\(at)" text-anchor="end" dy="4">\(y.label(tick))</text>
        """
    }
    let vertical = x.ticks.map { tick in
      let at = x.pixel(tick).coordinate
      return "<text x=\"\(at)\" y=\"\(floor + 18)\" text-anchor=\"middle\">\(x.label(tick))</text>"
    }
    let labels = """
      <text x="\((Self.left + Self.width - Self.right) / 2)" y="\(Self.height - 8)" \
      text-anchor="middle">\(xLabel.escaped)</text>
      <text transform="translate(14 \(floor / 2)) rotate(-90)" \
      text-anchor="middle">\(yLabel.escaped)</text>
      """
    return (horizontal + vertical + [labels]).joined(separator: "\n")
  }

  private func line(_ series: Series, _ x: Axis, _ y: Axis) -> String {
    let points = series.points.map { "\(x.pixel($0.x).coordinate),\(y.pixel($0.y).coordinate)" }
    return """
      <polyline class="line c\(series.colour)" points="\(points.joined(separator: " "))">\
      <title>\(series.name.escaped)</title></polyline>
      """
  }
}

/// A linear scale with round ticks.
struct Axis {
  let ticks: [Double]
  private let low: Double
  private let high: Double
  private let from: Double
  private let to: Double
  private let decimals: Int

  /// The scale that shows zero and all of `values` between two pixels, in either direction.
  init(_ values: [Double], from: Double, to: Double) {
    let least = min(values.min() ?? 0, 0)
    let greatest = max(values.max() ?? 1, least + 1e-12)
    let step = Self.roundStep((greatest - least) / 5)
    let first = (least / step).rounded(.down)
    let last = (greatest / step).rounded(.up)
    ticks = stride(from: first, through: last, by: 1).map { $0 * step }
    (low, high) = (first * step, last * step)
    (self.from, self.to) = (from, to)
    var decimals = 0
    var unit = step
    while unit < 0.999, decimals < 9 {
      unit *= 10
      decimals += 1
    }
    self.decimals = decimals
  }

  func pixel(_ value: Double) -> Double { from + (value - low) / (high - low) * (to - from) }

  func label(_ tick: Double) -> String { Wording.fixed(tick, decimals) }

  /// The least of 1, 2 and 5 times a power of ten that is no smaller than `step`.
  private static func roundStep(_ step: Double) -> Double {
    var power = 1.0
    while power > step { power /= 10 }
    while power * 10 <= step { power *= 10 }
    for factor in [1.0, 2, 5] where factor * power >= step { return factor * power }
    return 10 * power
  }
}

extension Double {
  /// The number with two decimals, as a coordinate.
  var coordinate: String { Wording.fixed(self, 2) }
}

extension String {
  /// The text with what HTML reserves escaped.
  package var escaped: String {
    replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
      .replacing("\"", with: "&quot;")
  }
}
