/* The program: runs the command that is meant. */
#include "cli/program.h"

int main(int argc, char **argv)
{
    return fz_dispatch(fz_program(), "fenzhang", argc, argv);
}
