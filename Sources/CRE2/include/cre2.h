#ifndef TICKETFLOWER_CRE2_H
#define TICKETFLOWER_CRE2_H

#include <stdbool.h>
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A compiled pattern of RE2, whose matching time is linear in the text.
typedef struct tf_re2 tf_re2;

/// Compiles `pattern`; never NULL. Free it with `tf_re2_free`.
tf_re2 *tf_re2_new(const char *pattern, size_t length, bool case_insensitive, bool dot_matches_newline);

void tf_re2_free(tf_re2 *re2);

/// What is wrong with the pattern, or NULL; it lives as long as `re2`.
const char *tf_re2_error(const tf_re2 *re2);

/// The number of instructions: a match costs at most this many steps for each byte of the text.
int tf_re2_size(const tf_re2 *re2);

/// The number of capturing groups, without the whole match.
int tf_re2_groups(const tf_re2 *re2);

/// The name of a group, counted from 1, or NULL; it lives as long as `re2`.
const char *tf_re2_group_name(const tf_re2 *re2, int group);

/// Whether the whole text matches.
bool tf_re2_matches_all(const tf_re2 *re2, const char *text, size_t length);

/// Finds the first match at or behind `start`; one that is `anchored` starts there.
/// `spans` takes 2 * count offsets: start and end of the match and of each group, -1 for a group without a match.
bool tf_re2_find(
    const tf_re2 *re2, const char *text, size_t length, size_t start, bool anchored, ptrdiff_t *spans, int count);

#ifdef __cplusplus
}
#endif

#endif
