import CEmbedded
import Foundation

/// A Python process that computes gradients of one module, and the memory shared with it.
final class ExternalWorker: @unchecked Sendable {
  /// What the process says of its module before the first gradient.
  struct Facts: Decodable {
    /// A part of the flat buffers, as the module's `state_dict` calls it.
    struct Tensor: Decodable {
      let name: String
      let shape: [Int]
    }

    let parameters: Int
    let statistics: Int
    let forwardFLOPs: Double
    let activationBytes: Int
    let version: String
    let instructionSet: String
    let parameterTensors: [Tensor]
    let statisticTensors: [Tensor]

    var namedTensors: [NamedTensor] {
      [(parameterTensors, false), (statisticTensors, true)].flatMap { tensors, isStatistic in
        tensors.map { NamedTensor(name: $0.name, shape: $0.shape, isStatistic: isStatistic) }
      }
    }
  }

  let model: ExternalModel
  let capacity: Int
  let facts: Facts

  private let shape: Shape
  private let process: Process
  private let requests: FileHandle
  private let answers: LineReader
  private let memory: UnsafeMutableRawPointer
  private let byteCount: Int

  init(
    _ model: ExternalModel, shape: Shape, classCount: Int, capacity: Int, seed: UInt64
  ) throws(LearningError) {
    self.model = model
    self.capacity = capacity
    self.shape = shape
    var template = Array("/dev/shm/nephoscope-XXXXXX".utf8CString)
    let file = mkstemp(&template)
    let path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    guard file >= 0 else { throw LearningError("no shared memory can be made at \(path)") }
    defer {
      close(file)
      unlink(path)
    }
    let numbers = [shape.height, shape.width, shape.channels, classCount, capacity]
    (process, requests, answers) = try ExternalWorker.start(
      model,
      [path] + numbers.map(String.init) + [String(seed & UInt64(Int64.max))])
    do {
      let line = try ExternalWorker.answer(answers, process, model)
      facts = try ExternalWorker.decode(line, model)
    } catch {
      process.terminate()
      throw error
    }
    byteCount =
      16 * capacity + 4 * (2 * facts.parameters + facts.statistics + capacity * shape.count)
    let mapped = mmap(nil, byteCount, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0)
    guard let mapped, mapped != MAP_FAILED else {
      process.terminate()
      throw LearningError("\(byteCount) bytes of shared memory cannot be mapped")
    }
    memory = mapped
  }

  /// Closing its input ends the process.
  deinit {
    // By the handle and never by its number: another thread may have that number next.
    do { try requests.close() } catch { process.terminate() }
    munmap(memory, byteCount)
  }

  // MARK: Shared memory: labels, guesses, parameters, gradient, statistics, inputs

  private var labels: UnsafeMutablePointer<Int64> {
    memory.assumingMemoryBound(to: Int64.self)
  }
  private var guesses: UnsafeMutablePointer<Int64> { labels + capacity }
  private var floats: Floats {
    (memory + 16 * capacity).assumingMemoryBound(to: Float.self)
  }
  private var inputs: Floats { floats + 2 * facts.parameters + facts.statistics }

  private func copy(_ start: Int, _ count: Int) -> [Float] {
    Array(UnsafeBufferPointer(start: floats + start, count: count))
  }
  var parameters: [Float] { copy(0, facts.parameters) }
  var gradient: [Float] { copy(facts.parameters, facts.parameters) }
  var statistics: [Float] { copy(2 * facts.parameters, facts.statistics) }

  // MARK: Work

  func train(
    at parameters: [Float], on dataset: Dataset, _ samples: [Int32], seed: UInt64
  ) throws(LearningError) -> Double {
    write(parameters, dataset, samples[...])
    return try request("train \(samples.count) \(seed & UInt64(Int64.max))")
  }

  func evaluate(
    at parameters: [Float], statistics: [Float], on dataset: Dataset, _ samples: [Int32],
    into counts: inout Counts
  ) throws(LearningError) {
    write(parameters, dataset, samples[...])
    (floats + 2 * facts.parameters).update(from: statistics, count: statistics.count)
    counts.loss += try request("evaluate \(samples.count) 0")
    for (row, sample) in samples.enumerated() {
      counts.add(predicted: Int(guesses[row]), actual: Int(dataset.labels[Int(sample)]))
    }
  }

  private func write(_ parameters: [Float], _ dataset: Dataset, _ samples: ArraySlice<Int32>) {
    precondition(samples.count <= capacity, "the batch is larger than the shared memory")
    floats.update(from: parameters, count: parameters.count)
    dataset.gather(samples, into: inputs)
    for (row, sample) in samples.enumerated() { labels[row] = Int64(dataset.labels[Int(sample)]) }
  }

  private func request(_ line: String) throws(LearningError) -> Double {
    writeLine(line, to: requests)
    let answer = try ExternalWorker.answer(answers, process, model)
    guard answer.hasPrefix("loss "), let loss = Double(answer.dropFirst(5)) else {
      throw LearningError("\(model.className) answered \"\(answer)\", which is no loss")
    }
    return loss
  }

  // MARK: The process

  private static var script: String {
    var count = 0
    let bytes = embedded_bytes(embedded_worker, &count)
    return String(decoding: UnsafeBufferPointer(start: bytes, count: count), as: UTF8.self)
  }

  private static func start(
    _ model: ExternalModel, _ arguments: [String]
  ) throws(LearningError) -> (Process, FileHandle, LineReader) {
    let process = Process()
    let (input, output) = (Pipe(), Pipe())
    // `env` finds a bare name on the path and reports a missing one by its exit status.
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments =
      [model.interpreter, "-c", script, model.file, model.className] + arguments
    process.standardInput = input
    process.standardOutput = output
    do {
      try process.run()
    } catch {
      throw LearningError("\(model.interpreter) cannot be started: \(error.localizedDescription)")
    }
    return (process, input.fileHandleForWriting, LineReader(output.fileHandleForReading))
  }

  private static func answer(
    _ answers: LineReader, _ process: Process, _ model: ExternalModel
  ) throws(LearningError) -> String {
    guard let line = answers.next() else {
      process.waitUntilExit()
      let status = process.terminationStatus
      throw LearningError(
        status == 127
          ? "there is no \(model.interpreter); install Python 3 with PyTorch to use \(model.file)"
          : "the process of \(model.className) ended (status \(status)); see its messages above")
    }
    guard !line.hasPrefix("error ") else { throw LearningError(String(line.dropFirst(6))) }
    return line
  }

  private static func decode(
    _ line: String, _ model: ExternalModel
  ) throws(LearningError) -> Facts {
    do {
      return try JSONDecoder().decode(Facts.self, from: Data(line.utf8))
    } catch {
      throw LearningError("\(model.className) printed \"\(line)\" before its first gradient")
    }
  }
}

/// Reads lines from a pipe.
final class LineReader {
  private let handle: FileHandle
  private var buffer: [UInt8] = []

  init(_ handle: FileHandle) { self.handle = handle }

  /// The next line without its end; nil when the pipe is closed.
  func next() -> String? {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n")) {
        let line = String(decoding: buffer[..<end], as: UTF8.self)
        buffer.removeSubrange(...end)
        return line
      }
      var chunk = [UInt8](repeating: 0, count: 4096)
      let count = read(handle.fileDescriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return nil }
      buffer += chunk[..<count]
    }
  }
}

/// Writes a line to a pipe; if the reader is gone, no signal ends this process: the missing
/// answer says it.
private func writeLine(_ line: String, to handle: FileHandle) {
  var pipeSignal = sigset_t()
  var before = sigset_t()
  sigemptyset(&pipeSignal)
  sigaddset(&pipeSignal, SIGPIPE)
  pthread_sigmask(SIG_BLOCK, &pipeSignal, &before)
  let bytes = Array((line + "\n").utf8)
  if write(handle.fileDescriptor, bytes, bytes.count) < 0, errno == EPIPE {
    var none = timespec()
    sigtimedwait(&pipeSignal, nil, &none)
  }
  pthread_sigmask(SIG_SETMASK, &before, nil)
}
