#!/usr/bin/env bash
# Prints "yes" when hardware virtualisation boots a machine here, else "no": /dev/kvm alone does not tell (nested, paravirtual).
#   kvm.sh KERNEL INITRAMFS
set -euo pipefail
kernel=$1 initramfs=$2
cd "$(dirname "$0")"
. ./cache.sh

probe() {
  local work
  work=$(mktemp -d)
  truncate -s 1M "$work/disk"
  if [ -w /dev/kvm ] && KVM=yes LIMIT=10 ./machine.sh "$work/machine" "$kernel" "$initramfs" "$work/disk" "$work/disk" podagent.init=probe 2>&1 | grep -q 'the machine boots'; then
    echo yes > "$1"
  else
    echo no > "$1"
  fi
  rm -rf "$work"
}

cat "$(cached kvm "$kernel $initramfs $(cat /proc/sys/kernel/random/boot_id) $(cat machine.sh kvm.sh)" probe)"
