/// Least squares whose unknowns may not be negative, for a handful of unknowns.
///
/// Every choice of unknowns that are not zero is solved by itself; the best that has no negative
/// one is the answer. With n unknowns these are 2^n - 1 small systems, and no iteration that might
/// not end.
enum NonNegativeLeastSquares {
  /// The unknowns x >= 0 for which the sum of weight (row x - target)^2 is smallest.
  ///
  /// - Parameter rows: what each unknown contributes to each target.
  static func solve(rows: [[Double]], targets: [Double], weights: [Double]) -> [Double] {
    let count = rows.first?.count ?? 0
    // Columns of one length make the size of an unknown's unit disappear.
    let lengths = (0..<count).map { column in
      zip(rows, weights).reduce(0) { $0 + $1.1 * $1.0[column] * $1.0[column] }.squareRoot()
    }
    var matrix = [[Double]](repeating: [Double](repeating: 0, count: count), count: count)
    var side = [Double](repeating: 0, count: count)
    for (index, row) in rows.enumerated() {
      let scaled = zip(row, lengths).map { $1 > 0 ? $0 / $1 : 0 }
      for i in 0..<count {
        side[i] += weights[index] * scaled[i] * targets[index]
        for j in 0..<count { matrix[i][j] += weights[index] * scaled[i] * scaled[j] }
      }
    }
    var best = [Double](repeating: 0, count: count)
    var bestGain = 0.0
    for choice in 1..<max(1 << count, 1) {
      let chosen = (0..<count).filter { choice >> $0 & 1 == 1 }
      guard let part = Matrix.solve(matrix, side, for: chosen), part.allSatisfy({ $0 >= 0 }) else {
        continue
      }
      // What the sum of squares is less than with all unknowns zero.
      let gain = zip(chosen, part).reduce(0) { $0 + side[$1.0] * $1.1 }
      guard gain > bestGain else { continue }
      bestGain = gain
      best = [Double](repeating: 0, count: count)
      for (index, value) in zip(chosen, part) { best[index] = value }
    }
    return zip(best, lengths).map { $1 > 0 ? $0 / $1 : 0 }
  }
}

/// Small symmetric systems of equations.
enum Matrix {
  /// Solves the rows and columns that are chosen; nil where they do not determine the answer.
  static func solve(_ matrix: [[Double]], _ side: [Double], for chosen: [Int]) -> [Double]? {
    var rows = chosen.map { row in chosen.map { matrix[row][$0] } + [side[row]] }
    let count = rows.count
    for column in 0..<count {
      let pivot = (column..<count).max { abs(rows[$0][column]) < abs(rows[$1][column]) } ?? column
      // Relative to the diagonal before anything was taken from it.
      let whole = abs(matrix[chosen[column]][chosen[column]])
      guard abs(rows[pivot][column]) > 1e-13 * whole else { return nil }
      rows.swapAt(column, pivot)
      for row in 0..<count where row != column {
        let factor = rows[row][column] / rows[column][column]
        for i in column...count { rows[row][i] -= factor * rows[column][i] }
      }
    }
    return (0..<count).map { rows[$0][count] / rows[$0][$0] }
  }
}
