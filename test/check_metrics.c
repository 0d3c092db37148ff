/* SPDX-License-Identifier: ISC */
/*
 * Metrics as text, the counters of the kernel, and requests of HTTP: values
 * in, bytes out.
 */
#include "daemon/metrics.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/http_msg.h"
#include "daemon/metrics_text.h"
#include "test/daemon_tools.h"

/* The text so far, terminated; to be freed. */
static char *
text_of(const struct buf *b)
{
	ck_assert(buf_ok(b));
	return strndup((const char *)b->p, b->n);
}

static char *
written(const struct metrics *m, const struct metrics_facts *f, bool open)
{
	struct buf b;
	char *text;

	buf_init(&b, METRICS_TEXT_MAX);
	metrics_put(m, f, open, &b);
	text = text_of(&b);
	buf_fini(&b);
	return text;
}

/* LINE is a whole line of TEXT. */
static bool
has(const char *text, const char *line)
{
	const size_t n = strlen(line);

	for (const char *p = text; (p = strstr(p, line)) != NULL; p++)
		if ((p == text || p[-1] == '\n') && p[n] == '\n')
			return true;
	return false;
}

#define HAS(text, line) \
	ck_assert_msg(has(text, line), "not there: %s", line)
#define LACKS(text, part) \
	ck_assert_msg(strstr(text, part) == NULL, "%s", part)

static struct metrics_facts
some_facts(void)
{
	return (struct metrics_facts){ .version = "1.2", .crypto = "lib",
	    .backend = "xfrm", .started = 1700000000.125, .cpu = 0.5,
	    .memory = 4096, .has_sas = true };
}

static struct ike_event
event(enum ike_event_type type, enum err err, bool initiator, uint32_t ms)
{
	return (struct ike_event){ .type = type, .err = err,
	    .initiator = initiator, .ms = ms };
}

static void
happens(struct metrics *m, enum ike_event_type type, enum err err,
    bool initiator, uint32_t ms)
{
	const struct ike_event ev = event(type, err, initiator, ms);

	metrics_event(m, &ev);
}

START_TEST(test_negotiations)
{
	const struct metrics_facts f = some_facts();
	struct metrics *m = metrics_new();
	struct ike_event ev;
	char *t;

	happens(m, IKE_EVENT_PHASE1_UP, OK, true, 30);
	happens(m, IKE_EVENT_PHASE1_UP, OK, true, 50);
	happens(m, IKE_EVENT_PHASE1_UP, OK, false, 70000);
	happens(m, IKE_EVENT_PHASE1_FAILED, E_NOPSK, false, 5);
	happens(m, IKE_EVENT_PHASE1_DEAD, E_TIMEOUT, true, 9);
	happens(m, IKE_EVENT_CHILD_UP, OK, false, 5);
	happens(m, IKE_EVENT_CHILD_FAILED, E_NOPROPOSAL, true, 5);
	happens(m, IKE_EVENT_CHILD_DOWN, E_DELETED, true, 5);
	ev = event(IKE_EVENT_PHASE1_DEAD, E_TIMEOUT, true, 9);
	ev.was_up = true;
	metrics_event(m, &ev);
	happens(m, IKE_EVENT_PHASE1_DOWN, OK, true, 9);
	t = written(m, &f, true);
#define COUNT(phase, role, result, n) HAS(t, "racoon_negotiations_total{" \
	"phase=\"" phase "\",role=\"" role "\",result=\"" result "\"} " n)
	COUNT("1", "initiator", "success", "2");
	COUNT("1", "initiator", "failure", "1");
	COUNT("1", "responder", "success", "1");
	COUNT("1", "responder", "failure", "1");
	COUNT("2", "initiator", "success", "0");
	COUNT("2", "initiator", "failure", "1");
	COUNT("2", "responder", "success", "1");
	COUNT("2", "responder", "failure", "0");
#undef COUNT
#define WHY(phase, role, reason) HAS(t, "racoon_negotiation_failures_total{" \
	"phase=\"" phase "\",role=\"" role "\",reason=\"" reason "\"} 1")
	WHY("1", "responder", "E_NOPSK");
	WHY("1", "initiator", "E_TIMEOUT");
	WHY("2", "initiator", "E_NOPROPOSAL");
#undef WHY
	HAS(t, "racoon_sas_ended_total{phase=\"1\",reason=\"E_TIMEOUT\"} 1");
	HAS(t, "racoon_sas_ended_total{phase=\"1\",reason=\"OK\"} 1");
	HAS(t, "racoon_sas_ended_total{phase=\"2\",reason=\"E_DELETED\"} 1");
	HAS(t, "racoon_peers_dead_total 2");
	free(t);
	metrics_free(m);
}
END_TEST

#define HIST	"racoon_negotiation_duration_seconds"
#define OF1	"{phase=\"1\",role=\"initiator\"}"
#define LE(le)	HIST "_bucket{phase=\"1\",role=\"initiator\",le=\"" le "\"} "

START_TEST(test_durations)
{
	const struct metrics_facts f = some_facts();
	struct metrics *m = metrics_new();
	char *t;

	happens(m, IKE_EVENT_PHASE1_UP, OK, true, 30);
	happens(m, IKE_EVENT_PHASE1_UP, OK, true, 50);	/* at most, so in */
	happens(m, IKE_EVENT_PHASE1_UP, OK, true, 51);
	happens(m, IKE_EVENT_PHASE1_UP, OK, true, 60001);
	happens(m, IKE_EVENT_PHASE1_FAILED, E_TIMEOUT, true, 1);
	t = written(m, &f, true);
	HAS(t, LE("0.025") "0");
	HAS(t, LE("0.05") "2");
	HAS(t, LE("0.1") "3");
	HAS(t, LE("1.0") "3");
	HAS(t, LE("60.0") "3");
	HAS(t, LE("+Inf") "4");
	HAS(t, HIST "_sum" OF1 " 60.132");
	HAS(t, HIST "_count" OF1 " 4");
	free(t);
	t = written(m, &f, false);
	HAS(t, LE("1") "3");
	LACKS(t, "le=\"1.0\"");
	free(t);
	metrics_free(m);
}
END_TEST

/* Every row of the engine's counters is there, with its words. */
START_TEST(test_engine_rows)
{
	struct metrics_facts f = some_facts();
	struct metrics *m = metrics_new();
	uint64_t n = 1000;
	char line[300], *t;

#define SET(name, help) f.ike.name = n++;
	IKE_STATS(SET)
#undef SET
	t = written(m, &f, true);
	n = 1000;
#define SEE(name, help)							\
	(void)snprintf(line, sizeof(line), "racoon_" #name "_total %llu",	\
	    (unsigned long long)n++);					\
	HAS(t, line);							\
	HAS(t, "# TYPE racoon_" #name " counter");			\
	HAS(t, "# HELP racoon_" #name " " help ".");
	IKE_STATS(SEE)
#undef SEE
	ck_assert_uint_ge(n, 1015);
	free(t);
	metrics_free(m);
}
END_TEST

START_TEST(test_facts)
{
	struct metrics_facts f = some_facts();
	struct metrics *m = metrics_new();
	char *t;

	f.ike_sas[false][METRICS_NEGOTIATING] = 7;
	f.ike_sas[true][METRICS_DYING] = 3;
	f.held.children = 11;
	f.sas[0][IPSEC_STATE_LARVAL] = 4;
	f.sas[2][IPSEC_STATE_MATURE] = 5;
	f.net.dropped = 6;
	f.hooks.waiting = 8;
	f.xfrm.n = 1;
	(void)strcpy(f.xfrm.row[0].name, "XfrmInNoStates");
	f.xfrm.row[0].value = 9;
	f.ncerts = 2;
	(void)strcpy(f.cert[0].remote, "a \"b\"\\\n\x01");
	f.cert[0].left = 86400;
	(void)strcpy(f.cert[1].remote, "\xc3\x28");
	f.cert[1].nth = 5;
	f.cert[1].left = -10;
	metrics_kernel(m, IPSEC_EVENT_ACQUIRE);
	metrics_kernel(m, IPSEC_EVENT_RESYNC);
	metrics_reload(m, false);
	t = written(m, &f, true);
	HAS(t, "racoon_half_open 7");
	HAS(t, "racoon_ike_sas{state=\"dying\",role=\"initiator\"} 3");
	HAS(t, "racoon_pairs 11");
	HAS(t, "racoon_kernel_sas{proto=\"esp\",state=\"larval\"} 4");
	HAS(t, "racoon_kernel_sas{proto=\"ipcomp\",state=\"mature\"} 5");
	HAS(t, "racoon_net_dropped_total 6");
	HAS(t, "racoon_scripts_waiting 8");
	HAS(t, "racoon_xfrm_total{counter=\"XfrmInNoStates\"} 9");
	HAS(t, "racoon_certificate_expiry_seconds{remote=\"a \\\"b\\\"\\\\\\n?\""
	    ",index=\"0\"} 86400");
	HAS(t, "racoon_certificate_expiry_seconds{remote=\"?\",index=\"5\"} "
	    "-10");
	HAS(t, "racoon_kernel_events_total{type=\"acquire\"} 1");
	HAS(t, "racoon_kernel_event_overflows_total 1");
	HAS(t, "racoon_config_reloads_total{result=\"failure\"} 1");
	HAS(t, "racoon_config_last_reload_successful 0");
	HAS(t, "racoon_start_time_seconds 1700000000.125");
	free(t);
	/* what could not be asked is not 0 */
	f.has_sas = false;
	f.xfrm.n = 0;
	t = written(m, &f, true);
	LACKS(t, "racoon_kernel_sas");
	LACKS(t, "racoon_xfrm_total");
	free(t);
	metrics_free(m);
}
END_TEST

START_TEST(test_forms)
{
	const struct metrics_facts f = some_facts();
	struct metrics *m = metrics_new();
	char *t = written(m, &f, true);

	HAS(t, "# TYPE racoon_build info");
	HAS(t, "racoon_build_info{version=\"1.2\",crypto=\"lib\","
	    "backend=\"xfrm\"} 1");
	HAS(t, "# TYPE racoon_cpu_seconds counter");
	HAS(t, "# UNIT racoon_cpu_seconds seconds");
	HAS(t, "racoon_cpu_seconds_total 0.5");
	ck_assert_str_eq(t + strlen(t) - 6, "# EOF\n");
	free(t);
	t = written(m, &f, false);
	HAS(t, "# TYPE racoon_build_info gauge");
	HAS(t, "# TYPE racoon_cpu_seconds_total counter");
	HAS(t, "racoon_cpu_seconds_total 0.5");
	LACKS(t, "# UNIT");
	LACKS(t, "# EOF");
	free(t);
	metrics_free(m);
}
END_TEST

/* Every name of a sample has been announced, no family comes twice, and the
 * samples of each stand together: OpenMetrics 1.0, "MetricFamily". */
START_TEST(test_families)
{
	static const char *const ends[] = { "", "_total", "_bucket", "_sum",
		"_count", "_info" };
	const struct metrics_facts f = some_facts();
	struct metrics *m = metrics_new();
	char *t, *line, *rest, now[100] = "", seen[20000] = "", name[120];
	bool good;

	happens(m, IKE_EVENT_PHASE1_FAILED, E_TIMEOUT, true, 1);
	t = written(m, &f, true);
	for (line = strtok_r(t, "\n", &rest); line != NULL;
	    line = strtok_r(NULL, "\n", &rest)) {
		if (sscanf(line, "# TYPE %99s", now) == 1) {
			(void)snprintf(name, sizeof(name), " %s ", now);
			ck_assert_msg(strstr(seen, name) == NULL, "%s", now);
			ck_assert_uint_lt(strlen(seen), sizeof(seen) - 200);
			(void)strcat(seen, name);
		}
		if (line[0] == '#')
			continue;
		good = false;
		line[strcspn(line, "{ ")] = '\0';
		for (size_t i = 0; i < sizeof(ends) / sizeof(ends[0]); i++) {
			(void)snprintf(name, sizeof(name), "%s%s", now,
			    ends[i]);
			good |= strcmp(name, line) == 0;
		}
		ck_assert_msg(good, "%s after %s", line, now);
	}
	free(t);
	metrics_free(m);
}
END_TEST

START_TEST(test_too_long)
{
	const struct metrics_facts f = some_facts();
	struct metrics *m = metrics_new();
	struct buf b;

	buf_init(&b, 1000);
	metrics_put(m, &f, true, &b);
	ck_assert(!buf_ok(&b));
	buf_fini(&b);
	metrics_free(m);
}
END_TEST

START_TEST(test_xfrmstat)
{
	struct xfrmstat s;
	char long_name[200], file[] = "/tmp/check_metrics.XXXXXX";
	int fd;

	xfrmstat_get(&s, view_text("XfrmInError             \t0\n"
	    "XfrmInNoStates          \t17\n\nbad line\n 5\nXfrm 1x\n"
	    "XfrmOutError 99999999999999999999999\nXfrmLast 18446744073709551609"));
	ck_assert_uint_eq(s.n, 3);
	ck_assert_str_eq(s.row[0].name, "XfrmInError");
	ck_assert_str_eq(s.row[1].name, "XfrmInNoStates");
	ck_assert_uint_eq(s.row[1].value, 17);
	ck_assert_str_eq(s.row[2].name, "XfrmLast");
	ck_assert(s.row[2].value == 18446744073709551609ull);
	memset(long_name, 'a', sizeof(long_name));
	(void)strcpy(long_name + 50, " 1\n");
	xfrmstat_get(&s, view_text(long_name));
	ck_assert_uint_eq(s.n, 0);
	ck_assert(!xfrmstat_read(&s, -1));
	fd = mkstemp(file);
	ck_assert_int_ge(fd, 0);
	for (int i = 0; i < 100; i++)
		ck_assert_int_gt(dprintf(fd, "Xfrm%d %d\n", i, i), 0);
	ck_assert(xfrmstat_read(&s, fd));
	/* and again: it stays open */
	ck_assert(xfrmstat_read(&s, fd));
	(void)close(fd);
	ck_assert_uint_eq(s.n, XFRMSTAT_ROWS);
	ck_assert_uint_eq(s.row[63].value, 63);
	(void)unlink(file);
}
END_TEST

static int
request(const char *text, struct http_request *r)
{
	return http_get(view_text(text), r);
}

START_TEST(test_request)
{
	struct http_request r;
	char big[HTTP_REQUEST_MAX + 1];

	ck_assert_int_eq(request("GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n",
	    &r), 200);
	ck_assert(view_equal(r.path, view_text("/metrics")));
	ck_assert(!r.head && !r.openmetrics);
	ck_assert_int_eq(request("HEAD /metrics?a=b HTTP/1.0\n\n", &r), 200);
	ck_assert(view_equal(r.path, view_text("/metrics")) && r.head);
	/* every beginning of it is not complete */
	for (size_t i = 0; i < 24; i++)
		ck_assert_int_eq(http_get(view_of("GET / HTTP/1.1\r\nA: b\r\n"
		    "\r\n", i), &r), i < 24 ? 0 : 200);
	ck_assert_int_eq(request("POST / HTTP/1.1\r\n\r\n", &r), 405);
	ck_assert_int_eq(request("GET /\r\n\r\n", &r), 400);
	ck_assert_int_eq(request("GET  HTTP/1.1\r\n\r\n", &r), 400);
	ck_assert_int_eq(request("\r\n\r\n", &r), 400);
	ck_assert_int_eq(request("PRI * HTTP/2.0\r\n\r\n", &r), 400);
	memset(big, 'a', sizeof(big));
	ck_assert_int_eq(http_get(view_of(big, HTTP_REQUEST_MAX - 1), &r), 0);
	ck_assert_int_eq(http_get(view_of(big, HTTP_REQUEST_MAX), &r), 431);
}
END_TEST

static bool
prefers(const char *accept)
{
	struct http_request r;
	char text[400];

	(void)snprintf(text, sizeof(text), "GET /metrics HTTP/1.1\r\n"
	    "%s\r\n\r\n", accept);
	ck_assert_int_eq(request(text, &r), 200);
	return r.openmetrics;
}

START_TEST(test_accept)
{
	/* as Prometheus 2.42 asks */
	ck_assert(prefers("Accept: application/openmetrics-text;version=1.0.0,"
	    "application/openmetrics-text;version=0.0.1;q=0.75,"
	    "text/plain;version=0.0.4;q=0.5,*/*;q=0.1"));
	ck_assert(prefers("ACCEPT:application/OpenMetrics-Text"));
	ck_assert(!prefers("Accept: */*"));
	ck_assert(!prefers("Accept: text/plain"));
	ck_assert(!prefers("Accept: application/openmetrics-text; q=0"));
	ck_assert(!prefers("Accept: application/openmetrics-textual"));
	ck_assert(!prefers("X-Accept: application/openmetrics-text"));
}
END_TEST

START_TEST(test_answer)
{
	struct buf b;
	char *t;

	buf_init(&b, 1000);
	http_put(&b, 200, "text/plain", view_text("hello\n"), false);
	t = text_of(&b);
	ck_assert_ptr_eq(strstr(t, "HTTP/1.1 200 OK\r\n"), t);
	ck_assert_ptr_nonnull(strstr(t, "\r\nContent-Length: 6\r\n"));
	ck_assert_str_eq(strstr(t, "\r\n\r\n"), "\r\n\r\nhello\n");
	free(t);
	buf_reset(&b);
	http_put(&b, 405, "text/plain", view_text("no\n"), true);
	t = text_of(&b);
	ck_assert_ptr_nonnull(strstr(t, "\r\nAllow: GET, HEAD\r\n"));
	ck_assert_ptr_nonnull(strstr(t, "\r\nContent-Length: 3\r\n"));
	ck_assert_str_eq(strstr(t, "\r\n\r\n"), "\r\n\r\n");
	free(t);
	buf_fini(&b);
}
END_TEST

/* Something of everything, for other programs to look at. */
static int
print_sample(bool open)
{
	struct metrics_facts f = some_facts();
	struct metrics *m = metrics_new();
	struct buf b;

	happens(m, IKE_EVENT_PHASE1_UP, OK, true, 30);
	happens(m, IKE_EVENT_PHASE1_FAILED, E_NOPSK, false, 5);
	happens(m, IKE_EVENT_CHILD_DOWN, E_DELETED, true, 5);
	f.xfrm.n = 1;
	(void)strcpy(f.xfrm.row[0].name, "XfrmInNoStates");
	f.ncerts = 1;
	(void)strcpy(f.cert[0].remote, "gw");
	f.cert[0].left = 86400;
	buf_init(&b, METRICS_TEXT_MAX);
	metrics_put(m, &f, open, &b);
	(void)fwrite(b.p, 1, b.n, stdout);
	buf_fini(&b);
	metrics_free(m);
	return EXIT_SUCCESS;
}

int
main(int argc, char **argv)
{
	TCase *t;

	if (argc > 1)
		return print_sample(strcmp(argv[1], "open") == 0);
	t = tcase_create("metrics");

	tcase_add_test(t, test_negotiations);
	tcase_add_test(t, test_durations);
	tcase_add_test(t, test_engine_rows);
	tcase_add_test(t, test_facts);
	tcase_add_test(t, test_forms);
	tcase_add_test(t, test_families);
	tcase_add_test(t, test_too_long);
	tcase_add_test(t, test_xfrmstat);
	tcase_add_test(t, test_request);
	tcase_add_test(t, test_accept);
	tcase_add_test(t, test_answer);
	return run_case("metrics", t);
}
