import Learning
import Scenarios
import Testing

/// The scenario `minimal` with another line of training settings.
private func training(_ settings: String) throws -> TrainingSettings {
  try read("frameworks: [spirt]\ntraining: { \(settings) }\n").training
}

@Suite struct TrainingSettingsTests {
  @Test(
    arguments: [
      (
        "csv: { path: /dev/null, label: species }",
        TrainingSettings.DatasetReference.csv(path: "/dev/null", label: "species")
      ),
      ("csv: { path: /dev/null }", .csv(path: "/dev/null", label: nil)),
      ("cifar-10: /tmp", .cifar10(path: "/tmp")),
      ("idx: /tmp", .idx(path: "/tmp")),
      (
        "synthetic: { kind: { dense: { features: 28 } }, samples: 50, test-samples: 9, seed: 3 }",
        .synthetic(.dense(features: 28), samples: 50, testSamples: 9, seed: 3)
      ),
      (
        "synthetic: { kind: { sparse: { features: 9, entries: 7 } }, samples: 5, test-samples: 9 }",
        .synthetic(.sparse(features: 9, entries: 7), samples: 5, testSamples: 9, seed: 1)
      ),
      (
        "synthetic: { kind: { ratings: { users: 6, items: 4 } }, samples: 5, test-samples: 9 }",
        .synthetic(.ratings(users: 6, items: 4, rank: 8), samples: 5, testSamples: 9, seed: 1)
      ),
      (
        "synthetic: { kind: images, samples: 5, test-samples: 9 }",
        .synthetic(.images(side: 32), samples: 5, testSamples: 9, seed: 1)
      ),
    ])
  func `A data set is named, in files of the user's own, or drawn`(
    text: String, dataset: TrainingSettings.DatasetReference
  ) throws {
    #expect(try training("model: mlp, batch-size: 1, dataset: { \(text) }").dataset == dataset)
  }

  @Test(
    arguments: [
      ("fashion-mnist-fixture, batch-size: 501", "batch-size", 2004, 2000),
      ("synthetic-cifar10, global-batch-size: 5004", "global-batch-size", 5004, 5000),
    ])
  func `A minibatch that the data cannot fill is an error before any data is read`(
    text: String, key: String, needed: Int, count: Int
  ) {
    let vocabulary = Vocabulary.program
    let error = #expect(throws: ScenarioErrors.self) {
      try ScenarioReader(vocabulary: vocabulary).read(
        text: "frameworks: [spirt]\ntraining: { model: mlp, dataset: \(text) }", file: "t.yaml")
    }
    #expect(
      error?.description.contains(
        ": training.\(key): one step of 4 workers takes \(needed) samples, but there are \(count)")
        == true)
  }

  @Test(
    arguments: [
      ("{}", LearningRateSchedule.constant),
      ("{ schedule: inverse-square-root }", .inverseSquareRoot),
      ("{ schedule: { step: { every: 30 } } }", .step(every: 30, factor: 0.1)),
      (
        "{ schedule: { cosine: { updates: 90, floor: 0.5 } }, warm-up: 5 }",
        .warmUp(steps: 5, then: .cosine(steps: 90, floor: 0.5))
      ),
    ])
  func `The pace of an optimizer has a schedule and a warm-up`(
    text: String, schedule: LearningRateSchedule
  ) throws {
    for optimizer in ["sgd", "adam"] {
      let settings = try training(
        "model: mlp, dataset: fashion-mnist, optimizer: { \(optimizer): \(text) }")
      #expect(settings.schedule == schedule)
      #expect(settings.clipping == .none)
    }
  }

  @Test(arguments: [("norm", GradientClipping.norm(2.5)), ("value", .value(2.5))])
  func `Gradients are clipped by norm or by value`(kind: String, clipping: GradientClipping) throws
  {
    let settings = try training(
      "model: mlp, dataset: fashion-mnist, optimizer: { sgd: { clip: { \(kind): 2.5 } } }")
    #expect(settings.clipping == clipping)
  }

  @Test func `A pace can be swept by part`() throws {
    let scenario = try read(
      """
      frameworks: [spirt]
      training:
        model: mlp
        dataset: fashion-mnist
        optimizer: { sgd: { schedule: { cosine: { updates: 10 } } } }
      sweep:
        training.optimizer.sgd.schedule.cosine.updates: [10, 20]
        training.model: [mlp, lenet5]
      """)
    #expect(
      scenario.points.map(\.scenario.training.schedule)
        == [.cosine(steps: 10), .cosine(steps: 10), .cosine(steps: 20), .cosine(steps: 20)])
    #expect(
      scenario.points.map(\.scenario.training.model.name) == ["mlp", "lenet5", "mlp", "lenet5"])
  }

  @Test func `A model is one by name, or a class of a Python file`() throws {
    #expect(try training("model: mlp, dataset: fashion-mnist").model == .named("mlp"))
    let plain = try training("model: { python: /dev/null, class: Net }, dataset: fashion-mnist")
    #expect(plain.model == .python(ExternalModel(file: "/dev/null", className: "Net")))
    let other = try training(
      "model: { python: /dev/null, class: Net, interpreter: python3.9 }, dataset: fashion-mnist")
    #expect(
      other.model
        == .python(
          ExternalModel(file: "/dev/null", className: "Net", interpreter: "python3.9")))
  }

  @Test(
    arguments: [
      (
        "model: { python: gone.py, class: Net }, dataset: fashion-mnist",
        "2:30: training.model.python: there is no file 'gone.py'"
      ),
      (
        "model: { python: /dev/null }, dataset: fashion-mnist",
        "2:20: training.model.class: is missing"
      ),
      (
        "model: { pyton: /dev/null, class: Net }, dataset: fashion-mnist",
        "2:22: training.model: there is no setting 'pyton' (allowed: python, class, interpreter); "
          + "did you mean 'python'?"
      ),
      ("model: [mlp], dataset: fashion-mnist", "2:20: training.model: expected a mapping, not"),
      (
        "model: mlp, dataset: fashion-mnist, initial-weights: none.safetensors",
        "2:66: training.initial-weights: there is no file 'none.safetensors'"
      ),
      (
        "model: mlp, dataset: { csv: { label: x } }",
        "2:41: training.dataset.csv.path: is missing"
      ),
      (
        "model: mlp, dataset: { synthetic: { kind: { dense: { features: 0 } } } }",
        "2:76: training.dataset.synthetic.kind.dense.features: 0 is out of range"
      ),
      (
        "model: mlp, dataset: { synthetic: "
          + "{ kind: { dense: { features: 1000000 } }, samples: 999, test-samples: 2 } }",
        "2:47: training.dataset.synthetic: 1001 samples of 1000000 numbers are too many"
      ),
      (
        "model: mlp, dataset: fashion-mnist, optimizer: { sgd: { schedule: cosin } }",
        "2:79: training.optimizer.sgd.schedule: there is no schedule 'cosin' (allowed: constant, "
          + "step, cosine, inverse-square-root); did you mean 'cosine'?"
      ),
      (
        "model: mlp, dataset: fashion-mnist, optimizer: { sgd: { clip: { norm: 0 } } }",
        "2:83: training.optimizer.sgd.clip.norm: 0 is out of range (allowed: greater than 0"
      ),
      (
        "model: mlp, dataset: fashion-mnist, optimizer: { sgd: { warm-up: 0 } }",
        "2:78: training.optimizer.sgd.warm-up: 0 is out of range"
      ),
    ])
  func `What training cannot be is told with its place`(settings: String, report: String) {
    let issues = issues(in: "frameworks: [spirt]\ntraining: { \(settings) }\n")
    #expect(issues.contains { $0.hasPrefix("test.yaml:" + report) }, "\(issues)")
  }
}
