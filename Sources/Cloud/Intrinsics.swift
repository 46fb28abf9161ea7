internal import SimulationKernel

/// The States Language's intrinsic functions.
enum Intrinsics {
  /// - Parameter luck: what `States.UUID` and `States.MathRandom` draw from.
  static func call(
    _ name: String, _ arguments: [JSONValue], luck: IntrinsicLuck
  ) throws(StateFailure) -> JSONValue {
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
    case "States.Hash": return .string(try hash(call))
    case "States.UUID":
      guard arguments.isEmpty else { throw call.invalid("takes no arguments") }
      return .string(luck.uuid())
    case "States.MathRandom": return .integer(try random(call, luck))
    default: throw call.invalid("there is no such function")
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

  private static func hash(_ call: Arguments) throws(StateFailure) -> String {
    let text = try call.text(0, of: 2)
    guard let digest = MessageDigest(rawValue: try call.text(1, of: 2)) else {
      throw call.invalid("argument 2 must be MD5, SHA-1, SHA-256, SHA-384 or SHA-512")
    }
    guard text.count <= 10_000 else { throw call.invalid("the text has more than 10,000 letters") }
    return digest.hex(of: text)
  }

  /// A whole number from the first argument on and below the second; always the same one for the
  /// same third argument.
  private static func random(_ call: Arguments, _ luck: IntrinsicLuck) throws(StateFailure) -> Int64
  {
    let count = call.values.count == 3 ? 3 : 2
    let (start, end) = (try call.integer(0, of: count), try call.integer(1, of: count))
    guard start < end, end - start <= Int64(Int32.max) else {
      throw call.invalid("the end must lie above the start")
    }
    guard count == 3 else { return start + luck.integer(below: end - start) }
    let seed = UInt64(bitPattern: try call.integer(2, of: 3))
    let seeded = IntrinsicLuck(RandomStream(seed: seed, purpose: "States.MathRandom"))
    return start + seeded.integer(below: end - start)
  }
}

/// The random numbers of one execution's intrinsic functions.
final class IntrinsicLuck {
  private var random: RandomStream

  init(_ random: RandomStream) { self.random = random }

  /// A number from 0 on and below `bound`.
  func integer(below bound: Int64) -> Int64 { Int64(random.uniform(below: Int(bound))) }

  /// A random identifier (RFC 9562, version 4).
  func uuid() -> String {
    let high = random.next() & ~0xf000 | 0x4000
    let low = random.next() & ~(3 << 62) | 1 << 63
    let digits = (high.bigEndianBytes + low.bigEndianBytes).hex
    var rest = Substring(digits)
    return [8, 4, 4, 4, 12].map { length in
      defer { rest.removeFirst(length) }
      return String(rest.prefix(length))
    }.joined(separator: "-")
  }
}
