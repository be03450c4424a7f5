/* The demo book's fixed names, numbers and keys, and what its story is told from. */
#ifndef FZ_SERVER_BIRTH_DEMO_STORY_H
#define FZ_SERVER_BIRTH_DEMO_STORY_H

#define FZ_DEMO_MCHID           "1900000100"
#define FZ_DEMO_SUB_MCHID       "1900000109"
#define FZ_DEMO_OTHER_SUB_MCHID "1900000110"
#define FZ_DEMO_DIRECT_MCHID    "1900000120"
#define FZ_DEMO_RECEIVER        "1900000130"

#define FZ_DEMO_APIV3_KEY        "FenzhangDemoInstitutionApiV3Key0"
#define FZ_DEMO_DIRECT_APIV3_KEY "FenzhangDemoDirectMchntApiV3Key0"

/* The documents' own: a transaction with 1000 fen left to distribute, and a refund. */
#define FZ_DEMO_TRANSACTION_ID        "4208450740201411110007820472"
#define FZ_DEMO_OUT_TRADE_NO          "20150806125346"
#define FZ_DEMO_REFUND_ID             "1217752501201407033233368018"
#define FZ_DEMO_DIRECT_TRANSACTION_ID "4208450740201411110007820480"
#define FZ_DEMO_DIRECT_OUT_TRADE_NO   "20150806125350"
#define FZ_DEMO_DIRECT_REFUND_ID      "1217752501201407033233368020"

#define FZ_DEMO_APPID "wx8888888888888888" /* any will do: the demo merchants have no list of theirs */

/* The other orders; all that the story tells of are marked. */
#define FZ_DEMO_SPLIT_TRANSACTION_ID       "4208450740201411110007820473"
#define FZ_DEMO_SPLIT_OUT_TRADE_NO         "20150806125347"
#define FZ_DEMO_VOUCHER_TRANSACTION_ID     "4208450740201411110007820474"
#define FZ_DEMO_VOUCHER_OUT_TRADE_NO       "20150806125348"
#define FZ_DEMO_LAST_TRANSACTION_ID        "4208450740201411110007820475"
#define FZ_DEMO_LAST_OUT_TRADE_NO          "20150806125349"
#define FZ_DEMO_DIRECT_LAST_TRANSACTION_ID "4208450740201411110007820481"
#define FZ_DEMO_DIRECT_LAST_OUT_TRADE_NO   "20150806125351"

/* All of them: the statement has these lines beside those of unmarked orders. */
#define FZ_DEMO_MARKED_TRANSACTION_IDS                                                                                 \
    FZ_DEMO_TRANSACTION_ID "," FZ_DEMO_SPLIT_TRANSACTION_ID "," FZ_DEMO_VOUCHER_TRANSACTION_ID                         \
                           "," FZ_DEMO_LAST_TRANSACTION_ID
#define FZ_DEMO_MARKED_OUT_TRADE_NOS                                                                                   \
    FZ_DEMO_OUT_TRADE_NO "," FZ_DEMO_SPLIT_OUT_TRADE_NO "," FZ_DEMO_VOUCHER_OUT_TRADE_NO "," FZ_DEMO_LAST_OUT_TRADE_NO
#define FZ_DEMO_DIRECT_MARKED_TRANSACTION_IDS FZ_DEMO_DIRECT_TRANSACTION_ID "," FZ_DEMO_DIRECT_LAST_TRANSACTION_ID
#define FZ_DEMO_DIRECT_MARKED_OUT_TRADE_NOS   FZ_DEMO_DIRECT_OUT_TRADE_NO "," FZ_DEMO_DIRECT_LAST_OUT_TRADE_NO

/* PKCS #8 PEM */
extern const char fz_demo_platform_pem[], fz_demo_institution_pem[], fz_demo_direct_pem[];

#endif
