"""Benchmarks for asv: `make bench` runs them once; `make promises` prints the promised speeds."""
