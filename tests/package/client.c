/* A program of somebody else's that uses the client library alone. */
#include <fenzhang.h>

#include <stdio.h>

int main(void)
{
    struct fz_client_options options = FZ_INIT(fz_client_options);
    if (options.size != sizeof options || options.mchid != NULL)
        return 1;
    printf("%s\n", fz_version());
    return 0;
}
