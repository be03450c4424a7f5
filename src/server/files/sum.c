/* Sums of bills: made once, and never taken for that of another file. */
#include "server/files/sum.h"

#include <inttypes.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

#define DIGITS     (FZ_BILL_SUM_SIZE - 1)
#define MARKS_SIZE 100
#define BLOCK_SIZE 65536

/* Inode, size and time of the last change: a bill that was made anew, or that somebody has put into the place of the
 * one that was made, has others, and the sum is made anew. Costs one fstat a download. (That a text edited by hand is
 * sent at all is as it should be: it is a way to see what one's own program makes of a spoilt statement.) */
static bool write_marks(int bill, char out[MARKS_SIZE])
{
    struct stat found;
    if (fstat(bill, &found) != 0)
        return false;
    snprintf(out, MARKS_SIZE, " %ju %jd %jd.%09ld\n", (uintmax_t)found.st_ino, (intmax_t)found.st_size,
             (intmax_t)found.st_ctim.tv_sec, found.st_ctim.tv_nsec);
    return true;
}

static bool add_file(EVP_MD_CTX *hash, int bill)
{
    unsigned char block[BLOCK_SIZE];
    off_t at = 0;
    ssize_t got;
    while ((got = pread(bill, block, sizeof block, at)) > 0) {
        if (EVP_DigestUpdate(hash, block, (size_t)got) != 1)
            return false;
        at += got;
    }
    return got == 0;
}

static bool write_sum(int bill, char out[FZ_BILL_SUM_SIZE])
{
    unsigned char digest[DIGITS / 2];
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool good = hash != NULL && EVP_DigestInit_ex2(hash, EVP_sha1(), NULL) == 1 && add_file(hash, bill) &&
                EVP_DigestFinal_ex(hash, digest, NULL) == 1;
    EVP_MD_CTX_free(hash);
    for (size_t i = 0; good && i < sizeof digest; i++)
        snprintf(out + 2 * i, 3, "%02x", digest[i]);
    return good;
}

enum fz_result fz_bill_sum_write(int bill, fz_block_sink sink, void *argument)
{
    char marks[MARKS_SIZE], line[DIGITS + MARKS_SIZE];
    if (!write_marks(bill, marks) || !write_sum(bill, line)) /* the marks first: what changes meanwhile has others */
        return FZ_FAILED;
    fz_copy(line + DIGITS, MARKS_SIZE, marks);
    return sink(argument, line, strlen(line));
}

enum fz_result fz_bill_sum_read(int file, int bill, char out[FZ_BILL_SUM_SIZE])
{
    char marks[MARKS_SIZE], line[DIGITS + MARKS_SIZE];
    ssize_t size = pread(file, line, sizeof line - 1, 0);
    if (size < 0 || !write_marks(bill, marks))
        return FZ_FAILED;
    line[size] = '\0';
    if (strspn(line, "0123456789abcdef") != DIGITS || strcmp(line + DIGITS, marks) != 0)
        return FZ_ABSENT;
    return fz_copy_part(out, FZ_BILL_SUM_SIZE, line, DIGITS) ? FZ_OK : FZ_FAILED;
}
