import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.wechat.pay.contrib.apache.httpclient.Validator;
import com.wechat.pay.contrib.apache.httpclient.WechatPayHttpClientBuilder;
import com.wechat.pay.contrib.apache.httpclient.WechatPayUploadHttpPost;
import com.wechat.pay.contrib.apache.httpclient.auth.PrivateKeySigner;
import com.wechat.pay.contrib.apache.httpclient.auth.Verifier;
import com.wechat.pay.contrib.apache.httpclient.auth.WechatPay2Credentials;
import com.wechat.pay.contrib.apache.httpclient.auth.WechatPay2Validator;
import com.wechat.pay.contrib.apache.httpclient.cert.CertificatesManager;
import com.wechat.pay.contrib.apache.httpclient.notification.NotificationHandler;
import com.wechat.pay.contrib.apache.httpclient.notification.NotificationRequest;
import com.wechat.pay.contrib.apache.httpclient.util.PemUtil;
import com.wechat.pay.contrib.apache.httpclient.util.RsaCryptoUtil;
import java.io.ByteArrayInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.PrivateKey;
import org.apache.http.HttpHost;
import org.apache.http.client.methods.CloseableHttpResponse;
import org.apache.http.client.methods.HttpUriRequest;
import org.apache.http.client.methods.RequestBuilder;
import org.apache.http.entity.ContentType;
import org.apache.http.entity.StringEntity;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.util.EntityUtils;

/** wechatpay-apache-httpclient as its users call it. */
class ApacheHttpclient implements Library {
    private final CloseableHttpClient client, unverified;
    private final Verifier verifier;
    private final NotificationHandler handler;

    ApacheHttpclient(JsonObject merchant) throws Exception {
        String mchid = Library.text(merchant, "mchid"), serial = Library.text(merchant, "serial");
        byte[] apiv3Key = Library.text(merchant, "apiv3_key").getBytes(StandardCharsets.UTF_8);
        PrivateKey key = PemUtil.loadPrivateKey(Library.text(merchant, "private_key"));
        CertificatesManager certificates = CertificatesManager.getInstance();
        certificates.setProxy(new HttpHost(System.getProperty("https.proxyHost"), Integer.getInteger("https.proxyPort")));
        certificates.putMerchant(mchid, new WechatPay2Credentials(mchid, new PrivateKeySigner(serial, key)), apiv3Key);
        verifier = certificates.getVerifier(mchid);
        client = build(mchid, serial, key, new WechatPay2Validator(verifier));
        unverified = build(mchid, serial, key, new Validator() {
            @Override
            public boolean validate(CloseableHttpResponse answer) {
                return true;
            }

            @Override
            public String getSerialNumber() {
                return verifier.getSerialNumber();
            }
        });
        handler = new NotificationHandler(verifier, apiv3Key);
    }

    private static CloseableHttpClient build(String mchid, String serial, PrivateKey key, Validator validator) {
        WechatPayHttpClientBuilder builder =
                WechatPayHttpClientBuilder.create().withMerchant(mchid, serial, key).withValidator(validator);
        builder.useSystemProperties(); // returns Apache's builder, which has no withMerchant()
        return builder.build();
    }

    private static JsonObject execute(CloseableHttpClient client, HttpUriRequest request) throws Exception {
        try (CloseableHttpResponse answer = client.execute(request)) {
            String text = answer.getEntity() == null ? "" : EntityUtils.toString(answer.getEntity(), StandardCharsets.UTF_8);
            boolean json = answer.getEntity() != null && "application/json".equals(ContentType.get(answer.getEntity()).getMimeType());
            JsonElement data = text.isEmpty() ? JsonNull.INSTANCE : json ? JsonParser.parseString(text) : new JsonPrimitive(text);
            return Library.said(answer.getStatusLine().getStatusCode(), data);
        }
    }

    private static HttpUriRequest build(String method, JsonObject how) {
        RequestBuilder request = RequestBuilder.create(method).setUri(Library.url(how)).addHeader("Accept", "application/json");
        if (how.has("body"))
            request.setEntity(new StringEntity(how.get("body").toString(), ContentType.APPLICATION_JSON));
        return request.build();
    }

    @Override
    public JsonObject request(String method, JsonObject how) throws Exception {
        return execute(client, build(method, how));
    }

    @Override
    public JsonObject download(JsonObject how) throws Exception {
        return execute(unverified, build("GET", how)); // a bill's file carries no signature
    }

    @Override
    public JsonObject upload(JsonObject how) throws Exception {
        JsonObject meta = how.getAsJsonObject("meta");
        ByteArrayInputStream file = new ByteArrayInputStream(Library.text(how, "file").getBytes(StandardCharsets.UTF_8));
        return execute(client, new WechatPayUploadHttpPost.Builder(URI.create(Library.url(how)))
                .withFile(Library.text(meta, "filename"), meta.toString(), file).build());
    }

    @Override
    public String serial() {
        return verifier.getSerialNumber();
    }

    @Override
    public String seal(String text) throws Exception {
        return RsaCryptoUtil.encryptOAEP(text, verifier.getValidPublicKey());
    }

    @Override
    public JsonElement open(JsonObject headers, String body) throws Exception {
        NotificationRequest request = new NotificationRequest.Builder()
                .withSerialNumber(Library.text(headers, "wechatpay-serial")).withNonce(Library.text(headers, "wechatpay-nonce"))
                .withTimestamp(Library.text(headers, "wechatpay-timestamp"))
                .withSignature(Library.text(headers, "wechatpay-signature")).withBody(body).build();
        return JsonParser.parseString(handler.parse(request).getDecryptData());
    }
}
