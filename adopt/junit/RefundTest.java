import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonObject;
import com.wechat.pay.java.core.RSAAutoCertificateConfig;
import com.wechat.pay.java.core.exception.HttpException;
import com.wechat.pay.java.core.http.Constant;
import com.wechat.pay.java.core.http.DefaultHttpClientBuilder;
import com.wechat.pay.java.core.http.HttpClient;
import com.wechat.pay.java.core.http.HttpMethod;
import com.wechat.pay.java.core.http.HttpRequest;
import com.wechat.pay.java.core.http.JsonRequestBody;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
import okhttp3.OkHttpClient;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/**
 * An example: wechatpay-java, unmodified, refunds a paid order, queries it, and reads the bill a day later. Its hosts are built in, so it
 * is given the proxy that leads them here, and the certificate that answers there. Run it by {@code mvn test}.
 */
class RefundTest {
    @RegisterExtension
    final Fenzhang fenzhang = new Fenzhang();

    private Shop shop;

    @BeforeEach
    void open() throws Exception {
        shop = new Shop(fenzhang);
    }

    @Test
    void aRefundIsInTheBillOfItsDay() throws Exception {
        String order = Fenzhang.text(fenzhang.pay(10000, Map.of("marked", true)), "out_trade_no");
        assertEquals(3000, shop.refund(order, "BRUISED1", 3000, 10000));
        assertEquals("PROCESSING", shop.status("BRUISED1"));

        String today = fenzhang.advance("PT20M").substring(0, 10);
        assertEquals("SUCCESS", shop.status("BRUISED1"));
        fenzhang.advance("P1D"); // bills are out at 10:00 of the next day; the clock began at 10:00
        String[] lines = shop.bill(today).lines().filter(line -> line.contains("BRUISED1")).toArray(String[]::new);
        assertEquals(1, lines.length);
        assertTrue(lines[0].contains("30.00"), lines[0]);
        fenzhang.audit();
    }

    /** No test sees what another did: BRUISED1 is free again. */
    @Test
    void aRefundWhoseAnswerIsLostIsMadeOnce() {
        String order = Fenzhang.text(fenzhang.pay(10000, Map.of()), "out_trade_no");
        fenzhang.fault(Map.of("effect", "reset", "when", "after", "endpoint", "refund-submit"));
        assertThrows(HttpException.class, () -> shop.refund(order, "BRUISED1", 3000, 10000));
        fenzhang.control("/faults/clear", Map.of());
        assertEquals(3000, shop.refund(order, "BRUISED1", 3000, 10000));
    }

    /** Your own code, so to speak. */
    static class Shop {
        private static final String HOST = "https://apihk.mch.weixin.qq.com";
        private final HttpClient client;
        private final String mchid, subMchid;

        Shop(Fenzhang fenzhang) throws Exception {
            mchid = fenzhang.env().get("MCHID");
            subMchid = fenzhang.env().get("SUB_MCHID");
            X509TrustManager trusted = fenzhang.trustManager();
            SSLContext tls = SSLContext.getInstance("TLS");
            tls.init(null, new TrustManager[] {trusted}, null);
            OkHttpClient http = new OkHttpClient.Builder().proxy(fenzhang.proxy())
                    .sslSocketFactory(tls.getSocketFactory(), trusted).build();
            DefaultHttpClientBuilder builder = new DefaultHttpClientBuilder().okHttpClient(http);
            client = builder.config(new RSAAutoCertificateConfig.Builder().merchantId(mchid)
                    .privateKey(fenzhang.file("PRIVATE_KEY_PEM")).merchantSerialNumber(fenzhang.env().get("SERIAL_NO"))
                    .apiV3Key(fenzhang.env().get("APIV3_KEY")).httpClientBuilder(builder).build()).build();
        }

        private JsonObject call(HttpMethod method, String target, Object body) {
            HttpRequest.Builder request = new HttpRequest.Builder().httpMethod(method).url(HOST + target)
                    .addHeader(Constant.ACCEPT, "application/json").addHeader(Constant.CONTENT_TYPE, "application/json");
            if (body != null) request.body(new JsonRequestBody.Builder().body(body.toString()).build());
            return client.execute(request.build(), JsonObject.class).getServiceResponse();
        }

        private String party() {
            return "sp_mchid=" + mchid + "&sub_mchid=" + subMchid;
        }

        long refund(String order, String number, long amount, long total) {
            JsonObject body = new JsonObject(), money = new JsonObject();
            Map.of("sp_mchid", mchid, "sub_mchid", subMchid, "sp_appid", "wx8888888888888888", "out_trade_no", order,
                    "out_refund_no", number).forEach(body::addProperty);
            money.addProperty("refund", amount);
            money.addProperty("total", total);
            money.addProperty("currency", "CNY");
            body.add("amount", money);
            return call(HttpMethod.POST, "/v3/global/refunds", body).getAsJsonObject("amount").get("refund").getAsLong();
        }

        String status(String number) {
            return call(HttpMethod.GET, "/v3/global/refunds/out-refund-no/" + number + "?" + party(), null).get("status").getAsString();
        }

        String bill(String day) throws Exception {
            String link = call(HttpMethod.GET, "/v3/global/profit-sharing/refunds/bill-download-url?bill_date=" + day, null)
                    .get("download_url").getAsString();
            try (InputStream file = client.download(link)) {
                return new String(file.readAllBytes(), StandardCharsets.UTF_8);
            }
        }
    }
}
