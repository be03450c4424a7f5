/* The rows of fenzhang/distribution.h. */
#ifndef FZ_SPEC_DISTRIBUTION_DISTRIBUTION_H
#define FZ_SPEC_DISTRIBUTION_DISTRIBUTION_H

#include "fenzhang/distribution.h"
#include "spec/common/money.h"
#include "spec/row/spec.h"

extern const struct fz_member fz_distribution_answer_members[];
extern const char *const fz_distribution_state_words[]; /* PROCESSING, FINISHED */
extern const char *const fz_slice_result_words[];       /* PENDING, SUCCESS, CLOSED */
extern const char *const fz_slice_fail_words[];         /* why a slice can fail: ACCOUNT_ABNORMAL … */

extern const struct fz_spec fz_spec_distribution_query; /* by which lost writes are found out */

#endif
