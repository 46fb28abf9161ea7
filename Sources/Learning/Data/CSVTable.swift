/// A table of numbers with a label in one column, from a CSV file, gzipped or not.
struct CSVTable {
  private let path: String
  private var width = 0
  private var labelIndex = 0
  private var columns: [String] = []
  private var rows: [[Float]] = []
  private var labels: [String] = []

  /// Reads a table; without a name, the last column is the label.
  init(path: String, label: String?) throws(DataError) {
    self.path = path
    let file = try UnpackedFile(path: path)
    var number = 0
    for line in file.bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      number += 1
      guard let text = String(validating: line, as: UTF8.self) else {
        throw DataError(path: path, at: .line(number), "not UTF-8 text")
      }
      let fields = text.split(separator: ",", omittingEmptySubsequences: false).map(
        CSVTable.trimmed)
      if fields.count == 1, fields[0].isEmpty { continue }
      if width == 0 {
        try begin(fields, label, line: number)
        if fields.contains(where: { Float($0) == nil && !$0.isEmpty }),
          label != nil || isHeader(fields)
        {
          columns = fields
          continue
        }
      }
      try append(fields, line: number)
    }
    guard rows.count >= 5 else {
      throw DataError(path: path, "has \(rows.count) rows, and 5 is the least that can be split")
    }
  }

  /// Every fifth row is for the test; features get mean 0 and deviation 1 over the others.
  func split(name: String) throws(DataError) -> TrainingData {
    let ordered = labels.sorted { first, second in
      if let a = Double(first), let b = Double(second) { return a < b }
      return first < second
    }.withoutRepeats()
    guard ordered.count >= 2, ordered.count <= 1000 else {
      throw DataError(
        path: path, "the label column has \(ordered.count) different values; 2 to 1000 make classes"
      )
    }
    let classes = Dictionary(
      uniqueKeysWithValues: ordered.indices.map { (ordered[$0], Int32($0)) })
    let isTest = rows.indices.map { $0 % 5 == 4 }
    let scales = scale(over: rows.indices.filter { !isTest[$0] })
    func part(_ wanted: Bool) -> Dataset {
      let chosen = rows.indices.filter { isTest[$0] == wanted }
      let values = chosen.flatMap { row in
        zip(rows[row], scales).map { ($0 - $1.mean) / $1.deviation }
      }
      return Dataset(
        name: name, shape: Shape(features: width - 1), classCount: ordered.count,
        features: .floats(values), labels: chosen.map { classes[labels[$0]] ?? 0 })
    }
    return TrainingData(train: part(false), test: part(true))
  }

  private static func trimmed(_ field: Substring) -> String {
    var field = field[...]
    while let first = field.first, first.isWhitespace || first == "\"" { field.removeFirst() }
    while let last = field.last, last.isWhitespace || last == "\"" { field.removeLast() }
    return String(field)
  }

  /// A first row is a header if one of its features is not a number.
  private func isHeader(_ fields: [String]) -> Bool {
    fields.indices.contains { $0 != labelIndex && Float(fields[$0]) == nil }
  }

  private mutating func begin(
    _ fields: [String], _ label: String?, line: Int
  ) throws(DataError) {
    guard fields.count >= 2 else {
      throw DataError(path: path, at: .line(line), "one column; features and a label are needed")
    }
    width = fields.count
    labelIndex = width - 1
    guard let label else { return }
    guard let index = fields.firstIndex(of: label) else {
      throw DataError(
        path: path, at: .line(line),
        "no column \"\(label)\"; there are " + fields.joined(separator: ", "))
    }
    labelIndex = index
  }

  private mutating func append(_ fields: [String], line: Int) throws(DataError) {
    guard fields.count == width else {
      throw DataError(
        path: path, at: .line(line), "\(fields.count) columns where the first row has \(width)")
    }
    var values: [Float] = []
    values.reserveCapacity(width - 1)
    for (index, field) in fields.enumerated() where index != labelIndex {
      guard let value = Float(field), value.isFinite else {
        let name = columns.isEmpty ? "\(index + 1)" : "\"\(columns[index])\""
        throw DataError(
          path: path, at: .line(line), "column \(name): \"\(field)\" is not a finite number")
      }
      values.append(value)
    }
    guard !fields[labelIndex].isEmpty else {
      throw DataError(path: path, at: .line(line), "the label is empty")
    }
    rows.append(values)
    labels.append(fields[labelIndex])
  }

  private func scale(over chosen: [Int]) -> [(mean: Float, deviation: Float)] {
    (0..<width - 1).map { column in
      let values = chosen.map { Double(rows[$0][column]) }
      let count = Double(max(values.count, 1))
      let mean = values.reduce(0, +) / count
      let variance = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / count
      let deviation = variance.squareRoot()
      return (Float(mean), deviation > 0 ? Float(deviation) : 1)
    }
  }
}
