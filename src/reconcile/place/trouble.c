/* Keeps the first reason for which a reconciliation failed. */
#include "reconcile/place/trouble.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/text.h"

void fz_trouble_begin(struct fz_trouble *trouble)
{
    trouble->met = false;
    trouble->text[0] = '\0';
    pthread_mutex_init(&trouble->lock, NULL);
}

void fz_trouble_done(struct fz_trouble *trouble)
{
    pthread_mutex_destroy(&trouble->lock);
}

enum fz_result fz_trouble_say(struct fz_trouble *trouble, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    pthread_mutex_lock(&trouble->lock);
    if (!trouble->met) {
        vsnprintf(trouble->text, sizeof trouble->text, format, arguments);
        fz_clean_controls(trouble->text);
    }
    trouble->met = true;
    pthread_mutex_unlock(&trouble->lock);
    va_end(arguments);
    return FZ_FAILED;
}

enum fz_result fz_trouble_memory(struct fz_trouble *trouble)
{
    return fz_trouble_say(trouble, "Memory is short: nothing was compared. Give fewer days at once.");
}
