/* The rows of fenzhang/receiver.h. */
#ifndef FZ_SPEC_DISTRIBUTION_RECEIVER_H
#define FZ_SPEC_DISTRIBUTION_RECEIVER_H

#include "fenzhang/receiver.h"
#include "spec/row/spec.h"

#define FZ_NAME_MAX 1024 /* characters: the API's bound of a name that is sealed, and no less than of one that is opened */

extern const struct fz_member fz_receiver_answer_members[];
extern const char *const fz_receiver_type_words[];  /* MERCHANT_ID, PERSONAL_OPENID, PERSONAL_SUB_OPENID */
extern const char *const fz_relation_type_words[];  /* SUPPLIER … */
extern const char *const fz_receiver_state_words[]; /* INIT, EFFECTIVE, FAILED */

extern const struct fz_spec fz_spec_receiver_query; /* by which lost writes are found out */

#endif
