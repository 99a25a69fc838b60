#!/usr/bin/env bash
# Measures every step of a pod. Installs nothing: containerd is measured beside it when it is there (apt-get install containerd runc
# containernetworking-plugins).
#   bench.sh FOLDER-OF-PROGRAMS [--rounds=N] [--pods=N,N]
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "error: pods need root; run it with sudo" >&2; exit 1; }
MSBUILDDISABLENODEREUSE=1 dotnet build tests/PodAgent.Benchmarks -c Release --nologo -v quiet
exec dotnet artifacts/net9.0/bin/PodAgent.Benchmarks/release/PodAgent.Benchmarks.dll "$@"
