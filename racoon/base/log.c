/* SPDX-License-Identifier: ISC */
/*
 * Log lines: level check, formatting, hand-over to the sink.  Text may come
 * from a peer or a file, so control bytes never reach a terminal or a syslog.
 */
#include "base/log.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <time.h>

#include "libipsec/addr.h"

static struct {
	log_sink	*sink;
	void		*ctx;
	enum log_level	 level;
} state = { NULL, NULL, LOG_L_INFO };

void
log_to(log_sink *sink, void *ctx)
{
	state.sink = sink;
	state.ctx = ctx;
}

void
log_set_level(enum log_level level)
{
	state.level = level;
}

enum log_level
log_get_level(void)
{
	return state.level;
}

bool
log_on(enum log_level level)
{
	return level <= state.level;
}

const char *
log_level_name(enum log_level level)
{
	static const char *const name[] = {
		[LOG_L_ERROR] = "ERROR",
		[LOG_L_WARNING] = "WARNING",
		[LOG_L_NOTIFY] = "NOTIFY",
		[LOG_L_INFO] = "INFO",
		[LOG_L_DEBUG] = "DEBUG",
		[LOG_L_DEBUG2] = "DEBUG2",
	};

	if (level < LOG_L_ERROR || level > LOG_L_DEBUG2)
		return "(not defined)";
	return name[level];
}

size_t
log_line(char *out, size_t size, time_t now, enum log_level level,
    const char *peer, const char *text)
{
	char stamp[32] = "";
	struct tm tm;
	int n;

	if (localtime_r(&now, &tm) != NULL)
		(void)strftime(stamp, sizeof(stamp), "%Y-%m-%d %H:%M:%S: ",
		    &tm);
	n = snprintf(out, size, "%s%s%s%s%s: %s", stamp,
	    peer != NULL ? "[" : "", peer != NULL ? peer : "",
	    peer != NULL ? "] " : "", log_level_name(level), text);
	if (n < 0)
		return 0;
	return (size_t)n < size ? (size_t)n : size - 1;
}

static void
to_stderr(enum log_level level, const char *peer, const char *text)
{
	char line[LOG_LINE];

	(void)log_line(line, sizeof(line), time(NULL), level, peer, text);
	(void)fprintf(stderr, "%s\n", line);
}

/*
 * Bytes of the character of several that P begins with; 0: it is none of
 * UTF-8, or it is a control character (U+0080 to U+009F: CSI and the like).
 */
static size_t
wide(const char *p)
{
	const uint8_t *c = (const uint8_t *)p;
	const size_t n = c[0] < 0xc2 || c[0] > 0xf4 ? 0 : c[0] < 0xe0 ? 2 :
	    c[0] < 0xf0 ? 3 : 4;

	for (size_t i = 1; i < n; i++)
		if ((c[i] & 0xc0) != 0x80)
			return 0;
	if ((c[0] == 0xc2 && c[1] < 0xa0) || (c[0] == 0xe0 && c[1] < 0xa0) ||
	    (c[0] == 0xf0 && c[1] < 0x90))
		return 0;
	return n;
}

void
log_tidy(char *text)
{
	size_t n;

	for (char *p = text; *p != '\0'; p += n) {
		const uint8_t c = (uint8_t)*p;

		n = c < 0x80 ? 1 : wide(p);
		if (n == 0 || c < 0x20 || c == 0x7f) {
			*p = c == '\n' || c == '\t' ? ' ' : '?';
			n = 1;
		}
	}
}

/* Makes a text of N bytes that was cut to SIZE fit for one line. */
static void
tidy(char *text, size_t size, int n)
{
	if (n < 0) {
		(void)snprintf(text, size, "(this message cannot be printed)");
		return;
	}
	if ((size_t)n >= size)
		(void)snprintf(text + size - 4, 4, "...");
	log_tidy(text);
}

static void __attribute__((format(printf, 3, 0)))
emit(enum log_level level, const char *peer, const char *fmt, va_list ap)
{
	char text[LOG_TEXT];

	tidy(text, sizeof(text), vsnprintf(text, sizeof(text), fmt, ap));
	if (state.sink != NULL)
		state.sink(state.ctx, level, peer, text);
	else
		to_stderr(level, peer, text);
}

void
log_msg(enum log_level level, const char *fmt, ...)
{
	va_list ap;

	if (!log_on(level))
		return;
	va_start(ap, fmt);
	emit(level, NULL, fmt, ap);
	va_end(ap);
}

void
log_peer(enum log_level level, const struct ipsec_addr *peer, const char *fmt,
    ...)
{
	char name[ADDR_TEXT];
	va_list ap;

	if (!log_on(level))
		return;
	va_start(ap, fmt);
	emit(level, peer != NULL ? addr_print(peer, name) : NULL, fmt, ap);
	va_end(ap);
}
