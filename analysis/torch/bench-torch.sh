#!/bin/sh
# Measures gradients and vector kernels beside PyTorch, which it installs from PyPI where missing.
# Arguments go to bench.py: --models, --batches, --rounds, --parts.
set -eu

cd "$(dirname "$0")/../.."
swift build --configuration release --static-swift-stdlib --product nephoscope-bench
bench="$(swift build --configuration release --show-bin-path)/nephoscope-bench"

python="${NEPHOSCOPE_PYTHON:-python3}"
if ! "$python" -c "import torch" 2> /dev/null; then
  environment=".build/torch"
  if [ ! -x "$environment/bin/python" ]; then
    echo "installing PyTorch into $environment" >&2
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet torch numpy
  fi
  python="$environment/bin/python"
fi

exec "$python" analysis/torch/bench.py "$bench" "$@"
