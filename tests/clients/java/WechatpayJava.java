import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import com.wechat.pay.java.core.RSAAutoCertificateConfig;
import com.wechat.pay.java.core.exception.ServiceException;
import com.wechat.pay.java.core.http.ApacheHttpClientBuilder;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.core.http.FileRequestBody;
import com.wechat.pay.java.core.http.HttpClient;
import com.wechat.pay.java.core.http.HttpMethod;
import com.wechat.pay.java.core.http.HttpRequest;
import com.wechat.pay.java.core.http.HttpResponse;
import com.wechat.pay.java.core.http.JsonRequestBody;
import com.wechat.pay.java.core.notification.NotificationParser;
import com.wechat.pay.java.core.notification.RequestParam;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import org.apache.http.impl.client.CloseableHttpClient;
import org.apache.http.impl.client.HttpClients;

/** wechatpay-java as its users call it, on OkHttp, or on Apache's client, which has to be told of the system's proxy. */
class WechatpayJava implements Library {
    private final RSAAutoCertificateConfig config;
    private final HttpClient client;
    private final NotificationParser parser;
    private final boolean apache;

    WechatpayJava(JsonObject merchant, boolean apache) {
        this.apache = apache;
        RSAAutoCertificateConfig.Builder builder = new RSAAutoCertificateConfig.Builder()
                .merchantId(Library.text(merchant, "mchid"))
                .privateKey(Library.text(merchant, "private_key"))
                .merchantSerialNumber(Library.text(merchant, "serial"))
                .apiV3Key(Library.text(merchant, "apiv3_key"));
        if (apache) {
            CloseableHttpClient system = HttpClients.createSystem();
            config = builder.httpClientBuilder(new ApacheHttpClientBuilder().apacheHttpClient(system)).build();
            client = new ApacheHttpClientBuilder().apacheHttpClient(system).config(config).build();
        } else {
            config = builder.build();
            client = new DefaultHttpClientBuilder().enableRetryMultiDomain().config(config).build();
        }
        parser = new NotificationParser(config);
    }

    private JsonObject execute(HttpRequest.Builder request) {
        try {
            HttpResponse<JsonObject> answer =
                    client.execute(request.addHeader("Accept", "application/json").build(), JsonObject.class);
            JsonElement data = answer.getServiceResponse();
            return Library.said(data == null ? 204 : 200, data == null ? JsonNull.INSTANCE : data);
        } catch (ServiceException refusal) {
            return Library.said(refusal.getHttpStatusCode(), JsonParser.parseString(refusal.getResponseBody()));
        }
    }

    @Override
    public JsonObject request(String method, JsonObject how) {
        HttpRequest.Builder request = new HttpRequest.Builder().httpMethod(HttpMethod.valueOf(method)).url(Library.url(how))
                .addHeader("Content-Type", "application/json");
        if (how.has("body"))
            request.body(new JsonRequestBody.Builder().body(how.get("body").toString()).build());
        return execute(request);
    }

    @Override
    public JsonObject download(JsonObject how) throws Exception {
        try (InputStream file = client.download(Library.url(how))) {
            return Library.said(200, new JsonPrimitive(new String(file.readAllBytes(), StandardCharsets.UTF_8)));
        }
    }

    @Override
    public JsonObject upload(JsonObject how) {
        JsonObject meta = how.getAsJsonObject("meta");
        FileRequestBody body = new FileRequestBody.Builder().meta(meta.toString()).fileName(Library.text(meta, "filename"))
                .file(Library.text(how, "file").getBytes(StandardCharsets.UTF_8)).build();
        HttpRequest.Builder request = new HttpRequest.Builder().httpMethod(HttpMethod.POST).url(Library.url(how)).body(body);
        if (!apache) // there this header would go out as it is, without a boundary
            request.addHeader("Content-Type", "multipart/form-data");
        return execute(request);
    }

    @Override
    public String serial() {
        return config.createEncryptor().getWechatpaySerial();
    }

    @Override
    public String seal(String text) {
        return config.createEncryptor().encrypt(text);
    }

    @Override
    public JsonElement open(JsonObject headers, String body) {
        RequestParam request = new RequestParam.Builder()
                .serialNumber(Library.text(headers, "wechatpay-serial")).nonce(Library.text(headers, "wechatpay-nonce"))
                .signature(Library.text(headers, "wechatpay-signature")).timestamp(Library.text(headers, "wechatpay-timestamp"))
                .signType(Library.text(headers, "wechatpay-signature-type")).body(body).build();
        return parser.parse(request, JsonObject.class);
    }
}
