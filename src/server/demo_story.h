/* The demo book's fixed names, numbers and keys, and what its story is told from. */
#ifndef FZ_SERVER_DEMO_STORY_H
#define FZ_SERVER_DEMO_STORY_H

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

/* PKCS #8 PEM */
extern const char fz_demo_platform_pem[], fz_demo_institution_pem[], fz_demo_direct_pem[];

#endif
