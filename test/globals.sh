#!/bin/sh
# SPDX-License-Identifier: ISC
# No mutable global or static variable, but in racoon/base/log.c and those that
# the historical interface of libipsec is made of: looks for
# objects in writable sections of every object file.  Constant tables with
# pointers (.data.rel.ro) are fine.  First shows on seeded files, compiled as
# this build is, that each kind of variable is found.
set -eu
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)

# Prints the variables of the object file $1; fails if there are any but those
# that match $2.  Left
# out is just what sanitizers and coverage add; their names are reserved.
variables() {
	readelf -SsW "$1" | awk -v file="$1" -v excepted="${2:-^$}" '
	/^ *\[ *[0-9]+\]/ {
		sub(/^ *\[ */, "")
		sub(/\]/, "")
		if ($8 ~ /W/ && $2 !~ /^\.data\.rel\.ro/ &&
		    $2 !~ /^(asan_globals|__sancov_[a-z]+)$/)
			writable[$1] = 1
		next
	}
	$1 ~ /^[0-9]+:$/ && $4 ~ /^(OBJECT|TLS|COMMON)$/ {
		objects++
		if (!($7 in writable) && $7 != "COM")
			next
		if ($8 ~ excepted)
			next
		if ($8 ~ /^__odr_asan\./ ||		# gcc, address
		    $8 ~ /^__unnamed_[0-9]+$/ ||	# clang, address
		    $8 ~ /^__sancov_gen_cov_switch_values(\.[0-9]+)?$/ ||
		    $8 ~ /^__gcov(0|_)\./ ||		# gcc, coverage
		    $8 ~ /^__llvm_gcov_ctr(\.[0-9]+)?$/) # clang, coverage
			next
		printf "%s: %s can change\n", file, $8
		failed = 1
	}
	END { exit failed }'
}

# The object files made of the source file $1 (from the top).
objects() {
	dir=$(dirname "$1") base=$(basename "$1" .c)
	for o in "$dir/$base.o" "$dir/.libs/$base.o" \
	    "$dir"/*-"$base.o" "$dir"/.libs/*-"$base.o"; do
		[ ! -f "$o" ] || echo "$o"
	done
}

# The variables that the source file $1 may have, as an awk pattern: what
# programs compiled long ago expect to find beside the arguments of their
# calls, one by one.  The error code is __ipsec_errcode in one thread and
# within `self' in the others; the rest is atomic.
excepted() {
	case $1 in
	libipsec/compat_state.c)
		echo '^(__ipsec_errcode|self|supported|rates|hide|hidden|dump_over)$' ;;
	esac
}

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
setting() {
	sed -n "s/^$1 = //p" Makefile
}
cc=$(setting CC)
flags="$(setting CFLAGS) $(setting HARDEN_CFLAGS) $(setting SANITIZE)"

compile() {
	cat >"$tmp/seed.c"
	# shellcheck disable=SC2086
	$cc $flags $1 -c "$tmp/seed.c" -o "$tmp/seed.o"
}

must_find() {
	compile "$2"
	if variables "$tmp/seed.o" >"$tmp/out" || ! grep -q "$1" "$tmp/out"; then
		echo "globals.sh: $1 was not found in:"
		cat "$tmp/seed.c"
		exit 1
	fi
}

compile '' <<'END'
struct row { const char *name; int (*fn)(int); };
int twice(int); const char *name(int);
extern const int answer;
const int answer = 42;
static const int odd[] = { 1, 3, 5, 7 };
int twice(int x) { return 2 * x + odd[x & 3]; }
static const struct row rows[] = { { "a", twice }, { "b", twice } };
const char *name(int x) { return rows[x & 1].fn(x) ? rows[x].name : "c"; }
END
variables "$tmp/seed.o" || { echo "globals.sh: a good file is refused"; exit 1; }
must_find counter '' <<'END'
int bump(void);
static int counter;
int bump(void) { return ++counter; }
END
# An exception is for a name, not for its file or for what begins like it.
compile '' <<'END'
int bump(void);
static int counter, counter2;
int bump(void) { return ++counter + ++counter2; }
END
if variables "$tmp/seed.o" '^(counter)$' >"$tmp/out" ||
    ! grep -q counter2 "$tmp/out" || [ "$(wc -l <"$tmp/out")" -ne 1 ]; then
	echo "globals.sh: an exception covers too much or too little:"
	cat "$tmp/out"
	exit 1
fi
must_find counter '' <<'END'
int bump(void);
static int counter = 7;
int bump(void) { return ++counter; }
END
must_find counter '' <<'END'
int bump(void);
int bump(void) { static int counter; return ++counter; }
END
must_find counter '-fno-common' <<'END'
extern int counter;
int counter;
END
must_find counter '-fcommon' <<'END'
extern int counter;
int counter;
END
must_find counter '' <<'END'
extern _Thread_local int counter;
_Thread_local int counter;
END
must_find counter '' <<'END'
int bump(void);
static _Thread_local int counter = 3;
int bump(void) { return ++counter; }
END
must_find name '' <<'END'
const char *set(const char *);
static const char *name = "a";
const char *set(const char *s) { const char *old = name; name = s; return old; }
END
must_find counter '' <<'END'
int bump(void);
static int counter __attribute__((section("elsewhere"))) = 1;
int bump(void) { return ++counter; }
END
must_find literal '' <<'END'
int bump(void);
static int *const box = (int []){ 1, 2 };
int bump(void) { return ++box[0]; }
END

status=0
count=0
for source in $(cd "$top" && find libipsec setkey racoon -name '*.c' | sort); do
	list=$(objects "$source")
	# Of these pairs the program has one.
	case $list$source in
	setkey/line_*.c|racoon/daemon/gss_*.c|racoon/daemon/sandbox_?*.c) continue ;;
	esac
	if [ -z "$list" ]; then
		echo "$source: no object file was made of it"
		status=1
	fi
	for o in $list; do
		count=$((count + 1))
		[ "$source" = racoon/base/log.c ] ||
		    variables "$o" "$(excepted "$source")" || status=1
	done
done
echo "$count object files"
exit $status
