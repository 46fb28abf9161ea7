/// The binary form of CIFAR-10: records of a label and 32x32 pixels, channel after channel.
struct CIFARFolder {
  private static let side = 32
  private static let pixels = side * side
  private static let record = 1 + 3 * pixels

  /// Reads data_batch_1.bin to data_batch_5.bin (those that are there) and test_batch.bin.
  static func load(_ directory: String) throws(DataError) -> TrainingData {
    var bytes: [UInt8] = []
    var labels: [Int32] = []
    for index in 1...5 {
      let path = "\(directory)/data_batch_\(index).bin"
      guard let found = existingFile(path) else { continue }
      try append(found, to: &bytes, &labels)
    }
    guard !labels.isEmpty else {
      throw DataError(
        path: directory, "no data_batch_1.bin to data_batch_5.bin here", isMissingFile: true)
    }
    var testBytes: [UInt8] = []
    var testLabels: [Int32] = []
    let testPath = "\(directory)/test_batch.bin"
    try append(existingFile(testPath) ?? testPath, to: &testBytes, &testLabels)
    let scale = PixelScale(fitting: bytes, channels: 3)
    func dataset(_ bytes: [UInt8], _ labels: [Int32]) -> Dataset {
      Dataset(
        name: "cifar10", shape: Shape(side, side, 3), classCount: 10,
        features: .bytes(bytes, scale: scale), labels: labels)
    }
    return TrainingData(
      train: dataset(bytes, labels), test: dataset(testBytes, testLabels))
  }

  private static func append(
    _ path: String, to bytes: inout [UInt8], _ labels: inout [Int32]
  ) throws(DataError) {
    let file = try UnpackedFile(path: path)
    let (count, rest) = file.bytes.count.quotientAndRemainder(dividingBy: record)
    guard rest == 0, count > 0 else {
      throw DataError(
        path: path, at: .byte(count * record),
        "\(file.bytes.count) bytes are no whole number of records of \(record) bytes")
    }
    bytes.reserveCapacity(bytes.count + count * 3 * pixels)
    for index in 0..<count {
      let start = index * record
      let label = file.bytes[start]
      guard label < 10 else {
        throw DataError(path: path, at: .byte(start), "label \(label) where there are 10 classes")
      }
      labels.append(Int32(label))
      for pixel in 0..<pixels {
        for channel in 0..<3 { bytes.append(file.bytes[start + 1 + channel * pixels + pixel]) }
      }
    }
  }
}
