/* A program of somebody else's, in C and in C++: two sandboxes, and what they answer. */
#include <fenzhang-sandbox.h>
#include <fenzhang.h>

#include <stdio.h>
#include <string.h>

static int fail(const char *why)
{
    fprintf(stderr, "%s\n", why);
    return 1;
}

int main(void)
{
    char why[FZ_SANDBOX_WHY_SIZE];
    fz_sandbox *one = NULL, *other = NULL;
    struct fz_sandbox_options options = FZ_INIT(fz_sandbox_options);
    struct fz_sandbox_credentials merchant = FZ_INIT(fz_sandbox_credentials);
    struct fz_sandbox_payment payment = FZ_INIT(fz_sandbox_payment);
    struct fz_sandbox_paid paid = FZ_INIT(fz_sandbox_paid);
    struct fz_client_options client = FZ_INIT(fz_client_options);
    options.has_seed = true;
    options.seed = 1;
    if (fz_sandbox_new(&options, &one, why, sizeof why) != 0 || fz_sandbox_new(NULL, &other, why, sizeof why) != 0)
        return fail(why);
    payment.mchid = FZ_SANDBOX_DIRECT_MCHID;
    payment.amount = 100;
    if (fz_sandbox_get_credentials(one, FZ_SANDBOX_MCHID, &merchant) != 0 || fz_sandbox_make_payment(one, &payment, &paid) != 0 ||
        fz_sandbox_advance(other, "PT5M") != 0)
        return fail(fz_sandbox_error());
    fz_sandbox_client_options(one, &merchant, &client);
    printf("%s %s %s %s\n", fz_version(), client.mchid, paid.transaction_id, client.hosts[0]);
    fz_sandbox_free(other);
    fz_sandbox_free(one);
    return strcmp(client.mchid, FZ_SANDBOX_MCHID) == 0 ? 0 : fail("not the merchant that was asked for");
}
