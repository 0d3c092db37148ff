/* SPDX-License-Identifier: ISC */
/*
 * The formats differ in these: OpenMetrics names a counter's family without
 * _total, has units, types of information, and an end.
 */
#include "daemon/metrics_text.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define PREFIX		"racoon_"

static void	 add(const struct family *, const char *fmt, ...)
		    __attribute__((format(printf, 2, 3)));

static void
add(const struct family *f, const char *fmt, ...)
{
	char text[600];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof(text))
		f->out->bad = true;
	else
		buf_put(f->out, text, (size_t)n);
}

/* Backslash and newline, and in values the double quote. */
static void
add_escaped(const struct family *f, const char *text, bool value)
{
	for (const char *p = text; *p != '\0'; p++)
		if (*p == '\n')
			buf_put(f->out, "\\n", 2);
		else if (*p == '\\' || (value && *p == '"'))
			add(f, "\\%c", *p);
		else if ((unsigned char)*p < ' ' || *p == 127)
			buf_put(f->out, "?", 1);
		else
			buf_put(f->out, p, 1);
}

/* What a block is called comes from a file that may be of any encoding. */
static bool
is_utf8(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;
	unsigned int more;

	for (; *p != '\0'; p++) {
		more = *p < 0x80 ? 0 : *p >= 0xc2 && *p < 0xe0 ? 1 :
		    *p >= 0xe1 && *p < 0xf0 && *p != 0xed ? 2 : 9;
		if (more == 9)
			return false;
		for (; more > 0; more--)
			if ((*++p & 0xc0) != 0x80)
				return false;
	}
	return true;
}

static const char *
suffix(const struct family *f)
{
	switch (f->type) {
	case FAMILY_COUNTER:
		return "_total";
	case FAMILY_INFO:
		return "_info";
	case FAMILY_GAUGE:
	case FAMILY_HISTOGRAM:
		break;
	}
	return "";
}

static const char *
type_word(const struct family *f)
{
	switch (f->type) {
	case FAMILY_COUNTER:
		return "counter";
	case FAMILY_GAUGE:
		return "gauge";
	case FAMILY_HISTOGRAM:
		return "histogram";
	case FAMILY_INFO:
		return f->open ? "info" : "gauge";
	}
	return "?";
}

void
family_begin(struct family *f, enum family_type type, const char *name,
    const char *unit, const char *help)
{
	const char *end;

	f->type = type;
	(void)snprintf(f->name, sizeof(f->name), PREFIX "%s", name);
	end = f->open ? "" : suffix(f);
	add(f, "# TYPE %s%s %s\n", f->name, end, type_word(f));
	if (f->open && unit != NULL)
		add(f, "# UNIT %s %s\n", f->name, unit);
	add(f, "# HELP %s%s ", f->name, end);
	add_escaped(f, help, f->open);
	add(f, ".\n");
}

static void
add_labels(const struct family *f, const struct label *l)
{
	const char *sep = "{";

	if (l == NULL || l->name == NULL)
		return;
	for (; l->name != NULL; l++) {
		add(f, "%s%s=\"", sep, l->name);
		add_escaped(f, is_utf8(l->value) ? l->value : "?", true);
		add(f, "\"");
		sep = ",";
	}
	add(f, "}");
}

void
family_count(struct family *f, const struct label *l, uint64_t n)
{
	add(f, "%s%s", f->name, suffix(f));
	add_labels(f, l);
	add(f, " %llu\n", (unsigned long long)n);
}

/* Enough digits for milliseconds since the epoch. */
void
family_value(struct family *f, const struct label *l, double v)
{
	add(f, "%s%s", f->name, suffix(f));
	add_labels(f, l);
	add(f, " %.14g\n", v);
}

void
family_info(struct family *f, const struct label *l)
{
	family_count(f, l, 1);
}

static void
add_bucket(const struct family *f, const struct label *l, const char *le,
    uint64_t n)
{
	struct label with[LABELS_MAX + 1];
	size_t i = 0;

	for (; l != NULL && l[i].name != NULL && i < LABELS_MAX - 1; i++)
		with[i] = l[i];
	with[i++] = (struct label){ "le", le };
	with[i] = (struct label){ NULL, NULL };
	add(f, "%s_bucket", f->name);
	add_labels(f, with);
	add(f, " %llu\n", (unsigned long long)n);
}

/* In OpenMetrics the value of le is a number with a point. */
void
family_histogram(struct family *f, const struct label *l, const double *le,
    size_t n, const uint64_t *counts, double sum)
{
	uint64_t so_far = 0;
	char text[40];

	for (size_t i = 0; i < n; i++) {
		so_far += counts[i];
		(void)snprintf(text, sizeof(text), "%g", le[i]);
		if (f->open && strchr(text, '.') == NULL)
			strcat(text, ".0");
		add_bucket(f, l, text, so_far);
	}
	so_far += counts[n];
	add_bucket(f, l, "+Inf", so_far);
	add(f, "%s_sum", f->name);
	add_labels(f, l);
	add(f, " %.14g\n%s_count", sum, f->name);
	add_labels(f, l);
	add(f, " %llu\n", (unsigned long long)so_far);
}

void
family_end(const struct family *f)
{
	if (f->open)
		add(f, "# EOF\n");
}
