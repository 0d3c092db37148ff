# SPDX-License-Identifier: ISC
# shellcheck shell=bash
# Builds for test/demo, test/all and test/bench/run, each in build/KIND:
#	opt	as a user builds it, installed below build/opt/stage
#	ubsan	the same with the undefined behaviour sanitizer: for guests,
#		where the address sanitizer finds no room for its shadow
#	san	address and undefined behaviour sanitizers, warnings are errors
#	fuzz	clang with libFuzzer and both sanitizers

# Root by way of su has a path without sbin.
PATH=$PATH:/usr/local/sbin:/usr/sbin:/sbin
export PATH LC_ALL=C
unset CDPATH
TOP=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
BUILD=${BUILD:-$TOP/build}
JOBS=$(nproc)

# build_options KIND: into the array of that name
build_options()
{
	options=(--prefix=/usr --sysconfdir=/etc --localstatedir=/var)
	case $1 in
	# Sanitized code takes twice as long to compile with -O2.
	ubsan) options+=(--enable-sanitize=undefined 'CFLAGS=-g -O1') ;;
	san) options+=(--enable-werror --enable-sanitize=address,undefined
	    'CFLAGS=-g -O1') ;;
	fuzz) options+=(CC=clang --enable-werror --enable-fuzz
	    --enable-sanitize=address,undefined 'CFLAGS=-g -O1') ;;
	esac
}

# The generated files are as good as their sources are old.
bootstrapped()
{
	[ -x "$TOP/configure" ] && [ -z "$(find "$TOP" -newer "$TOP/configure" \
	    \( -name configure.ac -o -name Makefile.am -o -name '*.mk' \) \
	    -not -path "$BUILD/*" -print -quit)" ]
}

# build_kind KIND [MAKE-ARGUMENT...]
build_kind()
(
	local kind=$1 options
	shift

	bootstrapped || (cd "$TOP" && ./bootstrap) || return 1
	build_options "$kind"
	mkdir -p "$BUILD/$kind" || return 1
	cd "$BUILD/$kind" || return 1
	if [ ! -f Makefile ] || [ configure.ran -ot "$TOP/configure" ]; then
		"$TOP/configure" "${options[@]}" && touch configure.ran ||
			return 1
	fi
	make -j"$JOBS" "$@"
)

# build_tests KIND: the test programs that this kind is for
build_tests()
{
	local what=(check TESTS=)

	case $1 in
	opt) what=(test/bench/crypto_cost) ;;
	ubsan) what=(test/kernel/ipsec_live test/abi/calls test/abi/watch) ;;
	esac
	make -C "$BUILD/$1" -j"$JOBS" "${what[@]}"
}

# install_kind KIND: below build/KIND/stage
install_kind()
{
	make -C "$BUILD/$1" install DESTDIR="$BUILD/$1/stage" >/dev/null
}

# use_kind KIND: what a guest's scripts need to know
use_kind()
{
	STAGE=$BUILD/$1/stage
	RACOON=$STAGE/usr/sbin/racoon
	SETKEY=$STAGE/usr/sbin/setkey
	RACOONCTL=$STAGE/usr/sbin/racoonctl
	PLAINRSA_GEN=$STAGE/usr/sbin/plainrsa-gen
	TESTBIN=$BUILD/$1/test
	LD_LIBRARY_PATH=$STAGE/usr/lib
	UBSAN_OPTIONS=print_stacktrace=1
	LIBRESWAN=$BUILD/libreswan
	RIG_PASS='RACOON RACOONCTL SETKEY PLAINRSA_GEN TESTBIN LD_LIBRARY_PATH UBSAN_OPTIONS'
	RIG_PASS="$RIG_PASS LIBRESWAN PRIVSEP"
	export LIBRESWAN STAGE RACOON RACOONCTL SETKEY PLAINRSA_GEN TESTBIN RIG_PASS
	export UBSAN_OPTIONS
}
