import CDNNL

/// A matrix somewhere in memory, row by row.
struct Matrix {
  let floats: UnsafePointer<Float>
  let stride: Int
  let isTransposed: Bool

  init(_ floats: UnsafePointer<Float>, stride: Int, isTransposed: Bool = false) {
    self.floats = floats
    self.stride = stride
    self.isTransposed = isTransposed
  }
}

/// oneDNN's engine and stream for one workspace: every call of the library is in this file.
///
/// Operations run on the calling thread alone; several threads each have an engine of their own.
final class OneDNN {
  let engine: dnnl_engine_t
  fileprivate let stream: dnnl_stream_t
  let attributes: dnnl_primitive_attr_t
  /// One scratchpad for all operations, which run one after the other.
  ///
  /// The library's own would belong to the thread that made the operation.
  let scratchpad = FloatBuffer()

  init() {
    OneDNN.useOneThread()
    engine = made { dnnl_engine_create(&$0, dnnl_cpu, 0) }
    let engine = self.engine
    stream = made { dnnl_stream_create(&$0, engine, UInt32(dnnl_stream_default_flags.rawValue)) }
    attributes = made { dnnl_primitive_attr_create(&$0) }
    check(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user))
  }

  deinit {
    dnnl_primitive_attr_destroy(attributes)
    dnnl_stream_destroy(stream)
    dnnl_engine_destroy(engine)
  }

  /// Keeps the library's work on the calling thread; must be called on each thread that computes.
  static func useOneThread() { omp_set_num_threads(1) }

  /// Limits the library to AVX2, so that all machines that have it compute the same bits.
  ///
  /// It works once a process, before the first operation; returns whether AVX2 is now the limit.
  static func limitToAVX2() -> Bool {
    dnnl_set_max_cpu_isa(dnnl_cpu_isa_avx2)
    return dnnl_get_effective_cpu_isa() == dnnl_cpu_isa_avx2
  }

  /// The library's version, for the record of a run.
  static var version: String {
    guard let version = dnnl_version()?.pointee else { return "unknown" }
    return "\(version.major).\(version.minor).\(version.patch)"
  }

  /// The instruction set the library uses, for the record of a run.
  static var instructionSet: String {
    switch dnnl_get_effective_cpu_isa() {
    case dnnl_cpu_isa_sse41: "sse4.1"
    case dnnl_cpu_isa_avx: "avx"
    case dnnl_cpu_isa_avx2: "avx2"
    case dnnl_cpu_isa_avx512_core: "avx512"
    case dnnl_cpu_isa_avx512_core_vnni: "avx512-vnni"
    case dnnl_cpu_isa_avx512_core_bf16: "avx512-bf16"
    case let other: "isa-0x" + String(other.rawValue, radix: 16)
    }
  }

  /// C = A B, or C += A B, in the calling thread.
  static func multiply(
    rows: Int, columns: Int, inner: Int, _ a: Matrix, _ b: Matrix, into c: Floats,
    accumulates: Bool
  ) {
    func flag(_ matrix: Matrix) -> CChar { CChar(UInt8(ascii: matrix.isTransposed ? "T" : "N")) }
    check(
      dnnl_sgemm(
        flag(a), flag(b), dnnl_dim_t(rows), dnnl_dim_t(columns), dnnl_dim_t(inner), 1, a.floats,
        dnnl_dim_t(a.stride), b.floats, dnnl_dim_t(b.stride), accumulates ? 1 : 0, c,
        dnnl_dim_t(columns)))
  }
}

// MARK: - Handles

extension OneDNN {
  /// How a tensor lies in memory.
  final class Layout {
    let handle: cdnnl_layout
    private let isOwned: Bool

    init(_ shape: [Int], _ tag: dnnl_format_tag_t) {
      let dims = shape.map { dnnl_dim_t($0) }
      var created: cdnnl_layout?
      check(cdnnl_layout_create(&created, Int32(dims.count), dims, tag))
      handle = unwrapped(created)
      isOwned = true
    }

    /// A batch of images as this project keeps them: channels innermost.
    convenience init(_ shape: Shape, _ batch: Int) {
      self.init([batch, shape.channels, shape.height, shape.width], dnnl_nhwc)
    }

    /// A layout that belongs to a description.
    fileprivate init(borrowing handle: cdnnl_layout) {
      self.handle = handle
      isOwned = false
    }

    deinit { if isOwned { cdnnl_layout_destroy(handle) } }
  }

  /// What an operation will do, and the layouts the library chose for it.
  final class Description {
    let handle: dnnl_primitive_desc_t

    init(_ make: (inout dnnl_primitive_desc_t?) -> dnnl_status_t) { handle = made(make) }

    deinit { dnnl_primitive_desc_destroy(handle) }

    func layout(_ what: dnnl_query_t) -> Layout {
      Layout(borrowing: unwrapped(dnnl_primitive_desc_query_md(handle, what, 0)))
    }
  }

  /// A tensor that points at memory of others, or at its own.
  final class Memory {
    fileprivate let handle: dnnl_memory_t
    fileprivate let layout: Layout
    private let data: FloatBuffer?

    init(_ engine: OneDNN, _ layout: Layout, ownsData: Bool = false) {
      self.layout = layout
      let bytes = dnnl_memory_desc_get_size(layout.handle)
      let data = ownsData ? FloatBuffer(count: (Int(bytes) + 3) / 4) : nil
      self.data = data
      handle = made { dnnl_memory_create(&$0, layout.handle, engine.engine, data?.floats) }
    }

    deinit { dnnl_memory_destroy(handle) }

    func point(at floats: UnsafePointer<Float>) {
      check(dnnl_memory_set_data_handle(handle, UnsafeMutableRawPointer(mutating: floats)))
    }
  }

  /// An operation with the tensors it works on.
  final class Primitive {
    private let engine: OneDNN
    private let handle: dnnl_primitive_t
    private let scratchpad: Memory
    private var memories: [Memory]
    private var arguments: [dnnl_exec_arg_t]

    init(_ engine: OneDNN, _ description: Description, _ tensors: [(Int32, Memory?)]) {
      self.engine = engine
      handle = made { dnnl_primitive_create(&$0, description.handle) }
      let layout = description.layout(dnnl_query_scratchpad_md)
      // oneDNN 2.6's 1x1 convolution of stride 2 for AVX2 writes whole vectors: with channels that
      // do not fill one, up to eight floats behind the size it asks for. There is room for more.
      engine.scratchpad.reserve((Int(dnnl_memory_desc_get_size(layout.handle)) + 3) / 4 + 64)
      scratchpad = Memory(engine, layout)
      memories = tensors.compactMap(\.1)
      arguments = tensors.compactMap { argument, memory in
        memory.map { dnnl_exec_arg_t(arg: argument, memory: $0.handle) }
      }
      arguments.append(dnnl_exec_arg_t(arg: DNNL_ARG_SCRATCHPAD, memory: scratchpad.handle))
    }

    convenience init(_ engine: OneDNN, reorderFrom from: Memory, to: Memory) {
      let description = Description {
        cdnnl_reorder(
          &$0, engine.engine, engine.attributes, from.layout.handle, to.layout.handle)
      }
      self.init(engine, description, [(DNNL_ARG_FROM, from), (DNNL_ARG_TO, to)])
    }

    deinit { dnnl_primitive_destroy(handle) }

    func run() {
      scratchpad.point(at: engine.scratchpad.floats)
      check(dnnl_primitive_execute(handle, engine.stream, Int32(arguments.count), arguments))
    }
  }
}

private func check(_ status: dnnl_status_t) {
  precondition(status == dnnl_success, "oneDNN \(OneDNN.version) answers status \(status.rawValue)")
}

private func made<Handle>(_ make: (inout Handle?) -> dnnl_status_t) -> Handle {
  var handle: Handle?
  check(make(&handle))
  return unwrapped(handle)
}

private func unwrapped<Handle>(_ handle: Handle?) -> Handle {
  guard let handle else { preconditionFailure("oneDNN gave no handle") }
  return handle
}
