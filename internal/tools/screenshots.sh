#!/usr/bin/env bash
# Takes the pictures of docs/images with a real browser: starts `starter dev --demo` on ports of its own and opens
# a run of the demo in Temporal's UI. Needs Chromium, and the servers that `make tools` installs.
set -euo pipefail
cd "$(dirname "$0")/../.."

readonly address=127.0.0.1:17233 ui=http://127.0.0.1:18233 scope=openshift-resourcequotas/prod-1
work=$(mktemp -d)
browser=$(command -v chromium || command -v chromium-browser || command -v google-chrome) || {
  echo "No Chromium on PATH: install it (Debian: apt-get install chromium)." >&2
  exit 1
}

go build -o "$work/" ./starter ./worker
"$work/starter" dev --demo --port 17233 --ui-port 18233 --listen 127.0.0.1:14000 >"$work/log" 2>&1 &
readonly dev=$!
stop() {
  kill "$dev" 2>/dev/null || true
  wait "$dev" || true
  rm -rf "$work"
}
trap stop EXIT
until grep -q '^Running' "$work/log"; do
  kill -0 "$dev" 2>/dev/null || { cat "$work/log" >&2; exit 1; }
  sleep 1
done

# Of the scope's runs the one that changed something.
temporal=$(command -v temporal || find .cache/tools -name temporal -type f | head -n 1)
run=$("$temporal" workflow list --address "$address" --query "WorkflowId='$scope' AND Outcome='applied'" -o json |
  sed -n 's/.*"runId": *"\([^"]*\)".*/\1/p' | head -n 1)

shoot() { # FILE HEIGHT PAGE
  "$browser" --headless --no-sandbox --disable-gpu --hide-scrollbars --no-first-run --disable-background-networking \
    --disable-component-update --disable-sync --user-data-dir="$work/profile" --virtual-time-budget=15000 \
    --window-size="1500,$2" --screenshot="docs/images/$1" \
    "$ui/namespaces/default/workflows/${scope/\//%2F}/$run/$3" 2>/dev/null
  echo "took docs/images/$1"
}
mkdir -p docs/images
shoot run.png 1120 history
shoot plan.png 900 user-metadata
