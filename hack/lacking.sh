#!/usr/bin/env bash
# Prints what this machine lacks of what tests may ask for in a trait "Needs", separated by commas. Such tests run in one of the lanes of
# `make test-vm`, and are named wherever they do not.
set -uo pipefail
lacking=()
version=2
[ "$(stat -f -c %T /sys/fs/cgroup)" = cgroup2fs ] || version=1
[ $version = 1 ] || lacking+=(cgroup-v1)
[ $version = 2 ] || lacking+=(cgroup-v2)
# The hierarchy without controllers beside those of version 1.
[ $version = 1 ] && [ -d /sys/fs/cgroup/unified ] || lacking+=(cgroup-hybrid)
[ $version = 2 ] || [ -d /sys/fs/cgroup/unified ] || lacking+=(cgroup-unified)
[ "$(cat /sys/module/apparmor/parameters/enabled 2>/dev/null)" = Y ] && lacking+=(no-apparmor) || lacking+=(apparmor)
[ -d /run/systemd/system ] || lacking+=(systemd)
(IFS=,; echo "${lacking[*]}")
