import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;

/** Does what life.py asks with one library: java Serve LIBRARY MERCHANT. A call is a line of JSON on standard input, what came of it a line
 * on standard output. */
public class Serve {
    private static JsonObject data(JsonElement data) {
        JsonObject said = new JsonObject();
        said.add("data", data);
        return said;
    }

    private static JsonObject call(Library library, JsonObject how) throws Exception {
        switch (Library.text(how, "call")) {
            case "get":
                return library.request("GET", how);
            case "post":
                return library.request("POST", how);
            case "delete":
                return library.request("DELETE", how);
            case "download":
                return library.download(how);
            case "upload":
                return library.upload(how);
            case "serials":
                JsonArray serials = new JsonArray();
                serials.add(library.serial());
                return data(serials);
            case "seal":
                return data(new JsonPrimitive(library.seal(Library.text(how, "text"))));
            case "open":
                return data(library.open(how.getAsJsonObject("headers"), Library.text(how, "body")));
            default:
                throw new IllegalArgumentException("there is no such call");
        }
    }

    private static JsonObject failed(Exception problem) {
        StringWriter text = new StringWriter();
        problem.printStackTrace(new PrintWriter(text));
        JsonObject said = new JsonObject();
        said.addProperty("failed", text.toString());
        return said;
    }

    public static void main(String[] arguments) throws Exception {
        Gson gson = new GsonBuilder().serializeNulls().create();
        JsonObject merchant = gson.fromJson(arguments[1], JsonObject.class);
        Library library = arguments[0].equals("apache_httpclient") ? new ApacheHttpclient(merchant)
                : new WechatpayJava(merchant, arguments[0].equals("wechatpay_java_apache"));
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        PrintStream out = new PrintStream(System.out, true, "UTF-8");
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            JsonObject said;
            try {
                said = call(library, gson.fromJson(line, JsonObject.class));
            } catch (Exception problem) {
                said = failed(problem);
            }
            out.println(gson.toJson(said));
        }
        System.exit(0); // the libraries' own threads go on looking for certificates
    }
}
