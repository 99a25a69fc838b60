#!/usr/bin/env bash
# Installs what a bare Debian machine lacks, by package name, and says so; does nothing when all of it is there.
#   deps.sh run     what building and running need
#   deps.sh test    what the tests need on top
#   deps.sh vm      what the virtual machines and the fresh root of hack/vm need on top
#   deps.sh list run|test|vm...    prints the names only, on one line
set -euo pipefail
cd "$(dirname "$0")/.."

packages_of() {
  case $1 in
    # gcc links the native programs; libseccomp2 and libnftables1 are loaded by the agent; busybox-static is the built-in image.
    run) echo gcc libc6-dev zlib1g-dev libseccomp2 libnftables1 libzstd1 busybox-static ca-certificates ;;
    # The -dev packages hold headers that native declarations are compared with. docker-registry is what images are
    # pulled from, nodejs and npm carry the independent gRPC peer, the rest are
    # tools that tests look at the kernel with.
    test) echo libseccomp-dev libzstd-dev docker-registry procps iproute2 nftables util-linux curl openssl ;;
    # The machine, its root file system (mmdebstrap, e2fsprogs, kmod) and its first file system (cpio, busybox-static).
    vm) echo qemu-system-x86 mmdebstrap debian-archive-keyring e2fsprogs cpio kmod busybox-static ;;
    *) echo "usage: deps.sh run|test|vm | list run|test|vm..." >&2; exit 2 ;;
  esac
}

tier=${1:-run}
if [ "$tier" = list ]; then
  shift
  for tier in "$@"; do packages_of "$tier"; done | xargs
  exit
fi

names=$(packages_of "$tier")
read -ra packages <<< "$names"
if [ "$tier" = test ] && ! { command -v node && command -v npm; } >/dev/null 2>&1; then
  packages+=(nodejs npm)
fi

missing=()
for package in "${packages[@]}"; do
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done

if [ ${#missing[@]} -gt 0 ]; then
  echo "installing ${missing[*]}"
  if [ "$(id -u)" != 0 ]; then
    echo "error: this needs root; run it with sudo" >&2
    exit 1
  fi
  export DEBIAN_FRONTEND=noninteractive
  apt-get -o DPkg::Lock::Timeout=300 update -qq
  apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi

if ! command -v dotnet >/dev/null 2>&1; then
  echo "error: the .NET 10 SDK is not on the PATH" >&2
  exit 1
fi

if [ "$tier" = test ]; then
  hack/interop-deps.sh
fi
