/* papers, refused_scenes and cny_pool of a merchant. */
#include "server/control/calls/merchant_hindrance.h"

#include <string.h>

/* The bit of a scene; 0 if it is none. */
static unsigned scene_bit(const json_t *item)
{
    const char *word = json_string_value(item);
    for (unsigned i = 0; word != NULL && fz_scene_words[i] != NULL; i++)
        if (strcmp(fz_scene_words[i], word) == 0)
            return 1U << i;
    return 0;
}

static int read_scenes(struct fz_control_call *call)
{
    const json_t *list = json_object_get(call->body, "refused_scenes");
    bool sound = json_is_array(list);
    unsigned scenes = 0;
    for (size_t i = 0; sound && i < json_array_size(list); i++) {
        unsigned bit = scene_bit(json_array_get(list, i));
        sound = bit != 0;
        scenes |= bit;
    }
    if (!sound)
        fz_body_fault(call,
                      "\"refused_scenes\" is no list of scenes: send a list of NATIVE, JSAPI, APP, MWEB and "
                      "MICROPAY");
    return (int)scenes;
}

void fz_hindrance_change_read(struct fz_control_call *call, enum fz_merchant_kind kind,
                            struct fz_hindrance_change *out)
{
    out->papers_missing = fz_body_word(call, "papers", fz_papers_words, -1);
    out->cny_pool_empty = fz_body_word(call, "cny_pool", fz_cny_pool_words, -1);
    out->refused_scenes = fz_body_has(call, "refused_scenes") ? read_scenes(call) : -1;
    if (kind == FZ_MERCHANT_SUB && out->cny_pool_empty != -1)
        fz_body_fault(call, "a sub-merchant's sales are in its institution's \"cny_pool\": send it for that");
    if (kind == FZ_MERCHANT_INSTITUTION && (out->papers_missing != -1 || out->refused_scenes != -1))
        fz_body_fault(
            call, "an institution takes no payments of its own: send \"papers\" and \"refused_scenes\" for "
                  "its sub-merchants");
}

enum fz_result fz_hindrance_change_apply(struct fz_tx *tx, const char *mchid,
                                       const struct fz_hindrance_change *change)
{
    if (change->papers_missing == -1 && change->cny_pool_empty == -1 && change->refused_scenes == -1)
        return FZ_OK;
    struct fz_hindrance hindrance;
    enum fz_result result = fz_hindrance_find(tx, mchid, &hindrance);
    if (result != FZ_OK)
        return result;
    if (change->papers_missing != -1)
        hindrance.papers_missing = change->papers_missing;
    if (change->cny_pool_empty != -1)
        hindrance.cny_pool_empty = change->cny_pool_empty;
    if (change->refused_scenes != -1)
        hindrance.refused_scenes = (unsigned)change->refused_scenes;
    return fz_hindrance_set(tx, mchid, &hindrance);
}

void fz_hindrance_tell(json_t *object, enum fz_merchant_kind kind, const struct fz_hindrance *hindrance)
{
    if (kind != FZ_MERCHANT_SUB)
        (void)json_object_set_new(object, "cny_pool", json_string(fz_cny_pool_words[hindrance->cny_pool_empty]));
    if (kind == FZ_MERCHANT_INSTITUTION)
        return;
    json_t *scenes = json_array();
    for (unsigned i = 0; fz_scene_words[i] != NULL; i++)
        if ((hindrance->refused_scenes & 1U << i) != 0)
            (void)json_array_append_new(scenes, json_string(fz_scene_words[i]));
    (void)json_object_set_new(object, "papers", json_string(fz_papers_words[hindrance->papers_missing]));
    (void)json_object_set_new(object, "refused_scenes", scenes);
}
