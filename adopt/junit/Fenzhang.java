import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.Proxy;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives each test of a class a Fenzhang of its own: an extension of JUnit 5, for Java 11 and later, which needs nothing else. Copy this
 * file into your tests, and give it your package.
 *
 * <p>The program is what the variable FENZHANG or the system property {@code fenzhang} names, else {@code fenzhang} in PATH.
 *
 * <pre>{@code
 * @RegisterExtension final Fenzhang fenzhang = new Fenzhang(); // not static: a server for each test
 *
 * @Test void aRefund() {
 *     String order = Fenzhang.text(fenzhang.pay(10000, Map.of()), "out_trade_no");
 *     MyClient client = new MyClient(fenzhang.baseUrl(), fenzhang.env()); // MCHID, SERIAL_NO, PRIVATE_KEY_PEM ...
 *     client.refund(order, 1000);
 *     fenzhang.advance("PT20M"); // the refund arrives, and its callback has been answered
 * }
 * }</pre>
 *
 * <p>Each server is a fork of what is made once a run: the demo book of {@code --seed 1}, or what {@link #book} says. A client whose
 * hosts are built in takes {@link #proxy()} and {@link #trustManager()}. Of a test that fails it tells what the server saw: a line for
 * each request and callback, and why a signature was refused. Tests may run in parallel.
 */
public final class Fenzhang implements BeforeEachCallback, AfterEachCallback {
    private static final int READY_WITHIN = 60; // seconds; it takes a fraction of one
    private static final int LINES_TOLD = 60; // of the server's log, when a test fails
    private static final List<String> HOW = List.of("--listen", "127.0.0.1:0", "--control", "127.0.0.1:0", "--proxy", "127.0.0.1:0",
            "--lifeline", "--log-format", "text");
    private static final HttpClient HTTP = HttpClient.newBuilder().proxy(HttpClient.Builder.NO_PROXY).build();

    private List<String> book = List.of("--demo", "--seed", "1"), options = List.of("--limits", "off");
    private Server server;

    /** Options of {@code fenzhang serve} that make the book that tests begin with; without this {@code --demo --seed 1}. */
    public Fenzhang book(String... options) {
        book = List.of(options);
        return this;
    }

    /** Options of {@code fenzhang serve} for every server; without this {@code --limits off}. */
    public Fenzhang options(String... options) {
        this.options = List.of(options);
        return this;
    }

    // ---- a test's life ----

    @Override
    public void beforeEach(ExtensionContext context) throws Exception {
        Base base = context.getRoot().getStore(ExtensionContext.Namespace.create(Fenzhang.class))
                .getOrComputeIfAbsent(List.of(book, options), key -> new Base(joined(book, options)), Base.class);
        Path directory = Files.createTempDirectory("fenzhang-");
        server = serve(directory, joined(List.of("--from", base.directory.resolve("data").toString()), options));
    }

    @Override
    public void afterEach(ExtensionContext context) throws Exception {
        if (server == null) return;
        server.stop();
        if (context.getExecutionException().isPresent()) {
            String saw = server.tail();
            System.err.println("What fenzhang saw in " + context.getDisplayName() + ":\n" + (saw.isEmpty() ? "no request" : saw));
        }
        remove(server.directory);
    }

    /** A book at rest, of which the servers are forks. */
    private static final class Base implements ExtensionContext.Store.CloseableResource {
        private final Path directory;

        Base(List<String> options) {
            try {
                directory = Files.createTempDirectory("fenzhang-");
                serve(directory, options).stop();
            } catch (IOException problem) {
                throw new UncheckedIOException(problem);
            }
        }

        @Override
        public void close() throws IOException {
            remove(directory);
        }
    }

    private static List<String> joined(List<String> first, List<String> second) {
        List<String> all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    private static void remove(Path directory) throws IOException {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path each : all.sorted(Comparator.reverseOrder()).collect(Collectors.toList())) Files.delete(each);
        }
    }

    // ---- a server's life ----

    private static String program() {
        String named = System.getenv("FENZHANG");
        return System.getProperty("fenzhang", named == null || named.isEmpty() ? "fenzhang" : named);
    }

    private static Server serve(Path directory, List<String> options) throws IOException {
        try {
            return new Server(directory, options);
        } catch (IOException problem) {
            String said = Files.exists(directory.resolve("log")) ? Files.readString(directory.resolve("log")) : "";
            remove(directory);
            throw new IOException("fenzhang did not start. Is " + program() + " the program? FENZHANG names another. " + said, problem);
        }
    }

    /** A server in a process, which ends with this one: the pipe to its standard input then does. */
    private static final class Server {
        final Path directory, data;
        final Process process;
        final Map<String, String> env;

        Server(Path directory, List<String> options) throws IOException {
            this.directory = directory;
            data = directory.resolve("data");
            List<String> command = new ArrayList<>(List.of(program(), "serve", "--data", data.toString()));
            command.addAll(HOW);
            command.addAll(options);
            ProcessBuilder builder = new ProcessBuilder(command).redirectError(directory.resolve("log").toFile());
            builder.environment().remove("FENZHANG_CONTROL_TOKEN"); // another server's: the helper's calls bear none
            process = builder.start();
            awaitReady();
            env = readEnv();
        }

        /** The first line says that it is ready; one that does not start ends without. */
        private void awaitReady() throws IOException {
            CompletableFuture<Void> late = CompletableFuture.runAsync(process::destroyForcibly,
                    CompletableFuture.delayedExecutor(READY_WITHIN, TimeUnit.SECONDS));
            String line = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8)).readLine();
            late.cancel(false);
            if (line == null) throw new IOException("it ended before it was ready");
        }

        private Map<String, String> readEnv() throws IOException {
            Process told = new ProcessBuilder(program(), "env", "--data", data.toString(), "--docker").start();
            Map<String, String> names = new TreeMap<>();
            for (String line : new String(told.getInputStream().readAllBytes(), StandardCharsets.UTF_8).split("\n"))
                if (line.contains("=")) names.put(line.substring(0, line.indexOf('=')), line.substring(line.indexOf('=') + 1));
            return names;
        }

        void stop() throws IOException {
            process.destroy();
            try {
                if (process.waitFor() != 0) throw new IOException("fenzhang ended with status " + process.exitValue() + ": " + tail());
            } catch (InterruptedException ended) {
                process.destroyForcibly();
                Thread.currentThread().interrupt();
            }
        }

        String tail() throws IOException {
            List<String> lines = Files.readAllLines(directory.resolve("log"), StandardCharsets.UTF_8);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_TOLD), lines.size()));
        }
    }

    // ---- where it is, and who calls it ----

    /** All names of demo.env: MCHID, TRANSACTION_ID, BILL_DATE ... */
    public Map<String, String> env() {
        return server.env;
    }

    public String baseUrl() {
        return env().get("BASE_URL");
    }

    /** What a name of {@link #env()} is the file of: PRIVATE_KEY_PEM, PLATFORM_CERT_PEM ... */
    public String file(String name) {
        try {
            return Files.readString(Path.of(env().get(name)));
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        }
    }

    /** Leads the vendor's own hosts here, for clients that have them built in. */
    public Proxy proxy() {
        URI uri = URI.create(env().get("PROXY_URL"));
        return new Proxy(Proxy.Type.HTTP, new InetSocketAddress(uri.getHost(), uri.getPort()));
    }

    /** Trusts what answers there under the vendor's names. */
    public X509TrustManager trustManager() {
        try (InputStream pem = Files.newInputStream(Path.of(env().get("CA_CERT_PEM")))) {
            KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
            store.load(null, null);
            store.setCertificateEntry("fenzhang", CertificateFactory.getInstance("X.509").generateCertificate(pem));
            TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            factory.init(store);
            return (X509TrustManager) factory.getTrustManagers()[0];
        } catch (IOException | GeneralSecurityException problem) {
            throw new IllegalStateException(problem);
        }
    }

    // ---- the world outside ----

    /** A call of the control interface (docs/control.md): POST with members, GET with null. Gives the JSON that is answered. */
    public String control(String path, Map<String, ?> members) {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(env().get("CONTROL_URL") + path)).timeout(Duration.ofMinutes(5));
        if (members != null)
            request.header("Content-Type", "application/json").POST(HttpRequest.BodyPublishers.ofString(json(members)));
        try {
            HttpResponse<String> answer = HTTP.send(request.build(), HttpResponse.BodyHandlers.ofString());
            if (answer.statusCode() > 299) throw new IllegalStateException(path + ": " + answer.statusCode() + " " + answer.body());
            return answer.body();
        } catch (IOException problem) {
            throw new UncheckedIOException(problem);
        } catch (InterruptedException ended) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(ended);
        }
    }

    /** A paid order of so many fen, of the institution's sub-merchant unless members name another mchid. Gives its numbers, as JSON. */
    public String pay(long amount, Map<String, ?> members) {
        Map<String, Object> all = new TreeMap<>(Map.of("amount", amount));
        if (!members.containsKey("mchid")) all.putAll(Map.of("mchid", env().get("MCHID"), "sub_mchid", env().get("SUB_MCHID")));
        all.putAll(members);
        return control("/payments", all);
    }

    /** The payer pays an order that your code has placed; returns when your code has answered the callback, if it wants one. */
    public String payOrder(String outTradeNo) {
        return control("/payments/" + outTradeNo + "/pay", Map.of("callbacks", "wait"));
    }

    /** Moves the clock on ("PT20M", "P1D"): all that falls due happens, callbacks too. Gives the time then, as RFC 3339. */
    public String advance(String duration) {
        return text(control("/clock", Map.of("advance", duration)), "now");
    }

    /** Requests go wrong from now on: {@code Map.of("effect", "reset", "when", "after", "count", 1)} */
    public void fault(Map<String, ?> members) {
        control("/faults", members);
    }

    /** Re-adds the whole book; throws what does not hold. */
    public void audit() {
        control("/audit", Map.of());
    }

    /** The member of a JSON object that is a text without escapes, as numbers of orders are. */
    public static String text(String json, String name) {
        Matcher found = Pattern.compile('"' + Pattern.quote(name) + "\":\"([^\"\\\\]*)\"").matcher(json);
        if (!found.find()) throw new IllegalArgumentException("no text " + name + " in " + json);
        return found.group(1);
    }

    private static String json(Map<String, ?> members) {
        return members.entrySet().stream().map(each -> quoted(each.getKey()) + ":" + value(each.getValue()))
                .collect(Collectors.joining(",", "{", "}"));
    }

    private static String value(Object value) {
        return value instanceof Number || value instanceof Boolean ? value.toString() : quoted(value.toString());
    }

    private static String quoted(String text) {
        return '"' + text.replace("\\", "\\\\").replace("\"", "\\\"").replace("\n", "\\n") + '"';
    }
}
