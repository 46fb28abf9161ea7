import CEmbedded
import Foundation

/// Where a data set comes from.
public enum DatasetSource: Sendable, Hashable {
  /// One of `DatasetCatalog.names`; `directory` is searched in place of the usual one.
  case named(String, directory: String? = nil)
  /// A folder of IDX files named as those of MNIST, gzipped or not.
  case idx(directory: String)
  /// A CSV file of numbers, gzipped or not; without a name, the label is in the last column.
  case csv(path: String, label: String? = nil)
  /// A folder of CIFAR-10's binary version.
  case cifar10(directory: String)
  /// Drawn from a seed.
  case synthetic(SyntheticData, samples: Int, testSamples: Int, seed: UInt64)
}

/// A data set that can be asked for by name.
public struct DatasetEntry: Sendable {
  /// The name.
  public let name: String
  /// What it is, in one line.
  public let summary: String
}

/// All data sets.
public enum DatasetCatalog {
  /// What can be asked for by name.
  public static let entries = [
    DatasetEntry(
      name: "fashion-mnist",
      summary: "60,000 + 10,000 images of clothes, 28x28, 10 classes (MIT); Debian package"),
    DatasetEntry(
      name: "fashion-mnist-fixture",
      summary: "a class-balanced 2,000 + 500 of them, part of this program"),
    DatasetEntry(
      name: "synthetic-criteo",
      summary: "50,000 + 10,000 sparse rows of 100,000 features, 39 entries each, 2 classes"),
    DatasetEntry(
      name: "synthetic-higgs", summary: "50,000 + 10,000 rows of 28 features, 2 classes"),
    DatasetEntry(
      name: "synthetic-movielens",
      summary: "100,000 + 20,000 ratings of 1,000 items by 2,000 users, of rank 8"),
    DatasetEntry(
      name: "synthetic-cifar10", summary: "5,000 + 1,000 images, 32x32x3, 10 classes"),
  ]

  /// Reads or generates a data set.
  public static func load(_ source: DatasetSource) throws(DataError) -> TrainingData {
    switch source {
    case .named("fashion-mnist", let directory): try fashionMNIST(directory)
    case .named("fashion-mnist-fixture", _): try fashionMNISTFixture()
    case .named(let name, _): try generatedData(name)
    case .idx(let directory):
      try idxFolder(directory, name: URL(fileURLWithPath: directory).lastPathComponent)
    case .csv(let path, let label):
      try CSVTable(path: path, label: label)
        .split(name: URL(fileURLWithPath: path).lastPathComponent)
    case .cifar10(let directory): try CIFARFolder.load(directory)
    case .synthetic(let data, let samples, let testSamples, let seed):
      data.generate(samples: samples, testSamples: testSamples, seed: seed)
    }
  }

  /// The data sets that are drawn anew, always from the same seed.
  static let generated: [String: (data: SyntheticData, samples: Int, testSamples: Int)] = [
    "synthetic-criteo": (.sparse(features: 100_000, entries: 39), 50_000, 10_000),
    "synthetic-higgs": (.dense(features: 28), 50_000, 10_000),
    "synthetic-movielens": (.ratings(users: 2000, items: 1000, rank: 8), 100_000, 20_000),
    "synthetic-cifar10": (.images(side: 32), 5000, 1000),
  ]

  private static func generatedData(_ name: String) throws(DataError) -> TrainingData {
    guard let (data, samples, testSamples) = generated[name] else {
      throw DataError(
        "there is no data set \"\(name)\"; known are "
          + entries.map(\.name).joined(separator: ", "))
    }
    return data.generate(samples: samples, testSamples: testSamples, seed: 1)
  }

  /// Where Debian's package puts Fashion-MNIST.
  public static let fashionMNISTDirectory = "/usr/share/datasets/fashion-mnist"

  /// Mean and deviation of all training pixels of Fashion-MNIST, over 255.
  private static let fashionMNISTScale = PixelScale(means: [0.2860], deviations: [0.3530])

  private static func fashionMNIST(_ directory: String?) throws(DataError) -> TrainingData {
    let directory = directory ?? fashionMNISTDirectory
    guard existingFile(directory + "/train-images-idx3-ubyte") != nil else {
      throw DataError(
        path: directory,
        "Fashion-MNIST is not there; install it with `apt-get install dataset-fashion-mnist`, "
          + "name its folder with --data DIR, or ask for the small fashion-mnist-fixture",
        isMissingFile: true)
    }
    return try idxFolder(
      directory, name: "fashion-mnist", classCount: 10, scale: fashionMNISTScale)
  }

  private static func fashionMNISTFixture() throws(DataError) -> TrainingData {
    func part(
      _ images: embedded_file, _ labels: embedded_file
    ) throws(DataError) -> Dataset {
      try IDXFile.dataset(
        name: "fashion-mnist-fixture", images: embedded(images), labels: embedded(labels),
        classCount: 10, scale: fashionMNISTScale
      ).0
    }
    return TrainingData(
      train: try part(embedded_train_images, embedded_train_labels),
      test: try part(embedded_test_images, embedded_test_labels))
  }

  private static func embedded(_ file: embedded_file) throws(DataError) -> UnpackedFile {
    var count = 0
    guard let bytes = embedded_bytes(file, &count) else {
      throw DataError("the program carries no sample data")
    }
    return try UnpackedFile(
      path: "fashion-mnist-fixture", packed: Data(bytes: bytes, count: count))
  }

  private static func idxFolder(
    _ directory: String, name: String, classCount: Int? = nil, scale: PixelScale? = nil
  ) throws(DataError) -> TrainingData {
    func file(_ name: String) throws(DataError) -> UnpackedFile {
      let path = "\(directory)/\(name)"
      return try UnpackedFile(path: existingFile(path) ?? path)
    }
    let (train, fitted) = try IDXFile.dataset(
      name: name, images: file("train-images-idx3-ubyte"),
      labels: file("train-labels-idx1-ubyte"), classCount: classCount, scale: scale)
    let (test, _) = try IDXFile.dataset(
      name: name, images: file("t10k-images-idx3-ubyte"), labels: file("t10k-labels-idx1-ubyte"),
      classCount: train.classCount, scale: fitted)
    guard train.shape == test.shape else {
      throw DataError(
        path: directory, "training images are \(train.shape) and test images \(test.shape)")
    }
    return TrainingData(train: train, test: test)
  }
}

/// The file itself or its gzipped form.
func existingFile(_ path: String) -> String? {
  [path, path + ".gz"].first { FileManager.default.fileExists(atPath: $0) }
}
