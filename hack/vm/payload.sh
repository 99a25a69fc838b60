#!/usr/bin/env bash
# Makes the machine's second disk: the source tree as it is checked out, the native programs, the built tests, and the job to run.
#   payload.sh IMAGE JOB-FILE PROJECT...
set -euo pipefail
image=$(realpath "$1") job=$(realpath "$2")
shift 2
cd "$(dirname "$0")/../.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
git ls-files -co --exclude-standard -z | tar --null --files-from=- --ignore-failed-read -cf - 2>/dev/null | tar -C "$work" -xf -
mkdir -p "$work/artifacts/vm"
cp "$job" "$work/artifacts/vm/job"
for folder in bin-native interop $(printf 'net9.0/bin/%s/debug ' "$@"); do
  [ -d "artifacts/$folder" ] || continue
  mkdir -p "$work/artifacts/$(dirname "$folder")"
  cp -a "artifacts/$folder" "$work/artifacts/$folder"
done
hack/vm/readytorun.sh "$work"/artifacts/net9.0/bin/*/debug
rm -f "$image"
mkfs.ext4 -q -F -O ^has_journal -m 0 -L podagent-source -d "$work" "$image" $(($(du -sm "$work" | cut -f1) * 5 / 4 + 32))M
