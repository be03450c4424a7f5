/* The rows of fenzhang/merchant.h. */
#ifndef FZ_SPEC_MERCHANT_MERCHANT_H
#define FZ_SPEC_MERCHANT_MERCHANT_H

#include "fenzhang/merchant.h"
#include "spec/row/spec.h"

extern const char *const fz_sealing_words[]; /* AEAD_AES_256_GCM */

#endif
