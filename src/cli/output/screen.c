/* Terminals. */
#include "cli/output/screen.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/text.h"

#define SIDE_MAX      10000
#define COLUMNS_USUAL 80 /* of a terminal that does not say */
#define LINES_USUAL   24

/* What the user says of the terminal, or it says itself. */
static int side(FILE *out, const char *variable, bool lines)
{
    struct winsize size;
    int64_t told;
    const char *text = getenv(variable);
    if (!isatty(fileno(out)))
        return 0;
    if (text != NULL && fz_parse_int(text, &told) == FZ_OK && told > 0 && told < SIDE_MAX)
        return (int)told;
    int said = ioctl(fileno(out), TIOCGWINSZ, &size) != 0 ? 0 : lines ? size.ws_row : size.ws_col;
    return said > 0 ? said : lines ? LINES_USUAL : COLUMNS_USUAL;
}

int fz_screen_columns(FILE *out)
{
    return side(out, "COLUMNS", false);
}

int fz_screen_lines(FILE *out)
{
    return side(out, "LINES", true);
}

/* NO_COLOR (no-color.org) and CLICOLOR_FORCE (bixense.com/clicolors). */
static bool is_coloured(FILE *out)
{
    const char *none = getenv("NO_COLOR"), *force = getenv("CLICOLOR_FORCE"), *terminal = getenv("TERM");
    if (none != NULL && none[0] != '\0')
        return false;
    if (force != NULL && force[0] != '\0' && strcmp(force, "0") != 0)
        return true;
    return isatty(fileno(out)) && terminal != NULL && strcmp(terminal, "dumb") != 0;
}

const char *fz_colour(FILE *out, enum fz_colour colour)
{
    static const char *const codes[] = {
        [FZ_COLOUR_NONE] = "\x1b[0m",  [FZ_COLOUR_BOLD] = "\x1b[1m",   [FZ_COLOUR_DIM] = "\x1b[2m",
        [FZ_COLOUR_RED] = "\x1b[31m",  [FZ_COLOUR_GREEN] = "\x1b[32m", [FZ_COLOUR_YELLOW] = "\x1b[33m",
        [FZ_COLOUR_CYAN] = "\x1b[36m",
    };
    return is_coloured(out) ? codes[colour] : "";
}
