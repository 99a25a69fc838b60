#!/usr/bin/env bash
# Measures every step of a pod, many pods at once, lists, logs, streams and pulls. Installs nothing: containerd is measured beside it when it is
# on this machine (apt-get install containerd runc containernetworking-plugins) or in another Debian root, such as a newer one:
#   SUITE=sid hack/vm/debian.sh /srv/sid containerd runc containernetworking-plugins    (needs mmdebstrap)
#   bench.sh FOLDER-OF-PROGRAMS [--containerd-root=/srv/sid | --no-containerd] [--only=PART,PART] [--rounds=N] [--pods=N,N] [--parallel=N]
# Parts: floor lifecycle podstart parallel list log streams pull memory.
set -euo pipefail
cd "$(dirname "$0")/.."
[ "$(id -u)" = 0 ] || { echo "error: pods need root; run it with sudo" >&2; exit 1; }
MSBUILDDISABLENODEREUSE=1 dotnet build tests/PodAgent.Benchmarks -c Release --nologo -v quiet
# The client compiles its own copies of the framework's code, which are better than the precompiled ones: measured is what it talks to.
DOTNET_ReadyToRun=0 exec dotnet artifacts/net9.0/bin/PodAgent.Benchmarks/release/PodAgent.Benchmarks.dll "$@"
