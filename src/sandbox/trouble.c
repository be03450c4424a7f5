/* Why a thread's last call failed. */
#include <stdarg.h>
#include <stdio.h>

#include "sandbox/sandbox.h"

static _Thread_local char sentence[FZ_SANDBOX_WHY_SIZE];

const char *fz_sandbox_error(void)
{
    return sentence;
}

int fz_sandbox_well(void)
{
    sentence[0] = '\0';
    return 0;
}

int fz_sandbox_trouble(const char *format, ...)
{
    va_list values;
    va_start(values, format);
    (void)vsnprintf(sentence, sizeof sentence, format, values);
    va_end(values);
    return -1;
}
