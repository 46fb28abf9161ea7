internal import Training

extension Vocabulary {
  /// What is learned, from what and how.
  var trainingForm: Form {
    .record(
      [
        Setting(
          "gradients",
          .name(noun: "kind of gradient", of: TrainingSettings.Gradients.allCases.map(\.rawValue)),
          .defaults("computed"),
          "Really computed, or none: time and cost alone, of any size of model."),
        Setting(
          "model", .nameOrRecord(noun: "model", of: models, pythonSettings),
          "The model that learns: by name, or a PyTorch module of your own."),
        Setting(
          "initial-weights", .existingPath,
          "A safetensors file with the weights to begin with; drawn from the seed if absent."),
        Setting(
          "dataset", .oneOf(noun: "data set", datasetCases), "The data it learns from."),
        Setting(
          "samples", .count(1...1_000_000_000),
          "The number of samples in place of a data set, where gradients are none."),
        Setting(
          "batch-size", .count(1...100_000_000), .defaults("128"), "Samples per worker and step."),
        Setting(
          "global-batch-size", .count(1...100_000_000),
          "Samples of all workers together per step."),
        Setting(
          "gradient-accumulation", .count(1...1_000_000), .defaults("1"),
          "Micro-batches in which a worker computes its minibatch, with the memory of one."),
        Setting("epochs", .count(1...100_000), .defaults("1"), "Passes over the data."),
        Setting("steps", .count(1...Int.max), "Ends the run after this many steps."),
        Setting(
          "optimizer", .oneOf(noun: "optimizer", optimizerCases), .defaults("sgd"),
          "The rule that updates the model."),
        Setting(
          "partition",
          .oneOf(
            noun: "partition",
            [
              Setting("iid", .nothing, "Shuffled: every shard looks like the whole."),
              Setting(
                "dirichlet", .number(.above(0, through: 1e6)),
                "Skewed by label: the smaller alpha, the fewer classes a worker sees."),
            ]), .defaults("iid"), "How samples are divided among workers."),
        Setting(
          "priced-as", .nameOrRecord(noun: "workload", of: workloads, workloadSettings),
          "The workload whose time and cost are charged instead of the model's own."),
        Setting(
          "fetch",
          .name(noun: "way to fetch", of: TrainingSettings.Fetch.allCases.map(\.rawValue)),
          "What a worker fetches at once; as the framework's variant does if absent."),
      ], exclusive: [["batch-size", "global-batch-size"], ["dataset", "samples"]])
  }

  /// A model known by its size and work alone.
  private var workloadSettings: [Setting] {
    let work = Form.quantity(.work, 1...1_000_000_000_000_000_000)
    return [
      Setting(
        "parameters", .count(1...1_000_000_000_000), .required,
        "Trainable numbers, of four bytes each."),
      Setting("forward", work, .required, "The forward pass of one sample, as in 8.2 GFLOP."),
      Setting("backward", work, "The backward pass of one sample; twice the forward if absent."),
      Setting(
        "activations", .quantity(.size, 0...1_000_000_000_000), .defaults("0 B"),
        "What is kept of one sample until its backward pass; counts towards the memory."),
      Setting("tensors", .count(1...1_000_000), .defaults("1"), "Tensors that parameters form."),
      Setting(
        "sample-size", .quantity(.size, 1...1_000_000_000_000),
        "One sample as it is stored; as in the data set if absent."),
    ]
  }

  private var pythonSettings: [Setting] {
    [
      Setting("python", .existingPath, .required, "The file that defines the module."),
      Setting(
        "class", .text, .required,
        "The module's class, made without arguments; it gives one score a class."),
      Setting(
        "interpreter", .text, .defaults("python3"), "The Python to run, which needs PyTorch."),
    ]
  }

  private var datasetCases: [Setting] {
    datasets.map { Setting($0, .nothing, "A data set that comes by name.") } + [
      Setting("idx", .existingPath, "A folder of IDX files named as those of MNIST."),
      Setting(
        "csv",
        .record([
          Setting("path", .existingPath, .required, "A file of numbers, gzipped or not."),
          Setting("label", .text, "The column that is to be learned; the last one if absent."),
        ]), "A table, of which every fifth row is for the test."),
      Setting("cifar-10", .existingPath, "A folder of CIFAR-10's binary version."),
      Setting("synthetic", .record(syntheticSettings), "Drawn from a seed, and said to be so."),
    ]
  }

  private var syntheticSettings: [Setting] {
    let size = Form.count(1...10_000_000)
    return [
      Setting(
        "kind",
        .oneOf(
          noun: "kind of data",
          [
            Setting(
              "dense", .record([Setting("features", size, .required, "Numbers in a row.")]),
              "Dense rows of two classes, like Higgs."),
            Setting(
              "sparse",
              .record([
                Setting("features", size, .required, "Numbers in a row, most of them zero."),
                Setting("entries", size, .required, "Numbers in a row that are not zero."),
              ]), "Sparse rows of two classes, like Criteo."),
            Setting(
              "ratings",
              .record([
                Setting("users", size, .required, "Who rates."),
                Setting("items", size, .required, "What is rated."),
                Setting("rank", .count(1...1000), .defaults("8"), "The rank of the truth."),
              ]), "Ratings from 1 to 5, like MovieLens."),
            Setting(
              "images",
              .record([
                Setting("side", .count(1...1024), .defaults("32"), "Pixels of a side.")
              ]), "Images of ten classes, like CIFAR-10."),
          ]), .required, "What is drawn."),
      Setting("samples", size, .required, "Samples to learn from."),
      Setting("test-samples", size, .required, "Samples of the test."),
      Setting("seed", .count(0...Int.max), .defaults("1"), "The seed of the data."),
    ]
  }

  private var optimizerCases: [Setting] {
    let rate = NumberRange.above(0, through: 100)
    let fraction = NumberRange.from(0, below: 1)
    let common =
      [
        Setting(
          "weight-decay", .number(.closed(0...1)), .defaults("0"),
          "L2 penalty added to the gradient.")
      ] + paceSettings
    return [
      Setting(
        "sgd",
        .record(
          [
            Setting("learning-rate", .number(rate), .defaults("0.05"), "The length of a step."),
            Setting(
              "momentum", .number(fraction), .defaults("0"), "What is kept of the last step."),
            Setting("nesterov", .flag, .defaults("false"), "Nesterov's form of momentum."),
          ] + common), "Stochastic gradient descent."),
      Setting(
        "adam",
        .record(
          [
            Setting("learning-rate", .number(rate), .defaults("0.001"), "The length of a step."),
            Setting("beta1", .number(fraction), .defaults("0.9"), "Decay of the first moment."),
            Setting("beta2", .number(fraction), .defaults("0.999"), "Decay of the second moment."),
            Setting(
              "epsilon", .number(.above(0, through: 1)), .defaults("1e-8"),
              "Keeps the division finite."),
          ] + common), "Adam (Kingma and Ba, 2015)."),
    ]
  }

  /// How the learning rate changes, and what is done to gradients that are too large.
  private var paceSettings: [Setting] {
    let updates = Form.count(1...Int(Int32.max))
    let limit = Form.number(.above(0, through: 1e9))
    return [
      Setting(
        "schedule",
        .oneOf(
          noun: "schedule",
          [
            Setting("constant", .nothing, "Always the learning rate."),
            Setting(
              "step",
              .record([
                Setting("every", updates, .required, "Updates between two changes."),
                Setting(
                  "factor", .number(.above(0, through: 1)), .defaults("0.1"),
                  "What a change multiplies the rate by."),
              ]), "Lower after each so many updates."),
            Setting(
              "cosine",
              .record([
                Setting("updates", updates, .required, "Updates until the floor is reached."),
                Setting(
                  "floor", .number(.closed(0...1)), .defaults("0"),
                  "The share of the rate that remains."),
              ]), "Half a cosine down to a floor."),
            Setting(
              "inverse-square-root", .nothing, "The rate over the square root of the update."),
          ]), .defaults("constant"), "How the learning rate changes with the updates."),
      Setting(
        "warm-up", updates,
        "Updates over which the rate rises from nothing, before the schedule begins."),
      Setting(
        "clip",
        .oneOf(
          noun: "kind of clipping",
          [
            Setting("norm", limit, "Gradients are scaled down to this Euclidean norm."),
            Setting("value", limit, "Entries are held within plus or minus this."),
          ]), "What is done to gradients that are too large; nothing if absent."),
    ]
  }
}
