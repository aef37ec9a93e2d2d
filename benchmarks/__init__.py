"""Speed and memory, measured: ``python -m benchmarks`` prints every figure beside its peer, in one run."""
