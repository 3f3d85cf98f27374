#!/bin/sh
# Rebuilds app/static/css/designsystemet.css from tools/theme/vagval.config.json.
# Needs node 20 and npm; only when the theme or the vendor's version changes. Running Vägval needs neither.
# The heading font (app/static/fonts) is Schibsted Grotesk 700, OFL, from @fontsource/schibsted-grotesk 5.3.0, cut to
# Latin-1 and punctuation with fonttools' pyftsubset (kern, liga, tnum, lnum kept); it is not rebuilt here.
set -eu
CSS_VERSION=1.22.0
CLI_VERSION=1.15.0
here=$(cd "$(dirname "$0")" && pwd)
static="$here/../app/static"
work=${1:-$(mktemp -d)}

cd "$work"
if [ ! -d node_modules/@digdir/designsystemet-css ]; then
  npm install --no-save --no-audit --no-fund \
    "@digdir/designsystemet-css@$CSS_VERSION" "@digdir/designsystemet@$CLI_VERSION"
fi
config="$here/theme/vagval.config.json"
cli="node node_modules/@digdir/designsystemet/dist/bin/designsystemet.js"
$cli tokens create --config "$config" --clean -o "$work/tokens"
$cli tokens build --config "$config" --clean -t "$work/tokens" -o "$work/theme"
rm -f "$static"/icons/ds-*.svg
node "$here/theme/bundle.mjs" "$work/theme/vagval.css" node_modules/@digdir/designsystemet-css "$static"
cp node_modules/@digdir/designsystemet-css/LICENSE "$static/css/LICENSE-designsystemet.txt"
echo "$(gzip -c "$static/css/designsystemet.css" | wc -c) bytes gzipped"
