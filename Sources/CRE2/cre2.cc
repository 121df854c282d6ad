#include "cre2.h"

#include <re2/re2.h>

#include <vector>

/// Patterns come from tenants: none may take more than this for its automaton.
static const int64_t kMaximumMemory = 3 << 20;

struct tf_re2 {
    re2::RE2 pattern;

    tf_re2(const re2::StringPiece &text, const re2::RE2::Options &options) : pattern(text, options) {}
};

extern "C" {

tf_re2 *tf_re2_new(const char *pattern, size_t length, bool case_insensitive, bool dot_matches_newline) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    options.set_max_mem(kMaximumMemory);
    options.set_case_sensitive(!case_insensitive);
    options.set_dot_nl(dot_matches_newline);
    return new tf_re2(re2::StringPiece(pattern, length), options);
}

void tf_re2_free(tf_re2 *re2) { delete re2; }

const char *tf_re2_error(const tf_re2 *re2) { return re2->pattern.ok() ? nullptr : re2->pattern.error().c_str(); }


int tf_re2_size(const tf_re2 *re2) { return re2->pattern.ProgramSize(); }

int tf_re2_groups(const tf_re2 *re2) { return re2->pattern.NumberOfCapturingGroups(); }

const char *tf_re2_group_name(const tf_re2 *re2, int group) {
    const auto &names = re2->pattern.CapturingGroupNames();
    auto found = names.find(group);
    return found == names.end() ? nullptr : found->second.c_str();
}

bool tf_re2_matches_all(const tf_re2 *re2, const char *text, size_t length) {
    return re2::RE2::FullMatch(re2::StringPiece(text, length), re2->pattern);
}

bool tf_re2_find(
    const tf_re2 *re2, const char *text, size_t length, size_t start, bool anchored, ptrdiff_t *spans, int count) {
    std::vector<re2::StringPiece> pieces(count);
    re2::StringPiece subject(text, length);
    auto anchor = anchored ? re2::RE2::ANCHOR_START : re2::RE2::UNANCHORED;
    if (!re2->pattern.Match(subject, start, length, anchor, pieces.data(), count)) return false;
    for (int index = 0; index < count; index++) {
        bool matched = pieces[index].data() != nullptr;
        spans[2 * index] = matched ? pieces[index].data() - text : -1;
        spans[2 * index + 1] = matched ? pieces[index].data() - text + (ptrdiff_t)pieces[index].size() : -1;
    }
    return true;
}

}
