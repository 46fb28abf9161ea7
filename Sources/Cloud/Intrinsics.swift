/// The States Language's intrinsic functions.
///
/// `States.Hash`, `States.MathRandom` and `States.UUID` are not offered: the first needs digests
/// that no workflow here uses, the others would draw outside of the named random streams.
enum Intrinsics {
  static func call(_ name: String, _ arguments: [JSONValue]) throws(StateFailure) -> JSONValue {
    let call = Arguments(name: name, values: arguments)
    switch name {
    case "States.Format": return .string(try format(call))
    case "States.StringToJson": return try parse(call)
    case "States.JsonToString": return .string(try call.value(0, of: 1).description)
    case "States.StringSplit": return try split(call)
    case "States.Array": return .array(arguments)
    case "States.ArrayLength": return .integer(Int64(try call.array(0, of: 1).count))
    case "States.ArrayContains":
      return .boolean(try call.array(0, of: 2).contains(try call.value(1, of: 2)))
    case "States.ArrayGetItem": return try item(call)
    case "States.ArrayPartition": return try partition(call)
    case "States.ArrayRange": return try range(call)
    case "States.ArrayUnique": return .array(unique(try call.array(0, of: 1)))
    case "States.MathAdd":
      return .integer(try call.integer(0, of: 2) + (try call.integer(1, of: 2)))
    case "States.JsonMerge": return try merge(call)
    case "States.Base64Encode": return .string(Base64.encode(Array(try call.text(0, of: 1).utf8)))
    case "States.Base64Decode":
      guard let bytes = Base64.decode(try call.text(0, of: 1)) else {
        throw call.invalid("no Base64")
      }
      return .string(String(decoding: bytes, as: UTF8.self))
    default: throw call.invalid("is not offered")
    }
  }

  /// The arguments of a call, checked as they are taken.
  struct Arguments {
    let name: String
    let values: [JSONValue]

    func invalid(_ problem: String) -> StateFailure {
      StateFailure("States.IntrinsicFailure", "\(name): \(problem)")
    }

    func value(_ index: Int, of count: Int) throws(StateFailure) -> JSONValue {
      guard values.count == count else { throw invalid("takes \(count) arguments") }
      return values[index]
    }

    func text(_ index: Int, of count: Int) throws(StateFailure) -> String {
      guard let text = try value(index, of: count).asString else {
        throw invalid("argument \(index + 1) must be a string")
      }
      return text
    }

    func integer(_ index: Int, of count: Int) throws(StateFailure) -> Int64 {
      guard let integer = try value(index, of: count).asInteger else {
        throw invalid("argument \(index + 1) must be a whole number")
      }
      return integer
    }

    func array(_ index: Int, of count: Int) throws(StateFailure) -> [JSONValue] {
      guard let array = try value(index, of: count).asArray else {
        throw invalid("argument \(index + 1) must be an array")
      }
      return array
    }
  }

  private static func format(_ call: Arguments) throws(StateFailure) -> String {
    guard let template = call.values.first?.asString else {
      throw call.invalid("argument 1 must be a string")
    }
    var arguments = call.values.dropFirst()
    var result = ""
    var rest = Substring(template)
    while let character = rest.popFirst() {
      if character == "\\", let escaped = rest.first, escaped == "{" || escaped == "}" {
        result.append(rest.removeFirst())
      } else if character == "{", rest.first == "}" {
        rest.removeFirst()
        guard let value = arguments.popFirst() else { throw call.invalid("too few arguments") }
        result += value.asString ?? value.description
      } else {
        result.append(character)
      }
    }
    guard arguments.isEmpty else { throw call.invalid("too many arguments") }
    return result
  }

  private static func parse(_ call: Arguments) throws(StateFailure) -> JSONValue {
    do {
      return try JSONValue(parsing: try call.text(0, of: 1))
    } catch {
      throw call.invalid("\(error)")
    }
  }

  private static func split(_ call: Arguments) throws(StateFailure) -> JSONValue {
    let (text, separators) = (try call.text(0, of: 2), try call.text(1, of: 2))
    return .array(text.split { separators.contains($0) }.map { .string(String($0)) })
  }

  private static func item(_ call: Arguments) throws(StateFailure) -> JSONValue {
    let (array, index) = (try call.array(0, of: 2), Int(try call.integer(1, of: 2)))
    guard array.indices.contains(index) else { throw call.invalid("no element \(index)") }
    return array[index]
  }

  private static func partition(_ call: Arguments) throws(StateFailure) -> JSONValue {
    let (array, size) = (try call.array(0, of: 2), Int(try call.integer(1, of: 2)))
    guard size > 0 else { throw call.invalid("the size must be positive") }
    return .array(
      stride(from: 0, to: array.count, by: size).map {
        .array(Array(array[$0..<min($0 + size, array.count)]))
      })
  }

  private static func range(_ call: Arguments) throws(StateFailure) -> JSONValue {
    let (first, last) = (try call.integer(0, of: 3), try call.integer(1, of: 3))
    let step = try call.integer(2, of: 3)
    guard step != 0, (last - first) / step < 1000 else {
      throw call.invalid("a range has 1,000 elements at most and a step other than 0")
    }
    return .array(stride(from: first, through: last, by: Int(step)).map { .integer($0) })
  }

  private static func unique(_ elements: [JSONValue]) -> [JSONValue] {
    var seen: Set<JSONValue> = []
    return elements.filter { seen.insert($0).inserted }
  }

  private static func merge(_ call: Arguments) throws(StateFailure) -> JSONValue {
    guard let first = try call.value(0, of: 3).asObject,
      let second = try call.value(1, of: 3).asObject
    else { throw call.invalid("arguments 1 and 2 must be objects") }
    guard try call.value(2, of: 3) == false else {
      throw call.invalid("only shallow merges are offered")
    }
    return .object(first.merging(second) { $1 })
  }
}

/// Bytes as text (RFC 4648).
enum Base64 {
  private static let alphabet = Array(
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  static func encode(_ bytes: [UInt8]) -> String {
    var text: [UInt8] = []
    for start in stride(from: 0, to: bytes.count, by: 3) {
      let group = bytes[start..<min(start + 3, bytes.count)]
      let padded = Array(group) + [UInt8](repeating: 0, count: 3 - group.count)
      let bits = Int(padded[0]) << 16 | Int(padded[1]) << 8 | Int(padded[2])
      for position in 0..<4 {
        let isPadding = position > group.count
        text.append(isPadding ? UInt8(ascii: "=") : alphabet[bits >> (18 - 6 * position) & 63])
      }
    }
    return String(decoding: text, as: UTF8.self)
  }

  static func decode(_ text: String) -> [UInt8]? {
    let digits = text.utf8.filter { $0 != UInt8(ascii: "=") }
    guard text.utf8.count.isMultiple(of: 4), text.utf8.count - digits.count <= 2 else {
      return nil
    }
    var (bits, count) = (0, 0)
    var bytes: [UInt8] = []
    for digit in digits {
      guard let value = alphabet.firstIndex(of: digit) else { return nil }
      bits = bits << 6 | value
      count += 6
      if count >= 8 {
        count -= 8
        bytes.append(UInt8(bits >> count & 255))
      }
    }
    return bytes
  }
}
