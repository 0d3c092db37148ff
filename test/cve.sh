#!/bin/sh
# SPDX-License-Identifier: ISC
# doc/SECURITY.md, `What went wrong before': each row names its tests, as
# `program:test', and each is there and is run.  A test that is named after a
# CVE has a row, and each limit of ike/limit.h is in a test.
# First shows on seeded trees that a violation is found.
set -eu
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)

# The rows of the table in the tree's SECURITY.md, without its head.
rows() {
	awk '/^## / { in_it = $0 == "## What went wrong before" }
	in_it && /^\|/ && ++n > 2' doc/SECURITY.md
}

# Does the program $1 have and run the test $2?
is_there() {
	case $1 in
	check_*)
		if [ -f "test/$1.c" ]; then
			grep -q "^START_TEST($2)\$" "test/$1.c" &&
			    grep -v '^START_TEST' "test/$1.c" |
			    grep -q "[ 	]$2[,)]"
		else
			[ -f "test/$1" ] && grep -qF -- "$2" "test/$1"
		fi ;;
	scen_*) grep -qs "{ \"$2\"," "test/sim/$1.c" ;;
	*) false ;;
	esac
}

# Prints the violations of the tree $1; fails if there are any.
check() (
	cd "$1"
	failed=0
	bad() {
		echo "$*"
		failed=1
	}

	if [ "$(rows | wc -l)" -eq 0 ]; then
		bad "doc/SECURITY.md: no row below \`What went wrong before'"
		return 1
	fi
	while IFS='|' read -r _ entry _ _ tests _; do
		names=$(printf '%s\n' "$tests" | grep -o '`[^`]*:[^`]*`' |
		    tr -d '`') || :
		case $names$tests in
		*:*|*"not built"*) ;;
		*) bad "doc/SECURITY.md:$entry: names no test" ;;
		esac
		while IFS=: read -r program name; do
			[ -z "$program" ] || is_there "$program" "$name" ||
			    bad "doc/SECURITY.md:$entry:" \
				"there is no test $program:$name"
		done <<-END
		$names
		END
	done <<-END
	$(rows)
	END
	for name in $(cat test/check_*.c |
	    sed -n 's/^START_TEST(\(cve_[0-9_]*\))$/\1/p'); do
		rows | grep -q ":$name\`" ||
		    bad "doc/SECURITY.md: no row names the test $name"
	done
	for name in $(sed -n 's/^#define[ 	]*\(LIMIT_[A-Z_]*\)[ 	].*/\1/p' \
	    racoon/ike/limit.h); do
		cat test/check_*.c | grep -qw "$name" ||
		    bad "racoon/ike/limit.h: no test is about $name"
	done
	return $failed
)

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# A tree that keeps the rules.
seed() {
	rm -rf "$tmp/t"
	mkdir -p "$tmp/t/doc" "$tmp/t/test/sim" "$tmp/t/racoon/ike"
	(
		cd "$tmp/t"
		cat >doc/SECURITY.md <<-'END'
		# Security
		| No | `check_x:row` | of | it |
		## What went wrong before
		text
		| Entry | Class | Now | Tests |
		|---|---|---|---|
		| CVE-2000-1 | a | b | `check_x:cve_2000_1`, `scen_x:flood` |
		| more | c | d | `check_tool:run 1 -B` |
		| rest | e | f | not built |
		## Limits
		| a | b | c | none |
		END
		printf 'START_TEST(cve_2000_1)\n\t\tcve_2000_1, LIMIT_ONE\n' \
		    >test/check_x.c
		printf '\t{ "flood", flood, 1 },\n' >test/sim/scen_x.c
		printf 'run 1 -B\n' >test/check_tool
		printf '#define LIMIT_ONE\t1\n#define LIMIT_H\n' \
		    >racoon/ike/limit.h
	)
}

# must_fail WHAT FILE SED: a good tree with this change.
must_fail() {
	seed
	sed "$3" "$tmp/t/$2" >"$tmp/new"
	if cmp -s "$tmp/new" "$tmp/t/$2"; then
		echo "cve.sh: $1: nothing was changed"
		exit 1
	fi
	cp "$tmp/new" "$tmp/t/$2"
	if check "$tmp/t" >"$tmp/out"; then
		echo "cve.sh: not found: $1"
		exit 1
	fi
	if ! grep -q "$1" "$tmp/out" || [ "$(wc -l <"$tmp/out")" -ne 1 ]; then
		echo "cve.sh: $1 gave:"
		cat "$tmp/out"
		exit 1
	fi
}

seed
check "$tmp/t" || { echo "cve.sh: a good tree is refused"; exit 1; }
must_fail 'no row below' doc/SECURITY.md \
    's/^## What.*/## Something else/'
must_fail 'no test check_x:cve_2000_1' test/check_x.c \
    's/^START_TEST.*/START_TEST(other)/'
must_fail 'no test check_x:cve_2000_1' test/check_x.c 's/	.*/	LIMIT_ONE/'
must_fail 'no test scen_x:flood' test/sim/scen_x.c 's/flood/flows/'
must_fail 'no test check_tool:run 1 -B' test/check_tool 's/-B/-C/'
must_fail 'no test gone_x:flood' doc/SECURITY.md 's/scen_x/gone_x/'
must_fail 'names no test' doc/SECURITY.md 's/not built/of course/'
must_fail 'no row names the test cve_2000_1' doc/SECURITY.md \
    's/`check_x:cve_2000_1`, //'
must_fail 'no test is about LIMIT_TWO' racoon/ike/limit.h 's/ONE/TWO/'

check "$top"
