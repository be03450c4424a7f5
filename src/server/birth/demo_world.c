/* The demo book's world file, as it is in the program. */
#include "server/birth/demo_world.h"

const char fz_demo_world[] =
#include "demo_world.inc"
    ;
