#!/bin/sh
# Runs a command with a network, mounts and processes of its own, as root: alone.sh COMMAND…
# What it starts ends with it, also when it is killed; what listens there is reached from nowhere else.
set -eu
exec unshare --mount --net --pid --ipc --uts --fork --kill-child --mount-proc sh -euc '
  ip link set lo up
  # Where podman and its networks note what runs.
  for folder in /run /var/lib/cni /etc/cni/net.d; do
    mkdir -p "$folder"
    mount -t tmpfs none "$folder"
  done
  # Not by exec: a shell as process 1 waits for what others leave behind.
  "$@"' sh "$@"
