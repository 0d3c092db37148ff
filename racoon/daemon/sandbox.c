/* SPDX-License-Identifier: ISC */
/*
 * Each step leaves less than the one before; who cannot take one that every
 * kernel has does not go on.
 */
#include "daemon/sandbox.h"

#include <errno.h>
#include <grp.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <linux/capability.h>
#include <linux/landlock.h>

#include "base/log.h"

/* Rights of later kernels than the header may be of; unknown ones are not
 * asked for: the number is what the kernel says. */
#define FS_RIGHTS_1	((1u << 13) - 1)	/* Linux 5.13 */
#define FS_REFER	(1u << 13)		/* ABI 2 */
#define FS_TRUNCATE	(1u << 14)		/* ABI 3 */
#define FS_IOCTL	(1u << 15)		/* ABI 5 */
#define SCOPES		3u			/* ABI 6: abstract sockets,
						   signals */

static bool
complain(const char *what)
{
	log_msg(LOG_L_ERROR, "privsep: cannot %s: %s", what, strerror(errno));
	return false;
}

static bool
change_root(const struct sandbox *s)
{
	if (s->root == NULL)
		return true;
	if (chroot(s->root) == -1 || chdir("/") == -1) {
		log_msg(LOG_L_ERROR, "privsep: cannot make %s the root "
		    "directory: %s (`chroot' in racoon.conf names another)",
		    s->root, strerror(errno));
		return false;
	}
	return true;
}

/* No program that is run could have them again, either. */
static void
drop_bounding(void)
{
	for (unsigned long cap = 0; cap <= CAP_LAST_CAP; cap++)
		(void)prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
}

static bool
drop_caps(void)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct none[2] = { { .effective = 0 } };

	(void)prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	return syscall(SYS_capset, &head, none) == 0;
}

static bool
change_user(const struct sandbox *s)
{
	drop_bounding();
	if (setgroups(0, NULL) == -1)
		return complain("leave root's groups");
	if (setresgid(s->gid, s->gid, s->gid) == -1)
		return complain("change the group");
	if (setresuid(s->uid, s->uid, s->uid) == -1)
		return complain("change the user");
	if (!drop_caps())
		return complain("drop the capabilities");
	if (setresuid((uid_t)-1, 0, (uid_t)-1) == 0) {
		errno = EPERM;
		return complain("stay unprivileged");
	}
	return true;
}

/*
 * Landlock: no file but those that are open; where the kernel has it.  The
 * resolver's file, which the monitor keeps in the empty root, stays readable
 * by the rights of a file that no rule denies: reading is left out.
 */
static bool
close_files(void)
{
	struct {
		uint64_t fs, net, scoped;
	} rules = { 0, 0, 0 };
	long abi = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    LANDLOCK_CREATE_RULESET_VERSION);
	int fd;

	if (abi < 1)
		return false;
	rules.fs = (FS_RIGHTS_1 & ~(uint64_t)LANDLOCK_ACCESS_FS_READ_FILE) |
	    (abi >= 2 ? FS_REFER : 0) | (abi >= 3 ? FS_TRUNCATE : 0) |
	    (abi >= 5 ? FS_IOCTL : 0);
	rules.scoped = abi >= 6 ? SCOPES : 0;
	fd = (int)syscall(SYS_landlock_create_ruleset, &rules,
	    abi >= 6 ? sizeof(rules) : abi >= 4 ? 16 : 8, 0);
	if (fd == -1)
		return false;
	if (syscall(SYS_landlock_restrict_self, fd, 0) == -1) {
		(void)close(fd);
		return false;
	}
	(void)close(fd);
	return true;
}

/* Our end is that of who started us, who may have ended by now. */
static bool
follow(const struct sandbox *s)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) == -1)
		return complain("be told of the monitor's end");
	return getppid() == s->parent;
}

static bool
close_calls(void)
{
	int r = sandbox_calls();

	if (r == -ENOSYS) {
		log_msg(LOG_L_WARNING, "privsep: system calls are not "
		    "restricted: this racoon or this kernel "
		    "(CONFIG_SECCOMP_FILTER) cannot do it");
		return true;
	}
	errno = -r;
	return r == 0 || complain("restrict the system calls");
}

bool
sandbox_enter(const struct sandbox *s)
{
	bool files;

	if (!change_root(s))
		return false;
	if (s->uid == 0)
		return follow(s);
	/* Changing the user forgets what was asked for before. */
	if (!change_user(s) || !follow(s))
		return false;
	/* Keys are in here: for other processes of the user they are not,
	 * whatever fs.suid_dumpable says, nor in a core file. */
	if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) == -1)
		return complain("keep debuggers out");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == -1)
		return complain("give up new privileges");
	files = close_files();
	if (!close_calls())
		return false;
	log_msg(LOG_L_INFO, "privsep: running as user %u, group %u%s%s%s",
	    (unsigned int)s->uid, (unsigned int)s->gid,
	    s->root == NULL ? "" : " in ", s->root == NULL ? "" : s->root,
	    files ? ", with Landlock" : "");
	return true;
}
