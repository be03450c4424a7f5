/* What the number at a Request-ID's end says (the vendor's guidance on errors). */
#ifndef FZ_CLIENT_REQUEST_ID_H
#define FZ_CLIENT_REQUEST_ID_H

/* In words; "" if it says nothing known. */
const char *fz_request_id_meaning(const char *request_id);

#endif
