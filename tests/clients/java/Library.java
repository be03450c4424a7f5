import com.google.gson.JsonObject;
import com.google.gson.JsonElement;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** What life.py asks of a library. */
interface Library {
    String HOST = "https://api.mch.weixin.qq.com/";

    JsonObject request(String method, JsonObject how) throws Exception;

    JsonObject download(JsonObject how) throws Exception;

    JsonObject upload(JsonObject how) throws Exception;

    String serial() throws Exception;

    String seal(String text) throws Exception;

    /** The plain text of a callback whose signature is good. */
    JsonElement open(JsonObject headers, String body) throws Exception;

    static String url(JsonObject how) {
        StringBuilder url = new StringBuilder(HOST).append(text(how, "path"));
        char mark = '?';
        if (how.has("query"))
            for (Map.Entry<String, JsonElement> one : how.getAsJsonObject("query").entrySet()) {
                url.append(mark).append(one.getKey()).append('=')
                        .append(URLEncoder.encode(one.getValue().getAsString(), StandardCharsets.UTF_8));
                mark = '&';
            }
        return url.toString();
    }

    static String text(JsonObject from, String name) {
        return from.get(name).getAsString();
    }

    static JsonObject said(int status, JsonElement data) {
        JsonObject said = new JsonObject();
        said.addProperty("status", status);
        said.add("data", data);
        return said;
    }
}
