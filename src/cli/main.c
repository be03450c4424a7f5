/* The program: runs the command that is meant. */
#include "cli/local/token.h"
#include "cli/program.h"

int main(int argc, char **argv)
{
    fz_token_take();
    return fz_dispatch(fz_program(), "fenzhang", argc, argv);
}
