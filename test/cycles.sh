#!/bin/sh
# SPDX-License-Identifier: ISC
# How much of a directory must be understood at once: the largest set of files
# of racoon and libipsec that call each other in a circle, from the symbols of
# their object files, is at most $limit.  First shows on seeded files, compiled
# as this build is, that a larger circle is found.
set -eu
limit=5
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# Prints the circles among the object files named; fails if one is too large.
# reach[a,b]: a calls b, by way of others too (Warshall).
circles() {
	for o in "$@"; do
		nm "$o" | awk -v file="$o" '
		    NF == 2 && $1 == "U" { print file, "U", $2 }
		    NF == 3 && $2 == "T" { print file, "T", $3 }'
	done | awk -v limit="$limit" '
	$2 == "T" { of[$3] = $1 }
	{ files[$1]; line[NR] = $0 }
	END {
		for (i = 1; i <= NR; i++) {
			split(line[i], f, " ")
			if (f[2] == "U" && (f[3] in of) && of[f[3]] != f[1])
				reach[f[1], of[f[3]]] = 1
		}
		for (k in files) for (i in files) {
			if (!((i, k) in reach))
				continue
			for (j in files)
				if ((k, j) in reach)
					reach[i, j] = 1
		}
		for (i in files) {
			if (i in told || !((i, i) in reach))
				continue
			n = 0
			names = ""
			for (j in files)
				if ((i, j) in reach && (j, i) in reach) {
					n++
					names = names " " j
					told[j]
				}
			if (n < 2)
				continue
			printf "circle of %d:%s\n", n, names
			if (n > limit)
				failed = 1
		}
		exit failed
	}'
}

setting() {
	sed -n "s/^$1 = //p" Makefile
}
cc=$(setting CC)
flags="$(setting CFLAGS) $(setting HARDEN_CFLAGS) $(setting SANITIZE)"

# seed N: a circle of N files
seed() {
	rm -f "$tmp"/*.o
	i=0
	while [ $i -lt "$1" ]; do
		next=$(((i + 1) % $1))
		echo "int f$i(int); int f$next(int);" \
		    "int f$i(int x) { return x > 0 ? f$next(x - 1) : $i; }" \
		    >"$tmp/f$i.c"
		# shellcheck disable=SC2086
		$cc $flags -c "$tmp/f$i.c" -o "$tmp/f$i.o"
		i=$((i + 1))
	done
	circles "$tmp"/*.o >"$tmp/out"
}

if ! seed $limit || ! grep -q "circle of $limit" "$tmp/out"; then
	echo "cycles.sh: a circle of $limit was refused or not seen"
	exit 1
fi
if seed $((limit + 1)); then
	echo "cycles.sh: a circle of $((limit + 1)) was not found"
	exit 1
fi

# The objects of the libraries, as this build has them.
set --
for source in $(cd "$top" && find libipsec racoon -name '*.c' | sort); do
	dir=$(dirname "$source") base=$(basename "$source" .c)
	for o in "$dir/$base.o" "$dir/.libs/$base.o" \
	    "$dir"/*-"$base.o" "$dir"/.libs/*-"$base.o"; do
		[ -f "$o" ] || continue
		set -- "$@" "$o"
		break
	done
done
[ $# -gt 50 ] || { echo "cycles.sh: only $# object files are here"; exit 1; }
echo "$# object files"
circles "$@"
