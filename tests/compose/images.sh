#!/bin/sh
# Builds every image of docker-compose.yml from Debian's packages alone, for machines that cannot pull images:
# localhost/grader, localhost/standin-nginx, -redis and -postgres. Needs podman, and debootstrap unless BASE is set.
#
#   PODMAN        the command (podman)
#   BUILD_ARGS    options of `podman build` that this machine needs (--network=host …)
#   BASE          an image of Debian bookworm; without it one is made as localhost/debian-base, with this machine's
#                 package sources, pip's configuration and wheels, and the certificates that it trusts
set -eu
cd "$(dirname "$0")/../.."
PODMAN=${PODMAN:-podman}

if [ -z "${BASE:-}" ]; then
  BASE=localhost/debian-base:bookworm
  if ! $PODMAN image exists "$BASE"; then
    root=$(mktemp -d)
    trap 'rm -rf "$root"' EXIT
    # The first mirror that this machine itself uses.
    mirror=$(apt-cache policy | sed -nE 's#^ *[0-9]+ (https?://[^ ]+) bookworm/main .*#\1#p' | head -n 1)
    debootstrap --variant=minbase --include=ca-certificates bookworm "$root" "$mirror" >&2
    printf 'deb %s bookworm main\ndeb %s bookworm-updates main\n' "$mirror" "$mirror" > "$root/etc/apt/sources.list"
    # Beside Debian's own, which its packages write anew.
    cp /etc/ssl/certs/ca-certificates.crt "$root/etc/ssl/local.crt"
    wheels=${PIP_FIND_LINKS:-}
    printf '[global]\ncert = /etc/ssl/local.crt\n' > "$root/etc/pip.conf"
    if [ -d "$wheels" ]; then
      mkdir -p "$root/opt/wheels"
      cp "$wheels"/*.whl "$root/opt/wheels/"
      echo 'find-links = /opt/wheels' >> "$root/etc/pip.conf"
    fi
    tar -C "$root" --exclude=./dev -c . | $PODMAN import --change 'ENV NODE_EXTRA_CA_CERTS=/etc/ssl/local.crt' \
      --change 'ENV PIP_CERT=/etc/ssl/local.crt' - "$BASE"
  fi
fi

# shellcheck disable=SC2086 # they are several
build() {
  $PODMAN build ${BUILD_ARGS:-} --format docker --build-arg BASE="$BASE" "$@"
}
build --tag localhost/grader .
for name in nginx redis postgres; do
  build --target "$name" --tag "localhost/standin-$name" tests/compose
done
