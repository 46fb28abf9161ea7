internal import CVectors

/// A matrix of bytes, and where in each row those are that are not zero.
final class NonzeroBytes {
  private let rows: Int
  private let columns: Int
  private(set) var bytes: [UInt8]
  private var places: [UInt8]
  private var starts: [UInt32]

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    bytes = [UInt8](repeating: 0, count: rows * columns)
    places = [UInt8](repeating: 0, count: rows * columns + 9)
    let blocks = (columns + vectors_block - 1) / vectors_block
    starts = [UInt32](repeating: 0, count: blocks * (rows + 1))
  }

  /// Takes the bytes that `write` writes, row by row; those it leaves out keep their values.
  func fill(_ write: (UnsafeMutablePointer<UInt8>) -> Void) {
    bytes.withUnsafeMutableBufferPointer { bytes in
      guard let base = bytes.baseAddress else { return }
      write(base)
    }
    var end: UInt32 = 0
    forEachBlock { bytes, column, starts in
      end = vectors_find_nonzero(
        bytes, rows, columns, min(vectors_block, columns - column), end, &places, starts)
    }
  }

  /// Adds the product with a panel, where a byte stands for `values[byte]` and 0 for 0.
  ///
  /// The panel has as many rows as this matrix columns; the sums' rows are `stride` floats apart.
  func multiply(by panel: Floats, values: [Float], addingTo sums: Floats, stride: Int) {
    forEachBlock { bytes, column, starts in
      vectors_add_nonzero(
        places, starts, bytes, rows, columns, values, panel + column * vectors_panel, sums, stride)
    }
  }

  /// Calls `body` with each block's bytes in the first row, its first column and its starts.
  private func forEachBlock(
    _ body: (UnsafePointer<UInt8>, Int, UnsafeMutablePointer<UInt32>) -> Void
  ) {
    bytes.withUnsafeBufferPointer { bytes in
      starts.withUnsafeMutableBufferPointer { starts in
        guard let bytes = bytes.baseAddress, var start = starts.baseAddress else { return }
        for column in stride(from: 0, to: columns, by: vectors_block) {
          body(bytes + column, column, start)
          start += rows + 1
        }
      }
    }
  }
}
