/* All pages of a list. */
#include "cli/api/pages.h"

#include <inttypes.h>
#include <stdio.h>

#include "cli/output/progress.h"

static bool set_number(struct fz_draft *draft, const char *member, int64_t number)
{
    char text[24];
    snprintf(text, sizeof text, "%" PRId64, number);
    return fz_draft_set(draft, member, text);
}

/* One page into `items`; *total gets how many there are. */
static int add_page(const struct fz_session *session, const struct fz_asking *asking, const struct fz_pages *pages,
                    json_t *items, int64_t *total)
{
    struct fz_draft draft = {0};
    const void *request;
    void *answer = NULL;
    int status = FZ_EXIT_TROUBLE;
    if (fz_asking_draft(asking, &draft) && set_number(&draft, pages->offset, (int64_t)json_array_size(items)) &&
        set_number(&draft, pages->limit, pages->most) && fz_draft_finish(&draft, &session->profile, &request))
        status = fz_session_call(session, asking->call, request, NULL, &answer);
    if (status == FZ_EXIT_DONE) {
        json_t *body = json_loads(fz_answer_text(answer, NULL), 0, NULL);
        *total = json_integer_value(json_object_get(body, pages->total));
        json_array_extend(items, json_object_get(body, "data"));
        json_decref(body);
    }
    fz_answer_free(answer);
    fz_draft_done(&draft);
    return status;
}

static int ask_all(const struct fz_session *session, const struct fz_asking *asking, const struct fz_pages *pages)
{
    json_t *items = json_array();
    struct fz_progress progress;
    int64_t total = 0;
    size_t before;
    int status;
    fz_progress_begin(&progress, "asking for the list", 0);
    do {
        before = json_array_size(items);
        status = add_page(session, asking, pages, items, &total);
        progress.total = total;
        fz_progress_at(&progress, (int64_t)json_array_size(items));
    } while (status == FZ_EXIT_DONE && json_array_size(items) > before && (int64_t)json_array_size(items) < total);
    fz_progress_end(&progress);
    if (status == FZ_EXIT_DONE)
        status = fz_show_items(items, asking->shown, &session->caller);
    json_decref(items);
    return status;
}

int fz_ask_pages(const struct fz_command *command, struct fz_asking *asking, const struct fz_pages *pages, int argc,
                 char **argv)
{
    struct fz_session session;
    int status = fz_session_open(command, argc, argv, asking, &session);
    if (status == FZ_EXIT_DONE)
        status = ask_all(&session, asking, pages);
    fz_session_close(&session);
    return status;
}
