/* The numbers at the end of Request-IDs that the vendor explains (its guidance on errors). */
#include "client/request_id.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *number, *meaning;
} known[] = {
    {"0", "success"},
    {"270283348", "bad signature"},
    {"268443699", "bad signature"},
    {"268512771", "the order does not exist"},
    {"268443704", "an institution did not send sub_mchid"},
    {"268443701", "no acceptance relation between institution and sub-merchant"},
    {"268447845", "the query's sub_mchid differs from the order's"},
    {"268435461", "illegal parameter"},
    {"88430113", "the balance is not enough"},
    {"268501838", "a mainland path was used for an overseas merchant"},
    {"268449386", "too late to reverse: only on the day of payment"},
    {"268501784", "the payment code was used already"},
    {"268501834", "the payer has to enter the password"},
    {"1000001021", "the payer has to enter the password: above 3 000 CNY"},
    {"268576361", "the payer has to enter the password: the code was shown too long"},
    {"270279174", "the payer has to enter the password: the code came repeatedly"},
    {"268501011", "not a payment code: 18 digits that start with 10 to 15"},
    {"268449304", "the payment scene is not allowed"},
    {"268443838", "the sub-merchant has to complete its papers before it can take payments"},
};

const char *fz_request_id_meaning(const char *request_id)
{
    const char *dash = strrchr(request_id, '-');
    for (size_t i = 0; dash != NULL && i < sizeof known / sizeof known[0]; i++)
        if (strcmp(dash + 1, known[i].number) == 0)
            return known[i].meaning;
    return "";
}
