/* How signers put a message together from its lines: rightly, and in the ways seen. */
#include "wire/doctor/internal.h"

#define M FZ_LINE_METHOD
#define U FZ_LINE_TARGET
#define T FZ_LINE_TIMESTAMP
#define N FZ_LINE_NONCE
#define B FZ_LINE_BODY

/* clang-format off */
#define FIVE 5, {M, U, T, N, B}
#define FOUR 4, {M, U, T, N}
#define MORE(how, ...) {FZ_MISTAKE_LINE_EXTRA, how, "\n", true, "", 6, {__VA_ARGS__}, FZ_SELDOM}
/* clang-format on */

const struct fz_shape fz_doctor_right_shape = {FZ_MISTAKE_NONE, NULL, "\n", true, "", FIVE, FZ_LIKELY};

/* With an empty body, "four lines, all ended" is the same as "the last line end is missing": the first that
 * fits is named. */
static const struct fz_shape shapes[] = {
    {FZ_MISTAKE_LAST_NEWLINE_MISSING, NULL, "\n", false, "", FIVE, FZ_LIKELY},
    {FZ_MISTAKE_BODY_LINE_MISSING, NULL, "\n", true, "", FOUR, FZ_LIKELY},
    {FZ_MISTAKE_BODY_LINE_MISSING, "nor does a line end follow the nonce", "\n", false, "", FOUR, FZ_LIKELY},
    {FZ_MISTAKE_NEWLINE_EXTRA, NULL, "\n", true, "\n", FIVE, FZ_LIKELY},
    {FZ_MISTAKE_CRLF_LINES, NULL, "\r\n", true, "", FIVE, FZ_LIKELY},
    {FZ_MISTAKE_CRLF_LINES, "and none behind the last line", "\r\n", false, "", FIVE, FZ_SELDOM},
    {FZ_MISTAKE_BACKSLASH_N, NULL, "\\n", true, "", FIVE, FZ_LIKELY},
    {FZ_MISTAKE_BACKSLASH_N, "and none behind the last line", "\\n", false, "", FIVE, FZ_SELDOM},
    {FZ_MISTAKE_LINES_JOINED, NULL, "", true, "", FIVE, FZ_SELDOM},
    {FZ_MISTAKE_LINES_JOINED, "blanks in between", " ", false, "", FIVE, FZ_SELDOM},
    {FZ_MISTAKE_LINES_JOINED, "& in between", "&", false, "", FIVE, FZ_SELDOM},
    {FZ_MISTAKE_LINES_JOINED, "commas in between", ",", false, "", FIVE, FZ_SELDOM},
    {FZ_MISTAKE_LINES_JOINED, "| in between", "|", false, "", FIVE, FZ_SELDOM},
    {FZ_MISTAKE_ANSWER_MESSAGE, NULL, "\n", true, "", 3, {T, N, B}, FZ_SELDOM},
    {FZ_MISTAKE_LINE_MISSING, "the method", "\n", true, "", 4, {U, T, N, B}, FZ_SELDOM},
    {FZ_MISTAKE_LINE_MISSING, "path with query", "\n", true, "", 4, {M, T, N, B}, FZ_SELDOM},
    {FZ_MISTAKE_LINE_MISSING, "the timestamp", "\n", true, "", 4, {M, U, N, B}, FZ_SELDOM},
    {FZ_MISTAKE_LINE_MISSING, "the nonce", "\n", true, "", 4, {M, U, T, B}, FZ_SELDOM},
    MORE("the host, before the path", M, FZ_LINE_HOST, U, T, N, B),
    MORE("the host, at the beginning", FZ_LINE_HOST, M, U, T, N, B),
    MORE("the scheme of Authorization", FZ_LINE_SCHEME, M, U, T, N, B),
    MORE("the mchid, at the beginning", FZ_LINE_MCHID, M, U, T, N, B),
    MORE("the mchid, at the end", M, U, T, N, B, FZ_LINE_MCHID),
    MORE("the mchid, before the timestamp", M, U, FZ_LINE_MCHID, T, N, B),
    MORE("the serial number, at the end", M, U, T, N, B, FZ_LINE_SERIAL),
    MORE("the serial number, before the body", M, U, T, N, FZ_LINE_SERIAL, B),
    MORE("an empty one, before the body", M, U, T, N, FZ_LINE_EMPTY, B),
    MORE("an empty one, at the beginning", FZ_LINE_EMPTY, M, U, T, N, B),
};
#define SHAPE_COUNT (sizeof shapes / sizeof shapes[0])
#define ORDERS      120 /* of five lines */

/* The lines in the order of that number, 1 to 119 (0 is the right one): each digit of the number, in the
 * system of factorials, picks one of those left. */
static void set_order(size_t number, struct fz_shape *shape)
{
    unsigned char left[] = {M, U, T, N, B};
    size_t factorial = ORDERS / 5;
    for (size_t place = 0; place < 5; place++) {
        size_t pick = number / factorial;
        number %= factorial;
        factorial /= place < 4 ? 4 - place : 1;
        shape->order[place] = left[pick];
        for (size_t i = pick; i + 1 < sizeof left; i++)
            left[i] = left[i + 1];
    }
}

bool fz_doctor_shape(size_t index, struct fz_shape *out)
{
    if (index < SHAPE_COUNT) {
        *out = shapes[index];
        return true;
    }
    size_t order = index - SHAPE_COUNT + 1;
    if (order >= ORDERS)
        return false;
    *out = fz_doctor_right_shape;
    out->mistake = FZ_MISTAKE_LINE_ORDER;
    out->frequency = FZ_RARE;
    set_order(order, out);
    return true;
}
