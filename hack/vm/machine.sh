#!/usr/bin/env bash
# Boots one machine and returns when it has switched itself off. What its job writes comes out here; kernel messages go to FOLDER/console.
#   machine.sh FOLDER KERNEL INITRAMFS ROOT PAYLOAD [KERNEL-PARAMETER...]
# Environment: MEMORY (2G), CPUS (1), SEGMENT (host:port of a multicast group: a network card on a segment of its own), NUMBER (1), LIMIT (seconds)
set -euo pipefail
folder=$1 kernel=$2 initramfs=$3 root=$4 payload=$5
shift 5
memory=${MEMORY:-2G} cpus=${CPUS:-1} number=${NUMBER:-1}
mkdir -p "$folder"
truncate -s 64M "$folder/results.disk"

accelerator=tcg,thread=multi
if [ "${KVM:-no}" = yes ]; then accelerator=kvm; fi

# An emulated processor pays for what makes a real one fast or safe: vectors of 32 bytes, five levels of page tables, guards, keys of pages, and
# string instructions, which it runs unit by unit (erms is bytes; without rep_good, 112, the kernel clears and copies in plain loops). What it
# translates it finds again by virtual and physical address: where every process has its code at the same place (norandmaps), one
# translation of libc serves them all (docs/testing.md has the figure). On one processor an expedited grace period costs nothing.
# The images are shared: what a machine writes goes to a layer that is gone with it.
arguments=(
  -nodefaults -no-user-config -no-reboot -display none -machine pc -cpu "max,-avx,-avx2,-la57,-smap,-smep,-pku,-mpx,-erms" -accel "$accelerator" -smp "$cpus" -m "$memory"
  -kernel "$kernel/vmlinuz" -initrd "$initramfs"
  -append "console=ttyS0 loglevel=5 panic=-1 net.ifnames=0 mitigations=off norandmaps clearcpuid=112 rcupdate.rcu_expedited=1 $*"
  -drive "file=$root,format=raw,if=virtio,snapshot=on,cache=unsafe"
  -drive "file=$payload,format=raw,if=virtio,readonly=on"
  -drive "file=$folder/results.disk,format=raw,if=virtio,cache=unsafe"
  -nic "user,model=virtio-net-pci,restrict=on,ipv6=off"
  -serial "file:$folder/console" -serial stdio
)
if [ -n "${SEGMENT:-}" ]; then
  arguments+=(-netdev "socket,id=segment,mcast=$SEGMENT" -device "virtio-net-pci,netdev=segment,mac=52:54:00:77:00:$(printf %02x "$number")")
fi
echo $$ > "$folder/pid"
# Ends with the process that started it, however that ends.
TMPDIR=$folder exec setpriv --pdeathsig TERM timeout --kill-after=10 "${LIMIT:-1500}" qemu-system-x86_64 "${arguments[@]}" < /dev/null
