/* SPDX-License-Identifier: ISC */
/*
 * main() of a fuzz target where there is no libFuzzer: runs every file named,
 * directories recursively, and after each one a fixed series of mutants of it.
 * The same arguments always give the same inputs.  See README.
 */
#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "test/fuzz/fuzz.h"

#define INPUT_MAX	((size_t)1 << 20)
#define GROWTH_MAX	64		/* bytes that a mutant may gain */
#define PATH_LEN	4096
#define DEFAULT_MUTANTS	500

struct run {
	uint64_t	 random;	/* state of xorshift64* */
	unsigned long	 mutants;	/* of each file */
	const char	*keep;		/* where to keep the current input */
	unsigned long	 files, inputs;
};

struct input {
	uint8_t		*p;
	size_t		 n;
};

static size_t
pick(struct run *run, size_t below)
{
	run->random ^= run->random >> 12;
	run->random ^= run->random << 25;
	run->random ^= run->random >> 27;
	return (size_t)(run->random * 2685821657736338717u >> 32) % below;
}

static void
flip_bit(struct run *run, struct input *in)
{
	if (in->n > 0)
		in->p[pick(run, in->n)] ^= (uint8_t)(1u << pick(run, 8));
}

static void
set_byte(struct run *run, struct input *in)
{
	static const uint8_t edge[] = { 0, 1, 3, 4, 127, 128, 254, 255 };

	if (in->n > 0)
		in->p[pick(run, in->n)] = edge[pick(run, sizeof(edge))];
}

/* Lengths are what decoders trip over: a small change of two bytes. */
static void
nudge_u16(struct run *run, struct input *in)
{
	size_t at;
	unsigned int value;

	if (in->n < 2)
		return;
	at = pick(run, in->n - 1);
	value = (unsigned int)in->p[at] << 8 | in->p[at + 1];
	value += (unsigned int)pick(run, 17) - 8;
	in->p[at] = (uint8_t)(value >> 8);
	in->p[at + 1] = (uint8_t)value;
}

static void
cut_end(struct run *run, struct input *in)
{
	if (in->n > 0)
		in->n = pick(run, in->n);
}

static void
cut_middle(struct run *run, struct input *in)
{
	size_t at, len;

	if (in->n == 0)
		return;
	at = pick(run, in->n);
	len = 1 + pick(run, in->n - at);
	memmove(in->p + at, in->p + at + len, in->n - at - len);
	in->n -= len;
}

/* Repeats a piece in place; room for GROWTH_MAX bytes is behind the input. */
static void
repeat_piece(struct run *run, struct input *in)
{
	size_t at, len;

	if (in->n == 0)
		return;
	at = pick(run, in->n);
	len = 1 + pick(run, GROWTH_MAX / 4);
	if (len > in->n - at)
		len = in->n - at;
	memmove(in->p + at + len, in->p + at, in->n - at);
	in->n += len;
}

static void
swap_bytes(struct run *run, struct input *in)
{
	size_t a, b;
	uint8_t old;

	if (in->n == 0)
		return;
	a = pick(run, in->n);
	b = pick(run, in->n);
	old = in->p[a];
	in->p[a] = in->p[b];
	in->p[b] = old;
}

typedef void mutation(struct run *, struct input *);

static mutation *const mutations[] = {
	flip_bit, set_byte, nudge_u16, cut_end, cut_middle, repeat_piece,
	swap_bytes
};

/* At most four mutations, so repeat_piece cannot exceed GROWTH_MAX. */
static void
mutate(struct run *run, struct input *in)
{
	size_t i, n = 1 + pick(run, 4);

	for (i = 0; i < n; i++)
		mutations[pick(run, sizeof(mutations) /
		    sizeof(mutations[0]))](run, in);
}

static void
keep_input(const char *path, const struct input *in)
{
	FILE *f;

	if ((f = fopen(path, "wb")) == NULL ||
	    fwrite(in->p, 1, in->n, f) != in->n || fclose(f) != 0)
		err(1, "%s", path);
}

/* Hands over a copy of exactly N bytes: a sanitizer sees each overrun. */
static void
run_input(struct run *run, const struct input *in)
{
	uint8_t *copy;

	if (run->keep != NULL)
		keep_input(run->keep, in);
	if ((copy = malloc(in->n > 0 ? in->n : 1)) == NULL)
		err(1, "malloc");
	memcpy(copy, in->p, in->n);
	if (LLVMFuzzerTestOneInput(copy, in->n) != 0)
		errx(1, "the target returned something other than 0");
	free(copy);
	run->inputs++;
}

static void
run_file(struct run *run, const char *path)
{
	struct input seed, in;
	unsigned long i;
	FILE *f;

	seed.p = malloc(INPUT_MAX);
	in.p = malloc(INPUT_MAX + GROWTH_MAX);
	if (seed.p == NULL || in.p == NULL)
		err(1, "malloc");
	if ((f = fopen(path, "rb")) == NULL)
		err(1, "%s", path);
	seed.n = fread(seed.p, 1, INPUT_MAX, f);
	if (ferror(f) || !feof(f))
		errx(1, "%s: cannot be read or has 1 MiB or more", path);
	fclose(f);
	run->files++;
	run_input(run, &seed);
	for (i = 0; i < run->mutants; i++) {
		memcpy(in.p, seed.p, seed.n);
		in.n = seed.n;
		mutate(run, &in);
		run_input(run, &in);
	}
	free(in.p);
	free(seed.p);
}

static int
visible(const struct dirent *entry)
{
	return entry->d_name[0] != '.';
}

/* In order of names: what runs must not depend on the file system. */
static void
run_path(struct run *run, const char *path)
{
	char below[PATH_LEN];
	struct dirent **list;
	struct stat st;
	int i, n;

	if (stat(path, &st) == -1)
		err(1, "%s", path);
	if (!S_ISDIR(st.st_mode)) {
		run_file(run, path);
		return;
	}
	if ((n = scandir(path, &list, visible, alphasort)) == -1)
		err(1, "%s", path);
	for (i = 0; i < n; i++) {
		if (snprintf(below, sizeof(below), "%s/%s", path,
		    list[i]->d_name) >= (int)sizeof(below))
			errx(1, "%s: the path is too long", path);
		run_path(run, below);
		free(list[i]);
	}
	free(list);
}

/* Without files, as `make check' calls us: the corpus of our own name. */
static void
run_own_corpus(struct run *run, const char *self)
{
	const char *srcdir = getenv("srcdir"), *name;
	char path[PATH_LEN];

	name = strstr(self, "fuzz_");
	while (name != NULL && strchr(name, '/') != NULL)
		name = strstr(name + 1, "fuzz_");
	if (name == NULL)
		errx(1, "name the files to run");
	if (snprintf(path, sizeof(path), "%s/test/fuzz/corpus/%s",
	    srcdir == NULL ? "." : srcdir, name + strlen("fuzz_")) >=
	    (int)sizeof(path))
		errx(1, "the path is too long");
	run_path(run, path);
}

static void
usage(const char *self)
{
	fprintf(stderr, "usage: %s [-k FILE] [-m MUTANTS] [-s SEED] "
	    "[FILE|DIRECTORY ...]\n", self);
	exit(2);
}

int
main(int argc, char **argv)
{
	struct run run = { .random = 1, .mutants = DEFAULT_MUTANTS };
	int option, i;

	while ((option = getopt(argc, argv, "k:m:s:")) != -1) {
		if (option == 'k')
			run.keep = optarg;
		else if (option == 'm')
			run.mutants = strtoul(optarg, NULL, 10);
		else if (option == 's')
			run.random = strtoul(optarg, NULL, 10) + 1;
		else
			usage(argv[0]);
	}
	if (optind == argc)
		run_own_corpus(&run, argv[0]);
	for (i = optind; i < argc; i++)
		run_path(&run, argv[i]);
	printf("%lu files, %lu inputs\n", run.files, run.inputs);
	if (run.files == 0)
		errx(1, "there was no file to run");
	return 0;
}
