import Foundation

/// The state of a trained model, and its form as a safetensors file that PyTorch reads.
///
/// Tensors have the names of PyTorch's `state_dict` for the same layers in an `nn.Sequential`.
/// Format: https://github.com/huggingface/safetensors
public struct Weights: Sendable {
  /// All parameters, in the order of the flat buffer.
  public let parameters: [Float]
  /// Running statistics of batch normalisation; empty without it.
  public let statistics: [Float]

  /// The state of a model in memory.
  public init(parameters: [Float], statistics: [Float]) {
    self.parameters = parameters
    self.statistics = statistics
  }

  /// Reads weights for a model; what the file has beyond them is left alone.
  public init(safetensors path: String, for model: Model) throws(DataError) {
    let file = try SafetensorsFile(path: path)
    var (parameters, statistics): ([Float], [Float]) = ([], [])
    for tensor in model.namedTensors {
      let values = try file.floats(tensor)
      if tensor.isStatistic { statistics += values } else { parameters += values }
    }
    self.init(parameters: parameters, statistics: statistics)
  }

  /// Writes the weights of a model, all at once: a reader never sees half a file.
  public func write(safetensors path: String, for model: Model) throws(DataError) {
    let tensors = model.namedTensors
    let values = parameters + statistics
    precondition(
      tensors.reduce(0) { $0 + $1.count } == values.count, "these are weights of another model")
    var offset = 0
    let entries = tensors.map { tensor in
      defer { offset += 4 * tensor.count }
      let shape = tensor.shape.map(String.init).joined(separator: ",")
      let end = offset + 4 * tensor.count
      return "\"\(tensor.name)\":{\"dtype\":\"F32\",\"shape\":[\(shape)],"
        + "\"data_offsets\":[\(offset),\(end)]}"
    }
    var header = "{" + entries.joined(separator: ",") + "}"
    while header.utf8.count % 8 != 0 { header += " " }
    var data = Data()
    withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { data.append(contentsOf: $0) }
    data.append(contentsOf: header.utf8)
    for value in values {
      withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
    }
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw DataError(path: path, "cannot be written: \(error.localizedDescription)")
    }
  }
}

/// A safetensors file: the length of a header, the header in JSON, the tensors' bytes.
private struct SafetensorsFile {
  private struct Entry {
    let dtype: String
    let shape: [Int]
    let place: Range<Int>
  }

  private let file: UnpackedFile
  private let dataStart: Int
  private var entries: [String: Entry] = [:]

  init(path: String) throws(DataError) {
    file = try UnpackedFile(path: path)
    let bytes = file.bytes
    guard bytes.count >= 8 else {
      throw DataError(path: path, at: .byte(bytes.count), "ends inside the length of its header")
    }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8) else {
      throw DataError(
        path: path, at: .byte(0), "promises a header of \(length) bytes and is shorter")
    }
    dataStart = 8 + Int(length)
    let parsed: Any
    do {
      parsed = try JSONSerialization.jsonObject(with: Data(bytes[8..<dataStart]))
    } catch {
      throw DataError(path: path, at: .byte(8), "the header is not JSON")
    }
    guard let object = parsed as? [String: Any] else {
      throw DataError(path: path, at: .byte(8), "the header is not a JSON object")
    }
    for (name, value) in object where name != "__metadata__" {
      guard let value = value as? [String: Any], let dtype = value["dtype"] as? String,
        let shape = value["shape"] as? [Int], let offsets = value["data_offsets"] as? [Int],
        offsets.count == 2, offsets[0] >= 0, offsets[0] <= offsets[1],
        offsets[1] <= bytes.count - dataStart
      else {
        throw DataError(
          path: path, at: .byte(8), "tensor \"\(name)\" has no type, shape and place in the file")
      }
      entries[name] = Entry(dtype: dtype, shape: shape, place: offsets[0]..<offsets[1])
    }
  }

  func floats(_ tensor: NamedTensor) throws(DataError) -> [Float] {
    guard let entry = entries[tensor.name] else {
      throw DataError(path: file.path, "has no tensor \"\(tensor.name)\"")
    }
    let start = dataStart + entry.place.lowerBound
    guard entry.dtype == "F32", entry.shape == tensor.shape,
      entry.place.count == 4 * tensor.count
    else {
      throw DataError(
        path: file.path, at: .byte(start),
        "\"\(tensor.name)\" is \(entry.dtype) \(entry.shape) where F32 \(tensor.shape) is needed")
    }
    let values = file.bytes.withUnsafeBytes { bytes in
      (0..<tensor.count).map {
        Float(
          bitPattern: UInt32(
            littleEndian: bytes.loadUnaligned(fromByteOffset: start + 4 * $0, as: UInt32.self)))
      }
    }
    if let index = values.firstIndex(where: { !$0.isFinite }) {
      throw DataError(
        path: file.path, at: .byte(start + 4 * index),
        "\"\(tensor.name)\" has \(values[index]), which is not a finite number")
    }
    return values
  }
}
