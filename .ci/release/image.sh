#!/bin/sh
# Builds the image where no registry can be reached: .ci/release/image.sh [FOLDER]
# The Dockerfile's two base images are stood in for by Debian's own packages (debootstrap) and by the Node and npm of
# this machine, in an image store of this script's own. The result is FOLDER/image.tar, for `docker load`.
set -eu

cd "$(dirname "$0")/../.."
# The Node that `npm ci` brings, also where this is not run by npm.
PATH=$PWD/node_modules/.bin:$PATH
folder=$(mkdir -p "${1:-build/image}" && cd "${1:-build/image}" && pwd)
version=$(node -p 'require("./package.json").version')
node=$(node -p process.execPath)
npm=$(dirname "$(dirname "$(readlink -f "$(command -v npm)")")")
image=stx-fleet-gateway:$version

[ "$(id -u)" = 0 ] || { echo '.ci/release/image.sh: only root may make file systems of other users' >&2; exit 1; }
# The last ones are what image.test.ts runs it with.
sh test/setup/debian.sh buildah debootstrap podman runc catatonit containernetworking-plugins iptables iproute2
rm -rf "$folder/store" "$folder/run"
store() {
  command=$1
  shift
  buildah --root "$folder/store" --runroot "$folder/run" "$command" "$@"
}

# What Debian's slim images leave out is left out, for a size that can be compared.
base=$folder/bookworm-slim.tar
if [ ! -e "$base" ]; then
  rm -rf "$folder/root"
  debootstrap --variant=minbase bookworm "$folder/root" >"$folder/debootstrap.log"
  (cd "$folder/root" && rm -rf usr/share/doc/* usr/share/man/* usr/share/info/* usr/share/locale/* \
    usr/share/lintian usr/share/linda var/cache/apt/* var/lib/apt/lists/* var/log/* var/cache/debconf/*-old)
  tar -C "$folder/root" -cf "$base.new" . && mv "$base.new" "$base"
  rm -rf "$folder/root"
fi

# As the official image has them.
tree=$folder/node/usr/local
rm -rf "$folder/node" && mkdir -p "$tree/bin" "$tree/lib/node_modules"
cp "$node" "$tree/bin/node"
cp -r "$npm" "$tree/lib/node_modules/npm"
ln -s ../lib/node_modules/npm/bin/npm-cli.js "$tree/bin/npm"
tar -C "$folder/node" -cf "$folder/node.tar" . && rm -rf "$folder/node"

stand_in() {
  name=$1
  shift
  container=$(store from scratch)
  for layer in "$@"; do store add --quiet "$container" "$layer" / >/dev/null; done
  store config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "$container"
  store commit --quiet --rm "$container" "$name" >/dev/null
}
stand_in docker.io/library/debian:bookworm-slim "$base"
stand_in docker.io/library/node:24-bookworm-slim "$base" "$folder/node.tar"

# npm's cache has what `npm ci` brought here.
store bud --quiet --isolation chroot --pull=never --format docker --volume "$(npm config get cache):/root/.npm" \
  --build-arg "VERSION=$version" --build-arg "REVISION=$(git rev-parse HEAD 2>/dev/null || echo unknown)" \
  --tag "$image" .
rm -f "$folder/image.tar"
store push --quiet "$image" "docker-archive:$folder/image.tar:$image"
echo "$folder/image.tar: $image, $(($(stat -c %s "$folder/image.tar") / 1000000)) MB"
