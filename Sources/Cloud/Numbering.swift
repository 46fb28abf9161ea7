/// Gives names numbers from 0, so that what every request needs is found by its place.
struct Numbering {
  private var numbers: [String: Int] = [:]

  /// The number of a name: the next one, where it is new.
  mutating func number(of name: String) -> Int {
    if let number = numbers[name] { return number }
    let number = numbers.count
    numbers[name] = number
    return number
  }
}
