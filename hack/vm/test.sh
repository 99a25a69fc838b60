#!/usr/bin/env bash
# Runs the root and end-to-end tests in virtual machines with Debian's kernel, and ends with one line "N passed, N failed, N skipped".
# Environment:
#   CGROUP=v2|v1|hybrid   how control groups are mounted; default v2
#   INIT=bare|systemd     what process 1 is; default bare. systemd brings cgroup v2, and only the tests that need it run
#   TESTS=TEXT            only tests with this in their names
#   MEMORY=SIZE           of each machine; default 2G
#   MACHINES=N            how many; default 2, which take about the same time: the root tests and the end-to-end tests of images in one, the other
#                         end-to-end tests in the other. When it is set, the machines also share a network segment and look for one another
#   LIMIT=SECONDS         after which a machine is ended; its tests are named and given up two minutes before; default 1500
set -euo pipefail
cd "$(dirname "$0")/../.."
export LIMIT=${LIMIT:-1500}
cgroup=${CGROUP:-v2} init=${INIT:-bare} tests=${TESTS:-} machines=${MACHINES:-2}
case $init in
  bare) process=/hack/vm/guest/init need='' suites='PodAgent.RootTests PodAgent.EndToEnd-EndToEnd.Images. PodAgent.EndToEnd+EndToEnd.Images.' ;;
  systemd) process=/hack/vm/guest/systemd need=systemd suites=PodAgent.EndToEnd machines=${MACHINES:-1} ;;
  *) echo "error: INIT=$init is neither bare nor systemd" >&2; exit 2 ;;
esac
case $cgroup in v2 | v1 | hybrid) ;; *) echo "error: CGROUP=$cgroup is none of v2, v1, hybrid" >&2; exit 2 ;; esac

kernel=$(hack/vm/kernel.sh)
initramfs=$(hack/vm/initramfs.sh "$kernel")
root=$(hack/vm/root.sh "$kernel")
KVM=$(hack/vm/kvm.sh "$kernel" "$initramfs")
export KVM

work=$(mktemp -d)
# However this ends, no machine goes on.
trap 'cat "$work"/*/pid 2>/dev/null | xargs -r kill || true; wait; rm -rf "$work"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
if [ -n "${MACHINES:-}" ] && [ "$machines" -gt 1 ]; then
  # A group of its own for every run on this host.
  SEGMENT=230.77.$((RANDOM % 256)).$((RANDOM % 254 + 1)):$((RANDOM % 20000 + 20000))
  export SEGMENT
fi

# The projects, or parts of them, go round the machines.
declare -A projects
number=0
for project in $suites; do
  machine=$((number % machines + 1))
  projects[$machine]="${projects[$machine]:-} $project"
  number=$((number + 1))
done

for machine in $(seq "$machines"); do
  read -ra mine <<< "${projects[$machine]:-}"
  {
    echo "status=0 LIMIT=$((LIMIT - 120))"
    echo 'export LIMIT'
    [ -z "${SEGMENT:-}" ] || echo "hack/vm/guest/peers $machine $machines || status=1"
    [ ${#mine[@]} = 0 ] || printf 'hack/vm/guest/tests %q %q %s || status=1\n' "$tests" "$need" "${mine[*]}"
    echo 'exit $status'
  } > "$work/job-$machine"
  hack/vm/payload.sh "$work/payload-$machine" "$work/job-$machine" PodAgent.TestRunner $(printf '%s\n' "${mine[@]%%[+-]*}" | sort -u)
  NUMBER=$machine hack/vm/machine.sh "$work/$machine" "$kernel" "$initramfs" "$root" "$work/payload-$machine" \
    podagent.source="$PWD" podagent.init="$PWD$process" podagent.cgroup="$cgroup" podagent.machine="$machine" apparmor=1 security=apparmor \
    2>&1 | sed -u "s/\r$//; s/^/$machine: /" &
done
wait
rm -f "$work"/*/pid

status=0
mkdir -p artifacts/vm
for machine in $(seq "$machines"); do
  mkdir -p "$work/results/$machine"
  tar -xf "$work/$machine/results.disk" -C "$work/results/$machine" 2>/dev/null || true
  cp "$work/$machine/console" "artifacts/vm/console-$machine"
  if [ "$(cat "$work/results/$machine/status" 2>/dev/null)" != 0 ]; then
    status=1
    [ -e "$work/results/$machine/status" ] || { echo "error: machine $machine did not get to its end; its last words (artifacts/vm/console-$machine):" >&2; tail -20 "$work/$machine/console" >&2; }
  fi
done
# A machine that broke before its tests ran is a failure of its own.
cat "$work"/results/*/*.counts 2>/dev/null |
  awk -v status=$status '{p += $1; f += $3; s += $5} END {if (status && !f) f++; printf "%d passed, %d failed, %d skipped\n", p, f, s}'
exit $status
