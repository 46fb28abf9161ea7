/// The IDX format of MNIST and its successors: a magic number, big-endian sizes, bytes.
struct IDXFile {
  let file: UnpackedFile
  let sizes: [Int]
  let headerCount: Int

  /// Checks the header against the length of the contents.
  init(_ file: UnpackedFile, dimensions: Int) throws(DataError) {
    self.file = file
    let bytes = file.bytes
    headerCount = 4 + 4 * dimensions
    guard bytes.count >= 4 else {
      throw DataError(path: file.path, at: .byte(bytes.count), "ends inside the IDX header")
    }
    guard bytes[0] == 0, bytes[1] == 0 else {
      throw DataError(path: file.path, at: .byte(0), "not an IDX file (it starts with two zeros)")
    }
    guard bytes[2] == 8 else {
      throw DataError(
        path: file.path, at: .byte(2), "holds values of type \(bytes[2]), not unsigned bytes (8)")
    }
    guard bytes[3] == dimensions else {
      throw DataError(
        path: file.path, at: .byte(3), "has \(bytes[3]) dimensions where \(dimensions) are needed")
    }
    guard bytes.count >= headerCount else {
      throw DataError(path: file.path, at: .byte(bytes.count), "ends inside the IDX header")
    }
    var sizes: [Int] = []
    for index in 0..<dimensions {
      let start = 4 + 4 * index
      let size = bytes[start..<start + 4].reduce(0) { $0 << 8 | Int($1) }
      guard size > 0 else {
        throw DataError(path: file.path, at: .byte(start), "a dimension of size 0")
      }
      sizes.append(size)
    }
    self.sizes = sizes
    var expected = 1
    for size in sizes {
      let (product, overflow) = expected.multipliedReportingOverflow(by: size)
      guard !overflow else {
        throw DataError(path: file.path, at: .byte(4), "sizes \(sizes) are absurd")
      }
      expected = product
    }
    let present = bytes.count - headerCount
    guard present == expected else {
      throw DataError(
        path: file.path, at: .byte(min(bytes.count, headerCount + expected)),
        "\(present) bytes of values where the header promises \(expected)")
    }
  }

  /// Images and labels as a data set; `scale` nil means: fit it to these images.
  static func dataset(
    name: String, images: UnpackedFile, labels: UnpackedFile, classCount: Int?, scale: PixelScale?
  ) throws(DataError) -> (Dataset, PixelScale) {
    let pixels = try IDXFile(images, dimensions: 3)
    let classes = try IDXFile(labels, dimensions: 1)
    guard pixels.sizes[0] == classes.sizes[0] else {
      throw DataError(
        path: labels.path, at: .byte(4),
        "\(classes.sizes[0]) labels for the \(pixels.sizes[0]) images of \(images.path)")
    }
    let values = labels.bytes[classes.headerCount...]
    let count = classCount ?? Int(values.max() ?? 0) + 1
    if let wrong = values.firstIndex(where: { $0 >= count }) {
      throw DataError(
        path: labels.path, at: .byte(wrong),
        "label \(labels.bytes[wrong]) where there are \(count) classes")
    }
    var bytes = images.bytes
    bytes.removeFirst(pixels.headerCount)
    let scale = scale ?? PixelScale(fitting: bytes, channels: 1)
    let dataset = Dataset(
      name: name, shape: Shape(pixels.sizes[1], pixels.sizes[2], 1), classCount: count,
      features: .bytes(bytes, scale: scale), labels: values.map { Int32($0) })
    return (dataset, scale)
  }
}
