/* The demo book's world file, worlds/demo.yaml, as it is in the program: always there. */
#ifndef FZ_SERVER_BIRTH_DEMO_WORLD_H
#define FZ_SERVER_BIRTH_DEMO_WORLD_H

extern const char fz_demo_world[];

#endif
