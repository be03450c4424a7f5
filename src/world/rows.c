/* The rows of a world file. */
#include "base/amount.h"
#include "book/merchant/hindrance.h"
#include "book/order/payment.h"
#include "spec/common/money.h"
#include "spec/distribution/receiver.h"
#include "book/money.h"
#include "world/step_rows.h"

#define MERCHANTS_MAX 10000
#define STEPS_MAX     20000
#define PEM_MAX       8192
#define KEY_PATH_MAX  1000
#define ONLY_ONE      1

const char *const fz_public_key_use_words[] = {"off", "both", "only", NULL};
const char *const fz_signer_words[] = {"certificate", "public_key", NULL};
const char *const fz_world_limits_words[] = {"real", "off", NULL};

static const struct fz_world_row clock_rows[] = {
    {"now", FZ_WORLD_TEXT, "where the story ends, like 2026-01-05T10:00:00+08:00 (the real time)", .min = 20, .max = 40},
    {"begins", FZ_WORLD_MOMENT, "where the story begins: now - 5 (at now)"},
    {"frozen", FZ_WORLD_BOOLEAN, "whether the clock stands from then on (false)"},
    {0}};

static const struct fz_world_row rate_item = {NULL, FZ_WORLD_INTEGER, "CNY for one unit, x 10^8", .min = 1, .max = FZ_RATE_MAX};

static const struct fz_world_row platform_rows[] = {
    {"private_key", FZ_WORLD_LINES, "that signs answers, RSA, as PKCS #8 PEM (made)", .min = 1, .max = PEM_MAX},
    {"private_key_file", FZ_WORLD_TEXT, "the same as a file, beside this one", .min = 1, .max = KEY_PATH_MAX},
    {"public_key_private_key", FZ_WORLD_LINES, "of the public key that is used without a certificate (made)", .min = 1, .max = PEM_MAX},
    {"public_key_private_key_file", FZ_WORLD_TEXT, "the same as a file", .min = 1, .max = KEY_PATH_MAX},
    {0}};

static const struct fz_world_row appid_item = {NULL, FZ_WORLD_TEXT, NULL, .min = 1, .max = 32};
static const struct fz_world_row scene_item = {NULL, FZ_WORLD_WORD, NULL, .words = fz_scene_words};

/* As POST /merchants has them, but for the files. */
static const struct fz_world_row merchant_rows[] = {
    {"mchid", FZ_WORLD_TEXT, "its number", true, .min = 8, .max = 32, .letters = FZ_WORLD_DIGITS},
    {"kind", FZ_WORLD_WORD, "direct, institution or sub", true, .words = fz_merchant_kind_words},
    {"parent", FZ_WORLD_TEXT, "of a sub-merchant: its institution, which stands above it", .min = 8, .max = 32, .letters = FZ_WORLD_DIGITS},
    {"contract_date", FZ_WORLD_DAY, "of the contract for distribution, which holds from the day after (none)", .or_null = true},
    {"fee_rate", FZ_WORLD_INTEGER, "in 1/10000 (60; of a sub-merchant its institution's)", .or_null = true, .min = 0, .max = 10000},
    {"settlement_currency", FZ_WORLD_TEXT, "USD; of a sub-merchant its institution's", .min = 3, .max = 3},
    {"distribution_ratio", FZ_WORLD_INTEGER, "in 1/10000 (3000; of a sub-merchant its institution's)", .or_null = true, .min = 0,
     .max = 10000},
    {"penalised", FZ_WORLD_BOOLEAN, "whether it may distribute nothing"},
    {"appids", FZ_WORLD_LIST, "that it may use (any)", .min = 0, .max = 50, .item = &appid_item},
    {"papers", FZ_WORLD_WORD, "missing: it takes no new orders", .words = fz_papers_words},
    {"refused_scenes", FZ_WORLD_LIST, "ways of paying that it may not offer", .min = 0, .max = 5, .item = &scene_item},
    {"cny_pool", FZ_WORLD_WORD, "empty: today's pools count as converted", .words = fz_cny_pool_words},
    {"private_key", FZ_WORLD_LINES, "that it signs with, RSA, as PKCS #8 PEM (made, unless another is brought)", .min = 1, .max = PEM_MAX},
    {"private_key_file", FZ_WORLD_TEXT, "the same as a file, beside this one", .min = 1, .max = KEY_PATH_MAX},
    {"certificate", FZ_WORLD_LINES, "that it signs under, as PEM; none: it has none", .min = 1, .max = PEM_MAX},
    {"certificate_file", FZ_WORLD_TEXT, "the same as a file", .min = 1, .max = KEY_PATH_MAX},
    {"merchant_public_key", FZ_WORLD_LINES, "instead of a certificate: its public key as PEM, with a serial_no", .min = 1, .max = PEM_MAX},
    {"merchant_public_key_file", FZ_WORLD_TEXT, "the same as a file", .min = 1, .max = KEY_PATH_MAX},
    {"serial_no", FZ_WORLD_TEXT, "of its certificate (as that says, or drawn)", .min = 1, .max = 40,
     .letters = FZ_WORLD_DIGITS "ABCDEFabcdef"},
    {"apiv3_key", FZ_WORLD_TEXT, "32 characters (drawn); none: it has none", .min = 4, .max = 32},
    {"public_key", FZ_WORLD_WORD, "whether it checks answers with the platform's public key (off)", .words = fz_public_key_use_words},
    {"callbacks_signed_by", FZ_WORLD_WORD, "which of the platform's keys", .words = fz_signer_words},
    {0}};
static const struct fz_world_row merchant_item = {NULL, FZ_WORLD_MAPPING, NULL, .rows = merchant_rows};

static const struct fz_world_row receiver_item = {NULL, FZ_WORLD_MAPPING, NULL, .rows = fz_world_receiver_rows};
static const struct fz_world_row step_item = {NULL, FZ_WORLD_MAPPING, NULL, .rows = fz_world_step_rows};
static const struct fz_world_row fault_item = {NULL, FZ_WORLD_CALL, NULL, .call = "POST /faults"};

static const struct fz_world_row name_item = {NULL, FZ_WORLD_TEXT, NULL, .min = 0, .max = 1000};
static const struct fz_world_row environment_rows[] = {
    {"prefix", FZ_WORLD_TEXT, "of the names: DIRECT_ makes DIRECT_MCHID (none)", .min = 0, .max = 30,
     .letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_"},
    {"mchid", FZ_WORLD_TEXT, "whose names: MCHID, SERIAL_NO, PRIVATE_KEY_PEM ...", true, .min = 8, .max = 32, .letters = FZ_WORLD_DIGITS},
    {"names", FZ_WORLD_NAMED, "more of them", .min = 0, .max = 60, .letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_", .item = &name_item},
    {0}};
static const struct fz_world_row environment_item = {NULL, FZ_WORLD_MAPPING, NULL, .rows = environment_rows};

const struct fz_world_row fz_world_rows[] = {
    {"fenzhang", FZ_WORLD_INTEGER, "the form of this file: 1", true, .min = ONLY_ONE, .max = ONLY_ONE},
    {"about", FZ_WORLD_LINES, "what this world is for, in words", .min = 0, .max = 4000},
    {"clock", FZ_WORLD_MAPPING, "when it is", .rows = clock_rows},
    {"limits", FZ_WORLD_WORD, "whether the documented limits on requests hold (as --limits says)", .words = fz_world_limits_words},
    {"rates", FZ_WORLD_NAMED, "of currencies, where an order names none: USD: 650000000", .min = 0, .max = FZ_CURRENCY_COUNT,
     .letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ", .item = &rate_item},
    {"platform", FZ_WORLD_MAPPING, "the platform's keys", .rows = platform_rows},
    {"merchants", FZ_WORLD_LIST, "an institution above its sub-merchants", true, .min = 1, .max = MERCHANTS_MAX, .item = &merchant_item},
    {"receivers", FZ_WORLD_LIST, "who may be given a part of an order, audited", .min = 0, .max = MERCHANTS_MAX, .item = &receiver_item},
    {"story", FZ_WORLD_LIST, "what happened until now, in order", .min = 0, .max = STEPS_MAX, .item = &step_item},
    {"faults", FZ_WORLD_LIST, "requests that go wrong, as POST /faults takes them", .min = 0, .max = 64, .item = &fault_item},
    {"environment", FZ_WORLD_LIST, "what demo.env tells (the first who calls)", .min = 0, .max = 20, .item = &environment_item},
    {0}};
