#!/usr/bin/env bash
# Shows one pod's whole life, with an agent of its own in a temporary directory, and leaves nothing behind.
#   demo.sh FOLDER-OF-PROGRAMS
set -euo pipefail
cd "$(dirname "$0")/.."
bin=$(realpath "${1:?usage: demo.sh FOLDER}")
[ "$(id -u)" = 0 ] || { echo "error: pods need root; run it with sudo" >&2; exit 1; }

work=$(mktemp -d /tmp/podagent-demo.XXXXXX)
export PODAGENT_SOCKET=$work/run/podagent.sock
podctl=$bin/podctl
before=$(hack/leftovers.sh snapshot)
agent=
step() { printf '\n\033[1m%s\033[0m\n' "== $*"; }
show() { printf '\033[2m$ podctl %s\033[0m\n' "$*"; "$podctl" "$@"; }

start_agent() {
  # The agent says READY=1 to systemd; here its socket's first answer says the same.
  "$bin/podagent" --root "$work/lib" --state "$work/run" --manifests "$work/manifests" --pod-logs "$work/log" \
    --bridge podagentdemo --subnet 10.89.0.0/24 --nftables-table podagent_demo --cgroup-parent podagent-demo \
    >>"$work/agent.log" 2>&1 &
  agent=$!
  for _ in $(seq 100); do
    "$podctl" version >/dev/null 2>&1 && return
    kill -0 "$agent" 2>/dev/null || break
    sleep 0.05
  done
  echo "error: podagent did not start" >&2
  cat "$work/agent.log" >&2
  exit 1
}

finish() {
  status=$?
  trap - EXIT
  if [ -n "$agent" ] && kill -0 "$agent" 2>/dev/null; then
    rm -f "$work"/manifests/*
    "$podctl" delete pods --all --force >/dev/null 2>&1 || true
    kill "$agent" 2>/dev/null && wait "$agent" 2>/dev/null || true
  fi
  [ $status = 0 ] || { echo "the agent's log:" >&2; cat "$work/agent.log" >&2; }
  "$bin/podagent" cleanup --root "$work/lib" --state "$work/run" --bridge podagentdemo --subnet 10.89.0.0/24 \
    --nftables-table podagent_demo --cgroup-parent podagent-demo || status=1
  rm -rf "$work"
  step "what is left on the machine"
  hack/leftovers.sh compare "$before" || status=1
  exit $status
}
trap finish EXIT

# The process of a container as the node sees it: the first of its cgroup.
host_pid() {
  local id
  id=$("$podctl" get pod demo -o yaml | awk -v name="$1" '/containerID:/ {id = $NF} $1 == "name:" && $2 == name && id {print id; exit}' | sed 's|.*//||')
  cat "$(find /sys/fs/cgroup -path "*$id/cgroup.procs" | head -n 1)" | head -n 1
}

# What must not change while the agent is away.
identity() { "$podctl" get pod demo -o json | grep -E '"(containerID|startedAt|restartCount)"'; }

# Waits until the pod's line of the table matches.
await() {
  for _ in $(seq 200); do
    "$podctl" get pods 2>/dev/null | grep -qE "$1" && return
    sleep 0.1
  done
  echo "error: waited in vain for: $1" >&2
  "$podctl" describe pods >&2
  exit 1
}

step "start the agent"
mkdir -p "$work/manifests"
start_agent
show version
show images

step "put manifests/demo.yaml into the manifest directory"
cp manifests/demo.yaml "$work/manifests/"
show wait --for=condition=Ready pod/demo
show get pods -o wide

step "both containers share the pod's namespaces, and nothing else"
for ns in net ipc uts mnt pid cgroup; do
  printf '  %-7s web %s   client %s\n' $ns \
    "$("$podctl" exec demo -c web -- readlink /proc/self/ns/$ns)" "$("$podctl" exec demo -c client -- readlink /proc/self/ns/$ns)"
done

step "logs and exec"
show logs demo -c client --tail=2
show exec demo -c client -- wget -q -O - http://127.0.0.1:8080/
busybox wget -q -O - http://127.0.0.1:18080/ | sed 's/^/  from the node, through the hostPort: /'

step "kill the web server: it comes back with a higher restart count"
# From outside: the kernel protects process 1 of a PID namespace from signals that come from inside it.
kill -9 "$(host_pid web)"
await '^demo .*2/2 .*Running +1 '
show get pods

step "kill the agent with SIGKILL and start another: the pod does not notice"
identity_before=$(identity)
kill -9 "$agent"; wait "$agent" 2>/dev/null || true
sleep 1
start_agent
show get pods
[ "$(identity)" = "$identity_before" ] || { echo "error: the containers are not the same" >&2; exit 1; }
show logs demo -c client --tail=3

step "what happened"
show events

step "remove the manifest: the pod goes"
rm "$work/manifests/demo.yaml"
show wait --for=delete pod/demo
show get pods
