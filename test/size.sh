#!/bin/sh
# SPDX-License-Identifier: ISC
# Functions: at most 100 lines (60 is worth a warning) and 6 parameters;
# files: at most 800 lines.  How many parameters the historical pfkey_send_...()
# have is not ours to say.  First shows on seeded files that each is found.
set -eu
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)

if ! ctags --version 2>/dev/null | grep -q Universal; then
	echo "size.sh: needs Universal Ctags (Debian: universal-ctags)"
	exit 77
fi

# Prints what is too big in the directories $2... of the tree $1.
check() (
	cd "$1"
	shift
	find "$@" -name '*.[ch]' | sort >"$tmp/list"
	ctags -x --language-force=C --kinds-C=f --fields=+neS \
	    --_xformat='%{input} %{name} %{line} %{end} %{signature}' \
	    -L "$tmp/list" >"$tmp/functions"
	failed=0
	awk '
	# Commas between parameters, not those within a function pointer.
	function parameters(text,   i, c, depth, n) {
		if (text ~ /^\( *(void)? *\)$/)
			return 0
		n = 1
		for (i = 1; i <= length(text); i++) {
			c = substr(text, i, 1)
			depth += (c == "(") - (c == ")")
			if (c == "," && depth == 1)
				n++
		}
		return n
	}
	{
		lines = $4 - $3 + 1
		text = $0
		sub(/^[^(]*/, "", text)
		at = $1 ":" $3 ": " $2 "()"
		if ($4 !~ /^[0-9]+$/) {
			print at ": its end was not found"
			failed = 1
		} else if (lines > 100) {
			print at ": " lines " lines, at most 100"
			failed = 1
		} else if (lines > 60)
			print at ": warning: " lines " lines, better at most 60"
		if ($1 ~ /^libipsec\/compat_[a-z_]+\.c$/ &&
		    $2 ~ /^pfkey_send_/)
			next
		if (parameters(text) > 6) {
			print at ": " parameters(text) " parameters, at most 6"
			failed = 1
		}
	}
	END {
		if (NR == 0) {
			print "no function was found"
			failed = 1
		}
		exit failed
	}' "$tmp/functions" || failed=1
	while read -r file; do
		n=$(($(wc -l <"$file")))
		if [ "$n" -gt 800 ]; then
			echo "$file: $n lines, at most 800"
			failed=1
		fi
	done <"$tmp/list"
	exit $failed
)

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
mkdir "$tmp/t"

# A function of $1 lines, counted from its name to its brace.
function_of() {
	printf 'int\nf(int x)\n{\n'
	yes '	x++;' | head -n $(($1 - 4))
	printf '	return x;\n}\n'
}

# A file of $1 lines.
file_of() {
	function_of 5
	yes '/* why */' | head -n $(($1 - 6))
}

expect() {
	if check "$tmp" t >"$tmp/out"; then
		result=good
	else
		result=bad
	fi
	[ -s "$tmp/out" ] || echo nothing >"$tmp/out"
	if [ $result != "$1" ] || ! grep -q "$2" "$tmp/out"; then
		echo "size.sh: expected $1, \"$2\"; got $result:"
		cat "$tmp/out"
		exit 1
	fi
}

function_of 60 >"$tmp/t/x.c"
expect good '^nothing$'
function_of 61 >"$tmp/t/x.c"
expect good 'x.c:2: f(): warning: 61 lines'
function_of 100 >"$tmp/t/x.c"
expect good 'warning: 100 lines'
function_of 101 >"$tmp/t/x.c"
expect bad 'x.c:2: f(): 101 lines'
function_of 101 | sed '1s/^/static inline /' >"$tmp/t/x.h"
function_of 5 >"$tmp/t/x.c"
expect bad 'x.h:2: f(): 101 lines'
rm "$tmp/t/x.h"
file_of 800 >"$tmp/t/x.c"
expect good '^nothing$'
file_of 801 >"$tmp/t/x.c"
expect bad 'x.c: 801 lines'
printf 'int\nf(int a, int b, int c,\n    int d, int e, void (*g)(int, int))\n{\n}\n' \
    >"$tmp/t/x.c"
expect good '^nothing$'
printf 'int\nf(int a, int b, int c,\n    int d, int e, int g, int h)\n{\n}\n' \
    >"$tmp/t/x.c"
expect bad 'f(): 7 parameters'
sed 's/^f(/pfkey_send_f(/' "$tmp/t/x.c" >"$tmp/t/y.c"
expect bad 'pfkey_send_f(): 7 parameters'
rm "$tmp/t/y.c"
: >"$tmp/t/x.c"
expect bad 'no function was found'

check "$top" libipsec setkey racoon test
