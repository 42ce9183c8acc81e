#!/bin/sh
# Runs a root file system as a container would: run-image.sh ROOT CONFIG SPOOL COMMAND…
# Read-only, as process 1 of its own, as user 65532 without any capability. It shares this machine's network, and is
# limited neither in memory nor by seccomp: that is a container runtime's.
set -eu
root=$1 config=$2 spool=$3
shift 3
exec unshare --mount --pid --ipc --uts --fork --kill-child sh -euc '
  root=$1 config=$2 spool=$3
  shift 3
  mount --bind "$root" "$root"
  mount --bind "$config" "$root/etc/stx-fleet-gateway"
  mount -o remount,bind,ro "$root/etc/stx-fleet-gateway"
  mount --bind "$spool" "$root/var/spool/stx-fleet-gateway"
  mount -t proc proc "$root/proc"
  mount --rbind /dev "$root/dev"
  mount -o remount,bind,ro "$root"
  exec chroot "$root" setpriv --reuid 65532 --regid 65532 --clear-groups --no-new-privs --inh-caps=-all \
    --bounding-set=-all "$@"
' sh "$root" "$config" "$spool" "$@"
