#!/usr/bin/env bash
# Runs a CRI validation suite that you have built (critest of kubernetes-sigs/cri-tools) against this project's agent or, as the measure, against
# containerd. Images come from a registry on loopback that is filled with stand-ins (hack/conformance/standins.sh). Leaves nothing behind.
#   conformance.sh --critest FILE [options]
#     --bin FOLDER        podagent, pod-sandbox, podctl (artifacts/bin-native)
#     --runtime NAME      podagent, or containerd: the one on the PATH, or $CONTAINERD
#     --rounds N          how often, each time in another random order (1)
#     --parallel N        processes at once; needs a directory with `ginkgo` on the PATH (1)
#     --focus RE          only specs whose names match
#     --websocket         the streaming specs over WebSocket instead of SPDY
#     --results FOLDER    where reports and logs go (artifacts/conformance)
set -euo pipefail
cd "$(dirname "$0")/.."

critest='' bin=artifacts/bin-native runtime=podagent rounds=1 parallel=1 focus='' websocket='' results=artifacts/conformance
while [ $# -gt 0 ]; do
  case $1 in
    --critest) critest=$(realpath "$2"); shift 2 ;;
    --bin) bin=$2; shift 2 ;;
    --runtime) runtime=$2; shift 2 ;;
    --rounds) rounds=$2; shift 2 ;;
    --parallel) parallel=$2; shift 2 ;;
    --focus) focus=$2; shift 2 ;;
    --websocket) websocket=yes; shift ;;
    --results) results=$2; shift 2 ;;
    *) sed -n '4,13s/^# *//p' "$0" >&2; exit 2 ;;
  esac
done
[ -x "$critest" ] || { echo "error: --critest FILE is the suite's program" >&2; exit 2; }
[ "$(id -u)" = 0 ] || { echo "error: pods need root; run it with sudo" >&2; exit 1; }

# The suite listens on ports of its own choice; its results would be those of whoever has them.
for port in 12000 12001 12002 12003; do
  if (: < "/dev/tcp/127.0.0.1/$port") 2>/dev/null; then echo "error: port $port is in use" >&2; exit 1; fi
done
declare -A packages=([docker-registry]=docker-registry [ipcmk]=util-linux-extra [jq]=jq [curl]=curl)
for program in "${!packages[@]}"; do
  command -v "$program" >/dev/null || { echo "error: $program is missing; apt-get install ${packages[$program]}" >&2; exit 1; }
done

mkdir -p "$results"
results=$(realpath "$results")
bin=$(realpath "$bin")
work=$(mktemp -d /tmp/podagent-conformance.XXXXXX)
chmod 711 "$work" # users of user namespaces pass through it
forwarding=$(cat /proc/sys/net/ipv4/ip_forward)
before=$(hack/leftovers.sh snapshot)
registry_pid='' runtime_pid=''
registry=http://127.0.0.1:15099
agent_flags=(--root "$work/lib" --state "$work/run" --manifests "$work/manifests" --pod-logs "$work/log" --registry-config "$work/certs.d"
  --bridge podagentcri --subnet 10.247.0.0/16 --nftables-table podagent_cri --cgroup-parent podagent-cri)

start_registry() {
  mkdir -p "$work/registry"
  printf '%s\n' 'version: 0.1' 'log: {level: error, accesslog: {disabled: true}}' "storage: {filesystem: {rootdirectory: $work/registry}, delete: {enabled: true}}" \
    "http: {addr: ${registry#http://}}" > "$work/registry.yml"
  docker-registry serve "$work/registry.yml" > "$results/registry.log" 2>&1 &
  registry_pid=$!
  await "the registry" curl -fsS -o /dev/null "$registry/v2/"
  hack/conformance/standins.sh build "$work/standins"
  hack/conformance/standins.sh push "$work/standins" "$registry"
  for host in registry.k8s.io gcr.io k8s.gcr.io public.ecr.aws; do
    mkdir -p "$work/certs.d/$host"
    printf 'server = "%s"\n\n[host."%s"]\n  capabilities = ["pull", "resolve"]\n' "$registry" "$registry" > "$work/certs.d/$host/hosts.toml"
  done
}

await() {
  local what=$1; shift
  for _ in $(seq 200); do
    "$@" >/dev/null 2>&1 && return
    sleep 0.05
  done
  echo "error: $what did not start" >&2
  exit 1
}

start_podagent() {
  mkdir -p "$work/manifests"
  socket=$work/run/podagent.sock
  "$bin/podagent" "${agent_flags[@]}" > "$results/podagent.log" 2>&1 &
  runtime_pid=$!
  await podagent "$bin/podctl" --socket "$socket" version
}

start_containerd() {
  local containerd=${CONTAINERD:-containerd} cni
  socket=$work/containerd.sock
  cni=$(dirname "$(find /usr/lib/cni /opt/cni/bin -name bridge 2>/dev/null | head -n 1)")
  mkdir -p "$work/net.d"
  cat > "$work/config.toml" <<CONFIGURATION
version = 2
root = "$work/lib"
state = "$work/run"
[grpc]
  address = "$socket"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "registry.k8s.io/pause:3.9"
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "${CNI_BIN:-$cni}"
    conf_dir = "$work/net.d"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "$work/certs.d"
CONFIGURATION
  cat > "$work/net.d/10-conformance.conflist" <<CONFIGURATION
{"cniVersion": "0.4.0", "name": "conformance", "plugins": [
  {"type": "bridge", "bridge": "podagentcri", "isGateway": true, "ipMasq": true, "hairpinMode": true,
   "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.247.0.0/16"}]], "routes": [{"dst": "0.0.0.0/0"}], "dataDir": "$work/ipam"}},
  {"type": "portmap", "capabilities": {"portMappings": true}, "snat": true}]}
CONFIGURATION
  "$containerd" --config "$work/config.toml" --log-level warn > "$results/containerd.log" 2>&1 &
  runtime_pid=$!
  await containerd test -S "$socket"
}

finish() {
  status=$?
  trap - EXIT
  if [ -n "$runtime_pid" ]; then
    kill "$runtime_pid" 2>/dev/null && wait "$runtime_pid" 2>/dev/null || true
  fi
  if [ "$runtime" = podagent ]; then
    "$bin/podagent" cleanup "${agent_flags[@]}" || status=1
  else
    ip link delete podagentcri 2>/dev/null || true
    # What its CNI plugins leave empty, unless it was there before.
    for family in ip ip6; do
      grep -q "^nftables table $family nat$" "$before" || nft delete table "$family" nat 2>/dev/null || true
    done
  fi
  if [ -n "$registry_pid" ]; then
    kill "$registry_pid" 2>/dev/null && wait "$registry_pid" 2>/dev/null || true
  fi
  rm -rf "$work"
  echo "$forwarding" > /proc/sys/net/ipv4/ip_forward
  hack/leftovers.sh compare "$before" 'podagentcri|podagent_cri$|podagent-cri(/|$)|podagent-conformance| nat$' || status=1
  exit $status
}
trap finish EXIT

start_registry
"start_$runtime"
declare -a arguments=(--runtime-endpoint="unix://$socket" --ginkgo.timeout=20m --ginkgo.no-color)
[ -z "$focus" ] || arguments+=(--ginkgo.focus="$focus")
[ -z "$websocket" ] || arguments+=(--websocket-exec --websocket-attach --websocket-portforward --ginkgo.focus=Streaming)
[ "$parallel" = 1 ] || arguments+=(--parallel="$parallel")

# Left out: the one image whose digest is fixed, which nothing can stand in for.
arguments+=(--ginkgo.skip='public image with digest')
failed=0
unset HTTP_PROXY http_proxy
for round in $(seq "$rounds"); do
  report=$results/$runtime-$round
  (cd "$results" && "$critest" "${arguments[@]}" --ginkgo.json-report="$report.json" > "$report.log" 2>&1) || failed=$((failed + 1))
  echo "round $round: $(grep -E '^Ran ' "$report.log" | tail -n 1) $(grep -E 'Passed \|' "$report.log" | tail -n 1)"
  grep -E '^ +\[(FAIL|PANICKED|TIMEDOUT)\]' "$report.log" | sort -u || true
done
if [ -f "$report.json" ]; then
  jq -r -f hack/conformance/areas.jq "$report.json" | column -t -s $'\t'
fi
[ $failed = 0 ]
