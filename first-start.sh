#!/bin/sh
# Makes what a first start of docker-compose.yml needs and nobody else may know: passwords, the signing key, and a
# certificate for trying out. Each is made once; what is there is left as it is, so that a file of one's own
# may stand in its place. `rotate NAME…` makes the named ones anew (docs/operating.md).
#
# The files are readable for every account of the containers in which their volume is mounted, which run under
# different ones; who may see a secret is decided by the compose file's volumes.
set -eu
umask 022
cd "${GRADER_SECRETS:-/run/grader}"

random() {
  openssl rand -hex 32
}

# A file appears whole or not at all, also when this is stopped or runs twice at once.
secret() {
  if [ ! -s "$1" ]; then
    random > "$1.new.$$" && mv "$1.new.$$" "$1"
    echo "made $1"
  fi
}

# For localhost and the host of GRADER_PUBLIC_URL. Browsers warn of it until another takes its place.
certificate() {
  host=$(printf '%s' "${GRADER_PUBLIC_URL:-}" | sed -E 's#^[a-z]+://##; s#[/:].*$##')
  case "$host" in
    '' | localhost | *[!A-Za-z0-9.-]*) names="DNS:localhost" ;;
    *[!0-9.]*) names="DNS:localhost,DNS:$host" ;;
    *) names="DNS:localhost,IP:$host" ;;
  esac
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 365 \
    -subj "/CN=${host:-localhost}" -addext "subjectAltName=$names,IP:127.0.0.1,IP:::1" \
    -addext "basicConstraints=critical,CA:FALSE" -addext "extendedKeyUsage=serverAuth" \
    -keyout key.pem.new -out full.pem.new 2>/dev/null
  chmod 0644 key.pem.new
  mv key.pem.new key.pem
  mv full.pem.new full.pem
  echo "$names" > self-signed
  echo "made a self-signed certificate for $names"
}

if [ "${1:-}" = rotate ]; then
  shift
  for name in "$@"; do
    case "$name" in
      database/password | broker/password | signing/key | web/metrics-token) rm -f "$name" ;;
      certificate)
        [ -e certificate/self-signed ] || { echo "first-start: the certificate is your own; put another there" >&2; exit 2; }
        rm -f certificate/full.pem certificate/key.pem ;;
      *) echo "first-start: there is no secret $name; write database/password, broker/password, signing/key, web/metrics-token or certificate" >&2; exit 2 ;;
    esac
  done
fi

for name in database/password broker/password signing/key web/metrics-token; do
  [ ! -d "${name%/*}" ] || secret "$name"
done

[ -d certificate ] || exit 0
cd certificate
if [ -s full.pem ] && [ -s key.pem ]; then
  # A self-signed one that is about to expire is made again; one of one's own is only spoken of.
  if ! openssl x509 -in full.pem -noout -checkend 2592000 >/dev/null; then
    if [ -e self-signed ]; then
      certificate
    else
      echo "first-start: certificate/full.pem cannot be read or ends within 30 days; put another there" >&2
    fi
  fi
elif [ -s full.pem ] || [ -s key.pem ]; then
  echo "first-start: certificate/ holds full.pem or key.pem alone; put both there, or none to have them made" >&2
  exit 2
else
  certificate
fi
