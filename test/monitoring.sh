#!/bin/sh
# SPDX-License-Identifier: ISC
# What is in doc/monitoring: every metric that the dashboard and the alerts name
# exists, their syntax is right, and the alerts fire when they should.
# promtool has the last word about the text of the metrics.
set -u
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
here=$(cd "${builddir:-.}" && pwd)
dir=$top/doc/monitoring
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
n=0 bad=0

result() {
	n=$((n + 1))
	if [ "$1" -eq 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		[ ! -s "$tmp/said" ] || sed 's/^/# /' "$tmp/said"
		bad=$((bad + 1))
	fi
	: >"$tmp/said"
}

# The names of metrics in text, without those of labels and of alerts.
names() {
	grep -o 'racoon_[a-z0-9_]*' | sort -u
}

# unknown FILE: names that the sample has not
unknown() {
	grep -v '"uid"\|"title"\|"query": "label_values' "$1" |
	    names | while read -r name; do
		grep -q "^${name}[{ ]" "$tmp/sample" || echo "no metric: $name"
	done
}

: >"$tmp/said"
"$here/test/check_metrics" plain >"$tmp/sample" &&
    "$here/test/check_metrics" open >"$tmp/open"
result $? 'a sample of all metrics'
[ "$(names <"$tmp/sample" | wc -l)" -gt 45 ]
result $? 'it has them'

echo 'expr: racoon_no_such_metric_total > 1' >"$tmp/seeded"
[ -n "$(unknown "$tmp/seeded")" ]
result $? 'a metric that does not exist is found'
for file in racoon-dashboard.json racoon-alerts.yml; do
	unknown "$dir/$file" >"$tmp/said"
	[ ! -s "$tmp/said" ]
	result $? "every metric in $file exists"
done

perl -MJSON::PP -0777 -ne '
	my $d = decode_json($_);
	my @p = @{$d->{panels}};
	die "few panels\n" if @p < 10;
	for my $p (@p) {
		die "$p->{title}: no query\n"
		    if grep { ($_->{expr} // "") eq "" } @{$p->{targets}};
	}' "$dir/racoon-dashboard.json" >"$tmp/said" 2>&1
result $? 'the dashboard is JSON, with queries'

# What README.md tells of exists, too.
sed -n 's/^| `\([a-z_`, ]*\)`.*/\1/p' "$dir/README.md" | tr -d '`,' |
    tr ' ' '\n' | while read -r name; do
	[ -z "$name" ] || grep -Eq "^racoon_$name(_bucket)?[{ ]" "$tmp/sample" ||
	    echo "no metric: $name"
done >"$tmp/said"
[ ! -s "$tmp/said" ]
result $? 'every metric in README.md exists'

if ! command -v promtool >/dev/null; then
	echo "ok $((n + 1)) - promtool # SKIP there is none (Debian: prometheus)"
	echo "1..$((n + 1))"
	exit $((bad > 0))
fi
promtool check metrics <"$tmp/sample" >"$tmp/said" 2>&1 && [ ! -s "$tmp/said" ]
result $? 'promtool finds nothing to complain of'
sed 's/^# TYPE racoon_pairs gauge/# TYPE racoon_pairs counter/' "$tmp/sample" |
    promtool check metrics >"$tmp/said" 2>&1
[ $? -ne 0 ] && : >"$tmp/said"
result $? 'and it would'
promtool check rules "$dir/racoon-alerts.yml" >"$tmp/said" 2>&1
result $? 'the alert rules are rules'
promtool test rules "$dir/racoon-alerts-test.yml" >"$tmp/said" 2>&1
result $? 'they fire when they should, and not else'
perl -MJSON::PP -0777 -ne '
	my $n = 0;
	for my $p (@{decode_json($_)->{panels}}) {
		for (@{$p->{targets}}) {
			my $e = $_->{expr};
			$e =~ s/\$instance/x/g;
			printf "  - record: q%d\n    expr: %s\n", $n++,
			    JSON::PP->new->allow_nonref->encode($e);
		}
	}
	BEGIN { print "groups:\n- name: q\n  rules:\n" }' \
    "$dir/racoon-dashboard.json" >"$tmp/queries.yml" &&
    promtool check rules "$tmp/queries.yml" >"$tmp/said" 2>&1
result $? 'the queries of the dashboard are queries'
echo "1..$n"
exit $((bad > 0))
