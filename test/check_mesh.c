/* SPDX-License-Identifier: ISC */
/* The mesh itself: each check finds its bug, runs repeat, failures shrink. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "crypto/dh.h"
#include "test/sim/mesh.h"
#include "test/sim/seeded.h"

struct trial {
	struct crypto	*crypto;
	struct mesh_options o;
	struct mesh_stats stats;
	struct mesh_result r;
};

static struct trial *
trial(uint64_t seed, unsigned int hosts, unsigned int minutes)
{
	struct trial *t = xcalloc(1, sizeof(*t));

	t->crypto = crypto_new();
	ck_assert_ptr_nonnull(t->crypto);
	mesh_defaults(&t->o);
	t->o.seed = seed;
	t->o.hosts = hosts;
	t->o.minutes = minutes;
	return t;
}

static void
run(struct trial *t)
{
	mesh_run(&t->o, t->crypto, &t->stats, NULL, &t->r);
}

static void
end(struct trial *t)
{
	mesh_stats_free(&t->stats);
	crypto_free(t->crypto);
	free(t);
}

/* Many faults, but none that lacks its repair and so may excuse something. */
static void
all_repaired(struct trial *t)
{
	t->o.faults = 50;
	for (unsigned int k = 0; k < mesh_nkinds; k++)
		t->o.off[k] = mesh_kind_lacks(k) != NULL;
}

static bool
none_at_all(void)
{
	return false;
}

static bool
at_once(void)
{
	return true;
}

START_TEST(a_quiet_mesh)
{
	struct trial *t = trial(1, 6, 7);

	t->o.only.n = 0;
	run(t);
	ck_assert_msg(t->r.good, "%s", t->r.failure);
	ck_assert_uint_eq(t->r.used.n, 0);
	ck_assert_uint_gt(t->stats.packets, 1000);
	ck_assert_uint_gt(t->stats.of[MESH_START].n, 4);
	ck_assert_uint_gt(t->stats.of[MESH_OPEN].n, 4);
	ck_assert_uint_eq(t->stats.of[MESH_END].n, 1);
	end(t);
}
END_TEST

/* The same mesh as above, with each of the bugs. */
START_TEST(bugs_are_found)
{
	const struct mesh_plant *p = mesh_plant_at((unsigned int)_i);
	struct trial *t = trial(1, 6, 7);

	ck_assert_ptr_nonnull(p);
	t->o.plant = p;
	if (strcmp(p->name, "pact") == 0)
		all_repaired(t);
	else
		t->o.only.n = 0;
	run(t);
	ck_assert_msg(!t->r.good, "nothing fails with the bug %s", p->name);
	ck_assert_msg(strstr(t->r.failure, p->finds) != NULL,
	    "%s fails as \"%s\"", p->name, t->r.failure);
	end(t);
}
END_TEST

START_TEST(runs_repeat)
{
	struct trial *t = trial(7, 8, 5);
	struct mesh_list first;
	uint64_t trace;

	t->o.faults = 30;
	run(t);
	ck_assert_msg(t->r.good, "%s", t->r.failure);
	ck_assert_uint_gt(t->r.used.n, 10);
	trace = t->r.trace;
	first = t->r.used;
	run(t);
	ck_assert_uint_eq(t->r.trace, trace);
	ck_assert_uint_eq(t->r.used.n, first.n);
	t->o.only = first;	/* naming all is the same as naming none */
	run(t);
	ck_assert_uint_eq(t->r.trace, trace);
	t->o.only.n--;
	run(t);
	ck_assert_uint_ne(t->r.trace, trace);
	ck_assert_uint_eq(t->r.used.n, first.n - 1);
	t->o.only.n = MESH_NONE;
	t->o.seed++;
	run(t);
	ck_assert_uint_ne(t->r.trace, trace);
	end(t);
}
END_TEST

START_TEST(faults_are_chosen)
{
	unsigned int disk = mesh_kind_find("disk"), k;
	struct trial *t = trial(3, 20, 3);

	ck_assert_uint_eq(mesh_kind_find("no such"), MESH_NONE);
	t->o.faults = 40;
	t->o.off[disk] = true;
	run(t);
	ck_assert_msg(t->r.good, "%s", t->r.failure);
	ck_assert_uint_eq(t->stats.of[disk].injected, 0);
	ck_assert_uint_gt(t->r.used.n, 10);
	mesh_stats_free(&t->stats);
	t->o.off[disk] = false;
	t->o.chosen = t->o.with[disk] = true;
	run(t);
	ck_assert_msg(t->r.good, "%s", t->r.failure);
	ck_assert_uint_gt(t->stats.of[disk].injected, 20);
	for (k = 0; k < mesh_nkinds; k++)
		if (k != disk)
			ck_assert_uint_eq(t->stats.of[k].injected, 0);
	end(t);
}
END_TEST

/* Every kind takes place, and what it means is measured. */
START_TEST(every_fault)
{
	unsigned int k = (unsigned int)_i;
	struct trial *t = trial(5, 20, 2);

	t->o.faults = 6;
	t->o.chosen = t->o.with[k] = true;
	run(t);
	ck_assert_msg(t->r.good, "%s", t->r.failure);
	ck_assert_uint_gt(t->stats.of[k].injected, 0);
	ck_assert_uint_gt(t->stats.of[k].n, 0);
	end(t);
}
END_TEST

START_TEST(failures_shrink)
{
	struct trial *t = trial(2, 8, 5);
	char text[sizeof(t->r.failure)];

	t->o.plant = mesh_plant_find("pact");
	all_repaired(t);
	ck_assert(mesh_shrink(&t->o, t->crypto, none_at_all, &t->r));
	ck_assert_uint_eq(t->o.only.n, 2);
	ck_assert_uint_le(t->o.keep.n, 4);
	snprintf(text, sizeof(text), "%s", t->r.failure);
	run(t);
	ck_assert(!t->r.good);
	ck_assert_uint_eq(t->stats.of[mesh_kind_find("disk")].injected, 1);
	ck_assert_uint_eq(t->stats.of[mesh_kind_find("dh")].injected, 1);
	ck_assert(strcmp(t->r.failure, text) == 0);
	/* Either of the two alone does nothing. */
	t->o.only.n = 1;
	run(t);
	ck_assert_msg(t->r.good, "%s", t->r.failure);
	end(t);
}
END_TEST

START_TEST(nothing_to_shrink)
{
	struct trial *t = trial(1, 4, 2);

	t->o.only.n = 0;
	ck_assert(!mesh_shrink(&t->o, t->crypto, NULL, &t->r));
	end(t);
}
END_TEST

START_TEST(somebody_stops_it)
{
	struct trial *t = trial(1, 4, 1000);

	mesh_run(&t->o, t->crypto, &t->stats, at_once, &t->r);
	ck_assert(t->r.stopped);
	ck_assert_uint_lt(t->r.failed_at, 10000);
	end(t);
}
END_TEST

START_TEST(real_arithmetic)
{
	struct trial *t = trial(4, 4, 2);

	t->o.real_dh = true;
	run(t);
	ck_assert_msg(t->r.good, "%s", t->r.failure);
	end(t);
}
END_TEST

START_TEST(cheap_arithmetic)
{
	const struct alg_group *g = alg_group(2);	/* modp1024 */
	struct crypto *real = crypto_new(), *c = seeded_new(real, 9);
	struct buf priv[2], pub[2], shared[2];

	ck_assert_ptr_nonnull(g);
	seeded_cheap_dh(c);
	for (int i = 0; i < 2; i++) {
		buf_init(&priv[i], 256);
		buf_init(&pub[i], 256);
		buf_init(&shared[i], 256);
		ck_assert_int_eq(dh_new(c, g, &priv[i], &pub[i]), OK);
		ck_assert_uint_eq(pub[i].n, g->len);
	}
	ck_assert(!view_equal(buf_view(&pub[0]), buf_view(&pub[1])));
	for (int i = 0; i < 2; i++)
		ck_assert_int_eq(dh_share(c, g, buf_view(&priv[i]),
		    buf_view(&pub[!i]), &shared[i]), OK);
	ck_assert(view_equal(buf_view(&shared[0]), buf_view(&shared[1])));
	ck_assert_uint_eq(shared[0].n, g->len);
	/* What nobody made, and what is too short. */
	pub[0].p[50] ^= 1;
	ck_assert_int_eq(dh_share(c, g, buf_view(&priv[1]),
	    buf_view(&pub[0]), &shared[0]), E_KE);
	ck_assert_uint_eq(shared[0].n, 0);
	pub[0].p[50] ^= 1;
	pub[0].n--;
	ck_assert_int_eq(dh_share(c, g, buf_view(&priv[1]),
	    buf_view(&pub[0]), &shared[0]), E_KE);
	for (int i = 0; i < 2; i++) {
		buf_fini(&priv[i]);
		buf_fini(&pub[i]);
		buf_fini(&shared[i]);
	}
	seeded_free(c);
	crypto_free(real);
}
END_TEST

int
main(void)
{
	Suite *s = suite_create("mesh");
	TCase *t = tcase_create("mesh");
	SRunner *r;
	int failed, plants = 0;

	while (mesh_plant_at((unsigned int)plants) != NULL)
		plants++;
	tcase_set_timeout(t, 120);
	tcase_add_test(t, a_quiet_mesh);
	tcase_add_loop_test(t, bugs_are_found, 0, plants);
	tcase_add_test(t, runs_repeat);
	tcase_add_test(t, faults_are_chosen);
	tcase_add_loop_test(t, every_fault, 0, (int)mesh_nkinds);
	tcase_add_test(t, failures_shrink);
	tcase_add_test(t, nothing_to_shrink);
	tcase_add_test(t, somebody_stops_it);
	tcase_add_test(t, real_arithmetic);
	tcase_add_test(t, cheap_arithmetic);
	suite_add_tcase(s, t);
	r = srunner_create(s);
	srunner_run_all(r, CK_NORMAL);
	failed = srunner_ntests_failed(r);
	srunner_free(r);
	return failed > 0;
}
