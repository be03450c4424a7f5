/* Keys, signatures and certificates made with the `openssl` command line (3.0.22), so that what the wire code reads and writes is
 * held against another hand. The command stands above each. The keys protect nothing. */
#ifndef FZ_TEST_VECTORS_H
#define FZ_TEST_VECTORS_H

/* openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 */
static const char vector_key_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQDB+mcNgOlJ77S0\n"
    "FMZraYK0T/zEtin+PwExuQfL1k2Uvyd0LGdSbs5hW5O0vlWWTBId/kLSj3crNtCr\n"
    "bqAMFoab0PgG1XNNkt+U4iLPioRiGsAmD/EKG710iXCiLt6P6K5TBCOFep4XXCHA\n"
    "GhzVJVifD7kpgcsD5NafTOOmyhPkNy27W/ZZ4XJgpycF7Sk4duIdoHpjuCc8K66S\n"
    "CIFPTyBd8T5xUVtQYQzvrPWqozPQjKV79tmLhpROX9DuBlu6T0UrkHXU1YK71yYk\n"
    "LpZzjy37jssD0TvDWud6/ydBFJGdou/Najv8HMKVvcd5gAGmo6H36sjFnFrcekJe\n"
    "Ta9UHiP3AgMBAAECggEAPypoNmh9DzuEb4O4XS/dhRPq7q+XGxivLd7f4Aun9cEN\n"
    "evIeryQwBloIzjmQq0GYQLYUUnavSp4t8zUx3t3S9Zhlu+v0ARXLwrKkvUqQ81Vc\n"
    "rshQKIeB+RnsWJPEm74cTiIx4vxb0KWKxAB81Re1NQ6ssAx47IqvLO6fzydMtOqF\n"
    "rjjL+TTeUeOLnlV3KwzA+uxsAOHbw8G73rde6uN1jR0gwBKDQP6ay2a1GR0+BSh8\n"
    "g9giRw+1gK+GJHEXD9z6DGYQB4LnjU8fhM9K/Q165yWZm8gpr2EsawBfeXGq2D7h\n"
    "iqd5cxZ1/XyVHHsi+ha15TQVPNxt2DLZaeRNGHQzgQKBgQDpApSTaReiKLcPUL65\n"
    "ZwaS60fUJWz1YhFky9omAgp2K6YkaySkfdlycRRRso9dcZvqb+IrFjO8ofQTOhnI\n"
    "3waSpmiCl39tZ36Cj8oMSLTCwyviqhWcQbmtC4PHMdfPCLArwQ8FJR4zIa7SNWx3\n"
    "UqrV/S1TckvpJTjOBBZMeiCgNwKBgQDVHfHcYoiJ2s4RFmrdc9lqTH34Brs6CaK4\n"
    "OZzac/lKZ20WSoLNpONG7rbEhwm8Q3CuO1kXZ/8eJ8vUHHa40tCGjSr3yoOqipIW\n"
    "oZD2UP5uMAsXEbOXpIbmcIcvbmKszHe3ckWAMt7UsW759JoXKqypDI3OXsAIGSf6\n"
    "9Yo6gD86QQKBgCBEzzaq8y7t3IwubntWnT5zfvsOQ8ynzCjdYlSpK7G50cRxYh21\n"
    "oAuNRXca92fFeAY7gGLfLEMPWrHe9fsvh8V/bjHHsUoBby+9ogmZeA8Q4F7/lwaQ\n"
    "w5oHYjSP3oc5eMxWbDIWNdx26bMK2v6bYDVKXqCTz5d2JCvDvSLSNvp5AoGAZz1u\n"
    "YRjKlB2PHfACLO1mMXyEuZZpNKBeV2hxd9IevdCEo/vMidqKz13s5B+Ws8Dn4T+W\n"
    "1SPoDq+wqjxvtvFJWyUf35IXXpJqWtRB6VErMC3N8Yr9uURWpWN12aBb5OHYTOHq\n"
    "kUQTdm3OGQBJdVeS9QHD4Gk+Fa46E/TG1bgy6QECgYEA0lCVf529aS+4mYEtugS4\n"
    "4YXuJsc7wp6PTKKKoECYNXzUVqVJnZzcKy/Ejzxw/lHbM23FzggRHy8d0RqtJq/H\n"
    "+Bc96eS5rsXe4WiPzGAx11ccPyK5j6h3HPIdMd8CxKxsyLmSNcbq97jjxfEZjClV\n"
    "9VQPC5PrcnXe90MnXcHGWiY=\n"
    "-----END PRIVATE KEY-----\n";

/* openssl rsa -RSAPublicKey_out -outform DER | base64 */
static const char vector_public_der_base64[] =
    "MIIBCgKCAQEAwfpnDYDpSe+0tBTGa2mCtE/8xLYp/j8BMbkHy9ZNlL8ndCxnUm7OYVuTtL5VlkwSHf5C0o93KzbQq26gDBaG"
    "m9D4BtVzTZLflOIiz4qEYhrAJg/xChu9dIlwoi7ej+iuUwQjhXqeF1whwBoc1SVYnw+5KYHLA+TWn0zjpsoT5Dctu1v2WeFy"
    "YKcnBe0pOHbiHaB6Y7gnPCuukgiBT08gXfE+cVFbUGEM76z1qqMz0Iyle/bZi4aUTl/Q7gZbuk9FK5B11NWCu9cmJC6Wc48t"
    "+47LA9E7w1rnev8nQRSRnaLvzWo7/BzClb3HeYABpqOh9+rIxZxa3HpCXk2vVB4j9wIDAQAB";

/* printf 'GET\n/v3/global/refunds/out-refund-no/1217752501201407033233368018?mchid=1900000109\n1554208460\n'
 *        '593BEC0C930BF1AFEB40B4A08C8FB242\n\n' | openssl dgst -sha256 -sign KEY | base64 */
static const char vector_get_signature[] =
    "qAsI8bIqblUFTiXA6mFJkjNg3291AdF4RQRgEny8175BUbSYlatGaOg+SE7igTq9QbRRa+ZvnrK3R3VWiRAtHGt0/Gv7inJV"
    "Kl8LEJ1fxZTMTtJCgGpHl09XMGHmGnX6rEAYopKOVTkcjI8ENUUtIRVYFv0N9AKWohNcYP+jRRCQRb60ZL1NIu2Dp1QL6dLh"
    "nApJWQfBDY35ko1gnnC6GOpbA1lIS0vs4tcqSw51M6jbThdbOaJuLHmxeqpeqVjb3pcegpfFxU4Lhh40fBYbg0RXLRTSa855"
    "DxQG9Zqrg2ztVbVr9M8KWrtd6D3YXUPFOH9Kk1I50F5os3667uF4IA==";

/* printf 'POST\n/v3/global/refunds\n1554208460\nabc\n{"amount":{"refund":888}}\n' | openssl dgst -sha256 -sign KEY | base64 */
static const char vector_post_signature[] =
    "MtvrerHJZGZawRYty57Wxti0ZfTvfOtdwsTwpOQyIofpMOfb829+oZTnJgMggUA4xrFaFUw7kPdr86CRESsivFV+fuxIXHT+"
    "xx8c9t/4WMCB6cULrxk7HGmbge9jzC952+Ez+vxz0sqKvrSVCjO2gyStqYBW0iyOisjies3QAtRi7OMLAOBwdWaBu77/HKNo"
    "kyZoGZIS2Er8mVaNbVUF0jVkVFOjlWq5JaUhudMbGKonLZS3+V6Sk7zYSYIwySq5MJeKHqBraXl8lWMriI0hgx1DKtsjlqpA"
    "Psxuhey83etuIW1JvPWFmhS4aKvSwOBoUv2GfR9kdJc10BfLK5Lmtg==";

/* printf '1554208460\nabc\n{"code":"OK"}\n' | openssl dgst -sha256 -sign KEY | base64 */
static const char vector_answer_signature[] =
    "WvO4Qi3+YOETKgDyOVjQnYuKq6w4iJrfzZMBviR5Hbk29VuRrufWP/IuMBTPKhMJMdGnvy7z/BsgYZ9j9+RK3JpDlH4QZw03"
    "lWYqER3sVZHCyoIGZ0QNti8miCx5lPcFzKAlxUfP/YnVQHy4pyyJF0SDiszD2zMuU4EnhsPUGiPUUrZwbduomil7v2gL+p8P"
    "I2lIQvx5jM5SD8Een4XYASpelv83/qBJmjBOdPpypU/hUruss/ZxHL+nbMg7m8KvHNA/CWzpZYKA866XbB3FS/LemFgxIXbX"
    "0HuPK9cy9rE0jV2VHiDd4EanrCKhCuk9YE5F7ZlH9t/yPrX+gJuNJw==";

/* printf 'Zhang San' | openssl pkeyutl -encrypt -pubin -inkey PUBLIC -pkeyopt rsa_padding_mode:oaep -pkeyopt rsa_oaep_md:sha1
 *        -pkeyopt rsa_mgf1_md:sha1 | base64 */
static const char vector_sealed_name[] =
    "YFRVZ41Bmmc97L9PT+uHwMSCfswa+86VReQKZFvKoij6yquSMhv0wrgFJVXrXqb10uZmzbniidh6D2FMU+sg4TuVRkkJ5SgA"
    "9eMCVaVM2SF071xDTLgCzG1KcUNwjWSc3n4J8D8YDNxXSE2Y8jQSYfJOWr3Kx3TcpVjRqc7e4RCzoFQexv9qLS0tKUul3Rkp"
    "Qywohyo7K2iMW0B+BL81aalIe6gyvOVXKD5tBNMQm1u4W7wTREZ0b9olhjT4dCk3IHbn/B/09qzERfpnB7n4l8Red/1jFJMR"
    "h0E1AkJZQwWbgkUE51pKDKFkC0Nec/yuF2ru/Qe/Vj2oXrqQ9dlM5A==";

/* the same of 'Zhang\0San' */
static const char vector_sealed_nul[] =
    "mH9NFoKHkD1bMnt+IvSmCvRXOuAwukvDtnoGUAeOrMX/J8BC/e2VXOs41LYB6dj9BYMSTlt0I3kD8y0Qm6qpdTW6mKDvt4DF"
    "E+oBeoRnH9w4pE7Xc/5wSc3EJpiICqb6H/88IJp0N60PlDD7jJjdKf8bgTb3ynZmrEBzkB8jaHPAPDrYPHWfF4jbjHkYX+n8"
    "I+4oBQ1LCTlkZ+GZnMqjr5rOPnG9o8qeiHuSM/v4HDNI3b6ZDiPXuslewZnN5wNE302//E2MV/r0MbKv3Mm7paFyQAtKcKZ4"
    "53jCuzpH32AgwA5ulRjgUq7rSUhpV+SN/ZXpz6mrU9Ca5nPcdvdztQ==";

/* the same with sha256: not what the rules say */
static const char vector_sealed_sha256[] =
    "XBkuO+Wa1v8ZWZJGtFyFqfBriS9PHPC9O2cWgMiK0ZRsEKR52MAwl2xcT/e1ylaBta9oNOdo6PknnQLUgFe+vZCdxeUKukWo"
    "TdTI8YbKyDk5H76KWCA7a8H+amA3Hdt1b64dPrF6Hv29SBFBAPXjHdV/DgZv8Q6ooqQj+gGwLbKQL4gq2Na+4JGOagbR4h7g"
    "ghLyJDGy/7jfK/NCoWkhVZCr6FGIptBKOBaOcJapAoG6yBMfRkVyH30DEwHcbz/LiiYp4sxe0EoG59ryFTcI2oyI6eo/D7+s"
    "qO1tS9GEMHBRdyhXPZdXQyK1rtudN3msznPjpiKXUahFPwUl+RCBvg==";

/* the same with rsa_padding_mode:pkcs1: no longer allowed by the rules */
static const char vector_sealed_pkcs1[] =
    "oLtvq1McstuLLUIOpgZNF7dy+FvsMxepDZBWhsWYvnInPceUpR9fskHBvCYVH2qnIwJzpwYYuM0efrCukakBcyDiF2uRigaV"
    "7bKshYp8hX+jiBThQO0OieOxBkAXvwrAeH72jC9vr/DoV/yhzbml0K9vT3eOgUatsDQuEomRt8RMICv2SPBVsWqOB2/yQoWx"
    "0VszI907npKGZ7mSivcgCC2ufGJIkH+XSAFrM/43xPBMtkPpPAd2ORED64Czdn3X9LFZ5vT9VAu9MG7VfCKCW/J/GLmJH/wG"
    "8RPgPnKi+XAlxn6AG0szy9iVSs3dLhNjOEFCSvwCkuHWyAVyT3Fh9Q==";

/* openssl pkcs8 -topk8 -passout pass:secret */
static const char vector_encrypted_key_pem[] =
    "-----BEGIN ENCRYPTED PRIVATE KEY-----\n"
    "MIIFLTBXBgkqhkiG9w0BBQ0wSjApBgkqhkiG9w0BBQwwHAQISHpHSohP5gYCAggA\n"
    "MAwGCCqGSIb3DQIJBQAwHQYJYIZIAWUDBAEqBBBDI9m8UB2tP+VwCMRQtTAmBIIE\n"
    "0L5Md553KURDeHz6z6KwawdK2HNbDZ4i3FfdPmCiykmUAYyd5Sikk4lAS7F2iSFK\n"
    "lavb7iYOAAUM32SJ1D7n1Tu0SQCuBqaaF/N/KUtypJ9dtFw4VNKwHMdKT0TVWLiu\n"
    "qxArSgPOMhoDBVuhkatuPaCFm8ffPGt1twXpBQFQsto0jFbDI+WuJp7pVY/CawNi\n"
    "R+Zqki07+L7W7edX8ddkTIU7yOl2ORqOQtgnexvfyze9tupQ47FshPpWI/VQBPys\n"
    "n483ZMZteK7SOBH/ZPobTZnxxMc3uKo1hW+dTOATy3z6ktNJcTw35inAARXTA64k\n"
    "CrCeLHYx+Hn5R6MzOw59YdnSVWIjz2U1EQLhHgTrorGAXtI2t5GLgyiTh5vCQN//\n"
    "O8cfTofO+dN9QmT1D/FyE4uHqGJXPbE3X6mi3PI1Wr5hHOK1Y+g1psmb0Ry9g0UR\n"
    "TXcxHFnzp2Ru+ZO7VwvOIiutPnSJfELviXxqXbtVP3Hvgmf46OQPxJjaRr/AZEFu\n"
    "aBB+IZA/JZ9RDlwg8N4Ymzq4zWphrKAdcV98V/iBIT3cjGADBwc8mM9+6Ung3xxc\n"
    "zwn4D3SwSTl7txgOas50xb8YzMKr5vBdfa9isfFFoC+ws5WAOQITO6Egs8fR5OMc\n"
    "cd/1Pt4Mk67+M9xEjS9MJO9VSoHmiM9XAtAeDU2VMHMDeWe0245De4GBtJR6UB0W\n"
    "WAZ6K1dbKWtjl4xnx31jnYykLNcHFl7rx7haElgWC83XBiEsezGsv8q43sBwiT+E\n"
    "0S9gEQjoZw5gm56Jsx1zjUD3sTblMnjUghknTAWfdYppB478dnCiZjma0LRIMDU4\n"
    "idJw4Vg8SUQzBAFX4WvySMflJelksxWsEDAqFWO4aohiO6/A1NBkgQXsz+1Zqb3r\n"
    "WwnF5wCHqU7A82SK/he/R5OrwdWvL8c/+4tPmfXvKSa3ROg4jlDkul7dD48ZS2mK\n"
    "Juz5ci61Fve/JeQV1nBYmYNaSN2VnTmON4EROcNK0PSlfc65uYFpBbCISnzS3mmJ\n"
    "KAhnzUwXtgHMq+0gavICvaUt3aQIL8FHeLHrplNai4FLsO1dTp2OHpwKFKJH4mTJ\n"
    "RkMLsapHBqadJfHPoHRVkB/6TBDjURxqIvjVasOE1xLdINC6vs+FJVLrH2Wsuw0P\n"
    "wZCV55tQHk4galzqp59ZklusCrXVI38Ptv4xgyCRuY8JuyZ2yK3W8I1hY5wcZNDN\n"
    "uCCxJ5QL4pTNqW/635+9NhYKt96f0nfY+V2u5wLJnfszZCgTRDApfYuaeK7ioaSf\n"
    "zf2dSL3sC5baazDENnClCLnLholcGKmbqb8DwAZYN1FL7W4LVCmYt/OKng5C4duX\n"
    "nXZbIG4NsmN0eRblENgor4L5edRpg8mOcSUj5Wga6n9y+Zva3/5qY23jlzFzKZq/\n"
    "ltXYyQqU9xHUdqIUUy5miMxKaGxSJ/4Ba7jrYIj900iCVWYwKfqUXbeQ9IaVh2Sb\n"
    "guygN4ChGSyP/lBa2xNGyEquiKYPV6StPIQQLl56tnanvzbQZMvWLWeKOO1IFHBk\n"
    "aJk/2X4ZRudzckiInOngvTS5j9yUNXogNBg2RJpRyLPycqEITAPG+ADyF9ssH4M+\n"
    "ht12pzv1AmOKbh3BmAhGcArCPz9atY8J+HX2OcHLdrcP\n"
    "-----END ENCRYPTED PRIVATE KEY-----\n";

/* openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt */
static const char vector_ec_key_pem[] =
    "-----BEGIN PRIVATE KEY-----\n"
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgsKWyVBPXsLWuJZjF\n"
    "Nd7E8UeMH+SQiI7ICO3Pkzn0qXGhRANCAASixWr/K8AyI1YCFGxw6PXE0aD/BqZ/\n"
    "s6NAYfzEoUlqMStQPlWZ1msF8bDa5dU29FD4ur1FTGVjaip15CgQOhWh\n"
    "-----END PRIVATE KEY-----\n";

/* openssl req -x509 -new -key EC -subj /CN=x -days 10 */
static const char vector_ec_certificate_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIIBbDCCAROgAwIBAgIUXC48Sa6d/gOUHgLXDc5BE6+ifk0wCgYIKoZIzj0EAwIw\n"
    "DDEKMAgGA1UEAwwBeDAeFw0yNjExMjIxNzA0MTBaFw0yNjEyMDIxNzA0MTBaMAwx\n"
    "CjAIBgNVBAMMAXgwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAASixWr/K8AyI1YC\n"
    "FGxw6PXE0aD/BqZ/s6NAYfzEoUlqMStQPlWZ1msF8bDa5dU29FD4ur1FTGVjaip1\n"
    "5CgQOhWho1MwUTAdBgNVHQ4EFgQUaZFoikYCUPOCfaqRDR+Jd5tSLNkwHwYDVR0j\n"
    "BBgwFoAUaZFoikYCUPOCfaqRDR+Jd5tSLNkwDwYDVR0TAQH/BAUwAwEB/zAKBggq\n"
    "hkjOPQQDAgNHADBEAiAXL4aeKFfRSs12EdBfIyYs5aPH6uZNiCSJLMbd/ikPYAIg\n"
    "NCklD0ze+eWwm/CpOsn/dpwo2fefVzJx+r2jwkr70Ys=\n"
    "-----END CERTIFICATE-----\n";

/* openssl ca -selfsign -startdate 20210304050607Z -enddate 20510304050607Z, serial 4C0FFEE00123456789ABCDEF0123456789ABCDEF */
static const char vector_certificate_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICszCCAZsCFEwP/uABI0VniavN7wEjRWeJq83vMA0GCSqGSIb3DQEBCwUAMBUx\n"
    "EzARBgNVBAMMCjE5MDAwMDAxMDAwIBcNMjEwMzA0MDUwNjA3WhgPMjA1MTAzMDQw\n"
    "NTA2MDdaMBUxEzARBgNVBAMMCjE5MDAwMDAxMDAwggEiMA0GCSqGSIb3DQEBAQUA\n"
    "A4IBDwAwggEKAoIBAQDB+mcNgOlJ77S0FMZraYK0T/zEtin+PwExuQfL1k2Uvyd0\n"
    "LGdSbs5hW5O0vlWWTBId/kLSj3crNtCrbqAMFoab0PgG1XNNkt+U4iLPioRiGsAm\n"
    "D/EKG710iXCiLt6P6K5TBCOFep4XXCHAGhzVJVifD7kpgcsD5NafTOOmyhPkNy27\n"
    "W/ZZ4XJgpycF7Sk4duIdoHpjuCc8K66SCIFPTyBd8T5xUVtQYQzvrPWqozPQjKV7\n"
    "9tmLhpROX9DuBlu6T0UrkHXU1YK71yYkLpZzjy37jssD0TvDWud6/ydBFJGdou/N\n"
    "ajv8HMKVvcd5gAGmo6H36sjFnFrcekJeTa9UHiP3AgMBAAEwDQYJKoZIhvcNAQEL\n"
    "BQADggEBAGS2MGedTqLJwohaVuWco6wOqq+kx1eMth3UBlr1E53aeTQdxg5S4xOq\n"
    "etriEOrFjfpE94fgmbj2QHZ2Q2EIEccAO6d2TZc5ZaQ2129Di4E/fTIh1XPwp1oa\n"
    "3/h0VFI/euf1bvIVuET2FnRoUOdmjXcWVB/Oa99wf02qiD9gcP+BzejprVqeIM5y\n"
    "xuITXsT4hSBrd4oVvYi9ajfXPNSzjopBhP7FsFPCDKzmLcBucDC5ptJskV9Sj4ZH\n"
    "tPgWEBHwz8nmcEvpUE+WXxSBGEeHmaxUGW2dGVOEic+aDkvvKPpifSmjlcU4hnqY\n"
    "jAXnQs5MfXbPCF3A6FFgC3BURg7fhno=\n"
    "-----END CERTIFICATE-----\n";

/* the same with serial C00FFEE00123456789ABCDEF0123456789ABCDEF */
static const char vector_top_bit_certificate_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICtDCCAZwCFQDAD/7gASNFZ4mrze8BI0VniavN7zANBgkqhkiG9w0BAQsFADAV\n"
    "MRMwEQYDVQQDDAoxOTAwMDAwMTAwMCAXDTIxMDMwNDA1MDYwN1oYDzIwNTEwMzA0\n"
    "MDUwNjA3WjAVMRMwEQYDVQQDDAoxOTAwMDAwMTAwMIIBIjANBgkqhkiG9w0BAQEF\n"
    "AAOCAQ8AMIIBCgKCAQEAwfpnDYDpSe+0tBTGa2mCtE/8xLYp/j8BMbkHy9ZNlL8n\n"
    "dCxnUm7OYVuTtL5VlkwSHf5C0o93KzbQq26gDBaGm9D4BtVzTZLflOIiz4qEYhrA\n"
    "Jg/xChu9dIlwoi7ej+iuUwQjhXqeF1whwBoc1SVYnw+5KYHLA+TWn0zjpsoT5Dct\n"
    "u1v2WeFyYKcnBe0pOHbiHaB6Y7gnPCuukgiBT08gXfE+cVFbUGEM76z1qqMz0Iyl\n"
    "e/bZi4aUTl/Q7gZbuk9FK5B11NWCu9cmJC6Wc48t+47LA9E7w1rnev8nQRSRnaLv\n"
    "zWo7/BzClb3HeYABpqOh9+rIxZxa3HpCXk2vVB4j9wIDAQABMA0GCSqGSIb3DQEB\n"
    "CwUAA4IBAQBLjf4mMHElYwRgsPm5Osvv0Zbvbk+8uPfDQzc4a4P3LoqKb1Bq2BVs\n"
    "w91c6O5BsAoaI3E8b/K+b+h93ei5xKTjVwhfH3Sj4QgEywm5brCDbnSsD03b2FPf\n"
    "Z8/wTa+ynLJm8haV/cYD+r1VG8kq3IFn9di8+onVICUNQJhia9V/Nm6kqeKCQkmO\n"
    "VA58Dezg3VZz6ORrTjh5qK/uf/JYZcpjzKz8VM514qTBrU/VunGrcgKiPBCEh7Is\n"
    "IAVR9YjGCmT1gNY6rMQtBUithQ7d5bY42WvnqWYLltCFHV/bEpBiyOj1+8M44wsP\n"
    "OspLzEBQ161kzHN1CuwexFFNIvHUJJ6Z\n"
    "-----END CERTIFICATE-----\n";

/* the same with serial 0F01 */
static const char vector_short_certificate_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICoTCCAYkCAg8BMA0GCSqGSIb3DQEBCwUAMBUxEzARBgNVBAMMCjE5MDAwMDAx\n"
    "MDAwIBcNMjEwMzA0MDUwNjA3WhgPMjA1MTAzMDQwNTA2MDdaMBUxEzARBgNVBAMM\n"
    "CjE5MDAwMDAxMDAwggEiMA0GCSqGSIb3DQEBAQUAA4IBDwAwggEKAoIBAQDB+mcN\n"
    "gOlJ77S0FMZraYK0T/zEtin+PwExuQfL1k2Uvyd0LGdSbs5hW5O0vlWWTBId/kLS\n"
    "j3crNtCrbqAMFoab0PgG1XNNkt+U4iLPioRiGsAmD/EKG710iXCiLt6P6K5TBCOF\n"
    "ep4XXCHAGhzVJVifD7kpgcsD5NafTOOmyhPkNy27W/ZZ4XJgpycF7Sk4duIdoHpj\n"
    "uCc8K66SCIFPTyBd8T5xUVtQYQzvrPWqozPQjKV79tmLhpROX9DuBlu6T0UrkHXU\n"
    "1YK71yYkLpZzjy37jssD0TvDWud6/ydBFJGdou/Najv8HMKVvcd5gAGmo6H36sjF\n"
    "nFrcekJeTa9UHiP3AgMBAAEwDQYJKoZIhvcNAQELBQADggEBAL+pEqraKVdgXniS\n"
    "j+CHHHs5mFKP3SDf55ioKCmz4+vpEclqIR50TzRH1vtytwbNbqF/YU7r3wW/0CTe\n"
    "UnjvziF0RwbTplY12q4RSoxB9mmCur4awgempKGOlWDwuxelsVXns9tCPKQhYg+d\n"
    "9yyiVbBsmmKnAun/1JvdJAhn71IgtTMhmN4GEGFOk3+JFuq16X1tTb9T/l9URiUY\n"
    "+CypkA6qjNM6Dv8AHBm9QA/mTFCuFgvU2YD/8J35pybuzdOYIsR2p9sElIgsfE0Z\n"
    "+0oqViMF1al0VCaag+ARNgMPOsOhDxkWWsvVSFOeKM2kicUD6psFUEkB1jDmhvLn\n"
    "/vbcjXg=\n"
    "-----END CERTIFICATE-----\n";

/* the same with a serial of 161 bits */
static const char vector_long_certificate_pem[] =
    "-----BEGIN CERTIFICATE-----\n"
    "MIICtDCCAZwCFQEAAAAAAAAAAAAAAAAAAAAAAAAADzANBgkqhkiG9w0BAQsFADAV\n"
    "MRMwEQYDVQQDDAoxOTAwMDAwMTAwMCAXDTIxMDMwNDA1MDYwN1oYDzIwNTEwMzA0\n"
    "MDUwNjA3WjAVMRMwEQYDVQQDDAoxOTAwMDAwMTAwMIIBIjANBgkqhkiG9w0BAQEF\n"
    "AAOCAQ8AMIIBCgKCAQEAwfpnDYDpSe+0tBTGa2mCtE/8xLYp/j8BMbkHy9ZNlL8n\n"
    "dCxnUm7OYVuTtL5VlkwSHf5C0o93KzbQq26gDBaGm9D4BtVzTZLflOIiz4qEYhrA\n"
    "Jg/xChu9dIlwoi7ej+iuUwQjhXqeF1whwBoc1SVYnw+5KYHLA+TWn0zjpsoT5Dct\n"
    "u1v2WeFyYKcnBe0pOHbiHaB6Y7gnPCuukgiBT08gXfE+cVFbUGEM76z1qqMz0Iyl\n"
    "e/bZi4aUTl/Q7gZbuk9FK5B11NWCu9cmJC6Wc48t+47LA9E7w1rnev8nQRSRnaLv\n"
    "zWo7/BzClb3HeYABpqOh9+rIxZxa3HpCXk2vVB4j9wIDAQABMA0GCSqGSIb3DQEB\n"
    "CwUAA4IBAQAxg9IH88OBYYB0yEEVfXR1/sNXIeF5ChG9CmanjT2H621wp8w/GUTl\n"
    "oc+swqrETHS0kSA78uUB65fVx2WRKvxReuhotu/PUswp2Fb8j9YtGFXLqQ5b0W4P\n"
    "BNCeGqQMaywvYachuHZI6yssCmPrkg5dvAnkDEwm4A3kIsIC7cGCWYlBY1bpbwJZ\n"
    "3gUtmLqrO+lcGel3ku8MVgCDi1gMYkxcTMZQWi6wvJDpkULYu3+lNeLWh+54VRYJ\n"
    "2tN0hXVBObtriVAqhEq/vS3ehJ6GO+sq94g8pZUAKTu+6rihHcyiqmek8RZQT9i/\n"
    "XwmfBCMAax+xoZoQvUuv6nDnURxZYkKI\n"
    "-----END CERTIFICATE-----\n";

/* printf '1767628800\n593BEC0C930BF1AFEB40B4A08C8FB242\n{"code":"OK"}\n' | openssl dgst -sha256 -sign KEY | base64; in 2026, when the
 * certificate is in force */
static const char vector_platform_signature[] =
    "VO4N/TkI4hHMmfWmUfLRf/VzUJdMghMB6ocCg5fQ/5aLETk/mjkTbmJusFrBfkPuTWWINGmMho8lpgdTZ2M7ZTklZhMv0FWK"
    "myzGrUQKMZS87hixOPugCk2OdkxzAYKo95bmif2AynQDEA6Zpta8UZii117XJpluc1fthI3bxknyVZUi1vR/1d7ZMt6ShWZD"
    "2GslezikHwkf4evmuykGr71dFoOUcOf093dxILZ9DrarUdgWEY5vidwwV1AZz4+gK+ksdzJTieqO5IExofvMivKTfh3IcipR"
    "IdBt/oto/rSr7LX67ruajhgt63oPdIL7sI3ZKOGbahxWKPnlNx+40g==";

/* the same with no body, as of a 204: printf '1767628800\n593BEC0C930BF1AFEB40B4A08C8FB242\n\n' */
static const char vector_platform_empty_signature[] =
    "FVAlnXU+/SKmZpwq0GXNreN7NDJul3oo00yBMl59YpI+C/GTZIqqkthDN/kwY0AaDr0uRlk1yTcttfRsdaTMo4sUUr3omLeL"
    "6W+GkXPpK88fgTTcKtF5Ic8WZHQ89pGqhMCHQgIayKhopoj3FVcJ/QqEes3gTFzrpTaxEinQRaDgnoU2S3isgvayWB5PFAlM"
    "5MyDmv17werzFcInTXJClCyCyBckYqG/nZky2ZqySoP4+Y9PBpAeblIBQjL55XqJJuJwycrPPr6Rj4IRKpPp5Hj6ZQfNWY4x"
    "Fb4tDKxk+UQw8wg9ZR6Cj+7WakvNatsv/UA/2Cf5sxGkfv7Mnd56Nw==";

/* another key: openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 | openssl pkey -pubout */
static const char vector_other_public_key_pem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAropSLiRxR0bxclGugTNt\n"
    "q1+PhhYr5GJU1ZXqrT9IrtoUVeGLRmhLpRirhI90hbT24PtZh0lZiRHgaWM70u7X\n"
    "jo7qppboAcfmnnqo79HCLJl9cOMx/S+mJD9dQa4+KGPqfnpWDe8Yq4ouxy+qsAOT\n"
    "QSaSN9uaAtX/0qEppgiUYoTRAK4CdHwdwsXEEBmW6lgI2YcW17p6KtV3EGG641c+\n"
    "o2LPIKeLrK0tc0Woxd3LkbFVNASZFDG4yNmXfpfIB6Gc0LldGpl+sjiyEqWfQciF\n"
    "e9ie9sKRZs623viLC+2pDCzmWF+XukxDZnG+ax4ylXVuyjd3d1PrlRDZ/pftUWoM\n"
    "rQIDAQAB\n"
    "-----END PUBLIC KEY-----\n";

/* the message of vector_platform_signature, signed with that key */
static const char vector_other_signature[] =
    "o0cKaszlKtufmzZ4oPDDcAesKAyWmFfBT8AxOSjRcsCOR3qazHkZ8i5L6H2ezCUj61lKRbRELD2MNGYIfNnxajzjkXffK7gB"
    "AgGowHBA9ULs05EFzNFVzSpSUBXkNjFCF+sNq7a+suUAhlT8vut5Bo88B5eCEa7NBReI5194HNqwMTI7gn1T1rexnoXfUgwt"
    "6Bq2VUD1oE9CQfQsVE5N8uZqO5ldLhttNO6pZp6k4yZxvAdtuKaVAVBNx6xEeOToiGre+wEQ8yYK2mpCkSyWhSz+Yr3GnTAI"
    "uGNL0kKEMg0V7XZvy+YW7W1FPpBCoig87onPGi5UxfRtYh12GHVJEg==";

/* openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 | openssl pkey -pubout */
static const char vector_ec_public_key_pem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE00kRutvpeF/lCCyq6MseOqqffXIJ\n"
    "BwhOFl+2dyab9wIGJCmcFLbL+g8KVq+XMgDBStu0CLRx3sT2UrXTelareA==\n"
    "-----END PUBLIC KEY-----\n";

/* the same of an RSA key of 4104 bits */
static const char vector_large_public_key_pem[] =
    "-----BEGIN PUBLIC KEY-----\n"
    "MIICIzANBgkqhkiG9w0BAQEFAAOCAhAAMIICCwKCAgIAmDzFBxaCCAB8JWg/ZM2U\n"
    "s4UcUD5eBNivMh5WY5tlCR3zeGC8IdbnyM5OdLSuRuTZANTpSRdHAsj15jf+q+V5\n"
    "iGe7slW4mxwfxAKZYuimHovGM+fVMpT82gvB2M/nrPn1iUxU96IF/Gv7RqJxiLxd\n"
    "Fba7pe4lDf7ChmDqFCjvhyeoXTpXrQX0QYhJ/NvQxDO4cm9sRWNaTO+rTQEnQQwR\n"
    "rvjcE/m9Mub5QqnBfAf1++gBzmxBPcaIdLE+QRLyjhO95vXR1tXvHClMy1fIHjzz\n"
    "3BCyGMyxdycgMT2uT7MqRxo9u0n8LMyOCG9+MjGfeFfcP72eU0COw7k4OamlOztf\n"
    "83eU2QqCjIYTCYIMHB1o1ZwlRM9JoC47mGdW/q938cFKQIP/tSxioqfB2dTtQI5R\n"
    "e8schXPFfc8+hOVaWPA0IbPfzkyARnEKOtGqzCoA4ZpB9m87190xm9jXGxBhOOr6\n"
    "7O2mDJMXRiqTS+sBz9dofkX90QbUbO9S1y9Huayy53+X2xujvdh21dZhJnvB93KW\n"
    "eKKEfqT8BOVgA88rIXM5PfCEL9VzGBE7a5QhbmjegzWXA0/JQxJwqqS/fgfq2PxG\n"
    "etkcNkpYcW4gym58buaxY9nv5I0pdSmlqiF78jIUDQJ+MQr2YpU05wHOvHSWkS8G\n"
    "sbgPFLrj6xXi2n0dhjx00LW7AgMBAAE=\n"
    "-----END PUBLIC KEY-----\n";

#endif
