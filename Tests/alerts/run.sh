#!/bin/sh
# Evaluates the alerts of etc/prometheus on made-up series, by Prometheus' own promtool. Without one on the path it is
# taken out of Debian's package, of which nothing is installed.
set -eu
cd "$(dirname "$0")/../.."
promtool=$(command -v promtool || echo .build/promtool/usr/bin/promtool)
if ! [ -x "$promtool" ]; then
    mkdir -p .build/promtool
    (cd .build/promtool && apt-get download -q prometheus && dpkg -x prometheus_*.deb . && rm prometheus_*.deb)
fi
rules=etc/prometheus/ticketflower.rules.yml
"$promtool" check rules "$rules"
"$promtool" test rules Tests/alerts/alerts.yml
# Each alert is seen to fire.
for alert in $(sed -n 's/^ *- alert: //p' "$rules"); do
    grep -qw "$alert" Tests/alerts/alerts.yml || { echo "Tests/alerts/alerts.yml does not test $alert" >&2; exit 1; }
done
