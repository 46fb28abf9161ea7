for run in try Comparison.runs() {
  print(run.framework, run.time, run.bill.total, "accuracy \(run.accuracy ?? 0)", separator: "\t")
}
