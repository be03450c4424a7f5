/* Where the vendor's API is: the hosts that its documents and client libraries have built in. */
#ifndef FZ_WIRE_API_HOSTS_H
#define FZ_WIRE_API_HOSTS_H

#include <stdbool.h>
#include <stddef.h>

#define FZ_API_HOSTS 6
/* The domain of all but the last. */
#define FZ_API_DOMAIN "mch.weixin.qq.com"
/* Where wechatpay-java, told to enableRetryMultiDomain(), asks again after a connection that failed. */
#define FZ_API_RETRY_HOST "api2.wechatpay.cn"

extern const char *const fz_api_hosts[FZ_API_HOSTS];

/* Whether `name` (`size` characters, in any case) is one of them. */
bool fz_is_api_host(const char *name, size_t size);

#endif
