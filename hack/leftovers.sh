#!/usr/bin/env bash
# What this project can leave on a machine: mounts, network interfaces, nftables tables, cgroups, processes, directories.
#   leftovers.sh snapshot            prints a file name that holds the present state
#   leftovers.sh compare FILE [RE]   fails, and names each thing, when something (that matches) is there now that was not there then
set -uo pipefail

list() {
  awk '{print "mount " $5}' /proc/self/mountinfo
  for link in /sys/class/net/*; do echo "interface ${link##*/}"; done
  if command -v nft >/dev/null 2>&1; then nft list tables 2>/dev/null | sed 's/^/nftables /'; fi
  find /sys/fs/cgroup -type d \( -name '*podagent*' -o -path '*podagent*' \) 2>/dev/null | sed 's/^/cgroup /'
  # By their names: a pod-sandbox runs from a detached mount, so its exe link says nothing.
  for process in /proc/[0-9]*; do
    case $( { tr "\0" " " < "$process/cmdline"; } 2>/dev/null) in
      pod-sandbox* | */pod-sandbox\ * | podagent\ * | */podagent\ *)
        echo "process ${process#/proc/} $(cat "$process/comm" 2>/dev/null) $( { tr '\0' ' ' < "$process/cmdline"; } 2>/dev/null)" ;;
    esac
  done
  find /run /var/lib /var/log /tmp -maxdepth 1 \( -name 'podagent*' -o -path /run/netns \) 2>/dev/null | sed 's/^/directory /'
}

case ${1:-} in
  snapshot)
    file=$(mktemp /tmp/leftovers.XXXXXX)
    list | LC_ALL=C sort -u > "$file"
    echo "$file" ;;
  compare)
    # What is about to end, as a supervisor whose agent has just gone, is given a moment.
    for _ in {1..20}; do
      new=$(comm -13 "$2" <(list | LC_ALL=C sort -u) | grep -E -- "${3:-}")
      [ -n "$new" ] || break
      sleep 0.25
    done
    rm -f "$2"
    if [ -n "$new" ]; then
      echo "left behind:" >&2
      echo "$new" | sed 's/^/  /' >&2
      exit 1
    fi
    echo "  nothing left behind" ;;
  *) echo "usage: leftovers.sh snapshot | compare FILE" >&2; exit 2 ;;
esac
