/* What the merchant has in files: the private key, the certificate, and whether they and the serial number belong together.
 */
#include <limits.h>
#include <openssl/bio.h>
#include <openssl/crypto.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/calendar.h"
#include "base/private_file.h"
#include "cli/doctor/checkup.h"

#define FILE_MAX   (64 << 10)
#define NEAR_DAYS  30
#define REASON_MAX 200

static const char apply_again[] =
    "Apply for a certificate in the merchant platform (Account Center > API Security), then set certificate_file, "
    "private_key_file and serial_no.";

/* New: what is in the file; NULL after a finding. */
static char *read_file(struct fz_checkup *checkup, const char *check, const char *what, const char *path)
{
    char reason[REASON_MAX] = "memory is short", *text = malloc(FILE_MAX);
    if (text != NULL && fz_public_file_read(path, text, FILE_MAX, reason, sizeof reason) == FZ_OK)
        return text;
    free(text);
    fz_checkup_wrong(checkup, check, "Name another file in the profile, or make this one readable.",
                     "%s cannot be read from %s: %s", what, path, reason);
    return NULL;
}

/* ---- the key ---- */

static void check_readers(struct fz_checkup *checkup, const char *path)
{
    struct stat about;
    char mend[PATH_MAX + 20];
    if (stat(path, &about) != 0)
        return;
    if ((about.st_mode & (S_IRWXG | S_IRWXO)) == 0) {
        fz_checkup_well(checkup, "key_permissions", "nobody else can read the private key");
        return;
    }
    snprintf(mend, sizeof mend, "chmod 600 %s", path);
    fz_checkup_wrong(checkup, "key_permissions", mend, "others can use the private key %s (mode %04o)", path,
                     about.st_mode & 07777U);
}

static void check_key(struct fz_checkup *checkup)
{
    const char *path = checkup->profile.values[FZ_SETTING_PRIVATE_KEY_FILE];
    if (path == NULL) {
        fz_checkup_wrong(checkup, "private_key", "fenzhang config set private_key_file PATH/apiclient_key.pem",
                         "the profile names no file with the private key");
        return;
    }
    char *pem = read_file(checkup, "private_key", "the private key", path);
    if (pem == NULL)
        return;
    checkup->key = fz_key_read(pem);
    OPENSSL_cleanse(pem, strlen(pem));
    free(pem);
    if (checkup->key == NULL)
        fz_checkup_wrong(checkup, "private_key",
                         "It is apiclient_key.pem of the merchant platform's download, and has no password.",
                         "%s is no RSA private key in PEM", path);
    else
        fz_checkup_well(checkup, "private_key", "the private key is one: %s", path);
    check_readers(checkup, path);
}

/* ---- the certificate ---- */

static void check_pair(struct fz_checkup *checkup, EVP_PKEY *public_key)
{
    if (checkup->key == NULL)
        fz_checkup_skip(checkup, "certificate_key", "whether key and certificate belong together: there is no key");
    else if (EVP_PKEY_eq(public_key, checkup->key) == 1)
        fz_checkup_well(checkup, "certificate_key", "key and certificate belong together");
    else
        fz_checkup_wrong(
            checkup, "certificate_key",
            "Take apiclient_key.pem and apiclient_cert.pem of the same download, or have a new certificate made.",
            "the certificate is of another key than %s", checkup->profile.values[FZ_SETTING_PRIVATE_KEY_FILE]);
}

static void check_serial(struct fz_checkup *checkup, const struct fz_certificate *certificate)
{
    char serial[FZ_SERIAL_SIZE] = "", mend[160];
    const char *said = checkup->profile.values[FZ_SETTING_SERIAL_NO];
    if (said != NULL && fz_serial_read(said, serial) == FZ_OK && strcmp(serial, certificate->serial) == 0) {
        fz_checkup_well(checkup, "serial_no", "the serial number is the certificate's: %s", serial);
        return;
    }
    snprintf(mend, sizeof mend, "fenzhang config set serial_no %s", certificate->serial);
    fz_checkup_wrong(checkup, "serial_no", mend, "the serial number is %s, but that of the certificate %s",
                     said == NULL ? "not set" : said, certificate->serial);
}

static void check_end(struct fz_checkup *checkup, const struct fz_certificate *certificate)
{
    char end[FZ_DATE_TEXT_SIZE];
    int64_t not_after = certificate->validity.not_after_ms, left = not_after - checkup->now_ms;
    fz_checkup_write_date(end, checkup, not_after);
    if (certificate->validity.not_before_ms > checkup->now_ms)
        fz_checkup_wrong(checkup, "certificate_end", "Look at this machine's clock.", "the certificate is not valid yet");
    else if (left <= 0)
        fz_checkup_wrong(checkup, "certificate_end", apply_again, "the certificate ended at %s", end);
    else if (left < NEAR_DAYS * FZ_DAY_MS)
        fz_checkup_wrong(checkup, "certificate_end", apply_again, "the certificate ends soon: %s", end);
    else
        fz_checkup_well(checkup, "certificate_end", "the certificate is valid until %s", end);
}

/* The vendor writes the merchant's number into the certificate's name. */
static void check_merchant(struct fz_checkup *checkup, const char *pem)
{
    char name[80] = "";
    const char *mchid = checkup->profile.values[FZ_SETTING_MCHID];
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL);
    if (certificate != NULL)
        (void)X509_NAME_get_text_by_NID(X509_get_subject_name(certificate), NID_commonName, name, sizeof name);
    X509_free(certificate);
    BIO_free(bio);
    if (name[0] == '\0' || name[strspn(name, "0123456789")] != '\0')
        return;
    if (strcmp(name, mchid) == 0)
        fz_checkup_well(checkup, "merchant", "the certificate is merchant %s's", mchid);
    else
        fz_checkup_wrong(checkup, "merchant", "Set mchid, or name the files of that merchant.",
                         "the certificate is merchant %s's, not %s's", name, mchid);
}

static void check_certificate(struct fz_checkup *checkup)
{
    const char *path = checkup->profile.values[FZ_SETTING_CERTIFICATE_FILE];
    struct fz_certificate certificate;
    EVP_PKEY *public_key = NULL;
    if (path == NULL) {
        fz_checkup_skip(checkup, "certificate",
                        "the certificate: the profile names no certificate_file, so what it says cannot be compared");
        return;
    }
    char *pem = read_file(checkup, "certificate", "the certificate", path);
    if (pem == NULL)
        return;
    if (fz_certificate_read(pem, &certificate, &public_key) != FZ_OK) {
        fz_checkup_wrong(checkup, "certificate", "It is apiclient_cert.pem of the merchant platform's download.",
                         "%s is no certificate of an RSA key in PEM", path);
    } else {
        check_pair(checkup, public_key);
        check_serial(checkup, &certificate);
        check_merchant(checkup, pem);
        check_end(checkup, &certificate);
    }
    EVP_PKEY_free(public_key);
    free(pem);
}

void fz_check_own_files(struct fz_checkup *checkup)
{
    check_key(checkup);
    check_certificate(checkup);
}
