#!/usr/bin/env bash
# Runs test tiers and ends with one line "N passed, N failed, N skipped". Exit status 1 when a test failed, none ran, or something is
# left behind on the machine.
#   test.sh [unit] [root] [e2e]
set -uo pipefail
cd "$(dirname "$0")/.."
framework=${FRAMEWORK:-net9.0}
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT
export PODAGENT_BIN=${PODAGENT_BIN:-$PWD/artifacts/bin-native}
export MSBUILDDISABLENODEREUSE=1 DOTNET_NOLOGO=1

# Tests that need what this machine lacks run in a lane of `make test-vm`; here they are named, not skipped.
lacking=$(hack/lacking.sh)
filter=$(sed 's/\([^,]\+\)/Needs!=\1/g; s/,/\&/g' <<< "$lacking")
not_here() {
  local bin=artifacts/$framework/bin
  dotnet exec "$bin/PodAgent.TestRunner/debug/PodAgent.TestRunner.dll" "$bin/$1/debug/$1.dll" --lacking "$lacking" --list not-here | sed 's/^/  /'
}

status=0
run() {
  local project=$1
  if ! dotnet test "tests/$project" --no-build --nologo --filter "$filter" -p:PodAgentFramework="$framework" --logger "trx;LogFileName=$project.trx" --logger "console;verbosity=minimal" \
      --results-directory "$results" -v quiet > "$results/$project.log" 2>&1; then
    status=1
    grep -vE '^\s*$|Results File|^Test Run|^\[xUnit' "$results/$project.log" | head -200
  fi
  if [ ! -f "$results/$project.trx" ]; then
    echo "error: $project did not report" >&2
    cat "$results/$project.log"
    status=1
  fi
  local counters; counters=$(count "$results/$project.trx")
  echo "  $project: $counters"
  case $project in *.RootTests | *.EndToEnd) not_here "$project" ;; esac
}

count() {
  [ -f "$1" ] || { echo "0 passed, 1 failed, 0 skipped"; return; }
  sed -n 's/.*<Counters total="\([0-9]*\)" executed="\([0-9]*\)" passed="\([0-9]*\)" failed="\([0-9]*\)".*/\1 \2 \3 \4/p' "$1" |
    awk '{printf "%d passed, %d failed, %d skipped", $3, $4, $1 - $2}'
}

# Once more at the end, where whoever reads only the last lines finds it: each failed test and the first line of its cause.
failures() {
  awk '/<UnitTestResult / { name = ""; if (/outcome="Failed"/) { name = $0; sub(/.* testName="/, "", name); sub(/".*/, "", name) } }
    name != "" && /<Message>/ { cause = $0; sub(/.*<Message>/, "", cause); sub(/<\/Message>.*/, "", cause); print "  failed " name ": " substr(cause, 1, 300); name = "" }' "$@" |
    sed 's/&quot;/"/g; s/&lt;/</g; s/&gt;/>/g; s/&#xD;//g; s/&amp;/\&/g'
}

needs_root() {
  if [ "$(id -u)" != 0 ]; then
    echo "error: the $1 tests need root" >&2
    exit 1
  fi
}

before=
for tier in "${@:-unit}"; do
  case $tier in
    unit)
      for project in tests/*.Tests; do run "$(basename "$project")"; done ;;
    root)
      needs_root root
      before=${before:-$(hack/leftovers.sh snapshot)}
      run PodAgent.RootTests ;;
    e2e)
      needs_root end-to-end
      before=${before:-$(hack/leftovers.sh snapshot)}
      run PodAgent.EndToEnd ;;
    *) echo "usage: test.sh [unit] [root] [e2e]" >&2; exit 2 ;;
  esac
done

if [ -n "$before" ] && ! hack/leftovers.sh compare "$before"; then
  status=1
fi

failures "$results"/*.trx
total=$(for trx in "$results"/*.trx; do count "$trx"; echo; done |
  awk '{p += $1; f += $3; s += $5} END {printf "%d passed, %d failed, %d skipped", p, f, s}')
echo "$total"
case $total in "0 passed"*) status=1 ;; esac
exit $status
