#!/usr/bin/env bash
# Prints an ext4 image of a Debian 12 root: systemd, what the tests need (hack/deps.sh), the kernel's modules, and this machine's .NET.
#   root.sh KERNEL-FOLDER
set -euo pipefail
kernel=$(realpath "$1")
cd "$(dirname "$0")"
. ./cache.sh

dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
packages="systemd systemd-sysv dbus udev kmod apparmor nodejs $(../deps.sh list run test)"

make_image() (
  image=$1
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  ./debian.sh "$work/root" $packages
  cp -a "$kernel/lib/modules" "$work/root/usr/lib/"
  # The runtime and the test runner of the SDK, not the compilers.
  sdk=$(ls -d "$dotnet"/sdk/*/ | sort -V | tail -1)
  mkdir -p "$work/root/usr/share/dotnet/vstest"
  cp -a "$dotnet"/{dotnet,host,shared} "$work/root/usr/share/dotnet/"
  cp -a "$sdk"/{vstest.console.*,Microsoft.TestPlatform.*,Microsoft.VisualStudio.TestPlatform.*,NuGet.Frameworks.dll,Newtonsoft.Json.dll,Extensions} "$work/root/usr/share/dotnet/vstest/" 2>/dev/null || true
  ln -sf ../share/dotnet/dotnet "$work/root/usr/bin/dotnet"
  # With a journal: without one ext4 looks for inodes deleted in the last minute whenever it makes one, and tests delete many.
  mkfs.ext4 -q -F -O ^metadata_csum -J size=64 -E lazy_itable_init=1 -m 0 -L podagent-root -d "$work/root" "$image" 6G
)

# Any change of what goes in makes a new image; new versions of the same packages do not.
cached root.ext4 "$packages $(dotnet --list-runtimes) $(dotnet --list-sdks) $kernel $(cat root.sh debian.sh)" make_image
