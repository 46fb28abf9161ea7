/// Adds `count` floats to others, in place.
func add(_ source: UnsafePointer<Float>, to target: Floats, count: Int) {
  for i in 0..<count { target[i] += source[i] }
}
