import CEmbedded
import Foundation
import Testing

@testable import Learning

/// Reading data: what is right, and what every fault is called.
struct DataTests {
  /// A folder that is gone after the test.
  final class Folder {
    let path: String

    init() throws {
      path = FileManager.default.temporaryDirectory.path + "/learning-" + UUID().uuidString
      try FileManager.default.createDirectory(
        atPath: path, withIntermediateDirectories: true)
    }

    deinit {
      do { try FileManager.default.removeItem(atPath: path) } catch { print(error) }
    }

    func write(_ bytes: some Collection<UInt8>, to name: String) throws {
      try Data(bytes).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }
  }

  private func packed(_ file: embedded_file) throws -> [UInt8] {
    var count = 0
    let bytes = try #require(embedded_bytes(file, &count))
    return Array(UnsafeBufferPointer(start: bytes, count: count))
  }

  /// The fixture as a folder of files.
  private func fixtureFolder() throws -> Folder {
    let folder = try Folder()
    try folder.write(packed(embedded_train_images), to: "train-images-idx3-ubyte.gz")
    try folder.write(packed(embedded_train_labels), to: "train-labels-idx1-ubyte.gz")
    try folder.write(packed(embedded_test_images), to: "t10k-images-idx3-ubyte.gz")
    try folder.write(packed(embedded_test_labels), to: "t10k-labels-idx1-ubyte.gz")
    return folder
  }

  @Test("the fixture is balanced, and its pixels have mean 0 and deviation 1")
  func fixture() throws {
    let data = try Sample.images()
    #expect(data.train.count == 2000)
    #expect(data.test.count == 500)
    #expect(data.train.sampleByteCount == 4 * 784 + 8)
    for label in 0..<10 { #expect(data.train.labels.count { $0 == label } == 200) }
    let all = FloatBuffer(count: 2000 * 784)
    data.train.gather((0..<2000).map { Int32($0) }[...], into: all.floats)
    let values = UnsafeBufferPointer(start: all.floats, count: all.count)
    let mean = values.reduce(0.0) { $0 + Double($1) } / Double(all.count)
    let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / Double(all.count)
    #expect(abs(mean) < 0.03)
    #expect(abs((square - mean * mean).squareRoot() - 1) < 0.03)
  }

  @Test("a folder of IDX files reads as the fixture does, and its contents make the fingerprint")
  func idxFolder() throws {
    let folder = try fixtureFolder()
    let named = try DatasetCatalog.load(.named("fashion-mnist", directory: folder.path))
    #expect(named.train.fingerprint == (try Sample.images()).train.fingerprint)
    #expect(named.train.fingerprint != named.test.fingerprint)
    let own = try DatasetCatalog.load(.idx(directory: folder.path))
    #expect(own.train.shape == Shape(28, 28, 1))
    #expect(own.train.classCount == 10)
  }

  @Test("a missing package says how to get it")
  func missing() {
    let error = #expect(throws: DataError.self) {
      try DatasetCatalog.load(.named("fashion-mnist", directory: "/nowhere"))
    }
    #expect(error?.isMissingFile == true)
    #expect(error?.description.contains("apt-get install dataset-fashion-mnist") == true)
    #expect(error?.description.contains("--data") == true)
    #expect(throws: DataError.self) { try DatasetCatalog.load(.named("fashion")) }
  }

  @Test(
    "truncated and corrupt files are errors that name file and byte", arguments: [0, 1, 2, 3, 4])
  func damaged(_ kind: Int) throws {
    let folder = try fixtureFolder()
    let name = "train-images-idx3-ubyte.gz"
    var bytes = try packed(embedded_train_images)
    switch kind {
    case 0: bytes.removeLast(bytes.count / 2)
    case 1: bytes.removeLast(3)
    case 2: for i in 100_000..<100_050 { bytes[i] ^= 0x5A }
    case 3: bytes = [0x1F, 0x8B]
    default: bytes = Array("these are no images".utf8)
    }
    try folder.write(bytes, to: name)
    let error = #expect(throws: DataError.self) {
      try DatasetCatalog.load(.idx(directory: folder.path))
    }
    #expect(error?.path == "\(folder.path)/\(name)")
    #expect(error?.place != nil)
  }

  @Test(
    "an IDX file that lies about itself is refused at the byte",
    arguments: [
      ([0, 0, 9, 1, 0, 0, 0, 1, 5], 2), ([0, 0, 8, 3, 0, 0, 0, 1, 5], 3),
      ([1, 0, 8, 1, 0, 0, 0, 1, 5], 0), ([0, 0, 8, 1, 0, 0, 0, 0], 4),
      ([0, 0, 8, 1, 0, 0, 0, 2, 5], 9), ([0, 0, 8, 1, 0, 0, 0, 1, 5, 6], 9), ([0, 0], 2),
      ([0, 0, 8, 1, 0, 0], 6),
    ])
  func header(_ bytes: [UInt8], _ place: Int) throws {
    let error = #expect(throws: DataError.self) {
      try IDXFile(UnpackedFile(path: "x", packed: Data(bytes)), dimensions: 1)
    }
    #expect(error?.place == .byte(place))
  }

  @Test("a label that is no class is refused")
  func label() throws {
    let images = Data([0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 200])
    let labels = Data([0, 0, 8, 1, 0, 0, 0, 1, 10])
    let error = #expect(throws: DataError.self) {
      try IDXFile.dataset(
        name: "x", images: UnpackedFile(path: "i", packed: images),
        labels: UnpackedFile(path: "l", packed: labels), classCount: 10, scale: nil)
    }
    #expect(error?.place == .byte(8))
    #expect(error?.path == "l")
  }

  @Test("a CSV table: classes by name, features with mean 0 and deviation 1")
  func csv() throws {
    let folder = try Folder()
    var text = "height,kind,weight\n"
    for i in 0..<50 { text += "\(i),\(i % 2 == 0 ? "cat" : "dog"),\(100 - i)\n" }
    try folder.write(Array(text.utf8), to: "pets.csv")
    let data = try DatasetCatalog.load(.csv(path: folder.path + "/pets.csv", label: "kind"))
    #expect(data.train.count == 40)
    #expect(data.test.count == 10)
    #expect(data.train.featureCount == 2)
    #expect(data.train.classCount == 2)
    #expect(Array(data.train.labels[..<4]) == [0, 1, 0, 1])
    let values = FloatBuffer(count: 80)
    data.train.gather((0..<40).map { Int32($0) }[...], into: values.floats)
    #expect(abs((0..<40).reduce(Float(0)) { $0 + values.floats[2 * $1] }) < 1e-3)
  }

  @Test(
    "a bad row of a CSV table is named by file and line",
    arguments: [
      ("1,2,0\n3,x,1\n", 2), ("a,b,c\n1,2,0\n1,2\n", 3), ("1,2,0\n\n1,nan,0\n", 3),
      ("1,2,0\n1,2,\n", 2), ("7\n", 1),
    ])
  func badCSV(_ text: String, _ line: Int) throws {
    let folder = try Folder()
    try folder.write(Array(text.utf8), to: "bad.csv")
    let error = #expect(throws: DataError.self) {
      try DatasetCatalog.load(.csv(path: folder.path + "/bad.csv"))
    }
    #expect(error?.place == .line(line))
    #expect(error?.path == folder.path + "/bad.csv")
  }

  @Test("CIFAR-10's records are turned from planes into pixels")
  func cifar() throws {
    let folder = try Folder()
    var record = [UInt8](repeating: 0, count: 3073)
    record[0] = 7
    record[1] = 10
    record[1 + 1024] = 20
    record[1 + 2048] = 30
    try folder.write(record + record, to: "data_batch_1.bin")
    try folder.write(record, to: "test_batch.bin")
    let data = try DatasetCatalog.load(.cifar10(directory: folder.path))
    #expect(data.train.count == 2)
    #expect(data.train.labels == [7, 7])
    guard case .bytes(let bytes, _) = data.train.features else {
      Issue.record("CIFAR-10 is kept as bytes")
      return
    }
    #expect(Array(bytes[..<4]) == [10, 20, 30, 0])
    try folder.write(record.dropLast(), to: "test_batch.bin")
    let error = #expect(throws: DataError.self) {
      try DatasetCatalog.load(.cifar10(directory: folder.path))
    }
    #expect(error?.place == .byte(0))
  }

  @Test(
    "generated data depends on its seed alone",
    arguments: [
      SyntheticData.sparse(features: 1000, entries: 9), .dense(features: 28),
      .ratings(users: 20, items: 10, rank: 4), .images(side: 16),
    ])
  func synthetic(_ kind: SyntheticData) throws {
    func load(seed: UInt64) throws -> TrainingData {
      try DatasetCatalog.load(.synthetic(kind, samples: 50, testSamples: 10, seed: seed))
    }
    let data = try load(seed: 1)
    #expect(data.train.isSynthetic)
    #expect(data.train.count == 50 && data.test.count == 10)
    #expect(data.train.fingerprint == (try load(seed: 1)).train.fingerprint)
    #expect(data.train.fingerprint != (try load(seed: 2)).train.fingerprint)
    #expect(data.train.fingerprint != data.test.fingerprint)
  }

  @Test(
    "what is generated can be learnt",
    arguments: [
      (SyntheticData.dense(features: 28), "mlp", 0.7, Float(0.1)),
      (.sparse(features: 2000, entries: 20), "sparse-logistic-regression", 0.7, 1),
      (.ratings(users: 60, items: 40, rank: 2), "matrix-factorization", 0.55, 2),
    ])
  func learnable(
    _ kind: SyntheticData, _ modelName: String, _ accuracy: Double, _ rate: Float
  ) throws {
    let data = kind.generate(samples: 4000, testSamples: 1000, seed: 1)
    let model = try Model.named(modelName, for: data.train)
    let pool = GradientPool(threads: 1)
    let partition = Partition(dataset: data.train, workers: 1, seed: 1)
    var parameters = model.initialParameters(seed: 1)
    var optimizer = Optimizer(
      .sgd(learningRate: rate, momentum: 0.9), parameterCount: parameters.count)
    for step in 0..<300 {
      let batch = partition.batch(rank: 0, epoch: step / 15, index: step % 15, size: 256)
      optimizer.update(
        &parameters, with: try pool.compute(model, parameters, data.train, batch).values)
    }
    let evaluation = try pool.evaluation(
      of: model, at: parameters, statistics: [], on: data.test
    ).join()
    #expect(evaluation.accuracy > accuracy)
  }
}
