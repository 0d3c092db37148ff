#!/bin/sh
# SPDX-License-Identifier: ISC
# The library as `make install' leaves it: what it exports, its name, and
# whether programs can be built with nothing else: the example, and small ones
# in the dialects that programs are written in.
set -eu
top=$(cd "${srcdir:-.}" && pwd)
sym=$top/libipsec/libipsec.sym
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
status=0
wrong() {
	echo "installed.sh: $*"
	status=1
}
setting() {
	sed -n "s/^$1 = //p" Makefile
}

make -s install-libLTLIBRARIES install-libipsecincludeHEADERS \
    install-pkgconfigDATA DESTDIR="$tmp/stage" >"$tmp/log" 2>&1 || {
	cat "$tmp/log"
	exit 1
}
pc=$(find "$tmp/stage" -name libipsec.pc)
libdir=$(dirname "$(dirname "$pc")")
so=$libdir/libipsec.so.0.0.1
if [ ! -f "$so" ]; then
	echo "no shared library here"
	exit 77
fi

# Names.  First that the comparison sees one too many and one missing.
exported() {
	nm -D --defined-only "$1" | awk '{ print $3 }' | LC_ALL=C sort
}
exported "$so" >"$tmp/exported"
LC_ALL=C sort "$sym" >"$tmp/listed"
{ cat "$tmp/exported"; echo ipsec_zzz; } >"$tmp/more"
sed 1d "$tmp/exported" >"$tmp/fewer"
for seed in more fewer; do
	if cmp -s "$tmp/listed" "$tmp/$seed"; then
		wrong "a list with $seed names is taken"
	fi
done
diff "$tmp/listed" "$tmp/exported" || wrong "exports differ from $sym"

# What the headers declare, and what only old programs know of.
{
	sed -n 's/^.*[	 *]\(ipsec_[a-z0-9_]*\)(.*/\1/p' \
	    "$top/libipsec/ipsec.h" | grep -v '_fn$'
	sed -n 's/^[a-z_].*[	 *]\(\(ipsec\|pfkey\|kdebug\)_[a-z0-9_]*\)(.*/\1/p' \
	    "$top/libipsec/libpfkey.h"
	echo libipsec_opt
	echo __ipsec_errcode
	echo __ipsec_set_strerror
} | LC_ALL=C sort -u >"$tmp/declared"
diff "$tmp/declared" "$tmp/listed" || wrong "headers differ from $sym"
n=$(grep -c '^\(ipsec_\|pfkey_\|kdebug_\)' "$tmp/listed")
sed -n 's/^.*[	 *]\(ipsec_[a-z0-9_]*\)(.*/\1/p' \
    "$top/libipsec/ipsec.h" | grep -v '_fn$' | LC_ALL=C sort -u >"$tmp/native"
n=$((n - $(wc -l <"$tmp/native")))
[ "$n" -eq 54 ] || wrong "$n historical functions instead of 54"
sed -n 's/^\.Fn \(ipsec_[a-z0-9_]*\) ".*/\1/p' "$top/libipsec/ipsec.h.3" |
    LC_ALL=C sort | diff - "$tmp/native" ||
    wrong 'ipsec.h(3) has other functions than the header'

soname=$(readelf -dW "$so" | sed -n 's/.*(SONAME).*\[\(.*\)\]/\1/p')
[ "$soname" = libipsec.so.0 ] || wrong "soname $soname"
if readelf -dW "$so" | grep -q TEXTREL; then
	wrong 'relocations in the text'
fi
[ "$(readlink "$libdir/libipsec.so.0")" = libipsec.so.0.0.1 ] ||
    wrong 'libipsec.so.0 is no link to libipsec.so.0.0.1'

# Programs, from what is installed and nothing else.
PKG_CONFIG_PATH=$(dirname "$pc") PKG_CONFIG_SYSROOT_DIR=$tmp/stage
export PKG_CONFIG_PATH PKG_CONFIG_SYSROOT_DIR
sane=$(setting SANITIZE | sed 's/-fsanitize=fuzzer-no-link//')
cflags="$(pkg-config --cflags libipsec) $sane -Wall -Wextra -Werror"
libs="$(pkg-config --libs libipsec) $sane"
[ "$(pkg-config --modversion libipsec)" = "$(setting PACKAGE_VERSION)" ] ||
    wrong 'libipsec.pc has another version'
cd "$tmp"
cc=$(sed -n 's/^CC = //p' "$OLDPWD/Makefile")

# build NAME FLAGS: NAME.c with one more include path, that of the stage
build() {
	# shellcheck disable=SC2086
	$cc $2 $cflags "$1" -o "$tmp/program" $libs ||
	    wrong "$1 does not build with $2"
}
cp "$top/libipsec/examples/watch.c" watch.c
build watch.c -std=gnu11
export LD_LIBRARY_PATH="$libdir"
if ./program --nonsense 2>said || ! grep -q '^usage: watch' said; then
	wrong 'the example does not run'
fi

cat >old.c <<'END'
#include <stdio.h>
#include <stdlib.h>
#include <libipsec/libpfkey.h>
int
main(void)
{
	char text[] = "in ipsec esp/transport//require";
	ipsec_policy_t p = ipsec_set_policy(text, sizeof(text) - 1);
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	struct sadb_x_nat_t_type t = { .sadb_x_nat_t_type_type = 2 };
	struct sadb_x_nat_t_port port = { .sadb_x_nat_t_port_port = htons(5) };

	if (p == NULL || ipsec_get_policylen(p) != 32)
		puts(ipsec_strerror());
	free(p);
	return sysdep_sa_len((struct sockaddr *)&six) == 28 &&
	    PRIORITY_DEFAULT == 0x80000000 && IPPROTO_MH == 135 &&
	    libipsec_opt == LIBIPSEC_OPT_NATT && PFKEY_ADDR_X_NATTYPE(&t) &&
	    !PFKEY_ADDR_X_NATTYPE((struct sadb_x_nat_t_type *)NULL) &&
	    PFKEY_ADDR_X_PORT(&port) == 5 ? 0 : 1;
}
END
# As programs had to: a header's name in a macro, and one for prototypes.
macros='-DPATH_IPSEC_H=<linux/ipsec.h> -Ulinux -DHAVE_STDINT_H'
for flags in -std=c99\ -D_DEFAULT_SOURCE -std=gnu11 -std=gnu17 \
    "-std=gnu11 $macros" "-std=gnu11 -DHAVE_IPSEC_CONST_STRARG"; do
	build old.c "$flags"
	./program || wrong "old.c fails with $flags"
done
cat >both.c <<'END'
#include <libipsec/ipsec.h>
#include <libipsec/libpfkey.h>
int
main(void)
{
	return ipsec_alg_nth(0) != NULL && pfkey_get_softrate(0) == 80 &&
	    IPSEC_PROTO_ANY == 0 ? 0 : 1;
}
END
build both.c -std=gnu11
./program || wrong 'both.c fails'
for header in ipsec libpfkey; do
	printf '#include <libipsec/%s.h>\nint main() { return 0; }\n' \
	    $header >x.cc
	if command -v g++ >/dev/null; then
		# shellcheck disable=SC2046
		g++ $(pkg-config --cflags libipsec) -Wall -Werror -c x.cc ||
		    wrong "$header.h is no C++"
	fi
done
exit $status
