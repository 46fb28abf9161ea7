internal import Traces
internal import Training

extension Vocabulary {
  /// The form of a scenario file: every setting with its range, default and meaning.
  var scenarioForm: Form {
    let selection = frameworks.map {
      Setting($0.name, .record($0.overrides), $0.summary)
    }
    let options = frameworks.map {
      Setting(
        $0.name, .record($0.settings), .filled, "Options of \($0.name), whose values can be swept.")
    }
    return .record(
      [
        Setting("name", .text, "The title of the comparison; the file's name if absent."),
        Setting(
          "seed", .count(0...Int.max), .defaults("1"),
          "The seed of the first replication, below 2^63."),
        Setting(
          "replications", .count(1...10_000), .defaults("1"),
          "How many times each run is repeated with another seed."),
        Setting(
          "provider", .nameOrPath(noun: "provider", of: providers, suffix: ".yaml"),
          .defaults("aws/us-east-1"),
          "A provider by name, or the path of a provider file of your own."),
        Setting(
          "date", .date, "The day whose prices and rules hold; the provider's own if absent."),
        Setting(
          "free-tier", .flag, .defaults("false"), "Whether the bill deducts the free tier."),
        Setting(
          "standing", .name(noun: "charge", of: Scenario.Standing.allCases.map(\.rawValue)),
          .defaults("job"),
          "Whether standing servers are charged for the whole job or for the seconds used."),
        Setting(
          "frameworks", .list(.oneOf(noun: "framework", selection)), .required,
          "The list of frameworks to compare."),
        Setting("workers", .count(1...10_000), .defaults("4"), "The number of workers."),
        Setting("function", functionForm, .filled, "The functions the workers run in."),
        Setting("training", trainingForm, .required, "What is learned, from what and how."),
        Setting("compute", computeForm, .filled, "What replaces the model of computing time."),
        Setting("storage", storageForm, .filled, "Where gradients and models are kept."),
        Setting("network", networkForm, .filled, "The private network that functions are in."),
        Setting(
          "logs", .flag, .defaults("false"), "Whether the log lines of functions are billed."),
        Setting(
          "limits", limitsForm, .filled, "When a run is given up, and what the account allows."),
        Setting(
          "traces", .keyed(noun: "operation", keys: nil, traceForm),
          "Recorded latencies, by operation as in object-store.get."),
        Setting("faults", .list(faultForm), "What goes wrong, one mapping each."),
        Setting(
          "sweep", .sweep(refusing: comparisonSettings),
          "Settings to vary: the product of their values is run."),
        Setting("pipeline", pipelineForm, "Many jobs in each run, in place of one."),
        Setting(
          "expect", expectForm, "What must hold at the end of each run, as in cost: < 0.10 USD."),
        Setting(
          "published", publishedForm, "What others have measured, for `nephoscope validate`."),
      ] + options)
  }

  private var functionForm: Form {
    .record([
      Setting(
        "memory", .quantity(.memory, 128...10_240), .defaults("3008 MB"),
        "Memory in AWS's binary MB, at most the provider's function.memory-max; CPU and network "
          + "grow with it."),
      Setting(
        "architecture", .name(noun: "architecture", of: ["x86_64", "arm64"]), .defaults("x86_64"),
        "The processor."),
      Setting("runtime", .text, .defaults("python3.12"), "The language runtime."),
      Setting(
        "package", .name(noun: "package", of: ["zip", "image"]), .defaults("image"),
        "How the code is delivered."),
      Setting(
        "package-size", .quantity(.size, 1...10_737_418_240), .defaults("800 MB"),
        "What a cold start downloads; 800 MB is an image with PyTorch for CPU (assumed)."),
      Setting(
        "imports", .text, .defaults("pytorch"), "The libraries a cold start imports, or none."),
      Setting(
        "timeout", .quantity(.duration, 1_000_000_000...86_400_000_000_000),
        "When the platform kills an invocation; 'limits.function-timeout' if absent, else 15 min "
          + "or the provider's function.timeout-max, whichever is shorter."),
      Setting(
        "ephemeral-storage", .quantity(.memory, 512...10_240), .defaults("512 MB"),
        "The size of /tmp in AWS's binary MB."),
    ])
  }

  private var computeForm: Form {
    .record([
      Setting(
        "rate", .quantity(.speed, 1_000_000...Int64.max),
        "Floating-point operations per second of a function of this memory."),
      Setting("overhead", .quantity(.duration, 0...Int64.max), "Time added to each batch."),
    ])
  }

  private var storageForm: Form {
    .record([
      Setting(
        "object-store", .name(noun: "storage class", of: ["standard", "express"]),
        .defaults("standard"),
        "The class of the object store that holds gradients and chunks.")
    ])
  }

  private var limitsForm: Form {
    .record([
      Setting(
        "virtual-time", .quantity(.duration, 1_000_000_000...Int64.max), .defaults("24 h"),
        "The longest virtual time of a run."),
      Setting(
        "events", .count(1...Int.max), .defaults("1000000000"),
        "The largest number of events of a run."),
      Setting(
        "concurrency", .count(1...1_000_000),
        "Functions that may run at once; the provider's function.concurrency-max if absent."),
      Setting(
        "scaling-burst", .count(1...1_000_000),
        "New environments of one function at once; the provider's function.scaling-burst if absent."
      ),
      Setting(
        "scaling-per-second", .number(.above(0, through: 1_000_000)),
        "New environments of one function in a second after a burst; the provider's "
          + "function.scaling-per-second if absent."),
      Setting(
        "function-timeout", .quantity(.duration, 1_000_000_000...86_400_000_000_000),
        "The longest that a function may run; the provider's function.timeout-max if absent."),
    ])
  }

  private var pipelineForm: Form {
    .record([
      Setting(
        "at-once", .count(1...10_000), "Jobs that run at the same time at most; all if absent."),
      Setting(
        "jobs", .sweep(refusing: runSettings), .required,
        "Settings of a job to vary: the product of their values are the jobs of a run."),
    ])
  }

  /// Settings that are about the comparison as a whole.
  private var comparisonSettings: [String: String] {
    let keys = ["name", "frameworks", "replications", "sweep", "expect", "published"]
    return Dictionary(uniqueKeysWithValues: keys.map { ($0, "it is about all runs") })
  }

  /// Settings that the jobs of a pipeline have in common.
  private var runSettings: [String: String] {
    let region = [
      "provider", "date", "free-tier", "standing", "compute", "network", "logs", "limits",
      "traces", "faults",
    ]
    return comparisonSettings.merging(region.map { ($0, "the jobs share one region") }) { $1 }
      .merging([
        "function": "the jobs share their functions",
        "pipeline": "a job has no jobs of its own",
        "seed": "the jobs share the seed of their run; 'replications' repeats it with others",
        "training.gradients": "the jobs of a run all learn, or none does",
      ]) { $1 }
  }

  private var traceForm: Form {
    .record([
      Setting("file", .text, .required, "A CSV file, or one compressed with gzip."),
      Setting("column", .text, .required, "The column of latencies, by name."),
      Setting(
        "unit", .name(noun: "unit", of: TraceUnit.allCases.map(\.rawValue)),
        "The unit of the column, unless its name ends in one as in latency_ms."),
      Setting(
        "where", .keyed(noun: "column", keys: nil, .text),
        "The values other columns must have in the rows that count."),
      Setting(
        "missing", .name(noun: "rule", of: TraceFile.Missing.allCases.map(\.rawValue)),
        .defaults("error"), "What becomes of rows whose value is empty or N/A."),
      Setting(
        "mode", .name(noun: "mode", of: TraceSource.Mode.allCases.map(\.rawValue)),
        .defaults("resample"), "Drawn at random, or in the order of the file."),
      Setting(
        "at-end", .name(noun: "end", of: TraceSource.End.allCases.map(\.rawValue)),
        .defaults("repeat"), "What follows the last row of a replay."),
      Setting(
        "includes-transfer", .flag, .defaults("false"),
        "Whether the recorded time includes the transfer of the bytes."),
    ])
  }

  private var expectForm: Form {
    let metrics = Metric.allCases.map {
      Setting($0.rawValue, .comparison(with: $0.form), $0.summary)
    }
    return .record(
      metrics
        + frameworks.map {
          Setting($0.name, .record(metrics), "What must hold for \($0.name) alone.")
        })
  }
}
