#!/bin/sh
# Makes a Keystone that was never started, to be copied by each that is: keystone.sh FOLDER
# The folder then holds keystone.sqlite, the keys, and the user admin with the password "bootstrap".
set -eu

target=$1
here=$(dirname "$0")
sh "$here/debian.sh" keystone faketime

exec 9>"$target.lock"
flock 9
[ ! -e "$target" ] || exit 0

# Keystone's Python is Debian's, whatever other one comes first.
PATH=/usr/bin:/bin:/usr/sbin:/sbin
export PATH
made=$(mktemp -d "$target.XXXXXX")
trap 'rm -rf "$made"' EXIT
cat >"$made/keystone.conf" <<CONF
[database]
connection = sqlite:///$made/keystone.sqlite
[fernet_tokens]
key_repository = $made/fernet-keys
[identity]
password_hash_rounds = 4
CONF

manage() {
  keystone-manage --config-file "$made/keystone.conf" "$@" >"$made/log" 2>&1 9>&- || {
    cat "$made/log" >&2
    exit 1
  }
}
mkdir -m 700 "$made/fernet-keys"
manage db_sync
manage fernet_setup --keystone-user "$(id -un)" --keystone-group "$(id -gn)"
manage bootstrap --bootstrap-password bootstrap
# Readers then do not lock out a writer.
/usr/bin/python3 -c 'import sqlite3, sys; sqlite3.connect(sys.argv[1]).execute("pragma journal_mode = wal")' \
  "$made/keystone.sqlite"
rm "$made/keystone.conf" "$made/log"
mv -T "$made" "$target"
trap - EXIT
