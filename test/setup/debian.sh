#!/bin/sh
# Installs the Debian packages that tests need: debian.sh PACKAGE…
# What is installed is left as it is, no service is started, and runs side by side wait for one another.
set -eu

policy=/usr/sbin/policy-rc.d
kept=$policy.stx-fleet-gateway
lock=/var/lock/stx-fleet-gateway-debian.lock

missing() {
  for package in "$@"; do
    state=$(dpkg-query --show --showformat='${db:Status-Status}' "$package" 2>/dev/null || true)
    [ "$state" = installed ] || printf ' %s' "$package"
  done
}

fail() {
  echo "test/setup/debian.sh: $1" >&2
  exit 1
}

[ $# -gt 0 ] || fail 'name the packages that are needed'
command -v apt-get >/dev/null && command -v dpkg-query >/dev/null ||
  fail "these tests need Debian's packages ($*): run them on Debian, or run \`npm run test:fast\`"
[ -n "$(missing "$@")" ] || exit 0
[ "$(id -u)" = 0 ] ||
  fail "not root: install them once with \`sudo apt-get install --no-install-recommends$(missing "$@")\`, or run \`npm run test:fast\`"

exec 9>"$lock"
flock 9
# Another run may have installed them meanwhile.
wanted=$(missing "$@")
[ -n "$wanted" ] || exit 0

# 101: "not allowed" to every start of a service. A policy of the machine's own is put back at the end, also
# when an earlier run was killed midway.
restore() {
  if [ -e "$kept" ]; then mv -f "$kept" "$policy"; else rm -f "$policy"; fi
}
if [ -e "$policy" ] && [ ! -e "$kept" ]; then mv "$policy" "$kept"; fi
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"

export DEBIAN_FRONTEND=noninteractive
install() {
  # shellcheck disable=SC2086 # one word per package
  apt-get install -y --no-install-recommends -o DPkg::Lock::Timeout=120 -o Dpkg::Options::=--force-unsafe-io \
    $wanted 9>&-
}
# An index of packages that is there already, and good, saves its download.
# shellcheck disable=SC2086
if ! apt-get install -y --simulate --no-install-recommends $wanted >/dev/null 2>&1; then
  apt-get update 9>&- || fail 'the list of packages could not be fetched'
  install || fail "could not install$wanted"
  exit 0
fi
install || { apt-get update 9>&- && install; } || fail "could not install$wanted"
