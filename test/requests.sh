#!/bin/sh
# SPDX-License-Identifier: ISC
# doc/SECURITY.md, `What the worker can ask for': each message of
# racoon/base/monmsg.c has its row there, with what is looked at, and there is
# none of others.  First shows on seeded trees that a violation is found.
set -eu
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)

# The names of the messages in the tree.
names() {
	sed -n 's/^	\[MON_[A-Z_]*\] = { "\([a-z-]*\)".*/\1/p' \
	    racoon/base/monmsg.c | sort
}

# The rows of the table, without its head.
rows() {
	awk '/^##/ { in_it = $0 == "### What the worker can ask for" }
	in_it && /^\|/ && ++n > 2' doc/SECURITY.md
}

# Prints the violations of the tree $1; fails if there are any.
check() (
	cd "$1"
	names >"$tmp/names"
	rows | cut -d'|' -f2 | grep -o '`[a-z-]*`' | tr -d '`' |
	    sort >"$tmp/rows" || :
	if [ ! -s "$tmp/names" ]; then
		echo "racoon/base/monmsg.c: no message was found"
		return 1
	fi
	{
		comm -23 "$tmp/names" "$tmp/rows" |
		    sed 's/^/doc\/SECURITY.md: no row says what is permitted of /'
		comm -13 "$tmp/names" "$tmp/rows" |
		    sed 's/^/doc\/SECURITY.md: there is no message, or just one, /'
		rows | awk -F'|' '$3 !~ /[a-z]/ {
			print "doc/SECURITY.md: nothing is said about" $2 }'
	} >"$tmp/bad"
	cat "$tmp/bad"
	[ ! -s "$tmp/bad" ]
)

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# A tree that keeps the rules.
seed() {
	rm -rf "$tmp/t"
	mkdir -p "$tmp/t/doc" "$tmp/t/racoon/base"
	cat >"$tmp/t/doc/SECURITY.md" <<-'END'
		### What the worker can ask for
		| Request | Permitted |
		|---|---|
		| `open` | this |
		| `sa-get`, `sa-set` | that |
		## Keys
		| `other` | of another table |
	END
	printf '\t[MON_OPEN] = { "open", NUM },\n\t[MON_SA_GET] = { "sa-get",
	[MON_SA_SET] = { "sa-set", SA },\n' >"$tmp/t/racoon/base/monmsg.c"
}

# must_fail WHAT FILE SED: a good tree with this change.
must_fail() {
	seed
	sed "$3" "$tmp/t/$2" >"$tmp/new"
	if cmp -s "$tmp/new" "$tmp/t/$2"; then
		echo "requests.sh: $1: nothing was changed"
		exit 1
	fi
	cp "$tmp/new" "$tmp/t/$2"
	if check "$tmp/t" >"$tmp/out"; then
		echo "requests.sh: not found: $1"
		exit 1
	fi
	if ! grep -q "$1" "$tmp/out" || [ "$(wc -l <"$tmp/out")" -ne 1 ]; then
		echo "requests.sh: $1 gave:"
		cat "$tmp/out"
		exit 1
	fi
}

seed
check "$tmp/t" || { echo "requests.sh: a good tree is refused"; exit 1; }
must_fail 'permitted of sa-set' doc/SECURITY.md 's/, `sa-set`//'
must_fail 'just one, sa-set' racoon/base/monmsg.c '/SET/d'
must_fail 'just one, open' doc/SECURITY.md 's/`sa-get`/`open`, &/'
must_fail 'nothing is said about `open`' doc/SECURITY.md 's/ this / /'
must_fail 'no message was found' racoon/base/monmsg.c 's/MON_//'

check "$top"
