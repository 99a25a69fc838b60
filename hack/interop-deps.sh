#!/bin/sh
# Installs the Node modules of the gRPC interoperability tests into artifacts/interop, unless they are there.
set -eu
root=$(cd "$(dirname "$0")/.." && pwd)
source="$root/tests/PodAgent.Rpc.Tests/Interop"
target="$root/artifacts/interop"
if cmp -s "$source/package-lock.json" "$target/installed-lock.json"; then
  exit 0
fi
mkdir -p "$target"
cp "$source/package.json" "$source/package-lock.json" "$source/.npmrc" "$target/"
(cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
# Last, so that an interrupted installation is not taken for a finished one.
cp "$source/package-lock.json" "$target/installed-lock.json"
