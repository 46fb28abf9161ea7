import Foundation
import Scenarios
import SimulationKernel
import Testing

/// A scenario with a mistake: its lines, and how the report of the mistake begins.
struct BadScenario: Sendable, CustomTestStringConvertible {
  let text: String
  let report: String
  var testDescription: String { report }

  /// `line` added to a scenario that is right, as its third line.
  init(adding line: String, _ report: String) {
    text = minimal + line
    self.report = "test.yaml:3:" + report
  }

  init(_ text: String, _ report: String) {
    self.text = text
    self.report = "test.yaml:" + report
  }
}

private let unknownNames: [BadScenario] = [
  BadScenario(
    adding: "workrs: 4", "1: there is no setting 'workrs' (allowed: name, seed, replications, "),
  BadScenario(
    adding: "function: { memry: 1 GB }",
    "13: function: there is no setting 'memry' (allowed: memory, architecture, "),
  BadScenario(
    adding: "spirt: { minibatches-per-rond: 4 }",
    "10: spirt: there is no setting 'minibatches-per-rond' (allowed: variant, "),
  BadScenario(
    adding: "all-reduce: { speed: 4 }",
    "15: all-reduce: there is no setting 'speed' (allowed: variant)"),
  BadScenario(
    "frameworks: [spirit]\ntraining: { model: mlp, dataset: fashion-mnist }",
    "1:14: frameworks[0]: there is no framework 'spirit' (allowed: spirt, mlless, all-reduce); "
      + "did you mean 'spirt'?"),
  BadScenario(
    "frameworks: [spirt]\ntraining: { model: lenet, dataset: fashion-mnist }",
    "2:20: training.model: there is no model 'lenet' (allowed: logistic-regression, mlp, lenet5); "
      + "did you mean 'lenet5'?"),
  BadScenario(
    "frameworks: [spirt]\ntraining: { model: mlp, dataset: fashion-minst }",
    "2:34: training.dataset: there is no data set 'fashion-minst' (allowed: fashion-mnist, "),
  BadScenario(
    adding: "standing: shred",
    "11: standing: there is no charge 'shred' (allowed: job, shared); did you mean 'shared'?"),
  BadScenario(
    adding: "expect: { acuracy: \">= 0.5\" }",
    "11: expect: there is no setting 'acuracy' (allowed: accuracy, loss, time, "),
  BadScenario(
    "frameworks: [spirt]\ntraining: { model: mlp, dataset: fashion-mnist, optimizer: sdg }",
    "2:60: training.optimizer: there is no optimizer 'sdg' (allowed: sgd, adam); "
      + "did you mean 'sgd'?"
  ),
]

private let wrongNames: [BadScenario] = [
  BadScenario(
    adding: "provider: aws/us-esat-1",
    "11: provider: there is no provider 'aws/us-esat-1' (allowed: aws/us-east-1, aws/eu-west-3); "
      + "did you mean 'aws/us-east-1'?"),
  BadScenario(
    adding: "provider: mine.yaml", "11: provider: there is no file 'mine.yaml' (looked for "),
]

private let wrongValues: [BadScenario] = [
  BadScenario(adding: "workers: 0", "10: workers: 0 is out of range (allowed: 1 to 10000)"),
  BadScenario(adding: "workers: 10001", "10: workers: 10001 is out of range"),
  BadScenario(adding: "workers: -3", "10: workers: -3 is out of range"),
  BadScenario(adding: "workers: 2.5", "10: workers: '2.5' is not a whole number"),
  BadScenario(adding: "workers: many", "10: workers: 'many' is not a whole number"),
  BadScenario(adding: "workers: [2, 4]", "10: workers: expected a whole number, not a list"),
  BadScenario(adding: "workers:", "9: workers: has no value"),
  BadScenario(adding: "seed: -1", "7: seed: -1 is out of range"),
  BadScenario(
    adding: "seed: 99999999999999999999",
    "7: seed: 99999999999999999999 is out of range (allowed: 0 to 9223372036854775807)"),
  BadScenario(adding: "free-tier: yes", "12: free-tier: 'yes' is not a flag (allowed: true or"),
  BadScenario(adding: "date: 2025-13-01", "7: date: '2025-13-01' is not a day"),
  BadScenario(adding: "date: 2025-02-30", "7: date: '2025-02-30' is not a day"),
  BadScenario(adding: "date: yesterday", "7: date: 'yesterday' is not a day"),
  BadScenario(
    adding: "function: { memory: 64 MB }",
    "21: function.memory: 64 MB is out of range (allowed: 128 MiB to 10 GiB)"),
  BadScenario(
    adding: "function: { memory: 3008 }",
    "21: function.memory: '3008' needs a unit: MB, MiB, GB or GiB"),
  BadScenario(
    adding: "function: { memory: 3008 ms }",
    "21: function.memory: '3008 ms' is a duration: expected a memory size"),
  BadScenario(adding: "function: 3008 MB", "11: function: expected a mapping, not '3008 MB'"),
  BadScenario(
    adding: "mlless: { significance-threshold: nan }",
    "35: mlless.significance-threshold: 'nan' is not a number (allowed: 0 to 10)"),
  BadScenario(
    adding: "spirt: { poll-interval: 100 }",
    "25: spirt.poll-interval: '100' needs a unit: ns, us, ms, s, min or h"),
  BadScenario(
    adding: "expect: { accuracy: 0.75 }",
    "21: expect.accuracy: '0.75' is not a comparison with a number (allowed: <, <=, ==, >= or >"),
  BadScenario(
    adding: "expect: { accuracy: \">= 75\" }",
    "21: expect.accuracy: 75 is out of range (allowed: 0 to 1)"),
  BadScenario(
    adding: "expect: { cost: \"< 10\" }", "17: expect.cost: '10' needs a unit: USD"),
  BadScenario(
    adding: "expect: { cost: \"< 0.0000000000001 USD\" }",
    "17: expect.cost: '0.0000000000001 USD' is finer than the smallest unit, 1e-12 USD"),
  BadScenario(
    adding: "name: \"a\\e[31mb\"", "7: name: has a control character in it"),
  BadScenario(
    adding: "faults: [{ crash: 2, at: 3 s }]",
    "19: faults[0].crash: '2' names nobody (allowed: worker 0, worker 1, …, "),
  BadScenario(
    "frameworks: [spirt]\ntraining: { model: mlp, dataset: { idx: nowhere }  }",
    "2:41: training.dataset.idx: there is no file 'nowhere'"),
  BadScenario(
    "frameworks: []\ntraining: { model: mlp, dataset: fashion-mnist }",
    "1:13: frameworks: the list is empty"),
  BadScenario(
    """
    frameworks: [spirt]
    training:
      model: mlp
      dataset: fashion-mnist
      optimizer: { sgd: { learning-rate: 0 } }
    """,
    "5:38: training.optimizer.sgd.learning-rate: 0 is out of range "
      + "(allowed: greater than 0, at most 100)"),
]

private let contradictions: [BadScenario] = [
  BadScenario(
    "frameworks: [spirt]\ntraining: { model: mlp }",
    "2:11: training.dataset: is missing"),
  BadScenario("workers: 4", "1:1: frameworks: is missing"),
  BadScenario(
    "frameworks: [spirt, spirt]\ntraining: { model: mlp, dataset: fashion-mnist }",
    "1:21: frameworks: 'spirt' is listed twice with the same options"),
  BadScenario(
    """
    frameworks: [spirt]
    training: { model: mlp, dataset: fashion-mnist, batch-size: 8, global-batch-size: 32 }
    """,
    "2:64: training: 'batch-size' and 'global-batch-size' exclude each other"),
  BadScenario(
    "frameworks: [spirt]\ntraining: { model: mlp, dataset: fashion-mnist, global-batch-size: 30 }",
    "2:68: training.global-batch-size: 30 samples cannot be divided among 4 workers equally"),
  BadScenario(
    """
    frameworks: [spirt]
    training: { model: mlp, dataset: fashion-mnist, batch-size: 8, gradient-accumulation: 3 }
    """,
    "2:87: training.gradient-accumulation: 8 samples cannot be divided into 3 micro-batches"),
  BadScenario(
    adding: "faults: [{ crash: worker 4, at: 3 s }]",
    "19: faults: there is no worker 4 among 4 (allowed: worker 0 to worker 3)"),
  BadScenario(
    adding: "expect: { mlless: { accuracy: \"> 0\" } }",
    "19: expect.mlless: 'mlless' is not among the frameworks of this scenario (allowed: spirt)"),
  BadScenario(
    adding: "sweep: { wokers: [1] }",
    "10: sweep: there is no setting 'wokers'; did you mean 'workers'?"),
  BadScenario(
    adding: "sweep: { function.memroy: [1 GB] }",
    "10: sweep: there is no setting 'function.memroy'; "
      + "did you mean 'function.memory'?"),
  BadScenario(
    adding: "sweep: { workers: [2, 0] }",
    "23: sweep.workers[1]: 0 is out of range (allowed: 1 to 10000)"),
  BadScenario(adding: "sweep: { workers: 4 }", "19: sweep.workers: expected a list, not '4'"),
  BadScenario(adding: "sweep: { name: [a, b] }", "10: sweep: 'name' cannot be varied"),
  BadScenario(
    adding: "sweep: { mlless.significance-threshold: [0, 1] }",
    "41: sweep.mlless.significance-threshold: 'mlless' is not among the frameworks"),
  BadScenario(
    adding: "sweep: { training.optimizer.adam.learning-rate: [0.1] }",
    "50: training.optimizer.adam.learning-rate: does not apply: the scenario says 'sgd' there"),
]

private let brokenText: [BadScenario] = [
  BadScenario("", "1:1: is empty"),
  BadScenario("# nothing but a comment\n", "1:1: is empty"),
  BadScenario("just text", "1:1: expected a mapping, not 'just text'"),
  BadScenario("- a\n- b", "1:1: expected a mapping, not a list"),
  BadScenario("name: [a", "2:1: not valid YAML: "),
  BadScenario("name: a\n\tworkers: 4", "2:1: not valid YAML: "),
  BadScenario("a: 1\nb: 2\na: 3", "1:1: the key 'a' is given twice in the same mapping"),
  BadScenario("name: &x a\nseed: 1", "1:7: YAML anchors and aliases are not used here"),
  BadScenario("name: a\n---\nname: b", "2:1: not valid YAML: but found another document"),
  BadScenario("name: !!python/object a", "1:7: YAML tags are not used here"),
  BadScenario("? [a, b]\n: 1", "1:3: a key must be plain text"),
  BadScenario("name: a\u{0}b", "1:1: is a binary file"),
  BadScenario("\u{FEFF}workrs: 4\n" + minimal, "1:1: there is no setting 'workrs'"),
]

@Suite struct BadScenarioTests {
  @Test(arguments: unknownNames + wrongNames + wrongValues + contradictions + brokenText)
  func `Each mistake is reported at its place`(bad: BadScenario) {
    let found = issues(in: bad.text)
    #expect(found.contains { $0.hasPrefix(bad.report) }, "\(found)")
  }

  @Test func `All mistakes of a file are reported at once, in its order`() {
    let found = issues(
      in: """
        workrs: 4
        frameworks: [spirt, mles]
        function:
          memory: 3008
          timeout: 2
        training:
          model: lenet5
          dataset: fashion-mnist
          batch-size: 0
        sweep: { workers: [0, 1] }
        expect: { cost: cheap }
        """)
    let places = found.map { $0.split(separator: " ")[0] }
    #expect(
      places == [
        "test.yaml:1:1:", "test.yaml:2:21:", "test.yaml:4:11:", "test.yaml:5:12:",
        "test.yaml:9:15:", "test.yaml:10:20:", "test.yaml:11:17:",
      ])
  }

  @Test func `A byte order mark is no mistake`() {
    #expect(issues(in: "\u{FEFF}" + minimal).isEmpty)
  }

  @Test func `A deeply nested file is refused and does not overflow the stack`() {
    let found = issues(in: "name: " + String(repeating: "[", count: 100_000))
    #expect(found.count == 1)
    #expect(found[0].contains("not valid YAML"))
  }

  @Test func `Bytes that are not UTF-8 are placed by line`() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data(Array("name: a\nseed: ".utf8) + [0xFF, 0xFE]).write(to: url)
    defer { unlink(url.path) }
    let error = #expect(throws: ScenarioErrors.self) {
      try ScenarioReader(vocabulary: vocabulary).read(file: url.path)
    }
    #expect(error?.description == "\(url.path):2:1: is not UTF-8 text")
  }

  @Test func `A huge file is refused before it is read`() throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try Data(count: 5 << 20).write(to: url)
    defer { unlink(url.path) }
    let error = #expect(throws: ScenarioErrors.self) {
      try ScenarioReader(vocabulary: vocabulary).read(file: url.path)
    }
    #expect(error?.description.contains("is 5242880 bytes long") == true)
  }

  @Test(arguments: [("/tmp", "is a directory"), ("/nonexistent.yaml", "there is no such file")])
  func `A directory and a missing file are named`(path: String, expected: String) {
    let error = #expect(throws: ScenarioErrors.self) {
      try ScenarioReader(vocabulary: vocabulary).read(file: path)
    }
    #expect(error?.description.hasPrefix("\(path):1:1: \(expected)") == true)
  }

  @Test(arguments: 0..<20)
  func `A file damaged at random is read or refused, and never ends the program`(seed: UInt64) {
    let file = """
      name: "Quick\\u0041"
      frameworks: [spirt, { mlless: { significance-threshold: 0.5 } }]
      training: { model: mlp, dataset: fashion-mnist, partition: { dirichlet: 1 } }
      function: { memory: 2 GB, timeout: 90 s }
      traces: { object-store.get: { file: a.csv, column: b_ms, where: { c: d } } }
      faults: [{ crash: worker 1, at: 3 s }]
      sweep: { workers: [2, 4] }
      expect: { accuracy: ">= 0.5", spirt: { cost: "< 1 USD" } }

      """
    let letters = Array("[]{}:,-#&*!|>'\"%@`?\t\n \u{0}0e.~".utf8)
    var random = RandomStream(seed: seed, purpose: "damage")
    for _ in 0..<50 {
      var bytes = Array(file.utf8)
      for _ in 0...random.uniform(below: 4) {
        let place = random.uniform(below: bytes.count)
        switch random.uniform(below: 3) {
        case 0: bytes.remove(at: place)
        case 1: bytes[place] = letters[random.uniform(below: letters.count)]
        default: bytes.insert(letters[random.uniform(below: letters.count)], at: place)
        }
      }
      let found = issues(in: String(decoding: bytes, as: UTF8.self))
      #expect(!found.contains { $0.hasPrefix("another error") })
    }
  }
}
