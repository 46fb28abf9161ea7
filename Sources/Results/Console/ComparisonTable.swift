/// A comparison as text, at most 100 columns wide: groups that do not fit go into a second table.
struct ComparisonTable {
  static let width = 100
  let comparison: Comparison
  let style: Style

  var lines: [String] {
    blocks.enumerated().flatMap { index, columns in
      (index == 0 ? [] : [""]) + lines(columns)
    }
  }

  private var labelWidth: Int {
    2 + (comparison.sections.flatMap(\.rows).map(\.label.count).max() ?? 0)
  }

  private func columnWidth(_ column: Int) -> Int {
    let cells = comparison.sections.flatMap(\.rows).map { $0.cells[column].count }
    return 2 + max(comparison.headings[column].count, cells.max() ?? 0)
  }

  /// The columns that are printed side by side.
  private var blocks: [[Int]] {
    var blocks: [[Int]] = []
    var used = 0
    for column in comparison.headings.indices {
      let width = columnWidth(column)
      if blocks.isEmpty || used + width > Self.width {
        blocks.append([])
        used = labelWidth
      }
      blocks[blocks.count - 1].append(column)
      used += width
    }
    return blocks
  }

  private func lines(_ columns: [Int]) -> [String] {
    let header = columns.map { column in
      style.heading(comparison.headings[column].alignedRight(columnWidth(column)))
    }
    var lines = [String(repeating: " ", count: labelWidth) + header.joined()]
    for section in comparison.sections {
      lines.append(style.heading(section.title))
      for row in section.rows {
        let cells = columns.map { column in
          let text = row.cells[column].alignedRight(columnWidth(column))
          return row.best.contains(column) ? style.best(text) : text
        }
        lines.append("  " + row.label.alignedLeft(labelWidth - 2) + cells.joined())
      }
    }
    return lines
  }
}
