internal import Foundation

/// Rows with their columns one below the other.
public struct TextTable {
  private let rows: [[String]]

  /// A table of rows, whose cells need not be equally many.
  public init(_ rows: [[String]]) { self.rows = rows }

  /// The rows; the last cell of each is not padded.
  public var lines: [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in
      rows.map { column < $0.count ? $0[column].count : 0 }.max() ?? 0
    }
    return rows.map { row in
      let cells = row.enumerated().map { column, cell in
        column == row.count - 1
          ? cell : cell.padding(toLength: widths[column], withPad: " ", startingAt: 0)
      }
      return cells.joined(separator: "  ")
    }
  }

  /// The lines, each with an end.
  public var text: String { lines.map { $0 + "\n" }.joined() }
}
