#!/usr/bin/env bash
# Makes the base of all images from Debian's packages, without a registry: base-image.sh IMAGE
# Needs root, debootstrap and a running Docker engine. An image that is there already is kept.
set -euo pipefail
image=${1:?usage: base-image.sh IMAGE}
suite=${DEBIAN_SUITE:-bookworm}

if docker image inspect "$image" >/dev/null 2>&1; then
    echo "$image is there already; to make it anew: docker image rm $image"
    exit 0
fi
command -v debootstrap >/dev/null || { echo "debootstrap is missing: apt-get install debootstrap" >&2; exit 2; }

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
echo "installing Debian $suite and Python into an empty folder (about a minute)"
debootstrap --variant=minbase --include=python3 "$suite" "$folder" ${DEBIAN_MIRROR:-} >"$folder.log" 2>&1 || {
    tail -n 5 "$folder.log" >&2
    echo "debootstrap has failed; all that it said is in $folder.log" >&2
    exit 2
}
rm -f "$folder.log"

# What no image needs: package lists and caches, documentation, logs, and programs that gain rights.
rm -rf "$folder"/var/cache/* "$folder"/var/lib/apt/lists/* "$folder"/var/log/* "$folder"/debootstrap \
    "$folder"/usr/share/{doc,man,info,locale,lintian,common-licenses}/*
find "$folder/root" -mindepth 1 -delete
find "$folder" -xdev -type f -perm /6000 -exec chmod a-s {} +

tar -C "$folder" --numeric-owner --one-file-system -c . |
    docker import --change "LABEL autograder.base=$suite" - "$image"
