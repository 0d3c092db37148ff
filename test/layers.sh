#!/bin/sh
# SPDX-License-Identifier: ISC
# A directory is a layer: it may include itself and what is to its left.
#	libipsec's bottom < ipsec.h < base < wire < crypto < conf < monitor < ike < daemon
# The monitor is root: it has no wire (but the path of a socket), and the engine
# knows nothing of it.
# plainrsa-gen stands beside conf, racoonctl beside crypto.  setkey includes libipsec only.  Each external library has its one place.
# First shows on seeded trees that a violation is found.
set -eu
top=$(cd "${srcdir:-$(dirname "$0")/..}" && pwd)

# Prints the violations of the tree $1; fails if there are any.
check() (
	cd "$1"
	find libipsec setkey racoon -name '*.[ch]' | sort |
	    xargs awk '
	BEGIN {
		n = split("base wire crypto conf monitor ike daemon", order)
		for (i = 1; i <= n; i++)
			rank[order[i]] = i
		reach["plainrsa-gen"] = rank["crypto"]
		reach["racoonctl"] = rank["wire"]
	}

	# The last layer that a file of the layer "from" may see.
	function last() {
		return from in reach ? reach[from] : rank[from]
	}

	function bad(why) {
		printf "%s:%d: %s: %s\n", FILENAME, FNR, name, why
		failed = 1
	}

	# Which of libipsec a file of the layer `from` may see.
	function libipsec_ok(file) {
		if (from == "libipsec" && FILENAME == "libipsec/ipsec.h")
			return 0
		if (from == "libipsec" &&
		    FILENAME !~ /^libipsec\/(view|buf|addr)\.[ch]$/)
			return 1
		if (from == "setkey")
			return 1
		if ((from == "daemon" || from == "monitor") && file == "ops.h")
			return 1
		# Both ends of show-sa: SAs as PF_KEY tells them.
		if (FILENAME == "racoon/daemon/admin_sad.c" &&
		    file == "pfkey_msg.h")
			return 1
		if (FILENAME == "racoon/daemon/admin_keys.c" &&
		    file == "wireshark.h")
			return 1
		if (from == "racoonctl" &&
		    file ~ /^(pfkey_msg|pfkey_print|print)\.h$/)
			return 1
		return file ~ /^(view|buf|addr|ipsec)\.h$/
	}

	function project() {
		split(name, part, "/")
		if (name == "config.h")
			return
		if (part[1] == "libipsec" && part[3] == "") {
			if (!libipsec_ok(part[2]))
				bad("not for this file to see")
		} else if (part[1] == "setkey" && part[3] == "") {
			if (from != "setkey")
				bad("a program is nobody else'\''s to see")
		} else if (part[1] == from && part[3] == "")
			return
		else if (!(part[1] in rank) || part[3] != "")
			bad("not a header of a layer")
		else if (!(from in rank) && !(from in reach))
			bad("racoon is not for this layer")
		else if (rank[part[1]] > last())
			bad("includes point to the left only")
		else if (from == "monitor" && part[1] == "wire" &&
		    name != "wire/admin.h")
			bad("the monitor reads no messages")
		else if (from == "ike" && part[1] == "monitor")
			bad("the engine knows no monitor")
	}

	function external() {
		if (name ~ /^libmnl\// && FILENAME !~ /^libipsec\/xfrm[^\/]*\.c$/)
			bad("libmnl is for libipsec/xfrm*.c only")
		if (name ~ /^readline\// &&
		    FILENAME != "setkey/line_readline.c")
			bad("readline is for setkey/line_readline.c only")
		if (name ~ /^openssl\// && from != "crypto")
			bad("OpenSSL is for racoon/crypto only")
		if (name ~ /^(gssapi|krb5)(\/|\.h|$)/ &&
		    FILENAME != "racoon/daemon/gss_krb5.c")
			bad("Kerberos is for racoon/daemon/gss_krb5.c only")
		if (name ~ /^(event2\/|event\.h|evutil\.h|evhttp\.h|evdns\.h)/ &&
		    from != "daemon" && from != "monitor")
			bad("libevent is for racoon/daemon and monitor only")
		if (name ~ /^(pthread|threads)\.h$/ && from != "daemon")
			bad("threads are for racoon/daemon only")
		if (name ~ /^seccomp\.h$/ &&
		    FILENAME != "racoon/daemon/sandbox_seccomp.c")
			bad("libseccomp is for racoon/daemon/sandbox_seccomp.c only")
	}

	FNR == 1 {
		split(FILENAME, path, "/")
		from = path[1] == "racoon" ? path[2] : path[1]
	}
	/^[ \t]*#[ \t]*include[ \t]*["<]/ {
		name = $0
		quoted = name ~ /^[^<]*"/
		sub(/^[^"<]*["<]/, "", name)
		sub(/[">].*/, "", name)
		seen++
		if (quoted)
			project()
		else
			external()
	}
	END {
		if (!seen) {
			print "no include was found"
			failed = 1
		}
		exit failed
	}'
)

tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT

# A tree that keeps the rules, with one more line in one of its files.
seed() {
	rm -rf "$tmp/t"
	mkdir -p "$tmp/t/libipsec" "$tmp/t/setkey"
	for dir in base wire crypto conf monitor ike daemon plainrsa-gen racoonctl; do
		mkdir -p "$tmp/t/racoon/$dir"
		printf '#include <stdint.h>\n' >"$tmp/t/racoon/$dir/x.c"
	done
	(
		cd "$tmp/t"
		printf '#include "libipsec/ipsec.h"\n' >libipsec/addr.h
		printf '#include <stdint.h>\n' >libipsec/ipsec.h
		printf '#include <libmnl/libmnl.h>\n#include "libipsec/ops.h"\n' \
		    >libipsec/xfrm.c
		printf '#include "libipsec/ipsec.h"\n#include "setkey/x.h"\n' \
		    >setkey/x.c
		printf '#include "base/x.h"\n#include "wire/y.h"\n' \
		    >>racoon/wire/x.c
		printf '#include <openssl/evp.h>\n' >>racoon/crypto/x.c
		printf '#include "libipsec/buf.h"\n' >>racoon/ike/x.c
		printf '#include <event2/event.h>\n#include <pthread.h>\n' \
		    >>racoon/daemon/x.c
		printf '#include "conf/x.h"\n#include <event2/event.h>\n' \
		    >>racoon/monitor/x.c
		printf '#include "monitor/x.h"\n' >>racoon/daemon/x.c
		printf '#include "crypto/x.h"\n#include "libipsec/buf.h"\n' \
		    >>racoon/plainrsa-gen/x.c
		printf '#include "libipsec/ops.h"\n#include "config.h"\n' \
		    >>racoon/daemon/x.c
		[ $# -eq 0 ] || printf '%s\n' "$2" >>"$1"
	)
}

must_fail() {
	seed "$1" "$2"
	if check "$tmp/t" >"$tmp/out"; then
		echo "layers.sh: not found: $2 in $1"
		exit 1
	fi
	if ! grep -q "^$1:" "$tmp/out" || [ "$(wc -l <"$tmp/out")" -ne 1 ]; then
		echo "layers.sh: $2 in $1 gave:"
		cat "$tmp/out"
		exit 1
	fi
}

seed
check "$tmp/t" || { echo "layers.sh: a good tree is refused"; exit 1; }
must_fail racoon/base/x.c '#include "wire/msg.h"'
must_fail racoon/wire/x.c '#include "crypto/alg.h"'
must_fail racoon/wire/x.c '  #  include "ike/ike.h" /* why */'
must_fail racoon/conf/x.c '#include "ike/ike.h"'
must_fail racoon/ike/x.c '#include "daemon/host.h"'
must_fail racoon/wire/x.c '#include <openssl/evp.h>'
must_fail racoon/daemon/x.c '#include <openssl/evp.h>'
must_fail racoon/monitor/x.c '#include "wire/msg.h"'
must_fail racoon/monitor/x.c '#include "ike/ike.h"'
must_fail racoon/monitor/x.c '#include "daemon/host.h"'
must_fail racoon/monitor/x.c '#include <pthread.h>'
must_fail racoon/ike/x.c '#include "monitor/asroot.h"'
must_fail racoon/daemon/x.c '#include <seccomp.h>'
must_fail racoon/plainrsa-gen/x.c '#include <openssl/evp.h>'
must_fail racoon/plainrsa-gen/x.c '#include "conf/conf.h"'
must_fail racoon/daemon/x.c '#include "plainrsa-gen/x.h"'
must_fail racoon/racoonctl/x.c '#include "crypto/alg.h"'
must_fail racoon/racoonctl/x.c '#include "libipsec/ops.h"'
must_fail racoon/daemon/x.c '#include "libipsec/pfkey_msg.h"'
must_fail racoon/ike/x.c '#include <gssapi/gssapi.h>'
must_fail racoon/daemon/x.c '#include <krb5.h>'
must_fail racoon/ike/x.c '#include <event2/event.h>'
must_fail racoon/ike/x.c '#include <pthread.h>'
must_fail racoon/ike/x.c '#include <libmnl/libmnl.h>'
must_fail libipsec/ipsec.h '#include <libmnl/libmnl.h>'
must_fail racoon/ike/x.c '#include "libipsec/ops.h"'
must_fail racoon/daemon/x.c '#include "libipsec/xfrm_msg.h"'
must_fail libipsec/addr.h '#include "libipsec/ops.h"'
must_fail libipsec/ipsec.h '#include "libipsec/view.h"'
must_fail libipsec/xfrm.c '#include "base/err.h"'
must_fail setkey/x.c '#include "base/err.h"'
must_fail setkey/x.c '#include <readline/readline.h>'
must_fail racoon/daemon/x.c '#include "setkey/parse.h"'
must_fail libipsec/xfrm.c '#include "setkey/parse.h"'
must_fail racoon/wire/x.c '#include "msg.h"'
must_fail racoon/wire/x.c '#include "../crypto/alg.h"'
must_fail racoon/wire/x.c '#include "wire/../crypto/alg.h"'

check "$top"
