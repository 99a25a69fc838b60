#!/usr/bin/env bash
# Types the README's commands in a new Debian 12 root, from a clone of what is committed here, with nothing but the .NET SDK and what comes
# with it. Package sources, proxies, credentials and certificates are this machine's own; its packages are not.
#   fresh.sh [COMMAND...]     default: "make demo" and "make test"
set -euo pipefail
cd "$(dirname "$0")/../.."
[ $# -gt 0 ] || set -- "make demo" "make test"
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
git diff --quiet HEAD || echo "note: changes that are not committed do not take part"

# Not below /tmp, which may be a tmpfs with less room than two builds take.
root=$(mktemp -d /var/tmp/podagent-fresh.XXXXXX)
trap 'rm -rf --one-file-system "$root"' EXIT
before=$(hack/leftovers.sh snapshot)

# git and make fetch and start it; libicu72 and libstdc++6 are what Microsoft's packages of the SDK depend on.
hack/vm/debian.sh "$root/debian" git make ca-certificates libicu72 libstdc++6
git clone -q --no-local . "$root/debian/root/podagent"

# How this machine reaches its package registries.
for path in /etc/ssl/certs /usr/local/share/ca-certificates /etc/resolv.conf /etc/hosts /etc/npmrc "$HOME/.npmrc" "$HOME/.nuget/NuGet" "$HOME/.nuget/plugins" "$HOME/.config/NuGet"; do
  if [ -e "$path" ]; then
    mkdir -p "$root/debian$(dirname "$path")"
    rm -rf "${root:?}/debian$path"
    cp -aL "$path" "$root/debian$path"
  fi
done
env | grep -iE '^([a-z]+_proxy|NUGET_[A-Z_]*|DOTNET_CLI_[A-Z_]*|SSL_CERT_[A-Z]*|NODE_EXTRA_CA_CERTS|npm_config_[a-z_]*)=' | grep -v '^NUGET_PACKAGES=' > "$root/environment" || true

cat > "$root/inside" <<'INSIDE'
set -euo pipefail
new=$1/debian dotnet=$2
mount --bind "$new" "$new"
mkdir -p "$new$dotnet" "$new/old"
mount --bind "$dotnet" "$new$dotnet"
ln -sf "$dotnet/dotnet" "$new/usr/bin/dotnet"
mount -t proc proc "$new/proc"
mount --rbind /sys "$new/sys"
mount --rbind /dev "$new/dev"
mount -t tmpfs -o mode=755 run "$new/run"
mapfile -t environment < "$1/environment"
cd "$new"
pivot_root . old
umount -l /old
mount --make-rshared /
shift 2
cd /root/podagent
for command in "$@"; do
  echo "\$ $command"
  env -i HOME=/root USER=root TERM="${TERM:-dumb}" LANG=C.UTF-8 PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    "${environment[@]}" bash -c "$command"
done
INSIDE
# A PID namespace of its own: whatever is left over ends with it.
unshare --mount --pid --fork --propagation private bash "$root/inside" "$root" "$dotnet" "$@"
hack/leftovers.sh compare "$before"
echo "fresh: all commands succeeded"
